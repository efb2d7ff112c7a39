/** Holes in the firewall of routers on loopback that speak UPnP alone, each with a peculiarity or a grudge. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { describeMappings, exitOfMappings } from '../../src/mapping/describe.ts';
import { makeMappings, removeMappings } from '../../src/mapping/keep.ts';
import type { World } from '../../src/world/world.ts';
import { routerWorld } from '../servers/router-world.ts';
import { type Line, line, type UpnpRouter, upnpRouter } from '../servers/upnp-router.ts';
import { temporaryFolder } from '../support/folder.ts';

const FIREWALL = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1';
const PORT = { protocol: 'tcp', external: 443, internal: 443 } as const;
const OWN6 = parseAddress('2001:67c:1::10') as IpAddress;
const LOOPBACK = parseAddress('127.0.0.1') as IpAddress;
type Says = Line['says'];

let routers: UpnpRouter[];
let folder: string;
beforeEach(() => {
  routers = [];
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const router of routers) await router.close();
});

/** Its mappings of IPv4 always work; its firewall says this. No address of IPv6 is here to ask from, so it is asked over IPv4. */
async function at(says: Says): Promise<World> {
  const internet = line('5.6.7.8');
  const entry = { NewInternalPort: '443', NewInternalClient: '127.0.0.1', NewEnabled: '1', NewPortMappingDescription: 'x', NewLeaseDuration: '7200' };
  let isMapped = false;
  const router = await upnpRouter({
    lines: [
      {
        ...internet,
        says: {
          ...internet.says,
          get GetSpecificPortMappingEntry() {
            return isMapped ? entry : 714;
          },
          get AddPortMapping() {
            isMapped = true;
            return {};
          },
          get DeletePortMapping() {
            isMapped = false;
            return {};
          },
        },
      },
      { type: FIREWALL, url: '/ctl/fw', says: Object.defineProperties({ GetFirewallStatus: { FirewallEnabled: '1', InboundPinholeAllowed: '1' } }, Object.getOwnPropertyDescriptors(says)) },
    ],
  });
  routers.push(router);
  const six = { interface: 'eth0', address: OWN6, bits: 64, internal: false, mac: '' };
  const world = await routerWorld({ upnp: router, interfaces: [{ interface: 'lo', address: LOOPBACK, bits: 8, internal: true, mac: '' }, six] });
  return { ...world, net: { ...world.net, router6: async () => ({ address: parseAddress('::1', 6) ?? expect.fail(), zone: 'lo', interface: 'eth0' }) } };
}
const request = () => ({ stateFolder: folder, policy: { allow: [], deny: [] }, signal: new AbortController().signal });
const make = (world: World) => makeMappings([PORT], request(), world);
const row = (): Record<string, unknown> | undefined => JSON.parse(readFileSync(`${folder}/state.json`, 'utf8')).mappings?.['443/tcp over IPv6'];
const asked = (): readonly string[] => routers[0]?.requests.filter((one) => one.includes('/ctl/fw')) ?? [];

test('opened from everybody to our address for two hours, and remembered by the number that it was given', async () => {
  const report = await make(await at({ AddPinhole: { UniqueID: '77' } }));
  expect(report).toMatchObject({
    notes: [],
    outcomes: [
      { family: 4, kind: 'made' },
      { family: 6, kind: 'made', address: OWN6 },
    ],
  });
  const sent = routers[0]?.posts.find(({ body }) => body.includes('AddPinhole'))?.body ?? '';
  expect([...sent.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, value]) => [name, value])).toEqual([
    ['RemoteHost', ''],
    ['RemotePort', '0'],
    ['InternalClient', OWN6],
    ['InternalPort', '443'],
    ['Protocol', '6'],
    ['LeaseTime', '7200'],
  ]);
  expect(row()).toMatchObject({ by: 'upnp', family: 6, uniqueId: 77, client: OWN6 });
});

test('a number of before is never used: the router may have given it to another since', async () => {
  let [given, deleted] = [77, ''];
  const world = await at({
    get AddPinhole() {
      return { UniqueID: String(given) };
    },
    get DeletePinhole() {
      deleted = /<UniqueID>(\d+)</.exec(routers[0]?.posts.at(-1)?.body ?? '')?.[1] ?? '';
      return {};
    },
  });
  await make(world);
  given = 3;
  expect(await removeMappings([], 'all', request(), world)).toMatchObject({ outcomes: [{ family: 4 }, { family: 6, kind: 'removed' }] });
  expect(deleted).toBe('3');
  expect(row()).toBeUndefined();
});

test('that of an address of before stays open as long as visitors may come by it, and the new one is opened beside it', async () => {
  const sent: string[] = [];
  const heard = (action: string): void => void sent.push(`${action} ${/<InternalClient>([^<]*)</.exec(routers[0]?.posts.at(-1)?.body ?? '')?.[1] ?? ''}`.trim());
  const world = await at({
    get AddPinhole() {
      heard('AddPinhole');
      return { UniqueID: String(sent.length) };
    },
    get DeletePinhole() {
      heard('DeletePinhole');
      return {};
    },
  });
  await make(world);
  const next = parseAddress('2001:67c:2::10') ?? expect.fail();
  const [lo, before] = world.net.interfaces();
  if (lo === undefined || before === undefined) expect.fail();
  const renumbered = { ...world.net, interfaces: () => [lo, { ...before, flags: { temporary: false, deprecated: true, tentative: false, permanent: false } }, { ...before, address: next }] };
  expect((await make({ ...world, net: renumbered })).outcomes).toMatchObject([{ family: 4 }, { family: 6, kind: 'made', mapping: { client: next } }]);
  expect(sent).toEqual([`AddPinhole ${OWN6}`, `AddPinhole ${next}`]);
  expect(row()).toMatchObject({ client: next, uniqueId: 2 });
});

test('one that cannot be closed ends soon, and that is said', async () => {
  const world = await at({ AddPinhole: { UniqueID: '1' }, DeletePinhole: 606 });
  await make(world);
  const report = await removeMappings([], 'all', request(), world);
  expect(report.outcomes).toMatchObject([{ family: 4 }, { family: 6, kind: 'lapsing' }]);
  expect(exitOfMappings(report.outcomes)).toBe(0);
  expect(describeMappings(report, String).at(-1)?.line).toMatch(/^443\/tcp over IPv6 cannot be taken back on this router, but was made to end soon: it lapses there by itself at /);
  expect(row()).toBeUndefined();
});

test.each([
  ['whose firewall is off', { GetFirewallStatus: { FirewallEnabled: '0', InboundPinholeAllowed: '0' } }, /its IPv6 firewall is off, so that there is nothing to open/],
  ['that allows no pinholes', { GetFirewallStatus: { FirewallEnabled: '1', InboundPinholeAllowed: '0' } }, /does not allow its IPv6 firewall to be opened/],
  ['that says only on asking that it is off (error 702)', { AddPinhole: 702 }, /its IPv6 firewall is off/],
])('a router %s: one line, no failure', async (_, says, words) => {
  const report = await make(await at({ AddPinhole: { UniqueID: '1' }, ...says }));
  expect(report).toMatchObject({ notes: [expect.stringMatching(words)], outcomes: [{ family: 4, kind: 'made' }] });
  expect(report.outcomes).toHaveLength(1);
  expect(exitOfMappings(report.outcomes)).toBe(0);
});

test.each([
  [606, /does not allow its IPv6 firewall to be opened for this port/],
  [701, /no room for another hole/],
  [703, /does not allow its IPv6 firewall to be opened/],
  [705, /for this protocol/],
  [999, /does not open its IPv6 firewall \(UPnP error 999, "Some Reason"\)/],
])('one that refuses (error %i) is told in words; the mapping stands, and nothing is remembered as open', async (code, words) => {
  const report = await make(await at({ AddPinhole: code }));
  expect(report.outcomes).toMatchObject([
    { family: 4, kind: 'made' },
    { family: 6, kind: 'failed', failure: { kind: 'refused', detail: expect.stringMatching(words) } },
  ]);
  expect(exitOfMappings(report.outcomes)).toBe(0);
  expect(exitOfMappings(report.outcomes.slice(1))).toBe(76);
  expect(row()).not.toHaveProperty('by');
});

test.each(['', '-1', '70000', '1.5', '1 2', '&#49;x', '99999999999999999999'])('a number that is none (%j) is not taken for one', async (UniqueID) => {
  expect(await make(await at({ AddPinhole: { UniqueID } }))).toMatchObject({ outcomes: [{ family: 4 }, { family: 6, kind: 'failed' }] });
});

test('without an address of our own that lasts the firewall is not spoken of', async () => {
  const world = await at({ AddPinhole: { UniqueID: '1' } });
  const fleeting = world.net.interfaces().map((one) => (one.address === OWN6 ? { ...one, flags: { temporary: true, deprecated: false, tentative: false, permanent: false } } : one));
  expect((await make({ ...world, net: { ...world.net, interfaces: () => fleeting } })).outcomes).toHaveLength(1);
  expect(asked()).toEqual([]);
});

test('a tunnel that IPv6 goes through is no router', async () => {
  const world = await at({ AddPinhole: { UniqueID: '1' } });
  const report = await make({ ...world, net: { ...world.net, router6: async () => ({ address: parseAddress('fe80::1', 6) ?? expect.fail(), zone: 'wg0', interface: 'wg0' }) } });
  expect(report).toMatchObject({ notes: [expect.stringMatching(/^no pinholes for IPv6: IPv6 leads into wg0, which looks like a VPN/)], outcomes: [{ family: 4 }] });
  expect(asked()).toEqual([]);
});

test('an old memory, without families, is of mappings', async () => {
  const world = await at({ AddPinhole: { UniqueID: '1' } });
  await make(world);
  const { writeFileSync } = await import('node:fs');
  const state = JSON.parse(readFileSync(`${folder}/state.json`, 'utf8'));
  delete state.mappings['443/tcp over IPv6'];
  writeFileSync(`${folder}/state.json`, JSON.stringify(state));
  expect(await removeMappings([], 'all', request(), world)).toMatchObject({ outcomes: [{ family: 4, kind: 'removed' }], warnings: [] });
});
