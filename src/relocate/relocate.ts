/** A relocation: the round with nothing held back, the ports that were asked for, then the ladder, until it is climbed or time is up. */
import type { Config, Problem } from '../config/config.ts';
import { attempt, type Failure, HANDLING, worst } from '../core/failure.ts';
import type { Climb } from '../core/ladder.ts';
import type { Port } from '../core/mapping.ts';
import type { Fqdn } from '../core/name.ts';
import { type Outcome, works } from '../core/outcome.ts';
import { sameValues } from '../core/record.ts';
import { exitOfVerdict, isSettledMove, type Verdict, verdictOf } from '../core/verdict.ts';
import type { MapReport } from '../mapping/outcome.ts';
import { keyIn } from '../prepared.ts';
import type { SoFar } from '../request.ts';
import { type Report, round } from '../round.ts';
import type { World } from '../world/world.ts';
import { type ProvingOptions, proveOutcomes } from './proving.ts';
import { restoreTtls, stillLow } from './restoring.ts';

export type RelocateRequest = Omit<ProvingOptions, 'again' | 'mapped' | 'patienceMs' | 'waiting'> & {
  readonly names: readonly Fqdn[];
  /** Ports that are to be mapped on the router. */
  readonly map: readonly Port[];
  /** Ends everything that waits; what is known by then is the result. */
  readonly signal: AbortSignal;
  /** The whole time there is, for those who wait for another run. */
  readonly longestMs: number;
  readonly validate: () => Promise<readonly Problem[]>;
  readonly tell: (progress: Progress) => void;
};

/** How far it has come. */
export type Progress =
  | { readonly kind: 'publishing' /** Why it was tried in vain so far. */; readonly failure?: Failure; readonly soFar?: SoFar }
  | { readonly kind: 'published'; readonly report: Report }
  | { readonly kind: 'mapping' }
  | { readonly kind: 'mapped'; readonly mapped: MapReport | Failure }
  | { readonly kind: 'climbing'; readonly climbs: readonly Climb[] }
  | { readonly kind: 'restoring' };

export type Relocation = {
  readonly report: Report;
  readonly mapped?: MapReport | Failure;
  readonly climbs: readonly Climb[];
  readonly verdict: Verdict;
  /** TTLs that had been lowered for the move were put back. */
  readonly restored?: Report;
  /** Names that have moved and keep their low TTLs, for something is not proven yet. */
  readonly lowered: readonly Fqdn[];
  readonly exit: number;
};

/** Name servers are asked once at least. */
const SHORTEST_MS = 1000;
/** Between rounds that were in vain: for a network that has just begun to work, and for a provider that is out of order. */
const PAUSES = { network: { first: 1000, longest: 10_000 }, provider: { first: 5000, longest: 60_000 } } as const;
/** Rounds after which what only the network kept from being published is left, when other things are. */
const FLAKY_ROUNDS = 3;

/** Never throws for what the world does. A config with errors ends before anything was done: see `Report.problems`. */
export async function relocate(config: Config, request: RelocateRequest, world: World, clock: (at: number) => string): Promise<Relocation> {
  const { signal, tell } = request;
  const began = world.clock.elapsed();
  const report = await publish(config, request, world);
  tell({ kind: 'published', report });
  let mapped: MapReport | Failure | undefined;
  if (request.map.length > 0 && !signal.aborted) {
    tell({ kind: 'mapping' });
    mapped = await makeThem(config, request, world);
    tell({ kind: 'mapped', mapped });
  }
  const climbs = await proveOutcomes(
    config,
    report.outcomes,
    {
      ...request,
      mapped: mapped !== undefined && 'outcomes' in mapped ? mapped.outcomes : [],
      again: 'once-more',
      patienceMs: Math.max(SHORTEST_MS, request.longestMs - (world.clock.elapsed() - began)),
      waiting: 'for-caches',
      tell: (some) => tell({ kind: 'climbing', climbs: some }),
    },
    world,
  );
  const stopped = report.outcomes.length === 0 ? report.failures[0] : undefined;
  const verdict = stopped === undefined ? patient(verdictOf(climbs, clock), freeIn(report.outcomes, world.clock.now()), world.clock.now(), clock) : ofFailure(stopped);
  const isSettled = isSettledMove(climbs) && !signal.aborted;
  if (isSettled) tell({ kind: 'restoring' });
  const restored = isSettled ? await restoreTtls(config, request, world) : undefined;
  const lowered = isSettled ? [] : await stillLow(config, request.names, world);
  const exit = worst([report.exit, exitOfVerdict(verdict), restored?.exit ?? 0]);
  return { report, climbs, verdict, lowered, exit, ...(mapped === undefined ? {} : { mapped }), ...(restored === undefined ? {} : { restored }) };
}

/** Nothing has come so far as to a name. */
const ofFailure = ({ kind, detail, hint }: Failure): Verdict => ({ kind: 'unpublished', words: `not published because ${detail}`, next: hint ?? HANDLING[kind].hint });

/** When a provider that asks to wait may be asked again. */
const patient = (verdict: Verdict, waitMs: number, now: number, clock: (at: number) => string): Verdict =>
  verdict.kind !== 'unpublished' || waitMs === 0 ? verdict : { ...verdict, next: `wait until ${clock(now + waitMs)}, then ddns-update relocate again, unless watch or cron does it by then` };

/** Rounds until one has published something, or what stands in the way is nothing that passes. A provider is only asked again as it wishes. */
async function publish(config: Config, { names, signal, longestMs, validate, tell }: RelocateRequest, world: World): Promise<Report> {
  const began = world.clock.elapsed();
  // By where it is remembered: while its TTL is lowered, each round makes a target of its own of the same name.
  const keyOf = keyIn(config);
  const told = new Map<string, Outcome>();
  let before: Report | undefined;
  tell({ kind: 'publishing' });
  for (let rounds = 1; ; rounds++) {
    const left = (): number => longestMs - (world.clock.elapsed() - began);
    // The ladder asks the name servers; the round need not wait for them first.
    const report = await round({ ...config, verify: undefined }, world, {
      dry: false,
      force: false,
      thorough: true,
      names,
      signal,
      lockWaitMs: Math.max(1000, left()),
      validate,
      tell: (soFar) => tell({ kind: 'publishing', soFar }),
    });
    // Broken off, it knows less of what stands in the way than the one before it.
    if (signal.aborted && before !== undefined && report.outcomes.every(isUnfound)) return before;
    for (const outcome of report.outcomes) {
      const key = keyOf(outcome.step.decision.target);
      if (isNews(outcome, told.get(key))) told.set(key, outcome);
    }
    const whole = { ...report, outcomes: [...told.values()] };
    const isDone = whole.outcomes.some(works) ? rounds >= FLAKY_ROUNDS || !whole.outcomes.some(isFlaky) : isAsBefore(whole.outcomes);
    const passes = report.exit === 69 || report.exit === 75;
    if (isDone || !passes || signal.aborted) return whole;
    // What is published is to be proven in the same time.
    if (whole.outcomes.some(works) && left() < longestMs / 2) return whole;
    before = whole;
    const pause = Math.max(pauseAfter(whole, rounds), freeIn(whole.outcomes, world.clock.now()));
    // What a provider asks for is more than there is: nothing else is waited for.
    if (pause >= left()) return whole;
    const failure = report.failures[0] ?? report.outcomes.flatMap((outcome) => failureIn(outcome))[0];
    tell({ kind: 'publishing', soFar: whole, ...(failure === undefined ? {} : { failure }) });
    await world.clock.sleep(pause, signal);
    if (signal.aborted) return whole;
  }
}

function pauseAfter({ failures, outcomes }: Report, rounds: number): number {
  const kinds = [...failures, ...outcomes.flatMap(failureIn)].map(({ kind }) => kind);
  const { first, longest } = kinds.some((kind) => kind === 'unavailable' || kind === 'throttled') ? PAUSES.provider : PAUSES.network;
  return Math.min(first * 2 ** (rounds - 1), longest);
}

/** In how many milliseconds the first of them may be tried again, as its provider wishes. */
const freeIn = (outcomes: readonly Outcome[], now: number): number => (outcomes.length === 0 ? 0 : Math.min(...outcomes.map((outcome) => waitOf(outcome, now))));

function waitOf(outcome: Outcome, now: number): number {
  if (outcome.kind === 'failed' || outcome.kind === 'unconfirmed') return (outcome.failure.retryAfterSeconds ?? 0) * 1000;
  const { decision } = outcome.step;
  return decision.kind === 'keep' && decision.why === 'waiting' && decision.until !== 'changed' ? Math.max(0, decision.until - now) : 0;
}

const isUnfound = ({ kind, step: { decision } }: Outcome): boolean => kind === 'kept' && (decision.why === 'disputed' || decision.why === 'unobserved');

const isFlaky = (outcome: Outcome): boolean => (outcome.kind === 'failed' || outcome.kind === 'unconfirmed') && outcome.failure.kind === 'network';

/** Nothing was to be done where an address was found. Another family may not be there at all: it is not waited for. */
const isAsBefore = (outcomes: readonly Outcome[]): boolean => {
  const whys = outcomes.map(({ step }) => step.decision.why);
  return whys.includes('unchanged') && whys.every((why) => why === 'unchanged' || why === 'unobserved');
};

/** What a later round finds to be as it should does not undo what an earlier one is known to have done. */
const isNews = (outcome: Outcome, before: Outcome | undefined): boolean => {
  if (before === undefined || (before.kind !== 'changed' && before.kind !== 'already')) return true;
  if (outcome.kind !== 'already') return outcome.kind !== 'kept';
  return before.kind === 'already' || !('after' in before.step && 'after' in outcome.step && sameValues(before.step.after, outcome.step.after));
};

const failureIn = (outcome: Outcome): readonly Failure[] => {
  const { decision } = outcome.step;
  return 'failure' in outcome ? [outcome.failure] : 'failure' in decision ? [decision.failure] : [];
};

async function makeThem(config: Config, { map, signal }: RelocateRequest, world: World): Promise<MapReport | Failure> {
  const { makeMappings } = await import('../mapping/keep.ts');
  const made = await attempt(() => makeMappings(map, { stateFolder: config.stateFolder, policy: config.detect.policy, signal }, world));
  return made.kind === 'ok' ? made.value : made.failure;
}
