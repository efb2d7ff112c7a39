/** mittwald's names over records in memory, and exchanges as its pages and recorded traffic show them. */
import { type Contract, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '5f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c:c3b2a19f8e7d6c5b4a39';
const PAGE = 'https://developer.mittwald.de/docs/v2/reference/domain/dns-update-record-set';
const PROJECTS = ['0a0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c', '1f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c'];

/** The id of a name says which it is. */
const idOf = (name: string): string => Buffer.from(name).toString('hex');
const nameOf = (id = ''): string => Buffer.from(id, 'hex').toString();
/** 0 stands for a TTL that mittwald chooses. */
const ttlOf = (ttl = 0): object => ({ ttl: ttl === 0 ? { auto: true } : { seconds: ttl } });

function show(zone: FakeZone, name: string): object {
  const [a, aaaa] = [records.of(zone, name, 'A'), records.of(zone, name, 'AAAA')];
  const [first] = [...a, ...aaaa];
  const texts = records.of(zone, name, 'TXT');
  const combinedARecords = first ? { a: a.map(({ value }) => value), aaaa: aaaa.map(({ value }) => value), settings: ttlOf(first.ttl) } : {};
  return {
    id: idOf(name),
    domain: name,
    recordSet: { combinedARecords, cname: {}, mx: {}, srv: {}, caa: {}, txt: texts.length === 0 ? {} : { entries: texts.map(({ value }) => value), settings: ttlOf() } },
  };
}

const page = (items: readonly object[], { query }: Visit, most: number) => {
  const skip = Number(query.get('skip') ?? 0);
  return reply(200, items.slice(skip, skip + Math.min(Number(query.get('limit') ?? most), most)), { 'x-pagination-totalcount': String(items.length) });
};
const missing = () => refuse(404, { type: 'NotFound', message: 'zone not found' });

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { type: 'Unauthenticated', message: 'access token is invalid' });
  },
  routes: {
    // Projects are larger than names, so that fewer of them are on a page.
    'GET /v2/projects': (visit) =>
      page(
        PROJECTS.map((id) => ({ id, shortId: `p-${id.slice(0, 6)}`, description: 'a project' })),
        visit,
        Math.ceil(visit.pageSize / 3),
      ),
    'GET /v2/projects/:project/dns-zones'(visit) {
      const { zone, params } = visit;
      if (params['project'] !== PROJECTS[1]) return PROJECTS.includes(params['project'] ?? '') ? page([], visit, visit.pageSize) : missing();
      const names = new Set([...zonesOf(zone).map(({ name }) => name), ...zone.records.map(({ name }) => name)]);
      return page(
        [...names].map((name) => show(zone, name)),
        visit,
        visit.pageSize,
      );
    },
    'POST /v2/dns-zones'({ zone, json }) {
      const { name, parentZoneId } = json();
      if (nameOf(parentZoneId) !== zone.name) missing();
      return reply(201, { id: idOf(`${name}.${zone.name}`) }, { etag: '1' });
    },
    'PUT /v2/dns-zones/:id/record-sets/a'({ zone, params, json }) {
      const { a = [], aaaa = [], settings } = json();
      const name = nameOf(params['id']);
      if (name !== zone.name && !name.endsWith(`.${zone.name}`)) missing();
      if (records.of(zone, name, 'CNAME').length > 0) refuse(412, { type: 'VError', message: `zone for domain '${name}' contains a CNAME record` });
      const wrong = [...a.map((value: string) => holds('A', value)), ...aaaa.map((value: string) => holds('AAAA', value))].includes(false);
      const seconds = settings?.ttl?.seconds ?? 0;
      if (wrong || (seconds !== 0 && (seconds < 60 || seconds > 86_400)))
        refuse(400, { type: 'ValidationError', message: 'request validation failed', validationErrors: [{ path: '/a/0', message: 'must match format' }] });
      records.put(zone, { name, type: 'A', values: a, ttl: seconds });
      records.put(zone, { name, type: 'AAAA', values: aaaa, ttl: seconds });
      return reply(204, undefined, { etag: '2' });
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const put = { method: 'PUT', path: /^\/v2\/dns-zones\/[^/]+\/record-sets\/a$/ } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 5, thousand: 1004 },
  documented: [
    {
      title: 'both families of a name are put at once',
      page: PAGE,
      given: [
        { name: 'home.example.com', type: 'A', value: '203.0.113.9', ttl: 0 },
        { name: 'home.example.com', type: 'AAAA', value: '2001:0DB8::1', ttl: 0 },
        { name: 'home.example.com', type: 'AAAA', value: '2001:0DB8::2', ttl: 0 },
      ],
      act: { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.1', '203.0.113.2'] },
      request: { ...put, body: { a: ['203.0.113.1', '203.0.113.2'], aaaa: ['2001:0DB8::1', '2001:0DB8::2'], settings: { ttl: { auto: true } } } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a new name is made first',
      page: 'https://developer.mittwald.de/docs/v2/reference/domain/dns-create-dns-zone',
      act: write,
      request: { method: 'POST', path: /^\/v2\/dns-zones$/, body: { name: 'home' } },
      reply: { status: 201, body: '{"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6"}' },
      // That name is unknown to the fake, and asked for until time is up.
      ends: 'unavailable',
    },
    {
      title: 'a set that mittwald manages is left alone',
      page: 'https://developer.mittwald.de/docs/v2/reference/domain/dns-set-record-set-managed',
      act: { ...write, name: 'example.com' },
      request: { method: 'GET', path: new RegExp(`/projects/${PROJECTS[1]}/dns-zones$`) },
      reply: {
        status: 200,
        body: '[{"domain":"example.com","id":"00000000-0000-0000-0000-000000000001","recordSet":{"mx":{"managed":true},"combinedARecords":{"managedBy":{"ingressId":"00000000-0000-0000-0000-000000000002"}},"cname":{},"txt":{"settings":{"ttl":{"auto":true}},"entries":["v=spf1 include:agenturserver.de ~all"]},"srv":{},"caa":{}}}]',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'the last change is not known everywhere yet',
      page: 'https://developer.mittwald.de/docs/v2/api/intro',
      given: [{ name: 'home.example.com', type: 'A', value: '203.0.113.9', ttl: 300 }],
      act: write,
      request: put,
      reply: { status: 412, body: '{"params":{"traceId":"0"},"message":"lastEventID not reached","type":"FailedPrecondition"}' },
      ends: 'unavailable',
      fake: 'unasked',
    },
    {
      title: 'something went wrong there',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/v2\/projects\?/ },
      reply: { status: 500, body: '{"message":"Something went wrong","type":"InternalServerError"}' },
      ends: 'unavailable',
      fake: 'unasked',
    },
  ],
};
