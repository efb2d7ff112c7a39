/** Providers whose records have no ids and are never changed: they are added and removed by what they say. What is wanted is added first, so that no name stands without an address. */
import type { Provider, Tools, Zone } from '../provider.ts';
import { inTurn } from './batches.ts';
import { byKind, type HeldRecord, type Operation } from './operations.ts';
import { type RecordsById, recordsById } from './records-by-id.ts';

/** One record to add. `replaces`: it takes the place of this one, which is removed afterwards unless only the TTL is new; what hangs on it shall go over. */
export type Added<R extends HeldRecord> = { readonly name: string; readonly type: string; readonly value: string; readonly ttl: number | undefined; readonly replaces?: R };

/** What is peculiar to one such provider. At most `size` records are given at a time; what one call does is all or nothing. */
export type RecordsByValue<R extends HeldRecord> = Pick<RecordsById<R>, 'zones' | 'list'> & {
  /** A record that is there already is success; it gets the new TTL. */
  readonly add: (zone: Zone, records: readonly Added<R>[]) => Promise<unknown>;
  /** A record that is gone already is success. */
  readonly remove: (zone: Zone, records: readonly R[]) => Promise<unknown>;
  /** The most records of one call. */
  readonly size: number;
};

/** A Provider from those calls, one call at a time. */
export function recordsByValue<R extends HeldRecord>(tools: Tools, { zones, list, add, remove, size }: RecordsByValue<R>): Provider {
  const send = async (zone: Zone, operations: readonly Operation<R>[]): Promise<readonly undefined[]> => {
    const { created, updated, removed } = byKind(operations);
    const changed = updated.map(({ record, patch }): Added<R> => {
      const { name, type, value, ttl } = record;
      return { name, type, value: patch.value ?? value, ttl: patch.ttl ?? ttl, replaces: record };
    });
    const added = [...created, ...changed];
    const gone = [...removed, ...updated.flatMap(({ record, patch }) => (patch.value === undefined ? [] : [record]))];
    await inTurn(zone.name, [added.length > 0 && (() => add(zone, added)), gone.length > 0 && (() => remove(zone, gone))]);
    return operations.map(() => undefined);
  };
  return recordsById<R>(tools, {
    zones,
    list,
    create: async (zone, record) => (await send(zone, [{ kind: 'create', record }]))[0],
    update: async (zone, record, patch) => (await send(zone, [{ kind: 'update', record, patch }]))[0],
    remove: async (zone, record) => void (await send(zone, [{ kind: 'remove', record }])),
    ...(size > 1 ? { batch: { size, send } } : {}),
    concurrency: 1,
  });
}
