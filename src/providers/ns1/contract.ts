/** NS1's API over records in memory, and exchanges as recorded traffic shows them. It lists everything at once. */
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'qACMD09OJXBxT7XOwv8v';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/nsone';

const says = (status: number, message: string) => refuse(status, { message });
const checked = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.name ? zone : says(404, 'zone not found'));

type Held = ReturnType<typeof records.sets>[number];
const short = ({ name, type, values, ttl, extra }: Held): object => ({ id: name, domain: name, type, ttl, tier: extra ? 3 : 1, short_answers: values, link: null });
const full = (zone: FakeZone, name: string, type: string): object => {
  const held: readonly FakeRecord[] = records.of(zone, name, type);
  return {
    id: `${name}/${type}`,
    zone: zone.name,
    domain: name,
    type,
    ttl: held[0]?.ttl,
    tier: 1,
    link: null,
    use_client_subnet: true,
    networks: [0],
    filters: [],
    meta: {},
    regions: {},
    answers: held.map(({ id, value, extra }) => ({ id, answer: [value], ...extra })),
  };
};
const find = (visit: Visit): Held => records.sets(checked(visit)).find(({ name, type }) => name === visit.params['name'] && type === visit.params['type']) ?? says(404, 'record not found');

type Sent = readonly { readonly answer: readonly string[]; readonly meta?: unknown }[];
/** Every answer has metadata of its own. */
function put(zone: FakeZone, set: Pick<Held, 'name' | 'type' | 'ttl'>, answers: Sent): object {
  records.put(zone, { ...set, values: [] });
  for (const { answer, meta } of answers) {
    const [value = ''] = answer;
    if (!holds(set.type, value)) says(400, `Input validation failed (Value Errors: [''${value}' is not a valid address'])`);
    records.add(zone, { ...set, value, ...(meta === undefined ? {} : { extra: { meta } }) });
  }
  return full(zone, set.name, set.type);
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-nsone-key'] !== KEY) says(401, 'Unauthorized');
  },
  absent: reply(404, { message: 'not found' }),
  routes: {
    'GET /v1/zones': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ id, name }) => ({ id, zone: name, ttl: 3600, primary: { enabled: false, secondaries: [] } })),
      ),
    'GET /v1/zones/:zone': (visit) => ({ zone: checked(visit).name, ttl: 3600, records: records.sets(visit.zone).map(short) }),
    'GET /v1/zones/:zone/:name/:type'(visit) {
      const { name, type } = find(visit);
      return full(visit.zone, name, type);
    },
    'PUT /v1/zones/:zone/:name/:type'(visit) {
      const zone = checked(visit);
      const { domain: name, type, ttl = 3600, answers } = visit.json();
      if (records.of(zone, name, type).length > 0) says(400, 'record already exists');
      return put(zone, { name, type, ttl }, answers);
    },
    'POST /v1/zones/:zone/:name/:type'(visit) {
      const { name, type, ttl } = find(visit);
      const sent = visit.json();
      return put(visit.zone, { name, type, ttl: sent.ttl ?? ttl }, sent.answers);
    },
    'DELETE /v1/zones/:zone/:name/:type'(visit) {
      records.put(visit.zone, { ...find(visit), values: [] });
      return {};
    },
  },
});

const write = { kind: 'write', name: 'localhost.example.com', type: 'A', values: ['127.0.0.1'] } as const;
const shown =
  '{"domain":"localhost.example.com","zone":"example.com","use_client_subnet":true,"answers":[{"answer":["127.0.0.1"],"id":"5ab7b702a632f60001b0b498"}],"id":"5ab7b702a632f60001b0b499","regions":{},"meta":{},"link":null,"filters":[],"ttl":3600,"tier":1,"type":"A","networks":[0]}\n';

export const contract: Contract = {
  options: { key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  extra: { meta: { note: 'the box in the cellar' } },
  budget: { one: 3, thousand: 1005 },
  documented: [
    {
      title: 'a record that is not there',
      page: RECORDED,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/v1\/zones\/example\.com\/localhost\.example\.com\/A$/ },
      reply: { status: 404, body: '{"message":"record not found"}\n' },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: RECORDED,
      act: write,
      request: {
        method: 'PUT',
        path: /\/v1\/zones\/example\.com\/localhost\.example\.com\/A$/,
        body: { domain: 'localhost.example.com', type: 'A', answers: [{ answer: ['127.0.0.1'] }], zone: 'example.com' },
      },
      reply: { status: 200, body: shown },
      ends: 'ok',
    },
    {
      title: 'change a record, and keep what hangs on its answer',
      page: RECORDED,
      given: [{ name: 'localhost.example.com', type: 'A', value: '203.0.113.1', ttl: 3600, extra: { meta: { note: 'the box in the cellar' } } }],
      act: write,
      request: { method: 'POST', path: /\/localhost\.example\.com\/A$/, body: { answers: [{ answer: ['127.0.0.1'], meta: { note: 'the box in the cellar' } }] } },
      reply: { status: 200, body: shown },
      ends: 'ok',
    },
    {
      title: 'a zone that is not there',
      page: RECORDED,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/localhost\.example\.com\/A$/ },
      reply: { status: 404, body: '{"message":"zone not found"}\n' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://developer.ibm.com/apis/catalog/ns1--ibm-ns1-connect-api',
      act: write,
      request: { method: 'GET', path: /\/v1\/zones$/ },
      reply: { status: 401, body: '{"message":"Unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: RECORDED,
      act: write,
      request: { method: 'PUT', path: /\/localhost\.example\.com\/A$/ },
      reply: {
        status: 429,
        headers: { 'x-ratelimit-by': 'customer', 'x-ratelimit-limit': '100', 'x-ratelimit-period': '200', 'x-ratelimit-remaining': '0' },
        body: '{"message":"rate limit exceeded"}',
      },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
