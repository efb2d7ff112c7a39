/** Where in a config something stands: the keys that lead to it. */

/** `['records', 3, 'ttl']`. */
export type Keys = readonly (string | number)[];

/** A place as a chain, so that walking a thousand records builds no text. Undefined: the whole config. */
export type Place = { readonly parent: Place; readonly key: string | number } | undefined;

export const inside = (parent: Place, key: string | number): Place => ({ parent, key });

export const placeAt = (keys: Keys): Place => keys.reduce<Place>(inside, undefined);

export function keysOf(place: Place): Keys {
  const keys: (string | number)[] = [];
  for (let at = place; at !== undefined; at = at.parent) keys.push(at.key);
  return keys.reverse();
}

/** `records[3].ttl`, `accounts["my box"].token`. */
export const printKeys = (keys: Keys): string =>
  keys.map((key, at) => (typeof key === 'number' ? `[${key}]` : /^[\p{L}\p{N}_$-]+$/u.test(key) ? `${at === 0 ? '' : '.'}${key}` : `[${JSON.stringify(key)}]`)).join('');

/** Takes every problem as it is found. Without a severity it is an error. `help`: how to cure it, a line each, for whoever has the time to read. */
export type Report = (place: Place, message: string, severity?: 'error' | 'warning', help?: readonly string[]) => void;
