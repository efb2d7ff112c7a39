/** A call that makes many sets say what they shall, but cannot make one go: such a set is removed record by record. */

import type { Zone } from '../provider.ts';
import { inTurn } from './batches.ts';
import type { HeldSet, Put, RecordSets } from './record-sets.ts';

export type Replacing<S extends HeldSet, R> = {
  /** The most records of one call. */
  readonly most: number;
  /** As `batch` of `RecordSets`; none of the sets is empty. */
  readonly send: (zone: Zone, puts: readonly Put<S>[]) => Promise<readonly (S | undefined)[]>;
  /** The records of a set that shall go. */
  readonly recordsOf: (set: S) => readonly R[];
  /** A record that is gone already is success. */
  readonly remove: (zone: Zone, record: R) => Promise<unknown>;
};

/** `put` and `batch` of `RecordSets` from those calls. */
export const replacing = <S extends HeldSet, R>({ most, send, recordsOf, remove }: Replacing<S, R>): Required<Pick<RecordSets<S>, 'put' | 'batch'>> => ({
  async put(zone, one) {
    if (one.after.values.length > 0) return (await send(zone, [one]))[0];
    const steps = (one.held ? recordsOf(one.held) : []).map((record) => () => remove(zone, record));
    await inTurn(`${one.after.name} ${one.after.type}`, steps);
    return undefined;
  },
  // What is beyond a limit by itself goes alone.
  batch: { limits: [{ most, of: ({ after: { values } }) => (values.length === 0 ? Number.POSITIVE_INFINITY : values.length) }], send },
});
