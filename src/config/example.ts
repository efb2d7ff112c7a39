/** How a provider is written into a config and on a command line: an example that the config check accepts. */
import { describeOptions, type OptionDescription } from '../sdk/options.ts';
import type { Manifest } from '../sdk/provider.ts';

/** A config, as lines of YAML, that `check` finds nothing wrong with, but that the secrets are not there. */
export function example(manifest: Manifest): readonly string[] {
  // The owner of a package is no part of the account's name.
  const account = manifest.id.replace(/^@[^/]*\//, '');
  return [
    'records:',
    `  - name: ${manifest.exampleName ?? 'home.example.com'}`,
    ...familiesIn(manifest),
    'accounts:',
    `  ${inline(account)}:`,
    `    provider: ${inline(manifest.id)}`,
    ...Object.entries(exampleOptions(manifest)).map(([key, value]) => `    ${key}: ${inline(value)}`),
  ];
}

/** Said where the default, IPv4 alone, would not do. */
function familiesIn({ can }: Manifest): readonly string[] {
  if (typeof can === 'function') return [];
  if (can.together === 'needed') return ['    families: [4, 6]'];
  return can.families.includes(4) ? [] : ['    families: [6]'];
}

/** The same without a config. */
export function commandLine(manifest: Manifest): string {
  const given = Object.entries(exampleOptions(manifest)).filter(([key]) => manifest.environment?.[key] === undefined);
  const options = given.flatMap(([key, value]) => flat(key, value)).map(([key, value]) => `--option ${quoted(`${key}=${value}`)}`);
  return [`ddns-update ${manifest.exampleName ?? 'home.example.com'}`, `--provider ${manifest.id}`, ...options].join(' ');
}

/** One option as it may be written, such as `token: { env: CLOUDFLARE_API_TOKEN }`. `own`: what the manifest gives as an example. */
export const exampleLine = (option: OptionDescription, variable: string | undefined, own?: unknown): string => `${option.name}: ${inline(own ?? exampleOf(option, variable))}`;

function exampleOptions(manifest: Manifest): Readonly<Record<string, unknown>> {
  if (manifest.example !== undefined) return manifest.example;
  const shown = describeOptions(manifest.options).filter(({ required }) => required);
  return Object.fromEntries(shown.map((option) => [option.name, exampleOf(option, manifest.environment?.[option.name]?.[0])]));
}

function exampleOf(option: OptionDescription, variable = upper(option.name)): unknown {
  switch (option.kind) {
    case 'secret':
      return { env: variable };
    case 'secrets':
      return { name: { env: variable } };
    case 'group':
      return Object.fromEntries((option.options ?? []).filter(({ required }) => required).map((part) => [part.name, exampleOf(part, upper(`${option.name}_${part.name}`))]));
    case 'choice':
      return option.words?.[0] ?? '';
    case 'number':
      return option.default ?? Number(option.example ?? 1);
    case 'flag':
      return true;
    case 'list':
      return option.example?.split(' ') ?? [option.name];
    case 'map':
      return { name: 'value' };
    case 'text':
    case 'url':
      return option.example ?? option.name;
    default:
      return option.kind satisfies never;
  }
}

/** `apiKey` → `API_KEY`. */
const upper = (name: string): string => name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** YAML on one line; JSON is YAML, but bare words read better. */
function inline(value: unknown): string {
  if (typeof value === 'string') return /^[A-Za-z][\w./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${inline(inner)}`)
    .join(', ')} }`;
}

const flat = (key: string, value: unknown): readonly (readonly [string, string])[] =>
  Array.isArray(value)
    ? [[key, value.join(',')]]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([inner, one]) => flat(`${key}.${inner}`, one))
      : [[key, String(value)]];

const quoted = (text: string): string => (/^[\w.,:/=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
