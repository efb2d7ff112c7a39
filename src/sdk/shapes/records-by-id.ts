/** Providers that hold one record per value and name each by an id: list, create, update, remove. The adapter supplies the calls; everything else is here. */
import { attempt, Fault } from '../../core/failure.ts';
import type { Fqdn } from '../../core/name.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import { keyOf, type RecordKey, type RecordType } from '../../core/record.ts';
import type { Provider, Tools, Zone } from '../provider.ts';
import { inTurn, type Limit, sendAll } from './batches.ts';
import { type HeldRecord, type NewRecord, type Operation, type Patch, resultOf, setOf, type Work, withoutUpdates, workFor } from './operations.ts';
import { allPages, type Page } from './pages.ts';
import { eachOfKeys, readIn, resultBy, writeIn } from './survey.ts';
import { type Zones, zoneFinder } from './zones.ts';

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
  /** Absent: the vendor cannot change a record. Then a new one is created, with the old one's TTL, before the old one is removed. */
  readonly update?: (zone: Zone, record: R, patch: Patch) => Promise<R | undefined>;
  /** A record that is gone already is success. */
  readonly remove: (zone: Zone, record: R) => Promise<void>;
  /**
   * Many operations in one call, all or nothing; the answer has one entry per operation, in order. `size`: the most operations of one call.
   * `alike`: only operations of which it says the same go into one call; undefined: this one goes alone. Absent: any go together.
   */
  readonly batch?: {
    readonly size: number;
    readonly alike?: (operation: Operation<R>) => string | undefined;
    readonly send: (zone: Zone, operations: readonly Operation<R>[]) => Promise<readonly (R | undefined)[]>;
  };
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
    const works: ReturnType<typeof workFor<R>>[] = [];
    for (const change of changes) {
      const found = await attempt(() => workFor(change, held.get(change.key) ?? []));
      const work = found.kind === 'ok' ? found.value : found;
      works.push('kind' in work || calls.update ? work : withoutUpdates(work));
    }
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
              ...(batch.alike ? { alike: alikeAll(batch.alike) } : {}),
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
    return Promise.all(
      works.map((work): WriteResult | Promise<WriteResult> => {
        if ('kind' in work) return work;
        const answer = byChange.get(work.change);
        return answer?.kind === 'failed' ? answer : resultBy(() => resultOf(work, answer?.value ?? []));
      }),
    );
  };

  return {
    read: (keys) =>
      readIn(finder, keys, async (zone, some) => {
        for (const key of some) held.delete(key);
        await load(zone, some);
        return eachOfKeys(some, (key) => setOf(key, held.get(key) ?? []));
      }),
    write: (changes) => writeIn(finder, changes, write),
  };
}

/** All operations of one change say the same, or it goes alone. */
const alikeAll =
  <R extends HeldRecord>(alike: (operation: Operation<R>) => string | undefined) =>
  ({ operations }: Work<R>): string | undefined => {
    const kinds = new Set(operations.map(alike));
    return kinds.size === 1 ? [...kinds][0] : undefined;
  };

const oneByOne = <R extends HeldRecord>(calls: RecordsById<R>, zone: Zone, { change: { after }, operations }: Work<R>): Promise<readonly (R | undefined)[]> =>
  inTurn(
    `${after.name} ${after.type}`,
    operations.map((operation) => () => one(calls, zone, operation)),
  );

async function one<R extends HeldRecord>(calls: RecordsById<R>, zone: Zone, operation: Operation<R>): Promise<R | undefined> {
  switch (operation.kind) {
    case 'create':
      return calls.create(zone, operation.record);
    case 'update':
      return calls.update?.(zone, operation.record, operation.patch);
    case 'remove':
      await calls.remove(zone, operation.record);
      return undefined;
    default:
      return operation satisfies never;
  }
}

const keyOfHeld = ({ name, type }: HeldRecord): RecordKey => keyOf({ name: name.toLowerCase().replace(/\.$/, '') as Fqdn, type: type as RecordType });
