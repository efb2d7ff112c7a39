/** Which providers a word means, the likeliest first. */
import { describeOptions, type OptionDescription } from '../sdk/options.ts';
import type { Manifest } from '../sdk/provider.ts';

/** Letters and digits alone, lower-case: how names are compared. */
export const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** Those that are called so: by id, else by a name of their own, else by their vendor's; a host name also without its last part. */
export function called(manifests: readonly Manifest[], word: string): readonly Manifest[] {
  const wanted = plain(word);
  const ways = [({ id }: Manifest) => [id], ({ name, also = [] }: Manifest) => [name, ...also], ({ vendor = '' }: Manifest) => [vendor]];
  for (const names of ways) {
    const found = manifests.filter((manifest) => names(manifest).some((text) => plain(text) === wanted));
    if (found.length > 0) return found;
  }
  const shorter = withoutEnd(word);
  return shorter === undefined ? [] : called(manifests, shorter);
}

/**
 * Those that say the word, in any letter case and punctuation: `hosting.de`, `hostingde`. What is no more is found by what it was called, and by nothing else.
 * A host name that nobody is known by is looked for without its last part.
 */
export function search(manifests: readonly Manifest[], word: string): readonly Manifest[] {
  const found = saying(manifests, word, undefined);
  const shorter = withoutEnd(word);
  return found.length > 0 || shorter === undefined ? found : saying(manifests, shorter, BEGINNINGS);
}

/** `most`: how many of the places are looked at. */
function saying(manifests: readonly Manifest[], word: string, most: number | undefined): readonly Manifest[] {
  const wanted = plain(word);
  if (wanted === '') return [];
  const ranked = manifests.flatMap((manifest) => {
    const places = placesOf(manifest).slice(0, most ?? (manifest.absent === undefined ? undefined : NAMES));
    const rank = places.findIndex((is) => is(wanted, word));
    return rank === -1 ? [] : [{ rank, manifest }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ manifest }) => manifest);
}

/** Best first; the first `NAMES` are about what it is called, the first `BEGINNINGS` about how that begins. */
const placesOf = ({ id, name, vendor = name, also = [], credentials, options }: Manifest): readonly ((wanted: string, word: string) => boolean)[] => {
  const names = [name, vendor, ...also];
  // Short words stand in the middle of too many others.
  const within =
    (...texts: readonly string[]) =>
    (wanted: string): boolean =>
      wanted.length >= 4 && texts.some((text) => plain(text).includes(wanted));
  return [
    (wanted) => plain(id) === wanted,
    (wanted) => names.some((text) => plain(text) === wanted),
    (wanted) => plain(id).startsWith(wanted),
    (wanted) => names.some((text) => beginnings(text).some((beginning) => beginning.startsWith(wanted))),
    within(id, name, vendor),
    within(...also),
    (wanted, word) => wanted.length >= 4 && [credentials, ...describeOptions(options).flatMap(textsOf)].some((text) => ` ${spaced(text)}`.includes(` ${spaced(word)}`)),
  ];
};
const NAMES = 6;
const BEGINNINGS = 4;

/** `dtdns.com`: `dtdns`. */
const withoutEnd = (word: string): string | undefined => /^(.{3,})\.[a-z]{2,8}$/i.exec(word.trim())?.[1];

/** Words with one space between them. */
const spaced = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The text from each of its words on. */
const beginnings = (text: string): readonly string[] => [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ index }) => plain(text.slice(index)));

const textsOf = ({ name, description, words = [], options = [] }: OptionDescription): readonly string[] => [name, description, ...words, ...options.flatMap(textsOf)];
