/** Reading and writing zone by zone, with one answer per key and one result per change, in order. */
import { attempt, type Failure, Fault, toFailure } from '../../core/failure.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import type { RecordKey, RecordSet } from '../../core/record.ts';
import type { Zone } from '../provider.ts';
import { unsent } from './batches.ts';
import { inZones, type ZoneFinder } from './zones.ts';

type Found = RecordSet | Failure | undefined;

/** Every key's set, or why it could not be read. Throws Fault when all fail alike. */
export async function readIn(
  finder: ZoneFinder,
  keys: readonly RecordKey[],
  read: (zone: Zone, keys: readonly RecordKey[]) => Promise<ReadonlyMap<RecordKey, Found>>,
): Promise<ReadonlyMap<RecordKey, Found>> {
  const { done, failed } = await inZones(finder, keys, read);
  const found = new Map<RecordKey, Found>(failed);
  for (const { group, result } of done) {
    for (const key of group.keys) found.set(key, result.kind === 'failed' ? result.failure : result.value.get(key));
  }
  const failures = done.flatMap(({ result }) => (result.kind === 'failed' ? [result.failure] : []));
  const [first] = failures;
  if (first && failed.size === 0 && failures.length === done.length && failures.every(({ kind }) => kind === first.kind)) throw new Fault(first);
  return found;
}

/** What `look` says of each key; one that it cannot make sense of does not take the others down. */
export async function eachOfKeys(keys: readonly RecordKey[], look: (key: RecordKey) => RecordSet | undefined): Promise<ReadonlyMap<RecordKey, Found>> {
  const found = new Map<RecordKey, Found>();
  for (const key of keys) {
    const one = await attempt(() => look(key));
    found.set(key, one.kind === 'ok' ? one.value : one.failure);
  }
  return found;
}

/** What `judge` makes of one change; what it cannot make sense of is a failure of that change alone. */
export async function resultBy(judge: () => WriteResult): Promise<WriteResult> {
  const result = await attempt(judge);
  return result.kind === 'ok' ? result.value : { kind: 'failed', failure: result.failure };
}

/** One result per change, in the order of `changes`. Zones are written one after the other; trouble with one does not stop the others, unless it concerns the account. */
export async function writeIn(finder: ZoneFinder, changes: readonly Change[], write: (zone: Zone, changes: readonly Change[]) => Promise<readonly WriteResult[]>): Promise<readonly WriteResult[]> {
  const byKey = new Map(changes.map((change) => [change.key, change]));
  let stopped: Failure | undefined;
  const grouped = await attempt(() =>
    inZones(finder, [...byKey.keys()], async (zone, keys) => {
      const some = keys.flatMap((key) => byKey.get(key) ?? []);
      if (stopped) return new Map(keys.map((key): [RecordKey, WriteResult] => [key, { kind: 'failed', failure: unsent(stopped as Failure) }]));
      const results = await attempt(() => write(zone, some));
      if (results.kind === 'failed') {
        // Nothing was written: the records could not even be read. A refusal is thrown on, because a remembered zone may be the reason.
        if (results.failure.kind === 'refused' || results.failure.kind === 'auth') throw new Fault(results.failure);
        stopped = stopsAll(results.failure) ? results.failure : undefined;
        return new Map(keys.map((key): [RecordKey, WriteResult] => [key, { kind: 'failed', failure: unsent(results.failure) }]));
      }
      stopped = results.value.flatMap((result) => (result.kind === 'failed' && stopsAll(result.failure) ? [result.failure] : []))[0];
      return new Map(some.map((change, at): [RecordKey, WriteResult] => [change.key, results.value[at] ?? { kind: 'failed', failure: toFailure(new Error('a change got no result')) }]));
    }),
  );
  if (grouped.kind === 'failed') return changes.map(() => ({ kind: 'failed', failure: unsent(grouped.failure) }));
  const results = new Map<RecordKey, WriteResult>();
  for (const [key, failure] of grouped.value.failed) results.set(key, { kind: 'failed', failure });
  for (const { group, result } of grouped.value.done) {
    for (const key of group.keys) results.set(key, result.kind === 'failed' ? { kind: 'failed', failure: result.failure } : (result.value.get(key) as WriteResult));
  }
  return changes.map(({ key }) => results.get(key) ?? { kind: 'failed', failure: toFailure(new Error(`${key} got no result`)) });
}

/** `auth` for one zone may be a token that was given other zones only: the next zone is asked. */
const stopsAll = ({ kind }: Failure): boolean => kind === 'network' || kind === 'throttled' || kind === 'unavailable' || kind === 'blocked';
