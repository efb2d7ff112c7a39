/** ArvanCloud's DNS over records in memory, and exchanges as recorded traffic shows them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, pageAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '5f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c';
const PAGE = 'https://www.arvancloud.ir/api/cdn/4.0';

type Held = ReturnType<typeof records.sets>[number];
/** The id of a set says which it is. */
const idOf = ({ name, type }: Pick<Held, 'name' | 'type'>): string => Buffer.from(`${name} ${type}`).toString('hex');
const missing = () => refuse(404, { message: 'Not found.' });

function show(zone: FakeZone, { name, type, ttl, extra }: Held): object {
  const lines = records.of(zone, name, type);
  const value = type !== 'A' && type !== 'AAAA' ? { text: lines[0]?.value } : lines.map(({ value, extra: own }) => ({ ip: value, port: null, weight: own?.['weight'] ?? 100, country: '' }));
  return {
    id: idOf({ name, type }),
    type: type.toLowerCase(),
    name: hostOf(name, zone, '@'),
    value,
    ttl,
    cloud: extra?.['cloud'] ?? false,
    upstream_https: extra?.['upstream_https'] ?? 'default',
    ip_filter_mode: { count: 'single', order: 'none', geo_filter: 'none' },
    can_delete: true,
    health_check_status: false,
    created_at: '2020-05-19T15:05:12Z',
    updated_at: '2020-05-23T22:06:00Z',
  };
}

function listing(items: readonly object[], visit: Visit): object {
  const { items: data, page, pages, total, size } = pageAsked(items, visit, { size: 'per_page', usual: 300, most: 300 });
  return { data, links: { next: null }, meta: { current_page: page, from: 1, last_page: pages, per_page: size, to: data.length, total } };
}

function put({ zone, json }: Visit): object {
  const { name: host, type: lower, ttl, value, cloud, upstream_https } = json();
  const [name, type] = [nameOf(host, zone), lower.toUpperCase()];
  if (value.length === 0 || value.some(({ ip }: { ip: string }) => !holds(type, ip)) || ttl < 120)
    refuse(422, { message: 'The given data was invalid.', errors: { value: ['The value is invalid.'] } });
  const others = zone.records.filter((record) => record.name !== name || record.type !== type);
  const made = value.map(
    ({ ip, weight }: { ip: string; weight: number }): FakeRecord => ({ id: zone.nextId(), name, type, value: ip, ttl, extra: { weight, cloud, upstream_https: upstream_https ?? 'default' } }),
  );
  zone.records = [...others, ...made];
  return show(zone, records.sets(zone).find((set) => set.name === name && set.type === type) ?? missing());
}

const api = fakeApi({
  guard({ request, params, zone }) {
    if (request.headers['authorization'] !== `Apikey ${KEY}`) refuse(401, { message: 'Unauthenticated.' });
    if (params['zone'] !== undefined && params['zone'] !== zone.name) missing();
  },
  routes: {
    'GET /cdn/4.0/domains': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ id, name }) => ({ id, domain: name, name, status: 'active' })),
        visit,
      ),
    'GET /cdn/4.0/domains/:zone/dns-records': (visit) =>
      listing(
        records.sets(visit.zone).map((set) => show(visit.zone, set)),
        visit,
      ),
    'POST /cdn/4.0/domains/:zone/dns-records'(visit) {
      const { name, type } = visit.json();
      if (records.of(visit.zone, nameOf(name, visit.zone), type.toUpperCase()).length > 0) refuse(422, { message: 'The record exists.' });
      return reply(201, { data: put(visit), message: 'DNS record created successfully' });
    },
    'PUT /cdn/4.0/domains/:zone/dns-records/:id'(visit) {
      if (!records.sets(visit.zone).some((set) => idOf(set) === visit.params['id'])) missing();
      return reply(200, { data: put(visit), message: 'DNS record updated successfully' });
    },
    'DELETE /cdn/4.0/domains/:zone/dns-records/:id'({ zone, params }) {
      const set = records.sets(zone).find((one) => idOf(one) === params['id']) ?? missing();
      records.put(zone, { ...set, values: [] });
      return reply(200, { message: 'DNS record deleted successfully' });
    },
  },
});

const write = { kind: 'write', name: 'thatcher.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const listed = { method: 'GET', path: /\/dns-records\?/ } as const;
const record = (type: string, name: string, value: object) => ({
  id: 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
  type,
  name,
  value,
  ttl: 120,
  cloud: false,
  upstream_https: 'default',
  ip_filter_mode: { count: 'single', order: 'none', geo_filter: 'none' },
  can_delete: true,
});
const meta = { current_page: 1, from: 1, last_page: 1, per_page: 300, to: 8, total: 8 };

export const contract: Contract = {
  options: { key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  extra: { weight: 50, cloud: true, upstream_https: 'https' },
  budget: { one: 3, thousand: 1006 },
  documented: [
    {
      title: 'the records of a domain',
      page: PAGE,
      given: [
        { name: 'thatcher.example.com', type: 'A', value: '203.0.113.9', ttl: 120 },
        { name: 'test.example.com', type: 'TXT', value: 'test', ttl: 120 },
      ],
      act: { kind: 'read', name: 'thatcher.example.com', type: 'A' },
      request: listed,
      reply: { status: 200, body: JSON.stringify({ data: [record('a', 'thatcher', [{ ip: '203.0.113.9', port: null, weight: 100, country: '' }]), record('txt', 'test', { text: 'test' })], meta }) },
      ends: 'ok',
    },
    {
      title: 'a record is created',
      page: PAGE,
      act: { ...write, ttl: 120 },
      request: { method: 'POST', path: /\/dns-records$/, body: { type: 'a', name: 'thatcher', ttl: 120, cloud: false, value: [{ ip: '198.51.100.4', port: null, weight: 100, country: '' }] } },
      reply: { status: 201, body: JSON.stringify({ data: record('a', 'thatcher', [{ ip: '198.51.100.4', port: null, weight: 100, country: '' }]), message: 'DNS record created successfully' }) },
      ends: 'ok',
    },
    {
      title: 'a record that differs by country is left alone',
      page: PAGE,
      act: write,
      request: listed,
      reply: { status: 200, body: JSON.stringify({ data: [record('a', 'thatcher', [{ ip: '203.0.113.9', port: null, weight: 100, country: 'IR' }])], meta }) },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/domains\?/ },
      reply: { status: 401, body: '{"message":"Unauthenticated."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    { title: 'a domain that is gone', page: PAGE, act: write, request: listed, reply: { status: 404, body: '{"message":"Not found."}' }, ends: 'refused', fake: 'unasked' },
  ],
};
