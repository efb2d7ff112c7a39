/** What an adapter writes its options with: valibot schemas that carry their own description, so that config check, docs and JSON Schema come from one place. */
import * as v from 'valibot';
import { isSecret, type Secret } from '../core/secret.ts';

/** What `metadata` of an option says; `kind` tells how it is written in a config. */
export type OptionFacts = { readonly kind: OptionKind; readonly example?: string };
export type OptionKind = 'secret' | 'secrets' | 'text' | 'url' | 'number' | 'flag' | 'choice' | 'list' | 'map' | 'group';

const facts = (kind: OptionKind, example?: string): OptionFacts => (example === undefined ? { kind } : { kind, example });

/** In a config: text, `{ env }`, `{ file }` or `{ command }`. The adapter sees a Secret. */
export const secret = (description: string) => v.pipe(v.custom<Secret>(isSecret), v.description(description), v.metadata(facts('secret')));

/** Any number of named secrets, such as the values of headers. */
export const secrets = (description: string) => v.pipe(v.record(v.string(), v.custom<Secret>(isSecret)), v.description(description), v.metadata(facts('secrets')));

/** One line of text that is not empty. `pattern` with `must`: what it has to be, as in "must be a zone id of 32 hex digits". */
export const text = (description: string, { pattern, must, example }: { readonly pattern?: RegExp; readonly must?: string; readonly example?: string } = {}) =>
  v.pipe(v.string(), v.nonEmpty('must not be empty'), v.regex(pattern ?? /^/, must ?? `must match ${pattern}`), v.description(description), v.metadata(facts('text', example)));

/** An absolute http or https URL without a user and password in it. */
export const url = (description: string, { example }: { readonly example?: string } = {}) =>
  v.pipe(v.string(), v.check(isUrl, 'must be a URL such as https://host.example/path, without a user or password in it'), v.description(description), v.metadata(facts('url', example)));

/** A whole number from `min` to `max`. */
export const number = (description: string, { min, max }: { readonly min: number; readonly max: number }) =>
  v.pipe(
    v.number(),
    v.integer('must be a whole number'),
    v.minValue(min, `must be from ${min} to ${max}`),
    v.maxValue(max, `must be from ${min} to ${max}`),
    v.description(description),
    v.metadata(facts('number')),
  );

/** `true` or `false`. */
export const flag = (description: string) => v.pipe(v.boolean(), v.description(description), v.metadata(facts('flag')));

/** One of these words. */
export const choice = <const Words extends readonly string[]>(description: string, words: Words) => v.pipe(v.picklist(words), v.description(description), v.metadata(facts('choice')));

/** Texts in order, such as a command and its arguments. */
export const list = (description: string, { example }: { readonly example?: string } = {}) => v.pipe(v.array(v.string()), v.description(description), v.metadata(facts('list', example)));

/** Texts by name. */
export const map = (description: string) => v.pipe(v.record(v.string(), v.string()), v.description(description), v.metadata(facts('map')));

/** Options that belong together, such as the parts of a key. May hold secrets. */
export const group = <const Entries extends v.ObjectEntries>(description: string, entries: Entries) => v.pipe(v.strictObject(entries), v.description(description), v.metadata(facts('group')));

/** The one zone that an account is about, for `zonesOr`. */
export const onlyZone = (example = 'example.com') => v.optional(text('name of the domain, so that not all of the account are listed', { example }));

/** May be left out; with a second argument that is what it is then. */
export { optional } from 'valibot';

function isUrl(value: string): boolean {
  try {
    const { protocol, username, password } = new URL(value);
    return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
  } catch {
    return false;
  }
}

/** One option as docs and `providers ID` show it. */
export type OptionDescription = OptionFacts & {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly default?: unknown;
  /** With `choice`. */
  readonly words?: readonly string[];
  /** With `group`. */
  readonly options?: readonly OptionDescription[];
};

/** The options of a manifest or a group, in the order they are written in. */
export const describeOptions = (entries: v.ObjectEntries): readonly OptionDescription[] => Object.entries(entries).map(([name, schema]) => describeOption(name, schema));

function describeOption(name: string, schema: v.ObjectEntries[string]): OptionDescription {
  const inner = unwrap(schema);
  const metadata = v.getMetadata(inner as v.GenericSchema) as Partial<OptionFacts>;
  const fallback = 'default' in schema ? schema.default : undefined;
  return {
    name,
    kind: metadata.kind ?? 'text',
    description: v.getDescription(inner as v.GenericSchema) ?? '',
    required: inner === schema,
    ...(metadata.example === undefined ? {} : { example: metadata.example }),
    ...(fallback === undefined || typeof fallback === 'function' ? {} : { default: fallback }),
    ...('options' in inner && Array.isArray(inner.options) ? { words: inner.options.map(String) } : {}),
    ...(metadata.kind === 'group' && 'entries' in inner ? { options: describeOptions(inner.entries as v.ObjectEntries) } : {}),
  };
}

/** What an option is, whether or not it may be left out. */
export const unwrap = (schema: v.ObjectEntries[string]): v.ObjectEntries[string] => ('wrapped' in schema ? unwrap(schema.wrapped as v.ObjectEntries[string]) : schema);

/** How this option is written in a config. */
export const kindOf = (schema: v.ObjectEntries[string]): OptionKind => (v.getMetadata(unwrap(schema) as v.GenericSchema) as Partial<OptionFacts>).kind ?? 'text';
