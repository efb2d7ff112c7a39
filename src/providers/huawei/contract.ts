/** Huawei Cloud DNS over records in memory, and exchanges as its pages show them. */
import { authorizationParts, type Contract, canonicalOf, type FakeZone, fakeApi, hmacSha256, holds, records, refuse, reply, sha256, type Visit, zonesOf } from '../../testing/index.ts';

const ID = 'QTWAOYTTINDUTexample';
const SECRET = 'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc';
const PAGE = 'https://github.com/huaweicloudDocs/dns/tree/master/cn.zh-cn';

type Held = ReturnType<typeof records.sets>[number];
/** A set's id is its name and type: the suite's records have one per value. */
const idOf = ({ name, type }: Pick<Held, 'name' | 'type'>): string => Buffer.from(`${name} ${type}`).toString('hex');
const show = (zone: FakeZone, set: Held, status = 'ACTIVE'): object => ({
  id: idOf(set),
  name: `${set.name}.`,
  description: null,
  type: set.type,
  ttl: set.ttl,
  records: set.values,
  status,
  zone_id: zone.id,
  zone_name: `${zone.name}.`,
  default: false,
  line: 'default_view',
  weight: null,
  ...set.extra,
});
const no = (status: number, code: string, message: string) => refuse(status, { code, message });
const mine = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.id ? zone : no(404, 'DNS.0302', 'This zone does not exist.'));
const byId = (zone: FakeZone, id: string): Held => records.sets(zone).find((set) => idOf(set) === id) ?? no(404, 'DNS.0004', 'This recordset does not exist.');

/** The part of the list that is asked for by offset, and how long the list is. */
function windowOf<T>(items: readonly T[], { query, pageSize }: Visit): { readonly shown: readonly T[]; readonly metadata: object } {
  const from = Number(query.get('offset') ?? 0);
  return { shown: items.slice(from, from + Math.min(Number(query.get('limit') ?? 500), 500, pageSize)), metadata: { total_count: items.length } };
}

/** Puts a set as it is sent: what hangs on it and is not sent is dropped. */
function put(zone: FakeZone, { name, type }: Pick<Held, 'name' | 'type'>, sent: ReturnType<Visit['json']>, status: string): object {
  const { ttl = 300, records: values, weight = null, description = null } = sent;
  if (!Array.isArray(values) || values.length === 0 || !values.every((value) => holds(type, value))) no(400, 'DNS.0303', "Attribute 'records' is invalid.");
  if (ttl < 1 || ttl > 2_147_483_647) no(400, 'DNS.0307', "Attribute 'ttl' is out of range.");
  records.put(zone, { name, type, values, ttl, extra: { weight, description } });
  return show(zone, byId(zone, idOf({ name, type })), status);
}

const api = fakeApi({
  guard({ request }) {
    const { Access, Signature } = authorizationParts(request);
    if (Access !== ID) refuse(401, { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information: AK not found', request_id: 'R' });
    const canonical = canonicalOf(request, { path: `${new URL(request.url).pathname}/` });
    if (Signature !== hmacSha256(SECRET, [], `SDK-HMAC-SHA256\n${request.headers['x-sdk-date']}\n${sha256(canonical)}`))
      refuse(401, { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information: verify aksk signature fail', request_id: 'R' });
  },
  routes: {
    'GET /v2/zones'(visit) {
      const { shown, metadata } = windowOf(zonesOf(visit.zone), visit);
      return { zones: shown.map(({ id, name }) => ({ id, name: `${name}.`, zone_type: 'public', status: 'ACTIVE' })), metadata };
    },
    'GET /v2.1/zones/:zone/recordsets'(visit) {
      const name = visit.query.get('name');
      const sets = records.sets(mine(visit)).filter((set) => name === null || `${set.name}.` === name);
      const { shown, metadata } = windowOf(sets, visit);
      return { links: {}, recordsets: shown.map((set) => show(visit.zone, set)), metadata };
    },
    'POST /v2.1/zones/:zone/recordsets'(visit) {
      const { name, type, ...set } = visit.json();
      const key = { name: String(name).replace(/\.$/, ''), type };
      if (records.of(mine(visit), key.name, type).length > 0) no(400, 'DNS.0312', 'Record set already exists.');
      return reply(202, put(visit.zone, key, set, 'PENDING_CREATE'));
    },
    'PUT /v2.1/zones/:zone/recordsets'(visit) {
      const zone = mine(visit);
      const recordsets = visit.json().recordsets.map((set: { id: string }) => put(zone, byId(zone, set.id), set, 'PENDING_UPDATE'));
      return reply(200, { recordsets, metadata: { total_count: recordsets.length } });
    },
    'PUT /v2.1/zones/:zone/recordsets/:id': (visit) => reply(202, put(mine(visit), byId(visit.zone, visit.params['id'] ?? ''), visit.json(), 'PENDING_UPDATE')),
    'DELETE /v2.1/zones/:zone/recordsets/:id'(visit) {
      const set = byId(mine(visit), visit.params['id'] ?? '');
      records.put(visit.zone, { ...set, values: [] });
      return reply(202, show(visit.zone, set, 'PENDING_DELETE'));
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const listed = { method: 'GET', path: /^\/v2\.1\/zones\/f+\/recordsets\?name=home\.example\.com\.&search_mode=equal&limit=500/ } as const;
const set = (status: string) => ({ id: 'S', zone_id: 'Z', name: 'home.example.com.', type: 'A', ttl: 300, records: ['203.0.113.7'], status, line: 'default_view' });

export const contract: Contract = {
  options: { accessKey: ID, secretKey: SECRET },
  secretOptions: ['secretKey'],
  zone: 'example.com',
  api,
  extra: { weight: 1, description: 'the front door' },
  budget: { one: 3, thousand: 23 },
  documented: [
    {
      title: 'the sets of a name',
      page: `${PAGE}/API参考/查询单个Zone下Record-Set列表-多线路.md`,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: listed,
      reply: {
        status: 200,
        body: '{"recordsets":[{"id":"S","zone_id":"Z","name":"home.example.com.","type":"A","ttl":300,"records":["198.51.100.1"],"status":"ACTIVE","line":"default_view"}],"metadata":{"total_count":1}}',
      },
      ends: 'ok',
    },
    {
      title: 'a new set',
      page: `${PAGE}/API参考/创建Record-Set-多线路.md`,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /\/recordsets$/, body: { name: 'home.example.com.', type: 'A', ttl: 300, records: ['203.0.113.7'], line: 'default_view' } },
      reply: { status: 202, body: JSON.stringify(set('PENDING_CREATE')) },
      ends: 'ok',
    },
    {
      title: 'a change of a set',
      page: `${PAGE}/API参考/修改Record-Set-多线路.md`,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/recordsets\/[0-9a-f]+$/, body: { name: 'home.example.com.', type: 'A', ttl: 300, records: ['203.0.113.7'] } },
      reply: { status: 202, body: JSON.stringify(set('PENDING_UPDATE')) },
      ends: 'ok',
    },
    {
      title: 'a key that is not known',
      page: 'https://support.huaweicloud.com/intl/en-us/api-dns/ErrorCode.html',
      act: write,
      request: listed,
      reply: { status: 401, body: '{"code":"DNS.0005","message":"Authentication required."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: 'https://support.huaweicloud.com/intl/en-us/api-dns/ErrorCode.html',
      act: write,
      request: listed,
      reply: { status: 404, body: '{"code":"DNS.0302","message":"This zone does not exist."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://support.huaweicloud.com/intl/en-us/api-dns/ErrorCode.html',
      act: write,
      request: listed,
      reply: { status: 403, body: '{"code":"DNS.0014","message":"Flow control."}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
