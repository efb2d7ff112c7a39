/** Which providers a word means, the likeliest first. */
import { describeOptions, type OptionDescription } from '../../sdk/options.ts';
import type { Manifest } from '../../sdk/provider.ts';

/** Those that say the word anywhere, in any letter case. What is no more is found by what it was called, and by nothing else. */
export function search(manifests: readonly Manifest[], word: string): readonly Manifest[] {
  const wanted = word.trim().toLowerCase();
  const ranked = manifests.flatMap((manifest) => {
    const places = placesOf(manifest).slice(0, manifest.absent === undefined ? undefined : NAMES);
    const rank = places.findIndex((is) => is(wanted));
    return rank === -1 ? [] : [{ rank, manifest }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ manifest }) => manifest);
}

/** Best first; the first `NAMES` are about what it is called. */
const placesOf = ({ id, name, vendor = name, also = [], credentials, options }: Manifest): readonly ((wanted: string) => boolean)[] => {
  const says =
    (...texts: readonly string[]) =>
    (wanted: string): boolean =>
      texts.some((text) => text.toLowerCase().includes(wanted));
  const names = [name, vendor, ...also];
  return [
    (wanted) => id === wanted,
    (wanted) => names.some((text) => text.toLowerCase() === wanted),
    (wanted) => id.startsWith(wanted),
    (wanted) => names.some((text) => text.toLowerCase().startsWith(wanted)),
    says(id, name, vendor),
    says(...also),
    (wanted) => says(credentials, ...describeOptions(options).flatMap(textsOf))(wanted),
  ];
};
const NAMES = 6;

const textsOf = ({ name, description, words = [], options = [] }: OptionDescription): readonly string[] => [name, description, ...words, ...options.flatMap(textsOf)];
