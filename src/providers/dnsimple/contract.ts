/** DNSimple's API over records in memory, of an account on the Enterprise plan, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'dnsimple_a_5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/dnsimple';
const PAGE = 'https://developer.dnsimple.com/v2/zones/records/';
const ACCOUNT = 731;

const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({
  id: numberOf(id),
  zone_id: zone.name,
  parent_id: null,
  name: hostOf(name, zone, ''),
  content: value,
  ttl,
  priority: null,
  type,
  regions: ['global'],
  system_record: false,
  created_at: '2018-07-09T05:31:34Z',
  updated_at: '2018-07-09T05:31:34Z',
});

function listing(items: readonly object[], visit: Visit): object {
  const { items: data, page, pages, total, size } = pageAsked(items, visit, { size: 'per_page', usual: 30, most: 100 });
  return { data, pagination: { current_page: page, per_page: size, total_entries: total, total_pages: pages } };
}

const checked = ({ zone, params }: Visit): FakeZone => {
  if (params['account'] !== String(ACCOUNT)) refuse(401, { message: 'Authentication failed' });
  return params['zone'] === zone.name ? zone : refuse(404, { message: `Zone \`${params['zone']}\` not found` });
};
const invalid = (errors: object) => refuse(400, { message: 'Validation failed', errors });
const find = (zone: FakeZone, id: number | string | undefined): FakeRecord => records.numbered(zone, id) ?? refuse(404, { message: `Record \`${id}\` not found` });

type Sent = { readonly name?: string; readonly type?: string; readonly content?: string; readonly ttl?: number };
function check(type: string, { content, ttl }: Sent): void {
  if (content !== undefined && !holds(type, content)) invalid({ content: [type === 'A' ? 'must be a valid IPv4 address' : 'must be a valid IPv6 address'] });
  if (ttl !== undefined && ttl < 60) invalid({ ttl: ['must be greater than or equal to 60'] });
}
function create(zone: FakeZone, sent: Sent): FakeRecord {
  const { name = '', type = '', content = '', ttl = 3600 } = sent;
  check(type, sent);
  if (records.of(zone, nameOf(name, zone), type).some(({ value }) => value === content)) invalid({ base: ['Matching record already exists for this zone'] });
  return records.add(zone, { name: nameOf(name, zone), type, value: content, ttl });
}
function update(zone: FakeZone, record: FakeRecord, sent: Sent): FakeRecord {
  check(record.type, sent);
  return records.change(zone, record.id, { value: sent.content ?? record.value, ttl: sent.ttl ?? record.ttl }) ?? record;
}

const at = '/v2/:account/zones/:zone';
const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { message: 'Authentication failed' });
  },
  routes: {
    'GET /v2/accounts': () => ({ data: [{ id: ACCOUNT, email: 'user@example.com', plan_identifier: 'enterprise-v1', created_at: '2018-02-20T06:44:26Z', updated_at: '2018-02-20T06:47:12Z' }] }),
    'GET /v2/:account/zones': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ id, name }) => ({ id: numberOf(id), account_id: ACCOUNT, name, reverse: false, secondary: false, active: true })),
        visit,
      ),
    [`GET ${at}/records`](visit) {
      const zone = checked(visit);
      const [host, type] = [visit.query.get('name'), visit.query.get('type')];
      const found = zone.records.filter((record) => (host === null || record.name === nameOf(host, zone)) && (type === null || record.type === type));
      return listing(
        found.map((record) => show(zone, record)),
        visit,
      );
    },
    [`POST ${at}/records`]: (visit) => reply(201, { data: show(visit.zone, create(checked(visit), visit.json())) }),
    [`PATCH ${at}/records/:id`]: (visit) => ({ data: show(visit.zone, update(visit.zone, find(checked(visit), visit.params['id']), visit.json())) }),
    [`DELETE ${at}/records/:id`](visit) {
      records.remove(visit.zone, find(checked(visit), visit.params['id']).id);
      return reply(204);
    },
    [`POST ${at}/batch`](visit) {
      const zone = checked(visit);
      const { creates = [], updates = [], deletes = [] } = visit.json();
      const found = (id: number, kind: string, index: number): FakeRecord => records.numbered(zone, id) ?? invalid({ [kind]: [{ index, message: `Record not found ID=${id}` }] });
      deletes.forEach(({ id }: { id: number }, index: number) => void records.remove(zone, found(id, 'deletes', index).id));
      const updated = updates.map(({ id, ...sent }: Sent & { id: number }, index: number) => show(zone, update(zone, found(id, 'updates', index), sent)));
      return { data: { creates: creates.map((sent: Sent) => show(zone, create(zone, sent))), updates: updated, deletes } };
    },
  },
});

const home = { name: 'www.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'www.example.com', type: 'A', values: ['127.0.0.1'] } as const;
const shown = (ttl: number) =>
  `{"data":{"id":1,"zone_id":"example.com","parent_id":null,"name":"www","content":"127.0.0.1","ttl":${ttl},"priority":null,"type":"A","regions":["global"],"system_record":false,"created_at":"2016-10-05T09:26:38Z","updated_at":"2016-10-05T09:26:38Z"}}`;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 22 },
  documented: [
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path: /\/v2\/731\/zones\/example\.com\/records$/, body: { name: 'www', type: 'A', content: '127.0.0.1', ttl: 600 } },
      reply: { status: 201, body: shown(600) },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/v2\/731\/zones\/example\.com\/records\/\d+$/, body: { content: '127.0.0.1' } },
      reply: { status: 200, body: shown(3600) },
      ends: 'ok',
    },
    {
      title: 'the account of a token',
      page: RECORDED,
      act: { kind: 'read', name: 'www.example.com', type: 'A' },
      request: { method: 'GET', path: /\/v2\/accounts$/ },
      reply: { status: 200, body: '{"data":[{"id":731,"email":"user@example.com","plan_identifier":"dnsimple-business","created_at":"2018-02-20T06:44:26Z","updated_at":"2018-02-20T06:47:12Z"}]}' },
      ends: 'ok',
    },
    {
      title: 'a record that is there',
      page: RECORDED,
      given: [{ name: 'localhost.example.com', type: 'A', value: '127.0.0.1', ttl: 3600 }],
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/records\?name=localhost/ },
      reply: {
        status: 200,
        body: '{"data":[{"id":502861,"zone_id":"example.com","parent_id":null,"name":"localhost","content":"127.0.0.1","ttl":3600,"priority":null,"type":"A","regions":["global"],"system_record":false,"created_at":"2018-07-09T05:31:34Z","updated_at":"2018-07-09T05:31:34Z"}],"pagination":{"current_page":1,"per_page":30,"total_entries":1,"total_pages":1}}',
      },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: 'https://developer.dnsimple.com/v2/#response-codes',
      act: write,
      request: { method: 'GET', path: /\/v2\/accounts$/ },
      reply: { status: 401, body: '{"message":"Authentication failed"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is gone',
      page: PAGE,
      act: { kind: 'read', name: 'www.example.com', type: 'A' },
      request: { method: 'GET', path: /\/records\?/ },
      reply: { status: 404, body: '{"message":"Zone `example.com` not found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://developer.dnsimple.com/v2/#rate-limiting',
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 429, headers: { 'x-ratelimit-limit': '2400', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767618000' }, body: '{"message":"quota exceeded"}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
