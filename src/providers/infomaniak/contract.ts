/** Infomaniak's API over records in memory, and exchanges as the tests of other programs and recorded traffic of an older version show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'Wn5e8kP2qR7tYxZ0aBcDfGhJ';
const OTHERS = 'https://github.com/go-acme/lego/tree/master/providers/dns/infomaniak/internal';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/infomaniak';

const fail = (status: number, code: string, description: string, errors?: readonly object[]) => refuse(status, { result: 'error', error: { code, description, ...(errors ? { errors } : {}) } });
const notFound = () => fail(404, 'object_not_found', 'Object not found');
const mine = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.name ? zone : notFound());
const named = (visit: Visit): FakeRecord => records.numbered(mine(visit), visit.params['id']) ?? notFound();
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({
  id: numberOf(id),
  source: hostOf(name, zone, '.'),
  type,
  ttl,
  target: value,
  updated_at: 1610096126,
  dyndns_id: null,
});
function listing(items: readonly object[], { query, pageSize }: Visit): object {
  const { items: data, ...page } = pageOf(items, { page: Number(query.get('page') ?? 1), size: Math.min(Number(query.get('per_page') ?? 5000), pageSize) });
  return { result: 'success', data, page: page.page, pages: page.pages, total: page.total, items_per_page: page.size };
}
function check(type: string, { target, ttl }: { readonly target?: string; readonly ttl?: number }): void {
  const wrong = (attribute: string) => fail(422, 'validation_failed', 'Validation failed', [{ code: 'invalid', description: `The ${attribute} is not valid.`, context: { attribute } }]);
  if (target !== undefined && !holds(type, target)) wrong('target');
  if (ttl !== undefined && (ttl < 60 || ttl > 86_400)) wrong('ttl');
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) fail(401, 'not_authorized', 'Authorization required');
  },
  routes: {
    'GET /1/products': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ name }, at) => ({ id: at + 1, account_id: 1578, service_id: 14, service_name: 'domain', customer_name: name })),
        visit,
      ),
    'GET /2/zones/:zone/records': (visit) =>
      listing(
        mine(visit).records.map((record) => show(visit.zone, record)),
        visit,
      ),
    'POST /2/zones/:zone/records'(visit) {
      const zone = mine(visit);
      const { source, type, target, ttl = 3600 } = visit.json();
      check(type, { target, ttl });
      return reply(201, { result: 'success', data: show(zone, records.add(zone, { name: nameOf(source === '.' ? '' : source, zone), type, value: target, ttl })) });
    },
    'PUT /2/zones/:zone/records/:id'(visit) {
      const { id, type } = named(visit);
      const { target, ttl } = visit.json();
      check(type, { target, ttl });
      records.change(visit.zone, id, { value: target, ttl });
      return { result: 'success', data: true };
    },
    'DELETE /2/zones/:zone/records/:id'(visit) {
      records.remove(visit.zone, named(visit).id);
      return { result: 'success', data: true };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  // 60 requests a minute: what is left is listed again in each of the rounds that a thousand take.
  budget: { one: 3, thousand: 1018 },
  documented: [
    {
      title: 'an attribute that is not right',
      page: `${OTHERS}/fixtures/errors.json`,
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: {
        status: 422,
        body: '{"result":"error","error":{"code":"validation_failed","description":"Validation failed","errors":[{"code":"attribute_required","description":"The name attribute is required","context":{"attribute":"name"}}]}}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'create a record',
      page: OTHERS,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /^\/2\/zones\/example\.com\/records$/, body: { source: 'home', type: 'A', target: '198.51.100.4', ttl: 300 } },
      reply: { status: 201, body: '{"result":"success","data":{"id":1,"source":"home","type":"A","ttl":300,"target":"198.51.100.4","updated_at":1610096126}}' },
      ends: 'ok',
    },
    {
      title: 'create a record, as an older version answers',
      page: TRAFFIC,
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 201, body: '{"result":"success","data":"10041059"}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'change a record',
      page: OTHERS,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/2\/zones\/example\.com\/records\/1$/, body: { target: '198.51.100.4', ttl: 3600 } },
      reply: { status: 200, body: '{"result":"success","data":true}' },
      ends: 'ok',
    },
    {
      title: 'a zone that is not there',
      page: OTHERS,
      act: write,
      request: { method: 'GET', path: /^\/2\/zones\// },
      reply: { status: 404, body: '{"result":"error","error":{"code":"object_not_found","description":"Object not found"}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known',
      page: OTHERS,
      act: write,
      request: { method: 'GET', path: /^\/1\/products/ },
      reply: { status: 401, body: '{"result":"error","error":{"code":"not_authorized","description":"Authorization required"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
