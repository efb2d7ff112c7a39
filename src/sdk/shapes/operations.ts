/** Which records must be created, updated and removed so that a set says what it shall. Pure. */
import { type IpAddress, parseAddress } from '../../core/address.ts';
import { type Failure, Fault } from '../../core/failure.ts';
import type { Fqdn } from '../../core/name.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import { familyOfType, partsOf, type RecordKey, type RecordSet, type RecordType, recordSet } from '../../core/record.ts';

/** One record as the provider holds it. An adapter adds what it needs to see again in `update`, such as a proxied flag. */
export type HeldRecord = {
  readonly id: string;
  /** Full name; letters' case and a final dot do not matter. Relative names must be completed by the adapter. */
  readonly name: string;
  /** As the provider writes it; others than A and AAAA are passed over. */
  readonly type: string;
  readonly value: string;
  /** Seconds; absent: the provider tells none. */
  readonly ttl?: number;
  /** Why it must not be touched, as it completes "this record ...": `is made by a tunnel`. Changes that need to are refused. */
  readonly locked?: string;
  /** Visitors are told other addresses than this one: those of a proxy. */
  readonly proxied?: boolean;
};
export type NewRecord = { readonly name: Fqdn; readonly type: RecordType; readonly value: IpAddress; readonly ttl: number | undefined };
/** What to change; everything left out stays as it is: the call must not lose it. At least one is given. */
export type Patch = { readonly value?: IpAddress; readonly ttl?: number };

export type Operation<R extends HeldRecord> =
  | { readonly kind: 'create'; readonly record: NewRecord }
  | { readonly kind: 'update'; readonly record: R; readonly patch: Patch }
  | { readonly kind: 'remove'; readonly record: R };

/** Operations of a batch by what is to be done, for calls that take them apart. */
export function byKind<R extends HeldRecord>(
  operations: readonly Operation<R>[],
): { readonly created: readonly NewRecord[]; readonly updated: readonly Extract<Operation<R>, { kind: 'update' }>[]; readonly removed: readonly R[] } {
  return {
    created: operations.flatMap((one) => (one.kind === 'create' ? [one.record] : [])),
    updated: operations.flatMap((one) => (one.kind === 'update' ? [one] : [])),
    removed: operations.flatMap((one) => (one.kind === 'remove' ? [one.record] : [])),
  };
}

/** What one change needs. `kept`: records of the set that stay as they are. */
export type Work<R extends HeldRecord> = { readonly change: Change; readonly kept: readonly R[]; readonly operations: readonly Operation<R>[] };

/** The operations of one change over the records that are there; or why it must not be made. None: it is so already. */
export function workFor<R extends HeldRecord>(change: Change, records: readonly R[]): Work<R> | { readonly kind: 'failed'; readonly failure: Failure } {
  const { key, before, after } = change;
  const there = setOf(key, records) ?? recordSet(after, []);
  // A TTL that the set has already is not sent again: records of one set may differ, and a provider may hold an automatic one.
  const ttl = after.ttl !== undefined && after.ttl !== there.ttl ? after.ttl : undefined;
  const missing = after.values.filter((value) => !there.values.includes(value));
  const kept: R[] = [];
  const extra: R[] = [];
  for (const record of records) {
    const wanted = after.values.some((value) => value === addressIn(record) && !kept.some((one) => addressIn(one) === value));
    (wanted ? kept : extra).push(record);
  }
  const operations: Operation<R>[] = [];
  const untouched = ttl === undefined ? kept : kept.filter((record) => record.ttl === ttl);
  for (const record of kept) if (ttl !== undefined && record.ttl !== ttl) operations.push({ kind: 'update', record, patch: { ttl } });
  for (const [at, value] of missing.entries()) {
    const record = extra[at];
    if (record) operations.push({ kind: 'update', record, patch: { value, ...(ttl === undefined ? {} : { ttl }) } });
    else operations.push({ kind: 'create', record: { name: after.name, type: after.type, value, ttl: after.ttl } });
  }
  for (const record of extra.slice(missing.length)) operations.push({ kind: 'remove', record });
  if (operations.length > 0 && before !== undefined && !(before.values.length === there.values.length && before.values.every((value) => there.values.includes(value)))) {
    const detail = `${after.name} ${after.type} was ${before.values.join(', ') || 'absent'} when it was read and is now ${there.values.join(', ') || 'absent'}: somebody else changed it`;
    return { kind: 'failed', failure: { kind: 'conflict', detail } };
  }
  const locked = operations.flatMap((operation) => (operation.kind === 'create' ? [] : [operation.record.locked ?? []].flat()))[0];
  if (locked !== undefined) return { kind: 'failed', failure: { kind: 'refused', detail: `${after.name} ${after.type} cannot be changed: this record ${locked}` } };
  return { change, kept: untouched, operations };
}

/** The same for a vendor that cannot change a record: a new one is created, then the old one removed, so that the name is never without. */
export const withoutUpdates = <R extends HeldRecord>(work: Work<R>): Work<R> => ({
  ...work,
  operations: work.operations.flatMap((operation): readonly Operation<R>[] => {
    if (operation.kind !== 'update') return [operation];
    const { record, patch } = operation;
    const { name, type } = work.change.after;
    const value = patch.value ?? addressIn(record);
    if (value === undefined) return [operation];
    return [
      { kind: 'create', record: { name, type, value, ttl: patch.ttl ?? record.ttl } },
      { kind: 'remove', record },
    ];
  }),
});

/** Written, unless the provider's own answer shows something else than was asked for. */
export function resultOf<R extends HeldRecord>({ change, kept, operations }: Work<R>, answers: readonly (R | undefined)[]): WriteResult {
  const shown = operations.flatMap((operation, at) => (operation.kind === 'remove' ? [] : [answers[at]]));
  if (shown.some((record) => record === undefined)) return { kind: 'written' };
  const stored = setOf(change.key, [...kept, ...(shown as readonly R[])]) ?? recordSet(change.after, []);
  if (stored.values.length !== change.after.values.length || stored.values.some((value, at) => value !== change.after.values[at])) {
    const detail = `${change.after.name} ${change.after.type} was to become ${change.after.values.join(', ')}, but the provider answered that it is ${stored.values.join(', ') || 'absent'}`;
    return { kind: 'failed', failure: { kind: 'gibberish', phase: 'reply', detail } };
  }
  return { kind: 'written', stored };
}

/** The set of some records of one key; its TTL is the lowest, as resolvers treat it. Undefined: there is none. */
export function setOf(key: RecordKey, records: readonly HeldRecord[]): RecordSet | undefined {
  if (records.length === 0) return undefined;
  const values = records.map((record) => {
    const value = addressIn(record);
    if (value === undefined) throw new Fault({ kind: 'gibberish', detail: `${record.name} ${record.type} holds "${record.value.slice(0, 60)}", which is no such address` });
    return value;
  });
  const ttls = records.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]));
  const set = recordSet(partsOf(key), values, ttls.length === 0 ? undefined : Math.min(...ttls));
  return records.some(({ proxied }) => proxied) ? { ...set, proxied: true } : set;
}

const addressIn = ({ type, value }: HeldRecord): IpAddress | undefined => (type === 'A' || type === 'AAAA' ? parseAddress(value, familyOfType(type)) : undefined);
