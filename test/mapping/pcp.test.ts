/** PCP and NAT-PMP against a router on loopback that refuses, forges, or dies at the wrong moment. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeMapping } from '../../src/mapping/describe.ts';
import { makeMappings, removeMappings } from '../../src/mapping/keep.ts';
import type { MapReport } from '../../src/mapping/outcome.ts';
import { type Manner, mapReply, type PortMapper, portMapper } from '../servers/port-mapper.ts';
import { routerWorld } from '../servers/router-world.ts';
import { temporaryFolder } from '../support/folder.ts';

const PORT = { protocol: 'tcp', external: 443, internal: 443 } as const;
let routers: PortMapper[];
let folder: string;
beforeEach(() => {
  routers = [];
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const router of routers) await router.close();
});

async function at(manner: Partial<Manner>): Promise<{ readonly router: PortMapper; readonly make: () => Promise<MapReport>; readonly remove: () => Promise<MapReport> }> {
  const router = await portMapper('5.6.7.8', manner);
  routers.push(router);
  const world = await routerWorld({ mapper: router });
  const request = { stateFolder: folder, policy: { allow: [], deny: [] }, signal: new AbortController().signal };
  return { router, make: () => makeMappings([PORT], request, world), remove: () => removeMappings([], 'all', request, world) };
}
const remembered = () => JSON.parse(readFileSync(`${folder}/state.json`, 'utf8')).mappings?.['443/tcp'];

test('the number that makes it ours is on disk, is used again, and deletes it', async () => {
  const { router, make, remove } = await at({});
  await make();
  expect(remembered().nonce).toBe(router.maps[0]?.nonce.toString('hex'));
  await make();
  await remove();
  expect(router.maps.map(({ lifetimeSeconds, externalPort }) => [lifetimeSeconds, externalPort])).toEqual([
    [7200, 443],
    [7200, 443],
    [0, 0],
  ]);
  expect(new Set(router.maps.map(({ nonce }) => nonce.toString('hex'))).size).toBe(1);
  expect(router.mappings.size).toBe(0);
  expect(remembered()).toBeUndefined();
});

test.each([
  [2, /does not allow it \(PCP result 2, NOT_AUTHORIZED\)/],
  [7, /its line is down, or it stands behind another NAT/],
  [8, /makes no mapping \(PCP result 8, NO_RESOURCES\)/],
  [12, /a second NAT stands between the two/],
])('PCP result %i is told in words', async (pcp, words) => {
  const { make } = await at({ pcp, natPmp: 'no' });
  expect(await make()).toMatchObject({ outcomes: [{ kind: 'failed', failure: { kind: 'refused', detail: expect.stringMatching(words) } }] });
});

test('a port that it cannot give (PCP result 11) is taken', async () => {
  const { make } = await at({ pcp: 11, natPmp: 'no' });
  expect(await make()).toMatchObject({ outcomes: [{ kind: 'taken' }] });
});

test('a mapping that bears another number, or is of another port, is not believed to be ours', async () => {
  const forged = { protocol: 6, internalPort: 443, externalPort: 443, address: '6.6.6.6', lifetimeSeconds: 9, epochSeconds: 9 };
  const first = (question: Buffer): readonly Uint8Array[] => [mapReply({ ...forged, nonce: Buffer.alloc(12) }), mapReply({ ...forged, nonce: question.subarray(24, 36), internalPort: 80 })];
  const { make } = await at({ first });
  expect(await make()).toMatchObject({ outcomes: [{ kind: 'made', address: '5.6.7.8' }] });
});

test('a question whose answer is lost is remembered: the next run asks with the same number, and removal does too', async () => {
  const { router, make } = await at({ deafFor: 1e9, natPmp: 'silent' });
  expect(await make()).toMatchObject({ outcomes: [{ kind: 'failed', failure: { kind: 'network' } }] });
  const { nonce, by } = remembered();
  expect(by).toBeUndefined();
  expect(router.received.some((bytes) => bytes[0] === 2 && bytes.subarray(24, 36).toString('hex') === nonce)).toBe(true);
  const again = await at({});
  expect(await again.make()).toMatchObject({ outcomes: [{ kind: 'made' }] });
  expect(again.router.maps[0]?.nonce.toString('hex')).toBe(nonce);
});

test('one that lapsed by our clock is asked for with the number it bears: the router, whose time is another, may have it still', async () => {
  const { router, make } = await at({});
  await make();
  const path = `${folder}/state.json`;
  const state = JSON.parse(readFileSync(path, 'utf8'));
  const { nonce } = remembered();
  // As after a start without a clock, or a leap of it.
  writeFileSync(path, JSON.stringify({ ...state, mappings: { '443/tcp': { ...remembered(), from: 1000, until: 7_201_000 } } }));
  const silent = await at({ deafFor: 1e9, natPmp: 'silent' });
  await silent.make();
  expect(remembered()).toMatchObject({ nonce });
  expect(await make()).toMatchObject({ outcomes: [{ kind: 'made' }] });
  expect(new Set(router.maps.map((map) => map.nonce.toString('hex')))).toEqual(new Set([nonce]));
});

test('what is broken off before the router has answered says nothing of what it lets anybody do', async () => {
  const world = await routerWorld({});
  const { outcomes } = await makeMappings([PORT], { stateFolder: folder, policy: { allow: [], deny: [] }, signal: AbortSignal.abort() }, world);
  expect(outcomes).toMatchObject([{ kind: 'failed', failure: { kind: 'network' } }]);
  expect(outcomes.map((outcome) => describeMapping(outcome, String))).toEqual([
    '443/tcp: whether it is mapped could not be told: the router was not asked to the end: the program was to end, or its time was up',
  ]);
});
