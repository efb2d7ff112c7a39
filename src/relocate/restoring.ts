/** After a move that is proven: TTLs that `prepare` lowered for it go back to what they were. A box that has not moved since is still waiting for it. */
import type { Config } from '../config/config.ts';
import { attempt } from '../core/failure.ts';
import type { Fqdn } from '../core/name.ts';
import { keyIn } from '../prepared.ts';
import { isOfTtlAlone, readState, type State } from '../recall.ts';
import { type Report, type Request, round } from '../round.ts';
import type { World } from '../world/world.ts';

/** `names`: empty means all. `signal`, `wanted`: as in `Request`. */
export type Restoring = Pick<Request, 'names' | 'signal' | 'wanted' | 'validate'>;

/** Undefined where there is nothing to put back. */
export async function restoreTtls(config: Config, { names, signal, wanted, validate }: Restoring, world: World): Promise<Report | undefined> {
  const moved = await stillLow(config, names, world);
  return moved.length === 0 ? undefined : round(config, world, { dry: false, force: false, names: moved, ttls: { kind: 'restore' }, signal, ...(wanted === undefined ? {} : { wanted }), validate });
}

/** Of these names, or of all where there are none, those that have moved and whose TTLs are low nevertheless, as far as is remembered. */
export async function stillLow(config: Config, names: readonly Fqdn[], world: World): Promise<readonly Fqdn[]> {
  const state = await attempt(() => readState(config.stateFolder, world));
  return state.kind === 'failed' || typeof state.value === 'string' ? [] : movedSinceLowered(config, state.value).filter((name) => names.length === 0 || names.includes(name));
}

/** Names with a TTL that is low, of a family whose address was changed since. */
export function movedSinceLowered(config: Pick<Config, 'targets' | 'accounts'>, { lowered = {}, changes }: Pick<State, 'lowered' | 'changes'>): readonly Fqdn[] {
  const keyOf = keyIn(config);
  const moved = config.targets.filter((target) => {
    const row = lowered[keyOf(target)];
    // What somebody else changed and was put back is no move, nor is a name that is new.
    return row !== undefined && changes.some((change) => change.type === target.type && change.at > row.at && change.why !== 'drift' && change.why !== 'first' && !isOfTtlAlone(change));
  });
  return [...new Set(moved.map(({ name }) => name))];
}
