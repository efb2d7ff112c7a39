/** Spaceship's API over records in memory, and exchanges in the form its pages show. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, offsetAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'xK3vQ9sT7xW1zA5cE8gJ';
const SECRET = 'hB2mP4rU6yB0dF8hK3vQ9sT7xW1zA5cE8gJ2mP4r';
const PAGE = 'https://docs.spaceship.dev/#tag/DNS-records';

const invalid = (field: string, details: string) => refuse(422, { detail: 'Validation failed', data: [{ field, details }] }, { 'spaceship-error-code': 'validationFailed' });
const own = ({ zone, params }: Visit): void => {
  if (params['domain'] !== zone.name) refuse(404, { detail: 'Domain not found' }, { 'spaceship-error-code': 'domainNotFound' });
};
function listing(items: readonly object[], visit: Visit, most: number): object {
  const take = Number(visit.query.get('take'));
  if (!(take >= 1 && take <= most)) invalid('take', `must be from 1 to ${most}`);
  return offsetAsked(items, visit, { offset: 'skip', size: 'take', usual: most, most });
}

type Item = { readonly type: string; readonly name: string; readonly address: string; readonly ttl?: number };

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-api-key'] !== KEY || request.headers['x-api-secret'] !== SECRET) refuse(401, { detail: 'Unauthorized' }, { 'spaceship-error-code': 'unauthorized' });
  },
  routes: {
    'GET /api/v1/domains': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ name }) => ({ name, unicodeName: name })),
        visit,
        100,
      ),
    'GET /api/v1/dns/records/:domain'(visit) {
      own(visit);
      const shown = visit.zone.records.map(({ type, name, value, ttl }) => ({
        type,
        name: hostOf(name, visit.zone, '@'),
        ...(['A', 'AAAA'].includes(type) ? { address: value } : { value }),
        ttl,
        group: { type: 'custom' },
      }));
      return listing(shown, visit, 500);
    },
    'PUT /api/v1/dns/records/:domain'(visit) {
      own(visit);
      const { zone } = visit;
      for (const { type, name, address, ttl = 3600 } of visit.json().items as readonly Item[]) {
        if (!holds(type, address)) invalid('address', 'must be an IPv4 address');
        if (ttl < 60 || ttl > 3600) invalid('ttl', 'must be from 60 to 3600');
        const full = nameOf(name, zone);
        const there = records.of(zone, full, type).find(({ value }) => value === address);
        if (there) records.change(zone, there.id, { ttl });
        else records.add(zone, { name: full, type, value: address, ttl });
      }
      return reply(204);
    },
    'DELETE /api/v1/dns/records/:domain'(visit) {
      own(visit);
      const { zone } = visit;
      for (const { type, name, address } of visit.json() as readonly Item[]) {
        for (const { id, value } of records.of(zone, nameOf(name, zone), type)) if (value === address) records.remove(zone, id);
      }
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;

export const contract: Contract = {
  options: { key: KEY, secret: SECRET },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 7 },
  documented: [
    {
      title: 'save a record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'PUT', path: /^\/api\/v1\/dns\/records\/example\.com$/, body: { force: true, items: [{ type: 'A', name: 'home', address: '203.0.113.7', ttl: 300 }] } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'remove the old address after the new one is saved',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'DELETE', path: /^\/api\/v1\/dns\/records\/example\.com$/, body: [{ type: 'A', name: 'home', address: '203.0.113.1' }] },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a listing with a record that is no address',
      page: PAGE,
      given: [{ ...home, name: 'example.com', ttl: 3600 }],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/api\/v1\/dns\/records\/example\.com\?take=500&skip=0&orderBy=name$/ },
      reply: { status: 200, body: '{"items":[{"type":"A","name":"@","ttl":3600,"group":{"type":"custom"}}],"total":1}' },
      ends: 'ok',
    },
    {
      title: 'a name that is not valid',
      page: PAGE,
      act: write,
      request: { method: 'PUT', path: /^\/api\/v1\/dns\/records\/example\.com$/ },
      reply: { status: 422, headers: { 'spaceship-error-code': 'validation' }, body: '{"detail":"^$","data":[{"field":"name","details":"The domain name contains invalid characters"}]}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/api\/v1\/domains/ },
      reply: { status: 401, body: '{"detail":"Unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: PAGE,
      act: write,
      request: { method: 'PUT', path: /^\/api\/v1\/dns\/records\/example\.com$/ },
      reply: { status: 429, headers: { 'retry-after': '60' }, body: '{"detail":"Too many requests"}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
