/** Pi-hole's API over a hosts list in memory, and exchanges as its own documentation shows them. */
import { type Contract, fakeApi, records, refuse, reply } from '../../testing/index.ts';

const PASSWORD = 'q5F0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3=';
const SID = 'vFA+EP4MQ5JJvJg+3Q2Jnw=';
const CSRF = 'Ux87YTIiMOf/GKCefVIOMw=';
const PAGE = 'https://docs.pi-hole.net/api/';
const CONFIG = 'https://ftl.pi-hole.net/master/docs/#get-/config/-element-';

function fail(status: number, key: string, message: string, hint: string | null = null): never {
  return refuse(status, { error: { key, message, hint }, took: 0.003 });
}
function taken(line = ''): { readonly value: string; readonly name: string; readonly type: string } {
  const [value = '', name = ''] = line.split(' ');
  if (!/^[0-9a-f.:]+$/i.test(value) || name === '') fail(400, 'bad_request', 'Invalid hosts line', `dns.hosts: ${line}`);
  return { value, name, type: value.includes(':') ? 'AAAA' : 'A' };
}

const api = fakeApi({
  guard({ request }) {
    if (new URL(request.url).pathname === '/api/auth' && request.method === 'POST') return;
    if (request.headers['x-ftl-sid'] !== SID) fail(401, 'unauthorized', 'Unauthorized');
  },
  absent: reply(404, { error: { key: 'not_found', message: 'Not found', hint: null }, took: 0.001 }),
  routes: {
    'POST /api/auth'({ json }) {
      if (json().password === PASSWORD) return { session: { valid: true, totp: false, sid: SID, csrf: CSRF, validity: 1800, message: 'app-password correct' }, took: 0.1 };
      return reply(401, { session: { valid: false, totp: false, sid: null, validity: -1, message: 'password incorrect' }, took: 0.1 });
    },
    'DELETE /api/auth': () => reply(204),
    'GET /api/config/dns/hosts': ({ zone }) => ({
      config: {
        dns: { hosts: ['192.168.1.9 printer.home.arpa scanner.home.arpa', ...zone.records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ name, value }) => `${value} ${name}`)] },
      },
      took: 0.001,
    }),
    'PUT /api/config/dns/hosts/:line'({ zone, params }) {
      const { name, type, value } = taken(params['line']);
      if (records.of(zone, name, type).some((one) => one.value === value)) fail(400, 'bad_request', 'Item already present', 'Uniqueness of items is enforced');
      records.add(zone, { name, type, value, ttl: 60 });
      return reply(201, { took: 0.003 });
    },
    'DELETE /api/config/dns/hosts/:line'({ zone, params }) {
      const { name, type, value } = taken(params['line']);
      const there = records.of(zone, name, type).find((one) => one.value === value);
      if (there === undefined) return reply(404, { error: { key: 'not_found', message: 'Item not found', hint: null }, took: 0.001 });
      records.remove(zone, there.id);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { password: PASSWORD },
  secretOptions: ['password'],
  sessions: [SID, CSRF],
  zone: 'example.com',
  anyName: true,
  api,
  // Log-in, list, the new line, the old one, log-out.
  budget: { one: 5, thousand: 2003 },
  documented: [
    {
      title: 'log in',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'POST', path: /\/api\/auth$/, body: { password: PASSWORD } },
      reply: { status: 200, body: '{"session":{"valid":true,"totp":false,"sid":"vFA+EP4MQ5JJvJg+3Q2Jnw=","csrf":"Ux87YTIiMOf/GKCefVIOMw=","validity":1800},"took":0.1}' },
      ends: 'ok',
    },
    {
      title: 'a wrong password',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/api\/auth$/ },
      reply: { status: 401, body: '{"session":{"valid":false,"totp":false,"sid":null,"validity":-1,"message":"password incorrect"},"took":0.1}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'add a line',
      page: CONFIG,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/api\/config\/dns\/hosts\/198\.51\.100\.4%20home\.example\.com$/ },
      reply: { status: 201, body: '{"took":0.003}' },
      ends: 'ok',
    },
    {
      title: 'take a line away',
      page: CONFIG,
      given: [home],
      act: write,
      request: { method: 'DELETE', path: /\/api\/config\/dns\/hosts\/203\.0\.113\.1%20home\.example\.com$/ },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a line that is there already',
      page: CONFIG,
      act: write,
      request: { method: 'PUT', path: /\/api\/config\/dns\/hosts\// },
      reply: { status: 400, body: '{"error":{"key":"bad_request","message":"Item already present","hint":"Uniqueness of items is enforced"},"took":0.003}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'an application password that may only look',
      page: CONFIG,
      act: write,
      request: { method: 'PUT', path: /\/api\/config\/dns\/hosts\// },
      reply: {
        status: 403,
        body: '{"error":{"key":"forbidden","message":"Unable to change configuration (read-only)","hint":"The current app session is not allowed to modify Pi-hole config settings"},"took":0.003}',
      },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'no seat left',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/api\/auth$/ },
      reply: { status: 429, body: '{"error":{"key":"api_seats_exceeded","message":"API seats exceeded","hint":"Increase webserver.api.max_sessions"},"took":0.003}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
