/**
 * What a round is asked for, and for how long its answers are wanted: until its time is up, or until the box is elsewhere or the program is to end. In the second
 * case questions end, and nothing is begun, told or remembered; a write that was begun is finished all the same.
 */
import type { Problem } from './config/config.ts';
import type { Fqdn } from './core/name.ts';
import type { Observation } from './core/observe.ts';
import type { Outcome } from './core/outcome.ts';
import type { Ttls } from './lowering.ts';
import type { Glimpses } from './unchanged.ts';

export type Request = {
  /** Stop before the first write and remember nothing. */
  readonly dry: boolean;
  /** As if memory were empty; never past a pause that only changed credentials may end. */
  readonly force: boolean;
  /** Every provider that can be asked is asked, and no interval of our own is kept; what a provider wished for holds. */
  readonly thorough?: boolean;
  /** Of the configured names; empty: all. */
  readonly names: readonly Fqdn[];
  /** TTLs are lowered for a move, or put back, besides. */
  readonly ttls?: Ttls;
  /** What a glance has told already, a moment ago. */
  readonly glimpses?: Glimpses;
  /** Ends everything that waits. */
  readonly signal: AbortSignal;
  /** Aborts when nobody wants to know any more, at the latest with `signal` (which it is if absent); see above. */
  readonly wanted?: AbortSignal;
  /** Moments after a move, with another round to follow: a family that is missing is not waited for, and no news yet. */
  readonly settling?: boolean;
  /** How long another run that is at work is waited for; 10 s if absent. */
  readonly lockWaitMs?: number;
  /** Hears what was done for one family while the other is still looked for. */
  readonly tell?: (soFar: SoFar) => void;
  /** Every problem of the config, the accounts' own options included; asked unless this very config was found good before. */
  readonly validate: () => Promise<readonly Problem[]>;
};

/** What is known before a round is over. */
export type SoFar = { readonly observations: readonly Observation[]; readonly outcomes: readonly Outcome[] };

type Limits = Pick<Request, 'signal' | 'wanted'>;

/** What ends questions; a write that was begun heeds `signal` alone. */
export const wantedIn = ({ wanted, signal }: Limits): AbortSignal => wanted ?? signal;

/** What `work` brings, or `otherwise` when nobody waits for it any more. */
export const unlessUnwanted = <T>({ wanted }: Limits, work: Promise<T>, otherwise: T): Promise<T> =>
  wanted === undefined ? work : Promise.race([work, new Promise<T>((resolve) => (wanted.aborted ? resolve(otherwise) : wanted.addEventListener('abort', () => resolve(otherwise), { once: true })))]);
