/** Providers that hold one record per value and name each by an id: list, create, update, remove. The adapter supplies the calls; everything else is here. */
import { type IpAddress, parseAddress } from '../../core/address.ts';
import { type Failure, Fault } from '../../core/failure.ts';
import type { Fqdn } from '../../core/name.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import { familyOfType, keyOf, partsOf, type RecordKey, type RecordSet, type RecordType, recordSet } from '../../core/record.ts';
import type { Provider, Tools, Zone } from '../provider.ts';
import { type Limit, sendAll } from './batches.ts';
import { allPages, type Page } from './pages.ts';
import { readIn, writeIn } from './survey.ts';
import { type Zones, zoneFinder } from './zones.ts';

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
};
export type NewRecord = { readonly name: Fqdn; readonly type: RecordType; readonly value: IpAddress; readonly ttl: number | undefined };
/** What to change; everything left out stays as it is: the call must not lose it. At least one is given. */
export type Patch = { readonly value?: IpAddress; readonly ttl?: number };

export type Operation<R extends HeldRecord> =
  | { readonly kind: 'create'; readonly record: NewRecord }
  | { readonly kind: 'update'; readonly record: R; readonly patch: Patch }
  | { readonly kind: 'remove'; readonly record: R };

/**
 * What is peculiar to one such provider. Every call throws Fault for trouble, as `call` does by itself. A record in an answer is the provider's
 * own word of what it stored; undefined: it does not show it.
 */
export type RecordsById<R extends HeldRecord> = {
  readonly zones: Zones;
  /** One page of the zone's records. May be narrowed to `keys`, must not leave out any record of theirs. Page size: as large as the provider allows. */
  readonly list: (zone: Zone, cursor: string | number | undefined, keys: readonly RecordKey[]) => Promise<Page<R>>;
  /** A refusal because the very same record exists is success: return undefined. */
  readonly create: (zone: Zone, record: NewRecord) => Promise<R | undefined>;
  readonly update: (zone: Zone, record: R, patch: Patch) => Promise<R | undefined>;
  /** A record that is gone already is success. */
  readonly remove: (zone: Zone, record: R) => Promise<void>;
  /** Many operations in one call, all or nothing; the answer has one entry per operation, in order. `size`: the most operations of one call. */
  readonly batch?: { readonly size: number; readonly send: (zone: Zone, operations: readonly Operation<R>[]) => Promise<readonly (R | undefined)[]> };
  /** Single calls under way at a time; default 4. 1 where the provider wants one after the other. */
  readonly concurrency?: number;
};

/**
 * A Provider from those calls. A replaced value becomes an update of its record, so that id, TTL and whatever else hangs on it stay; what
 * `after` does not hold is removed, what is missing created. Nothing else is touched. Where the records are no longer what `before` says,
 * the change is a `conflict`: another machine was faster.
 */
export function recordsById<R extends HeldRecord>(tools: Tools, calls: RecordsById<R>): Provider {
  const finder = zoneFinder(tools, calls.zones);
  /** What the last listing of this round showed; emptied by a write. */
  const held = new Map<RecordKey, readonly R[]>();

  const load = async (zone: Zone, keys: readonly RecordKey[]): Promise<void> => {
    if (keys.every((key) => held.has(key))) return;
    const wanted = new Map<RecordKey, R[]>(keys.map((key) => [key, []]));
    const seen = new Set<string>();
    for (const record of await allPages(`the zone ${zone.name}`, (cursor) => calls.list(zone, cursor, keys))) {
      if (seen.has(record.id)) continue;
      seen.add(record.id);
      wanted.get(keyOfHeld(record))?.push(record);
    }
    for (const [key, records] of wanted) held.set(key, records);
  };

  const write = async (zone: Zone, changes: readonly Change[]): Promise<readonly WriteResult[]> => {
    await load(
      zone,
      changes.map(({ key }) => key),
    );
    const works = changes.map((change) => workFor(change, held.get(change.key) ?? []));
    const due = works.filter((work): work is Work<R> => !('kind' in work) && work.operations.length > 0);
    for (const { change } of due) held.delete(change.key);
    const { batch } = calls;
    const limits: readonly Limit<Work<R>>[] = batch ? [{ most: batch.size, of: ({ operations }) => operations.length }] : [];
    const answers = await sendAll<Work<R>, readonly (R | undefined)[]>(due, {
      single: (work) => oneByOne(calls, zone, work),
      concurrency: calls.concurrency ?? 4,
      ...(batch
        ? {
            batch: {
              limits,
              async send(some) {
                const all = some.flatMap(({ operations }) => operations);
                const records = await batch.send(zone, all);
                if (records.length !== all.length)
                  throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `${zone.name}: a batch of ${all.length} operations was answered with ${records.length}` });
                const left = [...records];
                return some.map(({ operations }) => left.splice(0, operations.length));
              },
            },
          }
        : {}),
    });
    const byChange = new Map(due.map((work, at) => [work.change, answers[at]]));
    return works.map((work): WriteResult => {
      if ('kind' in work) return { kind: 'failed', failure: work.failure };
      const answer = byChange.get(work.change);
      if (answer?.kind === 'failed') return answer;
      return resultOf(work, answer?.value ?? []);
    });
  };

  return {
    read: (keys) =>
      readIn(finder, keys, async (zone, some) => {
        for (const key of some) held.delete(key);
        await load(zone, some);
        return new Map(some.map((key) => [key, setOf(key, held.get(key) ?? [])]));
      }),
    write: (changes) => writeIn(finder, changes, write),
  };
}

/** What one change needs. `kept`: records of the set that stay as they are. */
type Work<R extends HeldRecord> = { readonly change: Change; readonly kept: readonly R[]; readonly operations: readonly Operation<R>[] };

function workFor<R extends HeldRecord>(change: Change, records: readonly R[]): Work<R> | { readonly kind: 'failed'; readonly failure: Failure } {
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

async function oneByOne<R extends HeldRecord>(calls: RecordsById<R>, zone: Zone, { change, operations }: Work<R>): Promise<readonly (R | undefined)[]> {
  const answers: (R | undefined)[] = [];
  for (const operation of operations) {
    try {
      answers.push(await one(calls, zone, operation));
    } catch (thrown) {
      throw answers.length === 0 ? thrown : halfDone(change, answers.length, operations.length, thrown);
    }
  }
  return answers;
}

async function one<R extends HeldRecord>(calls: RecordsById<R>, zone: Zone, operation: Operation<R>): Promise<R | undefined> {
  switch (operation.kind) {
    case 'create':
      return calls.create(zone, operation.record);
    case 'update':
      return calls.update(zone, operation.record, operation.patch);
    case 'remove':
      await calls.remove(zone, operation.record);
      return undefined;
    default:
      return operation satisfies never;
  }
}

/** Part of it has landed, so it must not be called failed. */
function halfDone({ after }: Change, done: number, of: number, thrown: unknown): Fault {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new Fault({ kind: 'gibberish', phase: 'reply', detail: `${after.name} ${after.type}: ${done} of ${of} steps were done, then ${why}` }, { cause: thrown });
}

/** Written, unless the provider's own answer shows something else than was asked for. */
function resultOf<R extends HeldRecord>({ change, kept, operations }: Work<R>, answers: readonly (R | undefined)[]): WriteResult {
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
function setOf(key: RecordKey, records: readonly HeldRecord[]): RecordSet | undefined {
  if (records.length === 0) return undefined;
  const values = records.map((record) => {
    const value = addressIn(record);
    if (value === undefined) throw new Fault({ kind: 'gibberish', detail: `${record.name} ${record.type} holds "${record.value.slice(0, 60)}", which is no such address` });
    return value;
  });
  const ttls = records.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]));
  return recordSet(partsOf(key), values, ttls.length === 0 ? undefined : Math.min(...ttls));
}

const addressIn = ({ type, value }: HeldRecord): IpAddress | undefined => (type === 'A' || type === 'AAAA' ? parseAddress(value, familyOfType(type)) : undefined);

const keyOfHeld = ({ name, type }: HeldRecord): RecordKey => keyOf({ name: name.toLowerCase().replace(/\.$/, '') as Fqdn, type: type as RecordType });
