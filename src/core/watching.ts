/** When `watch` holds its next round: at once when something speaks for another network, else after the interval. */
import { learned, sameNetwork } from './network.ts';

/** Where the box is plugged in, as far as the system tells. `marks`: everything else whose change speaks for a move, in any form. */
export type Sight = {
  readonly network?: { readonly gateway: string; readonly gatewayMac?: string; readonly interface: string; readonly prefix?: string } | undefined;
  readonly marks: string;
};

/** What there was to see at one moment. `wall` may jump; `elapsed` only grows, and stands still while the machine sleeps where the system has it so. Milliseconds. */
export type Look = {
  readonly sight: Sight;
  readonly wall: number;
  readonly elapsed: number;
  /** What the gateway announced since the last look, as texts that are equal when nothing new is said. */
  readonly announced: readonly string[];
};

export type Why = 'start' | 'interval' | 'again' | 'network' | 'woke' | 'announced' | 'reload';
/** `at`: on the clock that only grows. */
export type Due = { readonly why: Why; readonly at: number };

type Heard = { readonly text: string; readonly at: number };

export type Watching = {
  readonly last: Look;
  readonly due: Due;
  /** Announcements whose repetitions may still come, and when each was heard last, on the clock that only grows. */
  readonly heard: readonly Heard[];
  /** Rounds in a row that found no address. */
  readonly misses: number;
  /** How many rounds were held at once lately, and when that was counted: a route that comes and goes for ever is not followed for ever. */
  readonly heat: { readonly rounds: number; readonly at: number };
};

/** Between two looks. A change is seen within this time, so a round can begin within two seconds. */
export const LOOK_MS = 1000;
/** What comes later than the network itself (an address of IPv6, the line behind a router that was just switched on) is looked for after so long. */
export const AGAIN_MS = 10_000;
/** More than the load of a small machine or a correction of its clock explains. */
const SLEPT_MS = 5000;
/** Fifty moves in a row are followed at once; after that many rounds, one in ten seconds is. */
const HEAT_MOST = 200;
const COOLING_MS = 10_000;
const JITTER = 0.1;
/** What is announced is repeated, the last time after 64 s (RFC 6886 section 3.2.1). The same after a longer silence is news: the router has begun anew once more. */
const REPEATED_MS = 2 * 64_000;
/** More than routers have to say; what a forger says more of is no news. */
const HEARD_MOST = 16;

/** The first round is due at once. */
export const begin = (look: Look): Watching => ({ last: look, due: { why: 'start', at: look.elapsed }, heard: hear([], look), misses: 0, heat: { rounds: 0, at: look.elapsed } });

/** Something to see has come: is a round due at once now? */
export function looked(watching: Watching, look: Look): Watching {
  const { last } = watching;
  const known = { ...look, sight: { ...look.sight, network: look.sight.network && learned(last.sight.network, look.sight.network) } };
  const repeated = watching.heard.filter(({ at }) => look.elapsed - at < REPEATED_MS);
  const isSaid = repeated.length < HEARD_MOST && look.announced.some((said) => repeated.every(({ text }) => text !== said));
  const news = slept(last, look) ? 'woke' : sameSight(last.sight, look.sight) ? (isSaid ? 'announced' : undefined) : 'network';
  return atOnce({ ...watching, last: known, heard: hear(repeated, look) }, news);
}

/** What is said again is kept once. */
function hear(heard: readonly Heard[], { announced, elapsed }: Look): readonly Heard[] {
  const said = [...new Set(announced)].map((text) => ({ text, at: elapsed }));
  return [...said, ...heard.filter(({ text }) => !announced.includes(text))].slice(0, HEARD_MOST);
}

/** `why`: what speaks for a round now. One that is due already is due once. */
export function atOnce(watching: Watching, why: Why | undefined): Watching {
  const { due, last, heat } = watching;
  if (why === undefined) return watching;
  if (due.at <= last.elapsed) return isSettling(due.why) ? watching : { ...watching, due: { ...due, why } };
  const rounds = Math.max(0, heat.rounds - (last.elapsed - heat.at) / COOLING_MS);
  if (rounds + 1 > HEAT_MOST) return { ...watching, due: { why, at: Math.min(due.at, last.elapsed + COOLING_MS) } };
  return { ...watching, due: { why, at: last.elapsed }, heat: { rounds: rounds + 1, at: last.elapsed } };
}

/** At the start and moments after a change nobody waits for what is missing, and it is no news: another round follows soon. */
export const isSettling = (why: Why): boolean => why === 'start' || why === 'network' || why === 'woke' || why === 'announced';

/** A round begins: what is seen from now on is for the next one. */
export const begun = (watching: Watching): Watching => ({ ...watching, due: { why: 'interval', at: Number.POSITIVE_INFINITY } });

/** A round is over. `found`: it knows every address it was to find. `lot`: in [0, 1). What was seen meanwhile is due already. */
export function ended(watching: Watching, { why, found, intervalMs, lot }: { readonly why: Why; readonly found: boolean; readonly intervalMs: number; readonly lot: number }): Watching {
  const misses = found ? 0 : watching.misses + 1;
  if (watching.due.at !== Number.POSITIVE_INFINITY) return { ...watching, misses };
  const regularMs = intervalMs * (1 - JITTER + 2 * JITTER * lot);
  const soonMs = found ? AGAIN_MS : AGAIN_MS * 2 ** Math.min(misses - 1, 20);
  const again = (isSettling(why) || !found) && soonMs < regularMs;
  return { ...watching, misses, due: { why: again ? 'again' : 'interval', at: watching.last.elapsed + (again ? soonMs : regularMs) } };
}

/** How long nobody need look, and whether a round is due. */
export const waitMs = ({ due, last }: Watching): number => Math.max(0, Math.min(due.at - last.elapsed, LOOK_MS));
export const isDue = ({ due, last }: Watching): boolean => due.at <= last.elapsed;

/** A gateway's MAC that is not known just now is no change; see sameNetwork. */
const sameSight = (a: Sight, b: Sight): boolean => a.marks === b.marks && samePlace(a, b);
const samePlace = ({ network: a }: Sight, { network: b }: Sight): boolean => (a === undefined || b === undefined ? a === b : sameNetwork(a, b));

/** Since `before` the box has come to where nothing that a round still waits for will be answered. An address that is added, as after every move, is no such news. */
export const isElsewhere = (before: Watching, { last, due }: Watching): boolean => !samePlace(before.last.sight, last.sight) || (due.why === 'woke' && due.at <= last.elapsed);

/** The two clocks went apart, or nobody looked for long: the machine slept, or its clock was set. */
const slept = (last: Look, look: Look): boolean => {
  const elapsed = look.elapsed - last.elapsed;
  return elapsed >= LOOK_MS + SLEPT_MS || Math.abs(look.wall - last.wall - elapsed) >= SLEPT_MS;
};
