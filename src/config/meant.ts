/** Who is meant by a provider that is not known by that id: other programs, and the vendors themselves, call it something else. */
import type { Manifest } from '../sdk/provider.ts';
import { called, plain, search } from './search.ts';
import { closest } from './suggest.ts';

/** What to say of `typed`, as it completes `"typed" is not a provider we know`: its id here, why it cannot be used, or where to look. */
export function meant(typed: string, known: readonly Manifest[]): string {
  const same = called(known, typed);
  const alive = same.filter(({ absent }) => absent === undefined);
  const [one] = alive;
  if (one !== undefined && plain(one.id) === plain(typed)) return `; did you mean "${one.id}"?`;
  if (one !== undefined) return alive.length === 1 ? `; here it is called "${one.id}"` : `; it may be ${either(alive)}`;
  const gone = same[0]?.absent;
  if (gone !== undefined) return `: ${gone}`;
  const names = new Map(known.flatMap(({ id, name, also = [] }) => [id, name, ...also].map((text) => [text.toLowerCase(), id] as const)));
  const close = closest(typed, names.keys());
  const id = close === undefined ? undefined : names.get(close);
  if (id !== undefined) return `; did you mean "${id}"?; ddns-update providers lists them`;
  if (/^[\w.-]{2,40}$/.test(typed) && search(known, typed).length > 0) return `; ddns-update providers ${typed} finds those that may be meant`;
  return `; ddns-update providers lists them. ${OTHERS}`;
}

/** What is left to whoever has a service that nobody knows. */
export const OTHERS = 'Any service with an update URL can be used with http, any that speaks dyndns2 with dyndns2';

const either = (manifests: readonly Manifest[]): string => manifests.map(({ id }) => `"${id}"`).join(' or ');
