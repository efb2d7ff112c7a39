/** The demo's little world: echo services, name servers, a resolver, a router, a probe-server, a config and a box that can be carried, all on loopback and in one temporary folder. */
import type { Config, Problem } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { Family, IpAddress } from '../core/address.ts';
import { attempt, Fault } from '../core/failure.ts';
import type { Port } from '../core/mapping.ts';
import { addressOf, TYPE } from '../core/wire.ts';
import { openAnswer } from '../probe-server/answer.ts';
import { type Progress, type Relocation, relocate } from '../relocate/relocate.ts';
import { type Report, round } from '../round.ts';
import { type Listening, LOOPBACK } from '../world/loopback.ts';
import { withScratch } from '../world/scratch.ts';
import type { World } from '../world/world.ts';
import { type Echoes, startEchoes, WEB_SOURCES } from './echoes.ts';
import { ABOVE, ABOVE_TEXT, NAME, SERVERS, startNameServer, ZONE, zoneText } from './name-server.ts';
import { FORMERLY, HOME, known, type Place, PORT } from './places.ts';
import { exchange, RESOLVER, startResolver } from './resolver.ts';
import { buildRoads, closeServed, type Roads, type Served, serveOnLoopback } from './roads.ts';
import { startRouter } from './router.ts';

/** What was told of the name: its addresses, and for how many seconds they may be kept. */
export type Told = { readonly addresses: readonly IpAddress[]; readonly ttl: number };

export type Stage = {
  /** IPv6 only where this machine has `::1`. */
  readonly families: readonly Family[];
  readonly carryTo: (place: Place) => void;
  /** Puts the clock forward: what comes next is on the next day, at this hour. */
  readonly nextDay: (hour: number) => void;
  /** One round as cron would start it. */
  readonly round: () => Promise<Report>;
  /** TTLs are lowered for a move. */
  readonly prepare: (seconds: number) => Promise<Report>;
  /** `map`: TCP ports that the router is asked to forward. `clock`: how a moment is told. */
  readonly relocate: (request: { readonly map: readonly number[]; readonly tell: (progress: Progress) => void; readonly clock: (at: number) => string }) => Promise<Relocation>;
  /** Asks by DNS, as everybody does: a name server of the zone, or the resolver. Throws Fault `network` when it does not answer. */
  readonly lookup: (whom: 'name-server' | 'resolver', type: 'A' | 'AAAA') => Promise<Told>;
  /** The zone file, letter for letter. */
  readonly zone: () => string;
  /** Name, time and text of every file that is there: two equal ones mean that nothing was written. */
  readonly files: () => string;
  /** What the echo services have heard since the last call. */
  readonly heard: () => { readonly datagrams: number; readonly requests: number };
};

const PROBE = 'probe.example';
/** For one relocation. */
const LONGEST_MS = 20_000;

/** Builds it, lets `work` play in it, and takes it down again however that ends. Throws Fault when this machine cannot do it. */
export const withStage = <T>(outer: World, signal: AbortSignal, work: (stage: Stage) => Promise<T>): Promise<T> =>
  withScratch(async (folder) => {
    let place = HOME;
    let aheadMs = 0;
    const clock = { ...outer.clock, now: () => outer.clock.now() + aheadMs };
    const here = { place: () => place, clock, folder, signal };
    const zonePath = `${folder}/${NAME}.zone`;
    const listening: Listening[] = [];
    const served: Served[] = [];
    try {
      const zone = (): string => outer.files.read(zonePath) ?? '';
      const echoes: Echoes[] = [await startEchoes(4, () => place, listening)];
      const six = await attempt(() => startEchoes(6, () => place, listening));
      if (six.kind === 'ok') echoes.push(six.value);
      const families: readonly Family[] = six.kind === 'ok' ? [4, 6] : [4];
      outer.files.write(zonePath, zoneText(families.map((family) => FORMERLY[family])), { mode: 0o600 });
      const roads = await peopled(outer, { ...here, families, zone }, { listening, served });
      // Real but for what must not be that of this machine: the day, where it is plugged in and what leads there, and its environment.
      const world: World = { ...outer, env: {}, clock, net: roads.box };
      for (const host of Object.keys(echoes[0]?.web ?? {})) roads.web.set(host, { 4: echoes[0]?.web[host], 6: echoes[1]?.web[host] });
      const { config, validate } = await loaded(folder, configOf(zonePath, families, echoes), world);
      const request = { names: [], signal, validate };
      return await work({
        families,
        carryTo(next) {
          place = next;
        },
        nextDay(hour) {
          const then = new Date(clock.now());
          then.setDate(then.getDate() + 1);
          then.setHours(hour, 0, 0, 0);
          aheadMs += then.getTime() - clock.now();
        },
        round: () => round(config, world, { ...request, dry: false, force: false }),
        prepare: (seconds) => round(config, world, { ...request, dry: false, force: false, ttls: { kind: 'lower', seconds } }),
        relocate: async ({ map, tell, clock: told }) => {
          const over = new AbortController();
          const within = AbortSignal.any([signal, over.signal]);
          const end = clock.sleep(LONGEST_MS, within).then(() => over.abort());
          const ports = map.map((port): Port => ({ protocol: 'tcp', external: port, internal: port }));
          const done = await relocate(config, { ...request, map: ports, more: ports, signal: within, longestMs: LONGEST_MS, tell }, world, told);
          over.abort();
          await end;
          return done;
        },
        lookup: async (whom, type) => {
          const { answers } = await exchange(known(whom === 'resolver' ? RESOLVER : SERVERS.first, 4), NAME, TYPE[type], { net: roads.internet, random: outer.random }, whom === 'resolver');
          return { addresses: answers.flatMap((record) => addressOf(record) ?? []), ttl: Math.max(0, ...answers.map(({ ttl }) => ttl)) };
        },
        zone,
        files: () => snapshot([folder, config.stateFolder], outer.files),
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
      await Promise.all([...listening.map(({ close }) => close()), ...served.map(closeServed)]);
    }
  });

type Ground = { readonly place: () => Place; readonly clock: World['clock']; readonly signal: AbortSignal; readonly families: readonly Family[]; readonly zone: () => string };

/** The roads, and everybody who lives at them. What was started is in `opened`, also when this throws. */
async function peopled(outer: World, { place, clock, signal, families, zone }: Ground, { listening, served }: { readonly listening: Listening[]; readonly served: Served[] }): Promise<Roads> {
  const listen = async <L extends Listening>(started: Promise<L>): Promise<L> => {
    const one = await started;
    listening.push(one);
    return one;
  };
  const router = await startRouter(place, clock);
  listening.push(router.listening);
  const roads = buildRoads(outer.net, { place, router, families });
  for (const server of [SERVERS.first, SERVERS.second]) roads.dns.set(server, await listen(startNameServer(ZONE, zone)));
  roads.dns.set(SERVERS.above, await listen(startNameServer(ABOVE, () => ABOVE_TEXT)));
  roads.dns.set(RESOLVER, await listen(startResolver({ net: roads.internet, clock, random: outer.random })));
  const answer = openAnswer({ clock, net: roads.internet, self: false, proxy: false, signal, say: () => {} });
  // Whoever comes from the box comes through its router, under the public address of the place.
  const probe = await serveOnLoopback(outer.net, families, (request) => answer({ ...request, from: place().address[request.from === LOOPBACK[6] ? 6 : 4] }));
  served.push(probe);
  roads.web.set(PROBE, probe);
  return roads;
}

/**
 * The config, as a user would write it. The echo services speak plain HTTP, DNS and STUN: nothing on loopback is signed by anybody, so none
 * of them counts as authenticated, and the demand for one authenticated source is capped away, as with every list of sources that has none.
 * The other two stay: two operators, and two kinds of transport. With the built-in sources all three hold.
 */
const configOf = (zonePath: string, families: readonly Family[], echoes: readonly Echoes[]): unknown => ({
  records: [{ name: NAME, families }],
  accounts: { 'own-server': { provider: 'zonefile', file: zonePath } },
  // Addresses for documentation are never published, unless somebody says that they are meant.
  detect: { sources: [...WEB_SOURCES, ...echoes.flatMap(({ sources }) => sources)], allow: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'] },
  dns: { servers: [RESOLVER] },
  verify: { resolvers: [RESOLVER], ports: [PORT], probe: { url: `http://${PROBE}/`, insecure: true } },
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
