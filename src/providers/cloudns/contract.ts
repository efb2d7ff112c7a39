/** ClouDNS' API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, holds, numberOf, pageOf, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const ID = '67890';
const PASSWORD = 'made-up-password-0f1e2d3c';
const LIST = 'https://www.cloudns.net/wiki/article/57/';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/cloudns';

const fail = (statusDescription: string) => refuse(200, { status: 'Failed', statusDescription });
const done = (what: string, more: object = {}): object => ({ status: 'Success', statusDescription: `The record was ${what} successfully.`, ...more });
const TTLS = new Set(['60', '300', '900', '1800', '3600', '21600', '43200', '86400', '172800', '259200', '604800', '1209600', '2592000']);

/** What a route sees: the zone that the form names, and the form's own fields. */
function about({ zone, form }: Visit): { readonly zone: FakeZone; readonly field: (name: string) => string } {
  if (form.get('domain-name') !== zone.name) fail('Missing domain-name');
  return { zone, field: (name) => form.get(name) ?? '' };
}
function check(type: string, { value, ttl }: { readonly value: string; readonly ttl: string }): void {
  if (!holds(type, value)) fail('The record is not a valid IP address.');
  if (!TTLS.has(ttl)) fail('Invalid TTL. Choose from the list of the values we support.');
}
const named = (zone: FakeZone, id: string) => records.numbered(zone, id) ?? fail('Invalid record-id param.');

const api = fakeApi({
  guard({ request, form }) {
    if (new URL(request.url).search !== '') fail('The password is in the address.');
    if (form.get('sub-auth-id') !== ID || form.get('auth-password') !== PASSWORD) fail('Invalid authentication, incorrect sub-auth-id, sub-auth-user or auth-password.');
  },
  routes: {
    'POST /dns/list-zones.json': ({ zone, form, pageSize }) =>
      pageOf(
        zonesOf(zone).map(({ name }) => ({ name, type: 'master', group: 'None', hasBulk: false, zone: 'domain', status: '1' })),
        { page: Number(form.get('page')), size: Math.min(Number(form.get('rows-per-page')), pageSize) },
      ).items,
    'POST /dns/records.json'(visit) {
      const { zone, field } = about(visit);
      const host = field('host');
      const found = zone.records.filter(({ name, type }) => (host === '' || name === nameOf(host, zone)) && (field('type') === '' || type === field('type')));
      if (found.length === 0) return [];
      return Object.fromEntries(
        found.map(({ id, name, type, value, ttl }) => [
          String(numberOf(id)),
          { id: String(numberOf(id)), type, host: hostOf(name, zone, ''), record: value, failover: '0', ttl: String(ttl), status: 1 },
        ]),
      );
    },
    'POST /dns/add-record.json'(visit) {
      const { zone, field } = about(visit);
      check(field('record-type'), { value: field('record'), ttl: field('ttl') });
      const added = records.add(zone, { name: nameOf(field('host'), zone), type: field('record-type'), value: field('record'), ttl: Number(field('ttl')) });
      return done('added', { data: { id: numberOf(added.id) } });
    },
    'POST /dns/mod-record.json'(visit) {
      const { zone, field } = about(visit);
      const { id, type } = named(zone, field('record-id'));
      check(type, { value: field('record'), ttl: field('ttl') });
      records.change(zone, id, { name: nameOf(field('host'), zone), value: field('record'), ttl: Number(field('ttl')) });
      return done('modified');
    },
    'POST /dns/delete-record.json'(visit) {
      const { zone, field } = about(visit);
      records.remove(zone, named(zone, field('record-id')).id);
      return done('deleted');
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { subAuthId: ID, password: PASSWORD },
  secretOptions: ['password'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1003 },
  documented: [
    {
      title: 'a record that is there',
      page: TRAFFIC,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'POST', path: /^\/dns\/records\.json$/, body: 'domain-name=example.com&host=home&type=A' },
      reply: { status: 200, body: '{"1":{"id":"1","type":"A","host":"home","record":"203.0.113.1","ttl":"3600","status":1}}' },
      ends: 'ok',
    },
    {
      title: 'a record that is not there',
      page: TRAFFIC,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'POST', path: /^\/dns\/records\.json$/ },
      reply: { status: 200, body: '[]' },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: TRAFFIC,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /^\/dns\/add-record\.json$/, body: 'record-type=A&domain-name=example.com&host=home&record=198.51.100.4&ttl=300' },
      reply: { status: 200, body: '{"status":"Success","statusDescription":"The record was added successfully.","data":{"id":30776959}}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/dns\/mod-record\.json$/, body: 'record-id=1&domain-name=example.com&host=home&record=198.51.100.4&ttl=3600' },
      reply: { status: 200, body: '{"status":"Success","statusDescription":"The record was modified successfully."}' },
      ends: 'ok',
    },
    {
      title: 'credentials that are not known',
      page: LIST,
      act: write,
      request: { method: 'POST', path: /^\/dns\/list-zones\.json$/ },
      reply: { status: 200, body: '{"status":"Failed","statusDescription":"Invalid authentication, incorrect sub-auth-id, sub-auth-user or auth-password."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: LIST,
      act: write,
      request: { method: 'POST', path: /^\/dns\/records\.json$/ },
      reply: { status: 200, body: '{"status":"Failed","statusDescription":"Missing domain-name"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/cloudns',
      act: write,
      request: { method: 'POST', path: /^\/dns\/add-record\.json$/ },
      reply: { status: 200, body: '{"status":"Failed","statusDescription":"Request blocked. 203.0.113.9 is sending more than 20 requests per second."}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
