/** Taking back what may never have been there: what is remembered as made is a failure when it stays, what was only asked for is none. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../src/core/failure.ts';
import { describeMappings, exitOfMappings, mappingJson } from '../../src/mapping/describe.ts';
import { makeMappings, removeMappings } from '../../src/mapping/keep.ts';
import type { MapReport } from '../../src/mapping/outcome.ts';
import type { World } from '../../src/world/world.ts';
import { type Manner, type PortMapper, portMapper } from '../servers/port-mapper.ts';
import { routerWorld } from '../servers/router-world.ts';
import { temporaryFolder } from '../support/folder.ts';

const PORT = { protocol: 'tcp', external: 443, internal: 443 } as const;
const NONE = '443/tcp: nothing of ours to remove';
let routers: PortMapper[];
let folder: string;
beforeEach(() => {
  routers = [];
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const router of routers) await router.close();
});

/** Undefined: a router that speaks none of the protocols. */
async function at(manner: Partial<Manner> | undefined, gateway = '127.0.0.1'): Promise<World> {
  const mapper = manner === undefined ? undefined : await portMapper('5.6.7.8', manner);
  if (mapper !== undefined) routers.push(mapper);
  const world = await routerWorld({ ...(mapper === undefined ? {} : { mapper }), ...(gateway === '127.0.0.1' ? {} : { network: { gateway, interface: 'lo' } }) });
  // Nobody answers by UPnP: that is known at once, for these tests to be quick.
  const search = async (): Promise<never> => Promise.reject(new Fault({ kind: 'network', phase: 'reply', code: 'ETIMEDOUT', detail: 'nobody answered' }));
  return { ...world, net: { ...world.net, search } };
}
const nowhere = async (): Promise<World> => {
  const world = await at(undefined);
  return { ...world, net: { ...world.net, network: async () => undefined } };
};
const request = (signal = new AbortController().signal) => ({ stateFolder: folder, policy: { allow: [], deny: [] }, signal });
const make = (world: World) => makeMappings([PORT], request(), world);
const remove = (world: World, scope: 'these' | 'all' = 'all') => removeMappings([PORT], scope, request(), world);
const told = (report: MapReport) => ({ lines: describeMappings(report, (at) => new Date(at).toISOString()).map(({ line }) => line), exit: exitOfMappings(report.outcomes) });
const row = (): Record<string, unknown> | undefined => JSON.parse(readFileSync(`${folder}/state.json`, 'utf8')).mappings?.['443/tcp'];

describe('nothing of ours is there', () => {
  const routersThatMadeNothing: readonly (readonly [string, Partial<Manner> | undefined])[] = [
    ['that refuses', { pcp: 2, natPmp: 'no' }],
    ['whose line is down', { pcp: 7, natPmp: 'no' }],
    ['that speaks NAT-PMP alone, and refuses', { pcp: 'no', natPmp: 3 }],
    ['that speaks nothing', undefined],
  ];
  for (const [name, manner] of routersThatMadeNothing) {
    test(`a router ${name}: whatever was asked for before`, async () => {
      const world = await at(manner);
      for (const scope of ['these', 'all'] as const) expect(told(await remove(world, scope))).toEqual({ lines: [NONE], exit: 0 });
      expect((await make(world)).outcomes).toMatchObject([{ kind: 'failed' }]);
      for (const scope of ['these', 'all'] as const) {
        const report = await remove(world, scope);
        expect(told(report)).toEqual({ lines: [NONE], exit: 0 });
        expect(report.outcomes.map(mappingJson)).toEqual([{ protocol: 'tcp', external: 443, internal: 443, family: 4, outcome: 'absent' }]);
      }
    });
  }
  test('no router at all, where nothing was made before', async () => {
    expect(told(await remove(await nowhere()))).toEqual({ lines: [NONE], exit: 0 });
    await make(await at({ pcp: 2, natPmp: 'no' }));
    expect(told(await remove(await nowhere()))).toEqual({ lines: [NONE], exit: 0 });
  });
  test('another router than that which refused', async () => {
    await make(await at({ pcp: 2, natPmp: 'no' }));
    expect(told(await remove(await at({}, '127.0.0.2')))).toEqual({ lines: [NONE], exit: 0 });
  });
});

describe('what was asked for, and whose answer was lost', () => {
  const lost = { deafFor: 1e9, natPmp: 'silent' } as const;
  test('is taken back where the router has it', async () => {
    await make(await at(lost));
    const nonce = row()?.nonce;
    expect(told(await remove(await at({})))).toEqual({ lines: ['443/tcp removed'], exit: 0 });
    expect(routers.at(-1)?.maps.map((one) => [one.lifetimeSeconds, one.nonce.toString('hex')])).toEqual([[0, nonce]]);
    expect(row()).toBeUndefined();
  });
  test('stays remembered for as long as it may be there, when the router is silent again', async () => {
    await make(await at(lost));
    expect(told(await remove(await at(lost)))).toEqual({
      lines: [expect.stringMatching(/^443\/tcp: nothing of ours to remove, as far as the router was heard; what it may have made lapses there by itself at /)],
      exit: 0,
    });
    expect(row()).toBeDefined();
    expect(told(await remove(await at({})))).toEqual({ lines: ['443/tcp removed'], exit: 0 });
  });
  test('a removal that is broken off is none', async () => {
    await make(await at(lost));
    expect(exitOfMappings((await removeMappings([PORT], 'all', request(AbortSignal.abort()), await at({}))).outcomes)).toBe(69);
  });
});

describe('what is remembered as made', () => {
  test('and cannot be asked for is a failure, in words that do not say that it is not there', async () => {
    await make(await at({}));
    for (const world of [await at(undefined), await nowhere()]) {
      const { lines, exit } = told(await remove(world));
      expect(exit).toBe(69);
      expect(lines).toEqual([expect.stringMatching(/^443\/tcp is not removed: .*; it lapses there by itself at \d{4}-/)]);
    }
    expect(row()).toMatchObject({ by: 'pcp' });
  });
  test('and is not given back is one too', async () => {
    await make(await at({}));
    const { lines, exit } = told(await remove(await at({ pcp: 2, natPmp: 'no' })));
    expect([lines, exit]).toEqual([[expect.stringMatching(/^443\/tcp is not removed: the router does not allow it \(PCP result 2, NOT_AUTHORIZED\).*; it lapses there by itself at /)], 76]);
  });

  test.each(['pcp', 'nat-pmp'] as const)('and leads to an address of before is not said to be removed by %s, which takes back only what leads to whoever asks', async (by) => {
    const world = await at({});
    await make(world);
    const path = `${folder}/state.json`;
    const state = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...state, mappings: { '443/tcp': { ...row(), by, client: '127.0.0.9' } } }));
    const asked = routers[0]?.received.length;
    const { lines, exit } = told(await remove(world));
    expect([lines, exit]).toEqual([
      [expect.stringMatching(/^443\/tcp was mapped to 127\.0\.0\.9, which this machine no longer is, and is taken back from there alone: it lapses there by itself at \d{4}-/)],
      0,
    ]);
    expect(routers[0]?.received).toHaveLength(asked ?? -1);
    expect(row()).toBeUndefined();
  });
});
