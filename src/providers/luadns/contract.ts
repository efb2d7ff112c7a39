/** LuaDNS' API over records in memory, and exchanges as its own client's tests and recorded traffic show them. */
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const EMAIL = 'joe@example.com';
const TOKEN = 'a3f1c5e79b2d4f60813579bdf02468ac';
const OWN = 'https://github.com/luadns/luadns-go/tree/main/testdata/http';

const number = (id: string): number => numberOf(id);
const show = ({ id, name, type, value, ttl }: FakeRecord) => ({
  id: number(id),
  name: `${name}.`,
  type,
  content: value,
  ttl,
  zone_id: 5,
  generated: false,
  created_at: '2023-08-25T09:07:17Z',
  updated_at: '2023-08-25T09:07:17Z',
});
const notFound = () => refuse(404, { status: 'Not Found', request_id: 'apollo.local/Bcz2Eex1AY-000001', message: 'Not Found' });
const mine = ({ zone, params }: Visit): FakeZone => (params['zone'] === String(number(zone.id)) ? zone : notFound());

function listing(items: readonly object[], { query, pageSize }: Visit) {
  const page = pageOf(items, { page: Number(query.get('page') ?? 1), size: Math.min(Number(query.get('limit') ?? 500), pageSize) });
  return reply(200, page.items, { 'x-page': String(page.page), 'x-limit': String(page.size), 'x-total-count': String(page.total), 'x-pages-count': String(page.pages) });
}

type Sent = { readonly name: string; readonly type: string; readonly content: string; readonly ttl?: number };

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${EMAIL}:${TOKEN}`)}`) refuse(401, { status: 'Unauthorized', request_id: 'apollo.local/Bcz2Eex1AY-000002', message: 'Unauthorized' });
  },
  routes: {
    'GET /v1/zones': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ id, name }) => ({ id: number(id), name, template_id: 0, synced: false, queries_count: 0, records_count: 11, records: null })),
        visit,
      ),
    'GET /v1/zones/:zone/records': (visit) => listing(mine(visit).records.map(show), visit),
    'PATCH /v1/zones/:zone/records'(visit) {
      const zone = mine(visit);
      const sent: readonly Sent[] = visit.json();
      if (sent.some(({ type, content }) => !holds(type, content))) refuse(400, [{ fieldNames: ['content'], message: 'invalid IPv4 address' }]);
      if (sent.some(({ ttl = 3600 }) => ttl < 60)) refuse(400, [{ fieldNames: ['ttl'], message: 'too small' }]);
      const keys = new Set(sent.map(({ name, type }) => `${name} ${type}`));
      return [...keys].flatMap((key) => {
        const some = sent.filter(({ name, type }) => `${name} ${type}` === key);
        const [{ name, type, ttl = 3600 } = { name: '', type: '' }] = some;
        return records.put(zone, { name: name.replace(/\.$/, ''), type, values: some.map(({ content }) => content), ttl }).map(show);
      });
    },
    'DELETE /v1/zones/:zone/records/:id'(visit) {
      const record = records.numbered(mine(visit), visit.params['id']) ?? notFound();
      records.remove(visit.zone, record.id);
      return show(record);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const sent = (ttl: number) => ({ method: 'PATCH' as const, path: /^\/v1\/zones\/\d+\/records$/, body: [{ name: 'home.example.com.', type: 'A', content: '198.51.100.4', ttl }] });
const shown = (ttl: number): string =>
  `[{"id":185177166,"name":"home.example.com.","type":"A","content":"198.51.100.4","ttl":${ttl},"zone_id":5,"created_at":"2025-05-29T09:09:20.455711Z","updated_at":"2025-05-29T09:09:20.455711Z"}]`;

export const contract: Contract = {
  options: { email: EMAIL, token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 5 },
  documented: [
    {
      title: 'records of a zone',
      page: OWN,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/v1\/zones\/\d+\/records/ },
      reply: {
        status: 200,
        headers: { 'x-ratelimit-limit': '1200', 'x-ratelimit-remaining': '1200', 'x-ratelimit-reset': '1692975600' },
        body: '[{"id":1,"name":"home.example.com.","type":"A","content":"203.0.113.1","ttl":3600,"zone_id":5,"generated":false,"created_at":"2023-08-25T09:07:17Z","updated_at":"2023-08-25T09:07:17Z"}]',
      },
      ends: 'ok',
    },
    { title: 'create a set', page: OWN, act: { ...write, ttl: 300 }, request: sent(300), reply: { status: 200, body: shown(300) }, ends: 'ok' },
    { title: 'change a set', page: OWN, given: [home], act: write, request: sent(3600), reply: { status: 200, body: shown(3600) }, ends: 'ok' },
    {
      title: 'an address that is none',
      page: OWN,
      act: write,
      request: { method: 'PATCH', path: /\/records$/ },
      reply: { status: 400, body: '[{"fieldNames":["content"],"message":"invalid IPv4 address"}]' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'what is forbidden',
      page: OWN,
      act: write,
      request: { method: 'GET', path: /^\/v1\/zones\?/ },
      reply: { status: 403, body: '{"status":"Forbidden","request_id":"apollo.local/Bcz2Eex1AY-000001","message":"Zone \'example.org\' is taken already."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: OWN,
      act: write,
      request: { method: 'GET', path: /^\/v1\/zones\?/ },
      reply: { status: 429, headers: { 'retry-after': '300' }, body: '{"status":"Too Many Requests","request_id":"apollo.local/ztHMmU9StQ-000003","message":"Too Many Requests"}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
