/** Vendors whose one call takes one set or many and does not show them. */
import type { Zone } from '../provider.ts';
import type { Limit } from './batches.ts';
import type { HeldSet, Put, RecordSets } from './record-sets.ts';

/** `put` and `batch` of `recordSets` from that call, which is all or nothing. */
export const manySets = <S extends HeldSet>(limits: readonly Limit<Put<S>>[], change: (zone: Zone, puts: readonly Put<S>[]) => Promise<unknown>): Pick<RecordSets<S>, 'put' | 'batch'> => ({
  async put(zone, put) {
    await change(zone, [put]);
    return undefined;
  },
  batch: {
    limits,
    async send(zone, puts) {
      await change(zone, puts);
      return puts.map(() => undefined);
    },
  },
});
