/** Vendors that know every set by an id, and make, change and remove it in three calls. */
import type { RecordSet } from '../../core/record.ts';
import type { Zone } from '../provider.ts';
import type { HeldSet, RecordSets } from './record-sets.ts';

export type PutById<S extends HeldSet> = {
  readonly create: (zone: Zone, after: RecordSet) => Promise<S | undefined>;
  /** What hangs on the set beside values and TTL must not be lost. `after.ttl` undefined: it stays as it is. */
  readonly change: (zone: Zone, held: S, after: RecordSet) => Promise<S | undefined>;
  /** A set that is gone already is success. */
  readonly remove: (zone: Zone, held: S) => Promise<unknown>;
};

/** `put` of `recordSets` from those calls. */
export const putById = <S extends HeldSet>({ create, change, remove }: PutById<S>): Pick<RecordSets<S>, 'put'> => ({
  async put(zone, { after, held }) {
    if (after.values.length > 0) return held === undefined ? create(zone, after) : change(zone, held, after);
    if (held !== undefined) await remove(zone, held);
    return undefined;
  },
});
