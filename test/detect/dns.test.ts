/** Name servers that tell the caller's address: every check on a reply, and what interception looks like. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Ballot } from '../../src/core/ballot.ts';
import { decodeMessage } from '../../src/core/wire.ts';
import { askDns } from '../../src/detect/dns.ts';
import type { DnsSource } from '../../src/detect/source.ts';
import { type WhoamiMode, type WhoamiServer, whoamiServer } from '../servers/dns-whoami.ts';
import { freePort } from '../servers/ports.ts';
import { dnsSource } from '../servers/sources.ts';
import { realWorld } from '../servers/world.ts';

const NONE = { allow: [], deny: [] };
let servers: WhoamiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function serve(mode: WhoamiMode, tell = '5.6.7.8', host = '127.0.0.1'): Promise<WhoamiServer> {
  const server = await whoamiServer({ mode, tell, host });
  servers.push(server);
  return server;
}
async function ask(mode: WhoamiMode, source: Partial<DnsSource> = {}, tell = '5.6.7.8'): Promise<Ballot> {
  return askDns(dnsSource(await serve(mode, tell), source), 4, { policy: NONE }, realWorld(), { timeoutMs: 1600 });
}

describe('good answers', () => {
  const check = (name: string, mode: WhoamiMode, source: Partial<DnsSource> = {}): void => {
    test(name, async () => expect(await ask(mode, source)).toMatchObject({ kind: 'address', address: '5.6.7.8', transport: 'dns', authenticated: false }));
  };
  check('a text of class IN', 'right');
  check('a text of class CH', 'right', { class: 'CH', question: 'whoami.cloudflare' });
  check('an address record', 'right', { type: 'address' });
  check('a server that does not keep the case of letters', 'lower-case');
  check('the first datagram is lost', 'first-lost');
  check('a forged reply with another id comes first', 'wrong-id-first');
});

describe('bad answers', () => {
  const check = (mode: WhoamiMode, kind: string, detail: RegExp): void => {
    test(mode, async () => {
      const ballot = await ask(mode);
      expect(ballot).toMatchObject({ kind: 'failed', failure: { kind } });
      if (ballot.kind === 'failed') expect(ballot.failure.detail).toMatch(detail);
      expect(ballot.ms).toBeLessThan(2500);
    });
  };
  check('silent', 'timeout', /did not answer within/);
  check('two-texts', 'forged', /2 answers.*another resolver/);
  check('nxdomain', 'refused', /NXDOMAIN.*another resolver/);
  check('empty', 'nonsense', /empty/);
  check('truncated', 'nonsense', /truncated/);
  check('forger', 'forged', /3 replies.*guessing/);
  check('wrong-question', 'timeout', /did not answer/);
  check('too-long', 'nonsense', /512/);
  check('other-name', 'forged', /another name/);
  check('prose', 'forged', /"censored"/);
  check('two-strings', 'nonsense', /another form/);
  check('garbage', 'timeout', /did not answer/);
});

test('an answer of the other family is a sign of interception', async () => expect(await ask('right', {}, '2600::1')).toMatchObject({ kind: 'failed', failure: { kind: 'forged', told: '2600::1' } }));
test('a private answer is refused', async () => expect(await ask('right', {}, '10.0.0.1')).toMatchObject({ kind: 'failed', failure: { kind: 'special', range: 'private' } }));

test('over IPv6 an AAAA record is asked for', async () => {
  const server = await serve('right', '2600::1', '::1');
  expect(await askDns(dnsSource(server, { type: 'address' }), 6, { policy: NONE }, realWorld(), { timeoutMs: 1000 })).toMatchObject({ kind: 'address', address: '2600::1' });
  expect(decodeMessage(server.received[0] as Buffer)?.questions[0]?.type).toBe(28);
});

test('ids, ports and letters differ from question to question', async () => {
  const server = await serve('right');
  for (let round = 0; round < 6; round++) await askDns(dnsSource(server), 4, { policy: NONE }, realWorld(), { timeoutMs: 1000 });
  const asked = server.received.map((bytes) => decodeMessage(bytes));
  expect(new Set(asked.map((message) => message?.id)).size).toBeGreaterThan(1);
  expect(new Set(asked.map((message) => message?.questions[0]?.name)).size).toBeGreaterThan(1);
  expect(new Set(asked.map((message) => message?.questions[0]?.name.toLowerCase()))).toEqual(new Set(['whoami.example.test']));
  expect(new Set(server.peers.map(({ port }) => port)).size).toBeGreaterThan(1);
});

test('a silent server is followed by another of the same source', async () => {
  const silent = await serve('silent');
  const second = await serve('right');
  const source = dnsSource(silent, { servers: [silent, second].map(({ port }) => ({ host: '127.0.0.1', port, families: [4] as const })) });
  expect(await askDns(source, 4, { policy: NONE }, realWorld(), { timeoutMs: 1600 })).toMatchObject({ kind: 'address' });
  expect(silent.received).toHaveLength(2);
});

test('on the hot path there is one datagram and no repetition', async () => {
  const server = await serve('silent');
  const ballot = await askDns(dnsSource(server), 4, { policy: NONE, patience: 'once' }, realWorld(), { timeoutMs: 700 });
  expect(ballot).toMatchObject({ kind: 'failed', failure: { kind: 'timeout' } });
  expect(server.received).toHaveLength(1);
});

test('a server by name is looked up', async () => {
  const server = await serve('right');
  const source = dnsSource(server, { servers: [{ host: 'localhost', port: server.port, families: [4] }] });
  expect(await askDns(source, 4, { policy: NONE }, realWorld(), { timeoutMs: 1000 })).toMatchObject({ kind: 'address' });
});

test('nothing listens: said at once, not after the deadline', async () => {
  const nobody = { port: await freePort(), host: '127.0.0.1' };
  const ballot = await askDns(dnsSource(nobody), 4, { policy: NONE }, realWorld(), { timeoutMs: 3000 });
  expect(ballot).toMatchObject({ kind: 'failed', failure: { kind: 'network' } });
  expect(ballot.ms).toBeLessThan(1000);
});
