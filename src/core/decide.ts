/** What to do about each target: keep it or set it, and why. Pure: told the time, the observations and what is remembered. */
import { type IpAddress, withSuffix } from './address.ts';
import { type Failure, HANDLING, isPaused, type Trouble } from './failure.ts';
import { isRouteless, type Observation } from './observe.ts';
import type { Capabilities } from './plan.ts';
import { type Instant, type RecordSet, recordSet, type Target } from './record.ts';

/** What is remembered of one target. All optional: absence means it never happened. */
export type Memory = {
  /** What was decided and came true; not what the provider bent it to. Its values are ours alone, without siblings. */
  readonly set?: RecordSet;
  /** Stored before a write; still there after a crash. */
  readonly pending?: RecordSet;
  /** When the provider last said so. */
  readonly confirmedAt?: Instant;
  /** When the name would lapse unless it is sent again. */
  readonly refreshAt?: Instant;
  /** The service takes no further update of this name before. */
  readonly notBefore?: Instant;
  readonly trouble?: Trouble;
  /** When its name servers were asked last they said something else than `set`, and it was left so. */
  readonly drift?: Failure;
  /** When it was put back after somebody else had changed it: the last few times. */
  readonly putBack?: readonly Instant[];
};

export type Decision = { readonly target: Target } /** `published`: what is remembered to be there. */ & (
  | { readonly kind: 'keep'; readonly why: 'unchanged'; readonly published?: RecordSet }
  | ({ readonly kind: 'keep' } & Unobserved)
  | { readonly kind: 'keep'; readonly why: 'disputed' | 'drift'; readonly failure: Failure }
  | { readonly kind: 'keep'; readonly why: 'waiting' | 'paused'; readonly failure: Failure; readonly until: Instant | 'changed' }
  | { readonly kind: 'set'; readonly desired: RecordSet; readonly why: 'first' | 'moved' | 'interrupted' | 'confirm' | 'refresh' | 'forced' | 'retry' }
  /** As it was published last, because the provider takes both addresses of the name at once. `unobserved`: nobody knows whether it is true by now. */
  | { readonly kind: 'set'; readonly desired: RecordSet; readonly why: 'beside'; readonly unobserved?: Unobserved }
  /** Nothing changed here, but `failure`: its name servers say something else. It is read at the provider and put back; with `look` it is only told. */
  | { readonly kind: 'set'; readonly desired: RecordSet; readonly why: 'drift' | 'look'; readonly failure: Failure }
);
export type Setting = Extract<Decision, { kind: 'set' }>;
/** Nobody told an address. `published`: what is remembered to be there, and stays. `routeless`: nothing of its family leads out of this machine, so it is not where it was. */
export type Unobserved = { readonly why: 'unobserved'; readonly failure: Failure; readonly published?: RecordSet; readonly routeless?: true };
/** `until` of what this very round has tried in vain. */
export const NEXT_ROUND: Instant = 0;
/** Why something is written that has not only drifted. */
export type Reason = Exclude<Setting, { why: 'drift' | 'look' }>['why'];

/** What is known about one target when it is decided. */
export type Known = {
  readonly memory: Memory;
  /** Trouble with the whole account. */
  readonly account?: Trouble | undefined;
  /** Identifies the account's config and secrets; see `Trouble.digest`. */
  readonly digest: string;
  /** The account is no longer what it was when the memory was made (other provider, zone or endpoint). */
  readonly accountChanged: boolean;
};

/** `ask`: the provider is asked even where nothing is due. */
export type DecidePolicy = { readonly force: boolean; readonly ask?: boolean };

/** One target's decision. An address is only taken from an `agreed` observation; `same` can keep, never set another value. */
export function decide(target: Target, seen: Observation | undefined, known: Known, policy: DecidePolicy, now: Instant): Decision {
  const desired = seen?.kind === 'agreed' || seen?.kind === 'same' ? desiredSet(target, seen.address) : undefined;
  const why = desired && reason(desired, known, policy, now);
  if (desired && why === undefined) return asBefore(target, known.memory);
  const paused = pause(known, target, policy, now);
  if (paused) return { target, kind: 'keep', why: paused.until === 'changed' ? 'paused' : 'waiting', failure: paused.failure, until: paused.until };
  if (seen === undefined || seen.kind === 'silent') {
    const failure: Failure = { kind: 'silent', detail: `no IPv${target.family} address found: ${seen?.why ?? 'not asked'}` };
    const { set: published, pending } = known.memory;
    const isUnknown = published === undefined || pending !== undefined || known.accountChanged;
    return { target, kind: 'keep', why: 'unobserved', failure, ...(isUnknown ? {} : { published }), ...(seen !== undefined && isRouteless(seen) ? { routeless: true } : {}) };
  }
  if (seen.kind === 'disputed') return { target, kind: 'keep', why: 'disputed', failure: { kind: 'disputed', detail: `IPv${target.family} is disputed: ${seen.why}` } };
  // One witness is not enough to write by, not even what was agreed before: the round holds a full ballot where anything is due.
  if (desired === undefined || why === undefined || seen.kind === 'same') {
    return { target, kind: 'keep', why: 'disputed', failure: { kind: 'disputed', detail: `IPv${target.family} was confirmed by one witness only` } };
  }
  return tooEarly(target, known.memory, policy, now) ?? { target, kind: 'set', desired, why };
}

/** Nothing changed: so it stays whatever its name servers were found to say. */
const asBefore = (target: Target, { drift, set }: Memory): Decision =>
  drift === undefined ? { target, kind: 'keep', why: 'unchanged', ...(set === undefined ? {} : { published: set }) } : { target, kind: 'keep', why: 'drift', failure: drift };

/** May the account be asked about this target, and told of it? */
export const isFree = (target: Target, known: Known, now: Instant): boolean =>
  pause(known, target, { force: false }, now) === undefined && tooEarly(target, known.memory, { force: false }, now) === undefined;

/** The service asks for a pause between updates of a name, and it is not over. `memory`: of the set that would be sent. */
function tooEarly(target: Target, { notBefore }: Memory, { force }: DecidePolicy, now: Instant): Decision | undefined {
  if (notBefore === undefined || now >= notBefore || notBefore - now > DAY_MS || force) return undefined;
  const detail = `${target.name}: ${target.account} takes its next update in ${Math.ceil((notBefore - now) / 1000)} s`;
  return { target, kind: 'keep', why: 'waiting', until: notBefore, failure: { kind: 'throttled', detail } };
}

/** What `target` should say when the box is at `address`. */
export function desiredSet(target: Target, address: IpAddress): RecordSet {
  const value = target.suffix ? withSuffix(address as IpAddress<6>, target.suffix) : address;
  return recordSet(target, [value], target.interimTtl ?? (target.ttl === 'auto' ? undefined : target.ttl));
}

/** Does everything remembered say that `address` is published and nothing is due? Then two datagrams are enough to know. */
export function isSettled(target: Target, address: IpAddress, known: Known, now: Instant): boolean {
  if (pause(known, target, { force: false }, now)) return true;
  return reason(desiredSet(target, address), known, { force: false }, now) === undefined;
}

/**
 * `force` is as if memory were empty, but never goes past what stopped a whole account until its config or credentials change. A name that
 * was refused may have been put in order at the provider, where nobody here can see it; and it is asked about again when the config says
 * something else of it.
 */
function pause({ account, memory, digest }: Known, target: Target, { force }: DecidePolicy, now: Instant): Trouble | undefined {
  const { trouble } = memory;
  const own = trouble?.wanted === undefined || trouble.wanted === wanted(target) ? trouble : undefined;
  const lasts = ({ until, failure }: Trouble): boolean => until === 'changed' && HANDLING[failure.kind].pauses !== 'target';
  return [account, own].find((trouble) => trouble !== undefined && isPaused(trouble, { now, digest }) && (!force || lasts(trouble)));
}

/** What the config says of a target, beside its name: with something else of it, a refusal may be over. */
export const wanted = ({ ttl, sharing, suffix }: Target): string => [ttl, sharing, ...(suffix ? [suffix.text] : [])].join(' ');

function reason(desired: RecordSet, { memory, accountChanged }: Known, { force, ask }: DecidePolicy, now: Instant): Reason | undefined {
  if (force) return 'forced';
  if (memory.pending) return memory.trouble ? 'retry' : 'interrupted';
  if (!memory.set) return memory.trouble ? 'retry' : 'first';
  if (!sameDecision(memory.set, desired)) return 'moved';
  if (accountChanged) return 'confirm';
  if (memory.trouble) return 'retry';
  if (memory.refreshAt !== undefined && (now >= memory.refreshAt || now < (memory.confirmedAt ?? 0) - DAY_MS)) return 'refresh';
  return ask ? 'confirm' : undefined;
}

/** Confirmed more than a day from now: the clock was wrong then, and so is when it is due. */
const DAY_MS = 86_400_000;

const sameDecision = (a: RecordSet, b: RecordSet): boolean => a.ttl === b.ttl && a.values.length === b.values.length && a.values.every((value, at) => value === b.values[at]);

/**
 * Where a provider takes both addresses of a name at once, one that is due takes the other along, as it was last published there, and waits where
 * the other may not be sent yet. With `needed`, one whose other is configured and not known waits for it: sent alone it would erase what may be
 * there. `canOf`: what an account can do, where that is known.
 */
export function together(
  decisions: readonly Decision[],
  canOf: (account: string) => Pick<Capabilities, 'together'> | undefined,
  knownOf: (target: Target) => Pick<Known, 'memory' | 'accountChanged'>,
  policy: DecidePolicy,
  now: Instant,
): readonly Decision[] {
  const keyOf = ({ name, account, family }: Pick<Target, 'name' | 'account' | 'family'>): string => `${account} ${name} ${family}`;
  const keyOfOther = (target: Target): string => keyOf({ ...target, family: target.family === 4 ? 6 : 4 });
  /** Another account has not got what this one was told. */
  const publishedOf = (target: Target): RecordSet | undefined => (knownOf(target).accountChanged ? undefined : knownOf(target).memory.set);
  const jointOf = ({ account }: Target): Capabilities['together'] => canOf(account)?.together;
  const alone = new Map(decisions.map((decision) => [keyOf(decision.target), decision]));
  /** What is only looked at takes nothing along. */
  const isDue = (decision: Decision): boolean => decision.kind === 'set' && decision.why !== 'look';
  const due = decisions.map((decision): Decision => {
    const other = jointOf(decision.target) && alone.get(keyOfOther(decision.target));
    if (!isDue(decision) || other?.kind !== 'keep') return decision;
    // It may have come true all the same, and what was published before would undo it.
    if (other.why === 'waiting' && other.until === NEXT_ROUND) return { ...other, target: decision.target };
    if (publishedOf(other.target) === undefined) return decision;
    return tooEarly(decision.target, knownOf(other.target).memory, policy, now) ?? decision;
  });
  const all = new Map(due.map((decision) => [keyOf(decision.target), decision]));
  return due.map((decision): Decision => {
    const { target } = decision;
    const joint = jointOf(target);
    const other = joint && all.get(keyOfOther(target));
    if (!other) return decision;
    if (decision.kind === 'keep' || decision.why === 'look') {
      const published = publishedOf(target);
      if (!isDue(other) || published === undefined) return decision;
      return { target, kind: 'set', desired: published, why: 'beside', ...(decision.why === 'unobserved' ? { unobserved: decision } : {}) };
    }
    if (joint === 'safer' || other.kind === 'set' || other.why === 'unchanged' || publishedOf(other.target)) return decision;
    const detail = `${target.name}: ${target.account} erases the IPv${other.target.family} address of a name when the other is sent alone, and ${other.failure.detail}`;
    return { target, kind: 'keep', why: 'unobserved', failure: { ...other.failure, detail } };
  });
}
