/** What several places outside say together: open where most of them connect, closed where none does, unknown where they disagree or could not look. */
import type { Seen, Sighting } from '../../core/reach.ts';

/** What was found from one place. `blind`: from there nothing could be learned. `words`: a clause. */
export type Place = { readonly kind: 'open'; readonly seen?: Seen } | { readonly kind: 'closed' | 'blind'; readonly words: string };

/** Claims no more than most of those who answered saw; says so where others saw something else. */
export function together(places: readonly Place[]): Sighting {
  const open = places.filter((place) => place.kind === 'open');
  const closed = places.flatMap((place) => (place.kind === 'closed' ? [place.words] : []));
  const heard = open.length + closed.length;
  if (heard === 0) return { kind: 'unknown', words: counted(places.flatMap((place) => (place.kind === 'blind' ? [place.words] : []))) || 'it had no place to look from' };
  if (open.length === 0) return { kind: 'closed', words: counted(closed) };
  const others = closed.length === 0 ? [] : [`${open.length} of ${heard} places outside ${open.length === 1 ? 'connects' : 'connect'} (from the others: ${counted(closed)})`];
  if (open.length * 2 <= heard) return { kind: 'unknown', words: `only ${others.join()}` };
  const seen = open.flatMap((place) => place.seen ?? []);
  const alike = mostAlike(seen);
  const [first] = alike;
  const besides = seen.filter((one) => !alike.includes(one));
  const words = [...others, ...(besides.length === 0 ? [] : [`${besides.length} of ${seen.length} see something else there`])];
  return { kind: 'open', ...(first === undefined ? {} : { seen: first }), ...(besides.length === 0 ? {} : { besides }), ...(words.length === 0 ? {} : { words: words.join('; ') }) };
}

/** What one place says together with itself. */
export const alone = (place: Place): Sighting => together([place]);

/** The largest group of those that saw the same; of equal ones the first. */
function mostAlike(seen: readonly Seen[]): readonly Seen[] {
  const groups = new Map<string, Seen[]>();
  for (const one of seen) {
    const key = one.kind === 'page' ? `${one.status} ${one.body}` : one.fingerprint256;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].reduce<readonly Seen[]>((most, group) => (group.length > most.length ? group : most), []);
}

/** "connection refused", or "no answer in time (2), connection refused (1)". */
function counted(words: readonly string[]): string {
  const kinds = [...new Set(words)];
  return kinds.length < 2 ? kinds.join() : kinds.map((kind) => `${kind} (${words.filter((one) => one === kind).length})`).join(', ');
}

/** A machine that refuses was reached; one that is silent may be behind a firewall, or not there. The order counts: what names a cause comes before what names a protocol. */
const SIGNS: readonly (readonly [RegExp, Place])[] = [
  [/ECONNREFUSED|connection refused/i, { kind: 'closed', words: 'connection refused' }],
  [/EHOSTUNREACH|no route to host/i, { kind: 'closed', words: 'a router or firewall on the way answers that it cannot be reached' }],
  [/ENETUNREACH|network is unreachable|EADDRNOTAVAIL|EAFNOSUPPORT|address family/i, { kind: 'blind', words: 'from there such an address cannot be reached at all' }],
  [/ECONNRESET|reset by peer|EPROTO|\bSSL\b|\bTLS\b|parse error|malformed HTTP|socket hang up|other side closed|\bEOF\b/i, { kind: 'open' }],
  [/ETIMEDOUT|time[d -]*out|deadline exceeded/i, { kind: 'closed', words: 'no answer in time' }],
];

/** What the words of a failed connection mean, of Node, Go or the C library. Whoever broke off after the connection was there has an open port. */
export const placeOf = (text: string): Place => SIGNS.find(([sign]) => sign.test(text))?.[1] ?? { kind: 'blind', words: text.trim() === '' ? 'it does not say why' : `it says ${excerpt(text)}` };

/** A stranger's words on one line, short, fit for a terminal. */
export function excerpt(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}...` : line);
}
