/** What a server makes up from a wildcard is not at the name itself, and no record of ours to keep or to replace (RFC 4592 section 2.2). */
import { type Fqdn, partsOf, question, type RecordKey, type RecordSet, sameValues, suffixes, TYPE } from '../../sdk/index.ts';
import type { Exchange } from './exchange.ts';
import type { Reply } from './refusal.ts';
import { setAt } from './sets.ts';

/** Nobody has such a name; below a name that exists, the wildcards above it say nothing any more. */
const PROBE = 'no-such-name-for-ddns-update';
const LONGEST_NAME = 253;

/** The keys among `found` whose values come from a wildcard of `zone`. Costs a question per parent, and one more for each that looks so. */
export async function madeUp(exchange: Exchange, zone: string, found: readonly RecordSet[]): Promise<ReadonlySet<RecordSet>> {
  const suspects = found.filter(({ name }) => name !== zone && !name.startsWith('*.') && name.length + PROBE.length < LONGEST_NAME);
  const above = [...new Set(suspects.flatMap(({ name, type }) => wildcardsOver(name, zone).map((star): RecordKey => `${star}/${type}` as RecordKey)))];
  const wildcards = (await asked(exchange, above)).filter((set) => set !== undefined);
  const alike = suspects.filter((set) => wildcards.some((wildcard) => wildcard.type === set.type && sameValues(wildcard, set) && wildcardsOver(set.name, zone).includes(wildcard.name)));
  const below = await asked(
    exchange,
    alike.map(({ name, type }) => `${PROBE}.${name}/${type}` as RecordKey),
  );
  return new Set(
    alike.filter((set, at) => {
      const probe = below[at];
      return probe !== undefined && sameValues(probe, set);
    }),
  );
}

/** `*.` before every parent of `name` down to the zone. */
const wildcardsOver = (name: Fqdn, zone: string): readonly string[] =>
  suffixes(name)
    .slice(1)
    .filter((parent) => parent === zone || parent.endsWith(`.${zone}`))
    .map((parent) => `*.${parent}`);

/** What is answered for each key; undefined: nothing, or no answer. */
async function asked(exchange: Exchange, keys: readonly RecordKey[]): Promise<readonly (RecordSet | undefined)[]> {
  if (keys.length === 0) return [];
  const replies = await exchange.ask(keys.map((key) => question(partsOf(key).name, partsOf(key).type === 'A' ? TYPE.A : TYPE.AAAA)));
  return keys.map((key, at) => {
    const reply = replies[at];
    return reply === undefined || 'kind' in reply ? undefined : setAt(key, (reply satisfies Reply).message.answers);
  });
}
