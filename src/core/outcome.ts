/** What became of each step, what to remember of it, and the exit code it deserves. */
import { type Decision, type Memory, NEXT_ROUND, wanted } from './decide.ts';
import { MOST_A_DAY } from './drift.ts';
import { type Failure, HANDLING, mayBeApplied, type Trouble, troubled, worst } from './failure.ts';
import type { Step, WriteResult, Writing } from './plan.ts';
import { type Instant, type RecordSet, recordSet, sameValues, type Target } from './record.ts';

/** How far the truth of a change is known: the provider's own answer, the zone's authoritative servers, not yet, or nobody was asked. */
export type Verified = 'authoritative' | 'provider' | 'not-yet' | 'off';

export type Outcome = { readonly step: Step } & (
  | { readonly kind: 'kept' }
  | { readonly kind: 'already' }
  /** A dry run: what would have been done. */
  | { readonly kind: 'planned' }
  /** `proxied`: its name servers tell other addresses, by design. `doubt`: what is not proven of it, as a clause. */
  | { readonly kind: 'changed'; readonly verified: Verified; readonly proxied?: true; readonly doubt?: string }
  /** Surely not applied. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Sent, no answer we can trust. */
  | { readonly kind: 'unconfirmed'; readonly failure: Failure }
);

/** What may have landed is never called failed. */
export function outcomeOf(step: Writing, result: WriteResult): Outcome {
  if (result.kind === 'failed') return { step, kind: mayBeApplied(result.failure) ? 'unconfirmed' : 'failed', failure: result.failure };
  const isProxied = result.stored?.proxied ?? ('before' in step && step.before.proxied);
  return { step, kind: 'changed', verified: result.stored === undefined ? 'off' : 'provider', ...(isProxied ? { proxied: true } : {}) };
}

/** The outcome of a step that needs no write; undefined for one that does. */
export function outcomeWithoutWrite(step: Step): Outcome | undefined {
  switch (step.kind) {
    case 'keep':
      return { step, kind: 'kept' };
    case 'none':
      return { step, kind: 'already' };
    case 'blocked':
      return { step, kind: 'failed', failure: step.failure };
    default:
      return undefined;
  }
}

export type RememberAt = {
  readonly now: Instant;
  readonly random: number;
  readonly digest: string;
  readonly refreshAt: Instant | undefined;
  readonly notBefore?: Instant | undefined;
  /** Whom a failure stops, see `stops`. Default: whom its kind stops. */
  readonly stops?: 'account' | 'target' | 'nobody';
};

/** The memory before a write: all that may be there because of us, older intents that were never answered included. */
export const intend = (memory: Memory, desired: RecordSet): Memory => ({ ...memory, pending: recordSet(desired, [...desired.values, ...(memory.pending?.values ?? [])], desired.ttl) });

/** The memory after an outcome. Only success ends an intent: until then the next round asks, and knows which values may be ours. */
export function remember(memory: Memory, outcome: Outcome, at: RememberAt): Memory {
  const { step } = outcome;
  switch (outcome.kind) {
    case 'kept':
      return looked(memory, step.decision);
    case 'planned':
      return memory;
    case 'already':
    case 'changed': {
      if (step.decision.kind !== 'set') return memory;
      const notBefore = outcome.kind === 'changed' ? at.notBefore : memory.notBefore;
      const refresh = outcome.kind === 'changed' || memory.refreshAt === undefined ? at.refreshAt : memory.refreshAt;
      const putBack = outcome.kind === 'changed' && step.decision.why === 'drift' ? [...(memory.putBack ?? []), at.now].slice(-MOST_A_DAY) : memory.putBack;
      return {
        set: step.decision.desired,
        confirmedAt: at.now,
        ...(refresh === undefined ? {} : { refreshAt: refresh }),
        ...(notBefore === undefined ? {} : { notBefore }),
        ...(putBack === undefined ? {} : { putBack }),
      };
    }
    // Not even a failure that surely changed nothing ends an intent: an older one, unanswered, may be part of it.
    case 'failed':
    case 'unconfirmed':
      return { ...memory, ...troubleOf(outcome.failure, memory.trouble, step.decision.target, at) };
    default:
      return outcome satisfies never;
  }
}

/** What its name servers were found to say is remembered until they are found to say something else: rounds that do not ask them go by it. */
function looked(memory: Memory, decision: Decision): Memory {
  if (decision.kind !== 'keep') return memory;
  if (decision.why === 'drift') return memory.drift === decision.failure ? memory : { ...memory, drift: decision.failure };
  if (decision.why !== 'unchanged' || memory.drift === undefined) return memory;
  const { drift: _, ...rest } = memory;
  return rest;
}

/**
 * Whom a failure stops. Credentials that did their work for another name in the same round are good: what they were refused for concerns this
 * name, and stops no other. A provider that asks to wait means everybody, whatever it did before.
 */
export function stops({ kind }: Failure, account: { readonly works: boolean }): 'account' | 'target' | 'nobody' {
  const { pauses, retry } = HANDLING[kind];
  return pauses === 'account' && retry === 'changed' && account.works ? 'target' : pauses;
}

/** The account did what it was asked: its credentials are good. */
export const works = ({ kind }: Outcome): boolean => kind === 'changed' || kind === 'already';

/** Trouble that pauses the whole account is remembered there, once. */
const troubleOf = (failure: Failure, before: Trouble | undefined, target: Target, at: RememberAt): { readonly trouble?: Trouble } =>
  (at.stops ?? HANDLING[failure.kind].pauses) === 'account' ? {} : { trouble: { ...troubled(failure, before, at), wanted: wanted(target) } };

/** The failure an outcome carries, its own or the one it is paused for. */
export function failureOf(outcome: Outcome): Failure | undefined {
  if (outcome.kind === 'failed' || outcome.kind === 'unconfirmed') return outcome.failure;
  const { decision } = outcome.step;
  return decision.kind === 'keep' && decision.why !== 'unchanged' ? decision.failure : undefined;
}

/** The exit code of a round: the worst of all outcomes. */
export const exitOf = (outcomes: readonly Outcome[]): number =>
  worst(
    outcomes.map((outcome) => {
      const failure = failureOf(outcome);
      return failure ? HANDLING[failure.kind].exit : 0;
    }),
  );

/** What a target is decided to be for the rest of a round that has acted on it already. What was only taken along may be due by now itself. */
export function held(outcome: Outcome | undefined, decision: Decision): Decision {
  if (outcome === undefined) return decision;
  const { decision: before } = outcome.step;
  const { target } = before;
  const failure = failureOf(outcome);
  if (failure !== undefined) return { target, kind: 'keep', why: 'waiting', failure, until: NEXT_ROUND };
  if (before.kind !== 'set' || before.why !== 'beside') return { target, kind: 'keep', why: 'unchanged' };
  const isNews = decision.kind === 'set' ? !sameValues(before.desired, decision.desired) : decision.why === 'unobserved';
  return isNews ? decision : { target, kind: 'keep', why: 'unchanged' };
}

/** What is to be told of a target that was acted on `before` in the same round, when it has been looked at once more. */
export const afterwards = (before: Outcome | undefined, outcome: Outcome): Outcome =>
  before === undefined || (outcome.kind !== 'kept' && outcome.step.decision.why !== 'beside') ? outcome : reconsidered(before, outcome.step.decision);

/** What was taken along before anybody knew whether it is true, as it is known by now. */
function reconsidered(outcome: Outcome, decision: Decision): Outcome {
  const { step } = outcome;
  if (step.kind === 'keep' || step.decision.why !== 'beside' || step.decision.unobserved === undefined) return outcome;
  const { unobserved: _, ...beside } = step.decision;
  if (decision.why === 'unobserved') return { ...outcome, step: { ...step, decision: { ...beside, unobserved: decision } } };
  return decision.why === 'unchanged' ? { ...outcome, step: { ...step, decision: beside } } : outcome;
}
