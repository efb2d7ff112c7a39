/** NameSilo's API over records in memory. The vendor's pages show its answers as XML; these say the same as JSON. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, pageOf, records, refuse, zonesOf } from '../../testing/index.ts';

const KEY = '5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const PAGE = 'https://www.namesilo.com/api-reference#dns/';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/namesilo';

const fail = (code: number, detail: string) => refuse(200, { request: { operation: '', ip: '203.0.113.9' }, reply: { code, detail } });
const ok = (entries: object): object => ({ request: { operation: '', ip: '203.0.113.9' }, reply: { code: 300, detail: 'success', ...entries } });

const check = (type: string, value: string | null, ttl: number): void => {
  if (!holds(type, value)) fail(280, 'could not change the resource record: rrvalue is not valid');
  if (!(ttl >= 3600 && ttl <= 2_592_000)) fail(280, 'could not change the resource record: rrttl is not valid');
};

const api = fakeApi({
  guard({ query, zone, request }) {
    if (query.get('version') !== '1' || query.get('type') !== 'json') fail(103, 'Invalid API version');
    if (query.get('key') !== KEY) fail(110, 'Invalid API Key');
    const domain = query.get('domain');
    if (!request.url.includes('/listDomains') && domain !== zone.name) fail(200, 'Domain is not active, or does not belong to this user');
  },
  routes: {
    'GET /api/listDomains'({ zone, query, pageSize }) {
      const page = pageOf(zonesOf(zone), { page: Number(query.get('page') ?? 1), size: pageSize });
      return ok({ domains: page.items.map(({ name }) => ({ domain: name, created: '2020-02-03', expires: '2030-02-03' })), pager: { total: page.total, pageSize: page.size, page: page.page } });
    },
    'GET /api/dnsListRecords': ({ zone }) => ok({ resource_record: zone.records.map(({ id, type, name, value, ttl }) => ({ record_id: id, type, host: name, value, ttl: String(ttl), distance: 0 })) }),
    'GET /api/dnsAddRecord'({ zone, query }) {
      const [type, value, ttl] = [query.get('rrtype') ?? '', query.get('rrvalue') ?? '', Number(query.get('rrttl') ?? 7207)];
      const name = nameOf(query.get('rrhost') ?? '', zone);
      check(type, value, ttl);
      if (records.of(zone, name, type).some((record) => record.value === value)) fail(280, 'could not add resource record to domain since it already exists (duplicate)');
      return ok({ record_id: records.add(zone, { name, type, value, ttl }).id });
    },
    'GET /api/dnsUpdateRecord'({ zone, query }) {
      const old = records.find(zone, query.get('rrid') ?? '') ?? fail(280, 'could not find the resource record');
      const [value, ttl] = [query.get('rrvalue') ?? '', Number(query.get('rrttl') ?? 7207)];
      check(old.type, value, ttl);
      if (query.get('rrhost') !== hostOf(old.name, zone, '')) fail(280, 'rrhost is another one');
      records.remove(zone, old.id);
      return ok({ record_id: records.add(zone, { name: old.name, type: old.type, value, ttl }).id });
    },
    'GET /api/dnsDeleteRecord': ({ zone, query }) => (records.remove(zone, query.get('rrid') ?? '') ? ok({}) : fail(280, 'could not find the resource record')),
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 7207 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const inXml = (operation: string, reply: string) => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0"?>\n<namesilo><request><operation>${operation}</operation><ip>203.0.113.9</ip></request><reply>${reply}</reply></namesilo>\n`,
});
const said = (reply: object): { readonly status: number; readonly body: string } => ({ status: 200, body: JSON.stringify({ request: { operation: 'dns', ip: '55.55.55.55' }, reply }) });

export const contract: Contract = {
  options: { key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a listing in XML',
      page: RECORDED,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/api\/dnsListRecords\?/ },
      reply: inXml(
        'dnsListRecords',
        '<code>300</code><detail>success</detail><resource_record><record_id>b318260397dd3e024bedb73f3eeee938</record_id><type>A</type><host>home.example.com</host><value>203.0.113.1</value><ttl>7200</ttl><distance>0</distance></resource_record><resource_record><record_id>f8bcfa159c3386ea456bb083036a10f5</record_id><type>CNAME</type><host>docs.example.com</host><value>docs.example.net</value><ttl>7200</ttl><distance>0</distance></resource_record>',
      ),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'add a record, in XML',
      page: RECORDED,
      act: write,
      request: { method: 'GET', path: /^\/api\/dnsAddRecord\?/ },
      reply: inXml('dnsAddRecord', '<code>300</code><detail>success</detail><record_id>b318260397dd3e024bedb73f3eeee938</record_id>'),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'the domains of the account, in XML',
      page: 'https://www.namesilo.com/api-reference#domains/list-domains',
      act: write,
      request: { method: 'GET', path: /^\/api\/listDomains\?/ },
      reply: inXml('listDomains', '<code>300</code><detail>success</detail><domains><domain>example.com</domain><domain created="2010-01-01">example.net</domain></domains>'),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a wrong key, in XML',
      page: RECORDED,
      given: [home],
      act: write,
      request: { method: 'GET', path: /^\/api\/dnsUpdateRecord\?/ },
      reply: inXml('dnsUpdateRecord', '<code>110</code><detail>Invalid API Key</detail>'),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of somebody else, in XML',
      page: RECORDED,
      act: write,
      request: { method: 'GET', path: /^\/api\/dnsListRecords\?/ },
      reply: inXml('dnsListRecords', '<code>200</code><detail>Domain is not active, or does not belong to this user</detail>'),
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'add a record',
      page: `${PAGE}dns-add-record`,
      act: { ...write, ttl: 7207 },
      request: { method: 'GET', path: /^\/api\/dnsAddRecord\?version=1&type=json&key=[^&]+&domain=example\.com&rrtype=A&rrhost=home&rrvalue=198\.51\.100\.4&rrttl=7207$/ },
      reply: said({ code: 300, detail: 'success', record_id: '1a2b3c4d5e' }),
      ends: 'ok',
    },
    {
      title: 'update a record, which gets a new id',
      page: `${PAGE}dns-update-record`,
      given: [home],
      act: write,
      request: { method: 'GET', path: /^\/api\/dnsUpdateRecord\?.*&rrid=[^&]+&rrhost=home&rrvalue=198\.51\.100\.4&rrttl=7207$/ },
      reply: said({ code: 300, detail: 'success', record_id: '1a2b3c4d5e' }),
      ends: 'ok',
    },
    {
      title: 'a listing with numbers as text',
      page: `${PAGE}dns-list-records`,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/api\/dnsListRecords\?.*domain=example\.com$/ },
      reply: said({
        code: '300',
        detail: 'success',
        resource_record: [
          { record_id: '1a2b3c4d5e6f', type: 'A', host: 'home.example.com', value: '55.55.55.55', ttl: '7207', distance: '0' },
          { record_id: 'fH35aH4hsv', type: 'MX', host: 'example.com', value: 'mail.example.com', ttl: '7207', distance: '10' },
        ],
      }),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a single record without a list around it',
      page: `${PAGE}dns-list-records`,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/api\/dnsListRecords\?/ },
      reply: said({ code: 300, detail: 'success', resource_record: { record_id: '1a2b3c4d5e6f', type: 'A', host: 'home.example.com', value: '55.55.55.55', ttl: 7207 } }),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://www.namesilo.com/api-reference#codes',
      act: write,
      request: { method: 'GET', path: /^\/api\/listDomains/ },
      reply: said({ code: '110', detail: 'Invalid API Key' }),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a key that this address may not use',
      page: 'https://www.namesilo.com/api-reference#codes',
      act: write,
      request: { method: 'GET', path: /^\/api\/listDomains/ },
      reply: said({ code: 113, detail: 'This API account cannot be accessed from your IP' }),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of somebody else',
      page: 'https://www.namesilo.com/api-reference#codes',
      act: write,
      request: { method: 'GET', path: /^\/api\/dnsListRecords/ },
      reply: said({ code: 200, detail: 'Domain is not active, or does not belong to this user' }),
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a record that exists already',
      page: `${PAGE}dns-add-record`,
      act: write,
      request: { method: 'GET', path: /^\/api\/dnsAddRecord/ },
      reply: said({ code: '280', detail: 'could not add resource record to domain since it already exists (duplicate)' }),
      ends: 'ok',
      fake: 'unasked',
    },
  ],
};
