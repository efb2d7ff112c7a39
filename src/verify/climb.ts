/** Climbs the ladder for every target of a round: the provider's word is in its outcome; name servers, public resolvers and those who look from outside are asked here. */
import { type Attempt, attempt, describeFailure } from '../core/failure.ts';
import { authoritativeRung, type Before, type Climb, cachesRung, later, ledElsewhere, providerRung, type Rung, toldStill } from '../core/ladder.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Instant, keyOf, type RecordSet, type Target } from '../core/record.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import type { Resolver, Tools } from './ask.ts';
import { askCaches } from './caches.ts';
import type { Destination } from './outside.ts';
import { otherFamily, type Proved, prove } from './prove.ts';
import { signaturesOf } from './signatures.ts';

export type ClimbOptions = {
  /** Who is asked what strangers' caches hold, and whether the signatures of a zone fit. */
  readonly resolvers: readonly Resolver[];
  /** How long name servers that are behind are waited for, and at most caches that turn. */
  readonly patienceMs: number;
  /** `for-caches`: those that hold what was before are asked again until they have let go of it, or `signal` aborts; not at all where that takes longer than there is time. */
  readonly waiting: 'for-caches' | 'for-nobody';
  /** What others may still remember of a target, because it was so until lately. `ttl`: in seconds, what its name servers tell now. */
  readonly before: (target: Target, ttl: number | undefined) => Before | undefined;
  /** Everything that the config names, climbed or not. */
  readonly kept?: readonly Target[];
  /** Every address that was published for this name and type, as far as is remembered. */
  readonly wrote?: (key: Pick<RecordSet, 'name' | 'type'>) => readonly string[];
  /** Looks at the addresses from outside. */
  readonly outside: (destinations: readonly Destination[]) => Promise<ReadonlyMap<Target, readonly Rung[]>>;
  /** Hears how far it has come, a few times a second at most, and at the end. */
  readonly tell?: (climbs: readonly Climb[]) => void;
};

type Part = 'authoritative' | 'signatures' | 'caches' | 'beside' | 'outside';
/** One target on its way up. `dueAt`: when resolvers are to be asked next, on the clock that only grows; absent: not (any more). */
type Climber = {
  readonly target: Target;
  readonly wanted: RecordSet | undefined;
  readonly provider: Rung;
  readonly found: Map<Part, readonly Rung[]>;
  signed: boolean;
  /** What name servers that were behind have told meanwhile. */
  told: Before | undefined;
  /** In seconds, the longest that its name servers tell. */
  ttl: number | undefined;
  dueAt: number | undefined;
  /** How often in a row no resolver was heard. */
  unheard: number;
};

const AT_ONCE = 16;
const TICK_MS = 200;
/** How long those that were asked may still take to give up, once time is up. */
const LAST_MS = 1500;
/** A cache that is not to turn for long is asked again all the same: it may have been emptied. */
const LONGEST_PAUSE_MS = 20_000;
/** On a bad line a question is lost now and then; where nobody is let through, it is as silent the third time. */
const MOST_UNHEARD = 3;
const SHORTEST_PAUSE_MS = 1000;

/**
 * One climb per outcome, in order. Resolvers are asked only for what every authoritative server has: a question fills a cache. Ends soon after `signal`
 * aborts, whoever is still silent then. Never throws.
 */
export async function climb(
  outcomes: readonly Outcome[],
  { resolvers, patienceMs, waiting, before, kept = [], wrote = () => [], outside, tell }: ClimbOptions,
  tools: Tools,
): Promise<readonly Climb[]> {
  const { clock, signal } = tools;
  const climbers = outcomes.map((outcome): Climber => {
    const { wanted, rung } = providerRung(outcome, outcomes);
    return { target: outcome.step.decision.target, wanted, provider: rung, found: new Map(), signed: false, told: undefined, ttl: undefined, dueAt: undefined, unheard: 0 };
  });
  let isNews = true;
  const put = (climber: Climber, part: Part, rungs: readonly Rung[]): void => {
    climber.found.set(part, rungs);
    isNews = true;
  };
  const over = new AbortController();
  const telling = async (): Promise<void> => {
    while (tell !== undefined && !over.signal.aborted) {
      if (isNews) tell(climbers.map(asClimb));
      isNews = false;
      await clock.sleep(TICK_MS, over.signal);
    }
  };
  let isProving = true;
  const end = clock.elapsed() + patienceMs;

  const own = () => tools.net.interfaces().map(({ address }) => address);
  const heard = (set: RecordSet, proof: Attempt<Proved>): void => {
    for (const climber of climbers.filter(({ wanted }) => wanted === set)) {
      if (proof.kind === 'failed') {
        put(climber, 'authoritative', [authoritativeRung(proof.failure)]);
        continue;
      }
      const proved = proof.value;
      const { remarks, doubts } = ledElsewhere(climber.target, proved.beside ?? [], own(), wrote(otherFamily(set)));
      if (doubts.length > 0) put(climber, 'beside', doubts);
      const rung = authoritativeRung({ ...proved, troubles: [...remarks, ...proved.troubles] });
      put(climber, 'authoritative', [rung]);
      climber.told = later(climber.told, toldStill(proved, clock.now()));
      if (rung.state !== 'proven') continue;
      climber.signed = proved.signed;
      const ttls = proved.servers.flatMap(({ ttl }) => ttl ?? []);
      climber.ttl = ttls.length === 0 ? undefined : Math.max(...ttls);
      climber.dueAt = clock.elapsed();
    }
  };
  const named = new Set([...kept, ...outcomes.map(({ step }) => step.decision.target)].map(keyOf));
  const proving = async (): Promise<void> => {
    await prove(
      climbers.flatMap(({ wanted }) => wanted ?? []),
      tools,
      patienceMs,
      heard,
      (set) => set.values.length > 0 && !named.has(keyOf(otherFamily(set))),
    );
    isProving = false;
  };

  const askResolvers = async (climber: Climber): Promise<void> => {
    const { wanted, target, signed } = climber;
    if (wanted === undefined || signal.aborted) return;
    const known = climber.found.get('signatures')?.[0]?.state;
    const [signatures, answers] = await Promise.all([signed && (known === undefined || known === 'pending') ? signaturesOf(wanted, resolvers, tools) : undefined, askCaches(wanted, resolvers, tools)]);
    // What was cut off says nothing about those who had no time to answer.
    if (signal.aborted) return;
    if (signatures !== undefined) put(climber, 'signatures', [signatures]);
    const caches = cachesRung(wanted, answers, clock.now(), later(before(target, climber.ttl), climber.told));
    put(climber, 'caches', [caches]);
    const late = [caches, ...(signatures === undefined ? [] : [signatures])].filter(({ state }) => state === 'pending');
    const until = Math.min(...late.map((rung) => rung.until ?? clock.now()));
    // What does not come true in time is not waited for in vain.
    const isInTime = late.every((rung) => (rung.until ?? 0) - clock.now() <= end - clock.elapsed());
    climber.unheard = caches.state === 'unknown' ? climber.unheard + 1 : 0;
    const pause = late.length > 0 ? pauseUntil(until, clock.now()) : climber.unheard > 0 && climber.unheard < MOST_UNHEARD ? SHORTEST_PAUSE_MS : undefined;
    climber.dueAt = waiting === 'for-caches' && pause !== undefined && isInTime ? clock.elapsed() + pause : undefined;
  };
  const turning = async (): Promise<void> => {
    for (;;) {
      await eachOf(
        climbers.filter(({ dueAt }) => dueAt !== undefined && dueAt <= clock.elapsed()),
        AT_ONCE,
        askResolvers,
      );
      if (signal.aborted || (!isProving && climbers.every(({ dueAt }) => dueAt === undefined))) return;
      await clock.sleep(TICK_MS, signal);
    }
  };

  const looking = async (): Promise<void> => {
    const destinations = outcomes.flatMap(destinationOf);
    const found = await attempt(() => outside(destinations));
    for (const climber of climbers) {
      const rungs = found.kind === 'ok' ? found.value.get(climber.target) : undefined;
      if (rungs !== undefined) put(climber, 'outside', rungs);
      if (found.kind === 'failed' && destinations.some(({ target }) => target === climber.target)) put(climber, 'outside', [{ rung: 'port', state: 'unknown', words: describeFailure(found.failure) }]);
    }
  };
  const told = telling();
  try {
    await Promise.race([Promise.all([proving(), turning(), looking()]), lastOf(tools, over.signal)]);
  } finally {
    over.abort();
    await told;
  }
  const late = climbers.map((climber): Climber => ({ ...climber, found: new Map([...climber.found, ...unfound(climber)]) }));
  const climbs = late.map(asClimb);
  tell?.(climbs);
  return climbs;
}

/** Resolves a little after time is up; never if it is `over` before. */
async function lastOf({ clock, signal }: Tools, over: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true, signal: over })));
  await clock.sleep(LAST_MS, over);
}

/** What is not known for want of time is not proven. */
function unfound({ wanted, found }: Climber): readonly (readonly [Part, readonly Rung[]])[] {
  if (wanted === undefined) return [];
  const servers = found.get('authoritative');
  if (servers === undefined) return [['authoritative', [{ rung: 'authoritative', ...outOfTime('its name servers') }]]];
  return servers.every(({ state }) => state === 'proven') && !found.has('caches') ? [['caches', [{ rung: 'caches', ...outOfTime('public resolvers') }]]] : [];
}

const outOfTime = (whom: string) => ({ state: 'unknown', words: `there was no time left to ask ${whom}`, advice: 'the same again, to its end; --timeout gives it more time' }) as const;

const pauseUntil = (until: Instant, now: Instant): number => Math.max(SHORTEST_PAUSE_MS, Math.min(until - now + TICK_MS, LONGEST_PAUSE_MS));

function asClimb({ target, wanted, provider, found }: Climber): Climb {
  const authoritative = found.get('authoritative') ?? [];
  // What nobody can be asked about is proven by the name servers as well.
  const isTold = provider.state === 'unknown' && authoritative.some(({ state }) => state === 'proven');
  const first: Rung = isTold ? { ...provider, state: 'proven', words: `${provider.words}; its name servers have it` } : provider;
  const rungs = [first, ...authoritative, ...(found.get('signatures') ?? []), ...(found.get('caches') ?? []), ...(found.get('beside') ?? []), ...(found.get('outside') ?? [])];
  return { target, ...(wanted === undefined ? {} : { wanted }), rungs };
}

/** Where visitors are led to, if it is published: our own address, or that of another machine behind the same router. */
function destinationOf(outcome: Outcome): readonly Destination[] {
  const { step } = outcome;
  const { decision } = step;
  if ('unobserved' in decision || providerRung(outcome).rung.state === 'failed') return [];
  const set = decision.kind === 'set' ? decision.desired : decision.why === 'unchanged' ? decision.published : undefined;
  return (set?.values ?? []).map((address) => ({ target: decision.target, address, ours: decision.target.suffix === undefined }));
}
