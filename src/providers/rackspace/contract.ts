/** Rackspace's two APIs over records in memory, and exchanges in the form its pages show. */
import { type Contract, type FakeRecord, fakeApi, holds, numberOf, offsetAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const USERNAME = 'jsmith';
const KEY = 'aaaaa-bbbbb-ccccc-12345678';
const TOKEN = 'f1e2d3c4b5a6978877665544332211ff';
const TENANT = '110011';
const PAGE = 'https://docs.rackspace.com/docs/cloud-dns/v1/api-reference/records';

const fail = (status: number, message: string, details = '') => refuse(status, { message, code: status, details });
const number = (id: string): string => String(numberOf(id));
const typed = ({ id, type }: FakeRecord): string => `${type}-${numberOf(id)}`;
const byId = ({ zone }: Visit, id: string): FakeRecord | undefined => zone.records.find((record) => typed(record) === id);
const own = ({ zone, params }: Visit): void => {
  if (params['domain'] !== number(zone.id)) fail(404, 'Object not Found.', `Domain ID: ${params['domain']}`);
};
const listing = (key: string, all: readonly object[], visit: Visit): object => {
  const { items, total } = offsetAsked(all, visit, { size: 'limit', usual: 100, most: 100 });
  return { [key]: items, totalEntries: total };
};
const show = (record: FakeRecord): object => ({
  id: typed(record),
  name: record.name,
  type: record.type,
  data: record.value,
  ttl: record.ttl,
  created: '2011-05-18T19:53:09.000+0000',
  ...record.extra,
});

/** Every job is still running when it is first answered, and ended when it is asked for. */
const running = ({ request }: Visit): object => {
  const url = `https://dns.api.rackspacecloud.com/v1.0/${TENANT}`;
  return reply(202, {
    request: request.body ?? '',
    status: 'RUNNING',
    verb: request.method,
    jobId: 'bb6a5c5c-1f2e-4d3c-9b8a-7f6e5d4c3b2a',
    callbackUrl: `${url}/status/bb6a5c5c-1f2e-4d3c-9b8a-7f6e5d4c3b2a`,
    requestUrl: request.url,
  });
};

type Sent = { readonly id?: string; readonly name: string; readonly type?: string; readonly data: string; readonly ttl?: number; readonly comment?: string };
const check = (type: string | undefined, { data, ttl = 3600 }: Sent): void => {
  if (!holds(type, data)) fail(400, 'Validation Failed', 'data must be a valid IPv4 address');
  if (ttl < 300) fail(400, 'Validation Failed', 'ttl must be at least 300');
};
const sent = ({ json }: Visit): readonly Sent[] => json().records;

const api = fakeApi({
  guard({ request }) {
    if (!request.url.endsWith('/v2.0/tokens') && request.headers['x-auth-token'] !== TOKEN)
      refuse(401, { unauthorized: { code: 401, message: 'No valid token provided. Please use the "X-Auth-Token" header with a valid token.' } });
  },
  routes: {
    'POST /v2.0/tokens'({ json }) {
      const { username, apiKey } = json().auth['RAX-KSKEY:apiKeyCredentials'];
      if (username !== USERNAME || apiKey !== KEY) refuse(401, { unauthorized: { code: 401, message: 'Username or api key is invalid.' } });
      return { access: { token: { id: TOKEN, expires: '2030-11-24T22:05:39.115Z', tenant: { id: TENANT, name: TENANT } }, serviceCatalog: [], user: { id: '123456', name: USERNAME } } };
    },
    'GET /v1.0/110011/domains': (visit) =>
      listing(
        'domains',
        zonesOf(visit.zone)
          .filter(({ name }) => name.endsWith(visit.query.get('name') ?? ''))
          .map(({ id, name }) => ({ id: Number(number(id)), name, emailAddress: `hostmaster@${name}` })),
        visit,
      ),
    'GET /v1.0/110011/domains/:domain/records'(visit) {
      own(visit);
      return listing('records', visit.zone.records.map(show), visit);
    },
    'POST /v1.0/110011/domains/:domain/records'(visit) {
      own(visit);
      for (const one of sent(visit)) {
        check(one.type, one);
        if (records.of(visit.zone, one.name, one.type).some(({ value }) => value === one.data)) fail(409, 'Record is a duplicate of another record', one.name);
        records.add(visit.zone, { name: one.name, type: one.type ?? '', value: one.data, ttl: one.ttl ?? 3600 });
      }
      return running(visit);
    },
    'PUT /v1.0/110011/domains/:domain/records'(visit) {
      own(visit);
      for (const one of sent(visit)) {
        const old = byId(visit, one.id ?? '') ?? fail(404, 'Object not Found.', `Record ID: ${one.id}`);
        check(old.type, one);
        if (one.name !== old.name) fail(400, 'Validation Failed', 'name cannot be changed');
        records.rewrite(visit.zone, old.id, { value: one.data, ttl: one.ttl ?? old.ttl, ...(one.comment ? { extra: { comment: one.comment } } : {}) });
      }
      return running(visit);
    },
    'DELETE /v1.0/110011/domains/:domain/records'(visit) {
      own(visit);
      for (const id of visit.query.getAll('id')) records.remove(visit.zone, byId(visit, id)?.id ?? fail(404, 'Object not Found.', `Record ID: ${id}`));
      return running(visit);
    },
    'GET /v1.0/110011/status/:job': ({ params }) => ({ status: 'COMPLETED', jobId: params['job'], verb: 'PUT', callbackUrl: '' }),
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 5771 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const path = /^\/v1\.0\/110011\/domains\/\d+\/records$/;
const accepted = {
  status: 202,
  body: '{"request":"{}","status":"RUNNING","verb":"POST","jobId":"6f8a2d5b-5d7a-4bb1-9f9b-6c0d3e8e2f11","callbackUrl":"https://dns.api.rackspacecloud.com/v1.0/110011/status/6f8a2d5b-5d7a-4bb1-9f9b-6c0d3e8e2f11","requestUrl":"https://dns.api.rackspacecloud.com/v1.0/110011/domains/2725233/records"}',
};

export const contract: Contract = {
  options: { username: USERNAME, key: KEY },
  secretOptions: ['key'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  extra: { comment: 'the box in the garage' },
  budget: { one: 5, thousand: 32 },
  documented: [
    {
      title: 'log in',
      page: 'https://docs.rackspace.com/docs/cloud-identity/v2/api-reference/token-operations',
      act: write,
      request: { method: 'POST', path: /^\/v2\.0\/tokens$/, body: { auth: { 'RAX-KSKEY:apiKeyCredentials': { username: USERNAME, apiKey: KEY } } } },
      reply: {
        status: 200,
        body: `{"access":{"token":{"id":"${TOKEN}","expires":"2014-11-24T22:05:39.115Z","tenant":{"id":"110011","name":"110011"},"RAX-AUTH:authenticatedBy":["APIKEY"]},"serviceCatalog":[],"user":{"id":"123456","roles":[],"name":"jsmith"}}}`,
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'list the records',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/v1\.0\/110011\/domains\/\d+\/records\?limit=100&offset=0$/ },
      reply: {
        status: 200,
        body: '{"totalEntries":1,"records":[{"name":"home.example.com","id":"A-6817754","type":"A","data":"203.0.113.1","ttl":5771,"created":"2011-05-18T19:53:09.000+0000"}]}',
      },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path, body: { records: [{ name: 'home.example.com', type: 'A', data: '198.51.100.4', ttl: 300 }] } },
      reply: accepted,
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path, body: { records: [{ name: 'home.example.com', data: '198.51.100.4', ttl: 5771 }] } },
      reply: accepted,
      ends: 'ok',
    },
    {
      title: 'a job that fails',
      page: 'https://docs.rackspace.com/docs/cloud-dns/v1/general-api-info/synchronous-and-asynchronous-responses',
      act: write,
      request: { method: 'GET', path: /^\/v1\.0\/110011\/status\/[0-9a-f-]+\?showDetails=true$/ },
      reply: {
        status: 200,
        body: '{"status":"ERROR","verb":"POST","jobId":"6f8a2d5b-5d7a-4bb1-9f9b-6c0d3e8e2f11","error":{"failedItems":{"faults":[{"message":"Record is a duplicate of another record","code":409,"details":"home.example.com"}]},"message":"One or more items could not be created.","code":500,"details":"See errors list for details."}}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a log-in that is not known',
      page: 'https://docs.rackspace.com/docs/cloud-identity/v2/api-reference/token-operations',
      act: write,
      request: { method: 'POST', path: /^\/v2\.0\/tokens$/ },
      reply: { status: 401, body: '{"unauthorized":{"code":401,"message":"Username or api key is invalid."}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://docs.rackspace.com/docs/cloud-dns/v1/general-api-info/limits',
      act: write,
      request: { method: 'GET', path: /\/domains\?/ },
      reply: { status: 413, headers: { 'retry-after': '30' }, body: '{"overLimit":{"message":"Too many requests: over the rate limit","code":413,"retryAfter":"30"}}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
