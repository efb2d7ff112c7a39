/** Timeweb Cloud's API over records in memory, as other programs use it. */
import { type Contract, type FakeRecord, fakeApi, holds, numberOf, offsetAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9.eyJ1c2VyIjoiaG9tZSJ9.c2lnbmF0dXJl';
const PAGE = 'https://timeweb.cloud/api-docs#tag/Domeny';

const ID = { response_id: '15095f25-aac3-4d60-a788-96cb5136f186' };
const fail = (status: number, error_code: string, message: string) => refuse(status, { status_code: status, message, error_code, ...ID });
const show = ({ id, name, type, value, ttl }: FakeRecord): object => ({ id: numberOf(id), type, fqdn: name, data: { value }, ttl });
const listing = (key: string, all: readonly object[], visit: Visit): object => {
  const { items, total } = offsetAsked(all, visit, { size: 'limit', usual: 100, most: 100 });
  return { [key]: items, meta: { total }, ...ID };
};
/** Names that were made and have no record yet. */
const made = new WeakMap<Visit['zone'], Set<string>>();
function own({ zone, params }: Visit): string {
  const name = params['name'] ?? '';
  const isThere = name === zone.name || records.of(zone, name).length > 0 || made.get(zone)?.has(name);
  return isThere ? name : fail(404, 'not_found', 'Domain not found');
}
const byId = ({ zone, params }: Visit): FakeRecord => records.numbered(zone, params['id']) ?? fail(404, 'not_found', 'DNS record not found');
const check = (type: string, value: string, ttl: number): void => {
  if (!holds(type, value)) fail(400, 'bad_request', 'value must be an ip address');
  if (ttl < 1) fail(400, 'bad_request', 'Value must be a number conforming to the specified constraints');
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) fail(401, 'unauthorized', 'Unauthorized');
  },
  routes: {
    'GET /api/v1/domains': (visit) =>
      listing(
        'domains',
        zonesOf(visit.zone).map(({ name }, at) => ({ id: at + 1, fqdn: name })),
        visit,
      ),
    'POST /api/v1/domains/:name/subdomains/:sub'(visit) {
      own(visit);
      const name = `${visit.params['sub']}.${visit.zone.name}`;
      if (made.get(visit.zone)?.has(name)) fail(409, 'conflict', 'Subdomain already exists');
      made.set(visit.zone, new Set([...(made.get(visit.zone) ?? []), name]));
      return reply(201, { subdomain: { id: 1, fqdn: name }, ...ID });
    },
    'GET /api/v1/domains/:name/dns-records': (visit) => listing('dns_records', records.of(visit.zone, own(visit)).map(show), visit),
    'POST /api/v2/domains/:name/dns-records'(visit) {
      const { type, value, ttl = 600 } = visit.json();
      check(type, value, ttl);
      return reply(201, { dns_record: show(records.add(visit.zone, { name: own(visit), type, value, ttl })), ...ID });
    },
    'PATCH /api/v2/domains/:name/dns-records/:id'(visit) {
      const old = byId(visit);
      if (old.name !== own(visit)) fail(404, 'not_found', 'DNS record not found');
      const { type, value, ttl = old.ttl } = visit.json();
      check(type, value, ttl);
      return { dns_record: show(records.change(visit.zone, old.id, { value, ttl }) ?? old), ...ID };
    },
    'DELETE /api/v2/domains/:name/dns-records/:id'(visit) {
      own(visit);
      records.remove(visit.zone, byId(visit).id);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 2001 },
  documented: [
    {
      title: 'make a subdomain for a new name',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /^\/api\/v1\/domains\/example\.com\/subdomains\/home$/ },
      reply: { status: 201, body: '{"subdomain":{"id":9,"fqdn":"home.example.com"},"response_id":"15095f25-aac3-4d60-a788-96cb5136f186"}' },
      ends: 'ok',
    },
    {
      title: 'create a record, shown with domain and subdomain apart',
      page: PAGE,
      act: { ...write, name: 'example.com' },
      request: { method: 'POST', path: /^\/api\/v2\/domains\/example\.com\/dns-records$/, body: { type: 'A', value: '198.51.100.4' } },
      reply: { status: 201, body: '{"dns_record":{"id":123,"type":"A","fqdn":"example.com","data":{"value":"198.51.100.4"}},"response_id":"15095f25-aac3-4d60-a788-96cb5136f186"}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /^\/api\/v2\/domains\/home\.example\.com\/dns-records\/\d+$/, body: { type: 'A', value: '198.51.100.4', ttl: 600 } },
      reply: { status: 200, body: '{"dns_record":{"id":123,"type":"A","fqdn":"example.com","data":{"value":"198.51.100.4","sub":"home"}},"response_id":"15095f25-aac3-4d60-a788-96cb5136f186"}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a TTL that is not taken',
      page: PAGE,
      act: { ...write, name: 'example.com' },
      request: { method: 'POST', path: /\/dns-records$/ },
      reply: {
        status: 400,
        body: '{"status_code":400,"message":"Value must be a number conforming to the specified constraints","error_code":"bad_request","response_id":"15095f25-aac3-4d60-a788-96cb5136f186"}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/api\/v1\/domains\?/ },
      reply: { status: 401, body: '{"status_code":401,"message":"Unauthorized","error_code":"unauthorized","response_id":"15095f25-aac3-4d60-a788-96cb5136f186"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
