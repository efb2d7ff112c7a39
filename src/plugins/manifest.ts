/** Is what a package exports a manifest? It was compiled against some copy of the SDK, or against none, so nothing is taken for granted. */
import type { Manifest } from '../sdk/provider.ts';

/** The version of the provider interface that this program speaks. */
const API = 1;

export type Checked = { readonly kind: 'manifest'; readonly manifest: Manifest } | { readonly kind: 'problems'; readonly problems: readonly string[] };

/** `exported`: what the module exports by default. Problems complete "the package x ...". */
export function checkManifest(exported: unknown): Checked {
  if (!isMapping(exported) || !('api' in exported)) return { kind: 'problems', problems: ['exports no manifest: its default export must be what defineProvider of ddns-update/sdk returns'] };
  const { api } = exported;
  if (api !== API) {
    const cure = typeof api === 'number' && api > API ? 'update ddns-update' : 'update the package';
    return { kind: 'problems', problems: [`speaks version ${JSON.stringify(api)} of the provider interface, and this ddns-update speaks version ${API}: ${cure}`] };
  }
  // Read once: what is looked at here is what is used.
  const parts = Object.fromEntries(RULES.map(([key]) => [key, exported[key]]).filter(([, value]) => value !== undefined));
  const problems = RULES.flatMap(([key, must, holds]) => (holds(parts[key]) ? [] : [`has a manifest whose "${key}" must be ${must}`]));
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'manifest', manifest: { ...parts, api: API } as unknown as Manifest };
}

type Rule = readonly [key: keyof Manifest, must: string, holds: (value: unknown) => boolean];

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const orAbsent =
  (holds: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || holds(value);

/** A schema of valibot, by shape. */
const isOption = (value: unknown): boolean => isMapping(value) && value['kind'] === 'schema' && isFunction(value['~run']);

/** By shape; `can` may also be a function, whose answer is looked at when it is given. */
export function areCapabilities(can: unknown): boolean {
  if (!isMapping(can)) return false;
  const { families, readable, wildcard, apex, values, ttl } = can;
  return (
    Array.isArray(families) &&
    families.length > 0 &&
    families.every((family) => family === 4 || family === 6) &&
    [readable, wildcard, apex].every((flag) => typeof flag === 'boolean') &&
    (values === 'one' || values === 'many') &&
    (ttl === 'fixed' || (isMapping(ttl) && [ttl['min'], ttl['max'], ttl['initial']].every((seconds) => typeof seconds === 'number')))
  );
}

export const CAPABILITIES = 'what the provider can do: families, readable, wildcard, apex, values and ttl';

const RULES: readonly Rule[] = [
  ['id', 'text', isText],
  ['name', 'text', isText],
  ['reference', 'the address of a page', isText],
  ['checked', 'a day such as 2026-11-22', (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)],
  ['evidence', 'official, documented or unverified', (value) => ['official', 'documented', 'unverified'].includes(String(value))],
  ['unverified', 'a list of sentences', orAbsent(areTexts)],
  ['also', 'a list of words', orAbsent(areTexts)],
  ['vendor', 'text', orAbsent(isText)],
  ['warnings', 'a list of sentences', orAbsent(areTexts)],
  ['absent', 'a sentence', orAbsent(isText)],
  ['rate', 'a mapping such as { requests: 100, windowSeconds: 60 }', orAbsent(isMapping)],
  ['can', `${CAPABILITIES}; or a function that tells`, (value) => isFunction(value) || areCapabilities(value)],
  [
    'options',
    'a mapping of names to options, each made by text(), secret() and their like of ddns-update/sdk, none of them called provider',
    (value) => isMapping(value) && Object.values(value).every(isOption) && !('provider' in value),
  ],
  ['problems', 'a function', orAbsent(isFunction)],
  ['environment', 'a mapping of options to lists of variables', orAbsent((value) => isMapping(value) && Object.values(value).every(areTexts))],
  ['example', 'a mapping of options to values', orAbsent(isMapping)],
  ['exampleName', 'a name', orAbsent(isText)],
  ['credentials', 'sentences that say how to get a token', isText],
  ['open', 'a function', isFunction],
];
