/** Dynu's REST API over records in memory. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, reply, zonesOf } from '../../testing/index.ts';

const TOKEN = 'X4b3c2a19f8e7d6c5b4a39281706f5e4';
const PAGE = 'https://www.dynu.com/en-US/Resources/API/Documentation';

const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord) => ({
  statusCode: 200,
  id: numberOf(id),
  domainId: numberOf(zone.id),
  domainName: zone.name,
  nodeName: hostOf(name, zone, ''),
  hostname: name,
  recordType: type,
  ttl,
  state: true,
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
      return reply(200, show(zone, records.change(zone, record.id, { ...check(zone, record.id, given), ttl: given.ttl ?? 120 }) ?? missing()));
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
      ends: 'unavailable',
      fake: 'unasked',
    },
  ],
};
