/** What a part of the config looks like: one value that both reads it, with every problem at once, and describes itself as JSON Schema. */
import { inside, type Place, type Report } from './place.ts';
import { didYouMean } from './suggest.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/** `read` returns undefined when it has reported why. */
export type Shape<T> = { readonly read: (value: unknown, place: Place, report: Report) => T | undefined; readonly schema: JsonSchema };
export type Entry<T = unknown> = Shape<T> & { readonly required: boolean };
export type Entries = { readonly [key: string]: Entry };
export type Read<S> = S extends Shape<infer T> ? T : never;
/** A part that could not be read is absent, as one that was left out: its problem has been reported. */
export type ReadEntries<E extends Entries> = { readonly [K in keyof E]?: Read<E[K]> | undefined };

export const required = <T>(description: string, shape: Shape<T>): Entry<T> => ({ ...shape, schema: { description, ...shape.schema }, required: true });
export const optional = <T>(description: string, shape: Shape<T>): Entry<T> => ({ ...shape, schema: { description, ...shape.schema }, required: false });
/** Known by name, and refused with this sentence. */
export const refused = (sentence: string): Entry<never> => ({ read: refuse(sentence), schema: { not: {} }, required: false });

const refuse =
  (sentence: string): Shape<never>['read'] =>
  (_, place, report) => {
    report(place, sentence);
    return undefined;
  };

export type Refusal = { readonly problem: string };

const isRefusal = (parsed: unknown): parsed is Refusal => typeof parsed === 'object' && parsed !== null && 'problem' in parsed;

/** What `parse` makes of a text, or its problem. */
export const text = <P>(parse: (written: string) => P, hints: JsonSchema = {}): Shape<Exclude<P, Refusal>> => ({
  read: (value, place, report) => {
    if (typeof value !== 'string') return wrong(value, 'text', place, report);
    const parsed = parse(value);
    if (!isRefusal(parsed)) return parsed as Exclude<P, Refusal>;
    report(place, parsed.problem);
    return undefined;
  },
  schema: { type: 'string', ...hints },
});

/** Text as it is, not empty. */
export const anyText = text((written): string | Refusal => (written === '' ? { problem: 'must not be empty' } : written), { minLength: 1 });

export const word = <const W extends string>(words: readonly W[]): Shape<W> =>
  text((written): W | Refusal => words.find((known) => known === written) ?? { problem: `"${written}" is not one of ${words.join(', ')}${didYouMean(written, words)}` }, { enum: words });

export const whole = (min: number, max: number, unit = 'a whole number'): Shape<number> => ({
  read: (value, place, report) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    report(place, typeof value === 'number' ? `must be ${unit} from ${min} to ${max}, not ${value}` : `must be ${unit} from ${min} to ${max}, not ${nameOf(value)}${asNumber(value)}`);
    return undefined;
  },
  schema: { type: 'integer', minimum: min, maximum: max },
});

export const flag: Shape<boolean> = { read: (value, place, report) => (typeof value === 'boolean' ? value : wrong(value, 'true or false', place, report)), schema: { type: 'boolean' } };

/** All that could be read; those that could not are left out. */
export const list = <T>(item: Shape<T>, { atLeast = 0 }: { readonly atLeast?: number } = {}): Shape<readonly T[]> => ({
  read: (value, place, report) => {
    if (!Array.isArray(value)) return wrong(value, 'a list', place, report);
    if (value.length < atLeast) report(place, 'must not be empty');
    const found: T[] = [];
    for (let at = 0; at < value.length; at++) {
      const read = item.read(value[at], inside(place, at), report);
      if (read !== undefined) found.push(read);
    }
    return found;
  },
  schema: { type: 'array', items: item.schema, ...(atLeast > 0 ? { minItems: atLeast } : {}) },
});

/** Known keys only. */
export function object<const E extends Entries>(entries: E): Shape<ReadEntries<E>> {
  const known = new Map(Object.entries(entries));
  const needed = [...known].filter(([, entry]) => entry.required).map(([key]) => key);
  const taken = [...known].filter(([key, { schema }]) => !key.startsWith('$') && !('not' in schema)).map(([key]) => key);
  return {
    read: (value, place, report) => {
      if (!isMapping(value)) return wrong(value, 'a mapping of keys to values', place, report);
      const found: Record<string, unknown> = {};
      for (const key of Object.keys(value)) {
        const entry = known.get(key);
        if (entry === undefined) report(inside(place, key), `is not known here${didYouMean(key, known.keys()) || `; known are ${taken.join(', ')}`}`);
        else found[key] = entry.read(value[key], inside(place, key), report);
      }
      for (const key of needed) if (!Object.hasOwn(value, key)) report(place, `"${key}" is missing`);
      return found as ReadEntries<E>;
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries([...known].map(([key, { schema }]) => [key, schema])),
      ...(needed.length > 0 ? { required: needed } : {}),
      additionalProperties: false,
    },
  };
}

/** Any names, one shape. */
export const mapping = <T>(name: { readonly pattern: RegExp; readonly must: string }, shape: Shape<T>): Shape<ReadonlyMap<string, T>> => ({
  read: (value, place, report) => {
    if (!isMapping(value)) return wrong(value, 'a mapping of names to values', place, report);
    const found = new Map<string, T>();
    for (const key of Object.keys(value)) {
      if (!name.pattern.test(key)) report(inside(place, key), name.must);
      const read = shape.read(value[key], inside(place, key), report);
      if (read !== undefined) found.set(key, read);
    }
    return found;
  },
  schema: { type: 'object', additionalProperties: shape.schema },
});

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

/** Never shows the value: it may be a secret that slipped. */
export function wrong(value: unknown, wanted: string, place: Place, report: Report): undefined {
  report(place, `must be ${wanted}, not ${nameOf(value)}${wanted === 'text' && typeof value === 'number' ? '; write it in quotes' : ''}`);
  return undefined;
}

/** What sort of value this is, for people. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return value instanceof Date ? 'a date' : 'a mapping';
  }
}

const asNumber = (value: unknown): string => (typeof value === 'string' && /^\d+$/.test(value) ? ' (leave out the quotes)' : '');
