/** Mythic Beasts' API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'abcd1234efgh';
const SECRET = 'p0q9w8e7r6t5y4u3i2o1';
const TUTORIAL = 'https://www.mythic-beasts.com/support/api/dnsv2/tutorial';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/mythicbeasts';

const mine = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.name ? zone : refuse(404, { error: 'Zone not found' }));
const keyIn = (visit: Visit) => ({ name: nameOf(visit.params['host'] ?? '', mine(visit)), type: visit.params['type'] ?? '' });
const show = (zone: FakeZone, { name, type, value, ttl }: FakeRecord): object => ({ data: value, host: hostOf(name, zone, '@'), ttl, type });

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${KEY}:${SECRET}`)}`) refuse(401, { error: 'Invalid credentials' });
  },
  absent: { status: 404, headers: { 'content-type': 'application/json' }, body: '{"error":"Not found"}' },
  routes: {
    'GET /dns/v2/zones': ({ zone }) => ({ zones: zonesOf(zone).map(({ name }) => name) }),
    'GET /dns/v2/zones/:zone/records': (visit) => ({ records: mine(visit).records.map((record) => show(visit.zone, record)) }),
    'GET /dns/v2/zones/:zone/records/:host/:type'(visit) {
      const { name, type } = keyIn(visit);
      return { records: records.of(visit.zone, name, type).map((record) => show(visit.zone, record)) };
    },
    'PUT /dns/v2/zones/:zone/records/:host/:type'(visit) {
      const { name, type } = keyIn(visit);
      const sent: readonly { readonly host: string; readonly type: string; readonly ttl: number; readonly data: string }[] = visit.json().records;
      const errors = sent.flatMap((record, at) => (holds(record.type, record.data) && record.ttl >= 60 && record.ttl <= 86_400 ? [] : [`Record ${at + 1}: not valid`]));
      if (errors.length > 0) refuse(400, { errors });
      const before = records.of(visit.zone, name, type).length;
      records.put(visit.zone, { name, type, values: sent.map(({ data }) => data), ttl: sent[0]?.ttl ?? 300 });
      return { message: `${sent.length} records added`, records_added: sent.length, records_removed: before };
    },
    'DELETE /dns/v2/zones/:zone/records/:host/:type'(visit) {
      const { name, type } = keyIn(visit);
      const before = records.of(visit.zone, name, type).length;
      records.put(visit.zone, { name, type, values: [], ttl: 300 });
      return { message: `${before} records removed`, records_removed: before };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const put = (ttl: number) => ({ method: 'PUT' as const, path: /^\/dns\/v2\/zones\/example\.com\/records\/home\/A$/, body: { records: [{ host: 'home', type: 'A', ttl, data: '198.51.100.4' }] } });

export const contract: Contract = {
  options: { keyId: KEY, secret: SECRET },
  secretOptions: ['secret'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'records of a name and type',
      page: TUTORIAL,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/dns\/v2\/zones\/example\.com\/records\/home\/A$/ },
      reply: { status: 200, body: '{"records":[{"data":"203.0.113.1","host":"home","ttl":300,"type":"A"}]}' },
      ends: 'ok',
    },
    {
      title: 'create a set',
      page: TUTORIAL,
      act: { ...write, ttl: 3600 },
      request: put(3600),
      reply: { status: 200, body: '{"message":"1 records added","records_added":1,"records_removed":0}' },
      ends: 'ok',
    },
    {
      title: 'change a set',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: put(300),
      reply: { status: 200, body: '{"message":"1 records added","records_added":1,"records_removed":1}' },
      ends: 'ok',
    },
    {
      title: 'a record of a template is left alone',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/records\/home\/A$/ },
      reply: { status: 200, body: '{"records":[{"_template":true,"data":"203.0.113.1","host":"home","ttl":3600,"type":"A"}]}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://www.mythic-beasts.com/support/api/dnsv2',
      act: write,
      request: { method: 'GET', path: /\/zones$/ },
      reply: { status: 401, body: '{"error":"Invalid credentials"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'what the key may not do',
      page: 'https://www.mythic-beasts.com/support/api/dnsv2',
      act: write,
      request: { method: 'PUT', path: /\/records\/home\/A$/ },
      reply: { status: 403, body: '{"error":"Permission denied"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
