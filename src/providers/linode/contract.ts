/** Linode's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageAsked, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/linode4';
const PAGE = 'https://techdocs.akamai.com/linode-api/reference/errors';

/** What it makes of any other TTL: the next it knows. */
const STEPS = [0, 300, 3600, 7200, 14_400, 28_800, 57_600, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_419_200];
const rounded = (ttl: number): number => STEPS.find((step) => step >= ttl) ?? 2_419_200;
const notFound = () => refuse(404, { errors: [{ reason: 'Not found' }] });

const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => {
  const host = hostOf(name, zone, '');
  return { id: numberOf(id), type, ...(host === '' ? {} : { name: host }), target: value, priority: 0, weight: 0, port: 0, service: null, protocol: null, ttl_sec: ttl, tag: null };
};

function listing(items: readonly object[], visit: Visit): object {
  const size = Number(visit.query.get('page_size') ?? 100);
  if (size < 25 || size > 500) refuse(400, { errors: [{ reason: 'Must be 25-500', field: 'page_size' }] });
  const { items: data, page, pages, total } = pageAsked(items, visit, { size: 'page_size', usual: 100, most: 500 });
  return { data, page, pages, results: total };
}

const checked = ({ zone, params }: Visit): FakeZone => (Number(params['id']) === numberOf(zone.id) ? zone : notFound());
const check = (type: string, target: unknown): void => {
  if (!holds(type, target)) refuse(400, { errors: [{ reason: `Must be a valid ${type === 'A' ? 'IPv4' : 'IPv6'} address`, field: 'target' }] });
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { errors: [{ reason: 'Invalid Token' }] });
  },
  routes: {
    'GET /v4/domains': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ id, name }) => ({ id: numberOf(id), domain: name, type: 'master', status: 'active', ttl_sec: 0 })),
        visit,
      ),
    'GET /v4/domains/:id/records': (visit) =>
      listing(
        checked(visit).records.map((record) => show(visit.zone, record)),
        visit,
      ),
    'POST /v4/domains/:id/records'(visit) {
      const { type, name = '', target, ttl_sec = 0 } = visit.json();
      check(type, target);
      return show(visit.zone, records.add(checked(visit), { name: nameOf(name, visit.zone), type, value: target, ttl: rounded(ttl_sec) }));
    },
    'PUT /v4/domains/:id/records/:record'(visit) {
      const zone = checked(visit);
      const record = records.numbered(zone, visit.params['record']) ?? notFound();
      const { target = record.value, ttl_sec = record.ttl } = visit.json();
      check(record.type, target);
      return show(zone, records.change(zone, record.id, { value: target, ttl: rounded(ttl_sec) }) ?? notFound());
    },
    'DELETE /v4/domains/:id/records/:record'(visit) {
      const zone = checked(visit);
      records.remove(zone, (records.numbered(zone, visit.params['record']) ?? notFound()).id);
      return {};
    },
  },
});

const write = { kind: 'write', name: 'localhost.example.com', type: 'A', values: ['127.0.0.1'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1003 },
  documented: [
    {
      title: 'create a record',
      page: RECORDED,
      act: write,
      request: { method: 'POST', path: /\/v4\/domains\/\d+\/records$/, body: { type: 'A', name: 'localhost', target: '127.0.0.1' } },
      reply: { status: 200, body: '{"priority":0,"tag":null,"service":null,"id":9295232,"weight":0,"name":"localhost","target":"127.0.0.1","port":0,"type":"A","ttl_sec":0,"protocol":null}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: RECORDED,
      given: [{ name: 'localhost.example.com', type: 'A', value: '203.0.113.1', ttl: 300 }],
      act: write,
      request: { method: 'PUT', path: /\/v4\/domains\/\d+\/records\/\d+$/, body: { target: '127.0.0.1' } },
      reply: { status: 200, body: '{"priority":0,"tag":null,"service":null,"id":9295232,"weight":0,"name":"localhost","target":"127.0.0.1","port":0,"type":"A","ttl_sec":300,"protocol":null}' },
      ends: 'ok',
    },
    {
      title: 'a zone without records',
      page: RECORDED,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/v4\/domains\/\d+\/records/ },
      reply: { status: 200, headers: { 'retry-after': '89' }, body: '{"pages":1,"page":1,"data":[],"results":0}' },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/v4\/domains/ },
      reply: { status: 401, body: '{"errors":[{"reason":"Invalid Token"}]}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://techdocs.akamai.com/linode-api/reference/rate-limits',
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 429, headers: { 'retry-after': '60' }, body: '{"errors":[{"reason":"Too many requests"}]}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
