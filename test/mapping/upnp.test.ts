/** Routers on loopback that speak UPnP alone, each with a peculiarity or a grudge. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeMappings, removeMappings } from '../../src/mapping/keep.ts';
import type { MapReport } from '../../src/mapping/outcome.ts';
import { openRenewal } from '../../src/mapping/renewal.ts';
import { askSurroundings } from '../../src/verify/surroundings.ts';
import type { World } from '../../src/world/world.ts';
import { routerWorld } from '../servers/router-world.ts';
import { line, type UpnpRouter, upnpRouter } from '../servers/upnp-router.ts';
import { temporaryFolder } from '../support/folder.ts';

type Entry = { client: string; internal: string; description: string; lease: string; enabled?: '0' };
type Manner = { readonly add?: (lease: string) => number | undefined; readonly look?: number; readonly remove?: number; readonly wan?: string; readonly keep?: (entry: Entry) => Entry };
const PORT = { protocol: 'tcp', external: 443, internal: 443 } as const;
const OWN = '127.0.0.1';

let table: Map<string, Entry>;
let routers: UpnpRouter[];
let folder: string;
beforeEach(() => {
  table = new Map();
  routers = [];
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const router of routers) await router.close();
});

async function at({ add = () => undefined, look, remove, wan = '5.6.7.8', keep = (entry) => entry }: Manner = {}): Promise<World> {
  const value = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(routers.at(-1)?.posts.at(-1)?.body ?? '')?.[1] ?? '';
  const key = (): string => `${value('NewExternalPort')}/${value('NewProtocol')}`;
  const router = await upnpRouter({
    lines: [
      {
        ...line(wan),
        says: {
          ...line(wan).says,
          get GetSpecificPortMappingEntry() {
            const there = table.get(key());
            if (look !== undefined) return look;
            return there === undefined
              ? 714
              : { NewInternalPort: there.internal, NewInternalClient: there.client, NewEnabled: there.enabled ?? '1', NewPortMappingDescription: there.description, NewLeaseDuration: there.lease };
          },
          get AddPortMapping() {
            const refused = add(value('NewLeaseDuration'));
            if (refused !== undefined) return refused;
            table.set(key(), keep({ client: value('NewInternalClient'), internal: value('NewInternalPort'), description: value('NewPortMappingDescription'), lease: value('NewLeaseDuration') }));
            return {};
          },
          get DeletePortMapping() {
            return remove ?? (table.delete(key()) ? {} : 714);
          },
        },
      },
    ],
  });
  routers.push(router);
  return routerWorld({ upnp: router });
}
const request = () => ({ stateFolder: folder, policy: { allow: [], deny: [] }, signal: new AbortController().signal });
const make = (world: World): Promise<MapReport> => makeMappings([PORT], request(), world);
const remembered = (): unknown => JSON.parse(readFileSync(`${folder}/state.json`, 'utf8')).mappings;
const failed = (detail: RegExp): unknown => ({ outcomes: [{ port: PORT, family: 4, kind: 'failed', failure: { kind: 'refused', detail: expect.stringMatching(detail) } }], notes: [], warnings: [] });

test('made for two hours, under our name, remembered, and not asked about again before an hour is over', async () => {
  const world = await at();
  expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'made', address: '5.6.7.8', mapping: { by: 'upnp' } }] });
  expect(table.get('443/TCP')).toEqual({ client: OWN, internal: '443', description: expect.stringMatching(/^ddns-update [\w.-]+$/), lease: '7200' });
  const asked = routers[0]?.requests.length;
  expect(await openRenewal().keep([PORT], request(), world)).toBeUndefined();
  expect(routers[0]?.requests).toHaveLength(asked ?? -1);
  const { now } = world.clock;
  const later = { ...world, clock: { ...world.clock, now: () => now() + 3_600_001 } };
  expect(await openRenewal().keep([PORT], request(), later)).toMatchObject({ outcomes: [{ kind: 'renewed' }] });
});

test.each([725, 402])('a router that knows no end (error %i) is given none, and it is removed again', async (code) => {
  const world = await at({ add: (lease) => (lease === '0' ? undefined : code) });
  const { outcomes } = await make(world);
  expect(outcomes).toMatchObject([{ kind: 'made' }]);
  expect(outcomes[0]).not.toHaveProperty('mapping.until');
  expect(await removeMappings([], 'all', request(), world)).toMatchObject({ outcomes: [{ kind: 'removed' }] });
  expect(table.size).toBe(0);
  expect(remembered()).toBeUndefined();
});

test.each([
  [606, /^the router does not allow it: allow UPnP in its settings/],
  [501, /^the router could not do it.*\(UPnP error 501\)/],
  [724, /only to the same one here/],
  [727, /maps all ports or none/],
  [728, /no room/],
])('refused with error %i: in words, and nothing is remembered as made', async (code, words) => {
  expect(await make(await at({ add: () => code }))).toEqual(failed(words));
  expect(remembered()).not.toHaveProperty('443/tcp.by');
});

test('a conflict that shows only on adding (error 718) is one', async () =>
  expect(await make(await at({ add: () => 718 }))).toEqual({ outcomes: [{ port: PORT, family: 4, kind: 'taken' }], notes: [], warnings: [] }));

test('a router that does not say who has a port is not asked to give it', async () => {
  const world = await at({ look: 501 });
  expect(await make(world)).toEqual(failed(/does not say who has the port, and without that none is taken/));
  expect(routers[0]?.requests.some((one) => one.includes('AddPortMapping'))).toBe(false);
});

test("another's stays as it is, whatever it calls itself, on making as on removing", async () => {
  const world = await at();
  for (const description of ['plex', 'ddns-update nas', '', '<b>&amp;</b>']) {
    const theirs = { client: '127.0.0.9', internal: '443', description, lease: '0' };
    table.set('443/TCP', theirs);
    expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'taken', by: expect.stringContaining('127.0.0.9:443') }] });
    expect(await removeMappings([PORT], 'these', request(), world)).toMatchObject({ outcomes: [{ kind: 'absent' }] });
    expect(table.get('443/TCP')).toEqual(theirs);
  }
});

test('a router that keeps no descriptions: ours is renewed and removed, for we remember that it was made so; nothing that leads elsewhere is taken for it', async () => {
  const world = await at({ keep: (entry) => ({ ...entry, description: '' }) });
  expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'made' }] });
  expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'renewed' }] });
  for (const theirs of [
    { client: '127.0.0.9', internal: '443', description: '', lease: '0' },
    { client: OWN, internal: '8443', description: '', lease: '0' },
  ]) {
    const ours = table.get('443/TCP') as Entry;
    table.set('443/TCP', theirs);
    expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'taken' }] });
    expect(await removeMappings([PORT], 'these', request(), world)).toMatchObject({ outcomes: [{ kind: 'absent' }] });
    expect(table.get('443/TCP')).toEqual(theirs);
    table.clear();
    expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'made' }] });
    expect(table.get('443/TCP')).toMatchObject({ client: ours.client });
  }
  expect(await removeMappings([PORT], 'these', request(), world)).toMatchObject({ outcomes: [{ kind: 'removed' }] });
  expect(table.size).toBe(0);
});

test('one that is switched off leads nowhere: of another program it is in the way, and ours is switched on', async () => {
  const world = await at();
  table.set('443/TCP', { client: OWN, internal: '443', description: 'Web', lease: '0', enabled: '0' });
  expect((await make(world)).outcomes).toEqual([{ port: PORT, family: 4, kind: 'taken', by: '127.0.0.1:443 ("Web"), switched off' }]);
  const said = await askSurroundings(undefined, [443], { allow: [], deny: [] }, world, new AbortController().signal);
  expect([said.leadsHere(443), said.mappedInside(443), said.mappedTo(443)]).toEqual([false, undefined, '127.0.0.1:443 ("Web"), switched off']);
  table.clear();
  await make(world);
  table.set('443/TCP', { ...(table.get('443/TCP') as Entry), enabled: '0' });
  expect((await make(world)).outcomes).toMatchObject([{ kind: 'renewed' }]);
  expect(table.get('443/TCP')?.enabled).toBeUndefined();
});

test('a router that leaves ours switched off', async () => expect(await make(await at({ keep: (entry) => ({ ...entry, enabled: '0' }) }))).toMatchObject(failed(/keeps it switched off/) as object));

test('one that was taken over while ours was away is not taken back, nor removed', async () => {
  const world = await at();
  await make(world);
  const theirs = { client: '127.0.0.9', internal: '443', description: 'plex', lease: '0' };
  table.set('443/TCP', theirs);
  expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'taken' }] });
  expect(await removeMappings([PORT], 'all', request(), world)).toMatchObject({ outcomes: [{ kind: 'absent' }] });
  expect(table.get('443/TCP')).toEqual(theirs);
});

test('a router that says that it did, and did not', async () =>
  expect(await make(await at({ keep: (entry) => ({ ...entry, client: '127.0.0.9' }) }))).toMatchObject({ outcomes: [{ kind: 'taken' }] }));

test.each([
  ['100.64.0.9', /carrier-grade NAT/],
  ['192.168.0.2', /double NAT/],
])('behind %s the mapping is made, and it is said that nobody comes through it', async (wan, words) => {
  expect(await make(await at({ wan }))).toMatchObject({ outcomes: [{ kind: 'made' }], useless: expect.stringMatching(words) });
});

test('on another router it is made anew, and what was left on the first is told', async () => {
  const world = await at();
  await make(world);
  table.clear();
  const elsewhere = { ...world, net: { ...world.net, network: async () => ({ gateway: OWN, gatewayMac: '02:00:00:00:00:02', interface: 'lo' }) } };
  const state = readFileSync(`${folder}/state.json`, 'utf8');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${folder}/state.json`, state.replace('"gateway": "127.0.0.1"', '"gateway": "127.0.0.1", "gatewayMac": "02:00:00:00:00:01"'));
  expect(await openRenewal().keep([PORT], request(), elsewhere)).toMatchObject({ outcomes: [{ kind: 'made' }] });
  const forEver = JSON.parse(state);
  delete forEver.mappings['443/tcp'].until;
  forEver.mappings['443/tcp'].router.gatewayMac = '02:00:00:00:00:01';
  writeFileSync(`${folder}/state.json`, JSON.stringify(forEver));
  expect((await make(elsewhere)).notes).toEqual([expect.stringMatching(/^443\/tcp stays mapped on another router \(127\.0\.0\.1\), which knows no end/)]);
  writeFileSync(`${folder}/state.json`, state.replace('"gateway": "127.0.0.1"', '"gateway": "127.0.0.1", "gatewayMac": "02:00:00:00:00:01"'));
  expect(await removeMappings([], 'all', request(), elsewhere)).toMatchObject({ outcomes: [{ kind: 'left-behind' }] });
});

test('ours that leads to the address this machine had before is moved to that of now, and so is it removed', async () => {
  const world = await at();
  const movedFrom = async (): Promise<void> => {
    await make(world);
    table.set('443/TCP', { ...(table.get('443/TCP') as Entry), client: '127.0.0.9' });
    const path = `${folder}/state.json`;
    writeFileSync(path, readFileSync(path, 'utf8').replace('"client": "127.0.0.1"', '"client": "127.0.0.9"'));
  };
  await movedFrom();
  expect(await make(world)).toMatchObject({ outcomes: [{ kind: 'made', mapping: { client: OWN } }] });
  expect(table.get('443/TCP')).toMatchObject({ client: OWN });
  await movedFrom();
  expect(await removeMappings([], 'all', request(), world)).toMatchObject({ outcomes: [{ kind: 'removed' }] });
  expect(table.size).toBe(0);
});

test.each(['pcp', 'upnp'] as const)('where the router lets nobody do that, it is told that the one in the way is our own (%s)', async (by) => {
  await make(await at());
  const { description } = table.get('443/TCP') as Entry;
  const theirs = { client: '127.0.0.9', internal: '443', description: by === 'pcp' ? 'PCP MAP 000000000000000000000000' : description, lease: '7000' };
  const path = `${folder}/state.json`;
  const state = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...state, mappings: { '443/tcp': { ...state.mappings['443/tcp'], by, client: '127.0.0.9' } } }));
  const strict = await at({ add: () => 718, remove: 606 });
  table.set('443/TCP', theirs);
  expect(await make(strict)).toMatchObject({ outcomes: [{ kind: 'taken', by: expect.stringMatching(/^127\.0\.0\.9:443 \(.*\), as this machine's address was before$/) }] });
  expect(table.get('443/TCP')).toEqual(theirs);
});
