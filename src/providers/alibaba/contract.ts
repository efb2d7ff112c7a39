/** Alibaba Cloud DNS over records in memory, and exchanges as its pages show them. */
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

const ID = 'LTAI5tNfGk2example';
const SECRET = 'w0Qx7cVb9nM2pLk4jH6gF8dS1aZ3xC';
const PAGE = 'https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describesubdomainrecords';

const no = (Code: string, Message: string, status = 400) => refuse(status, { RequestId: 'R', HostId: 'alidns.aliyuncs.com', Code, Message, Recommend: 'https://api.aliyun.com/troubleshoot' });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  RecordId: String(numberOf(id)),
  RR: hostOf(name, zone, '@'),
  DomainName: zone.name,
  Type: type,
  Value: value,
  TTL: ttl,
  Line: 'default',
  Status: 'ENABLE',
  Locked: false,
  ...extra,
});

function listing(some: (zone: FakeZone) => readonly FakeRecord[]) {
  return (visit: Visit): object => {
    if (visit.query.get('DomainName') !== visit.zone.name) no('InvalidDomainName.NoExist', 'The specified domain name does not exist. Refresh the page and try again.');
    const page = pageAsked(some(visit.zone), visit, { page: 'PageNumber', size: 'PageSize', usual: 20, most: 500 });
    return { TotalCount: page.total, PageSize: page.size, PageNumber: page.page, RequestId: 'R', DomainRecords: { Record: page.items.map((record) => show(visit.zone, record)) } };
  };
}

/** The record that a write asks for, unless it may not be. */
function asked({ zone, query }: Visit): Omit<FakeRecord, 'id'> {
  const record = { name: nameOf(query.get('RR') ?? '', zone), type: query.get('Type') ?? '', value: query.get('Value') ?? '', ttl: Number(query.get('TTL') ?? 600) };
  if (!holds(record.type, record.value)) no('DomainRecordInvalidValue', 'The specified record value is invalid.');
  if (record.ttl < 1 || record.ttl > 86_400) no('InvalidTTL', 'The specified TTL is invalid.');
  if (records.of(zone, record.name, record.type).some(({ value, ttl }) => value === record.value && (query.has('RecordId') ? ttl === record.ttl : true)))
    no('DomainRecordDuplicate', 'The DNS record already exists.');
  return record;
}
const done = (record: FakeRecord) => ({ RequestId: 'R', RecordId: String(numberOf(record.id)) });
const unknown = () => no('DomainRecordNotBelongToUser', 'The DNS record does not belong to the user.');

const actions: Readonly<Record<string, (visit: Visit) => object>> = {
  DescribeDomains(visit) {
    const page = pageAsked(zonesOf(visit.zone), visit, { page: 'PageNumber', size: 'PageSize', usual: 20, most: 100 });
    return { TotalCount: page.total, PageSize: page.size, PageNumber: page.page, RequestId: 'R', Domains: { Domain: page.items.map(({ name }) => ({ DomainName: name, PunyCode: name })) } };
  },
  DescribeDomainRecords: listing((zone) => zone.records),
  DescribeSubDomainRecords: (visit) => listing((zone) => records.of(zone, visit.query.get('SubDomain') ?? ''))(visit),
  AddDomainRecord: (visit) => done(records.add(visit.zone, asked(visit))),
  UpdateDomainRecord(visit) {
    const record = records.numbered(visit.zone, visit.query.get('RecordId') ?? '') ?? unknown();
    return done(records.change(visit.zone, record.id, asked(visit)) ?? unknown());
  },
  DeleteDomainRecord({ zone, query }) {
    const record = records.numbered(zone, query.get('RecordId') ?? '') ?? unknown();
    records.remove(zone, record.id);
    return done(record);
  },
};

const api = fakeApi({
  guard({ request }) {
    const { Credential, Signature } = authorizationParts(request);
    if (Credential !== ID) no('InvalidAccessKeyId.NotFound', 'Specified access key is not found.', 404);
    if (Signature !== hmacSha256(SECRET, [], `ACS3-HMAC-SHA256\n${sha256(canonicalOf(request))}`)) no('SignatureDoesNotMatch', 'Specified signature is not matched with our calculation.');
  },
  routes: { 'POST /': (visit) => (actions[visit.request.headers['x-acs-action'] ?? ''] ?? (() => no('InvalidAction.NotFound', 'Specified api is not found.', 404)))(visit) },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;

export const contract: Contract = {
  options: { accessKeyId: ID, accessKeySecret: SECRET },
  secretOptions: ['accessKeySecret'],
  zone: 'example.com',
  api,
  extra: { Remark: 'the front door' },
  budget: { one: 3, thousand: 1003 },
  documented: [
    {
      title: 'the records of a name',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'POST', path: /^\/\?DomainName=example\.com&.*SubDomain=home\.example\.com/ },
      reply: {
        status: 200,
        body: '{"TotalCount":1,"PageSize":20,"PageNumber":1,"RequestId":"R","DomainRecords":{"Record":[{"RecordId":"9","RR":"home","DomainName":"example.com","Type":"A","Value":"198.51.100.1","TTL":600,"Line":"default","Status":"ENABLE","Locked":false}]}}',
      },
      ends: 'ok',
    },
    {
      title: 'a new record',
      page: 'https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-adddomainrecord',
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path: /^\/\?DomainName=example\.com&RR=home&Type=A&Value=203\.0\.113\.7&TTL=600&Line=default/ },
      reply: { status: 200, body: '{"RequestId":"536E9CAD-DB30-4647-AC87-AA5CC38C5382","RecordId":"9999985"}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: 'https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-updatedomainrecord',
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/\?RecordId=\d+&RR=home&Type=A&Value=203\.0\.113\.7&TTL=600/ },
      reply: { status: 200, body: '{"RequestId":"536E9CAD-DB30-4647-AC87-AA5CC38C5382","RecordId":"9999985"}' },
      ends: 'ok',
    },
    {
      title: 'a record that says so already',
      page: 'https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-updatedomainrecord',
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/\?RecordId=/ },
      reply: { status: 400, body: '{"RequestId":"R","HostId":"alidns.aliyuncs.com","Code":"DomainRecordDuplicate","Message":"The DNS record already exists."}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://api.aliyun.com/troubleshoot',
      act: write,
      request: { method: 'POST', path: /^\/\?PageNumber/ },
      reply: { status: 404, body: '{"RequestId":"R","HostId":"alidns.aliyuncs.com","Code":"InvalidAccessKeyId.NotFound","Message":"Specified access key is not found."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of somebody else',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /SubDomain=/ },
      reply: { status: 400, body: '{"RequestId":"R","HostId":"alidns.aliyuncs.com","Code":"InvalidDomainName.NoExist","Message":"The specified domain name does not exist."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /SubDomain=/ },
      reply: { status: 400, body: '{"RequestId":"R","HostId":"alidns.aliyuncs.com","Code":"Throttling.User","Message":"Request was denied due to user flow control."}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
