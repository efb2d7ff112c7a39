/** Google Cloud DNS over records in memory, and exchanges as its pages and recorded traffic show them. */
import { generateKeyPairSync, verify } from 'node:crypto';
import { type Contract, type ExactSet, exactSets, exchangeSets, type FakeZone, fakeApi, pageOf, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const KEY = JSON.stringify({
  type: 'service_account',
  project_id: 'my-project-123',
  private_key_id: '5f0c1e9d8b7a',
  private_key: privateKey,
  client_email: 'ddns@my-project-123.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
});
const TOKEN = 'ya29.c.b0AXv0zTN5f0c1e9d8b7a6f5e4d';
const PAGE = 'https://cloud.google.com/dns/docs/reference/rest/v1/changes/create';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/googleclouddns';
const BASE = '/dns/v1/projects/my-project-123/managedZones';

function fail(code: number, reason: string, message: string): never {
  return refuse(code, { error: { code, message, errors: [{ message, domain: 'global', reason }] } });
}

/** One page from the place where a token says that it begins. */
function page<T>(key: string, items: readonly T[], { query, pageSize }: Visit): object {
  const { items: some, pages, page: at } = pageOf(items, { page: Number(query.get('pageToken') ?? 1), size: Math.min(Number(query.get('maxResults') ?? 100), pageSize) });
  return { kind: `dns#${key}ListResponse`, [key]: some, ...(at < pages ? { nextPageToken: String(at + 1) } : {}) };
}

function inside({ zone, params }: Visit): FakeZone {
  if (params['zone'] !== 'served') fail(404, 'notFound', `The 'parameters.managedZone' resource named '${params['zone']}' does not exist.`);
  return zone;
}

type Shown = { readonly name: string; readonly type: string; readonly ttl: number; readonly rrdatas: readonly string[] };
const shown = (zone: FakeZone): readonly Shown[] => exactSets(zone).map(({ values, ...set }) => ({ ...set, rrdatas: values }));
const read = ({ rrdatas, ...set }: Shown): ExactSet => ({ ...set, values: rrdatas });

const api = fakeApi({
  guard({ request }) {
    if (new URL(request.url).pathname === '/token' || request.headers['authorization'] === `Bearer ${TOKEN}`) return;
    refuse(401, { error: { code: 401, message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED' } });
  },
  routes: {
    'POST /token'({ form }) {
      const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
      const { aud, scope, exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      const good = verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
      if (!good || JSON.parse(Buffer.from(header, 'base64url').toString()).kid !== '5f0c1e9d8b7a') refuse(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
      if (aud !== 'https://oauth2.googleapis.com/token' || !scope || exp - iat > 3600) refuse(400, { error: 'invalid_grant', error_description: 'Invalid JWT: Token must be a short-lived token.' });
      return { access_token: TOKEN, expires_in: 3600, token_type: 'Bearer' };
    },
    [`GET ${BASE}`]: (visit) =>
      page(
        'managedZones',
        [
          ...zonesOf(visit.zone).map(({ name }, at) => ({ name: name === visit.zone.name ? 'served' : `zone-${at}`, dnsName: `${name}.`, id: String(at + 1), visibility: 'public' })),
          { name: 'inside', dnsName: `${visit.zone.name}.`, id: '99', visibility: 'private' },
        ],
        visit,
      ),
    [`GET ${BASE}/:zone/rrsets`](visit) {
      const [name, type] = [visit.query.get('name'), visit.query.get('type')];
      const some = shown(inside(visit)).filter((set) => (name === null || set.name === name) && (type === null || set.type === type));
      return page('rrsets', some, visit);
    },
    [`POST ${BASE}/:zone/changes`](visit) {
      const zone = inside(visit);
      const { deletions = [], additions = [] } = visit.json() as { readonly deletions?: readonly Shown[]; readonly additions?: readonly Shown[] };
      if (deletions.length > 1000 || additions.length > 1000) fail(400, 'invalid', 'The change is too large.');
      exchangeSets(
        zone,
        { deletions: deletions.map(read), additions: additions.map(read) },
        {
          missing: (_set, at) => fail(412, 'conditionNotMet', `Precondition not met for 'entity.change.deletions[${at}]'`),
          there: ({ name, type }, at) => fail(409, 'alreadyExists', `The resource 'entity.change.additions[${at}]' named '${name} (${type})' already exists`),
          bad: ({ name, type }, value) => fail(400, 'invalid', `Invalid value for 'entity.change.additions[${name}][${type}].rrdata[0]': '${value}'`),
        },
      );
      return { kind: 'dns#change', additions, deletions, startTime: '2026-11-22T10:00:00.000Z', id: '212', status: 'pending' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { key: KEY },
  secretOptions: ['key'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 5 },
  documented: [
    {
      title: 'a set that is not there',
      page: TRAFFIC,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/managedZones\/served\/rrsets\?name=home\.example\.com\.&type=A$/ },
      reply: { status: 200, body: '{"kind":"dns#resourceRecordSetsListResponse","rrsets":[]}' },
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
        path: /\/managedZones\/served\/changes$/,
        body: {
          deletions: [{ name: 'home.example.com.', type: 'A', ttl: 300, rrdatas: ['203.0.113.1'] }],
          additions: [{ name: 'home.example.com.', type: 'A', ttl: 300, rrdatas: ['198.51.100.4'] }],
        },
      },
      reply: {
        status: 200,
        body: '{"additions":[{"name":"home.example.com.","type":"A","ttl":300,"rrdatas":["198.51.100.4"]}],"deletions":[{"name":"home.example.com.","type":"A","ttl":300,"rrdatas":["203.0.113.1"]}],"startTime":"2018-04-18T10:11:12.131Z","id":"212","status":"pending","kind":"dns#change"}',
      },
      ends: 'ok',
    },
    {
      title: 'somebody else changed it in between',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/changes$/ },
      reply: {
        status: 412,
        body: `{"error":{"errors":[{"domain":"global","reason":"conditionNotMet","message":"Precondition not met for 'entity.change.deletions[0]'"}],"code":412,"message":"Precondition not met for 'entity.change.deletions[0]'"}}`,
      },
      ends: 'conflict',
      fake: 'unasked',
    },
    {
      title: 'a right that is missing',
      page: TRAFFIC,
      act: write,
      request: { method: 'GET', path: /\/managedZones$/ },
      reply: { status: 403, body: '{"error":{"errors":[{"domain":"global","reason":"forbidden","message":"Forbidden"}],"code":403,"message":"Forbidden"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests, said with status 403',
      page: 'https://cloud.google.com/dns/quotas',
      act: write,
      request: { method: 'GET', path: /\/rrsets/ },
      reply: { status: 403, body: '{"error":{"code":403,"message":"Rate Limit Exceeded","errors":[{"message":"Rate Limit Exceeded","domain":"usageLimits","reason":"rateLimitExceeded"}]}}' },
      ends: 'throttled',
      fake: 'unasked',
    },
    {
      title: 'a key that was deleted',
      page: 'https://developers.google.com/identity/protocols/oauth2/service-account#error-codes',
      act: write,
      request: { method: 'POST', path: /\/token$/ },
      reply: { status: 400, body: '{"error":"invalid_grant","error_description":"Invalid JWT Signature."}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
