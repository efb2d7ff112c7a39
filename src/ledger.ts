/** How the remembered state changes: what was seen, what is about to be written, what became of it. Pure steps from state to state. */
import type { Config } from './config/config.ts';
import type { Family, IpAddress, Prefix } from './core/address.ts';
import { isSettled, type Known, type Memory } from './core/decide.ts';
import { type Failure, type Trouble, troubled } from './core/failure.ts';
import { learned } from './core/network.ts';
import type { Observation } from './core/observe.ts';
import { failureOf, intend, type Outcome, remember, stops, works } from './core/outcome.ts';
import type { Terms, Writing } from './core/plan.ts';
import { type Instant, type RecordSet, sameValues, type Target } from './core/record.ts';
import { isDatagram, serves } from './detect/source.ts';
import type { AccountMemory, ChangeMemory, FamilyMemory, Lowered, Settled, State } from './recall.ts';
import type { Network } from './world/world.ts';

/** What is known of an account besides what the state remembers. */
export type AccountFacts = {
  readonly identity: string;
  /** Of config and secrets; empty while nothing asks for it. */
  readonly digest: string;
  /** Where the memory of one of its targets is kept. */
  readonly keyOf: (target: Target) => string;
};

export type Moment = { readonly now: Instant; readonly random: () => number };

const CHANGES_KEPT = 200;

/** What is known about `target` before it is decided. */
export function knownOf(target: Target, state: State, facts: AccountFacts): Known {
  const account = state.accounts[target.account];
  return {
    memory: state.targets[facts.keyOf(target)] ?? {},
    account: account?.trouble,
    digest: facts.digest,
    accountChanged: account !== undefined && account.identity !== facts.identity,
  };
}

/** After a full ballot: where the box is plugged in, and what each family agreed on. */
export function seen(state: State, network: Network | undefined, observations: Iterable<Observation>, now: Instant): State {
  const families: { [F in Family]?: FamilyMemory } = { ...state.families };
  for (const observation of observations) {
    const before = families[observation.family] ?? {};
    if (observation.kind === 'agreed') families[observation.family] = { address: observation.address, fullAt: now };
    else if (observation.kind !== 'same') families[observation.family] = { ...before, fullAt: now };
  }
  return { ...state, families, ...(network === undefined ? {} : { network: learned(state.network, network) }) };
}

/** In a new network: what failed in the old one is tried at once, and no interval is kept. A wait that a provider asked for holds wherever the box is. */
export function undamped(state: State, now: Instant): State {
  const free = <M extends { readonly trouble?: Trouble }>(memory: M): M => {
    const { trouble } = memory;
    const wished = trouble?.until === 'changed' || trouble?.failure.kind === 'throttled' || trouble?.failure.retryAfterSeconds !== undefined;
    return trouble === undefined || wished ? memory : { ...memory, trouble: { ...trouble, until: now } };
  };
  const each = <M extends { readonly trouble?: Trouble }>(memories: Readonly<Record<string, M>>): Record<string, M> =>
    Object.fromEntries(Object.entries(memories).map(([key, memory]) => [key, free(memory)]));
  const targets = Object.entries(each(state.targets)).map(([key, { notBefore: _, ...memory }]) => [key, memory] as const);
  return { ...state, accounts: each(state.accounts), targets: Object.fromEntries(targets) };
}

/** Before a write: the intent, so that a crash leaves a question and not a guess. */
export function intended(state: State, steps: readonly Writing[], facts: ReadonlyMap<string, AccountFacts>): State {
  const targets = { ...state.targets };
  for (const { decision } of steps) {
    if (decision.kind !== 'set') continue;
    const key = keyIn(facts, decision.target);
    targets[key] = intend(targets[key] ?? {}, decision.desired);
  }
  return { ...state, targets };
}

/** After outcomes: memories, the trouble of accounts, and the list of changes. Whom a failure stops does not depend on the order of outcomes. */
export function settled(state: State, outcomes: readonly Outcome[], facts: ReadonlyMap<string, AccountFacts>, termsOf: (target: Target) => Terms, moment: Moment): State {
  const targets = { ...state.targets };
  const accounts: Record<string, AccountMemory> = { ...state.accounts };
  const changes: ChangeMemory[] = [...state.changes];
  const working = new Set(outcomes.filter(works).map(({ step }) => step.decision.target.account));
  const asked = new Set(outcomes.filter(({ kind }) => kind !== 'kept').map(({ step }) => step.decision.target.account));
  for (const name of asked) {
    const { trouble, ...account } = accounts[name] ?? {};
    accounts[name] = { ...account, identity: facts.get(name)?.identity ?? '', ...(trouble && !working.has(name) ? { trouble } : {}) };
  }
  for (const outcome of outcomes) {
    const { target } = outcome.step.decision;
    const key = keyIn(facts, target);
    const at = { now: moment.now, random: moment.random(), digest: facts.get(target.account)?.digest ?? '' };
    const failure = outcome.kind === 'kept' ? undefined : failureOf(outcome);
    const stopped = failure && stops(failure, { works: working.has(target.account) });
    const before = targets[key] ?? {};
    const after = remember(before, outcome, { ...at, ...termsOf(target), ...(stopped ? { stops: stopped } : {}) });
    if (after !== before) targets[key] = after;
    const change = changeOf(outcome, before, state.lowered?.[key], moment.now);
    if (change) changes.push(change);
    const account = accounts[target.account];
    if (failure && stopped === 'account' && account) accounts[target.account] = { ...account, trouble: heaviest(account.trouble, failure, at) };
  }
  return { ...state, targets, accounts, changes: changes.slice(-CHANGES_KEPT) };
}

/** One account's trouble counts once a round, however many targets met it; the one that lasts longest is kept. */
function heaviest(before: Trouble | undefined, failure: Failure, at: { readonly now: Instant; readonly random: number; readonly digest: string }): Trouble {
  if (before === undefined || before.notedAt !== at.now) return troubled(failure, before, at);
  const other = troubled(failure, undefined, at);
  const end = ({ until }: Trouble): number => (until === 'changed' ? Number.POSITIVE_INFINITY : until);
  return end(other) > end(before) ? other : before;
}

/** What came true although nobody answered, or by another's hand, is a change as well: others keep what was there before. `known`: what was remembered of the target. */
function changeOf(outcome: Outcome, known: Memory, row: Lowered | undefined, at: Instant): ChangeMemory | undefined {
  const { step } = outcome;
  if (step.decision.kind !== 'set' || !('after' in step)) return undefined;
  const { target, desired, why } = step.decision;
  const { name, type, account } = target;
  const told = (before: RecordSet | undefined, after: RecordSet): ChangeMemory => {
    const ttl = before?.ttl === undefined ? undefined : Math.max(before.ttl, lingeringOf(row, at));
    return { at, name, type, account, ...(before === undefined ? {} : { before: before.values, ...(ttl === undefined ? {} : { ttl }) }), after: after.values, why };
  };
  // Of what cannot be read it is known what it was told last.
  const last = step.kind === 'push' && known.set !== undefined && !sameValues(known.set, desired) ? known.set : undefined;
  if (outcome.kind === 'changed') return told('before' in step ? step.before : last, step.after);
  if (outcome.kind !== 'already' || step.kind !== 'none' || known.set === undefined || sameValues(known.set, desired)) return undefined;
  return told({ ...step.before, values: known.set.values }, desired);
}

/** In seconds: a TTL that was lowered is not yet that of what others keep; nor longer than it was, whatever a clock was set to. */
const lingeringOf = (row: Lowered | undefined, at: Instant): number => (row === undefined ? 0 : Math.min(row.was, Math.ceil((row.cheapFrom - at) / 1000)));

const keyIn = (facts: ReadonlyMap<string, AccountFacts>, target: Target): string => factsIn(facts, target).keyOf(target);

export function factsIn(facts: ReadonlyMap<string, AccountFacts>, { account }: Target): AccountFacts {
  const found = facts.get(account);
  if (!found) throw new TypeError(`no facts about account ${account}`);
  return found;
}

/** What makes the next rounds superfluous, and until when; undefined while anything is left to do, to wait for, or to tell. */
export function settledState({ digest, detect, dns, targets }: Config, state: State, facts: ReadonlyMap<string, AccountFacts>, now: Instant): Settled | undefined {
  if (detect.given.size > 0 || Object.keys(state.told).length > 0) return undefined;
  const sources = detect.sources.filter(isDatagram);
  const addresses: { [F in Family]?: IpAddress } = {};
  let until = Number.POSITIVE_INFINITY;
  for (const target of targets) {
    const { address, fullAt } = state.families[target.family] ?? {};
    const known = knownOf(target, state, factsIn(facts, target));
    if (address === undefined || fullAt === undefined || known.account || known.memory.trouble || !isSettled(target, address, known, now)) return undefined;
    if (!sources.some((source) => serves(source, target.family))) return undefined;
    addresses[target.family] = address;
    until = Math.min(until, fullAt + detect.fullEveryMs, known.memory.refreshAt ?? until);
  }
  return targets.length === 0 ? undefined : { config: digest, from: now, until, addresses, sources, allow: texts(detect.policy.allow), deny: texts(detect.policy.deny), servers: dns.servers };
}

const texts = (prefixes: readonly Prefix[]): readonly string[] => prefixes.map(({ text }) => text);
