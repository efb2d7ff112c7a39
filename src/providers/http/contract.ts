/** An update URL of nobody in particular as a pure fake: JSON in, a word out. */
import type { HttpReply, HttpRequest } from '../../sdk/index.ts';
import type { Contract, FakeZone } from '../../testing/contract.ts';

const PAGE = 'https://www.rfc-editor.org/rfc/rfc9110';
const TOKEN = 't0ken "with" odd/chars&';

const api =
  (zone: FakeZone) =>
  ({ method, url, headers, body = '' }: HttpRequest): HttpReply => {
    if (method !== 'POST' || new URL(url).pathname !== '/v1/address') return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><title>404</title></html>' };
    if (headers['authorization'] !== `Token ${TOKEN}`) return plain('who are you?', 401);
    const { name, address, token } = JSON.parse(body) as Readonly<Record<string, string>>;
    if (token !== TOKEN || name === undefined || address === undefined) return plain('malformed', 400);
    if (!name.endsWith(zone.name)) return plain('unknown name');
    const type = address.includes(':') ? 'AAAA' : 'A';
    const before = zone.records.find((record) => record.name === name && record.type === type);
    zone.records = [...zone.records.filter((record) => record.name !== name || record.type !== type), { id: before?.id ?? zone.nextId(), name, type, value: address, ttl: 60 }];
    return plain(`${before?.value === address ? 'same' : 'stored'} ${address}`);
  };

const plain = (body: string, status = 200): HttpReply => ({ status, headers: { 'content-type': 'text/plain' }, body });

const request = { method: 'POST', path: /^\/v1\/address$/ } as const;
const home = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;

export const contract: Contract = {
  options: {
    url: 'https://ddns.example.net/v1/address',
    headers: { Authorization: 'Token {token}', 'Content-Type': 'application/json' },
    body: '{"name":"{name}","address":"{ip}","token":"{token}"}',
    token: TOKEN,
    success: 'stored {ip}',
    noChange: 'same {ip}',
    failures: { 'unknown name': 'refused', '/^quota/': 'throttled' },
  },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 1 },
  documented: [
    {
      title: 'a new address',
      page: PAGE,
      act: home,
      request: { ...request, body: { name: 'home.example.com', address: '203.0.113.7' } },
      reply: { status: 200, body: 'stored 203.0.113.7' },
      ends: 'ok',
    },
    { title: 'a name of somebody else', page: PAGE, act: { ...home, name: 'home.example.org' }, request, reply: { status: 200, body: 'unknown name' }, ends: 'refused' },
    { title: 'a word that was given a meaning', page: PAGE, act: home, request, reply: { status: 200, body: 'quota used up' }, ends: 'throttled', fake: 'unasked' },
    { title: 'another address than the one that was sent', page: PAGE, act: home, request, reply: { status: 200, body: 'stored 198.51.100.1' }, ends: 'gibberish', fake: 'unasked' },
  ],
};
