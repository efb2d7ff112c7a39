/** What a relocation amounts to, in one sentence, with the next thing to do. Pure. */
import { type Climb, type Rung, type RungState, stateOf } from './ladder.ts';
import type { Instant } from './record.ts';

export type Verdict = {
  /**
   * `reachable`: for everyone. `turning`: so it is, or `everywhere`, for everyone whose cache has let go of what was before. `everywhere`: every name server and cache says so, and nobody was to look at a port.
   * `published`: but not proven reachable. `unpublished`: this place was not published. `doubtful`: nobody could tell whether it is.
   */
  readonly kind: 'reachable' | 'turning' | 'everywhere' | 'published' | 'unpublished' | 'doubtful';
  /** One sentence without a full stop. */
  readonly words: string;
  /** What to do next, as a clause. */
  readonly next?: string;
  /** With caches that still turn: from then on it is true for everyone. */
  readonly until?: Instant;
  /** The rung that stands in the way, and whose it is. */
  readonly cause?: { readonly name: string; readonly type: string } & Rung;
};

/** All is as it should be, or becomes so by itself. */
export const isGood = ({ kind }: Verdict): boolean => kind === 'reachable' || kind === 'turning' || kind === 'everywhere';

/** The names lead here for everyone, and nothing speaks against it that they do: what nobody could tell of a port need not hold up what concerns names alone. */
export const isSettledMove = (climbs: readonly Climb[]): boolean =>
  climbs.length > 0 && climbs.every(({ rungs }) => rungs.length > 0 && rungs.every(({ rung, state }) => state === 'proven' || (state === 'unknown' && (rung === 'port' || rung === 'identity'))));

/** DESIGN 3: published, but not proven reachable. */
const NOT_PROVEN = 1;
export const exitOfVerdict = (verdict: Verdict): number => (isGood(verdict) ? 0 : NOT_PROVEN);

type Found = { readonly climb: Climb; readonly state: RungState; readonly obstacle: Rung | undefined };

/** `clock`: how a moment is told to people. */
export function verdictOf(climbs: readonly Climb[], clock: (at: Instant) => string): Verdict {
  const found = climbs.map((climb): Found => ({ climb, state: stateOf(climb), obstacle: obstacleIn(climb) }));
  if (found.length === 0) return { kind: 'unpublished', words: 'not published because no name was looked at' };
  const unpublished = found.filter(isUnpublished);
  const [first] = unpublished;
  if (first !== undefined) {
    const about = found.length > 1 ? ` (${whose(first, unpublished, climbs)})` : '';
    return unpublished.length === found.length
      ? { kind: 'unpublished', words: `not published because ${wordsOf(first)}${about}`, ...because(first) }
      : { kind: 'published', words: `published, but not for ${whose(first, unpublished, climbs)}: ${wordsOf(first)}`, ...because(first) };
  }
  const [doubtful] = found.filter(isDoubtful);
  if (doubtful !== undefined) return ofDoubt(doubtful, found, climbs);
  const [worst] = (['failed', 'unknown'] as const).flatMap((state) => found.filter((one) => one.state === state));
  if (worst !== undefined) return { kind: 'published', words: `published, but ${named(worst, found, climbs)}`, ...because(worst) };
  const pending = found.filter(({ state }) => state === 'pending');
  const looked = climbs.every(({ rungs }) => rungs.some(({ rung }) => rung === 'port'));
  const [late] = pending;
  if (late !== undefined) {
    const behind = pending.find(({ obstacle }) => obstacle?.rung !== 'caches');
    if (behind !== undefined) return { kind: 'published', words: `published, but ${named(behind, found, climbs)}`, ...because(behind) };
    const until = Math.max(...pending.map(({ obstacle }) => obstacle?.until ?? 0));
    const last = pending.find(({ obstacle }) => obstacle?.until === until) ?? late;
    const words = `${looked ? 'reachable' : 'published'}; caches may still hold what was before until ${clock(until)}`;
    return { kind: 'turning', words, until, ...because(last), next: 'nothing to do: that passes by itself' };
  }
  if (looked) return { kind: 'reachable', words: 'reachable for everyone' };
  return { kind: 'everywhere', words: 'published everywhere; whether a port is open from outside was not to be looked at (verify: { ports, probe })' };
}

/** What stands in the way: the lowest rung of the worst state; before what caches hold, which passes by itself, all else that is awaited. */
function obstacleIn(climb: Climb): Rung | undefined {
  const state: RungState = stateOf(climb);
  if (state === 'proven') return undefined;
  const obstacles = climb.rungs.filter((rung) => rung.state === state);
  const [lowest] = obstacles;
  return state === 'pending' ? (obstacles.find(({ rung }) => rung !== 'caches') ?? lowest) : lowest;
}

/** The provider does not have it; or nothing was sent, and nobody knows what should be there. */
const isUnpublished = ({ climb: { wanted, rungs } }: Found): boolean =>
  rungs.length === 0 || rungs.some(({ rung, state }) => rung === 'provider' && (state === 'failed' || (state === 'unknown' && wanted === undefined)));

/** The provider cannot say, and no name server was heard to have it. */
const isDoubtful = ({ climb: { rungs } }: Found): boolean =>
  rungs.some(({ rung, state }) => rung === 'provider' && state !== 'proven') && !rungs.some(({ rung, state }) => rung === 'authoritative' && (state === 'proven' || state === 'failed'));

function ofDoubt(doubtful: Found, found: readonly Found[], climbs: readonly Climb[]): Verdict {
  const { rungs } = doubtful.climb;
  const [provider, servers] = (['provider', 'authoritative'] as const).map((rung) => rungs.find((one) => one.rung === rung && one.state !== 'proven'));
  const { next } = { ...(provider === undefined ? {} : nextOf(provider)), ...(servers === undefined ? {} : nextOf(servers)) };
  const whom = found.length > 1 ? `${whose(doubtful, found.filter(isDoubtful), climbs)} ` : 'it ';
  return {
    kind: 'doubtful',
    words: `whether ${whom}is published could not be told: ${[provider, servers].flatMap((rung) => rung?.words.replace(/^cannot tell from here: /, '') ?? []).join('; ')}`,
    ...because(doubtful),
    ...(next === undefined ? {} : { next }),
  };
}

const wordsOf = ({ obstacle, climb: { rungs } }: Found): string => (rungs.find(({ rung, state }) => rung === 'provider' && state !== 'proven') ?? obstacle)?.words ?? 'nothing is known';

/** The obstacle, and whose it is where there are several names. */
function named(one: Found, found: readonly Found[], climbs: readonly Climb[]): string {
  const words = (one.obstacle?.words ?? 'not everything could be told').replace(/^cannot tell from here: /, 'whether its name servers have it cannot be told from here: ');
  if (found.length === 1) return words;
  const same = found.filter(({ obstacle }) => obstacle?.rung === one.obstacle?.rung && obstacle?.words === one.obstacle?.words);
  const others = found.filter((other) => !same.includes(other) && (other.state === 'failed' || other.state === 'unknown')).length;
  return `${whose(one, same, climbs)}: ${words}${others === 0 ? '' : ` (${others} more ${others === 1 ? 'is' : 'are'} not proven either)`}`;
}

/** "home.example.com A", "home.example.com A and 2 more". */
function whose({ climb: { target } }: Found, same: readonly Found[], climbs: readonly Climb[]): string {
  const isTwice = climbs.filter((one) => one.target.name === target.name && one.target.type === target.type).length > 1;
  return `${target.name} ${target.type}${isTwice ? ` at ${target.account}` : ''}${same.length > 1 ? ` and ${same.length - 1} more` : ''}`;
}

/** What can be done about any rung that nobody could tell of. */
const LOOK_AGAIN: Partial<Readonly<Record<Rung['rung'], string>>> = {
  authoritative: 'see why this machine reaches no name server (dns: { servers } names other resolvers), then ddns-update verify',
  signatures: 'ddns-update verify, a little later',
  caches: 'name resolvers that this network lets through (verify: { resolvers }), then ddns-update verify',
};

function nextOf({ rung, state, advice }: Rung): Pick<Verdict, 'next'> {
  const next = advice ?? (state === 'unknown' ? LOOK_AGAIN[rung] : undefined);
  return next === undefined ? {} : { next };
}

function because({ climb: { target, rungs }, obstacle: lowest }: Found): Pick<Verdict, 'cause' | 'next'> {
  const obstacle = rungs.find(({ rung, state }) => rung === 'provider' && state === 'failed') ?? lowest;
  return {
    ...(obstacle === undefined ? {} : { cause: { name: target.name, type: target.type, ...obstacle } }),
    ...(obstacle === undefined ? {} : nextOf(obstacle)),
  };
}
