/** Expected trouble as a value, and the one table that says what each kind of it means. */
import type { Instant } from './record.ts';

export type FailureKind =
  | 'usage'
  | 'config'
  | 'ambiguous'
  | 'network'
  | 'auth'
  | 'blocked'
  | 'refused'
  | 'throttled'
  | 'unavailable'
  | 'gibberish'
  | 'conflict'
  | 'state'
  | 'locked'
  | 'disputed'
  | 'silent'
  | 'drift'
  | 'defect';

export type Failure = {
  readonly kind: FailureKind;
  /** What happened, as one sentence without a full stop, secrets already taken out. */
  readonly detail: string;
  /** What to do about it, where that is known better than the table knows. */
  readonly hint?: string;
  /** How far a network exchange came: only after `reply` began may the other side have acted. */
  readonly phase?: 'lookup' | 'connect' | 'tls' | 'reply';
  /** What the system calls it: ECONNREFUSED, ENETUNREACH, CERT_HAS_EXPIRED; ETIMEDOUT when our own deadline ended it. */
  readonly code?: string;
  /** The other side's own wish how long to wait. */
  readonly retryAfterSeconds?: number;
  /** With a kind that waits for a change: the change will not be one of the config (a log-in, a rotated role), so look again after this long. */
  readonly lookAgainSeconds?: number;
  /** Some of it was done before this happened, whatever the kind says. */
  readonly partly?: true;
};

type Handling = {
  /** sysexits(3), DESIGN 3. */
  readonly exit: number;
  /** When it is worth trying again. `changed`: only when the config or a secret has changed. `back-off`: exponential, 1 min to 1 h. */
  readonly retry: 'next-round' | 'back-off' | 'changed';
  /** May a write that ended so have been applied? */
  readonly applied: 'no' | 'maybe' | 'by-phase';
  /** Who is not asked again until then. */
  readonly pauses: 'account' | 'target' | 'nobody';
  readonly hint: string;
  /** Where `retry` is `changed`: what that means for whoever waits, unless it is looked at again by itself. */
  readonly waits?: string;
};

/** What each kind means. A new kind does not compile until every column is filled. */
export const HANDLING: { readonly [K in FailureKind]: Handling } = {
  usage: { exit: 64, retry: 'changed', applied: 'no', pauses: 'nobody', hint: 'see ddns-update --help' },
  config: { exit: 78, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'correct the config; ddns-update check lists every problem' },
  ambiguous: {
    exit: 78,
    retry: 'next-round',
    applied: 'no',
    pauses: 'nobody',
    hint: 'say in the config whom the other values belong to: sharing: own (keep them, add ours) or sharing: replace (the set becomes exactly our address)',
  },
  network: { exit: 69, retry: 'back-off', applied: 'by-phase', pauses: 'nobody', hint: 'is this machine online, and is the server up?' },
  auth: { exit: 77, retry: 'changed', applied: 'no', pauses: 'account', hint: 'correct the credentials', waits: 'this account is not asked again until they change' },
  blocked: { exit: 76, retry: 'changed', applied: 'no', pauses: 'account', hint: 'settle this with the provider', waits: 'this account is not asked again until its config changes' },
  refused: { exit: 76, retry: 'changed', applied: 'no', pauses: 'target', hint: 'check the name at the provider', waits: 'it is not asked again until the config changes, or with --force' },
  throttled: { exit: 75, retry: 'back-off', applied: 'no', pauses: 'account', hint: 'nothing to do: it is tried again when the provider allows it' },
  unavailable: { exit: 75, retry: 'back-off', applied: 'maybe', pauses: 'account', hint: 'nothing to do: it is tried again later' },
  gibberish: { exit: 76, retry: 'back-off', applied: 'maybe', pauses: 'target', hint: 'something between here and the provider may be answering in its place; --trace shows the exchange' },
  conflict: { exit: 75, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'somebody else changed it at the same moment; the next round reads it again' },
  state: { exit: 74, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'look at the state folder: may this user read and write it, is the disk full?' },
  locked: { exit: 75, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'another run is at work; try again when it has ended' },
  disputed: { exit: 75, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'records stay as they are; ddns-update detect shows who says what' },
  silent: { exit: 69, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'records stay as they are; ddns-update detect shows who was asked' },
  drift: { exit: 1, retry: 'next-round', applied: 'no', pauses: 'nobody', hint: 'ddns-update --force publishes it anew' },
  defect: { exit: 70, retry: 'back-off', applied: 'maybe', pauses: 'target', hint: 'this is a bug in ddns-update; please report it with the output of --trace' },
};

/** After so long somebody may have put in order, where no config shows it, what stood in the way. */
export const LOOK_AGAIN_SECONDS = 3600;

/** The single exception of the program: carries a Failure from the edge to `attempt()`, which is the only one to catch it. */
export class Fault extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.detail, options);
    this.name = 'Fault';
    this.failure = failure;
  }
}

/** By shape, not by class: a plugin may carry its own copy of the SDK. */
export const isFault = (thrown: unknown): thrown is Fault => thrown instanceof Error && thrown.name === 'Fault' && 'failure' in thrown;

/** What was thrown, as a value. Anything but a Fault is a defect of ours, and says so. */
export function toFailure(thrown: unknown): Failure {
  if (isFault(thrown)) return thrown.failure;
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { kind: 'defect', detail };
}

export type Attempt<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'failed'; readonly failure: Failure };

/** Runs `work` and turns what it throws into a value: the one place where a Fault is caught. */
export async function attempt<T>(work: () => Promise<T> | T): Promise<Attempt<T>> {
  try {
    return { kind: 'ok', value: await work() };
  } catch (thrown) {
    return { kind: 'failed', failure: toFailure(thrown) };
  }
}

/** May the write that ended in `failure` have been applied all the same? */
export function mayBeApplied(failure: Failure): boolean {
  if (failure.partly) return true;
  const { applied } = HANDLING[failure.kind];
  return applied === 'by-phase' ? failure.phase === 'reply' : applied === 'maybe';
}

/** `detail`, then what to do, and when it is tried again. */
export function describeFailure({ kind, detail, hint, lookAgainSeconds }: Failure): string {
  const { hint: usual, waits } = HANDLING[kind];
  const again = waits === undefined || hint !== undefined ? '' : lookAgainSeconds === undefined ? `; ${waits}` : `; it is tried again after ${Math.ceil(lookAgainSeconds / 60)} min`;
  return `${detail} (${hint ?? usual}${again})`;
}

/** Trouble that lasts: what a target or an account remembers of it. */
export type Trouble = {
  readonly failure: Failure;
  /** When it began. */
  readonly since: Instant;
  /** Rounds in a row that ended so, and when the last of them was. */
  readonly count: number;
  readonly notedAt: Instant;
  /** Not asked again before; `changed`: not before the config or a secret differs from `digest`. */
  readonly until: Instant | 'changed';
  readonly digest?: string;
  /** Of one target: what the config said of it then. */
  readonly wanted?: string;
};

/** The `code` of what we broke off ourselves: no reason to spare anybody. */
export const BROKEN_OFF = 'ABORT_ERR';

const MINUTE = 60_000;
const LONGEST_BACKOFF = 60 * MINUTE;
/** A provider may ask for longer, but a day is as long as it is believed. */
const LONGEST_WAIT = 24 * 60 * MINUTE;

/** The trouble to remember after `failure`, given what was remembered before. `random` in [0, 1) spreads the back-off over its last quarter. */
export function troubled(failure: Failure, before: Trouble | undefined, at: { readonly now: Instant; readonly random: number; readonly digest: string }): Trouble {
  const goesOn = before !== undefined && before.failure.kind === failure.kind;
  const count = goesOn ? before.count + 1 : 1;
  const since = goesOn ? before.since : at.now;
  return { failure, since, count, notedAt: at.now, until: retryAt(failure, count, at), digest: at.digest };
}

function retryAt(failure: Failure, count: number, { now, random }: { readonly now: Instant; readonly random: number }): Instant | 'changed' {
  switch (HANDLING[failure.kind].retry) {
    case 'changed':
      return failure.lookAgainSeconds === undefined ? 'changed' : now + Math.min(failure.lookAgainSeconds * 1000, LONGEST_WAIT);
    case 'next-round':
      return now;
    case 'back-off': {
      if (failure.code === BROKEN_OFF) return now;
      if (failure.retryAfterSeconds !== undefined) return now + Math.min(failure.retryAfterSeconds * 1000, LONGEST_WAIT);
      const step = Math.min(MINUTE * 2 ** (count - 1), LONGEST_BACKOFF);
      return now + Math.round(step * (0.75 + 0.25 * random));
    }
  }
}

/** Is it still too early? A moment further away than any wait we ever set means that the clock has jumped. */
export function isPaused(trouble: Trouble | undefined, { now, digest }: { readonly now: Instant; readonly digest: string }): boolean {
  if (trouble === undefined) return false;
  if (trouble.digest !== undefined && trouble.digest !== digest) return false;
  if (trouble.until === 'changed') return true;
  return now < trouble.until && trouble.until - now <= LONGEST_WAIT;
}

/** Exit codes from bad to good: what needs a person outranks what passes by itself. */
const WORST_FIRST = [70, 64, 78, 74, 77, 76, 69, 75, 1, 0];

export const worst = (exits: Iterable<number>): number => [...exits].reduce((a, b) => (WORST_FIRST.indexOf(a) <= WORST_FIRST.indexOf(b) ? a : b), 0);
