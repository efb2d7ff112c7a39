/** Records of one name and type as one set: for providers that list records but are written set by set. */
import type { HeldRecord } from './operations.ts';
import type { HeldSet } from './record-sets.ts';

/** One set, and the records it is made of. */
export type SetOfRecords<R extends HeldRecord> = HeldSet & { readonly records: readonly R[] };

/** In the order of their first records. The TTL is the lowest, as resolvers treat it; one record that is locked locks its set. */
export function inSets<R extends HeldRecord>(records: readonly R[]): readonly SetOfRecords<R>[] {
  const groups = new Map<string, R[]>();
  for (const record of records) {
    const key = `${record.name.toLowerCase()} ${record.type}`;
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ttls = group.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]));
    const locked = group.find((record) => record.locked !== undefined)?.locked;
    return [
      {
        name: first.name,
        type: first.type,
        values: group.map(({ value }) => value),
        records: group,
        ...(ttls.length === 0 ? {} : { ttl: Math.min(...ttls) }),
        ...(locked === undefined ? {} : { locked: `has a record that ${locked}` }),
      },
    ];
  });
}
