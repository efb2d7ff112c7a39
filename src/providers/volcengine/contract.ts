/** Volcengine's DNS over records in memory, and exchanges as its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import {
  authorizationParts,
  type Contract,
  canonicalOf,
  type FakeRecord,
  type FakeZone,
  fakeApi,
  hmacSha256,
  holds,
  numberOf,
  pageAsked,
  records,
  refuse,
  sha256,
  type Visit,
  zonesOf,
} from '../../testing/index.ts';

const ID = 'AKLTNGFmZmQ3example';
const SECRET = 'WVRnM05EZzJNR0psTVdGbU5EZGxexample';
const PAGE = 'https://docs.byteplus.com/en/docs/byteplus-dns-suite/reference-updaterecord';
const ERRORS = 'https://docs.byteplus.com/en/docs/byteplus-dns-suite/reference-handling-the-response';

const meta = { RequestId: 'R', Version: '2018-08-01', Service: 'DNS', Region: 'cn-north-1' };
const no = (status: number, Code: string, Message: string) => refuse(status, { ResponseMetadata: { ...meta, Error: { Code, Message } } });
const zid = ({ id }: { readonly id: string }): number => numberOf(id);
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  RecordID: String(numberOf(id)),
  Host: hostOf(name, zone, '@'),
  PQDN: name,
  FQDN: `${name}.`,
  Type: type,
  Value: value,
  TTL: ttl,
  Line: 'default',
  Enable: true,
  Weight: 1,
  Remark: '',
  ...extra,
});

/** The record that a write asks for, unless it may not be. */
function asked(zone: FakeZone, sent: ReturnType<Visit['json']>): Omit<FakeRecord, 'id'> {
  const { Host, Type, Value, TTL = 600, Line, RecordID } = sent;
  const record = { name: nameOf(Host, zone), type: Type, value: Value, ttl: TTL };
  if (Line !== 'default') no(400, 'ErrParamInvalid', 'validation fail: Line');
  if (!holds(Type, Value)) no(400, 'ErrParamInvalid', 'validation fail: Value');
  if (record.ttl < 1 || record.ttl > 86_400) no(400, 'ErrParamInvalid', 'validation fail: TTL');
  if (records.of(zone, record.name, record.type).some(({ id, value }) => value === record.value && String(numberOf(id)) !== RecordID)) no(409, 'ErrDBDuplicated', 'duplicated: record');
  return record;
}
const byId = (zone: FakeZone, id: string): FakeRecord => records.numbered(zone, id) ?? no(400, 'ErrDBNotFound', `record not found :${id}`);

const actions: Readonly<Record<string, (visit: Visit) => object>> = {
  ListZones(visit) {
    const page = pageAsked(zonesOf(visit.zone), visit, { page: 'PageNumber', size: 'PageSize', usual: 10, most: 100 });
    return { Total: page.total, Zones: page.items.map((zone) => ({ ZID: zid(zone), ZoneName: zone.name, RecordCount: 3 })) };
  },
  ListRecords(visit) {
    const { zone, query } = visit;
    if (query.get('ZID') !== String(zid(zone))) no(400, 'ErrZoneNotFound', 'zone not found');
    const host = query.get('Host');
    const page = pageAsked(host === null ? zone.records : records.of(zone, nameOf(host, zone)), visit, { page: 'PageNumber', size: 'PageSize', usual: 20, most: 500 });
    return { TotalCount: page.total, PageNumber: page.page, PageSize: page.size, Records: page.items.map((record) => show(zone, record)) };
  },
  CreateRecord({ zone, json }) {
    if (json().ZID !== zid(zone)) no(400, 'ErrZoneNotFound', 'zone not found');
    return show(zone, records.add(zone, asked(zone, json())));
  },
  UpdateRecord({ zone, json }) {
    const { id } = byId(zone, json().RecordID);
    return show(zone, records.change(zone, id, asked(zone, json())) ?? byId(zone, id));
  },
  DeleteRecord({ zone, json }) {
    records.remove(zone, byId(zone, json().RecordID).id);
    return {};
  },
};
function answer(visit: Visit): object {
  const Action = visit.query.get('Action') ?? '';
  const act = actions[Action] ?? (() => no(404, 'InvalidActionOrVersion', 'no such action'));
  return { ResponseMetadata: { ...meta, Action }, Result: act(visit) };
}

const api = fakeApi({
  guard({ request }) {
    const { Credential = '', Signature } = authorizationParts(request);
    const [id, ...scope] = Credential.split('/');
    if (id !== ID) no(401, 'InvalidAccessKey', 'The access key is not found.');
    const text = ['HMAC-SHA256', request.headers['x-date'], scope.join('/'), sha256(canonicalOf(request))].join('\n');
    if (Signature !== hmacSha256(SECRET, scope, text)) no(401, 'SignatureDoesNotMatch', 'The request signature does not match.');
  },
  routes: { 'GET /': answer, 'POST /': answer },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const listed = { method: 'GET', path: /^\/\?Action=ListRecords&ZID=\d+&Host=home&SearchMode=exact/ } as const;
const done = (action: string) =>
  `{"ResponseMetadata":{"RequestId":"R","Action":"${action}","Version":"2018-08-01","Service":"DNS","Region":"cn-north-1"},"Result":{"RecordID":"3170534137672596377","Host":"home","Type":"A","Value":"203.0.113.7","TTL":600,"Line":"default","Enable":true}}`;
const failed = (code: string, message: string) => `{"ResponseMetadata":{"RequestId":"R","Error":{"Code":"${code}","CodeN":100003,"Message":"${message}"}}}`;

export const contract: Contract = {
  options: { accessKeyId: ID, secretAccessKey: SECRET },
  secretOptions: ['secretAccessKey'],
  zone: 'example.com',
  api,
  extra: { Weight: 5, Remark: 'the front door' },
  budget: { one: 3, thousand: 1003 },
  documented: [
    {
      title: 'the zones',
      page: 'https://www.volcengine.com/docs/6758/155089',
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/\?Action=ListZones/ },
      reply: {
        status: 200,
        body: '{"ResponseMetadata":{"RequestId":"R","Action":"ListZones","Version":"2018-08-01","Service":"DNS","Region":"cn-north-1"},"Result":{"Zones":[{"ZID":4294967295,"ZoneName":"example.com","RecordCount":3}],"Total":1}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a new record',
      page: 'https://docs.byteplus.com/en/docs/byteplus-dns-suite/reference-createrecord',
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path: /^\/\?Action=CreateRecord&Version=2018-08-01$/, body: { Host: 'home', Type: 'A', Value: '203.0.113.7', TTL: 600, Line: 'default' } },
      reply: { status: 200, body: done('CreateRecord') },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/\?Action=UpdateRecord&Version=2018-08-01$/, body: { RecordID: '1', Host: 'home', Type: 'A', Value: '203.0.113.7', TTL: 600, Line: 'default' } },
      reply: { status: 200, body: done('UpdateRecord') },
      ends: 'ok',
    },
    {
      title: 'a record that says so already',
      page: ERRORS,
      act: write,
      request: { method: 'POST', path: /CreateRecord/ },
      reply: { status: 409, body: failed('ErrDBDuplicated', 'duplicated: record') },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'credentials that are refused',
      page: ERRORS,
      act: write,
      request: listed,
      reply: { status: 401, body: failed('InvalidCredential', 'invalid credential') },
      ends: 'auth',
      fake: 'unasked',
    },
    { title: 'a zone that is not there', page: ERRORS, act: write, request: listed, reply: { status: 400, body: failed('ErrZoneNotFound', 'zone not found') }, ends: 'refused', fake: 'unasked' },
    {
      title: 'trouble at the vendor',
      page: ERRORS,
      act: write,
      request: listed,
      reply: { status: 500, body: failed('ErrInternalServer', 'server internal error') },
      ends: 'unavailable',
      fake: 'unasked',
    },
  ],
};
