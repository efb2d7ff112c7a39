/** Gandi LiveDNS over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'pat_5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const PAGE = 'https://api.gandi.net/docs/livedns/';

type Held = ReturnType<typeof records.sets>[number];
const show = (zone: FakeZone, { name, type, values, ttl }: Held): object => ({
  rrset_name: hostOf(name, zone, '@'),
  rrset_type: type,
  rrset_ttl: ttl,
  rrset_values: values,
  rrset_href: `https://api.gandi.net/v5/livedns/domains/${zone.name}/records/${hostOf(name, zone, '@')}/${type}`,
});

const notFound = (cause: string) => refuse(404, { object: cause, cause: 'Not Found', code: 404, message: 'The resource could not be found.' });
const page = (items: readonly object[], { query, pageSize }: Visit) =>
  reply(200, pageOf(items, { page: Number(query.get('page') ?? 1), size: Math.min(Number(query.get('per_page') ?? 100), pageSize) }).items);

function find({ zone, params }: Visit): Held | undefined {
  if (params['domain'] !== zone.name) notFound('HTTPNotFound');
  return records.sets(zone).find(({ name, type }) => name === nameOf(params['host'] ?? '', zone) && type === params['type']);
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(403, { object: 'HTTPForbidden', cause: 'Forbidden', code: 403, message: 'Access was denied to this resource.' });
  },
  routes: {
    'GET /v5/livedns/domains': (visit) =>
      page(
        zonesOf(visit.zone).map(({ name }) => ({ fqdn: name, domain_href: `https://api.gandi.net/v5/livedns/domains/${name}` })),
        visit,
      ),
    'GET /v5/livedns/domains/:domain/records'(visit) {
      if (visit.params['domain'] !== visit.zone.name) notFound('HTTPNotFound');
      return page(
        records.sets(visit.zone).map((set) => show(visit.zone, set)),
        visit,
      );
    },
    'GET /v5/livedns/domains/:domain/records/:host/:type': (visit) => show(visit.zone, find(visit) ?? notFound('dns-record')),
    'PUT /v5/livedns/domains/:domain/records/:host/:type'(visit) {
      const { rrset_values: values, rrset_ttl: ttl = 10_800 } = visit.json();
      records.put(visit.zone, { name: nameOf(visit.params['host'] ?? '', visit.zone), type: visit.params['type'] ?? '', values, ttl });
      return reply(201, { message: 'DNS Record Created' });
    },
    'DELETE /v5/livedns/domains/:domain/records/:host/:type'(visit) {
      const { name, type, ttl } = find(visit) ?? notFound('dns-record');
      records.put(visit.zone, { name, type, values: [], ttl });
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 10_800 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 5, thousand: 1020 },
  documented: [
    {
      title: 'a record that is not there',
      page: PAGE,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/records\/localhost\/A$/ },
      reply: { status: 404, body: '{"code":404,"message":"Can\'t find the DNS record localhost/A in the zone","object":"dns-record","cause":"Not Found"}' },
      ends: 'ok',
    },
    {
      title: 'a new value',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/domains\/example\.com\/records\/home\/A$/, body: { rrset_values: ['198.51.100.4'] } },
      reply: { status: 201, body: '{"message":"DNS Record Created"}' },
      ends: 'ok',
    },
    {
      title: 'a token that may not do this',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/domains\?/ },
      reply: { status: 403, body: '{"object":"HTTPForbidden","cause":"Forbidden","code":403,"message":"Access was denied to this resource."}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
