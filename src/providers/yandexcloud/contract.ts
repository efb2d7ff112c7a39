/** Yandex Cloud DNS over records in memory, where every change ends a little later; exchanges as its pages show them. */
import { constants, generateKeyPairSync, verify } from 'node:crypto';
import { type Contract, type ExactSet, exactSets, exchangeSets, type FakeZone, fakeApi, pageOf, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const KEY = JSON.stringify({ id: 'ajexxxxxxxxxxxxkey00', service_account_id: 'ajexxxxxxxxxxaccount0', key_algorithm: 'RSA_2048', private_key: privateKey });
const TOKEN = 't1.9euelZqOnJ5f0c1e9d8b7a6f5e4d.c2lnbmF0dXJl';
const FOLDER = 'b1gxxxxxxxxxxxxxxxxx';
const PAGE = 'https://yandex.cloud/en/docs/dns/api-ref/DnsZone/updateRecordSets';

const fail = (status: number, code: number, message: string) => refuse(status, { code, message, details: [] });

/** Operations by their ids: how often each was asked for. */
const asked = new Map<string, number>();
function begin(zone: FakeZone): object {
  const id = zone.nextId();
  asked.set(id, 0);
  return { id, description: 'Update record sets', createdAt: '2026-11-22T10:00:00Z', createdBy: 'ajexxxxxxxxxxaccount0', done: false };
}

type Shown = { readonly name: string; readonly type: string; readonly ttl: string; readonly data: readonly string[] };
const shown = (zone: FakeZone): readonly Shown[] => exactSets(zone).map(({ ttl, values, ...set }) => ({ ...set, ttl: String(ttl), data: values }));
const read = ({ ttl, data, ...set }: Shown): ExactSet => ({ ...set, ttl: Number(ttl), values: data });

function page<T>(key: string, items: readonly T[], { query, pageSize }: Visit): object {
  const { items: some, page: at, pages } = pageOf(items, { page: Number(query.get('pageToken') || 1), size: Math.min(Number(query.get('pageSize') ?? 100), 1000, pageSize) });
  return { [key]: some, nextPageToken: at < pages ? String(at + 1) : '' };
}
/** The zone of `ID:verb`. */
function inside({ zone, params }: Visit): FakeZone {
  const [id] = params['of']?.split(':') ?? [];
  return id === zone.id ? zone : fail(404, 5, `Zone ${id} not found`);
}

const api = fakeApi({
  guard({ request }) {
    if (request.url.endsWith('/iam/v1/tokens') || request.headers['authorization'] === `Bearer ${TOKEN}`) return;
    fail(401, 16, 'The token is invalid');
  },
  routes: {
    'POST /iam/v1/tokens'({ json }) {
      const [header = '', claims = '', signature = ''] = String(json().jwt).split('.');
      const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
      const { iss, aud, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      const pss = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
      const good = verify('sha256', Buffer.from(`${header}.${claims}`), pss, Buffer.from(signature, 'base64url'));
      if (!good || alg !== 'PS256' || kid !== 'ajexxxxxxxxxxxxkey00' || iss !== 'ajexxxxxxxxxxaccount0') fail(401, 16, 'The JWT is invalid');
      if (aud !== 'https://iam.api.cloud.yandex.net/iam/v1/tokens' || exp - iat > 3600) fail(401, 16, 'The JWT is invalid');
      return { iamToken: TOKEN, expiresAt: '2026-11-22T22:00:00Z' };
    },
    'GET /dns/v1/zones'(visit) {
      if (visit.query.get('folderId') !== FOLDER) fail(403, 7, 'Permission denied');
      const zones = zonesOf(visit.zone).map(({ id, name }) => ({ id, folderId: FOLDER, zone: `${name}.`, publicVisibility: {} }));
      return page('dnsZones', [...zones, { id: 'inside', folderId: FOLDER, zone: `${visit.zone.name}.`, privateVisibility: { networkIds: ['n1'] } }], visit);
    },
    'GET /dns/v1/zones/:of'(visit) {
      const sets = shown(inside(visit));
      if (visit.params['of']?.endsWith(':listRecordSets')) return page('recordSets', sets, visit);
      const [name, type] = [visit.query.get('name'), visit.query.get('type')];
      return sets.find((set) => set.name === name && set.type === type) ?? fail(404, 5, `Record set ${name} ${type} not found`);
    },
    'POST /dns/v1/zones/:of'(visit) {
      const zone = inside(visit);
      const { deletions = [], additions = [] } = visit.json() as { readonly deletions?: readonly Shown[]; readonly additions?: readonly Shown[] };
      exchangeSets(
        zone,
        { deletions: deletions.map(read), additions: additions.map(read) },
        {
          missing: ({ name, type }) => fail(400, 9, `Record set ${name} ${type} does not match`),
          there: ({ name, type }) => fail(409, 6, `Record set ${name} ${type} already exists`),
          bad: () => fail(400, 3, 'Invalid record data'),
        },
      );
      return begin(zone);
    },
    'GET /operations/:id'({ params: { id = '' } }) {
      const times = asked.get(id) ?? fail(404, 5, 'Operation not found');
      asked.set(id, times + 1);
      return times === 0 ? { id, done: false } : { id, done: true, response: {} };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { key: KEY, folder: FOLDER },
  secretOptions: ['key'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  // Token, zones, the set, the change, and what became of it, twice.
  budget: { one: 6, thousand: 7 },
  documented: [
    {
      title: 'a set that is not there',
      page: 'https://yandex.cloud/en/docs/dns/api-ref/DnsZone/getRecordSet',
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/dns\/v1\/zones\/[^/]+:getRecordSet\?name=home\.example\.com\.&type=A$/ },
      reply: { status: 404, body: '{"code":5,"message":"Record set not found","details":[]}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a new value',
      page: PAGE,
      given: [home],
      act: write,
      request: {
        method: 'POST',
        path: /\/dns\/v1\/zones\/[^/]+:updateRecordSets$/,
        body: {
          deletions: [{ name: 'home.example.com.', type: 'A', ttl: '300', data: ['203.0.113.1'] }],
          additions: [{ name: 'home.example.com.', type: 'A', ttl: '300', data: ['198.51.100.4'] }],
        },
      },
      reply: { status: 200, body: '{"id":"dnsxxxxxxxxxxxxxxxxx","done":true}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a change that is done',
      page: 'https://yandex.cloud/en/docs/api-design-guide/concepts/operation',
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/operations\/[^/]+$/ },
      reply: { status: 200, body: '{"id":"dnsxxxxxxxxxxxxxxxxx","done":true,"response":{}}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a change that failed',
      page: 'https://yandex.cloud/en/docs/api-design-guide/concepts/operation',
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/operations\/[^/]+$/ },
      reply: { status: 200, body: '{"id":"dnsxxxxxxxxxxxxxxxxx","done":true,"error":{"code":3,"message":"Invalid record data"}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a change that failed for a reason of the provider alone',
      page: 'https://yandex.cloud/en/docs/api-design-guide/concepts/errors',
      given: [home],
      act: write,
      request: { method: 'GET', path: /\/operations\/[^/]+$/ },
      reply: { status: 200, body: '{"id":"dnsxxxxxxxxxxxxxxxxx","done":true,"error":{"code":14,"message":"Service unavailable"}}' },
      ends: 'unavailable',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://yandex.cloud/en/docs/iam/operations/iam-token/create-for-sa',
      act: write,
      request: { method: 'POST', path: /\/iam\/v1\/tokens$/ },
      reply: { status: 401, body: '{"code":16,"message":"The JWT is invalid","details":[]}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://yandex.cloud/en/docs/api-design-guide/concepts/errors',
      act: write,
      request: { method: 'GET', path: /:getRecordSet/ },
      reply: { status: 429, body: '{"code":8,"message":"Quota limit exceeded","details":[]}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
