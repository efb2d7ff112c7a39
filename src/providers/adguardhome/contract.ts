/** AdGuard Home's API over rewrites in memory, and exchanges as its description shows them. */
import { type Contract, type FakeRecord, type FakeZone, fakeApi, Refusal, records, reply, text } from '../../testing/index.ts';

const [USERNAME, PASSWORD] = ['admin', 'q5f0c1e9d8b7a6f5'];
const PAGE = 'https://github.com/AdguardTeam/AdGuardHome/blob/master/openapi/openapi.yaml';

type Rewrite = { readonly domain: string; readonly answer: string; readonly enabled?: boolean };
const typeOf = (answer: string): string => (/^\d+\.\d+\.\d+\.\d+$/.test(answer) ? 'A' : answer.includes(':') ? 'AAAA' : 'CNAME');
const find = (zone: FakeZone, { domain, answer, enabled = true }: Rewrite): FakeRecord | undefined => (enabled ? records.of(zone, domain).find(({ value }) => value === answer) : undefined);
function missing(): never {
  throw new Refusal(text(400, 'rewrite entry not found\n'));
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`) throw new Refusal(text(401, 'Unauthorized\n'));
  },
  routes: {
    'GET /control/rewrite/list': ({ zone }) =>
      reply(
        200,
        zone.records.filter(({ type }) => type !== 'TXT').map(({ name, value }) => ({ domain: name, answer: value, enabled: true })),
      ),
    'POST /control/rewrite/add'({ zone, json }) {
      const { domain, answer } = json() as Rewrite;
      records.add(zone, { name: domain, type: typeOf(answer), value: answer, ttl: 60 });
      return reply(200);
    },
    'PUT /control/rewrite/update'({ zone, json }) {
      const { target, update } = json() as { readonly target: Rewrite; readonly update: Rewrite };
      const there = find(zone, target) ?? missing();
      records.change(zone, there.id, { name: update.domain, type: typeOf(update.answer), value: update.answer });
      return reply(200);
    },
    'POST /control/rewrite/delete'({ zone, json }) {
      records.remove(zone, (find(zone, json()) ?? missing()).id);
      return reply(200);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { username: USERNAME, password: PASSWORD },
  secretOptions: ['password'],
  zone: 'example.com',
  anyName: true,
  api,
  // The list, the change, and the list again.
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'the rewrites',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/control\/rewrite\/list$/ },
      reply: { status: 200, body: '[{"domain":"home.example.com","answer":"203.0.113.1"}]' },
      ends: 'ok',
    },
    {
      title: 'add one',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/control\/rewrite\/add$/, body: { domain: 'home.example.com', answer: '198.51.100.4' } },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'change one',
      page: PAGE,
      given: [home],
      act: write,
      request: {
        method: 'PUT',
        path: /\/control\/rewrite\/update$/,
        body: { target: { domain: 'home.example.com', answer: '203.0.113.1' }, update: { domain: 'home.example.com', answer: '198.51.100.4' } },
      },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'a machine that is blocked for a while',
      page: 'https://github.com/AdguardTeam/AdGuardHome/wiki/Configuration',
      act: write,
      request: { method: 'GET', path: /\/control\/rewrite\/list$/ },
      reply: { status: 403, headers: { 'content-type': 'text/plain' }, body: 'Forbidden' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
