/** Constellix's API over records in memory, and exchanges in the form its pages and other programs' recorded traffic show. */
import { createHmac } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, numberOf, offsetAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '5f0c1e9d-8b7a-4f5e-8d3c-2b1a0f9e8d7c';
const SECRET = 'a9b8c7d6-e5f4-4a3b-9c2d-1e0f9a8b7c6d';
const PAGE = 'https://api-docs.constellix.com/';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/constellix';

const fail = (status: number, error: string) => refuse(status, { errors: [error] });
const paged = (items: readonly object[], visit: Visit): object => offsetAsked(items, visit, { size: 'max', usual: 100, most: 500 }).items;

type Held = ReturnType<typeof records.sets>[number] & { readonly id: number };
function sets({ zone, params }: Visit): readonly Held[] {
  if (params['domain'] !== String(numberOf(zone.id))) fail(404, 'Invalid domain ID');
  const here = records.sets(zone).filter(({ type }) => type === params['type']);
  // A record object keeps its id when its values change: it hangs on the name.
  return here.map((set) => ({ ...set, id: Number.parseInt(Buffer.from(set.name).toString('hex').slice(0, 10), 16) }));
}
const show =
  ({ zone }: Visit) =>
  ({ id, name, type, values, ttl, extra }: Held): object => ({
    id,
    type,
    recordType: type.toLowerCase(),
    name: hostOf(name, zone, ''),
    recordOption: 'roundRobin',
    noAnswer: false,
    note: '',
    ttl,
    gtdRegion: 1,
    parentId: numberOf(zone.id),
    parent: 'domain',
    source: 'Domain',
    value: values,
    roundRobin: values.map((value) => ({ value, disableFlag: false })),
    ...extra,
  });

function put(visit: Visit, old: Held | undefined): Held | undefined {
  const { name: host, ttl, roundRobin, note } = visit.json();
  const [name, type] = [nameOf(host, visit.zone), visit.params['type'] ?? ''];
  const values = roundRobin.map(({ value }: { readonly value: string }) => value);
  if (!values.every((value: string) => holds(type, value))) fail(400, 'Invalid IPv4 address');
  if (!(ttl >= 30)) fail(400, 'TTL is not valid');
  if (old && old.name !== name) fail(400, 'the name is another one');
  records.put(visit.zone, { name, type, ttl, values: [] });
  records.put(visit.zone, { name, type, ttl, values, ...(note ? { extra: { note } } : {}) });
  return sets(visit).find((set) => set.name === name);
}
const byId = (visit: Visit): Held => sets(visit).find(({ id }) => String(id) === visit.params['id']) ?? fail(404, 'Record not found');

const api = fakeApi({
  guard({ request }) {
    const [key, mac, ms] = (request.headers['x-cns-security-token'] ?? '').split(':');
    if (
      key !== KEY ||
      mac !==
        createHmac('sha1', SECRET)
          .update(ms ?? '')
          .digest('base64')
    )
      fail(401, 'Unauthorized');
  },
  routes: {
    'GET /v1/domains/': (visit) =>
      paged(
        zonesOf(visit.zone).map(({ id, name }) => ({ id: numberOf(id), name, status: 'ACTIVE' })),
        visit,
      ),
    'GET /v1/domains/search'({ zone, query }) {
      const found = zonesOf(zone).filter(({ name }) => name === query.get('exact'));
      return found.length > 0 ? found.map(({ id, name }) => ({ id: numberOf(id), name, status: 'ACTIVE' })) : fail(404, 'Domain not found');
    },
    'GET /v1/domains/:domain/records/:type/': (visit) => paged(sets(visit).map(show(visit)), visit),
    'POST /v1/domains/:domain/records/:type/'(visit) {
      const { name } = visit.json();
      if (sets(visit).some((set) => set.name === nameOf(name, visit.zone))) fail(400, 'Record with this name already exists');
      const made = put(visit, undefined);
      return reply(201, made ? [show(visit)(made)] : []);
    },
    'PUT /v1/domains/:domain/records/:type/:id/'(visit) {
      put(visit, byId(visit));
      return { success: 'Record  updated successfully' };
    },
    'DELETE /v1/domains/:domain/records/:type/:id/'(visit) {
      records.put(visit.zone, { ...byId(visit), values: [] });
      return { success: 'Record  deleted successfully' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const of = /^\/v1\/domains\/\d+\/records\/A\/\?max=500&offset=0$/;
const record = { id: 1808518, type: 'A', recordType: 'a', name: 'home', recordOption: 'roundRobin', noAnswer: false, note: '', ttl: 300, gtdRegion: 1, parent: 'domain', source: 'Domain' };
const values = { value: ['203.0.113.1'], roundRobin: [{ value: '203.0.113.1', disableFlag: false }] };

export const contract: Contract = {
  options: { key: KEY, secret: SECRET },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  extra: { note: 'the box in the garage' },
  budget: { one: 5, thousand: 1005 },
  documented: [
    {
      title: 'create a record, recorded',
      page: RECORDED,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /^\/v1\/domains\/\d+\/records\/A\/$/, body: { name: 'home', ttl: 3600, roundRobin: [{ disableFlag: false, value: '198.51.100.4' }] } },
      reply: {
        status: 200,
        body: '[{"id":92008,"type":"A","recordType":"a","name":"home","recordOption":"roundRobin","noAnswer":false,"note":"","ttl":3600,"gtdRegion":1,"parentId":23906,"parent":"domain","source":"Domain","modifiedTs":1523997471178,"value":["198.51.100.4"],"roundRobin":[{"value":"198.51.100.4","disableFlag":false}],"geolocation":null,"roundRobinFailover":null}]',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'list the records of a type',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: of },
      reply: { status: 200, body: JSON.stringify([{ ...record, ...values }]) },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /^\/v1\/domains\/\d+\/records\/A\/$/, body: { name: 'home', ttl: 300, roundRobin: [{ value: '198.51.100.4', disableFlag: false }] } },
      reply: { status: 201, body: JSON.stringify([{ ...record, value: ['198.51.100.4'], roundRobin: [{ value: '198.51.100.4', disableFlag: false }] }]) },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/v1\/domains\/\d+\/records\/A\/\d+\/$/, body: { name: 'home', ttl: 300, roundRobin: [{ value: '198.51.100.4' }] } },
      reply: { status: 200, body: '{"success":"Record  updated successfully"}' },
      ends: 'ok',
    },
    {
      title: 'a record for one part of the world',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: of },
      reply: { status: 200, body: JSON.stringify([{ ...record, ...values, geolocation: { geoipFilter: 5303 }, pools: [] }]) },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/v1\/domains\/\?/ },
      reply: { status: 401, body: '{"errors":["Unauthorized"]}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'something that is not valid',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/records\/A\/$/ },
      reply: { status: 400, body: '{"errors":["Record with this name already exists"]}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
