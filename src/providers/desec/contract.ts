/** deSEC's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, type HttpReply, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'mu4W4MHuSc0Hy-GD1h_dnKuZBond';
const PAGE = 'https://desec.readthedocs.io/en/latest/dns/rrsets.html';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/desec';
const LOWEST_TTL = 60;

type Held = ReturnType<typeof records.sets>[number];
const show = (zone: FakeZone, { name, type, values, ttl }: Held) => ({
  created: '2019-09-18T16:32:16.510368Z',
  domain: zone.name,
  subname: hostOf(name, zone, ''),
  name: `${name}.`,
  records: values,
  ttl,
  type,
  touched: '2020-04-06T09:24:09.987436Z',
});

/** One page of at most 500; without a cursor more than that are refused. */
function listing(items: readonly object[], { query, request, pageSize }: Visit): HttpReply {
  const size = Math.min(500, pageSize);
  if (!query.has('cursor') && items.length > size) refuse(400, { detail: 'Pagination required. You can query up to 500 items at a time.' });
  const from = Number(query.get('cursor') || 0);
  const first = new URL(request.url);
  first.searchParams.set('cursor', '');
  const next = new URL(request.url);
  next.searchParams.set('cursor', String(from + size));
  const link = `<${first.href}>; rel="first"${from + size < items.length ? `, <${next.href}>; rel="next"` : ''}`;
  return reply(200, items.slice(from, from + size), { link });
}

const mine = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : refuse(404, { detail: 'No Domain matches the given query.' }));

/** What is wrong with one set of a bulk request; `{}`: nothing. */
function wrong(zone: FakeZone, { subname, type, ttl, records: values }: { subname: string; type: string; ttl?: number; records?: readonly string[] }): object {
  if (ttl !== undefined && ttl < LOWEST_TTL) return { ttl: [`Ensure this value is greater than or equal to ${LOWEST_TTL}.`] };
  if (records.of(zone, nameOf(subname, zone), type).length === 0 && (ttl === undefined || values === undefined)) return { ttl: ['This field is required.'] };
  if (type === 'A' && values?.some((value) => !/^\d+\.\d+\.\d+\.\d+$/.test(value))) return { records: ['Record content is malformed: invalid IPv4 address'] };
  return {};
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Token ${TOKEN}`) refuse(401, { detail: 'Invalid token.' });
  },
  absent: reply(404, { detail: 'Not found.' }),
  routes: {
    'GET /api/v1/domains/': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ name }) => ({ name, minimum_ttl: LOWEST_TTL })),
        visit,
      ),
    'GET /api/v1/domains/:domain/rrsets/'(visit) {
      const type = visit.query.get('type');
      const sets = records.sets(mine(visit)).filter((set) => type === null || set.type === type);
      return listing(
        sets.map((set) => show(visit.zone, set)),
        visit,
      );
    },
    'GET /api/v1/domains/:domain/rrsets/:subname/:type/'(visit) {
      const set = records.sets(mine(visit)).find(({ name, type }) => name === nameOf(visit.params['subname'] ?? '', visit.zone) && type === visit.params['type']);
      return set ? show(visit.zone, set) : refuse(404, { detail: 'No RRset matches the given query.' });
    },
    'PATCH /api/v1/domains/:domain/rrsets/'(visit) {
      const zone = mine(visit);
      const sets: readonly { subname: string; type: string; ttl?: number; records?: readonly string[] }[] = visit.json();
      const faults = sets.map((set) => wrong(zone, set));
      if (faults.some((fault) => Object.keys(fault).length > 0)) refuse(400, faults);
      const shown = sets.flatMap(({ subname, type, ttl, records: values }) => {
        const name = nameOf(subname, zone);
        const [old] = records.of(zone, name, type);
        const set = { name, type, values: values ?? records.of(zone, name, type).map(({ value }) => value), ttl: ttl ?? old?.ttl ?? 0 };
        records.put(zone, set);
        return set.values.length === 0 ? [] : [show(zone, set)];
      });
      return reply(200, shown);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const changed = {
  method: 'PATCH',
  path: /\/api\/v1\/domains\/example\.com\/rrsets\/$/,
  body: [{ subname: 'home', type: 'A', ttl: 3600, records: ['198.51.100.4'] }],
} as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 4 },
  documented: [
    {
      title: 'create a set',
      page: TRAFFIC,
      act: { ...write, ttl: 3600 },
      request: changed,
      reply: {
        status: 200,
        body: '[{"created":"2025-10-13T13:16:09.932758Z","domain":"example.com","subname":"home","name":"home.example.com.","records":["198.51.100.4"],"ttl":3600,"type":"A","touched":"2025-10-13T13:16:09.941526Z"}]',
      },
      ends: 'ok',
    },
    {
      title: 'change a set',
      page: PAGE,
      given: [home],
      act: write,
      request: changed,
      reply: {
        status: 200,
        body: '[{"created":"2019-09-18T16:32:16.510368Z","domain":"example.com","subname":"home","name":"home.example.com.","type":"A","records":["198.51.100.4"],"ttl":3600,"touched":"2020-04-06T09:24:09.987436Z"}]',
      },
      ends: 'ok',
    },
    {
      title: 'a set that is not there',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/rrsets\/home\/A\/$/ },
      reply: { status: 404, body: '{"detail":"No RRset matches the given query."}' },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: 'https://desec.readthedocs.io/en/latest/auth/tokens.html',
      act: write,
      request: { method: 'GET', path: /\/domains\// },
      reply: { status: 401, body: '{"detail":"Invalid token."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a TTL below the lowest of the zone',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'PATCH', path: /\/rrsets\/$/ },
      reply: { status: 400, body: '[{"ttl":["Ensure this value is greater than or equal to 3600."]}]' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: TRAFFIC,
      act: write,
      request: { method: 'PATCH', path: /\/rrsets\/$/ },
      reply: { status: 429, headers: { 'retry-after': '46' }, body: '{"detail":"Request was throttled. Expected available in 46 seconds."}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
