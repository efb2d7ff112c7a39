/** Echo services over HTTP: what counts as an answer, and that no misbehaviour outlives its deadline. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import type { Ballot } from '../../src/core/ballot.ts';
import { answerOf, askHttps } from '../../src/detect/https.ts';
import type { HttpsReading } from '../../src/detect/source.ts';
import { type EchoMode, type EchoServer, echoServer } from '../servers/echo.ts';
import { freePort } from '../servers/ports.ts';
import { httpsSource } from '../servers/sources.ts';
import { realWorld } from '../servers/world.ts';

const TELL = '5.6.7.8';
const NONE = { allow: [], deny: [] };
const ADDRESS: HttpsReading = { kind: 'json', path: ['query', 'address'] };

let server: EchoServer;
beforeAll(async () => {
  server = await echoServer({ tell: TELL });
});
beforeEach(() => {
  server.requests = [];
  server.tell = TELL;
});
afterAll(() => server.close());

async function ask(mode: EchoMode, { read = { kind: 'plain' }, timeoutMs = 3000 }: { read?: HttpsReading; timeoutMs?: number } = {}): Promise<Ballot> {
  server.mode = mode;
  return askHttps(httpsSource(server.url, { read }), 4, { policy: NONE }, realWorld(), { timeoutMs });
}

describe('good answers', () => {
  const check = (mode: EchoMode, read: HttpsReading): void => {
    test(`${mode}, read as ${read.kind}`, async () => expect(await ask(mode, { read })).toMatchObject({ kind: 'address', address: TELL, source: 'https', transport: 'https' }));
  };
  check('plain', { kind: 'plain' });
  check('json', { kind: 'json', path: ['ip'] });
  check('json', ADDRESS);
  check('trace', { kind: 'trace' });
  check('flaky', { kind: 'plain' });
});

describe('bad answers', () => {
  const check = (mode: EchoMode, kind: string, detail: RegExp, read: HttpsReading = { kind: 'plain' }): void => {
    test(`${mode}, read as ${read.kind}`, async () => {
      const ballot = await ask(mode, { read, timeoutMs: 1200 });
      expect(ballot).toMatchObject({ kind: 'failed', failure: { kind } });
      if (ballot.kind === 'failed') expect(ballot.failure.detail).toMatch(detail);
      expect(ballot.ms).toBeLessThan(2000);
    });
  };
  check('html-200', 'html', /web page/);
  check('html-plain-type', 'html', /web page/);
  check('page-of-100-kb', 'html', /web page/);
  check('html-200', 'html', /web page/, ADDRESS);
  check('html-200', 'html', /web page/, { kind: 'trace' });
  check('502-with-address', 'status', /502/);
  check('redirect', 'redirect', /302.*portal\.example/);
  check('hang', 'timeout', /did not answer within/);
  check('hang-in-body', 'timeout', /did not answer within/);
  check('drip', 'timeout', /did not answer within/);
  check('100-mb', 'nonsense', /more than 4096 bytes/);
  check('cut-short', 'network', /cut the connection off/);
  check('reset', 'network', /cut the connection off/);
  check('two-addresses', 'nonsense', /more than one address/);
  check('empty', 'nonsense', /empty answer/);
  check('no-http', 'nonsense', /did not answer in HTTP/);
  check('plain', 'nonsense', /not JSON|no text/, ADDRESS);
  check('plain', 'nonsense', /no line ip=/, { kind: 'trace' });
  check('json', 'nonsense', /no address/);
});

test('of 100 MB hardly anything is read', async () => {
  await ask('100-mb');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.bytesSent()).toBeLessThan(20 * 1024 * 1024);
});

test('an unheard question is put once more, a refused one is not', async () => {
  await ask('reset');
  expect(server.requests).toHaveLength(2);
  server.requests = [];
  await ask('502-with-address');
  expect(server.requests).toHaveLength(1);
});

test('a private address is told but refused', async () => {
  server.tell = '192.168.1.10';
  expect(await ask('plain')).toMatchObject({ kind: 'failed', failure: { kind: 'special', range: 'private', told: '192.168.1.10' } });
});

test('the request says who asks, wants no compression, and carries nothing that a proxy would', async () => {
  await ask('plain');
  const { headers } = server.requests[0] as EchoServer['requests'][number];
  expect(headers).toMatchObject({ 'accept-encoding': 'identity', connection: 'close' });
  expect(headers['user-agent']).toMatch(/^ddns-update/);
  expect(Object.keys(headers)).not.toContain('x-forwarded-for');
});

test('a proxy of the environment is never used', async () => {
  const names = ['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY'];
  for (const name of names) vi.stubEnv(name, name.startsWith('NODE') ? '1' : 'http://127.0.0.1:1');
  expect(await ask('plain')).toMatchObject({ kind: 'address' });
  vi.unstubAllEnvs();
});

test('nobody listens', async () => {
  expect(await askHttps(httpsSource(`http://127.0.0.1:${await freePort()}/`), 4, { policy: NONE }, realWorld(), { timeoutMs: 1000 })).toMatchObject({ kind: 'failed', failure: { kind: 'network' } });
});

test('a name is looked up for the family alone', async () => {
  server.mode = 'plain';
  const source = httpsSource(`http://localhost:${server.port}/`);
  expect(await askHttps(source, 4, { policy: NONE }, realWorld(), { timeoutMs: 1000 })).toMatchObject({ kind: 'address', address: TELL });
  expect(await askHttps(source, 6, { policy: NONE }, realWorld(), { timeoutMs: 1000 })).toMatchObject({ kind: 'failed' });
});

test('a name that does not exist', async () => {
  expect(await askHttps(httpsSource('http://nowhere.invalid/'), 4, { policy: NONE }, realWorld({ servers: ['127.0.0.1:1'] }), { timeoutMs: 1000 })).toMatchObject({
    kind: 'failed',
    failure: { kind: 'lookup' },
  });
});

test('an address of its own is asked from, and the system chooses when that one is gone', async () => {
  server.mode = 'plain';
  server.peers = [];
  for (const bind of ['127.9.9.9', '198.51.100.77'].map((text) => parseAddress(text))) {
    expect(await askHttps(httpsSource(server.url), 4, { policy: NONE, bind }, realWorld(), { timeoutMs: 1000 })).toMatchObject({ kind: 'address' });
  }
  expect(server.peers).toEqual(['127.9.9.9', '127.0.0.1']);
});

describe('reading', () => {
  const check = (
    body: string,
    expected: string | RegExp,
    { read = { kind: 'plain' }, family = 4, headers = {}, status = 200 }: { read?: HttpsReading; family?: 4 | 6; headers?: Record<string, string>; status?: number } = {},
  ): void => {
    test(JSON.stringify(body).slice(0, 60), () => {
      const heard = answerOf({ status, headers, body }, { url: 'https://api.example/trace', read, family });
      if (typeof expected === 'string') expect(heard).toEqual({ kind: 'told', address: expected });
      else expect(heard.kind === 'failed' ? heard.failure.detail : JSON.stringify(heard)).toMatch(expected);
    });
  };
  const trace: HttpsReading = { kind: 'trace' };
  const json = (...path: string[]): HttpsReading => ({ kind: 'json', path });
  check(' \r\n5.6.7.8\t\n', '5.6.7.8');
  check('\u00a05.6.7.8', /no address/);
  check('5.6.7.8%eth0', /no address/);
  check('Current IP Address: 5.6.7.8', /no address/);
  check('5.6.7.8, 10.0.0.1', /more than one/);
  check('5.6.7.8 5.6.7.8', /more than one/);
  check('nginx/1.2.3.4', /no address/);
  check('010.1.2.3', /no address/);
  check('2600::1', /asked for IPv4/);
  check('2600:0::1', '2600::1', { family: 6 });
  check('5.6.7.8', /204/, { status: 204 });
  check('5.6.7.8', /asked too often/, { status: 429 });
  check('5.6.7.8', /log in/, { status: 511 });
  check('5.6.7.8', /web page/, { headers: { 'content-type': 'TEXT/HTML' } });
  check('', /empty/, { headers: { location: '5.6.7.8', 'x-ip': '5.6.7.8' } });
  check('{"ip":"5.6.7.8"}', '5.6.7.8', { read: json('ip') });
  check('{"ip":" 5.6.7.8"}', /no address/, { read: json('ip') });
  check('{"ip":5}', /no text at ip/, { read: json('ip') });
  check('{"other":"5.6.7.8"}', /no text at ip/, { read: json('ip') });
  check('{"data":{"ip":"5.6.7.8"}}', '5.6.7.8', { read: json('data', 'ip') });
  check('{}', /no text at __proto__/, { read: json('__proto__') });
  check('null', /no text/, { read: json('ip') });
  check('{"ip":"5.6.7.8"', /not JSON/, { read: json('ip') });
  check('h=api.example\nip=5.6.7.8\nwarp=off\n', '5.6.7.8', { read: trace });
  check('h=api.example\nip=5.6.7.8\n', '5.6.7.8', { read: trace });
  check('h=1.1.1.1\nip=5.6.7.8\nwarp=off\n', /host "1.1.1.1", which was not asked/, { read: trace });
  check('ip=5.6.7.8\n', /not asked/, { read: trace });
  check('h=api.example\nip=5.6.7.8\nip=6.6.6.6\n', /more than one line ip=/, { read: trace });
  check('h=api.example\nip=5.6.7.8\nwarp=on\n', /WARP/, { read: trace });
  check('h=api.example\nip=5.6.7.8\nwarp=plus\n', /WARP/, { read: trace });
  check('h=api.example\nclip=5.6.7.8\n', /no line ip=/, { read: trace });
});
