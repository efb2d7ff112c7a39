/** The demo's little world: echo services, a name server, a config and a box that can be carried, all on loopback and in one temporary folder. */
import type { Config, Problem } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { Family } from '../core/address.ts';
import { attempt, Fault } from '../core/failure.ts';
import { type Report, round } from '../round.ts';
import type { Listening } from '../world/loopback.ts';
import { withScratch } from '../world/scratch.ts';
import type { World } from '../world/world.ts';
import { type Echoes, startEchoes } from './echoes.ts';
import { type Lookup, lookupAt, NAME, startNameServer, zoneText } from './name-server.ts';
import { FORMERLY, HOME, type Place } from './places.ts';

export type Stage = {
  /** IPv6 only where this machine has `::1`. */
  readonly families: readonly Family[];
  readonly carryTo: (place: Place) => void;
  /** One round as cron would start it. */
  readonly round: () => Promise<Report>;
  readonly lookup: Lookup;
  /** The zone file, letter for letter. */
  readonly zone: () => string;
  /** Name, time and text of every file that is there: two equal ones mean that nothing was written. */
  readonly files: () => string;
  /** What the echo services have heard since the last call. */
  readonly heard: () => { readonly datagrams: number; readonly requests: number };
};

/** Builds it, lets `work` play in it, and takes it down again however that ends. Throws Fault when this machine cannot do it. */
export const withStage = <T>(outer: World, signal: AbortSignal, work: (stage: Stage) => Promise<T>): Promise<T> =>
  withScratch(async (folder) => {
    let place = HOME;
    // Real but for what must not be that of this machine: where it is plugged in, its own addresses, its resolvers, and its environment.
    const world: World = { ...outer, env: {}, net: { ...outer.net, network: async () => place.network, interfaces: () => [], resolvers: async () => [] } };
    const zonePath = `${folder}/${NAME}.zone`;
    const listening: Listening[] = [];
    try {
      world.files.write(zonePath, zoneText(FORMERLY), { mode: 0o600 });
      const nameServer = await startNameServer(zonePath, world.files);
      listening.push(nameServer);
      const echoes: Echoes[] = [await startEchoes(4, () => place, listening)];
      const six = await attempt(() => startEchoes(6, () => place, listening));
      if (six.kind === 'ok') echoes.push(six.value);
      const families: readonly Family[] = six.kind === 'ok' ? [4, 6] : [4];
      const { config, validate } = await loaded(folder, configOf(zonePath, families, echoes), world);
      return await work({
        families,
        carryTo(next) {
          place = next;
        },
        round: () => round(config, world, { dry: false, force: false, names: [], signal, validate }),
        lookup: lookupAt(nameServer, world),
        zone: () => world.files.read(zonePath) ?? '',
        files: () => snapshot([folder, config.stateFolder], world.files),
        heard: () => {
          const sum = { datagrams: 0, requests: 0 };
          for (const { asked } of echoes) {
            sum.datagrams += asked.datagrams;
            sum.requests += asked.requests;
            Object.assign(asked, { datagrams: 0, requests: 0 });
          }
          return sum;
        },
      });
    } finally {
      await Promise.all(listening.map(({ close }) => close()));
    }
  });

/**
 * The config, as a user would write it. The echo services speak plain HTTP, DNS and STUN: nothing on loopback is signed by anybody, so none
 * of them counts as authenticated, and the demand for one authenticated source is capped away, as with every list of sources that has none.
 * The other two stay: two operators, and two kinds of transport. With the built-in sources all three hold.
 */
const configOf = (zonePath: string, families: readonly Family[], echoes: readonly Echoes[]): unknown => ({
  records: [{ name: NAME, families }],
  accounts: { 'own-server': { provider: 'zonefile', file: zonePath } },
  // Addresses for documentation are never published, unless somebody says that they are meant.
  detect: { sources: echoes.flatMap(({ sources }) => sources), allow: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'] },
});

/** Written to a file and read again, so that the door is the one every config goes through. */
async function loaded(folder: string, written: unknown, world: World): Promise<{ readonly config: Config; readonly validate: () => Promise<readonly Problem[]> }> {
  const path = `${folder}/config.json`;
  world.files.write(path, JSON.stringify(written, undefined, 2), { mode: 0o600 });
  const flags = { config: path, state: `${folder}/state`, names: [], options: [], ip: [] };
  const read = await loadConfig(flags, world, 'shape');
  if (read.kind !== 'ok') throw new Fault({ kind: 'defect', detail: `the config of the demo is not good: ${read.problems.map(({ path: at, message }) => `${at} ${message}`).join('; ')}` });
  return { config: read.config, validate: async () => (await loadConfig(flags, world, 'all')).problems };
}

const snapshot = (folders: readonly string[], files: World['files']): string =>
  folders
    .flatMap((folder) => files.list(folder).map((name) => `${folder}/${name}`))
    .map((path) => `${path} ${files.stat(path)?.modifiedAt} ${path.endsWith('/state') ? '' : files.read(path)}`)
    .join('\n');
