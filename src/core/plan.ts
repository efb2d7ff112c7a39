/** From a decision and what is there now to the step that makes it so. Pure; a step is a value that can be printed instead of done. */
import type { Family, IpAddress } from './address.ts';
import type { Decision, Memory, Setting } from './decide.ts';
import type { Failure } from './failure.ts';
import type { Instant, RecordKey, RecordSet } from './record.ts';
import { printSet, recordSet, sameValues } from './record.ts';

/** What a provider can do, as data: read by config check, planner, docs and tests alike. */
export type Capabilities = {
  readonly families: readonly Family[];
  /** Can it be asked what is there? */
  readonly readable: boolean;
  readonly wildcard: boolean;
  readonly apex: boolean;
  /** `one`: a name has a single address, writing replaces it. */
  readonly values: 'one' | 'many';
  /** Seconds. `fixed`: the service decides. `initial`: for a new record when the config says `auto`. `steps`: it takes these and no others, in rising order. */
  readonly ttl: 'fixed' | { readonly min: number; readonly max: number; readonly initial: number; readonly steps?: readonly number[] };
  /** Records in one write call. Absent: one. */
  readonly batch?: number;
  readonly minIntervalSeconds?: number;
  /** A name that is not sent again within this many days lapses. */
  readonly refreshDays?: number;
  /** Both addresses of a name are sent at once, even where one of them is due alone. `needed`: one sent alone erases the other. `safer`: it is not known to leave the other as it is. */
  readonly together?: 'needed' | 'safer';
  /** An account stands for one single record, whatever the config calls it. */
  readonly names?: 'one';
  /** It stores the address the request comes from, and takes no other. */
  readonly sender?: true;
  /** Every name it holds is one below this domain. */
  readonly under?: string;
};

export type Step = { readonly decision: Decision } & (
  | { readonly kind: 'keep' }
  /** Already so. */
  | { readonly kind: 'none'; readonly before: RecordSet; readonly after: RecordSet }
  | { readonly kind: 'create'; readonly after: RecordSet }
  | { readonly kind: 'replace'; readonly before: RecordSet; readonly after: RecordSet }
  /** Blind: this provider cannot be asked. */
  | { readonly kind: 'push'; readonly after: RecordSet }
  /** Cannot be planned; the others go on. */
  | { readonly kind: 'blocked'; readonly failure: Failure }
);
export type Writing = Extract<Step, { kind: 'create' | 'replace' | 'push' }>;

/** What an account is asked to make true. */
export type Change = {
  readonly key: RecordKey;
  /** What is there now, siblings included; absent: could not be asked. Empty values: no such record. */
  readonly before?: RecordSet;
  /** The whole set as it shall be, siblings included. `ttl` absent: the provider's default. */
  readonly after: RecordSet;
};

/** What became of one change. */
export type WriteResult =
  /** The provider said so. `stored`: the set as the provider's own answer shows it. */
  { readonly kind: 'written'; readonly stored?: RecordSet; readonly note?: string } | { readonly kind: 'failed'; readonly failure: Failure };

/** What a survey found for one key. */
export type Current = { readonly kind: 'found'; readonly set: RecordSet } | { readonly kind: 'unreadable' } | { readonly kind: 'failed'; readonly failure: Failure };

/** The step for one decision. */
export function plan(decision: Decision, current: Current, memory: Memory, can: Capabilities): Step {
  if (decision.kind === 'keep') return { kind: 'keep', decision };
  const step = planFor(decision, current, memory, can);
  return decision.why === 'look' && step.kind !== 'none' ? { kind: 'keep', decision: { target: decision.target, kind: 'keep', why: 'drift', failure: decision.failure } } : step;
}

function planFor(decision: Setting, current: Current, memory: Memory, can: Capabilities): Step {
  const unfit = misfit(decision, can);
  if (unfit) return { kind: 'blocked', decision, failure: { kind: 'config', detail: unfit } };
  switch (current.kind) {
    case 'failed':
      return { kind: 'blocked', decision, failure: current.failure };
    case 'unreadable':
      return { kind: 'push', decision, after: decision.desired };
    case 'found':
      return planOver(decision, current.set, memory, can);
    default:
      return current satisfies never;
  }
}

function planOver(decision: Setting, before: RecordSet, memory: Memory, can: Capabilities): Step {
  const values = share(decision, before, memory, can);
  if (!Array.isArray(values)) return { kind: 'blocked', decision, failure: values as Failure };
  const ttl = decision.desired.ttl ?? (before.values.length > 0 ? before.ttl : undefined);
  const after = recordSet(before, values as readonly IpAddress[], ttl);
  if (before.values.length === 0) return { kind: 'create', decision, after };
  const sameTtl = can.ttl === 'fixed' || decision.desired.ttl === undefined || before.ttl === undefined || decision.desired.ttl === before.ttl;
  // What lapses when idle, or would be erased, must be sent again although it says the same.
  if (sameValues(before, after) && sameTtl && decision.why !== 'refresh' && decision.why !== 'beside') return { kind: 'none', decision, before, after };
  return { kind: 'replace', decision, before, after };
}

/** Where a provider takes both addresses of a name at once, one that is already so is sent along with the other all the same. */
export function accompanied(steps: readonly Step[], canOf: (account: string) => Pick<Capabilities, 'together'> | undefined): readonly Step[] {
  const nameOf = ({ decision: { target } }: Step): string => `${target.account} ${target.name}`;
  const writing = new Set(steps.flatMap((step) => (step.kind === 'create' || step.kind === 'replace' || step.kind === 'push' ? [nameOf(step)] : [])));
  return steps.map((step) => (step.kind === 'none' && canOf(step.decision.target.account)?.together && writing.has(nameOf(step)) ? { ...step, kind: 'replace' } : step));
}

/** The values the set shall have: ours among those that belong to others, or the question whom they belong to. */
function share({ target, desired }: Setting, before: RecordSet, memory: Memory, can: Capabilities): readonly IpAddress[] | Failure {
  const ours = new Set([...(memory.set?.values ?? []), ...(memory.pending?.values ?? [])]);
  const others = before.values.filter((value) => !ours.has(value) && !desired.values.includes(value));
  const beside = [...others, ...desired.values];
  if (target.sharing === 'replace' || can.values === 'one') return desired.values;
  if (target.sharing === 'own') return beside;
  if (before.values.length <= 1) return desired.values;
  const known = before.values.some((value) => ours.has(value) || desired.values.includes(value));
  if (known) return beside;
  return { kind: 'ambiguous', detail: `${before.values.join(', ')} are there and none of them was published by us, so it is not clear which one to replace with ${desired.values.join(', ')}` };
}

/** Why the provider cannot have this at all; said before anything is sent. */
export const misfit = (setting: Pick<Setting, 'target' | 'desired'>, can: Capabilities): string | undefined => misfits(setting, can)[0];

/** Every reason why not. */
export function misfits({ target: { name, type, family, account, suffix }, desired: { ttl } }: Pick<Setting, 'target' | 'desired'>, can: Capabilities): readonly string[] {
  const reasons: string[] = [];
  if (!can.families.includes(family)) reasons.push(`${account} cannot hold IPv${family} addresses (${type} records); say families: [${can.families.join(', ')}]`);
  if (can.under !== undefined && !name.endsWith(`.${can.under}`)) reasons.push(`${account} only holds names that end in .${can.under}`);
  else if (name.startsWith('*.') && !can.wildcard) reasons.push(`${account} cannot hold wildcard names`);
  if (suffix && can.sender) reasons.push(`${account} stores the address the request comes from, so it cannot be told that of another machine; leave out suffix`);
  if (ttl !== undefined) {
    if (can.ttl === 'fixed') reasons.push(`${account} decides the TTL itself; leave out ttl: ${ttl}`);
    else if (ttl < can.ttl.min || ttl > can.ttl.max) reasons.push(`ttl: ${ttl} is outside what ${account} takes (${can.ttl.min} to ${can.ttl.max} seconds)`);
    else if (can.ttl.steps?.includes(ttl) === false) reasons.push(`ttl: ${ttl} is not one that ${account} takes; it takes ${can.ttl.steps.join(', ')}`);
  }
  return reasons.map((reason) => `${name}: ${reason}`);
}

/** `home.example.com A 203.0.113.9 → 198.51.100.7`, for people. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'keep':
      return `${step.decision.target.name} ${step.decision.target.type} kept`;
    case 'none':
      return `${printSet(step.before)} is already so`;
    case 'create':
      return `${printSet(step.after)} would be created`;
    case 'replace':
      return `${printSet(step.before)} → ${step.after.values.join(', ')}${step.before.ttl === step.after.ttl ? '' : ` (ttl ${step.before.ttl} → ${step.after.ttl})`}`;
    case 'push':
      return `${printSet(step.after)} would be sent (this provider cannot be asked what is there)`;
    case 'blocked':
      return `${step.decision.target.name} ${step.decision.target.type}: ${step.failure.detail}`;
    default:
      return step satisfies never;
  }
}

/**
 * When a target lapses unless sent again (a fifth of the time is kept in reserve), and before when a service that asks for a pause between updates is not told
 * again. `can` undefined: its account could not be opened.
 */
export type Terms = { readonly refreshAt: Instant | undefined; readonly notBefore: Instant | undefined };
export const termsOf = (can: Pick<Capabilities, 'refreshDays' | 'minIntervalSeconds'> | undefined, now: Instant): Terms => ({
  refreshAt: can?.refreshDays === undefined ? undefined : now + can.refreshDays * 0.8 * 86_400_000,
  notBefore: can?.minIntervalSeconds === undefined ? undefined : now + can.minIntervalSeconds * 1000,
});
