/** Netlify's API over records in memory, and exchanges as its description shows them. It lists everything at once. */
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'nfp_5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a';
const PAGE = 'https://open-api.netlify.com/#tag/dnsZone';

const notFound = () => refuse(404, { code: 404, message: 'Not Found' });
const checked = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.id ? zone : notFound());
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({ id, hostname: name, type, value, ttl, dns_zone_id: zone.id, managed: false });

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { code: 401, message: 'Access Denied' });
  },
  absent: reply(404, { code: 404, message: 'Not Found' }),
  routes: {
    'GET /api/v1/dns_zones': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ id, name }) => ({ id, name, domain: name, ipv6_enabled: false, dedicated: false })),
      ),
    'GET /api/v1/dns_zones/:zone/dns_records': (visit) =>
      reply(
        200,
        checked(visit).records.map((record) => show(visit.zone, record)),
      ),
    'POST /api/v1/dns_zones/:zone/dns_records'(visit) {
      const zone = checked(visit);
      const { type, hostname, value, ttl = 3600 } = visit.json();
      if (!holds(type, value)) refuse(422, { code: 422, message: 'value is invalid' });
      return reply(201, show(zone, records.add(zone, { name: hostname, type, value, ttl })));
    },
    'DELETE /api/v1/dns_zones/:zone/dns_records/:id'(visit) {
      if (!records.remove(checked(visit), visit.params['id'] ?? '')) notFound();
      return reply(204);
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 1800 } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 2006 },
  documented: [
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/api\/v1\/dns_zones\/[^/]+\/dns_records$/, body: { type: 'A', hostname: 'home.example.com', value: '198.51.100.4', ttl: 3600 } },
      reply: { status: 201, body: '{"id":"5f0c1e9d8b7a6f5e4d3c2b1a","hostname":"home.example.com","type":"A","value":"198.51.100.4","ttl":3600,"dns_zone_id":"5f0c1e9d8b7a","managed":false}' },
      ends: 'ok',
    },
    {
      title: 'a new value is a new record with the old TTL',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/dns_records$/, body: { type: 'A', hostname: 'home.example.com', value: '198.51.100.4', ttl: 1800 } },
      reply: { status: 201, body: '{"id":"5f0c1e9d8b7a6f5e4d3c2b1a","hostname":"home.example.com","type":"A","value":"198.51.100.4","ttl":1800,"dns_zone_id":"5f0c1e9d8b7a","managed":false}' },
      ends: 'ok',
    },
    {
      title: 'and the old record goes',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'DELETE', path: /\/dns_records\/[^/]+$/ },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a zone that is gone',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/dns_records$/ },
      reply: { status: 404, body: '{"code":404,"message":"Not Found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/api\/v1\/dns_zones$/ },
      reply: { status: 401, body: '{"code":401,"message":"Access Denied"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
