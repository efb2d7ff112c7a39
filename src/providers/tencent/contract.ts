/** Tencent Cloud DNSPod over records in memory, and exchanges as its pages show them. */
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
  records,
  refuse,
  sha256,
  type Visit,
  zonesOf,
} from '../../testing/index.ts';

const ID = 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3example';
const SECRET = 'Gu5t9xGARNpq86cd98joQYCN3example';
const PAGE = 'https://cloud.tencent.com/document/api/1427/56166';

const no = (Code: string, Message: string) => refuse(200, { Response: { Error: { Code, Message }, RequestId: 'R' } });
const say = (answer: object) => ({ Response: { ...answer, RequestId: 'R' } });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  RecordId: numberOf(id),
  Name: hostOf(name, zone, '@'),
  Type: type,
  Value: value,
  TTL: ttl,
  Line: '默认',
  LineId: '0',
  Status: 'ENABLE',
  MonitorStatus: '',
  Weight: null,
  Remark: '',
  MX: 0,
  UpdatedOn: '2021-03-31 11:38:02',
  ...extra,
});

/** The record that a write asks for, unless it may not be. What is not sent is dropped. */
function asked({ zone, json }: Visit): Omit<FakeRecord, 'id'> & { readonly extra: Readonly<Record<string, unknown>> } {
  const { Domain, SubDomain = '@', RecordType, RecordLineId, Value, TTL = 600, Weight = null, Remark = '', RecordId } = json();
  if (Domain !== zone.name) no('InvalidParameterValue.DomainNotExists', '当前域名有误，请返回重新操作。');
  if (RecordLineId !== '0') no('InvalidParameter.RecordLineInvalid', '记录线路不正确。');
  if (!holds(RecordType, Value)) no('InvalidParameter.RecordValueInvalid', '记录的值不正确。');
  if (TTL < 1 || TTL > 604_800) no('LimitExceeded.RecordTtlLimit', '记录的 TTL 值超出了限制。');
  const record = { name: nameOf(SubDomain, zone), type: RecordType, value: Value, ttl: TTL, extra: { Weight, Remark } };
  const others = records.of(zone, record.name, record.type).filter(({ value }) => value === Value);
  if (others.some(({ id, ttl }) => numberOf(id) !== RecordId || ttl === TTL)) no('InvalidParameter.DomainRecordExist', '记录已经存在，无需再次添加。');
  return record;
}

const actions: Readonly<Record<string, (visit: Visit) => object>> = {
  DescribeDomainList({ zone, json, pageSize }) {
    const { Offset = 0, Limit = 20 } = json();
    const zones = zonesOf(zone);
    return say({
      DomainCountInfo: { AllTotal: zones.length, DomainTotal: zones.length },
      DomainList: zones.slice(Offset, Offset + Math.min(Limit, pageSize)).map(({ name }, at) => ({ DomainId: at + 1, Name: name, Punycode: name, Status: 'ENABLE', DNSStatus: '' })),
    });
  },
  DescribeRecordList({ zone, json, pageSize }) {
    const { Domain, Subdomain, Offset = 0, Limit = 100 } = json();
    if (Domain !== zone.name) no('InvalidParameterValue.DomainNotExists', '当前域名有误，请返回重新操作。');
    const some = Subdomain === undefined ? zone.records : records.of(zone, nameOf(Subdomain, zone));
    if (some.length === 0) no('ResourceNotFound.NoDataOfRecord', '记录列表为空。');
    const page = some.slice(Offset, Offset + Math.min(Limit, pageSize));
    return say({ RecordCountInfo: { SubdomainCount: page.length, ListCount: page.length, TotalCount: some.length }, RecordList: page.map((record) => show(zone, record)) });
  },
  CreateRecord: (visit) => say({ RecordId: numberOf(records.add(visit.zone, asked(visit)).id) }),
  ModifyRecord(visit) {
    const record = records.numbered(visit.zone, visit.json().RecordId) ?? no('InvalidParameter.RecordIdInvalid', '记录编号错误。');
    records.change(visit.zone, record.id, asked(visit));
    return say({ RecordId: numberOf(record.id) });
  },
  DeleteRecord({ zone, json }) {
    const record = records.numbered(zone, json().RecordId) ?? no('ResourceNotFound.NoDataOfRecord', '记录列表为空。');
    records.remove(zone, record.id);
    return say({});
  },
};

const api = fakeApi({
  guard({ request }) {
    const { Credential = '', Signature } = authorizationParts(request);
    const [id, ...scope] = Credential.split('/');
    if (id !== ID) no('AuthFailure.SecretIdNotFound', 'The SecretId is not found, please ensure that your SecretId is correct.');
    const text = ['TC3-HMAC-SHA256', request.headers['x-tc-timestamp'], scope.join('/'), sha256(canonicalOf(request, { value: (value) => value.toLowerCase() }))].join('\n');
    if (Signature !== hmacSha256(`TC3${SECRET}`, scope, text)) no('AuthFailure.SignatureFailure', 'The provided credentials could not be validated. Please check your signature is correct.');
  },
  routes: {
    'POST /': (visit) => (actions[visit.request.headers['x-tc-action'] ?? ''] ?? (() => no('InvalidAction', 'The action does not exist.')))(visit),
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const post = (body: object) => ({ method: 'POST', path: /^\/$/, body }) as const;
const failed = (code: string) => ({ status: 200, body: `{"Response":{"Error":{"Code":"${code}","Message":"..."},"RequestId":"R"}}` });

export const contract: Contract = {
  options: { secretId: ID, secretKey: SECRET },
  secretOptions: ['secretKey'],
  zone: 'example.com',
  api,
  extra: { Weight: 20, Remark: 'the front door' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'the records of a name',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: post({ Domain: 'example.com', Subdomain: 'home' }),
      reply: {
        status: 200,
        body: '{"Response":{"RecordCountInfo":{"TotalCount":1},"RecordList":[{"RecordId":7,"Name":"home","Type":"A","Value":"198.51.100.1","TTL":600,"Line":"默认","LineId":"0","Status":"ENABLE"}],"RequestId":"R"}}',
      },
      ends: 'ok',
    },
    {
      title: 'a name without records',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: post({ Subdomain: 'home' }),
      reply: failed('ResourceNotFound.NoDataOfRecord'),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a new record',
      page: 'https://cloud.tencent.com/document/api/1427/56180',
      act: { ...write, ttl: 600 },
      request: post({ Domain: 'example.com', SubDomain: 'home', RecordType: 'A', RecordLine: '默认', Value: '203.0.113.7', TTL: 600 }),
      reply: { status: 200, body: '{"Response":{"RequestId":"ab4f1426-ea15-42ea-8183-dc1b44151166","RecordId":162}}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: 'https://cloud.tencent.com/document/api/1427/56157',
      given: [home],
      act: write,
      request: post({ Domain: 'example.com', SubDomain: 'home', RecordType: 'A', RecordLine: '默认', Value: '203.0.113.7', RecordId: 1 }),
      reply: { status: 200, body: '{"Response":{"RequestId":"ab4f1426-ea15-42ea-8183-dc1b44151166","RecordId":162}}' },
      ends: 'ok',
    },
    {
      title: 'a record that says so already',
      page: 'https://cloud.tencent.com/document/api/1427/56157',
      given: [home],
      act: write,
      request: post({ RecordId: 1 }),
      reply: failed('InvalidParameter.DomainRecordExist'),
      ends: 'ok',
      fake: 'unasked',
    },
    { title: 'a signature that is wrong', page: PAGE, act: write, request: post({ Type: 'ALL' }), reply: failed('AuthFailure.SignatureFailure'), ends: 'auth', fake: 'unasked' },
    { title: 'a clock that is wrong', page: PAGE, act: write, request: post({ Type: 'ALL' }), reply: failed('AuthFailure.SignatureExpire'), ends: 'auth', fake: 'unasked' },
    { title: 'a domain of somebody else', page: PAGE, act: write, request: post({ Subdomain: 'home' }), reply: failed('InvalidParameterValue.DomainNotExists'), ends: 'refused', fake: 'unasked' },
    { title: 'too many requests', page: PAGE, act: write, request: post({ Subdomain: 'home' }), reply: failed('RequestLimitExceeded'), ends: 'throttled', fake: 'unasked' },
  ],
};
