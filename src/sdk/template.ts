/** Templates such as `https://host/update?name={host}`: what is put into one can never break out of its place. */
import { Fault } from '../core/failure.ts';
import { percentEncode, xmlEncode } from '../core/secret.ts';

export { percentEncode };

/** Where a value is put, which decides how it is written there: percent-encoded, as part of a JSON string, as text of XML, or as it is when it is one line of ASCII. */
export type Place = 'url' | 'form' | 'json' | 'xml' | 'header' | 'text';
export type Values = Readonly<Record<string, string | readonly string[] | undefined>>;

const PLACEHOLDER = /\{([a-zA-Z][a-zA-Z0-9_]*)\}/g;

/** The names of the placeholders in `template`, each once. */
export const placeholders = (template: string): readonly string[] => [...new Set([...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name))];

/**
 * `template` with its placeholders filled. Several values of one placeholder (an array) are joined by `separator`, which is not encoded.
 * In a body, braces around a word that is no placeholder stay as they are. Throws Fault `config` for a placeholder without a value: an empty parameter means "delete" or "use the sender's address" to many services.
 */
export function fill(template: string, values: Values, place: Place, separator = ','): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => {
    const known = Object.hasOwn(values, name);
    if (!known && (place === 'json' || place === 'xml' || place === 'text')) return whole;
    const value = known ? values[name] : undefined;
    if (value === undefined || value === '') {
      throw new Fault({ kind: 'config', detail: `nothing is configured that could be put in place of ${whole}` });
    }
    return typeof value === 'string' ? put(value, place) : value.map((one) => put(one, place)).join(separator);
  });
}

function put(value: string, place: Place): string {
  switch (place) {
    case 'url':
      // Between slashes these two mean another folder, however they are encoded.
      if (value === '.' || value === '..') throw new Fault({ kind: 'config', detail: 'a user name, password or token cannot be nothing but dots' });
      return encode(value);
    case 'form':
      return encode(value);
    case 'json':
      return JSON.stringify(value).slice(1, -1);
    case 'xml':
      return xmlEncode(value);
    case 'header':
    case 'text':
      return oneLine(value);
    default:
      return place satisfies never;
  }
}

/** Some services do not decode the colons of an IPv6 address. */
const encode = (value: string): string => (/^[0-9a-f.:]+$/i.test(value) ? value : percentEncode(value));

/** What may stand in a header or on a line of its own: printable ASCII. Throws Fault `config` without repeating the value. */
export function oneLine(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new Fault({ kind: 'config', detail: 'a user name, password or token holds a line break or another character that cannot be sent in a header' });
  return value;
}
