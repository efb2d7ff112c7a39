/** Cloudflare's API over records in memory, and exchanges as its pages and public bug reports show them. */
import type { Contract, FakeRecord, FakeZone, HttpReply, HttpRequest } from '../../testing/index.ts';

const ZONE = 'example.com';
const TOKEN = 'c0nf0rmance-Token_0123456789abcdefghijkl';
const BATCH = 200;
const RECORDS = 'https://developers.cloudflare.com/api/resources/dns/subresources/records/';

type Body = { readonly [key: string]: unknown };
class Refused extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The vendor's API as far as the adapter uses it. */
function api(zone: FakeZone, { pageSize }: { readonly pageSize: number }): (request: HttpRequest) => HttpReply {
  return (request) => {
    try {
      return answer(200, { success: true, errors: [], messages: [], ...route(zone, request, pageSize) });
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return answer(thrown.status, { success: false, errors: [{ code: thrown.code, message: thrown.message }], messages: [], result: null });
    }
  };
}

function route(zone: FakeZone, { method, url, headers, body }: HttpRequest, pageSize: number): Body {
  if (headers['authorization'] !== `Bearer ${TOKEN}`) throw new Refused(403, 9109, 'Invalid access token');
  const { pathname, searchParams } = new URL(url);
  const path = pathname.replace(/^\/client\/v4/, '');
  const given: Body = body === undefined ? {} : JSON.parse(body);
  if (path === '/user/tokens/verify') return { result: { id: 'ed17574386854bf78a67040be0a770b0', status: 'active' } };
  if (path === '/zones') {
    const asked = searchParams.get('name');
    const zones = [{ id: zone.id, name: zone.name, status: 'active' }].filter(({ name }) => asked === null || asked === name);
    return listing(zones, searchParams, pageSize);
  }
  const [, , zoneId, , id] = path.split('/');
  if (zoneId !== zone.id) throw new Refused(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
  if (method === 'GET') {
    const [type, name] = [searchParams.get('type'), searchParams.get('name.exact')];
    const wanted = zone.records.filter((record) => (type === null || record.type === type) && (name === null || record.name === name));
    return listing(
      wanted.map((record) => show(record)),
      searchParams,
      pageSize,
    );
  }
  // Whatever is refused on the way, nothing is changed: the records are exchanged at the end.
  const draft: Draft = { records: [...zone.records], nextId: zone.nextId };
  const result = change(draft, method, id, given);
  zone.records = draft.records;
  return { result };
}

type Draft = { records: FakeRecord[]; readonly nextId: () => string };

function change(draft: Draft, method: string, id: string | undefined, given: Body): unknown {
  if (id === 'batch') {
    const list = (key: string) => (given[key] ?? []) as readonly Body[];
    if (list('deletes').length + list('patches').length + list('posts').length > BATCH) throw new Refused(400, 1004, 'Too many operations in the batch');
    return {
      deletes: list('deletes').map((one) => remove(draft, String(one['id']))),
      patches: list('patches').map((one) => patch(draft, String(one['id']), one)),
      puts: [],
      posts: list('posts').map((one) => create(draft, one)),
    };
  }
  if (method === 'POST') return create(draft, given);
  if (method === 'PATCH') return patch(draft, String(id), given);
  return remove(draft, String(id));
}

function create(draft: Draft, given: Body): Body {
  const { name, type, content, ttl = 1, ...extra } = given;
  const record: FakeRecord = { id: draft.nextId(), name: String(name), type: String(type), value: String(content), ttl: Number(ttl), ...(extra['proxied'] ? { extra } : {}) };
  check(draft, record);
  draft.records.push(record);
  return show(record);
}

function patch(draft: Draft, id: string, given: Body): Body {
  const at = draft.records.findIndex((record) => record.id === id);
  const old = draft.records[at];
  if (old === undefined) throw new Refused(404, 81044, 'Record does not exist.');
  const record: FakeRecord = { ...old, value: String(given['content'] ?? old.value), ttl: Number(given['ttl'] ?? old.ttl) };
  check(draft, record);
  draft.records[at] = record;
  return show(record);
}

function remove(draft: Draft, id: string): Body {
  if (!draft.records.some((record) => record.id === id)) throw new Refused(404, 81044, 'Record does not exist.');
  draft.records = draft.records.filter((record) => record.id !== id);
  return { id };
}

function check(draft: Draft, { id, name, type, value, ttl }: FakeRecord): void {
  if (type === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(value)) throw new Refused(400, 9005, 'Content for A record must be a valid IPv4 address.');
  if (ttl !== 1 && (ttl < 60 || ttl > 86_400)) throw new Refused(400, 9021, 'TTL must be between 60 and 86400 seconds, or 1 for Automatic.');
  const others = draft.records.filter((record) => record.id !== id && record.name === name);
  if (others.some((record) => record.type === type && record.value === value)) throw new Refused(400, 81058, 'An identical record already exists.');
  if (others.some((record) => record.type === 'CNAME')) throw new Refused(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
}

const show = ({ id, name, type, value, ttl, extra }: FakeRecord): Body => ({
  id,
  name,
  type,
  content: value,
  proxiable: true,
  proxied: false,
  ttl,
  settings: {},
  meta: {},
  comment: null,
  tags: [],
  ...extra,
});

function listing(all: readonly unknown[], query: URLSearchParams, pageSize: number): Body {
  const per = Math.min(Number(query.get('per_page') ?? 100), pageSize);
  const page = Number(query.get('page') ?? 1);
  const result = all.slice((page - 1) * per, page * per);
  return { result, result_info: { page, per_page: per, count: result.length, total_count: all.length, total_pages: Math.ceil(all.length / per) } };
}

const answer = (status: number, body: unknown): HttpReply => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const refusal = (code: number, message: string): string => JSON.stringify({ result: null, success: false, errors: [{ code, message }], messages: [] });
const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 };
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: ZONE,
  api,
  extra: { proxied: false, comment: 'Domain verification record', tags: ['owner:dns-team'] },
  budget: { one: 3, thousand: 8 },
  documented: [
    {
      title: 'no such zone',
      page: 'https://developers.cloudflare.com/api/resources/zones/methods/list/',
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/client\/v4\/zones\?/ },
      reply: { status: 200, body: '{"result":[],"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":50,"count":0,"total_count":0,"total_pages":0}}' },
      ends: 'refused',
    },
    {
      title: 'list records',
      page: `${RECORDS}methods/list/`,
      given: [{ ...home, extra: { comment: 'Domain verification record', proxied: true, tags: ['owner:dns-team'] } }],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/zones\/[0-9a-f]{32}\/dns_records\?/ },
      reply: {
        status: 200,
        body: '{"errors":[],"messages":[],"success":true,"result":[{"id":"023e105f4ecef8ad9ca31a8372d0c353","name":"home.example.com","type":"A","content":"203.0.113.1","proxiable":true,"proxied":true,"ttl":3600,"settings":{},"meta":{},"comment":"Domain verification record","tags":["owner:dns-team"]}],"result_info":{"count":1,"page":1,"per_page":5000,"total_count":1}}',
      },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: `${RECORDS}methods/create/`,
      act: write,
      request: { method: 'POST', path: /\/dns_records$/, body: { type: 'A', name: 'home.example.com', content: '198.51.100.4', ttl: 1, proxied: false } },
      reply: {
        status: 200,
        body: '{"errors":[],"messages":[],"success":true,"result":{"id":"023e105f4ecef8ad9ca31a8372d0c353","name":"home.example.com","type":"A","content":"198.51.100.4","proxiable":true,"proxied":false,"ttl":1,"settings":{},"meta":{},"tags":[]}}',
      },
      ends: 'ok',
    },
    {
      title: 'change the content of a record, and nothing else',
      page: `${RECORDS}methods/edit/`,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/dns_records\/[0-9a-f]{32}$/, body: { content: '198.51.100.4' } },
      reply: {
        status: 200,
        body: '{"errors":[],"messages":[],"success":true,"result":{"id":"023e105f4ecef8ad9ca31a8372d0c353","name":"home.example.com","type":"A","content":"198.51.100.4","proxied":false,"ttl":3600}}',
      },
      ends: 'ok',
    },
    {
      title: 'identical record',
      page: 'https://community.cloudflare.com/t/81058',
      act: write,
      request: { method: 'POST', path: /\/dns_records$/ },
      reply: { status: 400, body: refusal(81058, 'An identical record already exists.') },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'record is gone',
      page: `${RECORDS}methods/edit/`,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/dns_records\// },
      reply: { status: 404, body: refusal(81044, 'Record does not exist.') },
      ends: 'conflict',
      fake: 'unasked',
    },
    {
      title: 'token without permission',
      page: 'https://developers.cloudflare.com/fundamentals/api/troubleshooting/',
      act: write,
      request: { method: 'GET', path: /\/zones\?/ },
      reply: { status: 403, body: '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'malformed token',
      page: 'https://developers.cloudflare.com/fundamentals/api/troubleshooting/',
      act: write,
      request: { method: 'GET', path: /\/zones\?/ },
      reply: {
        status: 400,
        body: '{"success":false,"errors":[{"code":6003,"message":"Invalid request headers","error_chain":[{"code":6111,"message":"Invalid format for Authorization header"}]}],"messages":[],"result":null}',
      },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'rate limit',
      page: 'https://developers.cloudflare.com/fundamentals/api/reference/limits/',
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /\/dns_records\// },
      reply: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: '{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling your request speed"}],"messages":[],"result":null}',
      },
      ends: 'throttled',
      fake: 'unasked',
    },
    {
      title: 'address that is none',
      page: 'https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/',
      act: write,
      request: { method: 'POST', path: /\/dns_records$/ },
      reply: { status: 400, body: refusal(9005, 'Content for A record must be a valid IPv4 address.') },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
