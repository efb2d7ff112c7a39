/** TTLs lowered before a move: which, to what, and how they come back. Pure steps over what is remembered. */
import type { Setting } from './core/decide.ts';
import { HANDLING } from './core/failure.ts';
import type { Outcome } from './core/outcome.ts';
import type { Capabilities, Current, Writing } from './core/plan.ts';
import type { Instant, RecordSet, Target } from './core/record.ts';
import type { Lowered, State } from './recall.ts';

/** What a round is to do about TTLs besides its usual work; seconds. */
export type Ttls = { readonly kind: 'lower'; readonly seconds: number } | { readonly kind: 'restore' };

/** Why a TTL is not ours to lower: the provider decides it, cannot be asked what it is, or does not tell it of this record; or visitors are told a proxy's addresses anyway. */
export type Unlowerable = 'decided' | 'unasked' | 'untold' | 'proxied';

type KeyOf = (target: Target) => string;
type Rows = Readonly<Record<string, Lowered>>;

const withLowered = ({ lowered: _, ...state }: State, rows: Rows): State => (Object.keys(rows).length === 0 ? state : { ...state, lowered: rows });

/** What was asked for, remembered before anything is done about it: a round that is killed leaves the rest to the next. */
export function wished(state: State, ttls: Ttls | undefined, targets: readonly Target[], keyOf: KeyOf): State {
  if (ttls === undefined || state.lowered === undefined) return state;
  const asked = new Set(targets.map(keyOf));
  const rows = Object.entries(state.lowered).map(([key, row]): [string, Lowered] => {
    const { restoring: _, ...staying } = row;
    return [key, !asked.has(key) ? row : ttls.kind === 'restore' ? { ...row, restoring: true } : staying];
  });
  return withLowered(state, Object.fromEntries(rows));
}

/** The targets as they are to be while TTLs are lowered, or on their way back. */
export const whileLowered = (targets: readonly Target[], { lowered }: Pick<State, 'lowered'>, keyOf: KeyOf): readonly Target[] =>
  lowered === undefined ? targets : targets.map((target) => timed(target, interimOf(target, lowered[keyOf(target)])));

function interimOf({ ttl }: Target, row: Lowered | undefined): number | undefined {
  if (row?.restoring) return ttl === 'auto' ? row.was : undefined;
  return row === undefined || (ttl !== 'auto' && ttl <= row.to) ? undefined : row.to;
}

function timed(target: Target, interimTtl: number | undefined): Target {
  const { interimTtl: _, ...usual } = target;
  return interimTtl === undefined ? usual : { ...usual, interimTtl };
}

/** The targets of a round that is to do `ttls`: all of them lowered, or those that were, with the other address of the same name, which some providers take only together. */
export function retimed(targets: readonly Target[], ttls: Ttls | undefined, state: State, keyOf: KeyOf): readonly Target[] {
  const { lowered } = state;
  switch (ttls?.kind) {
    case undefined:
      return whileLowered(targets, state, keyOf);
    case 'lower':
      return targets.map((target) => timed(target, target.ttl !== 'auto' && target.ttl <= ttls.seconds ? undefined : ttls.seconds));
    case 'restore': {
      const nameOf = ({ account, name }: Target): string => `${account} ${name}`;
      const names = new Set(targets.flatMap((target) => (lowered?.[keyOf(target)] === undefined ? [] : [nameOf(target)])));
      return whileLowered(
        targets.filter((target) => names.has(nameOf(target))),
        wished(state, ttls, targets, keyOf),
        keyOf,
      );
    }
    default:
      return ttls satisfies never;
  }
}

/** The target as it would be if nobody had asked to lower it now. */
export const asUsual = (target: Target, state: State, keyOf: KeyOf): Target => timed(target, interimOf(target, state.lowered?.[keyOf(target)]));

/** What no look at the record need tell. */
export const unlowerable = (can: Capabilities | undefined): Unlowerable | undefined => (can?.ttl === 'fixed' ? 'decided' : can?.readable === false ? 'unasked' : undefined);

/** What only the record tells. */
export function unlowerableIn(current: Current): Unlowerable | undefined {
  if (current.kind !== 'found' || current.set.values.length === 0) return undefined;
  return current.set.proxied ? 'proxied' : current.set.ttl === undefined ? 'untold' : undefined;
}

/** The TTL of a set as it can be: what the provider takes, and never higher than it is while it is to be low. */
export function fitted(setting: Setting, current: Current, can: Capabilities, ttls: Ttls | undefined, row: Lowered | undefined): Setting {
  const { target } = setting;
  if (setting.why === 'beside') return setting;
  const timed = (ttl: number | undefined): Setting => {
    const { ttl: _, ...desired } = setting.desired;
    return { ...setting, desired: ttl === undefined ? desired : { ...desired, ttl } };
  };
  const there = current.kind === 'found' && current.set.values.length > 0 ? current.set.ttl : undefined;
  if (ttls?.kind !== 'lower') {
    if (target.interimTtl === undefined) return setting;
    if (can.ttl === 'fixed' || (row?.restoring && there !== undefined && there >= target.interimTtl)) return timed(undefined);
    return timed(nearest(can.ttl, row?.restoring ? target.interimTtl : Math.min(target.interimTtl, there ?? target.interimTtl)));
  }
  const usual = target.ttl === 'auto' ? undefined : target.ttl;
  const standing = row === undefined ? usual : (interimOf(target, row) ?? usual);
  if (can.ttl === 'fixed') return timed(usual);
  const lowest = nearest(can.ttl, Math.min(ttls.seconds, usual ?? ttls.seconds));
  if (current.kind === 'found' && current.set.values.length === 0) return timed(lowest < (usual ?? can.ttl.initial) ? lowest : usual);
  if (there === undefined) return timed(standing);
  if (there > lowest) return timed(lowest);
  const isLow = row !== undefined || (usual !== undefined && usual > there);
  return timed(isLow && nearest(can.ttl, there) === there ? there : usual);
}

/** The lowest TTL from `seconds` on that the provider takes, else its highest. */
const nearest = ({ min, max, steps }: Exclude<Capabilities['ttl'], 'fixed'>, seconds: number): number =>
  steps === undefined ? Math.min(Math.max(seconds, min), max) : (steps.find((step) => step >= seconds) ?? steps.at(-1) ?? max);

/** Before a write: what the TTLs were. One that was lowered before keeps what it was first. */
export function noted(state: State, steps: readonly Writing[], ttls: Ttls | undefined, canOf: (account: string) => Capabilities | undefined, keyOf: KeyOf, now: Instant): State {
  const rows: Record<string, Lowered> = { ...state.lowered };
  for (const step of steps) {
    if (step.decision.kind !== 'set' || step.decision.why === 'beside') continue;
    const { target, desired } = step.decision;
    const key = keyOf(target);
    const row = rows[key];
    const was = step.kind === 'create' ? usualOf(target, canOf(target.account)) : step.kind === 'replace' ? step.before.ttl : undefined;
    if (row?.restoring || (ttls?.kind !== 'lower' && row === undefined)) continue;
    if (was === undefined || desired.ttl === undefined || was <= desired.ttl) continue;
    // Nobody can have kept for long what was not there.
    const cheap = step.kind === 'create' ? now : now + was * 1000;
    rows[key] = { was: Math.max(row?.was ?? 0, was), to: desired.ttl, at: now, cheapFrom: Math.max(row?.cheapFrom ?? 0, cheap) };
  }
  return withLowered(state, rows);
}

const usualOf = ({ ttl }: Target, can: Capabilities | undefined): number | undefined => (ttl !== 'auto' ? ttl : can === undefined || can.ttl === 'fixed' ? undefined : can.ttl.initial);

/** After outcomes: what came true of TTLs lowered and put back. `before`: as it was before they were remembered. */
export function landed(before: State, state: State, outcomes: readonly Outcome[], ttls: Ttls | undefined, keyOf: KeyOf, now: Instant): State {
  const rows: Record<string, Lowered> = { ...state.lowered };
  const targets: Record<string, State['targets'][string]> = { ...state.targets };
  for (const outcome of outcomes) {
    const key = keyOf(outcome.step.decision.target);
    const row = rows[key];
    const next = rowAfter(row, outcome, ttls, before.targets[key]?.pending, now);
    if (next === undefined) delete rows[key];
    else rows[key] = next;
    const memory = targets[key];
    if (memory === undefined) continue;
    if (row?.restoring && next === undefined) targets[key] = withoutInterim(memory, outcome.step.decision.target);
    // A provider that refuses a TTL does not refuse the name: that is updated as ever.
    if (outcome.kind === 'failed' && (next !== row || (ttls !== undefined && before.targets[key]?.trouble === undefined)) && stopsTarget(outcome)) {
      const { trouble: _, ...free } = memory;
      targets[key] = free;
    }
  }
  return withLowered({ ...state, targets }, rows);
}

/** What was lowered, as the targets that were not given up. */
export const loweredAmong = ({ lowered = {} }: Pick<State, 'lowered'>, outcomes: readonly Outcome[], keyOf: KeyOf): ReadonlyMap<Target, number> =>
  new Map(
    outcomes.flatMap(({ kind, step: { decision } }) => {
      const row = lowered[keyOf(decision.target)];
      return row === undefined || row.restoring || (kind !== 'changed' && kind !== 'already') ? [] : [[decision.target, row.to] as const];
    }),
  );

/** Nothing is cheap before the last name server has let go of the old TTL. */
export function delayed(state: State, late: ReadonlyMap<Target, { readonly until: Instant }>, keyOf: KeyOf): State {
  const rows: Record<string, Lowered> = { ...state.lowered };
  for (const [target, { until }] of late) {
    const row = rows[keyOf(target)];
    if (row !== undefined) rows[keyOf(target)] = { ...row, cheapFrom: Math.max(row.cheapFrom, until) };
  }
  return withLowered(state, rows);
}

function withoutInterim(memory: State['targets'][string], { ttl }: Target): State['targets'][string] {
  if (ttl !== 'auto' || memory.set === undefined) return memory;
  const { ttl: _, ...set } = memory.set;
  return { ...memory, set };
}

const stopsTarget = ({ failure: { kind } }: Extract<Outcome, { kind: 'failed' }>): boolean => HANDLING[kind].retry === 'changed' && HANDLING[kind].pauses === 'target';

function rowAfter(row: Lowered | undefined, outcome: Outcome, ttls: Ttls | undefined, pending: RecordSet | undefined, now: Instant): Lowered | undefined {
  const { step } = outcome;
  const { decision } = step;
  switch (outcome.kind) {
    case 'kept':
      return row?.restoring && decision.kind === 'keep' && decision.why === 'unchanged' ? undefined : row;
    case 'already':
    case 'changed': {
      if (decision.kind !== 'set' || decision.why === 'beside') return row;
      const { target, desired } = decision;
      const there = 'before' in step ? step.before.ttl : undefined;
      if (row === undefined) {
        // Somebody lowered it by hand: the config is to wait all the same.
        if (ttls?.kind !== 'lower' || target.ttl === 'auto' || desired.ttl === undefined || desired.ttl >= target.ttl) return undefined;
        return { was: target.ttl, to: desired.ttl, at: now, cheapFrom: now + target.ttl * 1000 };
      }
      if (row.restoring || desired.ttl === undefined) return undefined;
      // When an interrupted write came true is not known: at the latest now.
      const longest = outcome.kind === 'already' ? (pending === undefined ? undefined : row.was) : step.kind === 'push' ? row.was : there;
      const turned = longest === undefined || longest <= desired.ttl ? 0 : now + longest * 1000;
      return { ...row, to: desired.ttl, cheapFrom: Math.max(row.cheapFrom, turned) };
    }
    case 'failed': {
      if (row === undefined || !('after' in step) || step.kind === 'none' || decision.kind !== 'set' || decision.why === 'beside') return row;
      const { restoring, ...staying } = row;
      if (restoring) return stopsTarget(outcome) ? staying : row;
      const there = step.kind === 'replace' ? (step.before.ttl ?? row.was) : row.was;
      return decision.desired.ttl !== row.to || there <= row.to ? row : there >= row.was ? undefined : { ...row, to: there };
    }
    case 'planned':
    case 'unconfirmed':
      return row;
    default:
      return outcome satisfies never;
  }
}
