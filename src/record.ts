/** Writes the memory: `conf` keeps the file, our own file writing puts it on disk. Loaded only when there is something to write. */
import { Fault, isFault } from './core/failure.ts';
import type { Instant } from './core/record.ts';
import { type State, statePath } from './recall.ts';
import type { World } from './world/world.ts';

export type Remembering = {
  /** As last saved. */
  readonly state: State;
  /** Stores `next` before it returns; does nothing when it says the same. Throws Fault `state`; the file then still holds what it held. */
  readonly save: (next: State) => void;
};

const CHANGES_KEPT = 200;
/** A record taken out of the config for a while is not forgotten at once: which of a name's values are ours is known nowhere else. */
const UNUSED_KEPT_MS = 90 * 24 * 3_600_000;

/** What of `conf` is used. Its own types hide the method that writes, which is the one that has to be ours. */
declare class OpenConf {
  constructor(options: object);
  get store(): Record<string, unknown>;
  set store(next: Record<string, unknown>);
  _write(store: Record<string, unknown>): void;
  _ensureDirectory(): void;
}

/** Ready to write to `folder`, which is created if need be. `state`: as just read from there, under the lock. */
export async function openState(folder: string, state: State, world: Pick<World, 'files'>): Promise<Remembering> {
  const { files } = world;
  const Conf = (await import('conf')).default as unknown as typeof OpenConf;
  let saved = state;

  /** conf's own writing takes a short write on a full disk for a whole one. */
  class StateFile extends Conf {
    override _write(store: Record<string, unknown>): void {
      files.write(statePath(folder), printState(store), { mode: 0o600 });
    }
    override _ensureDirectory(): void {
      files.folder(folder, { mode: 0o700 });
    }
    override get store(): Record<string, unknown> {
      return { ...saved };
    }
    override set store(next: Record<string, unknown>) {
      super.store = next;
    }
  }

  const file = new StateFile({ cwd: folder, configName: 'state', configFileMode: 0o600, clearInvalidConfig: false, accessPropertiesByDotNotation: false });
  return {
    get state() {
      return saved;
    },
    save(next) {
      const tidy: State = { ...next, changes: next.changes.slice(-CHANGES_KEPT) };
      if (printState(tidy) === printState(saved)) return;
      try {
        file.store = { ...tidy };
      } catch (thrown) {
        if (isFault(thrown) || !(thrown instanceof Error && 'code' in thrown)) throw thrown;
        throw new Fault({ kind: 'state', detail: `cannot write ${statePath(folder)}: ${thrown.message}` }, { cause: thrown });
      }
      saved = tidy;
    },
  };
}

/** The same state is the same bytes, whatever the order in which it came about. */
export const printState = (state: object): string => `${JSON.stringify(sorted(state), undefined, 1)}\n`;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** What the config no longer names is forgotten after 90 days, but never while a write may still be under way. `targets`: memory keys; `accounts`: names. */
export function prune(state: State, configured: { readonly targets: ReadonlySet<string>; readonly accounts: ReadonlySet<string> }, now: Instant): State {
  const targets = Object.entries(state.targets).filter(([key, { pending, confirmedAt }]) => configured.targets.has(key) || pending !== undefined || now - (confirmedAt ?? 0) < UNUSED_KEPT_MS);
  const accounts = Object.entries(state.accounts).filter(([name]) => configured.accounts.has(name) || targets.some(([key]) => key.startsWith(`${name} `)));
  const { lowered: rows = {}, ...rest } = state;
  const kept = new Set(targets.map(([key]) => key));
  const lowered = Object.entries(rows).filter(([key]) => configured.targets.has(key) || kept.has(key));
  if (targets.length === Object.keys(state.targets).length && accounts.length === Object.keys(state.accounts).length && lowered.length === Object.keys(rows).length) return state;
  return { ...rest, targets: Object.fromEntries(targets), accounts: Object.fromEntries(accounts), ...(lowered.length === 0 ? {} : { lowered: Object.fromEntries(lowered) }) };
}
