/** A dyndns2 server as a pure fake: one line per name, in order, and what concerns the account once. */
import type { HttpReply, HttpRequest } from '../../sdk/index.ts';
import type { Contract, FakeZone } from '../../testing/contract.ts';

const PAGE = 'https://help.dyn.com/remote-access-api/return-codes/';
const USERNAME = 'box@example.com';
const PASSWORD = 'p4ss:w0rd/with&odd=chars';

/** Names are those of the zone; each holds one address of each family. */
const api =
  (zone: FakeZone) =>
  ({ method, url, headers }: HttpRequest): HttpReply => {
    const { pathname, searchParams } = new URL(url);
    if (pathname !== '/nic/update') return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><title>404</title></html>' };
    if (headers['authorization'] !== `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`) return plain('badauth', 401);
    if (method !== 'GET' || !headers['user-agent']?.startsWith('ddns-update')) return plain('badagent');
    const names = (searchParams.get('hostname') ?? '').split(',');
    const addresses = (searchParams.get('myip') ?? '').split(',');
    if (names.length > 20) return plain('numhost');
    return plain(names.map((name) => update(zone, name, addresses)).join('\n'));
  };

function update(zone: FakeZone, name: string, addresses: readonly string[]): string {
  if (!name.includes('.')) return 'notfqdn';
  if (!name.endsWith(`.${zone.name}`) && name !== zone.name) return 'nohost';
  let hasChanged = false;
  for (const address of addresses) {
    const type = address.includes(':') ? 'AAAA' : 'A';
    const isOurs = (record: FakeZone['records'][number]) => record.name === name && record.type === type;
    const [before, ...more] = zone.records.filter(isOurs);
    if (before?.value === address && more.length === 0) continue;
    hasChanged = true;
    zone.records = [...zone.records.filter((record) => !isOurs(record)), { id: before?.id ?? zone.nextId(), name, type, value: address, ttl: before?.ttl ?? 60 }];
  }
  return `${hasChanged ? 'good' : 'nochg'} ${addresses.join(',')}`;
}

const plain = (body: string, status = 200): HttpReply => ({ status, headers: { 'content-type': 'text/plain' }, body });

const request = { method: 'GET', path: /^\/nic\/update/ } as const;
const home = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;

export const contract: Contract = {
  options: { server: 'dyn.example.net', username: USERNAME, password: PASSWORD },
  secretOptions: ['password'],
  zone: 'example.com',
  api,
  budget: { one: 1, thousand: 50 },
  documented: [
    { title: 'an update', page: PAGE, act: home, request, reply: { status: 200, body: 'good 203.0.113.7' }, ends: 'ok' },
    {
      title: 'an update that changes nothing',
      page: PAGE,
      given: [{ name: 'home.example.com', type: 'A', value: '203.0.113.7', ttl: 60 }],
      act: home,
      request,
      reply: { status: 200, body: 'nochg 203.0.113.7' },
      ends: 'ok',
    },
    { title: 'an update of IPv6', page: PAGE, act: { ...home, type: 'AAAA', values: ['2001:db8::7'] }, request, reply: { status: 200, body: 'good 2001:db8::7' }, ends: 'ok' },
    { title: 'a name of nobody', page: PAGE, act: { ...home, name: 'home.example.org' }, request, reply: { status: 200, body: 'nohost' }, ends: 'refused' },
    { title: 'a wrong password', page: PAGE, act: home, request, reply: { status: 401, body: 'badauth' }, ends: 'auth', fake: 'unasked' },
    { title: 'a locked name', page: PAGE, act: home, request, reply: { status: 200, body: 'abuse' }, ends: 'blocked', fake: 'unasked' },
    { title: 'the agent is refused without a word', page: PAGE, act: home, request, reply: { status: 200, body: 'good 127.0.0.1' }, ends: 'blocked', fake: 'unasked' },
    { title: 'an outage', page: PAGE, act: home, request, reply: { status: 200, body: '911' }, ends: 'throttled', fake: 'unasked' },
  ],
};
