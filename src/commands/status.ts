/** `status`: what is known, from disk only. Asks nobody. */
import { HANDLING, isPaused, worst } from '../core/failure.ts';
import type { Target } from '../core/record.ts';
import { printSet } from '../core/record.ts';
import { type ChangeMemory, isOfTtlAlone, memoryKey, NOTHING, readState, type State, statePath } from '../recall.ts';
import { openClock } from '../world/clock.ts';
import { type Invocation, readConfig, sayFailure } from './invocation.ts';
import { describeLowered } from './prepared-rows.ts';

export async function status(invocation: Invocation): Promise<number> {
  const config = await readConfig(invocation);
  if (typeof config === 'number') return config;
  const { output } = invocation;
  const path = statePath(config.stateFolder);
  const state = readState(config.stateFolder, invocation);
  if (typeof state === 'string') {
    return sayFailure({ kind: 'state', detail: `${path} is unusable: ${state}; the next round sets it aside and asks for every record anew` }, output);
  }
  const now = openClock().now();
  const rows = config.targets.map((target) => rowOf(target, config.accounts[target.account]?.options['zone'], state, now));
  const exit = worst(rows.map(({ exit }) => exit));
  if (output.json) {
    output.out(JSON.stringify({ version: 1, state: path, network: state.network ?? null, families: state.families, targets: rows, changes: state.changes, exit }, undefined, 2));
    return exit;
  }
  if (state === NOTHING) output.out(`nothing is remembered yet (${path} does not exist)`);
  for (const family of [4, 6] as const) {
    const memory = state.families[family];
    if (memory?.address) output.out(`IPv${family} ${memory.address}${memory.fullAt === undefined ? '' : `, last full ballot ${ago(memory.fullAt, now)}`}`);
  }
  if (state.network) output.out(`network ${state.network.interface}, gateway ${state.network.gateway}${state.network.gatewayMac ? ` (${state.network.gatewayMac})` : ''}`);
  for (const row of rows) output.out(row.text);
  for (const change of state.changes.slice(-5))
    output.out(
      `${new Date(change.at).toISOString()} ${change.name} ${change.type} ${beforeIn(change)}${change.after.join(', ')} (${isOfTtlAlone(change) && change.why === 'moved' ? 'its TTL' : change.why})`,
    );
  return exit;
}

const beforeIn = (change: ChangeMemory): string => (!change.before?.length || isOfTtlAlone(change) ? '' : `${change.before.join(', ')} → `);

type Row = {
  readonly name: string;
  readonly type: string;
  readonly account: string;
  readonly known: 'published' | 'interrupted' | 'unknown';
  readonly values: readonly string[];
  readonly confirmedAt?: number;
  /** Its TTL was lowered for a move; seconds and an ISO date. */
  readonly lowered?: { readonly was: number; readonly to: number; readonly cheapFrom: string; readonly restoring?: true };
  readonly failure?: unknown;
  readonly text: string;
  readonly exit: number;
};

function rowOf(target: Target, zone: unknown, state: State, now: number): Row {
  const key = memoryKey(target, zone);
  const memory = state.targets[key] ?? {};
  const lowered = state.lowered?.[key];
  const [trouble] = [state.accounts[target.account]?.trouble, memory.trouble].flatMap((one) => one ?? []).sort((a, b) => b.notedAt - a.notedAt);
  const known = memory.pending ? 'interrupted' : memory.set ? 'published' : 'unknown';
  const says = memory.set ? printSet(memory.set) : `${target.name} ${target.type}`;
  const text = [
    says,
    known === 'unknown'
      ? 'not published by us yet'
      : known === 'interrupted'
        ? trouble
          ? 'a change is outstanding'
          : 'a change was interrupted; the next round sees to it'
        : `confirmed ${ago(memory.confirmedAt ?? now, now)}`,
    ...(lowered ? [describeLowered(lowered, memory.pending !== undefined, now)] : []),
    ...(trouble
      ? [
          `${trouble.failure.detail}, ${trouble.count === 1 ? '' : `${trouble.count} times `}since ${new Date(trouble.since).toISOString()}${waits(trouble.until, isPaused(trouble, { now, digest: trouble.digest ?? '' }))}`,
        ]
      : []),
  ].join(' - ');
  return {
    name: target.name,
    type: target.type,
    account: target.account,
    known,
    values: memory.set?.values ?? [],
    ...(memory.confirmedAt === undefined ? {} : { confirmedAt: memory.confirmedAt }),
    ...(lowered ? { lowered: { was: lowered.was, to: lowered.to, cheapFrom: new Date(lowered.cheapFrom).toISOString(), ...(lowered.restoring ? { restoring: true } : {}) } } : {}),
    ...(trouble ? { failure: trouble.failure } : {}),
    text,
    exit: trouble ? HANDLING[trouble.failure.kind].exit : 0,
  };
}

const waits = (until: number | 'changed', paused: boolean): string =>
  !paused ? '' : until === 'changed' ? '; paused until the config or secret changes' : `; tried again after ${new Date(until).toISOString()}`;

function ago(then: number, now: number): string {
  const minutes = Math.round((now - then) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 60 * 48 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} days ago`;
}
