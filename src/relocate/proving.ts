/** Has the ladder climbed for what a round has published, as the config says: by which resolvers, at which ports, looked at by whom. */
import type { Config } from '../config/config.ts';
import { attempt } from '../core/failure.ts';
import { type Before, type Climb, later } from '../core/ladder.ts';
import { isSameRouter, type Mapping, type Port } from '../core/mapping.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ProbeChoice } from '../core/reach.ts';
import type { Target } from '../core/record.ts';
import { Secret } from '../core/secret.ts';
import { describeRefusal } from '../mapping/describe.ts';
import type { MapOutcome } from '../mapping/outcome.ts';
import { type ChangeMemory, isOfTtlAlone, NOTHING, readState } from '../recall.ts';
import type { Resolver } from '../verify/ask.ts';
import { type ClimbOptions, climb } from '../verify/climb.ts';
import { lookOutside, type OutsideOptions } from '../verify/outside.ts';
import type { Probe } from '../verify/probes/probe.ts';
import { peerAt } from '../world/resolvers.ts';
import type { World } from '../world/world.ts';

export type ProvingOptions = Pick<ClimbOptions, 'patienceMs' | 'waiting'> &
  Pick<OutsideOptions, 'again' | 'vacant'> & {
    /** TCP ports that are asked for besides those of the config. */
    readonly more: readonly Port[];
    /** What the router was asked for a moment ago. */
    readonly mapped?: readonly MapOutcome[];
    readonly signal: AbortSignal;
  };

/** Who is asked what caches hold, where the config names nobody. */
const RESOLVERS: readonly string[] = ['1.1.1.1', '8.8.8.8', '9.9.9.9'];

/** One climb per outcome, in order; `tell` hears of every step of it. Changes nothing. */
export async function proveOutcomes(config: Config, outcomes: readonly Outcome[], options: ProvingOptions & Pick<ClimbOptions, 'tell'>, world: World): Promise<readonly Climb[]> {
  const { signal, patienceMs, waiting, again, vacant } = options;
  const resolvers = (config.verify?.resolvers.length ? config.verify.resolvers : RESOLVERS).map(resolverOf);
  const probe = await openProbe(config.verify?.probe ?? 'none', world);
  // What is not known of before is no reason to prove nothing.
  const state = await attempt(() => readState(config.stateFolder, world));
  const { changes, mappings = {} } = state.kind === 'failed' || typeof state.value === 'string' ? NOTHING : state.value;
  const kept = await keptHere(Object.values(mappings), world);
  return climb(
    outcomes,
    {
      resolvers,
      patienceMs,
      waiting,
      kept: config.targets,
      wrote: ({ name, type }) => changes.flatMap((one) => (one.name === name && one.type === type ? one.after : [])),
      before: (target, ttl) => beforeIn(changes, target, ttl),
      outside: (destinations) =>
        lookOutside(
          destinations,
          {
            ports: portsOf(config, options.more, kept),
            ...(probe === undefined ? {} : { probe }),
            policy: config.detect.policy,
            asked: askedIn(options.mapped ?? [], kept),
            again,
            ...(vacant === undefined ? {} : { vacant }),
          },
          world,
          signal,
        ),
      ...(options.tell === undefined ? {} : { tell: options.tell }),
    },
    { clock: world.clock, net: world.net, random: world.random, signal },
  );
}

/**
 * Of all that was there before: what others may remember longest. What is there again is not old, and one of the TTL alone left nothing behind. `ttl`: in seconds, what its name
 * servers tell now, which stands for what nobody knows of before.
 */
export function beforeIn(changes: readonly ChangeMemory[], { name, type, account }: Target, ttl?: number): Before | undefined {
  const own = changes.filter((one) => one.name === name && one.type === type && one.account === account && !isOfTtlAlone(one));
  const now = own.at(-1)?.after.join();
  const kept = own.flatMap(({ before = [], ttl: known = ttl, at }) => (known === undefined || before.length === 0 || before.join() === now ? [] : [{ ttl: known, at }]));
  return kept.reduce<Before | undefined>(later, undefined);
}

/** Those of the config and `more`, each once; where the router maps one, it leads to another port here. */
function portsOf({ verify, router }: Pick<Config, 'verify' | 'router'>, more: readonly Port[], kept: readonly Mapping[] = []): OutsideOptions['ports'] {
  const asked = more.filter(({ protocol }) => protocol === 'tcp');
  const mapped = new Map([...kept, ...(router?.map ?? []), ...asked].flatMap(({ protocol, external, internal }) => (protocol === 'tcp' ? [[external, internal] as const] : [])));
  return [...new Set([...(verify?.ports ?? []), ...asked.map(({ external }) => external)])].map((outside) => ({ outside, inside: mapped.get(outside) ?? outside }));
}

/** Of what was mapped, and of what is remembered to be: by the port outside, and the family. */
const askedIn =
  (mapped: readonly MapOutcome[], kept: readonly Mapping[]): OutsideOptions['asked'] =>
  (port, family) => {
    const outcome = mapped.find((one) => one.port.protocol === 'tcp' && one.port.external === port && one.family === family);
    if (outcome === undefined) return kept.some((one) => one.protocol === 'tcp' && one.external === port && (one.family ?? 4) === family) ? 'made' : undefined;
    const why = describeRefusal(outcome);
    return why === undefined ? 'made' : { why };
  };

/** Mappings that we made on this router, by its own word, and that have not lapsed. */
async function keptHere(mappings: readonly Mapping[], { net, clock }: World): Promise<readonly Mapping[]> {
  const network = mappings.length === 0 ? undefined : await attempt(() => net.network());
  if (network?.kind !== 'ok' || network.value === undefined) return [];
  const { value } = network;
  return mappings.filter(({ by, until, router }) => by !== undefined && (until === undefined || until > clock.now()) && isSameRouter(router, value));
}

/** Who would be asked to look from outside, and what they learn of it: to be said before they are. */
export async function describeProbe(config: Config, more: readonly Port[]): Promise<string | undefined> {
  const probe = portsOf(config, more).length === 0 ? undefined : await openProbe(config.verify?.probe ?? 'none');
  return probe && `${probe.title} is asked to look from outside; it learns ${probe.learns}`;
}

/** `world`: where it is asked, so that what is secret in its URL is known there. */
async function openProbe(choice: ProbeChoice, world?: Pick<World, 'redactor'>): Promise<Probe | undefined> {
  if (choice === 'none') return undefined;
  if (typeof choice === 'object') {
    const { ownProbe, secretsIn } = await import('../verify/probes/own.ts');
    for (const part of secretsIn(choice)) world?.redactor.learn(new Secret(part));
    return ownProbe(choice);
  }
  return (await import('../verify/probes/index.ts')).PROBES[choice]();
}

/** Literals that the config has checked, or ours. The port of DNS is not worth a word. */
function resolverOf(name: string): Resolver {
  const peer = peerAt(name);
  if (peer === undefined) throw new TypeError(`${name} is no resolver`);
  return { name: peer.port === 53 ? peer.address : name, peer };
}
