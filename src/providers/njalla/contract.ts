/** Njalla's API over records in memory, and exchanges as recorded traffic shows them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '5c0de7a1b2c3d4e5f60718293a4b5c6d7e8f9012';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/njalla';

const fail = (code: number, message: string) => refuse(200, { jsonrpc: '2.0', error: { code, message } });
const done = (result: object): object => ({ result, jsonrpc: '2.0' });
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({ id: numberOf(id), name: hostOf(name, zone, '@'), type, content: value, ttl });
const TTLS = new Set([60, 300, 900, 3600, 10_800, 21_600, 86_400]);

type Params = { readonly domain?: string; readonly id: number; readonly type: string; readonly name: string; readonly content: string; readonly ttl?: number };

function check(type: string, { content, ttl }: { readonly content?: string | undefined; readonly ttl?: number | undefined }): void {
  if (content !== undefined && !holds(type, content)) fail(400, 'invalid content');
  if (ttl !== undefined && !TTLS.has(ttl)) fail(400, 'invalid ttl');
}

const METHODS: Readonly<Record<string, (zone: FakeZone, params: Params) => object>> = {
  'list-records': (zone) => done({ records: zone.records.map((record) => show(zone, record)) }),
  'add-record'(zone, { type, name, content, ttl = 10_800 }) {
    check(type, { content, ttl });
    return done(show(zone, records.add(zone, { name: nameOf(name, zone), type, value: content, ttl })));
  },
  'edit-record'(zone, { id, content, ttl }) {
    const record = records.numbered(zone, id) ?? fail(400, 'missing ID');
    check(record.type, { content, ttl });
    return done(show(zone, records.change(zone, record.id, { value: content ?? record.value, ttl: ttl ?? record.ttl }) ?? record));
  },
  'remove-record'(zone, { id }) {
    const record = records.numbered(zone, id) ?? fail(404, 'Record not found');
    records.remove(zone, record.id);
    return done({});
  },
};

function call({ zone, json }: Visit): object {
  const { method, params } = json();
  if (method === 'list-domains') return done({ domains: zonesOf(zone).map(({ name }) => ({ name, status: 'active', expiry: '2027-06-29T23:53:03Z' })) });
  if (params.domain !== zone.name) fail(404, 'Domain not found');
  return METHODS[method]?.(zone, params) ?? fail(400, 'missing method');
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Njalla ${TOKEN}`) fail(403, 'Invalid token.');
  },
  routes: { 'POST /api/1/': call },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const request = (method: string, params: object) => ({ method: 'POST' as const, path: /^\/api\/1\/$/, body: { method, params } });

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'records of a zone, and one that updates itself',
      page: TRAFFIC,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: request('list-records', { domain: 'example.com' }),
      reply: {
        status: 200,
        body: '{"result": {"records": [{"id": 188132, "name": "home", "type": "A", "content": "203.0.113.1", "ttl": 3600}, {"id": 133783, "name": "@", "type": "Dynamic", "content": "hj96h42che8lw1l2", "ttl": 60, "update_url": "https://njal.la/update/?h=example.com&k=hj96h42che8lw1l2&auto", "current_ips": ["203.0.113.101"]}]}, "jsonrpc": "2.0"}',
      },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: TRAFFIC,
      act: { ...write, ttl: 3600 },
      request: request('add-record', { domain: 'example.com', type: 'A', name: 'home', content: '198.51.100.4', ttl: 3600 }),
      reply: { status: 200, body: '{"result": {"id": 188151, "name": "home", "type": "A", "content": "198.51.100.4", "ttl": 3600}, "jsonrpc": "2.0"}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: request('edit-record', { domain: 'example.com', id: 1, content: '198.51.100.4' }),
      reply: { status: 200, body: '{"result": {"id": 1, "name": "home", "type": "A", "content": "198.51.100.4", "ttl": 3600}, "jsonrpc": "2.0"}' },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/njalla/internal',
      act: write,
      request: request('list-domains', {}),
      reply: { status: 200, body: '{"jsonrpc":"2.0","error":{"code":403,"message":"Invalid token."}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a record that is not named',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/njalla/internal',
      given: [home],
      act: write,
      request: request('edit-record', {}),
      reply: { status: 200, body: '{"jsonrpc":"2.0","error":{"code":400,"message":"missing ID"}}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
