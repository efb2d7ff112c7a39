/** INWX's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { type Contract, fakeApi, holds, numberOf, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const USER = 'ddns-only';
const PASSWORD = 'made-up-password-0f1e2d3c';
const SESSION = '9c1b2e3d4f5a6978';
const COOKIE = `domrobot=${SESSION}`;
const PAGE = 'https://www.inwx.de/en/help/apidoc/f/ch02s15.html';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/inwx';

const tail = { svTRID: '20180918-1831179-ote', runtime: 0.0646 };
const done = (resData?: object) => ({ code: 1000, msg: 'Command completed successfully', ...(resData ? { resData } : {}), ...tail });
const fail = (code: number, msg: string) => refuse(200, { code, msg, ...tail });
const missing = () => fail(2303, 'Object does not exist');

/** Checks what is to be stored; a TTL is 300 s at least. */
const check = (type: unknown, { content, ttl }: { content?: string; ttl?: number }): void => {
  if (content !== undefined && !holds(type, content)) fail(2005, 'Parameter value syntax error');
  if (ttl !== undefined && ttl < 300) fail(2004, 'Parameter value range error');
};

type Params = {
  readonly domain: string;
  readonly page?: number;
  readonly pagelimit?: number;
  readonly id: number | readonly number[];
  readonly type: string;
  readonly name: string;
  readonly content: string;
  readonly ttl?: number;
};

const METHODS: Readonly<Record<string, (visit: Visit, params: Params) => object>> = {
  'account.logout': () => ({ code: 1500, msg: 'Command completed successfully; ending session', ...tail }),
  'nameserver.list'({ zone, pageSize }, { page = 1, pagelimit = 20 }) {
    const { items, total } = pageOf(zonesOf(zone), { page, size: Math.min(pagelimit, pageSize) });
    return done({ count: total, domains: items.map(({ name }, at) => ({ roId: at, domain: name, type: 'MASTER', ipv4: '203.0.113.80' })) });
  },
  'nameserver.info'({ zone }, { domain }) {
    if (domain !== zone.name) missing();
    const record = zone.records.map(({ id, name, type, value, ttl }) => ({ id: numberOf(id), name, type, content: value, ttl, prio: 0 }));
    return done({ roId: 2238, domain, type: 'MASTER', cleanup: { status: 'OK', tstamp: 0 }, count: record.length, record });
  },
  'nameserver.createRecord'({ zone }, { domain, type, name, content, ttl = 3600 }) {
    if (domain !== zone.name) missing();
    check(type, { content, ttl });
    const full = name === '' ? zone.name : `${name}.${zone.name}`;
    if (records.of(zone, full, type).some(({ value }) => value === content)) fail(2302, 'Object exists');
    return done({ id: numberOf(records.add(zone, { name: full, type, value: content, ttl }).id) });
  },
  'nameserver.updateRecord'({ zone }, { id, content, ttl }) {
    for (const one of [id].flat()) {
      const record = records.numbered(zone, one) ?? missing();
      check(record.type, { content, ...(ttl === undefined ? {} : { ttl }) });
      records.change(zone, record.id, { value: content ?? record.value, ttl: ttl ?? record.ttl });
    }
    return done();
  },
  'nameserver.deleteRecord'({ zone }, { id }) {
    records.remove(zone, records.numbered(zone, Number(id))?.id ?? missing());
    return done();
  },
};

function call(visit: Visit) {
  const { method, params } = visit.json();
  if (method === 'account.login') {
    if (params.user !== USER || params.pass !== PASSWORD) fail(2200, 'Authentication error');
    return reply(200, done({ customerId: 1, customerNo: 1, accountId: 2, tfa: '0' }), { 'set-cookie': `${COOKIE}; expires=Thu, 03-Sep-2026 22:43:25 GMT; path=/; secure; HttpOnly` });
  }
  if (visit.request.headers['cookie'] !== COOKIE) fail(2002, 'Command use error');
  return METHODS[method]?.(visit, params) ?? fail(2000, 'Unknown command');
}

const api = fakeApi({ routes: { 'POST /jsonrpc/': call } });

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const request = (method: string, params: object = {}) => ({ method: 'POST' as const, path: /^\/jsonrpc\/$/, body: { method, params } });
const body = (answer: object) => ({ status: 200, body: JSON.stringify(answer) });

export const contract: Contract = {
  options: { username: USER, password: PASSWORD },
  secretOptions: ['password'],
  sessions: [SESSION],
  zone: 'example.com',
  api,
  budget: { one: 5, thousand: 9 },
  documented: [
    {
      title: 'records of a zone',
      page: TRAFFIC,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: request('nameserver.info', { domain: 'example.com' }),
      reply: body(
        done({
          roId: 2238,
          domain: 'example.com',
          type: 'MASTER',
          cleanup: { status: 'OK', tstamp: 0 },
          count: 1,
          record: [{ id: 16851, name: 'home.example.com', type: 'A', content: '203.0.113.1', ttl: 3600, prio: 0 }],
        }),
      ),
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: request('nameserver.createRecord', { domain: 'example.com', type: 'A', name: 'home', content: '198.51.100.4', ttl: 300 }),
      reply: body(done({ id: 16851 })),
      ends: 'ok',
    },
    {
      title: 'the same record exists',
      page: TRAFFIC,
      act: write,
      request: request('nameserver.createRecord'),
      reply: body({ code: 2302, msg: 'Object exists', svTRID: '20180918-1831176-ote', runtime: 0.084 }),
      ends: 'ok',
      fake: 'unasked',
    },
    { title: 'change a record', page: PAGE, given: [home], act: write, request: request('nameserver.updateRecord', { id: 1, content: '198.51.100.4' }), reply: body(done()), ends: 'ok' },
    {
      title: 'credentials that are not known',
      page: TRAFFIC,
      act: write,
      request: request('account.login', { user: USER, pass: PASSWORD }),
      reply: body({ code: 2200, msg: 'Authentication error', ...tail }),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: TRAFFIC,
      act: write,
      request: request('nameserver.info'),
      reply: body({ code: 2303, msg: 'Object does not exist', ...tail }),
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
