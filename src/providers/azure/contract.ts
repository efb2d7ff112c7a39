/** Azure DNS over records in memory, and exchanges as recorded traffic and its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const SUBSCRIPTION = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const TENANT = '11111111-2222-3333-4444-555555555555';
const SECRET = 'Q5f~0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f';
const TOKEN = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.signature';
const PAGE = 'https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update?view=rest-dns-2018-05-01';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/azure';
const BASE = `/subscriptions/${SUBSCRIPTION}`;
const ZONE = `${BASE}/resourceGroups/:group/providers/Microsoft.Network/dnsZones/:zone`;

type Held = ReturnType<typeof records.sets>[number];
/** Another for every state of a set. */
const etagOf = ({ name, type, values, ttl }: Held): string => Buffer.from(`${name} ${type} ${ttl} ${values}`).toString('base64url');
const id = (zone: FakeZone): string => `${BASE}/resourceGroups/dns/providers/Microsoft.Network/dnszones/${zone.name}`;

const show = (zone: FakeZone, set: Held): object => {
  const host = hostOf(set.name, zone, '@');
  const addresses = { A: { ARecords: set.values.map((ipv4Address) => ({ ipv4Address })) }, AAAA: { AAAARecords: set.values.map((ipv6Address) => ({ ipv6Address })) } }[set.type];
  return {
    id: `${id(zone)}/${set.type}/${host}`,
    name: host,
    type: `Microsoft.Network/dnszones/${set.type}`,
    etag: etagOf(set),
    properties: { metadata: {}, fqdn: `${set.name}.`, TTL: set.ttl, targetResource: {}, provisioningState: 'Succeeded', ...addresses, ...set.extra },
  };
};

function page(items: readonly object[], { query, request, pageSize }: Visit): object {
  if (query.get('api-version') !== '2018-05-01') refuse(400, { error: { code: 'InvalidApiVersionParameter', message: 'The api-version is invalid.' } });
  const { items: value, page: at, pages } = pageOf(items, { page: Number(query.get('$skipToken') ?? 1), size: Math.min(Number(query.get('$top') ?? 100), 100, pageSize) });
  const next = new URL(request.url);
  next.searchParams.set('$skipToken', String(at + 1));
  return { value, ...(at < pages ? { nextLink: next.href } : {}) };
}

function inside({ zone, params }: Visit): FakeZone {
  if (params['group'] !== 'dns' || params['zone'] !== zone.name) refuse(404, { error: { code: 'ParentResourceNotFound', message: 'Can not perform requested operation on nested resource.' } });
  return zone;
}

const find = ({ zone, params }: Visit): Held | undefined => records.sets(zone).find(({ name, type }) => name === nameOf(params['host'] ?? '', zone) && type === params['type']);

function precondition(there: Held | undefined, { request }: Visit): void {
  const { 'if-match': match, 'if-none-match': none } = request.headers;
  if ((none === '*' && there) || (match !== undefined && match !== (there && etagOf(there))))
    refuse(412, { error: { code: 'PreconditionFailed', message: 'The condition of the request is not met: the etags differ.' } });
}

const api = fakeApi({
  guard({ request }) {
    if (new URL(request.url).pathname.endsWith('/oauth2/v2.0/token') || request.headers['authorization'] === `Bearer ${TOKEN}`) return;
    refuse(401, { error: { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' } });
  },
  routes: {
    [`POST /${TENANT}/oauth2/v2.0/token`]({ form }) {
      if (form.get('client_secret') !== SECRET) refuse(401, { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' });
      if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'https://management.azure.com/.default') refuse(400, { error: 'invalid_request' });
      return { token_type: 'Bearer', expires_in: 3599, access_token: TOKEN };
    },
    [`GET ${BASE}/providers/Microsoft.Network/dnszones`]: (visit) =>
      page(
        zonesOf(visit.zone).map(({ name }) => ({
          id: `${BASE}/resourceGroups/dns/providers/Microsoft.Network/dnszones/${name}`,
          name,
          type: 'Microsoft.Network/dnszones',
          location: 'global',
          properties: { zoneType: 'Public' },
        })),
        visit,
      ),
    [`GET ${ZONE}/recordsets`](visit) {
      const zone = inside(visit);
      return page(
        records.sets(zone).map((set) => show(zone, set)),
        visit,
      );
    },
    [`GET ${ZONE}/:type/:host`](visit) {
      const zone = inside(visit);
      const there = find(visit);
      if (there) return show(zone, there);
      return reply(404, { error: { code: 'NotFound', message: `The resource record '${visit.params['host']}' does not exist in resource group 'dns' of subscription '${SUBSCRIPTION}'.` } });
    },
    [`PUT ${ZONE}/:type/:host`](visit) {
      const zone = inside(visit);
      const there = find(visit);
      precondition(there, visit);
      const { TTL: ttl, ARecords = [], AAAARecords = [], metadata } = visit.json().properties;
      const type = visit.params['type'] ?? '';
      const values = (type === 'A' ? ARecords : AAAARecords).map((record: Record<string, string>) => record[type === 'A' ? 'ipv4Address' : 'ipv6Address']);
      if (!(ttl >= 1) || (type === 'A' && values.some((value: string) => !/^\d+\.\d+\.\d+\.\d+$/.test(value))))
        refuse(400, { error: { code: 'BadRequest', message: 'The value for A record is invalid.' } });
      const name = nameOf(visit.params['host'] ?? '', zone);
      // What is not sent is dropped.
      records.put(zone, { name, type, values: [], ttl });
      records.put(zone, { name, type, values, ttl, ...(metadata && Object.keys(metadata).length > 0 ? { extra: { metadata } } : {}) });
      return reply(there ? 200 : 201, show(zone, find(visit) as Held));
    },
    [`DELETE ${ZONE}/:type/:host`](visit) {
      const zone = inside(visit);
      const there = find(visit);
      precondition(there, visit);
      if (there) records.put(zone, { ...there, values: [] });
      return reply(there ? 200 : 204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const shown = (address: string): string =>
  `{"id":"${BASE}/resourceGroups/dns/providers/Microsoft.Network/dnszones/example.com/A/home","name":"home","type":"Microsoft.Network/dnszones/A","etag":"8cb7d6b2-8e4d-4e9c-8b1f-3f5f4f1d2a6e","properties":{"fqdn":"home.example.com.","TTL":3600,"ARecords":[{"ipv4Address":"${address}"}],"targetResource":{},"provisioningState":"Succeeded"}}`;

export const contract: Contract = {
  options: { tenantId: TENANT, clientId: '66666666-7777-8888-9999-000000000000', clientSecret: SECRET, subscriptionId: SUBSCRIPTION },
  secretOptions: ['clientSecret'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  extra: { metadata: { owner: 'the box in the hall' } },
  budget: { one: 4, thousand: 1012 },
  documented: [
    {
      title: 'create a set',
      page: TRAFFIC,
      act: { ...write, ttl: 3600 },
      request: { method: 'PUT', path: /\/dnsZones\/example\.com\/A\/home\?api-version=2018-05-01$/, body: { properties: { TTL: 3600, ARecords: [{ ipv4Address: '198.51.100.4' }] } } },
      reply: { status: 201, body: shown('198.51.100.4') },
      ends: 'ok',
    },
    {
      title: 'change a set',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/dnsZones\/example\.com\/A\/home\?/, body: { properties: { TTL: 3600, ARecords: [{ ipv4Address: '198.51.100.4' }] } } },
      reply: { status: 200, body: shown('198.51.100.4') },
      ends: 'ok',
    },
    {
      title: 'a set that is not there',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/A\/home\?/ },
      reply: { status: 404, body: `{"code":"NotFound","message":"The resource record 'home' does not exist in resource group 'dns' of subscription '${SUBSCRIPTION}'."}` },
      ends: 'ok',
      // Without the envelope that its description shows, and which the fake has.
      fake: 'unasked',
    },
    {
      title: 'somebody else changed it in between',
      page: 'https://learn.microsoft.com/azure/dns/dns-zones-records#etags',
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/A\/home\?/ },
      reply: { status: 412, body: '{"error":{"code":"PreconditionFailed","message":"The condition of the request is not met."}}' },
      ends: 'conflict',
      fake: 'unasked',
    },
    {
      title: 'a role that is missing',
      page: 'https://learn.microsoft.com/azure/role-based-access-control/troubleshooting',
      act: write,
      request: { method: 'GET', path: /\/dnszones\?/ },
      reply: { status: 403, body: '{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization to perform action \'Microsoft.Network/dnszones/read\'."}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a wrong client secret',
      page: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
      act: write,
      request: { method: 'POST', path: /\/oauth2\/v2\.0\/token$/ },
      reply: { status: 401, body: '{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling',
      act: write,
      request: { method: 'GET', path: /\/A\/home\?/ },
      reply: { status: 429, headers: { 'retry-after': '17' }, body: '{"error":{"code":"TooManyRequests","message":"The request is being throttled."}}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
