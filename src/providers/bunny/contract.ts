/** Bunny's DNS API over records in memory, and exchanges in the form that its pages show. A change resets what it leaves out. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '5f0c1e9d-8b7a-6f5e-4d3c-2b1a0f9e8d7c5f0c1e9d-8b7a-6f5e-4d3c-2b1a0f9e8d7c';
const PAGE = 'https://docs.bunny.net/reference/dnszonepublic_updaterecord';

const TYPES = ['A', 'AAAA', 'CNAME', 'TXT', 'MX'];
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  Id: numberOf(id),
  Type: TYPES.indexOf(type),
  Ttl: ttl,
  Value: value,
  Name: hostOf(name, zone, ''),
  Weight: 100,
  Priority: 0,
  Port: 0,
  Flags: 0,
  Tag: '',
  Accelerated: false,
  MonitorStatus: 0,
  MonitorType: 0,
  GeolocationLatitude: 0,
  GeolocationLongitude: 0,
  LatencyZone: null,
  SmartRoutingType: 0,
  Disabled: false,
  Comment: null,
  ...extra,
});

const notFound = (what: string) => refuse(404, { ErrorKey: `${what}.not_found`, Field: 'Id', Message: 'The requested entity was not found' });
const checked = ({ zone, params }: Visit): FakeZone => (Number(params['zone']) === numberOf(zone.id) ? zone : notFound('dnszone'));
const find = (visit: Visit): FakeRecord => records.numbered(checked(visit), visit.params['id']) ?? notFound('dnszone.record');
function check(type: string, { Value, Ttl = 300 }: { readonly Value: string; readonly Ttl?: number }): void {
  if (!holds(type, Value)) refuse(400, { ErrorKey: 'validation_error', Field: 'Value', Message: 'The value is not a valid IP address' });
  if (Ttl < 15) refuse(400, { ErrorKey: 'validation_error', Field: 'Ttl', Message: 'The TTL is too small' });
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['accesskey'] !== KEY) refuse(401, { Message: 'Authorization has been denied for this request.' });
  },
  routes: {
    'GET /dnszone'(visit) {
      const { items, page, pages, total } = pageAsked(zonesOf(visit.zone), visit, { size: 'perPage', usual: 1000, most: 1000 });
      return { CurrentPage: page, TotalItems: total, HasMoreItems: page < pages, Items: items.map(({ id, name }) => ({ Id: numberOf(id), Domain: name, Records: [] })) };
    },
    'GET /dnszone/:zone': (visit) => ({ Id: numberOf(checked(visit).id), Domain: visit.zone.name, Records: visit.zone.records.map((record) => show(visit.zone, record)) }),
    'PUT /dnszone/:zone/records'(visit) {
      const zone = checked(visit);
      const body = visit.json();
      const type = TYPES[body.Type] ?? '';
      check(type, body);
      return reply(201, show(zone, records.add(zone, { name: nameOf(body.Name, zone), type, value: body.Value, ttl: body.Ttl ?? 300 })));
    },
    'POST /dnszone/:zone/records/:id'(visit) {
      const { id, type } = find(visit);
      const { Value, Ttl = 300, Comment } = visit.json();
      check(type, { Value, Ttl });
      const { extra: _reset, ...rest } = find(visit);
      visit.zone.records = visit.zone.records.map((record) => (record.id === id ? { ...rest, value: Value, ttl: Ttl, ...(Comment === undefined ? {} : { extra: { Comment } }) } : record));
      return reply(204);
    },
    'DELETE /dnszone/:zone/records/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  extra: { Comment: 'the box in the cellar' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'create a record',
      page: 'https://docs.bunny.net/reference/dnszonepublic_addrecord',
      act: { ...write, ttl: 300 },
      request: { method: 'PUT', path: /\/dnszone\/\d+\/records$/, body: { Type: 0, Name: 'home', Value: '198.51.100.4', Ttl: 300 } },
      reply: {
        status: 201,
        body: '{"Id":12345,"Type":0,"Ttl":300,"Value":"198.51.100.4","Name":"home","Weight":100,"Priority":0,"Accelerated":false,"MonitorType":0,"SmartRoutingType":0,"Disabled":false}',
      },
      ends: 'ok',
    },
    {
      title: 'change a record, and send back what hangs on it',
      page: PAGE,
      given: [{ ...home, extra: { Comment: 'the box in the cellar' } }],
      act: write,
      request: {
        method: 'POST',
        path: /\/dnszone\/\d+\/records\/\d+$/,
        body: { Type: 0, Name: 'home', Value: '198.51.100.4', Ttl: 300, Weight: 100, SmartRoutingType: 0, Comment: 'the box in the cellar' },
      },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/dnszone\?/ },
      reply: { status: 401, body: '{"Message":"Authorization has been denied for this request."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is gone',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/dnszone\/\d+$/ },
      reply: { status: 404, body: '{"ErrorKey":"dnszone.not_found","Field":"ZoneId","Message":"The requested DNS zone was not found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
