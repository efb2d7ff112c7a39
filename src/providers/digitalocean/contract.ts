/** DigitalOcean's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'dop_v1_5f0c1e9d8b7a6f5e4d3c2b1a';
const PAGE = 'https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records';

const notFound = () => refuse(404, { id: 'not_found', message: 'The resource you were accessing could not be found.' });
/** Ids are numbers. */
const number = (id: string): number => Number.parseInt(id, 16);
const byNumber = (zone: FakeZone, id = ''): string => zone.records.find((record) => number(record.id) === Number(id))?.id ?? notFound();

const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id: number(id),
  type,
  name: name === zone.name ? '@' : name.slice(0, -zone.name.length - 1),
  data: value,
  priority: null,
  port: null,
  ttl,
  weight: null,
  flags: null,
  tag: null,
  ...extra,
});

function listing(key: string, items: readonly object[], { query, request, pageSize }: Visit): object {
  const page = pageOf(items, { page: Number(query.get('page') ?? 1), size: Math.min(Number(query.get('per_page') ?? 20), 200, pageSize) });
  const next = new URL(request.url);
  next.searchParams.set('page', String(page.page + 1));
  return { [key]: page.items, links: page.page < page.pages ? { pages: { next: next.href } } : {}, meta: { total: page.total } };
}

const check = (type: string, value: unknown): void => {
  if (type === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(String(value))) refuse(422, { id: 'unprocessable_entity', message: 'IP address did not match IPv4 format (e.g. 127.0.0.1).' });
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { id: 'unauthorized', message: 'Unable to authenticate you' });
  },
  absent: reply(404, { id: 'not_found', message: 'The resource you were accessing could not be found.' }),
  routes: {
    'GET /v2/domains': (visit) =>
      listing(
        'domains',
        zonesOf(visit.zone).map(({ name }) => ({ name, ttl: 1800, zone_file: '' })),
        visit,
      ),
    'GET /v2/domains/:domain/records': (visit) =>
      visit.params['domain'] === visit.zone.name
        ? listing(
            'domain_records',
            visit.zone.records.map((record) => show(visit.zone, record)),
            visit,
          )
        : notFound(),
    'POST /v2/domains/:domain/records'({ zone, json }) {
      const { type, name, data, ttl = 1800 } = json();
      check(type, data);
      return reply(201, { domain_record: show(zone, records.add(zone, { name: nameOf(name, zone), type, value: data, ttl })) });
    },
    'PATCH /v2/domains/:domain/records/:id'({ zone, params, json }) {
      const { type, data, ttl } = json();
      const record = records.find(zone, byNumber(zone, params['id'])) ?? notFound();
      if (type === undefined) refuse(422, { id: 'unprocessable_entity', message: 'Type is required' });
      if (data !== undefined) check(type, data);
      return { domain_record: show(zone, records.change(zone, record.id, { value: data ?? record.value, ttl: ttl ?? record.ttl }) ?? notFound()) };
    },
    'DELETE /v2/domains/:domain/records/:id'({ zone, params }) {
      records.remove(zone, byNumber(zone, params['id']));
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 1800 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1030 },
  documented: [
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 1800 },
      request: { method: 'POST', path: /\/v2\/domains\/example\.com\/records$/, body: { type: 'A', name: 'home', data: '198.51.100.4', ttl: 1800 } },
      reply: { status: 201, body: '{"domain_record":{"id":28448433,"type":"A","name":"home","data":"198.51.100.4","priority":null,"port":null,"ttl":1800,"weight":null,"flags":null,"tag":null}}' },
      ends: 'ok',
    },
    {
      title: 'change the data of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/records\/\d+$/, body: { type: 'A', data: '198.51.100.4' } },
      reply: { status: 200, body: '{"domain_record":{"id":1,"type":"A","name":"home","data":"198.51.100.4","priority":null,"port":null,"ttl":1800,"weight":null,"flags":null,"tag":null}}' },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: 'https://docs.digitalocean.com/reference/api/digitalocean/#section/Introduction/HTTP-Statuses',
      act: write,
      request: { method: 'GET', path: /\/v2\/domains/ },
      reply: { status: 401, body: '{"id":"unauthorized","message":"Unable to authenticate you"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'an address that is none',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 422, body: '{"id":"unprocessable_entity","message":"IP address did not match IPv4 format (e.g. 127.0.0.1)."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://docs.digitalocean.com/reference/api/digitalocean/#section/Introduction/Rate-Limit',
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 429, headers: { 'retry-after': '60' }, body: '{"id":"too_many_requests","message":"API Rate limit exceeded."}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
