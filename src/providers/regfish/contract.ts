/** Regfish's API over records in memory, and exchanges in the form its own client shows. */
import { type Contract, type FakeRecord, fakeApi, holds, numberOf, records, refuse, reply, type Visit } from '../../testing/index.ts';

const KEY = 'rf_5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const PAGE = 'https://github.com/regfish/regfish-dnsapi-go';

const fail = (status: number, message: string) => refuse(status, { success: false, code: status * 100, message });
const byId = ({ zone, params }: Visit): FakeRecord => records.numbered(zone, params['id']) ?? fail(404, 'record not found');
const show = ({ id, name, type, value, ttl, extra }: FakeRecord): object => ({ id: numberOf(id), name: `${name}.`, type, data: value, ttl, ...extra });
const nameIn = ({ zone }: Visit, name: string): string => (name === `${zone.name}.` || name.endsWith(`.${zone.name}.`) ? name.slice(0, -1) : fail(404, 'domain not found'));
const check = (type: string, data: string): void => {
  if (!holds(type, data)) fail(400, 'data is no IPv4 address');
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-api-key'] !== KEY) fail(401, 'invalid API key');
  },
  routes: {
    'GET /dns/:domain/rr': ({ zone, params }) => (params['domain'] === zone.name ? { success: true, response: zone.records.map(show) } : fail(404, 'domain not found')),
    'POST /dns/rr'(visit) {
      const { name, type, data, ttl = 300 } = visit.json();
      check(type, data);
      return reply(201, { success: true, response: show(records.add(visit.zone, { name: nameIn(visit, name), type, value: data, ttl })) });
    },
    'PATCH /dns/rr/:id'(visit) {
      const old = byId(visit);
      const { name, type, data, ttl = 300, annotation } = visit.json();
      check(type, data);
      if (nameIn(visit, name) !== old.name) fail(400, 'the name is another one');
      const fresh = records.rewrite(visit.zone, old.id, { value: data, ttl, ...(annotation ? { extra: { annotation } } : {}) });
      return { success: true, response: show(fresh ?? old) };
    },
    'DELETE /dns/rr/:id'(visit) {
      records.remove(visit.zone, byId(visit).id);
      return { success: true };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { key: KEY, zone: 'example.com' },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  extra: { annotation: 'the box in the garage' },
  budget: { one: 2, thousand: 1001 },
  documented: [
    {
      title: 'list the records of a domain',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/dns\/example\.com\/rr$/ },
      reply: { status: 200, body: '{"response":[{"id":42,"name":"home.example.com.","type":"A","data":"203.0.113.1","ttl":300}]}' },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 60 },
      request: { method: 'POST', path: /^\/dns\/rr$/, body: { name: 'home.example.com.', type: 'A', data: '198.51.100.4', ttl: 60 } },
      reply: { status: 201, body: '{"response":{"id":42,"name":"home.example.com.","type":"A","data":"198.51.100.4","ttl":60}}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /^\/dns\/rr\/\d+$/, body: { name: 'home.example.com.', type: 'A', data: '198.51.100.4', ttl: 300 } },
      reply: { status: 200, body: '{"response":{"id":42,"name":"home.example.com.","type":"A","data":"198.51.100.4","ttl":300}}' },
      ends: 'ok',
    },
    { title: 'a key that is not known', page: PAGE, act: write, request: { method: 'GET', path: /\/rr$/ }, reply: { status: 401, body: '' }, ends: 'auth', fake: 'unasked' },
    {
      title: 'a domain that is not there',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/rr$/ },
      reply: { status: 404, body: '{"message":"domain not found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
