/** PowerDNS's HTTP API over records in memory, and exchanges with a server of version 4.7. */
import { type Contract, type FakeZone, fakeApi, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const PAGE = 'https://doc.powerdns.com/authoritative/http-api/zone.html';
const BASE = '/api/v1/servers/localhost';

const rrset = ({ name, type, values, ttl, extra }: ReturnType<typeof records.sets>[number]) => ({
  name: `${name}.`,
  type,
  ttl,
  records: values.map((content) => ({ content, disabled: false })),
  comments: [],
  ...extra,
});

function inside({ zone, params }: Visit): FakeZone {
  if (params['zone'] !== `${zone.name}.`) refuse(404, { error: 'Not Found' });
  return zone;
}

type Wanted = { readonly name: string; readonly type: string; readonly ttl: number; readonly changetype: string; readonly records: readonly { readonly content: string }[] };

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-api-key'] !== KEY) refuse(401, { error: 'Unauthorized' });
  },
  absent: reply(404, { error: 'Not Found' }),
  routes: {
    [`GET ${BASE}/zones`]: ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ name }) => ({ id: `${name}.`, name: `${name}.`, kind: 'Native', url: `${BASE}/zones/${name}.` })),
      ),
    [`GET ${BASE}/zones/:zone`](visit) {
      const zone = inside(visit);
      // A set may have comments and no records.
      const noted = { name: `noted.${zone.name}.`, type: 'A', ttl: 0, records: [], comments: [{ content: 'a note', account: '', modified_at: 1 }] };
      return { id: `${zone.name}.`, name: `${zone.name}.`, kind: 'Native', rrsets: [...records.sets(zone).map(rrset), noted] };
    },
    [`PATCH ${BASE}/zones/:zone`](visit) {
      const zone = inside(visit);
      const seen = new Set<string>();
      for (const { name, type, ttl, changetype, records: values } of visit.json().rrsets as readonly Wanted[]) {
        if (!name.endsWith('.')) refuse(422, { error: `DNS Name '${name}' is not canonical` });
        const bare = name.slice(0, -1);
        if (bare !== zone.name && !bare.endsWith(`.${zone.name}`)) refuse(422, { error: `RRset ${name} IN ${type}: Name is out of zone` });
        if (seen.has(`${name} ${type}`)) refuse(422, { error: `Duplicate RRset ${name} IN ${type} with changetype: ${changetype}` });
        seen.add(`${name} ${type}`);
        const bad = type === 'A' ? values.find(({ content }) => !/^\d+\.\d+\.\d+\.\d+$/.test(content)) : undefined;
        if (bad) refuse(422, { error: `Record ${name}/A '${bad.content}': Parsing record content (try 'pdnsutil check-zone'): unable to parse IP address` });
        if (records.of(zone, bare, 'CNAME').length > 0) refuse(422, { error: `RRset ${name} IN ${type}: Conflicts with pre-existing RRset` });
        records.put(zone, { name: bare, type, ttl, values: changetype === 'DELETE' ? [] : values.map(({ content }) => content) });
      }
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { apiKey: KEY },
  secretOptions: ['apiKey'],
  zone: 'example.com',
  api,
  extra: { comments: [{ content: 'the box in the hall', account: 'admin', modified_at: 1_700_000_000 }] },
  budget: { one: 3, thousand: 3 },
  documented: [
    {
      title: 'a new value',
      page: PAGE,
      given: [home],
      act: write,
      request: {
        method: 'PATCH',
        path: /\/zones\/example\.com\.$/,
        body: { rrsets: [{ name: 'home.example.com.', type: 'A', ttl: 60, changetype: 'REPLACE', records: [{ content: '198.51.100.4', disabled: false }] }] },
      },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a set that goes',
      page: PAGE,
      given: [home],
      act: { ...write, values: [] },
      request: { method: 'PATCH', path: /\/zones\/example\.com\.$/, body: { rrsets: [{ name: 'home.example.com.', type: 'A', changetype: 'DELETE' }] } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a CNAME in the way',
      page: PAGE,
      given: [{ name: 'home.example.com', type: 'CNAME', value: 'www.example.com.', ttl: 60 }],
      act: { ...write, ttl: 60 },
      request: { method: 'PATCH', path: /\/zones\/example\.com\.$/ },
      reply: { status: 422, body: '{"error": "RRset home.example.com. IN A: Conflicts with pre-existing RRset"}' },
      ends: 'refused',
    },
    {
      title: 'a wrong key',
      page: 'https://doc.powerdns.com/authoritative/http-api/index.html#authentication',
      act: write,
      request: { method: 'GET', path: /\/zones\?/ },
      reply: { status: 401, body: '{"error": "Unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is gone',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/zones\/example\.com\.$/ },
      reply: { status: 404, body: '{"error": "Not Found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
