/** Oracle's DNS API over records in memory, and exchanges as recorded traffic and its pages show them. */
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const TENANCY = 'ocid1.tenancy.oc1..aaaaaaaaba3pv6wkcr4jqae5f44n2b2m2yt2j6rx32uzr4h25vqstifsfdsq';
const USER = 'ocid1.user.oc1..aaaaaaaat5nvwcna5j6aqzjcaty5eqbb6qt2jvpkanghtgdaqedqw3rynjq';
const FINGERPRINT = '20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34';
const PAGE = 'https://docs.oracle.com/en-us/iaas/api/#/en/dns/20180115/Records/PatchZoneRecords';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/oraclecloud';

const error = (status: number, code: string, message: string) => refuse(status, { code, message });

/** Checked as the vendor's page tells it, from what came over the wire. */
function signedBy({ headers, method, url, body }: Visit['request']): boolean {
  const parts = Object.fromEntries([...(headers['authorization'] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
  const { host, pathname, search } = new URL(url);
  const wire: Readonly<Record<string, string | undefined>> = {
    ...headers,
    host,
    '(request-target)': `${method.toLowerCase()} ${pathname}${search}`,
    'content-length': String(Buffer.byteLength(body ?? '')),
  };
  const names = (parts['headers'] ?? '').split(' ');
  const needed = ['x-date', '(request-target)', 'host', ...(body === undefined ? [] : ['content-length', 'content-type', 'x-content-sha256'])];
  if (needed.some((name) => !names.includes(name)) || parts['keyId'] !== `${TENANCY}/${USER}/${FINGERPRINT}`) return false;
  if (body !== undefined && headers['x-content-sha256'] !== createHash('sha256').update(body).digest('base64')) return false;
  const text = names.map((name) => `${name}: ${wire[name]}`).join('\n');
  return verify('RSA-SHA256', Buffer.from(text), publicKey, Buffer.from(parts['signature'] ?? '', 'base64'));
}

const show = ({ name, type, value, ttl, extra }: FakeRecord): object => ({ domain: name, rtype: type, rdata: value, ttl, recordHash: 'f3a1', isProtected: false, rrsetVersion: '1', ...extra });

function page(items: readonly object[], { query, pageSize }: Visit) {
  const { items: some, page: at, pages } = pageOf(items, { page: Number(query.get('page') ?? 1), size: Math.min(Number(query.get('limit') ?? 100), pageSize) });
  return { some, headers: { etag: '"4f1a"', ...(at < pages ? { 'opc-next-page': String(at + 1) } : {}) } };
}
function listed(all: readonly FakeRecord[], visit: Visit) {
  const { some, headers } = page(all.map(show), visit);
  return reply(200, { items: some }, headers);
}
function inside({ zone, params }: Visit): FakeZone {
  return params['zone'] === zone.name ? zone : error(404, 'NotAuthorizedOrNotFound', 'Authorization failed or requested resource not found.');
}

type Operation = { readonly operation: string; readonly domain: string; readonly rtype: string; readonly rdata?: string; readonly ttl?: number };

const api = fakeApi({
  guard({ request }) {
    if (!signedBy(request)) error(401, 'NotAuthenticated', 'The required information to complete authentication was not provided or was incorrect.');
  },
  routes: {
    'GET /20180115/zones'(visit) {
      if (visit.query.get('compartmentId') !== TENANCY) error(404, 'NotAuthorizedOrNotFound', 'Authorization failed or requested resource not found.');
      const { some, headers } = page(
        zonesOf(visit.zone).map(({ name }) => ({ id: `ocid1.dns-zone.oc1..${name}`, name, zoneType: 'PRIMARY', scope: 'GLOBAL' })),
        visit,
      );
      return reply(200, some, headers);
    },
    'GET /20180115/zones/:zone/records': (visit) => listed(inside(visit).records, visit),
    'GET /20180115/zones/:zone/records/:name/:type': (visit) => listed(records.of(inside(visit), visit.params['name'] ?? '', visit.params['type']), visit),
    'PATCH /20180115/zones/:zone/records'(visit) {
      const zone = inside(visit);
      for (const { operation, domain, rtype, rdata, ttl = 300 } of visit.json().items as readonly Operation[]) {
        const there = records.of(zone, domain, rtype).filter(({ value }) => rdata === undefined || value === rdata);
        if (operation === 'REQUIRE' && there.length === 0) error(400, 'InvalidParameter', `The precondition REQUIRE ${domain} ${rtype} ${rdata} is not met`);
        if (operation === 'PROHIBIT' && there.length > 0) error(400, 'InvalidParameter', `The precondition PROHIBIT ${domain} ${rtype} is not met`);
        if (operation === 'REMOVE') for (const { id } of there) records.remove(zone, id);
        if (operation !== 'ADD') continue;
        if (rtype === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(rdata ?? '')) error(400, 'InvalidParameter', `Invalid rdata ${rdata}`);
        records.add(zone, { name: domain, type: rtype, value: rdata ?? '', ttl });
      }
      return listed(zone.records, visit);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const shown = '{"items":[{"domain":"home.example.com","recordHash":"b5e8c7d6a4f3e2d1c0b9a8f7e6d5c4b3","isProtected":false,"rdata":"198.51.100.4","rrsetVersion":"3","rtype":"A","ttl":300}]}';

export const contract: Contract = {
  options: { tenancy: TENANCY, user: USER, fingerprint: FINGERPRINT, privateKey, region: 'us-ashburn-1' },
  secretOptions: ['privateKey'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 16 },
  documented: [
    {
      title: 'the records of one set',
      page: TRAFFIC,
      given: [{ ...home, value: '198.51.100.4' }],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/20180115\/zones\/example\.com\/records\/home\.example\.com\/A$/ },
      reply: { status: 200, body: shown },
      ends: 'ok',
    },
    {
      title: 'a new value, if the old one is still there',
      page: PAGE,
      given: [home],
      act: write,
      request: {
        method: 'PATCH',
        path: /\/20180115\/zones\/example\.com\/records$/,
        body: {
          items: [
            { operation: 'REQUIRE', domain: 'home.example.com', rtype: 'A', rdata: '203.0.113.1' },
            { operation: 'REMOVE', domain: 'home.example.com', rtype: 'A', rdata: '203.0.113.1' },
            { operation: 'ADD', domain: 'home.example.com', rtype: 'A', rdata: '198.51.100.4', ttl: 300 },
          ],
        },
      },
      reply: { status: 200, body: shown },
      ends: 'ok',
    },
    {
      title: 'a zone that is not there, or a missing right',
      page: TRAFFIC,
      act: write,
      request: { method: 'GET', path: /\/zones\/example\.com\/records\// },
      reply: { status: 404, body: '{"code":"NotAuthorizedOrNotFound","message":"Authorization failed or requested resource not found."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm',
      act: write,
      request: { method: 'GET', path: /\/20180115\/zones\?/ },
      reply: { status: 401, body: '{"code":"NotAuthenticated","message":"The required information to complete authentication was not provided or was incorrect."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm',
      act: write,
      request: { method: 'GET', path: /\/20180115\/zones\?/ },
      reply: { status: 429, body: '{"code":"TooManyRequests","message":"Too many requests for the tenant."}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
