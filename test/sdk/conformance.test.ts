/** The suite itself: a good provider passes every law, and each way of being wrong is caught by one. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { attempt, call, defineProvider, Fault, type HeldRecord, handedOut, json, matching, once, type RecordsById, recordsById, secret, type Tools, type Zone } from '../../src/sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, type HttpReply, type HttpRequest, laws } from '../../src/testing/index.ts';

const TOKEN = 'plain-example-token-42';
const BASE = 'https://api.example.net';

/** A vendor that holds records by id, lists them in pages, and does not refuse a second record of the same value. */
function api(zone: FakeZone, { pageSize }: { readonly pageSize: number }): (request: HttpRequest) => HttpReply {
  const say = (status: number, body: unknown): HttpReply => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return ({ method, url, headers, body }) => {
    if (headers['x-token'] !== TOKEN) return say(401, { message: `who is ${headers['x-token']}?` });
    const { pathname, searchParams } = new URL(url);
    const id = pathname.split('/')[4] ?? '';
    const given = body === undefined ? {} : JSON.parse(body);
    if (pathname === '/zones') return say(200, { zones: [{ id: zone.id, name: zone.name }] });
    if (method === 'GET') {
      const page = Number(searchParams.get('page') ?? 1);
      const pages = Math.ceil(zone.records.length / pageSize);
      return say(200, { records: zone.records.slice((page - 1) * pageSize, page * pageSize), ...(page < pages ? { next: page + 1 } : {}), total: zone.records.length });
    }
    if (method === 'POST') {
      const record: FakeRecord = { id: zone.nextId(), ...given };
      zone.records = [...zone.records, record];
      return say(201, record);
    }
    const old = zone.records.find((record) => record.id === id);
    if (old === undefined) return say(404, { message: 'no such record' });
    const record = { ...old, ...given };
    zone.records = method === 'DELETE' ? zone.records.filter((one) => one !== old) : zone.records.map((one) => (one === old ? record : one));
    return say(200, record);
  };
}

const RecordForm = v.object({ id: v.string(), name: v.string(), type: v.string(), value: v.string(), ttl: v.number(), extra: v.optional(v.unknown()) });
type Calls = RecordsById<HeldRecord> & Required<Pick<RecordsById<HeldRecord>, 'update'>>;

function goodCalls(tools: Tools, token: string): Calls {
  const ask = { headers: { 'x-token': token } };
  const records = (zone: Zone, id = '') => `${BASE}/zones/${zone.id}/records/${id}`;
  return {
    zones: {
      kind: 'list',
      async list() {
        const { zones } = await call(tools, { ...ask, url: `${BASE}/zones`, purpose: 'list the zones' }, json(v.object({ zones: v.array(v.object({ id: v.string(), name: v.string() })) })));
        return { items: zones };
      },
    },
    async list(zone, cursor) {
      const schema = v.object({ records: v.array(RecordForm), next: v.optional(v.number()), total: v.number() });
      const page = await call(tools, { ...ask, url: records(zone), query: { page: cursor }, purpose: 'list the records' }, json(schema));
      return { items: page.records, next: page.next, total: page.total };
    },
    create: (zone, { name, type, value, ttl = 900 }) => call(tools, { ...ask, method: 'POST', url: records(zone), json: { name, type, value, ttl }, purpose: 'create a record' }, json(RecordForm)),
    update: (zone, { id }, patch) => call(tools, { ...ask, method: 'PATCH', url: records(zone, id), json: patch, purpose: 'change a record' }, json(RecordForm)),
    async remove(zone, { id }) {
      await call(tools, { ...ask, method: 'DELETE', url: records(zone, id), purpose: 'remove a record' }, { ...json(v.object({ id: v.string() })), absent: () => ({ id }) });
    },
  };
}

type Break = (calls: Calls, tools: Tools, token: string) => Calls;
const provider = (wrong: Break = (calls) => calls) =>
  defineProvider({
    api: 1,
    id: 'example',
    name: 'Example DNS',
    reference: 'https://example.net/api',
    checked: '2026-11-22',
    evidence: 'unverified',
    can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 900 } },
    options: { token: secret('the token') },
    credentials: 'Ask.',
    open: ({ token }, tools) => recordsById(tools, wrong(goodCalls(tools, token.reveal()), tools, token.reveal())),
  });

const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { comment: 'mine' },
  budget: { one: 3 },
  documented: [
    {
      title: 'create a record',
      page: 'https://example.net/api#create',
      act: { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] },
      request: { method: 'POST', path: /\/records\/$/, body: { name: 'home.example.com', value: '198.51.100.4' } },
      reply: { status: 201, body: '{"id":"1","name":"home.example.com","type":"A","value":"198.51.100.4","ttl":900}' },
      ends: 'ok',
    },
  ],
};

/** The titles of the laws that are broken. */
async function broken(manifest: ReturnType<typeof provider>, under: Contract = contract): Promise<readonly string[]> {
  const titles: string[] = [];
  for (const { title, run } of laws(manifest, under)) if ((await attempt(run)).kind === 'failed') titles.push(title);
  return titles;
}

/** Retries what must not be sent twice. */
const insisting: Break = (calls) => ({
  ...calls,
  async create(zone, record) {
    const first = await attempt(() => calls.create(zone, record));
    return first.kind === 'ok' ? first.value : calls.create(zone, record);
  },
});

const BREAKAGES: readonly { readonly what: string; readonly wrong: Break; readonly law: RegExp }[] = [
  { what: 'reads only the first page', wrong: (calls) => ({ ...calls, list: async (zone, cursor, keys) => ({ items: (await calls.list(zone, cursor, keys)).items }) }), law: /many pages/ },
  {
    what: 'takes a failed listing for an empty zone',
    wrong: (calls) => ({
      ...calls,
      async list(zone, cursor, keys) {
        const page = await attempt(() => calls.list(zone, cursor, keys));
        return page.kind === 'ok' ? page.value : { items: [] };
      },
    }),
    law: /weather: 500/,
  },
  { what: 'repeats a create whose answer was lost', wrong: insisting, law: /weather: (reset after|slow beyond)/ },
  {
    what: 'takes any page for a success',
    wrong: (calls, tools, token) => ({
      ...calls,
      async update(zone, { id }, patch) {
        await call(
          tools,
          { headers: { 'x-token': token }, method: 'PATCH', url: `${BASE}/zones/${zone.id}/records/${id}`, json: patch, purpose: 'change' },
          { read: () => ({ kind: 'read', value: undefined }) },
        );
        return undefined;
      },
    }),
    law: /captive portal/,
  },
  { what: 'says it is done and does nothing', wrong: (calls) => ({ ...calls, update: async () => undefined }), law: /what is written is there/ },
  {
    what: 'overwrites what it does not own',
    wrong: (calls, tools, token) => ({
      ...calls,
      update: (zone, { id }, patch) =>
        call(
          tools,
          { headers: { 'x-token': token }, method: 'PATCH', url: `${BASE}/zones/${zone.id}/records/${id}`, json: { ttl: 60, extra: undefined, ...patch }, purpose: 'change' },
          json(RecordForm),
        ),
    }),
    law: /keeps TTL/,
  },
  {
    what: 'removes strangers',
    wrong: (calls) => ({
      ...calls,
      async update(zone, record, patch) {
        const { items } = await calls.list(zone, undefined, []);
        for (const other of items.filter(({ type }) => type === 'TXT')) await calls.remove(zone, other);
        return calls.update(zone, record, patch);
      },
    }),
    law: /bystanders/,
  },
  {
    what: 'creates beside instead of replacing',
    wrong: (calls) => ({ ...calls, update: (zone, record, { value }) => calls.create(zone, { ...record, value, ttl: 900 } as never) }),
    law: /what is written is there/,
  },
  {
    what: 'puts its secret into a message',
    wrong: (calls, _tools, token) => ({
      ...calls,
      async update(zone, record, patch) {
        const done = await attempt(() => calls.update(zone, record, patch));
        if (done.kind === 'ok') return done.value;
        throw new Fault({ ...done.failure, detail: `${done.failure.detail}, with token ${token}` });
      },
    }),
    law: /weather: 401/,
  },
  {
    what: 'throws something else than a Fault',
    wrong: (calls) => ({
      ...calls,
      async update(zone, record, patch) {
        const done = await attempt(() => calls.update(zone, record, patch));
        if (done.kind === 'ok') return done.value;
        throw new TypeError('fetch failed');
      },
    }),
    law: /weather: connection refused/,
  },
  {
    what: 'calls a lost answer a refusal',
    wrong: (calls) => ({
      ...calls,
      async update(zone, record, patch) {
        const done = await attempt(() => calls.update(zone, record, patch));
        if (done.kind === 'ok') return done.value;
        throw new Fault({ kind: 'refused', detail: 'it did not work' });
      },
    }),
    law: /weather: reset after/,
  },
  {
    what: 'asks far too often',
    wrong: (calls) => ({
      ...calls,
      async list(zone, cursor, keys) {
        await calls.list(zone, cursor, keys);
        return calls.list(zone, cursor, keys);
      },
    }),
    law: /request budget/,
  },
  {
    what: 'sends something else than the vendor documents',
    wrong: (calls) => ({ ...calls, create: (zone, record) => calls.create(zone, { ...record, name: `${record.name}.` as never }) }),
    law: /documented: create a record \(adapter\)/,
  },
  {
    what: 'reads a status instead of the answer',
    wrong: (calls, tools, token) => ({
      ...calls,
      async remove(zone, { id }) {
        await call(tools, { headers: { 'x-token': token }, method: 'POST', url: `${BASE}/zones/${zone.id}/records/${id}`, purpose: 'remove' }, matching(/^/));
      },
    }),
    law: /values that shall go/,
  },
];

const SESSION = 'made-up-session-51';
/** The same vendor with a log-in. */
const behindLogin: Contract = {
  ...contract,
  sessions: [SESSION],
  budget: { one: 4 },
  api: (zone, limits) => (request) => {
    const say = (status: number, body: unknown): HttpReply => ({ status, headers: {}, body: JSON.stringify(body) });
    if (request.url.endsWith('/login')) return request.headers['x-token'] === TOKEN ? say(200, { sid: SESSION }) : say(401, {});
    return request.headers['x-session'] === SESSION ? api(zone, limits)(request) : say(401, {});
  },
};
const loggingIn =
  ({ confidential, learned }: { readonly confidential: boolean; readonly learned: boolean }): Break =>
  (_calls, tools, token) => {
    const login = { method: 'POST', url: `${BASE}/login`, headers: { 'x-token': token }, idempotent: true, confidential, purpose: 'log in' } as const;
    const make = async (): Promise<string> => (await call(tools, login, json(v.object({ sid: v.string() })))).sid;
    const session = learned ? handedOut(tools, make) : once(make);
    const http: typeof tools.net.http = async (request, wait) => tools.net.http({ ...request, headers: { ...request.headers, 'x-session': await session() } }, wait);
    return goodCalls({ ...tools, net: { ...tools.net, http } }, token);
  };

describe('the conformance suite', () => {
  it('a good provider with a log-in keeps every law', async () => {
    expect(await broken(provider(loggingIn({ confidential: true, learned: true })), behindLogin)).toEqual([]);
  });

  it.each([
    ['the answer of a log-in', { confidential: false, learned: true }],
    ['a session', { confidential: true, learned: false }],
  ])('catches one that shows %s', async (_what, how) => {
    const titles = await broken(provider(loggingIn(how)), behindLogin);
    expect(titles).toContain('no secret in trace, results or errors');
    expect(titles).toContain('weather: 429 with Retry-After: 120, once, at every exchange');
    expect(titles).toContain('documented: create a record (adapter)');
  });

  it('catches a contract whose session is never sent', async () => {
    expect(await broken(provider(), { ...contract, sessions: ['of-another-vendor'] })).toEqual(['no secret in trace, results or errors']);
  });

  it('a good provider keeps every law', async () => {
    expect(await broken(provider())).toEqual([]);
  });

  it.each(BREAKAGES)('catches one that $what', async ({ wrong, law }) => {
    expect((await broken(provider(wrong))).join('\n')).toMatch(law);
  });

  it('catches a capability that is not one', async () => {
    const { can, ...rest } = provider();
    if (typeof can === 'function') throw new TypeError('the example has plain capabilities');
    expect(await broken({ ...rest, can: { ...can, readable: false } })).toContain('what is written is there, and is read again');
  });

  it('catches a fake that answers otherwise than documented', async () => {
    const lying: Contract = {
      ...contract,
      api: (zone, limits) => (request) => {
        const reply = api(zone, limits)(request);
        return request.method === 'POST' ? { ...reply, status: 200 } : reply;
      },
    };
    expect(await broken(provider(), lying)).toEqual(['documented: create a record (fake)']);
  });

  it('catches options that do not fit the manifest', () => {
    expect(() => laws(provider(), { ...contract, options: { tokne: TOKEN } })).toThrow(/options do not fit|undefined/);
  });
});
