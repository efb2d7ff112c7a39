/** Vultr's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'W5F0C1E9D8B7A6F5E4D3C2B1A0F9E8D7C6B5';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/vultr';

const says = (status: number, error: string) => refuse(status, { error, status });
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({ id, type, name: hostOf(name, zone, ''), data: value, priority: -1, ttl });

/** A cursor is made of letters, and there is none at the end. */
function listing(key: string, items: readonly object[], { query, pageSize }: Visit): object {
  const from = Number(atob(query.get('cursor') ?? '') || 0);
  const to = from + Math.min(Number(query.get('per_page') ?? 100), 500, pageSize);
  return { [key]: items.slice(from, to), meta: { total: items.length, links: { next: to < items.length ? btoa(String(to)) : '', prev: '' } } };
}

const checked = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : says(404, 'Invalid domain.'));
const check = (type: string, { data, ttl = 300 }: { readonly data?: unknown; readonly ttl?: number }): void => {
  if (data !== undefined && !holds(type, data)) says(400, 'Invalid data for this type of record.');
  if (ttl < 120) says(400, 'Invalid TTL.');
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) says(401, 'Invalid API token.');
  },
  routes: {
    'GET /v2/domains': (visit) =>
      listing(
        'domains',
        zonesOf(visit.zone).map(({ name }) => ({ domain: name, date_created: '2021-03-27T09:40:29+00:00' })),
        visit,
      ),
    'GET /v2/domains/:domain/records': (visit) =>
      listing(
        'records',
        checked(visit).records.map((record) => show(visit.zone, record)),
        visit,
      ),
    'POST /v2/domains/:domain/records'(visit) {
      const zone = checked(visit);
      const { type, name, data, ttl = 300 } = visit.json();
      check(type, { data, ttl });
      return reply(201, { record: show(zone, records.add(zone, { name: nameOf(name, zone), type, value: data, ttl })) });
    },
    'PATCH /v2/domains/:domain/records/:id'(visit) {
      const zone = checked(visit);
      const { id, type, value, ttl } = records.find(zone, visit.params['id'] ?? '') ?? says(404, 'Invalid record.');
      const body = visit.json();
      check(type, body);
      records.change(zone, id, { value: body.data ?? value, ttl: body.ttl ?? ttl });
      return reply(204);
    },
    'DELETE /v2/domains/:domain/records/:id'(visit) {
      if (!records.remove(checked(visit), visit.params['id'] ?? '')) says(404, 'Invalid record.');
      return reply(204);
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
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/v2\/domains\/example\.com\/records$/, body: { type: 'A', name: 'localhost', data: '127.0.0.1', ttl: 3600 } },
      reply: { status: 201, body: '{"record":{"id":"b4ec45d4-8bf8-4aad-a189-4f5a4ac8567b","type":"A","name":"localhost","data":"127.0.0.1","priority":0,"ttl":3600}}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: RECORDED,
      given: [{ name: 'localhost.example.com', type: 'A', value: '203.0.113.1', ttl: 300 }],
      act: write,
      request: { method: 'PATCH', path: /\/v2\/domains\/example\.com\/records\/[^/]+$/, body: { data: '127.0.0.1' } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'the records of a zone, the name among them not',
      page: RECORDED,
      given: [{ name: 'example.com', type: 'NS', value: 'ns1.vultr.com', ttl: 300 }],
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/records\?/ },
      reply: {
        status: 200,
        body: '{"records":[{"id":"727732b8-d5bb-48d2-a7dc-0d9244aac37b","type":"NS","name":"","data":"ns1.vultr.com","priority":-1,"ttl":300},{"id":"401e8910-51dd-4f33-9345-cc089c501e35","type":"CNAME","name":"*","data":"example.com","priority":-1,"ttl":300}],"meta":{"total":2,"links":{"next":"","prev":""}}}',
      },
      ends: 'ok',
    },
    {
      title: 'a key that is not known',
      page: 'https://www.vultr.com/api/#section/Introduction/Response-Codes',
      act: write,
      request: { method: 'GET', path: /\/v2\/domains/ },
      reply: { status: 401, body: '{"error":"Invalid API token.","status":401}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a key that is used from an address not listed',
      page: 'https://www.vultr.com/api/#section/Introduction/Authentication',
      act: write,
      request: { method: 'GET', path: /\/v2\/domains/ },
      reply: { status: 401, body: '{"error":"Unauthorized IP address: 198.51.100.4","status":401}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
