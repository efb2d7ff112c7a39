/** TTLs lowered before a move: which, to what, and how they come back. Pure steps over what is remembered. */
import type { Setting } from './core/decide.ts';
import type { Outcome } from './core/outcome.ts';
import type { Capabilities, Current, Writing } from './core/plan.ts';
import type { Instant, Target } from './core/record.ts';
import type { Lowered, State } from './recall.ts';

/** What a round is to do about TTLs besides its usual work; seconds. */
export type Ttls = { readonly kind: 'lower'; readonly seconds: number } | { readonly kind: 'restore' };

type KeyOf = (target: Target) => string;

const loweredIn = ({ lowered = {} }: Pick<State, 'lowered'>, key: string): Lowered | undefined => lowered[key];

/** The targets as they are to be while TTLs are lowered. */
export const whileLowered = (targets: readonly Target[], state: Pick<State, 'lowered'>, keyOf: KeyOf): readonly Target[] =>
  state.lowered === undefined
    ? targets
    : targets.map((target) => {
        const lowered = loweredIn(state, keyOf(target));
        return lowered === undefined || (target.ttl !== 'auto' && target.ttl <= lowered.to) ? target : { ...target, ttl: lowered.to };
      });

/** The targets of a round that is to do `ttls`: all of them lowered, or those that were, as they were before. */
export function retimed(targets: readonly Target[], ttls: Ttls | undefined, state: Pick<State, 'lowered'>, keyOf: KeyOf): readonly Target[] {
  switch (ttls?.kind) {
    case undefined:
      return whileLowered(targets, state, keyOf);
    case 'lower':
      return targets.map((target) => (target.ttl !== 'auto' && target.ttl <= ttls.seconds ? target : { ...target, ttl: ttls.seconds }));
    case 'restore':
      return targets.flatMap((target) => {
        const lowered = loweredIn(state, keyOf(target));
        return lowered === undefined ? [] : [target.ttl === 'auto' ? { ...target, ttl: lowered.was } : target];
      });
    default:
      return ttls satisfies never;
  }
}

/** As low as is asked for and the provider takes, and never higher than it is; where the TTL is not ours to choose, or cannot be seen, it stays. `configured`: what the config says of it. */
export function fitted(setting: Setting, current: Current, can: Capabilities, configured: Target['ttl']): Setting {
  const { ttl, ...others } = setting.desired;
  if (ttl === undefined) return setting;
  const there = current.kind === 'found' ? current.set.ttl : undefined;
  const lowest = lowestOf(can, ttl);
  if (lowest !== undefined && there !== undefined && there > lowest) return { ...setting, desired: { ...others, ttl: lowest } };
  return { ...setting, desired: configured === 'auto' ? others : { ...others, ttl: configured } };
}

/** The lowest TTL from `seconds` on that the provider takes; undefined: it decides itself. */
function lowestOf({ ttl }: Capabilities, seconds: number): number | undefined {
  if (ttl === 'fixed') return undefined;
  return ttl.steps?.find((step) => step >= seconds) ?? Math.min(Math.max(seconds, ttl.min), ttl.max);
}

/** Before a write: what the TTLs were. One that was lowered before keeps what it was first. */
export function noted(state: State, steps: readonly Writing[], keyOf: KeyOf, now: Instant): State {
  const lowered: Record<string, Lowered> = { ...state.lowered };
  for (const step of steps) {
    if (step.kind !== 'replace' || step.decision.kind !== 'set') continue;
    const [was, to] = [step.before.ttl, step.decision.desired.ttl];
    if (was === undefined || to === undefined || to >= was) continue;
    const key = keyOf(step.decision.target);
    lowered[key] = { was: lowered[key]?.was ?? was, to, at: now };
  }
  return Object.keys(lowered).length === 0 ? state : { ...state, lowered };
}

/** After a round that put them back: what came true is forgotten. `targets`: as configured. */
export function broughtBack(state: State, outcomes: readonly Outcome[], targets: readonly Target[], keyOf: KeyOf): State {
  const done = new Set(outcomes.flatMap(({ kind, step }) => (kind === 'changed' || kind === 'already' ? [keyOf(step.decision.target)] : [])));
  const auto = new Set(targets.flatMap((target) => (target.ttl === 'auto' ? [keyOf(target)] : [])));
  const remembered = Object.entries(state.targets).map(([key, memory]) => {
    if (!done.has(key) || !auto.has(key) || memory.set === undefined) return [key, memory] as const;
    const { ttl: _, ...set } = memory.set;
    return [key, { ...memory, set }] as const;
  });
  const lowered = Object.fromEntries(Object.entries(state.lowered ?? {}).filter(([key]) => !done.has(key)));
  const { lowered: _, ...rest } = state;
  return { ...rest, targets: Object.fromEntries(remembered), ...(Object.keys(lowered).length === 0 ? {} : { lowered }) };
}
