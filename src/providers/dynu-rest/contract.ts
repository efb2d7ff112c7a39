/** Dynu's REST API over records in memory. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, reply, zonesOf } from '../../testing/index.ts';

const TOKEN = 'X4b3c2a19f8e7d6c5b4a39281706f5e4';
const PAGE = 'https://www.dynu.com/en-US/Resources/API/Documentation';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/dynu';

const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord) => ({
  statusCode: 200,
  id: numberOf(id),
  domainId: numberOf(zone.id),
  domainName: zone.name,
  nodeName: hostOf(name, zone, ''),
  hostname: name,
  recordType: type,
  ttl,
  state: true,
  group: extra?.['group'] ?? '',
  content: `${name}. ${ttl} IN ${type} ${value}`,
  ...(type === 'A' ? { ipv4Address: value } : type === 'AAAA' ? { ipv6Address: value } : { textData: value }),
});
const missing = (): never => refuse(501, { statusCode: 501, type: 'Argument Exception', message: 'Invalid.' });

function check(
  zone: FakeZone,
  id: string | undefined,
  given: { readonly recordType: string; readonly nodeName: string; readonly ipv4Address?: string; readonly ipv6Address?: string; readonly ttl?: number },
) {
  const value = (given.recordType === 'A' ? given.ipv4Address : given.ipv6Address) ?? '';
  const name = nameOf(given.nodeName, zone);
  if (!holds(given.recordType, value)) missing();
  if (records.of(zone, name, given.recordType).some((record) => record.id !== id && record.value === value)) missing();
  return { name, type: given.recordType, value };
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['api-key'] !== TOKEN) refuse(401, { statusCode: 401, type: 'Authentication Exception', message: 'Invalid.' });
  },
  routes: {
    'GET /v2/dns': ({ zone }) => reply(200, { statusCode: 200, domains: zonesOf(zone).map(({ id, name }) => ({ id: numberOf(id), name, ipv4Address: '203.0.113.200', ttl: 120 })) }),
    'GET /v2/dns/:zone/record': ({ zone, params }) =>
      Number(params['zone']) === numberOf(zone.id) ? reply(200, { statusCode: 200, dnsRecords: zone.records.map((record) => show(zone, record)) }) : missing(),
    'POST /v2/dns/:zone/record'({ zone, json }) {
      const given = json();
      return reply(200, show(zone, records.add(zone, { ...check(zone, undefined, given), ttl: given.ttl ?? 120 })));
    },
    'POST /v2/dns/:zone/record/:id'({ zone, params, json }) {
      const given = json();
      const record = records.numbered(zone, params['id']) ?? missing();
      return reply(
        200,
        show(zone, records.rewrite(zone, record.id, { ...check(zone, record.id, given), ttl: given.ttl ?? 120, ...(given.group ? { extra: { group: given.group } } : {}) }) ?? missing()),
      );
    },
    'DELETE /v2/dns/:zone/record/:id'({ zone, params }) {
      records.remove(zone, (records.numbered(zone, params['id']) ?? missing()).id);
      return reply(200, { statusCode: 200 });
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { group: 'office' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a wrong key',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/v2\/dns$/ },
      reply: { status: 401, body: '{"statusCode":401,"type":"Authentication Exception","message":"Invalid."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of somebody else',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/v2\/dns\/\d+\/record$/ },
      reply: { status: 501, body: '{"statusCode":501,"type":"Argument Exception","message":"Invalid."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a domain and its own records',
      page: RECORDED,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/v2\/dns\/\d+\/record$/ },
      reply: {
        status: 200,
        body: '{"statusCode":200,"dnsRecords":[{"id":3660288,"domainId":1024,"domainName":"example.com","nodeName":"","hostname":"example.com","recordType":"SOA","ttl":120,"state":true,"content":"example.com. 120 IN SOA ns1.dynu.com. administrator.dynu.com. 0 1800 300 86400 300","updatedOn":"2019-06-16T18:26:59","masterName":"ns1.dynu.com","responsibleName":"administrator.dynu.com","refresh":1800,"retry":300,"expire":86400,"negativeTTL":300}]}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'create a record',
      page: RECORDED,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /^\/v2\/dns\/\d+\/record$/, body: { recordType: 'A', state: true, nodeName: 'home', ipv4Address: '198.51.100.4', ttl: 3600 } },
      reply: {
        status: 200,
        body: '{"statusCode":200,"id":6052991,"domainId":1024,"domainName":"example.com","nodeName":"home","hostname":"home.example.com","recordType":"A","ttl":3600,"state":true,"content":"home.example.com. 3600 IN A 198.51.100.4","ipv4Address":"198.51.100.4"}',
      },
      ends: 'ok',
    },
  ],
};
