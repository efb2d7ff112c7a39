/** What `watch` does for the mappings of the config beside its rounds: it says what is new, complains once, and lets go at once. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { openUpkeep, type Upkeep } from '../../src/commands/upkeep.ts';
import type { Config } from '../../src/config/config.ts';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { Fault } from '../../src/core/failure.ts';
import type { Port } from '../../src/core/mapping.ts';
import { type FakeWorld, fakeWorld } from '../../src/testing/world.ts';
import type { World } from '../../src/world/world.ts';
import { type LapsingRouter, lapsingRouter } from '../servers/lapsing-router.ts';
import { SEED } from '../support/seed.ts';
import { chanceOf } from '../support/simulated.ts';

const OWN = parseAddress('192.168.1.10') as IpAddress;
const WEB: Port = { protocol: 'tcp', external: 443, internal: 443 };
const MINUTE = 60_000;

let clock: FakeWorld;
let router: LapsingRouter;
let world: World;
let [out, err]: [string[], string[]] = [[], []];
// What is loaded when it is wanted would take its time then, which here is not the tests' own.
beforeAll(() => Promise.all([import('conf'), import('../../src/mapping/renewal.ts'), import('../../src/mapping/describe.ts')]));
beforeEach(() => {
  [out, err] = [[], []];
  clock = fakeWorld({ random: chanceOf(SEED).random });
  router = lapsingRouter(() => clock.clock.now(), { most: 7200, tell: '5.6.7.8' });
  const network = { gateway: '192.168.1.1', interface: 'eth0' };
  world = {
    ...clock,
    clock: { ...clock.clock, sleep: (_ms, signal) => new Promise((resolve) => (signal ? signal.addEventListener('abort', () => resolve()) : setImmediate(resolve))) },
    net: {
      ...clock.net,
      network: async () => network,
      interfaces: () => [{ interface: 'eth0', address: OWN, bits: 24, internal: false, mac: '' }],
      datagram: (...question) => router.datagram(...question),
    },
  };
});

const config = (map: readonly Port[]): Config => ({
  path: undefined,
  digest: 'upkeep',
  targets: [],
  accounts: {},
  detect: { sources: [], listed: true, quorum: 2, fullEveryMs: MINUTE, policy: { allow: [], deny: [] }, given: new Map() },
  dns: { servers: [] },
  verify: undefined,
  drift: 'report',
  stateFolder: '/state',
  ...(map.length === 0 ? {} : { router: { map } }),
});

function upkeepOf(loud: 'normal' | 'quiet' | 'verbose' = 'normal', json = false): Upkeep {
  const output = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line), json, color: false, terminal: false, loud };
  return openUpkeep({ flags: { names: [], options: [], ip: [] }, output, signal: new AbortController().signal, files: world.files, env: {}, openWorld: () => world }, world.clock);
}
/** Looks every ten seconds, as long as something is under way between them. */
async function pass(upkeep: Upkeep, minutes: number, map: readonly Port[] = [WEB]): Promise<void> {
  for (let second = 0; second < minutes * 60; second += 10) {
    await upkeep.begin(config(map));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
  }
}

test('what is not asked for is not done', async () => {
  await pass(upkeepOf(), 1, []);
  expect([router.asked(), out, err]).toEqual([0, [], []]);
});

test('one line when it is made, none when it is renewed', async () => {
  await pass(upkeepOf(), 200);
  expect(router.asked()).toBe(4);
  expect(out).toEqual([expect.stringMatching(/^443\/tcp mapped: 5\.6\.7\.8:443 → 192\.168\.1\.10:443/)]);
  expect(err).toEqual([]);
});

test.each([
  ['quiet', 0],
  ['verbose', 4],
] as const)('%s: %i lines', async (loud, lines) => {
  await pass(upkeepOf(loud), 200);
  expect(out).toHaveLength(lines);
});

test('with --json a document on a line of its own', async () => {
  await pass(upkeepOf('normal', true), 200);
  expect(out.map((line) => JSON.parse(line))).toMatchObject([{ version: 1, ports: [{ family: 4, external: 443, outcome: 'made' }], notes: [] }]);
});

test('a router that is silent is complained about once, after an hour, and then daily; and anew when it had answered in between', async () => {
  router.silence(true);
  const upkeep = upkeepOf();
  await pass(upkeep, 50);
  expect(err).toEqual([expect.stringMatching(/^443\/tcp is not mapped: the router 192\.168\.1\.1 lets nobody map ports/)]);
  await pass(upkeep, 20);
  expect(err).toHaveLength(2);
  await pass(upkeep, 600);
  expect(err).toHaveLength(2);
  router.silence(false);
  upkeep.nudge('network');
  await pass(upkeep, 1);
  expect(out).toHaveLength(1);
  router.silence(true);
  await pass(upkeep, 100);
  expect(err).toHaveLength(3);
});

test('an announcement of the router brings back what it forgot', async () => {
  const upkeep = upkeepOf();
  await pass(upkeep, 5);
  router.startAnew();
  upkeep.announced();
  await pass(upkeep, 1);
  expect(router.leadsTo(OWN, 443)).toBe(true);
});

test('a round need not wait: what is under way ends at once, and is begun again after it', async () => {
  const { datagram } = world.net;
  let isStuck = true;
  world = {
    ...world,
    net: {
      ...world.net,
      datagram: (peer, payload, accept, wait) =>
        isStuck
          ? new Promise((_, reject) => wait.signal?.addEventListener('abort', () => reject(new Fault({ kind: 'network', phase: 'reply', detail: 'given up' }))))
          : datagram(peer, payload, accept, wait),
    },
  };
  const upkeep = upkeepOf();
  await pass(upkeep, 1);
  await upkeep.pause();
  expect([out, err]).toEqual([[], []]);
  isStuck = false;
  upkeep.nudge('interval');
  await pass(upkeep, 1);
  expect(router.leadsTo(OWN, 443)).toBe(true);
  expect(out).toHaveLength(1);
});

test('what was made before it was given up for a round is told all the same', async () => {
  const { datagram } = world.net;
  let answers = 1;
  world = {
    ...world,
    net: {
      ...world.net,
      datagram: (peer, payload, accept, wait) =>
        answers-- > 0
          ? datagram(peer, payload, accept, wait)
          : new Promise((_, reject) => wait.signal?.addEventListener('abort', () => reject(new Fault({ kind: 'network', phase: 'reply', detail: 'given up' })))),
    },
  };
  const [upkeep, ports] = [upkeepOf(), [WEB, { protocol: 'tcp', external: 80, internal: 80 }] as const];
  await pass(upkeep, 1, ports);
  await upkeep.pause();
  expect([out, err]).toEqual([[expect.stringMatching(/^443\/tcp mapped: /)], []]);
  answers = Number.POSITIVE_INFINITY;
  upkeep.nudge('interval');
  await pass(upkeep, 1, ports);
  expect([out.slice(1), err]).toEqual([[expect.stringMatching(/^80\/tcp mapped: /)], []]);
});

test('a state that cannot be written is told once, and ends nothing', async () => {
  const { write } = world.files;
  let isFull = true;
  world = {
    ...world,
    files: {
      ...world.files,
      write: (...given) => {
        if (isFull) throw new Fault({ kind: 'state', detail: 'no space left' });
        write(...given);
      },
    },
  };
  const upkeep = upkeepOf();
  await pass(upkeep, 10);
  expect(err).toEqual([expect.stringMatching(/^no space left/)]);
  isFull = false;
  await pass(upkeep, 2);
  expect(out).toHaveLength(1);
});
