/** One question to several places: who hears it, whose answers are told, and when the waiting ends. */
import { createSocket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { attempt } from '../../src/core/failure.ts';
import { search } from '../../src/world/search.ts';
import type { Search } from '../../src/world/world.ts';
import { type DatagramServer, datagramServer } from '../servers/datagrams.ts';
import { ONCE_MORE } from '../support/once-more.ts';

let servers: DatagramServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});
async function started(...[host, answer]: Parameters<typeof datagramServer>): Promise<DatagramServer> {
  const server = await datagramServer(host, answer);
  servers.push(server);
  return server;
}
const at = (text: string) => {
  const address = parseAddress(text, 4);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
};
const bytes = (text: string): Uint8Array => Buffer.from(text);
const question = (asked: readonly DatagramServer[], more: Partial<Search> = {}): Search => ({
  by: at(asked[0]?.host ?? '127.0.0.1'),
  messages: asked.map(({ host, port }) => ({ to: { address: at(host), port }, payload: bytes('who?') })),
  hops: 2,
  repeatMs: 100,
  lingerMs: 50,
  ...more,
});

type Heard = { readonly from: string; readonly text: string };
async function searched(asked: Search, pleasing: (heard: Heard) => boolean, wait: { readonly timeoutMs: number; readonly signal?: AbortSignal }) {
  const heard: Heard[] = [];
  const began = performance.now();
  const ended = await attempt(() =>
    search(
      asked,
      (reply, from) => {
        heard.push({ from, text: Buffer.from(reply).toString() });
        return pleasing({ from, text: Buffer.from(reply).toString() });
      },
      wait,
    ),
  );
  return { heard, ended, tookMs: performance.now() - began };
}

test('every answer is told with its sender, and the wait ends soon after one that pleases', ONCE_MORE, async () => {
  const [a, b] = [await started('127.0.0.1', () => [bytes('a1'), bytes('a2')]), await started('127.0.0.2', () => [bytes('b')])];
  const { heard, ended, tookMs } = await searched(question([a, b]), ({ text }) => text === 'a1', { timeoutMs: 3000 });
  expect(ended.kind).toBe('ok');
  expect([...heard].sort((x, y) => (x.text < y.text ? -1 : 1))).toEqual([
    { from: '127.0.0.1', text: 'a1' },
    { from: '127.0.0.1', text: 'a2' },
    { from: '127.0.0.2', text: 'b' },
  ]);
  expect(tookMs).toBeGreaterThan(45);
  expect(tookMs).toBeLessThan(1000);
});

test('an answer may come from another port than was asked', async () => {
  const mouth = createSocket('udp4');
  const ear = await started('127.0.0.1', (_question, _count, from) => {
    mouth.send('here', from.port, from.address);
    return [];
  });
  const { heard } = await searched(question([ear]), () => true, { timeoutMs: 2000 });
  await new Promise<void>((resolve) => void mouth.close(() => resolve()));
  expect(heard).toEqual([{ from: '127.0.0.1', text: 'here' }]);
});

test('what is not heard is asked once more, and silence has an end', ONCE_MORE, async () => {
  const silent = await started('127.0.0.1', () => []);
  const { ended, tookMs } = await searched(question([silent]), () => true, { timeoutMs: 400 });
  expect(ended).toMatchObject({ kind: 'failed', failure: { kind: 'network', code: 'ETIMEDOUT', phase: 'reply' } });
  expect(silent.received.map(String)).toEqual(['who?', 'who?']);
  expect(tookMs).toBeLessThan(800);
});

test('answers of which none pleases are silence', ONCE_MORE, async () => {
  const server = await started('127.0.0.1', () => [bytes('x')]);
  const { heard, ended } = await searched(question([server]), () => false, { timeoutMs: 250 });
  expect(ended).toMatchObject({ kind: 'failed', failure: { code: 'ETIMEDOUT' } });
  expect(heard).toHaveLength(2);
});

test('the members of a group hear what is sent to it, by the interface that leads to the neighbour', async () => {
  const member = createSocket({ type: 'udp4', reuseAddr: true });
  await new Promise<void>((resolve) => member.bind(0, '239.255.255.250', resolve));
  member.addMembership('239.255.255.250', '127.0.0.1');
  member.on('message', (_, from) => member.send('here', from.port, from.address));
  const { port } = member.address();
  const group: Search = { ...question([]), messages: [{ to: { address: at('239.255.255.250'), port }, payload: bytes('who?') }] };
  const { heard, ended } = await searched(group, () => true, { timeoutMs: 2000 });
  await new Promise<void>((resolve) => void member.close(() => resolve()));
  expect({ ended: ended.kind, heard: heard.map(({ text }) => text) }).toEqual({ ended: 'ok', heard: ['here'] });
});

test('whoever no longer waits is told so at once', ONCE_MORE, async () => {
  const silent = await started('127.0.0.1', () => []);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const { ended, tookMs } = await searched(question([silent]), () => true, { timeoutMs: 5000, signal: controller.signal });
  expect(ended).toMatchObject({ kind: 'failed', failure: { code: 'ABORT_ERR' } });
  expect(tookMs).toBeLessThan(1000);
});

test('where the system lets nothing through, it says so at once', ONCE_MORE, async () => {
  const { ended, tookMs } = await searched({ ...question([]), by: at('255.255.255.255'), messages: [] }, () => true, { timeoutMs: 3000 });
  expect(ended).toMatchObject({ kind: 'failed', failure: { kind: 'network' } });
  expect(tookMs).toBeLessThan(1000);
});

test('what goes wrong in listening ends the wait, and nothing else', async () => {
  const server = await started('127.0.0.1', () => [bytes('x')]);
  const wrong = (): boolean => {
    throw new Error('cannot be read');
  };
  expect((await searched(question([server]), wrong, { timeoutMs: 3000 })).ended).toMatchObject({ kind: 'failed', failure: { kind: 'network', detail: expect.stringContaining('cannot be read') } });
});
