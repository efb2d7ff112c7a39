/** OVHcloud's API over a draft and what is served of it, and exchanges as recorded traffic shows them. */
import { createHash } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEYS = { applicationKey: '7kbG7Bk7S9Nt7ZSV', applicationSecret: 'EgWIz07P0HYwtQDsNIIIVgVaWsbTSdBJ', consumerKey: 'MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1' };
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/ovh';
const CONSOLE = 'https://eu.api.ovh.com/console/?section=%2Fdomain&branch=v1';

/** What was written and not refreshed yet: the API shows it, the name servers do not. */
const drafts = new WeakMap<FakeZone, FakeZone>();
function draftOf(zone: FakeZone): FakeZone {
  const draft = drafts.get(zone) ?? { ...zone };
  drafts.set(zone, draft);
  return draft;
}

const number = (id: string): number => Number.parseInt(id, 16);
const notFound = (message: string) => refuse(404, { class: 'Client::NotFound', message });
const find = (zone: FakeZone, id = ''): FakeRecord => zone.records.find((record) => number(record.id) === Number(id)) ?? notFound(`The requested object (id = ${id}) does not exist`);
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({ id: number(id), zone: zone.name, fieldType: type, subDomain: hostOf(name, zone, ''), target: value, ttl });
const nothing = reply(200, null);

function draftIn({ zone, params }: Visit): FakeZone {
  if (params['zone'] !== zone.name) notFound('This service does not exist');
  return draftOf(zone);
}
const check = (type: string, target: unknown): void => {
  if (type === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(String(target))) refuse(400, { class: 'Client::BadRequest', message: `Invalid target ${target}` });
};

const api = fakeApi({
  guard({ request }) {
    if (request.url.endsWith('/auth/time')) return;
    const { headers, method, url, body = '' } = request;
    if (headers['x-ovh-application'] !== KEYS.applicationKey || headers['x-ovh-consumer'] !== KEYS.consumerKey)
      refuse(403, { errorCode: 'INVALID_CREDENTIAL', httpCode: '403 Forbidden', message: 'This credential is not valid' });
    const signed = `${KEYS.applicationSecret}+${KEYS.consumerKey}+${method}+${url}+${body}+${headers['x-ovh-timestamp']}`;
    if (headers['x-ovh-signature'] !== `$1$${createHash('sha1').update(signed).digest('hex')}`)
      refuse(400, { errorCode: 'INVALID_SIGNATURE', httpCode: '400 Bad Request', message: 'Invalid signature' });
  },
  routes: {
    'GET /1.0/auth/time': () => reply(200, 1_790_000_000),
    'GET /1.0/domain/zone': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ name }) => name),
      ),
    'GET /1.0/domain/zone/:zone/record'(visit) {
      const draft = draftIn(visit);
      const [type, host] = [visit.query.get('fieldType'), visit.query.get('subDomain')];
      const some = draft.records.filter((record) => (type === null || record.type === type) && (host === null || record.name === nameOf(host, draft)));
      return reply(
        200,
        some.map(({ id }) => number(id)),
      );
    },
    'GET /1.0/domain/zone/:zone/record/:id': (visit) => show(visit.zone, find(draftIn(visit), visit.params['id'])),
    'POST /1.0/domain/zone/:zone/record'(visit) {
      const draft = draftIn(visit);
      const { fieldType, subDomain = '', target, ttl = 3600 } = visit.json();
      check(fieldType, target);
      return show(draft, records.add(draft, { name: nameOf(subDomain, draft), type: fieldType, value: target, ttl }));
    },
    'PUT /1.0/domain/zone/:zone/record/:id'(visit) {
      const draft = draftIn(visit);
      const { id, type, value, ttl } = find(draft, visit.params['id']);
      const wanted = visit.json();
      if (wanted.target !== undefined) check(type, wanted.target);
      records.change(draft, id, { value: wanted.target ?? value, ttl: wanted.ttl ?? ttl });
      return nothing;
    },
    'DELETE /1.0/domain/zone/:zone/record/:id'(visit) {
      const draft = draftIn(visit);
      records.remove(draft, find(draft, visit.params['id']).id);
      return nothing;
    },
    'POST /1.0/domain/zone/:zone/refresh'(visit) {
      visit.zone.records = draftIn(visit).records;
      return nothing;
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: KEYS,
  secretOptions: ['applicationKey', 'applicationSecret', 'consumerKey'],
  zone: 'example.com',
  api,
  budget: { one: 6, thousand: 2004 },
  documented: [
    {
      title: 'ids of one name’s records',
      page: TRAFFIC,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/domain\/zone\/example\.com\/record\?fieldType=A&subDomain=home$/ },
      reply: { status: 200, body: '[1]' },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: TRAFFIC,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/domain\/zone\/example\.com\/record$/, body: { fieldType: 'A', subDomain: 'home', target: '198.51.100.4', ttl: 3600 } },
      reply: { status: 200, body: '{"target":"198.51.100.4","ttl":3600,"zone":"example.com","fieldType":"A","id":1461219527,"subDomain":"home"}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/record\/1$/, body: { target: '198.51.100.4' } },
      reply: { status: 200, body: 'null' },
      ends: 'ok',
    },
    {
      title: 'have it served',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/domain\/zone\/example\.com\/refresh$/ },
      reply: { status: 200, body: 'null' },
      ends: 'ok',
    },
    {
      title: 'a zone of somebody else',
      page: TRAFFIC,
      act: write,
      request: { method: 'GET', path: /\/domain\/zone\/example\.com\/record/ },
      reply: { status: 404, body: '{"class":"Client::NotFound","message":"This service does not exist"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'keys that have expired',
      page: CONSOLE,
      act: write,
      request: { method: 'GET', path: /\/domain\/zone$/ },
      reply: { status: 403, body: '{"errorCode":"INVALID_CREDENTIAL","httpCode":"403 Forbidden","message":"This credential is not valid"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a wrong secret, said with status 400',
      page: CONSOLE,
      act: write,
      request: { method: 'GET', path: /\/domain\/zone$/ },
      reply: { status: 400, body: '{"errorCode":"INVALID_SIGNATURE","httpCode":"400 Bad Request","message":"Invalid signature"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
