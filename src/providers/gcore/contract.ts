/** Gcore's API over records in memory, and exchanges in the form its pages show. */
import { type Contract, fakeApi, holds, offsetAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '1234$5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const PAGE = 'https://gcore.com/docs/api-reference/dns/rrsets/';

type Held = ReturnType<typeof records.sets>[number];
const show = ({ name, type, values, ttl, extra }: Held): object => {
  const { meta, ...set } = extra ?? {};
  return { name, type, ttl, ...set, resource_records: values.map((value, at) => ({ id: at + 1, content: [value], enabled: true, ...(meta ? { meta } : {}) })) };
};

function find({ zone, params }: Visit): Held | undefined {
  if (params['zone'] !== zone.name) refuse(404, { error: 'zone is not found' });
  return records.sets(zone).find(({ name, type }) => name === params['name'] && type === params['type']);
}

/** What is not sent again is gone. */
function put(visit: Visit): object {
  const { zone, params } = visit;
  const { ttl = 3600, resource_records: some, filters } = visit.json();
  const values = some.map(({ content }: { readonly content: readonly string[] }) => content[0]);
  if (!values.every((value: string) => holds(params['type'], value))) refuse(400, { error: 'invalid value of the resource record: invalid IP address' });
  if (ttl < 1) refuse(400, { error: 'invalid ttl' });
  const set = { name: params['name'] ?? '', type: params['type'] ?? '', ttl };
  const meta = some[0]?.meta;
  records.put(zone, { ...set, values: [] });
  records.put(zone, { ...set, values, ...(meta || filters ? { extra: { ...(meta ? { meta } : {}), ...(filters ? { filters } : {}) } } : {}) });
  return show({ ...set, values });
}

const listing = (key: string, all: readonly object[], visit: Visit): object => {
  const { items, total } = offsetAsked(all, visit, { size: 'limit', usual: 10, most: 1000 });
  return { [key]: items, total_amount: total };
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `APIKey ${TOKEN}`) refuse(401, { error: 'unauthorized' });
  },
  routes: {
    'GET /dns/v2/zones': (visit) =>
      listing(
        'zones',
        zonesOf(visit.zone).map(({ name }, at) => ({ id: at + 1, name })),
        visit,
      ),
    'GET /dns/v2/zones/:zone/rrsets': (visit) =>
      visit.params['zone'] === visit.zone.name ? listing('rrsets', records.sets(visit.zone).map(show), visit) : refuse(404, { error: 'zone is not found' }),
    'GET /dns/v2/zones/:zone/:name/:type': (visit) => show(find(visit) ?? refuse(404, { error: 'record is not found' })),
    'POST /dns/v2/zones/:zone/:name/:type': (visit) => (find(visit) ? refuse(400, { error: 'rrset is already exists' }) : put(visit)),
    'PUT /dns/v2/zones/:zone/:name/:type': (visit) => (find(visit) ? put(visit) : refuse(404, { error: 'record is not found' })),
    'DELETE /dns/v2/zones/:zone/:name/:type'(visit) {
      const { name, type, ttl } = find(visit) ?? refuse(404, { error: 'record is not found' });
      records.put(visit.zone, { name, type, ttl, values: [] });
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const path = /^\/dns\/v2\/zones\/example\.com\/home\.example\.com\/A$/;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { meta: { countries: ['lu'], notes: ['the garage'] }, filters: [{ type: 'geodns', limit: 1, strict: false }] },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a listing without a total, with names that end in a dot and geo rules',
      page: 'https://github.com/octodns/octodns-gcore/blob/main/tests/fixtures/gcore-records.json',
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/dns\/v2\/zones\/example\.com\/(rrsets|home\.example\.com)/ },
      reply: {
        status: 200,
        body: '{"rrsets":[{"name":"example.com","type":"CAA","ttl":300,"resource_records":[{"content":[0,"issue","ca.example.net"]}]},{"name":"_imap._tcp","type":"SRV","ttl":1200,"resource_records":[{"content":[0,0,0,"."]}]},{"name":"home.example.com.","type":"A","ttl":300,"filters":[{"type":"geodns"},{"limit":1,"strict":false,"type":"default"},{"limit":1,"type":"first_n"}],"resource_records":[{"content":["203.0.113.1"],"meta":{"default":true}}]}]}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'change a set, and send back what hangs on it',
      page: `${PAGE}update-rrset`,
      given: [{ ...home, extra: { meta: { continents: ['europe'] }, filters: [{ type: 'geodns', limit: 123, strict: true }] } }],
      act: write,
      request: {
        method: 'PUT',
        path,
        body: { ttl: 300, filters: [{ type: 'geodns', limit: 123, strict: true }], resource_records: [{ content: ['203.0.113.7'], enabled: true, meta: { continents: ['europe'] } }] },
      },
      reply: { status: 200, body: '{"name":"home.example.com","resource_records":[{"content":["203.0.113.7"],"enabled":true,"id":42}],"type":"A","ttl":300}' },
      ends: 'ok',
    },
    {
      title: 'create a set',
      page: `${PAGE}create-rrset`,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path, body: { ttl: 300, resource_records: [{ content: ['203.0.113.7'] }] } },
      reply: { status: 200, body: '{"name":"home.example.com","resource_records":[{"content":["203.0.113.7"],"enabled":true,"id":42}],"type":"A","ttl":300}' },
      ends: 'ok',
    },
    {
      title: 'a set that is not there',
      page: `${PAGE}get-rrset`,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path },
      reply: { status: 404, body: '{"error":"record is not found"}' },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/dns\/v2\/zones\?/ },
      reply: { status: 401, body: '{"error":"unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a TTL below that of the plan',
      page: `${PAGE}create-rrset`,
      act: write,
      request: { method: 'POST', path },
      reply: { status: 400, body: '{"error":"invalid ttl"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
