/** Exoscale's DNS API over records in memory, where every change is done only when it is asked for; exchanges as its page shows them. */
import { createHmac } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const [KEY, SECRET] = ['EXO5f0c1e9d8b7a6f5e4d3c2b1a', 'q5F0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d'];
const PAGE = 'https://openapi-v2.exoscale.com/group/endpoint-dns';
const OPERATION = '{"id":"85d7a7c1-3d0b-4f3a-9b1a-6f6f5e4d3c2b","state":"pending","reference":{"id":"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0","link":"/v2/dns-domain","command":"get-dns-domain"}}';

/** Operations by their ids: how often each was asked for. */
const asked = new Map<string, number>();
function begin(zone: FakeZone): object {
  const id = zone.nextId();
  asked.set(id, 0);
  return { id, state: 'pending', reference: { id: zone.id, command: 'get-dns-domain' } };
}

function inside({ zone, params }: Visit): FakeZone {
  return params['domain'] === zone.id ? zone : refuse(404, { message: 'Not Found' });
}
function check(type: string, content: unknown): void {
  if (type === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(String(content))) refuse(400, { message: 'Invalid record content' });
}

const api = fakeApi({
  guard({ request: { headers, method, url, body = '' } }) {
    const { credential, expires, signature } = Object.fromEntries([...(headers['authorization'] ?? '').matchAll(/([\w-]+)=([^,]+)/g)].map(([, name, value]) => [name, value]));
    const expected = createHmac('sha256', SECRET)
      .update(`${method} ${new URL(url).pathname}\n${body}\n\n\n${expires}`)
      .digest('base64');
    if (credential !== KEY || signature !== expected) refuse(403, { message: 'Invalid request signature' });
  },
  absent: reply(404, { message: 'Not Found' }),
  routes: {
    'GET /v2/dns-domain': ({ zone }) => ({ 'dns-domains': zonesOf(zone).map(({ id, name }) => ({ id, 'created-at': '2026-01-02T03:04:05Z', 'unicode-name': name })) }),
    'GET /v2/dns-domain/:domain/record'(visit) {
      const zone = inside(visit);
      return { 'dns-domain-records': zone.records.map(({ id, name, type, value, ttl }) => ({ id, name: hostOf(name, zone, ''), type, content: value, ttl, 'created-at': '2026-01-02T03:04:05Z' })) };
    },
    'POST /v2/dns-domain/:domain/record'(visit) {
      const zone = inside(visit);
      const { name, type, content, ttl = 3600 } = visit.json();
      check(type, content);
      records.add(zone, { name: nameOf(name, zone), type, value: content, ttl });
      return begin(zone);
    },
    'PUT /v2/dns-domain/:domain/record/:id'(visit) {
      const zone = inside(visit);
      const { id, type, value, ttl } = records.find(zone, visit.params['id'] ?? '') ?? refuse(404, { message: 'Not Found' });
      const wanted = visit.json();
      if (wanted.content !== undefined) check(type, wanted.content);
      records.change(zone, id, { value: wanted.content ?? value, ttl: wanted.ttl ?? ttl });
      return begin(zone);
    },
    'DELETE /v2/dns-domain/:domain/record/:id'(visit) {
      const zone = inside(visit);
      if (!records.remove(zone, visit.params['id'] ?? '')) refuse(404, { message: 'Not Found' });
      return begin(zone);
    },
    'GET /v2/operation/:id'({ params: { id = '' } }) {
      const times = asked.get(id) ?? refuse(404, { message: 'Not Found' });
      asked.set(id, times + 1);
      return { id, state: 'success' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { apiKey: KEY, apiSecret: SECRET },
  secretOptions: ['apiSecret'],
  zone: 'example.com',
  api,
  // Domains, records, the change, and what became of it.
  budget: { one: 4, thousand: 2002 },
  documented: [
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/v2\/dns-domain\/[^/]+\/record$/, body: { name: 'home', type: 'A', content: '198.51.100.4', ttl: 3600 } },
      reply: { status: 200, body: OPERATION.replace('pending', 'success') },
      ends: 'ok',
      // The fake has begun, not done it.
      fake: 'unasked',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/v2\/dns-domain\/[^/]+\/record\/[^/]+$/, body: { content: '198.51.100.4' } },
      reply: { status: 200, body: OPERATION.replace('pending', 'success') },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a change that is done',
      page: 'https://openapi-v2.exoscale.com/operation/operation-get-operation',
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/v2\/operation\/[^/]+$/ },
      reply: { status: 200, body: '{"id":"85d7a7c1-3d0b-4f3a-9b1a-6f6f5e4d3c2b","state":"success"}' },
      ends: 'ok',
    },
    {
      title: 'a change that failed',
      page: 'https://openapi-v2.exoscale.com/operation/operation-get-operation',
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/v2\/operation\/[^/]+$/ },
      reply: { status: 200, body: '{"id":"85d7a7c1-3d0b-4f3a-9b1a-6f6f5e4d3c2b","state":"failure","reason":"fault","message":"Something went wrong"}' },
      ends: 'unavailable',
      fake: 'unasked',
    },
    {
      title: 'a wrong signature',
      page: 'https://openapi-v2.exoscale.com/topic/topic-api-request-signature',
      act: write,
      request: { method: 'GET', path: /\/v2\/dns-domain$/ },
      reply: { status: 403, body: '{"message":"Invalid request signature"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain that is gone',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/v2\/dns-domain\/[^/]+\/record$/ },
      reply: { status: 404, body: '{"message":"Not Found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
