/** When a renewal has something to do, and when it has not: a router that forgets, announces, refuses or is silent, in a world of its own time. */
import { beforeEach, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Port } from '../../src/core/mapping.ts';
import { openRenewal, type Renewal } from '../../src/mapping/renewal.ts';
import { type FakeWorld, fakeWorld } from '../../src/testing/world.ts';
import type { Network, World } from '../../src/world/world.ts';
import { type LapsingRouter, lapsingRouter } from '../servers/lapsing-router.ts';
import { SEED } from '../support/seed.ts';
import { chanceOf } from '../support/simulated.ts';

const MINUTE = 60_000;
const OWN = parseAddress('192.168.1.10') as IpAddress;
const WEB: Port = { protocol: 'tcp', external: 443, internal: 443 };
const GAME: Port = { protocol: 'udp', external: 9000, internal: 9000 };
const request = { stateFolder: '/state', policy: { allow: [], deny: [] }, signal: new AbortController().signal };

let clock: FakeWorld;
let router: LapsingRouter;
let renewal: Renewal;
let network: Network;
let world: World;
beforeEach(() => {
  clock = fakeWorld({ random: chanceOf(SEED).random });
  router = lapsingRouter(() => clock.clock.now(), { most: 7200, tell: '5.6.7.8' });
  renewal = openRenewal();
  network = { gateway: '192.168.1.1', gatewayMac: '02:00:00:00:00:01', interface: 'eth0' };
  world = {
    ...clock,
    // Time is what the tests say.
    clock: { ...clock.clock, sleep: (_ms, signal) => new Promise((resolve) => (signal ? signal.addEventListener('abort', () => resolve()) : setImmediate(resolve))) },
    net: {
      ...clock.net,
      network: async () => network,
      interfaces: () => [{ interface: 'eth0', address: OWN, bits: 24, internal: false, mac: '' }],
      datagram: (...question) => router.datagram(...question),
    },
  };
});

/** What happens within so many minutes, looked at every ten seconds: the minutes in which the router was asked. */
async function pass(minutes: number, ports: readonly Port[]): Promise<readonly number[]> {
  const begun = clock.clock.now();
  const times: number[] = [];
  for (let now = begun; now < begun + minutes * MINUTE; now = clock.clock.now()) {
    const asked = router.asked();
    if (renewal.isDue(now)) await renewal.keep(ports, request, world);
    if (router.asked() > asked) times.push(Math.floor((now - begun) / MINUTE));
    clock.advance(10_000);
  }
  return times;
}

test('one is asked for at once, and again after half of its lifetime, not sooner', async () => {
  expect(await pass(150, [WEB])).toEqual([0, 60, 120]);
  expect(router.leadsTo(OWN, 443)).toBe(true);
});

test('what a reply tells of a router that began anew brings back the others too, which are not due yet', async () => {
  await pass(30, [WEB]);
  renewal.nudge('anew');
  await pass(10, [WEB, GAME]);
  router.startAnew();
  expect([router.leadsTo(OWN, 443), router.leadsTo(OWN, 9000)]).toEqual([false, false]);
  expect(await pass(21, [WEB, GAME])).toEqual([20]);
  expect([router.leadsTo(OWN, 443), router.leadsTo(OWN, 9000)]).toEqual([true, true]);
});

test('what it announces brings back all of them at once; however often anybody says so, once a minute', async () => {
  await pass(10, [WEB, GAME]);
  router.startAnew();
  renewal.nudge('forgotten');
  expect(await pass(1, [WEB, GAME])).toEqual([0]);
  expect([router.leadsTo(OWN, 443), router.leadsTo(OWN, 9000)]).toEqual([true, true]);
  const asked = router.asked();
  for (let second = 0; second < 600; second++) {
    renewal.nudge('forgotten');
    if (renewal.isDue(clock.clock.now())) await renewal.keep([WEB, GAME], request, world);
    clock.advance(1000);
  }
  expect(router.asked() - asked).toBeLessThanOrEqual(2 * 11);
});

test('a router that is silent is asked less and less often, and at once when something speaks for it', async () => {
  router.silence(true);
  expect(await pass(50, [WEB])).toEqual([0, 1, 3, 7, 15, 30, 45]);
  renewal.nudge('look');
  expect(await pass(1, [WEB])).toEqual([]);
  renewal.nudge('anew');
  router.silence(false);
  expect(await pass(1, [WEB])).toEqual([0]);
});

test('a port that another has is asked for every quarter of an hour, and the others are renewed beside it', async () => {
  const another = openRenewal();
  await another.keep([GAME], { ...request, stateFolder: '/another' }, world);
  expect(await pass(62, [WEB, GAME])).toEqual([0, 15, 30, 45, 60]);
  expect(router.leadsTo(OWN, 443)).toBe(true);
});

test('in another network it is made there at once, even if that looks the same but for the hardware address', async () => {
  await pass(10, [WEB]);
  router = lapsingRouter(() => clock.clock.now(), { most: 7200, tell: '9.9.9.9' });
  network = { ...network, gatewayMac: '02:00:00:00:00:02' };
  renewal.nudge('anew');
  expect(await pass(1, [WEB])).toEqual([0]);
  expect(router.leadsTo(OWN, 443)).toBe(true);
});

test('there and back within its lifetime: a router that knows it by its number still does', async () => {
  const [home, garage] = [router, lapsingRouter(() => clock.clock.now(), { most: 7200, tell: '9.9.9.9' })];
  for (const [place, last] of [
    [home, '1'],
    [garage, '2'],
    [home, '1'],
  ] as const) {
    router = place;
    network = { ...network, gatewayMac: `02:00:00:00:00:0${last}` };
    renewal.nudge('anew');
    expect(await pass(30, [WEB])).toEqual([0]);
  }
  for (let hour = 0; hour < 5; hour++) {
    await pass(60, [WEB]);
    expect(home.leadsTo(OWN, 443)).toBe(true);
  }
});

test('one that was made before the hardware address was known is asked for once more when it is', async () => {
  const { gatewayMac: _, ...unknown } = network;
  const known = network;
  network = unknown;
  await pass(1, [WEB]);
  network = known;
  renewal.nudge('look');
  expect(await pass(1, [WEB])).toEqual([0]);
  renewal.nudge('look');
  expect(await pass(1, [WEB])).toEqual([]);
  network = unknown;
  renewal.nudge('look');
  expect(await pass(1, [WEB])).toEqual([]);
});

test('a tunnel that everything goes through is told, and nobody is asked', async () => {
  network = { gateway: '10.8.0.1', interface: 'tun0' };
  expect(await renewal.keep([WEB], request, world)).toMatchObject({ outcomes: [{ kind: 'failed', failure: { detail: expect.stringMatching(/looks like a VPN/) } }] });
  expect(router.asked()).toBe(0);
  expect(await renewal.keep([WEB], request, world)).toBeUndefined();
});
