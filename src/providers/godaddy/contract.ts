/** GoDaddy's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'dKD5f0c1e9d8b_7a6f5e4d3c2b1a';
const SECRET = 'W5f0c1e9d8b7a6f5e4d3c2b';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/godaddy';
const PAGE = 'https://developer.godaddy.com/doc/endpoint/domains';

const show = (zone: FakeZone, { name, type, value, ttl }: FakeRecord): object => ({ data: value, name: hostOf(name, zone, '@'), ttl, type });
const checked = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : refuse(404, { code: 'NOT_FOUND', message: `Domain ${params['domain']} not found for shopper` }));
const keyOf = (visit: Visit) => ({ name: nameOf(visit.params['host'] ?? '', checked(visit)), type: visit.params['type'] ?? '' });
const invalid = (path: string, message: string) =>
  refuse(422, { code: 'INVALID_BODY', message: 'Request body doesn’t fulfill schema, see details in `fields`', fields: [{ path, code: 'UNEXPECTED_VALUE', message }] });

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `sso-key ${KEY}:${SECRET}`) refuse(401, { code: 'UNABLE_TO_AUTHENTICATE', message: 'Unauthorized : Could not authenticate API key/secret' });
  },
  absent: reply(404, { code: 'NOT_FOUND', message: 'Resource not found' }),
  routes: {
    // The next page begins after the domain that is the marker.
    'GET /v1/domains'({ zone, query, pageSize }) {
      const domains = zonesOf(zone);
      const from = domains.findIndex(({ name }) => name === query.get('marker')) + 1;
      const size = Math.min(Number(query.get('limit') ?? 100), 1000, pageSize);
      return reply(
        200,
        domains.slice(from, from + size).map(({ name }, index) => ({ domain: name, domainId: 261_238_997 + index, status: 'ACTIVE' })),
      );
    },
    'GET /v1/domains/:domain/records': (visit) =>
      reply(
        200,
        checked(visit).records.map((record) => show(visit.zone, record)),
      ),
    'GET /v1/domains/:domain/records/:type/:host'(visit) {
      const { name, type } = keyOf(visit);
      return reply(
        200,
        records.of(visit.zone, name, type).map((record) => show(visit.zone, record)),
      );
    },
    'PUT /v1/domains/:domain/records/:type/:host'(visit) {
      const set = keyOf(visit);
      const sent: readonly { readonly data: string; readonly ttl?: number }[] = visit.json();
      if (sent.length === 0) invalid('records', 'too few items');
      for (const [index, { data, ttl = 3600 }] of sent.entries()) {
        if (!holds(set.type, data)) invalid(`records[${index}].data`, 'invalid address');
        if (ttl < 600 || ttl > 604_800) invalid(`records[${index}].ttl`, 'out of range');
      }
      records.put(visit.zone, { ...set, values: sent.map(({ data }) => data), ttl: sent[0]?.ttl ?? 3600 });
      return reply(200);
    },
    'DELETE /v1/domains/:domain/records/:type/:host'(visit) {
      const set = keyOf(visit);
      if (records.of(visit.zone, set.name, set.type).length === 0) refuse(404, { code: 'NOT_FOUND', message: 'No records found' });
      records.put(visit.zone, { ...set, values: [], ttl: 3600 });
      return reply(204);
    },
  },
});

const write = { kind: 'write', name: 'localhost.example.com', type: 'A', values: ['127.0.0.1'] } as const;

export const contract: Contract = {
  options: { key: KEY, secret: SECRET },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1019 },
  // A change that was made is answered with 200 and nothing else.
  weather: { 'empty answer with status 200': [] },
  documented: [
    {
      title: 'a record that is not there',
      page: RECORDED,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/v1\/domains\/example\.com\/records\/A\/localhost$/ },
      reply: { status: 200, body: '[]\n' },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: RECORDED,
      act: { ...write, ttl: 3600 },
      request: { method: 'PUT', path: /\/v1\/domains\/example\.com\/records\/A\/localhost$/, body: [{ data: '127.0.0.1', ttl: 3600 }] },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'change a record, and keep its TTL',
      page: RECORDED,
      given: [{ name: 'localhost.example.com', type: 'A', value: '203.0.113.1', ttl: 7200 }],
      act: write,
      request: { method: 'PUT', path: /\/v1\/domains\/example\.com\/records\/A\/localhost$/, body: [{ data: '127.0.0.1', ttl: 7200 }] },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'an account that may not use the API',
      page: 'https://developer.godaddy.com/getstarted',
      act: write,
      request: { method: 'GET', path: /\/v1\/domains\?/ },
      reply: { status: 403, body: '{"code":"ACCESS_DENIED","message":"Authenticated user is not allowed access"}' },
      ends: 'blocked',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/v1\/domains\?/ },
      reply: { status: 401, body: '{"code":"UNABLE_TO_AUTHENTICATE","message":"Unauthorized : Could not authenticate API key/secret"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of another account',
      page: RECORDED,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/records\/A\/localhost$/ },
      reply: { status: 404, body: '{"code":"NOT_FOUND","message":"Domain example.com not found for shopper"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: PAGE,
      act: write,
      request: { method: 'PUT', path: /\/records\/A\/localhost$/ },
      reply: { status: 429, body: '{"code":"TOO_MANY_REQUESTS","message":"Too many requests","retryAfterSec":30}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
