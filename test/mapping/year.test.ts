/** A year of renewals in a world of its own time: moves, nights of sleep, silent routers, routers that begin anew, clocks that are set; no mapping lapses, and nothing is asked for needlessly. */
import { expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Port } from '../../src/core/mapping.ts';
import { openRenewal } from '../../src/mapping/renewal.ts';
import { fakeWorld } from '../../src/testing/world.ts';
import type { Network, World } from '../../src/world/world.ts';
import { type LapsingRouter, lapsingRouter } from '../servers/lapsing-router.ts';

const [SECOND, HOUR] = [1000, 3_600_000];
const DAY = 24 * HOUR;
const STEP_MS = 30 * SECOND;
const WEB: Port = { protocol: 'tcp', external: 443, internal: 443 };
const GAME: Port = { protocol: 'udp', external: 9000, internal: 9000 };

const address = (text: string): IpAddress => parseAddress(text) ?? expect.fail(text);
type Place = { readonly network: Network; readonly four: IpAddress; six: IpAddress; readonly router: LapsingRouter };

/** What happens in a year of hours: `every` so many of them, from `first` on. */
const isTime = (hour: number, every: number, first: number): boolean => hour % every === first;

test.each([
  ['a year of two hours each', 365, 7200, { writes: 10_000, asked: 40_000 }],
  ['a fortnight of five minutes each', 14, 300, { writes: 9000, asked: 36_000 }],
])('%s', async (_, days, most, bounds) => {
  // The clock of the machine is another matter than time itself.
  let [writes, shiftMs, sleptMs] = [0, 0, 0];
  const world = fakeWorld();
  const time = (): number => world.clock.now();
  const placeAt = (mac: string, six: string): Place => ({
    network: { gateway: '192.168.1.1', gatewayMac: mac, interface: 'eth0' },
    four: address('192.168.1.10'),
    six: address(six),
    router: lapsingRouter(time, { most, tell: '5.6.7.8' }),
  });
  const [home, garage] = [placeAt('02:00:00:00:00:01', '2001:67c:1::10'), placeAt('02:00:00:00:00:02', '2001:67c:2::10')];
  let place = home;
  const row = (text: IpAddress, bits: number) => ({ interface: 'eth0', address: text, bits, internal: false, mac: '' });
  const seen: World = {
    ...world,
    net: {
      ...world.net,
      network: async () => place.network,
      router6: async () => ({ address: parseAddress('fe80::1', 6) ?? expect.fail(), zone: 'eth0', interface: 'eth0' }),
      interfaces: () => [row(place.four, 24), row(place.six, 64)],
      datagram: (...question) => place.router.datagram(...question),
    },
    clock: { ...world.clock, now: () => time() + shiftMs, sleep: (_ms, signal) => new Promise((resolve) => (signal ? signal.addEventListener('abort', () => resolve()) : setImmediate(resolve))) },
    files: {
      ...world.files,
      write: (...given) => {
        writes++;
        world.files.write(...given);
      },
    },
  };
  const request = { stateFolder: '/state', policy: { allow: [], deny: [] }, signal: new AbortController().signal };
  const renewal = openRenewal();
  const begun = time();
  let ports: readonly Port[] = [WEB];
  /** Until when it may be that not everything is there. */
  let excused = begun + STEP_MS;
  const excuse = (ms: number): void => {
    excused = Math.max(excused, time() + ms);
  };
  const missed: string[] = [];
  for (let step = 0; time() < begun + days * DAY; step++) {
    const hour = (step * STEP_MS) / HOUR;
    // The second port is added by hand, so that the two are not due together.
    if (hour === 0.5) {
      ports = [WEB, GAME];
      excuse(STEP_MS);
      renewal.nudge('anew');
    }
    if (isTime(hour, 240, 100) || isTime(hour, 240, 116)) {
      place = isTime(hour, 240, 100) ? garage : home;
      excuse(STEP_MS);
      renewal.nudge('anew');
    }
    if (isTime(hour, 480, 200.25)) place.router.silence(true);
    if (isTime(hour, 480, 203.75)) place.router.silence(false);
    // For that long it is not asked again; the rest is what a packet takes.
    if (isTime(hour, 480, 200.25)) excuse(3.5 * HOUR + 15 * 60 * SECOND + STEP_MS);
    // It says so, more than once; or it does not, and everything is back with the first renewal.
    if (isTime(hour, 240, 30.125) || isTime(hour, 240, 60.125)) {
      place.router.startAnew();
      excuse(isTime(hour, 240, 30.125) ? STEP_MS : (most / 2) * SECOND + STEP_MS);
      if (isTime(hour, 240, 30.125)) for (let times = 0; times < 10; times++) renewal.nudge('forgotten');
    }
    // The provider gives other addresses, and a round sees them.
    if (isTime(hour, 720, 650)) {
      place.six = address(`2001:67c:3:${(step % 9999) + 1}::10`);
      excuse(STEP_MS);
      renewal.nudge('look');
    }
    if (isTime(hour, 360, 300)) {
      world.advance(8 * HOUR);
      sleptMs += 8 * HOUR;
      excuse(STEP_MS);
      renewal.nudge('anew');
    }
    if (isTime(hour, 1000, 400)) shiftMs += 3 * HOUR;
    if (isTime(hour, 1000, 900)) shiftMs -= 3 * HOUR;
    if (isTime(hour, 1, 0.75)) renewal.nudge('look');
    if (renewal.isDue(seen.clock.now())) await renewal.keep(ports, request, seen);
    if (time() >= excused)
      for (const { internal } of ports) for (const own of [place.four, place.six]) if (!place.router.leadsTo(own, internal)) missed.push(`${own} port ${internal} in hour ${hour.toFixed(3)}`);
    if (missed.length > 0) break;
    world.advance(STEP_MS);
  }
  expect(missed).toEqual([]);
  expect(sleptMs).toBeGreaterThan((days / 20) * 8 * HOUR);
  const asked = home.router.asked() + garage.router.asked();
  expect(writes).toBeLessThan(bounds.writes);
  expect(asked).toBeLessThan(bounds.asked);
  expect(world.files.read('/state/state.json')?.length).toBeLessThan(5000);
  process.stdout.write(`${days} days of ${most} s: ${writes} files written, ${asked} questions\n`);
});
