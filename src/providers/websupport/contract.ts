/** Websupport's API over records in memory, as other programs use it. */
import { createHmac } from 'node:crypto';
import { nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, fakeApi, holds, numberOf, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '2f5c8a1e-9b3d-4e7f-8a6c-5d4e3f2a1b0c';
const SECRET = 'b7e1d4a9c2f8';
const PAGE = 'https://rest.websupport.sk/v2/docs';

const fail = (status: number, title: string) => refuse(status, { type: '/errors/httpException', status, title });
const own = ({ zone, params }: Visit): void => {
  if (params['service'] !== String(numberOf(zone.id))) fail(403, 'This action is unauthorized.');
};
const byId = ({ zone, params }: Visit): FakeRecord => records.numbered(zone, params['id']) ?? fail(404, 'Record not found.');
const check = ({ type, content, ttl = 600 }: { readonly type: string; readonly content: string; readonly ttl?: number }): void => {
  const violation = (message: string) => refuse(422, { type: '/errors/validation', status: 422, title: 'Validation failed', violations: [{ propertyPath: 'content', message }] });
  if (!holds(type, content)) violation('This is not a valid IP address.');
  if (ttl < 60 || ttl > 86_400) violation('TTL is out of range.');
};

const api = fakeApi({
  guard({ request }) {
    const { authorization, date = '' } = request.headers;
    const password = createHmac('sha1', SECRET).update(`${request.method} ${new URL(request.url).pathname} ${Date.parse(date) / 1000}`);
    if (authorization !== `Basic ${btoa(`${KEY}:${password.digest('hex')}`)}`) refuse(401, { message: 'Incorrect username or password.', code: 401 });
  },
  routes: {
    'GET /v1/user/self/service'({ zone, query, pageSize }) {
      const domains = zonesOf(zone).map(({ id, name }) => ({ id: numberOf(id), serviceName: 'domain', status: 'active', name }));
      const hosting = { id: 1, serviceName: 'The Hosting', status: 'active', name: zone.name };
      const page = pageOf([hosting, ...domains], { page: Number(query.get('page') ?? 1), size: pageSize });
      return { items: page.items, pager: { page: page.page, pagesize: page.size, items: page.total } };
    },
    'GET /v2/service/:service/dns/record'(visit) {
      own(visit);
      const shown = visit.zone.records.map(({ id, name, type, value, ttl, extra }) => ({ id: numberOf(id), type, name, content: value, ttl, note: null, ...extra }));
      const page = pageOf(shown, { page: Number(visit.query.get('page') ?? 1), size: visit.pageSize });
      return { currentPage: page.page, rowsPerPage: page.size, totalPages: page.pages, totalRecords: page.total, data: page.items };
    },
    'POST /v2/service/:service/dns/record'(visit) {
      own(visit);
      const sent = visit.json();
      check(sent);
      records.add(visit.zone, { name: nameOf(sent.name, visit.zone), type: sent.type, value: sent.content, ttl: sent.ttl ?? 600 });
      return reply(204);
    },
    'PUT /v2/service/:service/dns/record/:id'(visit) {
      own(visit);
      const sent = visit.json();
      check(sent);
      const old = byId(visit);
      if (nameOf(sent.name, visit.zone) !== old.name) fail(422, 'The name is another one.');
      records.rewrite(visit.zone, old.id, { value: sent.content, ttl: sent.ttl ?? 600, ...(sent.note ? { extra: { note: sent.note } } : {}) });
      return reply(204);
    },
    'DELETE /v2/service/:service/dns/record/:id'(visit) {
      own(visit);
      records.remove(visit.zone, byId(visit).id);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const path = /^\/v2\/service\/\d+\/dns\/record$/;

export const contract: Contract = {
  options: { key: KEY, secret: SECRET, at: 'active24' },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  extra: { note: 'the box in the garage' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 120 },
      request: { method: 'POST', path, body: { type: 'A', name: 'home', content: '198.51.100.4', ttl: 120 } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/v2\/service\/\d+\/dns\/record\/\d+$/, body: { type: 'A', name: 'home', content: '198.51.100.4', ttl: 600 } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a listing, with a record that has no type',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path },
      reply: {
        status: 200,
        body: '{"currentPage":0,"rowsPerPage":0,"totalPages":0,"totalRecords":0,"actions":{},"data":[{"id":13,"name":"string","content":"string","ttl":120,"priority":1,"port":443,"weight":50},{"id":14,"type":"A","name":"home.example.com","content":"203.0.113.1","ttl":120}]}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'the services of an account',
      page: 'https://rest.websupport.sk/docs/v1.service#services',
      act: write,
      request: { method: 'GET', path: /^\/v1\/user\/self\/service$/ },
      reply: {
        status: 200,
        body: '{"items":[{"id":1111,"serviceName":".sk doména","status":"active","name":"mydomain.sk"},{"id":2222,"serviceName":"The Hosting","status":"active","name":"myname_1"}],"pager":{"page":1,"pagesize":null,"items":2}}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://rest.websupport.sk/docs/v1.service#services',
      act: write,
      request: { method: 'GET', path: /^\/v1\/user\/self\/service$/ },
      reply: { status: 401, body: '{"message":"No username or password.","code":401}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a service of somebody else',
      page: PAGE,
      act: write,
      request: { method: 'GET', path },
      reply: { status: 403, body: '{"type":"/errors/httpException","status":403,"title":"This action is unauthorized."}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
