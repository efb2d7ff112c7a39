/** Liara DNS over records in memory. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.c3b2a19f8e7d6c5b.4a39281706f5e4d3';
const PAGE = 'https://openapi.liara.ir/?urls.primaryName=DNS';

type Held = ReturnType<typeof records.sets>[number];
/** The id of a set says which it is. */
const idOf = ({ name, type }: Pick<Held, 'name' | 'type'>): string => Buffer.from(`${name} ${type}`).toString('hex');
const show = (zone: FakeZone, set: Held): object => ({
  id: idOf(set),
  name: hostOf(set.name, zone, '@'),
  type: set.type,
  ttl: set.ttl,
  contents: set.values.map((value) => ({ [set.type === 'A' || set.type === 'AAAA' ? 'ip' : set.type === 'TXT' ? 'text' : 'host']: value })),
});
const missing = () => refuse(404, { statusCode: 404, error: 'Not Found', message: 'Zone does not exists.' });
const find = ({ zone, params }: Visit): Held => records.sets(zone).find((set) => idOf(set) === params['id']) ?? missing();

function put({ zone, json }: Visit): object {
  const { name, type, ttl, contents } = json();
  const values: string[] = contents.map(({ ip }: { ip: string }) => ip);
  if (values.length === 0 || values.some((value) => !holds(type, value)) || ttl < 120) refuse(400, { statusCode: 400, error: 'Bad Request', message: ['contents.0.ip must be an ip address'] });
  const set = { name: nameOf(name, zone), type, values, ttl };
  records.put(zone, set);
  return { status: 'success', data: show(zone, set) };
}

const api = fakeApi({
  guard({ request, params, zone }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { statusCode: 401, error: 'Unauthorized', message: 'Invalid token missing header' });
    if (params['zone'] !== undefined && params['zone'] !== zone.name) missing();
  },
  routes: {
    'GET /api/v1/zones': ({ zone }) => reply(200, { status: 'success', data: zonesOf(zone).map(({ name }) => ({ name, status: 'ACTIVE' })) }),
    'GET /api/v1/zones/:zone/dns-records': ({ zone }) => reply(200, { status: 'success', data: records.sets(zone).map((set) => show(zone, set)) }),
    'POST /api/v1/zones/:zone/dns-records'(visit) {
      const { name, type } = visit.json();
      if (records.of(visit.zone, nameOf(name, visit.zone), type).length > 0) refuse(409, { statusCode: 409, error: 'Conflict', message: 'the record exists' });
      return reply(201, put(visit));
    },
    'PUT /api/v1/zones/:zone/dns-records/:id'(visit) {
      find(visit);
      return reply(200, put(visit));
    },
    'DELETE /api/v1/zones/:zone/dns-records/:id'(visit) {
      records.put(visit.zone, { ...find(visit), values: [] });
      return reply(204);
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/api\/v1\/zones$/ },
      reply: { status: 401, body: '{"statusCode":401,"error":"Unauthorized","message":"Invalid token missing header"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    { title: 'a zone that is gone', page: PAGE, act: write, request: { method: 'GET', path: /\/dns-records$/ }, reply: { status: 404, body: '' }, ends: 'refused', fake: 'unasked' },
    {
      title: 'a set that somebody else made meanwhile',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/dns-records$/ },
      reply: { status: 409, body: '' },
      ends: 'conflict',
      fake: 'unasked',
    },
  ],
};
