/** A year of `watch` in a world of its own time: moves, outages, sleep and announcements; what is written, what is refreshed, and what is remembered. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Config } from '../src/config/config.ts';
import { type IpAddress, parseAddress } from '../src/core/address.ts';
import { Fault } from '../src/core/failure.ts';
import { fqdn } from '../src/core/name.ts';
import { begin, begun, ended, isDue, isSettling, type Look, looked } from '../src/core/watching.ts';
import { addressRecord, decodeMessage, encodeMessage, message } from '../src/core/wire.ts';
import type { DnsSource, HttpsSource } from '../src/detect/source.ts';
import { round } from '../src/round.ts';
import { fakeWorld } from '../src/testing/world.ts';
import type { Network, World } from '../src/world/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Less than what is taken for sleep, and no more looks than the test has time for. */
const STEP_MS = 5000;
const STATE = '/state';

const dns = (id: string, last: number): DnsSource => ({
  kind: 'dns',
  id,
  operator: id,
  families: [4],
  servers: [{ host: `93.184.220.${last}`, port: 53, families: [4] }],
  question: 'whoami.test',
  class: 'IN',
  type: 'address',
});
const https = (id: string): HttpsSource => ({ kind: 'https', id, operator: id, families: [4], urls: [{ url: `https://${id}.test/`, families: [4] }], read: { kind: 'plain' }, authenticated: true });

/** Bytes that are still held when all that is not has been collected. */
function held(): number {
  setFlagsFromString('--expose_gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** dy.fi forgets a name after seven days. */
const config: Config = {
  path: undefined,
  digest: 'year',
  targets: [{ name: fqdn('home.dy.fi'), type: 'A', family: 4, account: 'dyfi', ttl: 'auto', sharing: 'auto' }],
  accounts: { dyfi: { name: 'dyfi', provider: 'dyfi', options: { username: 'me', password: 'secret' } } },
  detect: { sources: [dns('one', 1), dns('two', 2), https('three'), https('four')], listed: true, quorum: 2, fullEveryMs: 24 * HOUR, policy: { allow: [], deny: [] }, given: new Map() },
  drift: 'restore',
  dns: { servers: [] },
  verify: undefined,
  stateFolder: STATE,
};

const HOME: Network = { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0' };
const GARAGE: Network = { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:02', interface: 'eth0' };

test('a year: every refresh in time, every move at once, few writes, and nothing grows', async () => {
  let [truth, network, line, writes, datagrams, storing]: [IpAddress, Network | undefined, boolean, number, number, number] = [parseAddress('93.184.216.1') as IpAddress, HOME, true, 0, 0, 0];
  const written: { readonly at: number; readonly address: string | null }[] = [];
  const unreachable = (): Fault => new Fault({ kind: 'network', phase: 'connect', detail: 'no route to host', code: 'ENETUNREACH' });
  const world = fakeWorld({
    http: ({ url }) => {
      if (!line) throw unreachable();
      writes++;
      written.push({ at: world.clock.now(), address: new URL(url).searchParams.get('myip') ?? truth });
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: `good ${truth}` };
    },
    net: {
      network: async () => network,
      datagram: async (_peer, payload, accept) => {
        datagrams++;
        const query = decodeMessage(payload);
        const [question] = query?.questions ?? [];
        if (!line || query === undefined || question === undefined) throw unreachable();
        const reply = encodeMessage(message({ id: query.id, response: true, questions: [question], answers: [addressRecord(question.name, truth, 0)] }));
        if (!accept(reply)) throw unreachable();
        return reply;
      },
      echo: async () => {
        if (!line) throw unreachable();
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: `${truth}\n` };
      },
    },
  });
  const { write } = world.files;
  const counted: World = {
    ...world,
    // Time is what the loop below says: whoever waits for something else than an answer, which comes at once, waits until that is over.
    clock: { ...world.clock, sleep: (_ms, signal) => new Promise((resolve) => (signal ? signal.addEventListener('abort', () => resolve()) : setImmediate(resolve))) },
    files: {
      ...world.files,
      write: (...given) => {
        storing++;
        write(...given);
      },
    },
  };

  let announced: readonly string[] = [];
  const look = (): Look => {
    const said = announced;
    announced = [];
    return { sight: { network, marks: line ? 'eth0 up' : '' }, wall: world.clock.now(), elapsed: world.clock.elapsed() - slept, announced: said };
  };
  let slept = 0;
  const begunAt = world.clock.now();
  let watching = begin(look());
  const size = JSON.stringify(watching).length;
  let [rounds, lastRound, moves, heldThen] = [0, world.clock.now(), 0, 0];
  const late: string[] = [];
  let wanted: { readonly address: string; readonly by: number } | undefined;

  const move = (last: number, to: Network): void => {
    [truth, network] = [parseAddress(`93.184.216.${last}`) as IpAddress, to];
    moves++;
    wanted = { address: truth, by: world.clock.now() + 2 * STEP_MS };
  };
  for (let step = 0; world.clock.now() < begunAt + 365 * DAY; step++) {
    const hour = (step * STEP_MS) / HOUR;
    // Carried to the garage every tenth day, and home again at four in the morning.
    if (hour % 240 === 100) move(2 + (moves % 200), GARAGE);
    if (hour % 240 === 116) move(2 + (moves % 200), HOME);
    // The line is dead for three hours every twentieth day.
    if (hour % 480 === 200) line = false;
    if (hour % 480 === 203) line = true;
    // The provider renumbers, and the router says so.
    if (hour % 720 === 650) {
      move(2 + (moves % 200), HOME);
      announced = [`NAT-PMP: ${truth}`];
    }
    // The machine sleeps for a night.
    if (hour % 360 === 300) {
      slept += 8 * HOUR;
      world.advance(8 * HOUR);
    }
    watching = looked(watching, look());
    if (isDue(watching)) {
      const { why } = watching.due;
      watching = begun(watching);
      const report = await round(config, counted, { dry: false, force: false, names: [], signal: new AbortController().signal, settling: isSettling(why), validate: async () => [] });
      expect(report.failures).toEqual([]);
      rounds++;
      if (rounds === 1000) heldThen = held();
      lastRound = world.clock.now();
      const found = report.observations.length > 0 && report.observations.every(({ kind }) => kind === 'agreed' || kind === 'same');
      watching = ended(watching, { why, found, intervalMs: HOUR, lot: (step % 97) / 97 });
    }
    if (world.clock.now() - lastRound > 1.1 * HOUR + STEP_MS) late.push(`no round since ${lastRound}`);
    if (wanted !== undefined && world.clock.now() >= wanted.by) {
      if (written.at(-1)?.address !== wanted.address) late.push(`${wanted.address} was not published at ${new Date(wanted.by).toISOString()}`);
      wanted = undefined;
    }
    world.advance(STEP_MS);
  }
  expect(late).toEqual([]);
  const gaps = written.slice(1).map(({ at }, index) => at - (written[index]?.at ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(7 * DAY);
  expect(moves).toBeGreaterThan(70);
  // One per move, and refreshes after 5.6 days of quiet.
  expect(writes).toBeLessThanOrEqual(1 + moves + 365 / 5);
  expect(rounds).toBeGreaterThan(8000);
  expect(rounds).toBeLessThan(10_500);
  // A full ballot a day, a few writes for each change and each outage; not one per round.
  expect(storing).toBeLessThan(2500);
  expect(datagrams).toBeLessThan(rounds * 2.3);
  expect(JSON.stringify(watching).length).toBeLessThan(size + 200);
  expect(world.files.read(`${STATE}/state.json`)?.length).toBeLessThan(60_000);
  const grownKiB = (held() - heldThen) / 1024;
  expect(grownKiB).toBeLessThan(2048);
  process.stdout.write(`a year: ${rounds} rounds, ${writes} calls of the provider, ${storing} files written, ${datagrams} datagrams, ${Math.round(grownKiB)} KiB more held than after 1000 rounds\n`);
});
