/** Selectel's DNS over records in memory, and exchanges as its pages show them. */
import { type Contract, type FakeZone, fakeApi, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const PASSWORD = 'q5f0C1e9d8b7a6f5e4d3c2b1!';
const TOKEN = 'gAAAAABm5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4';
const PAGE = 'https://developers.selectel.com/docs/cloud-services/dns_api/dns_api_actual/';

const fail = (status: number, error: string, description: string) => refuse(status, { error, description, location: 'body', code: status });
type Held = ReturnType<typeof records.sets>[number];
/** The id of a set is that of its first record, and stays. */
const ids = new Map<string, string>();
function idOf(zone: FakeZone, { name, type }: Held): string {
  const key = `${zone.id} ${name} ${type}`;
  const id = ids.get(key) ?? `rrset-${ids.size + 1}`;
  ids.set(key, id);
  return id;
}
const show = (zone: FakeZone, set: Held): object => ({
  id: idOf(zone, set),
  zone_id: zone.id,
  name: `${set.name}.`,
  type: set.type,
  ttl: set.ttl,
  managed_by: null,
  comment: '',
  records: set.values.map((content) => ({ content, disabled: false })),
  ...set.extra,
});

/** `next_offset` is 0 where nothing follows. */
function page(items: readonly object[], { query, pageSize }: Visit): object {
  const offset = Number(query.get('offset') ?? 0);
  const size = Math.min(Number(query.get('limit') ?? 10), 1000, pageSize);
  const result = items.slice(offset, offset + size);
  return { count: items.length, next_offset: offset + size < items.length ? offset + size : 0, result };
}
function inside({ zone, params }: Visit): FakeZone {
  return params['zone'] === zone.id ? zone : fail(404, 'zone_not_found', 'Zone not found');
}
const find = (zone: FakeZone, { params }: Visit): Held => records.sets(zone).find((set) => idOf(zone, set) === params['id']) ?? fail(404, 'rrset_not_found', 'RRSet not found');
function addresses({ type, ttl, records: wanted }: { readonly type: string; readonly ttl: number; readonly records: readonly { readonly content: string }[] }): readonly string[] {
  if (!(ttl >= 60 && ttl <= 604_800)) fail(400, 'bad_request', 'ttl must be between 60 and 604800');
  const bad = type === 'A' ? wanted.find(({ content }) => !/^\d+\.\d+\.\d+\.\d+$/.test(content)) : undefined;
  if (bad) fail(400, 'bad_request', `bad record content ${bad.content}`);
  return wanted.map(({ content }) => content);
}

const api = fakeApi({
  guard({ request }) {
    if (!request.url.endsWith('/identity/v3/auth/tokens') && request.headers['x-auth-token'] !== TOKEN) fail(401, 'unauthorized', 'Unauthorized');
  },
  routes: {
    'POST /identity/v3/auth/tokens'({ json }) {
      const { identity, scope } = json().auth;
      const { user } = identity.password;
      if (user.name !== 'ddns' || user.password !== PASSWORD || user.domain.name !== '123456' || scope.project.name !== 'dns')
        refuse(401, { error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } });
      return reply(201, { token: { methods: ['password'], expires_at: '2026-11-23T10:00:00.000000Z' } }, { 'x-subject-token': TOKEN });
    },
    'GET /domains/v2/zones'(visit) {
      const filter = visit.query.get('filter');
      const zones = zonesOf(visit.zone).map(({ id, name }) => ({ id, name: `${name}.`, comment: '', disabled: false }));
      return page(
        zones.filter(({ name }) => filter === null || name.includes(filter)),
        visit,
      );
    },
    'GET /domains/v2/zones/:zone/rrset'(visit) {
      const zone = inside(visit);
      const [name, types] = [visit.query.get('name'), visit.query.get('rrset_types')?.split(',')];
      const some = records.sets(zone).filter((set) => (name === null || `${set.name}.` === name) && (types === undefined || types.includes(set.type)));
      return page(
        some.map((set) => show(zone, set)),
        visit,
      );
    },
    'POST /domains/v2/zones/:zone/rrset'(visit) {
      const zone = inside(visit);
      const wanted = visit.json();
      const name = String(wanted.name).slice(0, -1);
      if (records.of(zone, name, wanted.type).length > 0) fail(409, 'conflict', 'RRSet already exists');
      records.put(zone, { name, type: wanted.type, ttl: wanted.ttl, values: addresses(wanted) });
      return show(zone, records.sets(zone).find((set) => set.name === name && set.type === wanted.type) as Held);
    },
    'PATCH /domains/v2/zones/:zone/rrset/:id'(visit) {
      const zone = inside(visit);
      const { name, type } = find(zone, visit);
      const wanted = visit.json();
      const values = addresses({ type, ...wanted });
      // What is not sent is dropped.
      records.put(zone, { name, type, ttl: wanted.ttl, values, extra: wanted.comment ? { comment: wanted.comment } : {} });
      return reply(204);
    },
    'DELETE /domains/v2/zones/:zone/rrset/:id'(visit) {
      const zone = inside(visit);
      records.put(zone, { ...find(zone, visit), values: [] });
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { username: 'ddns', password: PASSWORD, accountId: '123456', project: 'dns' },
  secretOptions: ['password'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  extra: { comment: 'the box in the hall' },
  budget: { one: 4, thousand: 1004 },
  documented: [
    {
      title: 'the zones',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/domains\/v2\/zones\?/ },
      reply: { status: 200, body: '{"count":1,"next_offset":null,"result":[{"id":"5f0c1e9d-8b7a-6f5e-4d3c-2b1a0f9e8d7c","name":"example.org."}]}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'create a set',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /\/domains\/v2\/zones\/[^/]+\/rrset$/, body: { name: 'home.example.com.', type: 'A', ttl: 300, records: [{ content: '198.51.100.4' }] } },
      reply: {
        status: 200,
        body: '{"id":"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0","zone_id":"5f0c1e9d-8b7a-6f5e-4d3c-2b1a0f9e8d7c","name":"home.example.com.","type":"A","ttl":300,"comment":"","records":[{"content":"198.51.100.4","disabled":false}]}',
      },
      ends: 'ok',
    },
    {
      title: 'change a set',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/domains\/v2\/zones\/[^/]+\/rrset\/[^/]+$/, body: { ttl: 300, records: [{ content: '198.51.100.4' }] } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a wrong password',
      page: 'https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization',
      act: write,
      request: { method: 'POST', path: /\/identity\/v3\/auth\/tokens$/ },
      reply: { status: 401, body: '{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'an address that is none',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/rrset$/ },
      reply: { status: 400, body: '{"error":"bad_request","description":"bad record content","location":"body","code":400}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
