/** Providers whose unit is the RRset: read it, put it. The adapter supplies the calls; everything else is here. */
import { type IpAddress, parseAddress } from '../../core/address.ts';
import { attempt, Fault } from '../../core/failure.ts';
import type { Fqdn } from '../../core/name.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import { familyOfType, keyOf, partsOf, type RecordKey, type RecordSet, type RecordType, recordSet } from '../../core/record.ts';
import type { Provider, Tools, Zone } from '../provider.ts';
import { eachOf, type Limit, sendAll } from './batches.ts';
import { allPages, type Page } from './pages.ts';
import { eachOfKeys, readIn, resultBy, writeIn } from './survey.ts';
import { type Zones, zoneFinder } from './zones.ts';

/** One set as the provider holds it. An adapter adds what it needs to see again in `put`, such as an ETag. */
export type HeldSet = {
  /** Full name; letters' case and a final dot do not matter. */
  readonly name: string;
  /** Others than A and AAAA are passed over. */
  readonly type: string;
  readonly values: readonly string[];
  readonly ttl?: number;
  /** Why it must not be touched, as it completes "this record set ...": `is weighted`. Changes to it are refused. */
  readonly locked?: string;
};

/** One set to put: it shall say exactly `after`. `held`: what the last reading showed; undefined: no such set. Empty `after.values`: it shall go. */
export type Put<S extends HeldSet> = { readonly after: RecordSet; readonly held: S | undefined };

/** What is peculiar to one such provider. Give `list` or `get`: a list of the whole zone is preferred where more than `getUpTo` sets are asked for. */
export type RecordSets<S extends HeldSet> = {
  readonly zones: Zones;
  /** One page of the zone's sets. May be narrowed to `keys`, must not leave out any of theirs. */
  readonly list?: (zone: Zone, cursor: string | number | undefined, keys: readonly RecordKey[]) => Promise<Page<S>>;
  /** One set; undefined: there is none. */
  readonly get?: (zone: Zone, key: RecordKey) => Promise<S | undefined>;
  /** With both `list` and `get`: how many sets are cheaper to get one by one. Default 3. */
  readonly getUpTo?: number;
  /** Puts one set. `after.ttl` undefined: `held`'s own, else the provider's default. Resolves with the set as the answer shows it; undefined: it does not show it. Twice is once. */
  readonly put: (zone: Zone, put: Put<S>) => Promise<S | undefined>;
  /** Many sets in one call, all or nothing; the answer has one entry per set, in order. An entry weighs what `limits` say. */
  readonly batch?: { readonly limits: readonly Limit<Put<S>>[]; readonly send: (zone: Zone, puts: readonly Put<S>[]) => Promise<readonly (S | undefined)[]> };
  /** Single calls under way at a time; default 4. */
  readonly concurrency?: number;
};

/** A Provider from those calls. Where a set is no longer what `before` says, the change is a `conflict`: another machine was faster. */
export function recordSets<S extends HeldSet>(tools: Tools, calls: RecordSets<S>): Provider {
  const finder = zoneFinder(tools, calls.zones);
  /** What the last reading of this round showed; forgotten by a write. */
  const held = new Map<RecordKey, readonly S[]>();

  const load = async (zone: Zone, keys: readonly RecordKey[]): Promise<void> => {
    const unknown = keys.filter((key) => !held.has(key));
    if (unknown.length === 0) return;
    const { list, get } = calls;
    const wanted = new Map<RecordKey, S[]>(unknown.map((key) => [key, []]));
    if (get && (list === undefined || unknown.length <= (calls.getUpTo ?? 3))) {
      await eachOf(unknown, calls.concurrency ?? 4, async (key) => {
        const set = await get(zone, key);
        if (set) wanted.get(key)?.push(set);
      });
    } else if (list) {
      for (const set of await allPages(`the zone ${zone.name}`, (cursor) => list(zone, cursor, unknown))) wanted.get(keyOfHeld(set))?.push(set);
    } else throw new TypeError('recordSets needs list or get');
    for (const [key, sets] of wanted) held.set(key, sets);
  };

  const write = async (zone: Zone, changes: readonly Change[]): Promise<readonly WriteResult[]> => {
    await load(
      zone,
      changes.map(({ key }) => key),
    );
    const results = new Map<RecordKey, WriteResult>();
    const due: { readonly key: RecordKey; readonly put: Put<S> }[] = [];
    for (const change of changes) {
      const result = await attempt(() => withoutPut(change, held.get(change.key) ?? []));
      if (result.kind === 'failed') results.set(change.key, result);
      else if (result.value) results.set(change.key, result.value);
      else due.push({ key: change.key, put: { after: change.after, held: held.get(change.key)?.[0] } });
    }
    for (const { key } of due) held.delete(key);
    const { batch } = calls;
    const answers = await sendAll(
      due.map(({ put }) => put),
      { single: (put) => calls.put(zone, put), concurrency: calls.concurrency ?? 4, ...(batch ? { batch: { limits: batch.limits, send: (puts: readonly Put<S>[]) => batch.send(zone, puts) } } : {}) },
    );
    for (const [at, { key, put }] of due.entries()) {
      const answer = answers[at];
      if (answer) results.set(key, answer.kind === 'failed' ? answer : await resultBy(() => resultOf(key, put.after, answer.value)));
    }
    return changes.map(({ key }) => results.get(key) ?? { kind: 'failed', failure: { kind: 'defect', detail: `${key} got no result` } });
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

/** The result of a change that needs no call, or must not be made; undefined: it is due. */
function withoutPut<S extends HeldSet>({ key, before, after }: Change, sets: readonly S[]): WriteResult | undefined {
  const locked = sets.find((set) => set.locked !== undefined)?.locked;
  if (locked !== undefined) return { kind: 'failed', failure: { kind: 'refused', detail: `${after.name} ${after.type} cannot be changed: this record set ${locked}` } };
  const there = setOf(key, sets) ?? recordSet(after, []);
  const same = (other: RecordSet) => other.values.length === there.values.length && other.values.every((value, at) => value === there.values[at]);
  if (same(after) && (after.ttl === undefined || there.ttl === undefined || after.ttl === there.ttl || after.values.length === 0)) return { kind: 'written', stored: there };
  if (before === undefined || same(before)) return undefined;
  const detail = `${after.name} ${after.type} was ${before.values.join(', ') || 'absent'} when it was read and is now ${there.values.join(', ') || 'absent'}: somebody else changed it`;
  return { kind: 'failed', failure: { kind: 'conflict', detail } };
}

/** Written, unless the provider's own answer shows something else than was asked for. */
function resultOf<S extends HeldSet>(key: RecordKey, after: RecordSet, shown: S | undefined): WriteResult {
  if (shown === undefined) return { kind: 'written' };
  const stored = setOf(key, [shown]) ?? recordSet(after, []);
  if (stored.values.length === after.values.length && stored.values.every((value, at) => value === after.values[at])) return { kind: 'written', stored };
  const detail = `${after.name} ${after.type} was to become ${after.values.join(', ')}, but the provider answered that it is ${stored.values.join(', ') || 'absent'}`;
  return { kind: 'failed', failure: { kind: 'gibberish', phase: 'reply', detail } };
}

/** A locked set may hold what is no address (an alias): it is shown with the addresses it has. */
function setOf(key: RecordKey, sets: readonly HeldSet[]): RecordSet | undefined {
  if (sets.length === 0) return undefined;
  const { name, type } = partsOf(key);
  const values = sets.flatMap((set) =>
    set.values.flatMap((text): readonly IpAddress[] => {
      const value = parseAddress(text, familyOfType(type));
      if (value !== undefined) return [value];
      if (set.locked !== undefined) return [];
      throw new Fault({ kind: 'gibberish', detail: `${name} ${type} holds "${text.slice(0, 60)}", which is no such address` });
    }),
  );
  const ttls = sets.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]));
  return recordSet({ name, type }, values, ttls.length === 0 ? undefined : Math.min(...ttls));
}

const keyOfHeld = ({ name, type }: HeldSet): RecordKey => keyOf({ name: name.toLowerCase().replace(/\.$/, '') as Fqdn, type: type as RecordType });
