/** Servercow's API over records in memory, and exchanges as the tests of another program show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, holds, records, refuse, type Visit } from '../../testing/index.ts';

const USER = 'dns-home';
const PASSWORD = 'made-up-password-0f1e2d3c';
const OTHERS = 'https://github.com/go-acme/lego/tree/master/providers/dns/servercow/internal';

const fail = (error: string) => refuse(200, { error });
const mine = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : fail('domain not found'));
const keyIn = (visit: Visit) => {
  const { name, type, content, ttl } = visit.json();
  return { name: nameOf(name, mine(visit)), type: String(type), values: [content ?? []].flat().map(String), ttl: Number(ttl) };
};

const api = fakeApi({
  // It answers 200 to whom it does not know, too.
  guard({ request }) {
    if (request.headers['x-auth-username'] !== USER || request.headers['x-auth-password'] !== PASSWORD) fail('authentication failed');
  },
  routes: {
    'GET /dns/v1/domains/:domain': (visit) =>
      records.sets(mine(visit)).map(({ name, type, values, ttl }) => ({ name: hostOf(name, visit.zone, ''), ttl, type, content: values.length === 1 ? values[0] : values })),
    'POST /dns/v1/domains/:domain'(visit) {
      const set = keyIn(visit);
      if (set.values.length === 0 || set.values.some((value) => !holds(set.type, value))) fail('invalid content');
      if (!(set.ttl >= 20 && set.ttl <= 86_400)) fail('invalid ttl');
      records.put(visit.zone, set);
      return { message: 'ok' };
    },
    'DELETE /dns/v1/domains/:domain'(visit) {
      records.put(visit.zone, { ...keyIn(visit), values: [] });
      return { message: 'ok' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 120 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const path = /^\/dns\/v1\/domains\/example\.com$/;

export const contract: Contract = {
  options: { username: USER, password: PASSWORD, zone: 'example.com' },
  secretOptions: ['password'],
  zone: 'example.com',
  api,
  budget: { one: 2, thousand: 1001 },
  documented: [
    {
      title: 'a listing with records of the zone itself and of other types',
      page: `${OTHERS}/fixtures/records-01.json`,
      given: [home],
      act: write,
      request: { method: 'GET', path },
      reply: {
        status: 200,
        body: '[{"name":"home","ttl":120,"type":"A","content":"203.0.113.1"},{"name":"other","ttl":120,"type":"CAA","content":"0 issue \\"ca.example.net\\""},{"name":"other","ttl":120,"type":"AAAA","content":":::::"},{"name":"_acme-challenge.sample","ttl":20,"type":"TXT","content":["one","two"]},{"name":"","ttl":120,"type":"CAA","content":"0 issue \\"ca.example.net\\""},{"name":"","ttl":120,"type":"A","content":"203.0.113.2"}]',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'records of a zone, alone and several',
      page: OTHERS,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path },
      reply: { status: 200, body: '[{"name":"home","ttl":120,"type":"A","content":"203.0.113.1"},{"name":"_acme-challenge.sample","ttl":20,"type":"TXT","content":["one","two"]}]' },
      ends: 'ok',
    },
    {
      title: 'create a set',
      page: OTHERS,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path, body: { type: 'A', name: 'home', content: '198.51.100.4', ttl: 300 } },
      reply: { status: 200, body: '{"message":"ok"}' },
      ends: 'ok',
    },
    {
      title: 'change a set',
      page: OTHERS,
      given: [home],
      act: write,
      request: { method: 'POST', path, body: { type: 'A', name: 'home', content: '198.51.100.4', ttl: 120 } },
      reply: { status: 200, body: '{"message":"ok"}' },
      ends: 'ok',
    },
    {
      title: 'a user that is not known',
      page: OTHERS,
      act: write,
      request: { method: 'GET', path },
      reply: { status: 200, body: '{"error":"authentication failed"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a refusal',
      page: OTHERS,
      act: write,
      request: { method: 'POST', path },
      reply: { status: 200, body: '{"error":"parameter type must be cname, txt, tlsa, caa, a or aaaa"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
