/** Vercel's API over records in memory, and exchanges as its description and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '5f0c1e9d8b7a6f5e4d3c2b1a';
const PAGE = 'https://vercel.com/docs/rest-api/reference/endpoints/dns';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/zeit';

const says = (status: number, code: string, message: string) => refuse(status, { error: { code, message } });
const checked = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : says(404, 'not_found', `Domain name \`${params['domain']}\` not found`));

const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id: `rec_${id}`,
  slug: `${zone.name}-${type}`,
  name: hostOf(name, zone, ''),
  type,
  value,
  ttl,
  creator: 'user',
  created: 1_540_095_775_941,
  updated: 1_540_095_775_941,
  createdAt: 1_540_095_775_941,
  updatedAt: 1_540_095_775_941,
  ...extra,
});

/** The newest first; a page ends at a moment, here one per entry. */
const NEWEST = 1_612_264_332_000;
function listing(key: string, items: readonly object[], { query, pageSize }: Visit): object {
  const from = NEWEST - Number(query.get('until') ?? NEWEST);
  const some = items.slice(from, from + Math.min(Number(query.get('limit') ?? 20), 100, pageSize));
  const end = from + some.length;
  return { [key]: some, pagination: { count: some.length, next: end < items.length ? NEWEST - end : null, prev: NEWEST - from } };
}

function check(type: string, { value, ttl }: { readonly value?: unknown; readonly ttl?: number }): void {
  if (value !== undefined && !holds(type, value)) says(400, 'bad_request', `Invalid request: \`value\` should match format "${type === 'A' ? 'ipv4' : 'ipv6'}".`);
  if (ttl !== undefined && ttl < 60) says(400, 'bad_request', 'Invalid request: `ttl` should be >= 60.');
}
const find = ({ zone, params }: Visit): FakeRecord => records.find(zone, (params['id'] ?? '').replace(/^rec_/, '')) ?? says(404, 'not_found', 'The DNS record was not found');

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) says(403, 'forbidden', 'Not authorized');
  },
  absent: reply(404, { error: { code: 'not_found', message: 'The requested path does not exist' } }),
  routes: {
    'GET /v5/domains': (visit) =>
      listing(
        'domains',
        zonesOf(visit.zone).map(({ id, name }) => ({ id, name, verified: true, serviceType: 'zeit.world', createdAt: 1_540_095_775_941 })),
        visit,
      ),
    'GET /v4/domains/:domain/records': (visit) =>
      listing(
        'records',
        checked(visit).records.map((record) => show(visit.zone, record)),
        visit,
      ),
    'POST /v2/domains/:domain/records'(visit) {
      const zone = checked(visit);
      const sent = visit.json();
      const { name: host, type, value, ttl = 60 } = sent;
      const name = nameOf(host, zone);
      check(type, sent);
      if (records.of(zone, name, 'CNAME').length > 0) says(400, 'record_conflicts', 'A CNAME record of this name exists');
      if (records.of(zone, name, type).length >= 50) says(400, 'bad_request', 'Too many records of this name and type');
      return { uid: `rec_${records.add(zone, { name, type, value, ttl }).id}` };
    },
    'PATCH /v1/domains/records/:id'(visit) {
      const { id, type, value, ttl } = find(visit);
      const sent = visit.json();
      check(type, sent);
      const changed = records.change(visit.zone, id, { value: sent.value ?? value, ttl: sent.ttl ?? ttl });
      return {
        id: `rec_${id}`,
        name: hostOf(changed?.name ?? '', visit.zone, ''),
        domain: visit.zone.name,
        recordType: type,
        type: 'record',
        value: changed?.value,
        ttl: changed?.ttl,
        creator: 'user',
        createdAt: 1_540_095_775_941,
        ...changed?.extra,
      };
    },
    'DELETE /v2/domains/:domain/records/:id'(visit) {
      records.remove(checked(visit), find(visit).id);
      return {};
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN, team: 'team_1a2b3c4d5e6f7g8h9i0j1k2l' },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { comment: 'the box in the cellar' },
  budget: { one: 3, thousand: 1261 },
  documented: [
    {
      title: 'create a record',
      page: RECORDED,
      act: { ...write, ttl: 60 },
      request: { method: 'POST', path: /\/v2\/domains\/example\.com\/records\?teamId=/, body: { name: 'home', type: 'A', value: '198.51.100.4', ttl: 60 } },
      reply: { status: 200, body: '{"uid":"rec_V0fra8eEgQwEpFhYG2vTzC3K"}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/v1\/domains\/records\/rec_[^/]+$/, body: { value: '198.51.100.4' } },
      reply: {
        status: 200,
        body: '{"createdAt":1540095775941,"creator":"user","domain":"example.com","id":"rec_2qn7pzrx89yxy34vezpd31y9","name":"home","recordType":"A","ttl":60,"type":"record","value":"198.51.100.4"}',
      },
      ends: 'ok',
    },
    {
      title: 'a domain that is not there',
      page: RECORDED,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/v4\/domains\/example\.com\/records/ },
      reply: { status: 404, body: '{"error":{"code":"not_found","message":"Domain name `example.com` not found","name":"example.com"}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known, or of another team',
      page: 'https://vercel.com/docs/rest-api/reference/errors',
      act: write,
      request: { method: 'GET', path: /\/v5\/domains/ },
      reply: { status: 403, body: '{"error":{"code":"forbidden","message":"Not authorized"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://vercel.com/docs/rest-api/reference/errors',
      act: write,
      request: { method: 'POST', path: /\/records\?/ },
      reply: {
        status: 429,
        headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767618000' },
        body: '{"error":{"code":"rate_limited","message":"The rate limit of 100 exceeded for \'create dns record\'","limit":{"remaining":0,"reset":1767618000,"total":100}}}',
      },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
