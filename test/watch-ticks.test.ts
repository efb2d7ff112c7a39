/** `watch` itself, for a million looks in a world of its own time: it follows every move, writes only then, and holds at the end what it held at the beginning. */
import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Invocation } from '../src/commands/invocation.ts';
import { watch } from '../src/commands/watch.ts';
import { LOOK_MS, type Look } from '../src/core/watching.ts';
import { addressRecord, decodeMessage, encodeMessage, message } from '../src/core/wire.ts';
import { fakeWorld } from '../src/testing/world.ts';
import type { Network, World } from '../src/world/world.ts';
import { address } from './support/address.ts';
import { begin, simulatedTime } from './support/simulated.ts';

const TICKS = 1_000_000;
const MINUTE_MS = 60_000;
const CONFIG = '/etc/ddns-update/config.json';
const HOME: Network = { gateway: '192.168.1.1', gatewayMac: '02:00:00:00:00:01', interface: 'eth0' };
const GARAGE: Network = { gateway: '192.168.1.1', gatewayMac: '02:00:00:00:00:02', interface: 'eth0' };

const dns = (last: number) => ({ dns: `93.184.220.${last}:53`, question: 'whoami.test', class: 'IN', type: 'A', operator: `o${last}` });
const https = (id: string) => ({ https: `https://${id}.test/`, read: 'plain', operator: id });
const config = (fullEveryMinutes: number): string =>
  JSON.stringify({
    records: [{ name: 'home.example.com' }],
    accounts: { own: { provider: 'dyndns2', server: 'https://provider.test/nic/update', username: 'me', password: 'secret' } },
    detect: { sources: [dns(1), dns(2), https('three'), https('four')], fullEvery: `${fullEveryMinutes}m` },
    drift: 'off',
  });

/** Bytes that are still held when all that is not has been collected. */
function held(): number {
  setFlagsFromString('--expose_gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('a million looks', { timeout: 900_000 }, async () => {
  const time = simulatedTime(Date.UTC(2026, 0, 5, 12));
  const clock = time.clock(begin());
  let [truth, network, looks, moves, writes, late, closed]: [string, Network | undefined, number, number, number, number, number] = ['93.184.216.1', HOME, 0, 0, 0, 0, 0];
  let sent: { readonly address: string | null; readonly at: number } | undefined;
  let wanted: { readonly address: string; readonly by: number } | undefined;
  const base = fakeWorld({
    files: { [CONFIG]: config(60) },
    http: ({ url }) => {
      writes++;
      sent = { address: new URL(url).searchParams.get('myip'), at: time.elapsed() };
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: `good ${sent.address}` };
    },
    net: {
      network: async () => network,
      datagram: async (_peer, payload, accept) => {
        const query = decodeMessage(payload);
        const [question] = query?.questions ?? [];
        if (query === undefined || question === undefined) throw new Error('no question');
        const reply = encodeMessage(message({ id: query.id, response: true, questions: [question], answers: [addressRecord(question.name, address(truth), 0)] }));
        if (!accept(reply)) throw new Error('not accepted');
        return reply;
      },
      lookup: async () => [address('93.184.220.9')],
      echo: async () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: `${truth}\n` }),
      close: async () => {
        closed++;
      },
    },
  });
  const world: World = { ...base, clock };
  const over = new AbortController();
  const [said, complaints]: [string[], string[]] = [[], []];
  let reload = (): void => {};
  let [listeners, heldThen, heldNow] = [0, 0, 0];
  const look = async (): Promise<Look> => {
    looks++;
    let announced: readonly string[] = [];
    // Carried to and fro every two hours, renumbered behind the same router every three, and told of it in between.
    if (looks % 7200 === 3600 || looks % 10_800 === 7000) {
      moves++;
      truth = `93.184.${moves % 200}.${1 + (moves % 250)}`;
      if (looks % 7200 === 3600) network = network === HOME ? GARAGE : HOME;
      else announced = [`NAT-PMP: ${truth}`];
      wanted = { address: truth, by: time.elapsed() + 2000 };
    }
    if (looks % 50_000 === 0) {
      base.files.write(CONFIG, looks % 100_000 === 0 ? '{ "records": [' : config(60 + (looks % 7)), { mode: 0o600 });
      reload();
    }
    if (wanted !== undefined && time.elapsed() >= wanted.by) {
      if (sent?.address !== wanted.address) late++;
      wanted = undefined;
    }
    listeners = Math.max(listeners, getEventListeners(over.signal, 'abort').length);
    if (looks === TICKS / 10) heldThen = held();
    if (looks === TICKS) heldNow = held();
    if (looks >= TICKS) over.abort();
    return { sight: { network, marks: 'eth0 up' }, wall: time.now(), elapsed: time.elapsed(), announced };
  };
  const output = { out: (line: string) => void said.push(line), err: (line: string) => void complaints.push(line), json: false, color: false, terminal: false, loud: 'normal' } as const;
  const invocation: Invocation = { flags: { config: CONFIG, state: '/state', names: [], options: [], ip: [] }, output, signal: over.signal, files: base.files, env: {}, openWorld: () => world };
  const ending = watch(invocation, {
    intervalMs: 5 * MINUTE_MS,
    roundMs: MINUTE_MS,
    openLookout: async () => ({ look, close: () => {} }),
    onReload: (act) => {
      reload = act;
    },
  });
  // What is loaded when it is wanted first takes its own time.
  for (const end = Date.now() + 30_000; said.length + complaints.length === 0 && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(complaints).toEqual([]);
  expect(await time.until(ending)).toBe(0);
  expect(time.elapsed()).toBeGreaterThan(0.9 * TICKS * LOOK_MS);
  expect(late).toBe(0);
  expect(moves).toBeGreaterThan(200);
  // The first address, and each after it.
  expect(writes).toBe(1 + moves);
  // Configs that are read again, of which every second is broken, are told of on stderr.
  expect(said).toHaveLength(writes);
  expect(complaints.length).toBeLessThan(100);
  expect(closed).toBeGreaterThan(TICKS / 330);
  expect(listeners).toBeLessThan(10);
  const grownKiB = (heldNow - heldThen) / 1024;
  process.stdout.write(`a million looks: ${closed} worlds, ${writes} calls of the provider, ${Math.round(grownKiB)} KiB more held than after a tenth of them\n`);
  expect(grownKiB).toBeLessThan(2048);
});
