/** What became of each TTL that was to be lowered or put back, and from when on a move is cheap. */
import type { Failure } from '../core/failure.ts';
import { failureOf, type Outcome } from '../core/outcome.ts';
import type { Target } from '../core/record.ts';
import type { Unlowerable } from '../lowering.ts';
import type { Lowered } from '../recall.ts';
import { withoutName } from '../report.ts';
import type { Lingering } from '../verify/lingering.ts';
import { byWhen } from './clock-time.ts';

export type Prepared = {
  /** What was lowered before the round, and after it, by memory key. */
  readonly before: Readonly<Record<string, Lowered>>;
  readonly after: Readonly<Record<string, Lowered>>;
  /** Where a target is remembered. */
  readonly keyOf: (target: Target) => string;
  readonly unlowerable: ReadonlyMap<Target, Unlowerable>;
  readonly lingering: ReadonlyMap<Target, Lingering>;
  readonly now: number;
};

export type Row = {
  readonly target: Target;
  readonly outcome: 'lowered' | 'low' | 'restored' | 'as-before' | 'not-ours' | 'failed' | 'unconfirmed';
  /** Seconds. */
  readonly was?: number;
  readonly to?: number;
  /** Since nobody can keep the old TTL any more. */
  readonly cheapFrom?: number;
  readonly failure?: Failure;
  readonly why?: Unlowerable;
  readonly text: string;
};

export function rowsOf(outcomes: readonly Outcome[], kind: 'lower' | 'restore', prepared: Prepared): readonly Row[] {
  return outcomes.flatMap((outcome) => {
    const { target } = outcome.step.decision;
    const key = prepared.keyOf(target);
    if (kind === 'lower') return [loweredRow(outcome, prepared.after[key], prepared)];
    const before = prepared.before[key];
    // The other address of the name is only taken along.
    return before === undefined && failureOf(outcome) === undefined ? [] : [restoredRow(outcome, before)];
  });
}

function loweredRow(outcome: Outcome, lowered: Lowered | undefined, { unlowerable, lingering, now }: Prepared): Row {
  const { step } = outcome;
  const { target } = step.decision;
  const subject = `${target.name} ${target.type}`;
  const moved = movedIn(outcome);
  const known = lowered === undefined ? {} : { was: lowered.was, to: lowered.to };
  const failure = failureOf(outcome);
  if (failure !== undefined) {
    const why = withoutName(target, failure);
    if (outcome.kind === 'unconfirmed') return { target, outcome: 'unconfirmed', ...known, failure, text: `${subject} could not confirm that its TTL was lowered: ${why}` };
    const still = lowered === undefined ? '' : `; it was lowered before (${lowered.was} → ${lowered.to}): ${cheap(lowered.cheapFrom, now)}`;
    return { target, outcome: 'failed', ...known, ...(lowered === undefined ? {} : { cheapFrom: lowered.cheapFrom }), failure, text: `${subject} not lowered: ${why}${still}` };
  }
  const hopeless = unlowerable.get(target);
  if (hopeless !== undefined) return { target, outcome: 'not-ours', why: hopeless, text: `${subject} ${moved}${WHY[hopeless](target.account)}` };
  const there = 'before' in step && step.before.values.length > 0 ? step.before.ttl : undefined;
  const ttl = 'after' in step ? (step.after.ttl ?? there) : undefined;
  if (lowered === undefined)
    return { target, outcome: 'low', ...(ttl === undefined ? {} : { to: ttl }), text: `${subject} ${moved}TTL is ${ttl ?? 'as low as it can be'}${outcome.kind === 'changed' ? '' : ' already'}` };
  const { was, to, cheapFrom } = lowered;
  const row = { target, was, to, cheapFrom };
  const late = lingering.get(target);
  const moment = `${cheap(cheapFrom, now)}${late?.server === undefined ? '' : `, at the earliest: the name server ${late.server} still says ${late.ttl}`}`;
  if (step.kind === 'create') return { ...row, outcome: 'lowered', text: `${subject} ${moved}TTL ${to} instead of ${was}; ${moment}` };
  if (outcome.kind !== 'changed' || there === undefined || there <= to) return { ...row, outcome: 'low', text: `${subject} ${moved}TTL is ${to} already, lowered from ${was}; ${moment}` };
  return { ...row, outcome: 'lowered', text: `${subject} ${moved}TTL ${there} → ${to}; ${moment}` };
}

const WHY: { readonly [U in Unlowerable]: (account: string) => string } = {
  decided: (account) => `its TTL cannot be chosen: ${account} decides it itself`,
  unasked: (account) => `its TTL cannot be lowered: ${account} cannot be asked what it is`,
  untold: (account) => `its TTL cannot be lowered: ${account} does not tell what it is`,
  proxied: () => 'is proxied: visitors are told the addresses of the proxy, which stay as they are; there is nothing to lower',
};

function restoredRow(outcome: Outcome, before: Lowered | undefined): Row {
  const { step } = outcome;
  const { target } = step.decision;
  const subject = `${target.name} ${target.type}`;
  const known = before === undefined ? {} : { was: before.was, to: before.to };
  const failure = failureOf(outcome);
  if (failure !== undefined) {
    const why = withoutName(target, failure);
    if (outcome.kind === 'unconfirmed') return { target, outcome: 'unconfirmed', ...known, failure, text: `${subject} could not confirm that its TTL was put back: ${why}; the next round asks` };
    return { target, outcome: 'failed', ...known, failure, text: `${subject} TTL not put back yet: ${why}; later rounds try again` };
  }
  const there = 'before' in step && step.before.values.length > 0 ? step.before.ttl : undefined;
  const ttl = 'after' in step ? step.after.ttl : undefined;
  const to = ttl ?? there;
  const now = to === undefined ? {} : { to };
  if (outcome.kind === 'changed' && there !== undefined && ttl !== undefined && there !== ttl)
    return { target, outcome: 'restored', was: there, to: ttl, text: `${subject} ${movedIn(outcome)}TTL ${there} → ${ttl}` };
  return { target, outcome: 'as-before', ...now, text: `${subject} ${movedIn(outcome)}${to === undefined ? 'TTL is as it was' : `TTL is ${to}${outcome.kind === 'changed' ? '' : ' already'}`}` };
}

/** The address that was changed in the same breath, where one was. */
function movedIn({ kind, step }: Outcome): string {
  if (kind !== 'changed' || !('after' in step)) return '';
  const after = step.after.values.join(', ');
  if (!('before' in step)) return `${step.kind === 'create' ? 'created' : 'sent'}: ${after}, `;
  const before = step.before.values.join(', ');
  return before === after ? '' : `${before} → ${after}, `;
}

/** `the move is cheap from 22:05 (in 60 min) on`. What is left of a minute is counted as one. */
export const cheap = (from: number, now: number): string => (from <= now ? 'the move is cheap' : `the move is cheap from ${byWhen(from, now)} (in ${lapse(from - now)}) on`);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function lapse(ms: number): string {
  if (ms >= 2 * DAY) return `${Math.ceil(ms / DAY)} days`;
  return ms >= 120 * MINUTE ? `${Math.ceil(ms / (60 * MINUTE))} h` : `${Math.ceil(ms / MINUTE)} min`;
}

/** From when on all names are cheap to move, and which that does not cover. Undefined: of none it is known. */
export function summary(rows: readonly Row[], now: number): { readonly cheapFrom: number; readonly text: string } | undefined {
  const known = rows.filter(({ cheapFrom, outcome }) => cheapFrom !== undefined && outcome !== 'unconfirmed');
  if (known.length === 0) return undefined;
  const cheapFrom = Math.max(...known.map(({ cheapFrom = 0 }) => cheapFrom));
  const whom = known.length === rows.length ? 'all of them' : `${known.length} of ${rows.length}`;
  return { cheapFrom, text: `${whom}: ${cheap(cheapFrom, now)}` };
}

export const rowJson = ({ target, outcome, was, to, cheapFrom, failure, why }: Row): unknown => ({
  name: target.name,
  type: target.type,
  account: target.account,
  outcome,
  ...(was === undefined ? {} : { was }),
  ...(to === undefined ? {} : { to }),
  ...(cheapFrom === undefined ? {} : { cheapFrom: new Date(cheapFrom).toISOString() }),
  ...(why === undefined ? {} : { why }),
  ...(failure === undefined ? {} : { failure: { kind: failure.kind, detail: failure.detail } }),
});

/** What a person reads of a TTL that is lowered, from the memory alone. `pending`: whether it came true is not known. */
export function describeLowered({ was, to, cheapFrom, restoring }: Lowered, pending: boolean, now: number): string {
  if (restoring) return `its TTL is being put back (${to} → ${was})`;
  return pending ? `its TTL is being lowered (${was} → ${to})` : `TTL lowered from ${was} to ${to}: ${cheap(cheapFrom, now)}`;
}
