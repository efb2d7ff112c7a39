/** TransIP's API over entries in memory, and exchanges as its page and recorded traffic show them. */
import { generateKeyPairSync, verify } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const TOKEN = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiJ9.eyJpc3MiOiJhcGkudHJhbnNpcC5ubCJ9.c2lnbmF0dXJl';
const PAGE = 'https://api.transip.nl/rest/docs.html#domains-dns';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/transip';

const error = (status: number, message: string) => refuse(status, { error: message });

function inside({ zone, params }: Visit): FakeZone {
  return params['zone'] === zone.name ? zone : error(404, `Domain with name '${params['zone']}' not found`);
}
/** The entries that an entry in a body means, by name, TTL and type. */
function meant(visit: Visit): { readonly zone: FakeZone; readonly entry: Omit<FakeRecord, 'id'>; readonly there: readonly FakeRecord[] } {
  const zone = inside(visit);
  const { name, expire, type, content } = visit.json().dnsEntry;
  if (![60, 300, 3600, 86_400].includes(expire)) error(406, `The expire '${expire}' is invalid`);
  if (type === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(content)) error(406, `The content '${content}' is invalid for a record of type A`);
  const entry = { name: nameOf(name, zone), type, value: content, ttl: expire };
  return { zone, entry, there: records.of(zone, entry.name, type).filter(({ ttl }) => ttl === expire) };
}

const api = fakeApi({
  guard({ request }) {
    if (!request.url.endsWith('/v6/auth') && request.headers['authorization'] !== `Bearer ${TOKEN}`) error(401, 'Your access token has been revoked.');
  },
  routes: {
    'POST /v6/auth'({ request, json }) {
      const { login, nonce, read_only, global_key } = json();
      const good = verify('sha512', Buffer.from(request.body ?? ''), publicKey, Buffer.from(request.headers['signature'] ?? '', 'base64'));
      if (!good || login !== 'alice' || nonce.length < 6 || nonce.length > 32 || read_only || !global_key) error(401, 'Invalid signature');
      return reply(201, { token: TOKEN });
    },
    'GET /v6/domains': ({ zone }) => ({ domains: zonesOf(zone).map(({ name }) => ({ name, authCode: '', isTransferLocked: false, isDnsOnly: false, tags: [] })) }),
    'GET /v6/domains/:zone/dns'(visit) {
      const zone = inside(visit);
      return { dnsEntries: zone.records.map(({ name, ttl, type, value }) => ({ name: hostOf(name, zone, '@'), expire: ttl, type, content: value })) };
    },
    'POST /v6/domains/:zone/dns'(visit) {
      const { zone, entry } = meant(visit);
      records.add(zone, entry);
      return reply(201, []);
    },
    'PATCH /v6/domains/:zone/dns'(visit) {
      const { zone, entry, there } = meant(visit);
      const [one, ...others] = there;
      if (one === undefined) return error(404, `Dns entry '${entry.name} ${entry.ttl} ${entry.type}' not found`);
      if (others.length > 0) error(406, `Multiple matches found for DNS entry '${hostOf(entry.name, zone, '@')} ${entry.ttl} ${entry.type}'`);
      records.change(zone, one.id, { value: entry.value });
      return reply(204);
    },
    'DELETE /v6/domains/:zone/dns'(visit) {
      const { zone, entry, there } = meant(visit);
      const one = there.find(({ value }) => value === entry.value) ?? error(404, 'Dns entry not found');
      records.remove(zone, one.id);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { login: 'alice', privateKey },
  secretOptions: ['privateKey'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1004 },
  documented: [
    {
      title: 'add an entry',
      page: TRAFFIC,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /\/v6\/domains\/example\.com\/dns$/, body: { dnsEntry: { name: 'home', expire: 300, type: 'A', content: '198.51.100.4' } } },
      reply: { status: 201, body: '[]' },
      ends: 'ok',
    },
    {
      title: 'change an entry',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/v6\/domains\/example\.com\/dns$/, body: { dnsEntry: { name: 'home', expire: 300, type: 'A', content: '198.51.100.4' } } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'remove an entry',
      page: TRAFFIC,
      given: [home],
      act: { ...write, values: [] },
      request: { method: 'DELETE', path: /\/v6\/domains\/example\.com\/dns$/, body: { dnsEntry: { name: 'home', expire: 300, type: 'A', content: '203.0.113.1' } } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a domain of somebody else',
      page: TRAFFIC,
      act: write,
      request: { method: 'GET', path: /\/v6\/domains\/example\.com\/dns$/ },
      reply: { status: 404, body: '{"error":"Domain with name \'example.com\' not found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a token that was taken back',
      page: 'https://api.transip.nl/rest/docs.html#header-errors',
      act: write,
      request: { method: 'GET', path: /\/v6\/domains$/ },
      reply: { status: 401, body: '{"error":"Your access token has been revoked."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://api.transip.nl/rest/docs.html#header-rate-limit',
      act: write,
      request: { method: 'GET', path: /\/v6\/domains$/ },
      reply: { status: 429, headers: { 'x-rate-limit-limit': '1000', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1901234567' }, body: '{"error":"Rate limit exceeded"}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
