/** What a relocation amounts to, in one sentence, with the next thing to do. Pure. */
import { type Climb, type Rung, type RungState, stateOf } from './ladder.ts';
import type { Instant } from './record.ts';

export type Verdict = {
  /**
   * `reachable`: for everyone. `turning`: for everyone whose cache has let go of what was before. `everywhere`: every name server and cache says so, and nobody was to look at a port.
   * `published`: but not proven reachable. `unpublished`: what the name leads to is not this place.
   */
  readonly kind: 'reachable' | 'turning' | 'everywhere' | 'published' | 'unpublished';
  /** One sentence without a full stop. */
  readonly words: string;
  /** What to do next, as a clause. */
  readonly next?: string;
  /** With caches that still turn: from then on it is true for everyone. */
  readonly until?: Instant;
  /** The rung that stands in the way, and whose it is. */
  readonly cause?: { readonly name: string; readonly type: string } & Rung;
};

/** DESIGN 3: published, but not proven reachable. */
const NOT_PROVEN = 1;
export const exitOfVerdict = ({ kind }: Verdict): number => (kind === 'published' || kind === 'unpublished' ? NOT_PROVEN : 0);

/** `clock`: how a moment is told to people. */
export function verdictOf(climbs: readonly Climb[], clock: (at: Instant) => string): Verdict {
  const found = climbs.map((climb) => ({ climb, state: stateOf(climb), obstacle: obstacleIn(climb) }));
  const unpublished = found.filter(({ obstacle }) => obstacle?.rung === 'provider');
  const several = (some: typeof found): string => (some.length > 1 ? ` (and ${some.length - 1} more)` : '');
  const about = ({ climb: { target } }: (typeof found)[number]): string => `${target.name} ${target.type}`;
  const because = ({ climb: { target }, obstacle }: (typeof found)[number]): Pick<Verdict, 'cause' | 'next'> => ({
    ...(obstacle === undefined ? {} : { cause: { name: target.name, type: target.type, ...obstacle } }),
    ...(obstacle?.advice === undefined ? {} : { next: obstacle.advice }),
  });
  const [first] = unpublished;
  if (first !== undefined && unpublished.length === found.length)
    return {
      kind: 'unpublished',
      words: `not published because ${first.obstacle?.words ?? 'nothing is known'}${found.length > 1 ? ` (${about(first)}${several(unpublished)})` : ''}`,
      ...because(first),
    };
  const worst = (['failed', 'unknown'] as const).flatMap((state) => found.filter((one) => one.state === state))[0];
  if (worst !== undefined) {
    const same = found.filter(({ obstacle }) => obstacle?.rung === worst.obstacle?.rung && obstacle?.words === worst.obstacle?.words);
    const whose = found.length > 1 ? `${about(worst)}: ` : '';
    return { kind: 'published', words: `published, but ${whose}${worst.obstacle?.words ?? 'not everything could be told'}${several(same)}`, ...because(worst) };
  }
  const pending = found.filter(({ state }) => state === 'pending');
  const looked = climbs.some(({ rungs }) => rungs.some(({ rung }) => rung === 'port'));
  const [late] = pending;
  if (late !== undefined) {
    const behind = pending.find(({ obstacle }) => obstacle?.rung === 'authoritative');
    if (behind !== undefined) return { kind: 'published', words: `published, but ${found.length > 1 ? `${about(behind)}: ` : ''}${behind.obstacle?.words ?? ''}`, ...because(behind) };
    const until = Math.max(...pending.map(({ obstacle }) => obstacle?.until ?? 0));
    const words = `${looked ? 'reachable' : 'published'}; caches may still hold what was before until ${clock(until)}`;
    return { kind: looked ? 'turning' : 'published', words, until, ...because(late), next: 'nothing to do: that passes by itself' };
  }
  if (looked) return { kind: 'reachable', words: 'reachable for everyone' };
  return { kind: 'everywhere', words: 'published everywhere; whether a port is open from outside was not to be looked at (verify: { ports, probe })' };
}

/** What stands in the way: the lowest rung of the worst state. */
function obstacleIn(climb: Climb): Rung | undefined {
  const state: RungState = stateOf(climb);
  return state === 'proven' ? undefined : climb.rungs.find((rung) => rung.state === state);
}
