/** Scaleway's DNS over records in memory, and exchanges as its pages, its own SDK and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, pageAsked, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const SECRET_KEY = '5f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c';
const PAGE = 'https://www.scaleway.com/en/developers/api/domains-and-dns/#path-records-update-records-within-a-dns-zone';

const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id,
  name: hostOf(name, zone, ''),
  type,
  data: value,
  ttl,
  priority: 0,
  comment: null,
  geo_ip_config: null,
  http_service_config: null,
  weighted_config: null,
  view_config: null,
  ...extra,
});

// 403, although there is none.
const checked = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.name ? zone : refuse(403, { message: 'domain not found' }));
const invalid = (argument_name: string, help_message: string) =>
  refuse(400, { type: 'invalid_arguments', message: 'invalid argument(s)', details: [{ argument_name, reason: 'constraint', help_message }] });
const absent = (id: string) => refuse(404, { type: 'not_found', resource: 'record', resource_id: id, message: 'resource is not found' });

type Sent = { readonly name: string; readonly type: string; readonly data: string; readonly ttl: number; readonly comment?: string };
function recordOf(zone: FakeZone, { name, type, data, ttl, comment }: Sent): Omit<FakeRecord, 'id'> {
  if (!holds(type, data)) invalid('data', 'not an address');
  if (ttl < 60) invalid('ttl', 'must be at least 60');
  return { name: nameOf(name, zone), type, value: data, ttl, ...(comment === undefined ? {} : { extra: { comment } }) };
}

type Change = { readonly add?: { readonly records: readonly Sent[] }; readonly set?: { readonly id: string; readonly records: readonly Sent[] }; readonly delete?: { readonly id: string } };
function apply(zone: FakeZone, change: Change): readonly FakeRecord[] {
  const { add, set, delete: gone } = change;
  if (gone && !records.remove(zone, gone.id)) absent(gone.id);
  if (set) {
    const { id } = records.find(zone, set.id) ?? absent(set.id);
    const [sent] = set.records;
    const made = sent ? { ...recordOf(zone, sent), id } : invalid('records', 'required');
    zone.records = zone.records.map((record) => (record.id === id ? made : record));
    return [made];
  }
  return (add?.records ?? []).map((sent) => records.add(zone, recordOf(zone, sent)));
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-auth-token'] !== SECRET_KEY) refuse(401, { message: 'authentication is denied', method: 'api_key', reason: 'invalid_argument', type: 'denied_authentication' });
  },
  routes: {
    'GET /domain/v2beta1/dns-zones'(visit) {
      const { items, total } = pageAsked(zonesOf(visit.zone), visit, { size: 'page_size', usual: 20, most: 1000 });
      return { dns_zones: items.map(({ name }) => ({ domain: name, subdomain: '', status: 'active' })), total_count: total };
    },
    'GET /domain/v2beta1/dns-zones/:zone/records'(visit) {
      const zone = checked(visit);
      const host = visit.query.get('name');
      const found = zone.records.filter(({ name }) => host === null || name === nameOf(host, zone));
      const { items, total } = pageAsked(found, visit, { size: 'page_size', usual: 20, most: 1000 });
      return { records: items.map((record) => show(zone, record)), total_count: total };
    },
    'PATCH /domain/v2beta1/dns-zones/:zone/records'(visit) {
      const zone = checked(visit);
      const changes: readonly Change[] = visit.json().changes;
      return { records: changes.flatMap((change) => apply(zone, change)).map((record) => show(zone, record)) };
    },
  },
});

const write = { kind: 'write', name: 'www.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const shown = (ttl: number) =>
  `{"records":[{"id":"8b7a6f5e-4d3c-4b1a-8f9e-8d7c5f0c1e9d","name":"www","type":"A","data":"198.51.100.4","ttl":${ttl},"priority":0,"comment":null,"geo_ip_config":null,"http_service_config":null,"weighted_config":null,"view_config":null}]}`;

export const contract: Contract = {
  options: { secretKey: SECRET_KEY },
  secretOptions: ['secretKey'],
  zone: 'example.com',
  api,
  extra: { comment: 'the box in the cellar' },
  budget: { one: 3, thousand: 3 },
  documented: [
    {
      title: 'add a record, and never a zone',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: {
        method: 'PATCH',
        path: /\/domain\/v2beta1\/dns-zones\/example\.com\/records$/,
        body: { return_all_records: false, disallow_new_zone_creation: true, changes: [{ add: { records: [{ name: 'www', type: 'A', data: '198.51.100.4', ttl: 300 }] } }] },
      },
      reply: { status: 200, body: shown(300) },
      ends: 'ok',
    },
    {
      title: 'set a record, and keep its comment',
      page: PAGE,
      given: [{ name: 'www.example.com', type: 'A', value: '203.0.113.1', ttl: 600 }],
      act: write,
      request: { method: 'PATCH', path: /\/records$/, body: { changes: [{ set: { records: [{ name: 'www', type: 'A', data: '198.51.100.4', ttl: 600 }] } }] } },
      reply: { status: 200, body: shown(600) },
      ends: 'ok',
    },
    {
      title: 'a record that is not there',
      page: 'https://www.scaleway.com/en/developers/api/domains-and-dns/#path-records-list-records-within-a-dns-zone',
      act: { kind: 'read', name: 'www.example.com', type: 'A' },
      request: { method: 'GET', path: /\/records\?name=www/ },
      reply: { status: 200, body: '{"total_count":0,"records":[]}' },
      ends: 'ok',
    },
    {
      title: 'a key that is not known',
      page: 'https://www.scaleway.com/en/developers/api/#error-codes',
      act: write,
      request: { method: 'GET', path: /\/dns-zones\?/ },
      reply: { status: 401, body: '{"message":"authentication is denied","method":"api_key","reason":"invalid_argument","type":"denied_authentication"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there is said with 403',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/dns-zones\/example\.com\/records/ },
      reply: { status: 403, body: '{"message":"domain not found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
