/** `providers`: all of them, those that match a word, or all that is needed to write one into a config. */

import { dirname } from 'node:path';
import { find } from '../config/find.ts';
import { entriesOf } from '../config/options.ts';
import { closest } from '../config/suggest.ts';
import type { Capabilities } from '../core/plan.ts';
import { manifestOf } from '../plugins/load.ts';
import { isPlugin } from '../plugins/name.ts';
import { providers as registry } from '../providers/index.ts';
import { describeOptions, type OptionDescription } from '../sdk/options.ts';
import type { Evidence, Manifest } from '../sdk/provider.ts';
import { thisHost } from '../world/host.ts';
import { type Invocation, sayFailure } from './invocation.ts';
import type { Output } from './output.ts';

const EVIDENCE: { readonly [E in Evidence]: string } = {
  official: "the vendor's own documentation",
  documented: 'documentation by others',
  unverified: 'UNVERIFIED: put together from what others report, never confirmed by the vendor',
};

/** `args`: an id, or a word to look for; none: all. */
export async function providers(invocation: Pick<Invocation, 'output' | 'flags' | 'files' | 'env'>, [wanted]: readonly string[], known = registry): Promise<number> {
  const { output } = invocation;
  if (wanted !== undefined && (Object.hasOwn(known, wanted) || isPlugin(wanted))) {
    const manifest = await manifestOf({ provider: wanted, folder: folderOfConfig(invocation) }, known, invocation.files);
    if (output.json) output.out(JSON.stringify({ version: 1, provider: asJson(manifest) }, undefined, 2));
    else for (const line of page(manifest)) output.out(line);
    return 0;
  }
  const all = await Promise.all(Object.values(known).map(async (one) => (await one()).default));
  const word = wanted?.toLowerCase() ?? '';
  const found = all.filter(({ id, name, credentials, options }) =>
    [id, name, credentials, ...describeOptions(options).flatMap(({ words = [] }) => words)].some((text) => text.toLowerCase().includes(word)),
  );
  if (found.length === 0) {
    const meant = closest(word, Object.keys(known));
    return sayFailure(
      {
        kind: 'usage',
        detail: `no provider is called ${wanted}${meant === undefined ? '' : `; did you mean ${meant}?`}; ddns-update providers lists all. Any service with an update URL can be used with http, any that speaks dyndns2 with dyndns2`,
      },
      output,
    );
  }
  if (output.json) output.out(JSON.stringify({ version: 1, providers: found.map(asJson) }, undefined, 2));
  else if (wanted !== undefined && found[0] !== undefined && found.length === 1) for (const line of page(found[0])) output.out(line);
  else table(found, output);
  return 0;
}

/** Where packages are looked for: beside the config, if there is one. */
function folderOfConfig({ flags, files, env }: Pick<Invocation, 'flags' | 'files' | 'env'>): string | undefined {
  const found = find(flags, { files, env }, thisHost());
  return found.kind === 'found' && found.path !== undefined ? dirname(found.path) : undefined;
}

function table(manifests: readonly Manifest[], output: Output): void {
  const rows = manifests.map((manifest) => {
    const can = fixed(manifest);
    return [manifest.id, manifest.name, can ? familiesIn(can) : 'depends', can ? `${can.batch ?? 1} a call` : 'depends', manifest.evidence];
  });
  const head = ['id', 'name', 'families', 'records', 'facts'];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  for (const row of [head, ...rows])
    output.out(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  output.out('');
  output.out('ddns-update providers ID: its options, how to get a token, an example');
}

/** What it can do whatever its options are; undefined when that depends on them. */
const fixed = ({ can }: Manifest): Capabilities | undefined => (typeof can === 'function' ? undefined : can);
const familiesIn = ({ families }: Capabilities): string => families.map((family) => `IPv${family}`).join(' and ');

function page(manifest: Manifest): readonly string[] {
  const can = fixed(manifest);
  return [
    `${manifest.id}: ${manifest.name}`,
    '',
    'Credentials',
    `  ${manifest.credentials}`,
    '',
    'Options',
    ...describeOptions(entriesOf(manifest)).flatMap((option) => optionLines(option, manifest, '  ')),
    '',
    'Limits',
    ...(can ? limits(can) : ['what is possible depends on the options']).map((line) => `  ${line}`),
    '',
    'Example',
    ...example(manifest).map((line) => `  ${line}`),
    '',
    'Without a config',
    `  ${commandLine(manifest)}`,
    '',
    `Facts: ${EVIDENCE[manifest.evidence]}; ${manifest.reference}, read on ${manifest.checked}`,
  ];
}

function optionLines(option: OptionDescription, { environment }: Manifest, indent: string): readonly string[] {
  const variables = environment?.[option.name] ?? [];
  const notes = [
    ...(option.words ? [`one of ${option.words.join(', ')}`] : []),
    ...(option.default === undefined ? [] : [`default ${JSON.stringify(option.default)}`]),
    ...(option.example === undefined ? [] : [`such as ${option.example}`]),
    ...(variables.length > 0 ? [`without a config from ${variables.join(' or ')}`] : []),
  ];
  const inner = option.options?.flatMap((part) => optionLines(part, { environment: {} } as Manifest, `${indent}  `)) ?? [];
  return [`${indent}${option.name} (${option.kind}, ${option.required ? 'required' : 'optional'}): ${option.description}${notes.length > 0 ? `; ${notes.join('; ')}` : ''}`, ...inner];
}

function limits(can: Capabilities): readonly string[] {
  return [
    familiesIn(can),
    `wildcard names: ${can.wildcard ? 'yes' : 'no'}; the domain itself: ${can.apex ? 'yes' : 'no'}; ${can.values === 'one' ? 'one address per name' : 'several addresses per name'}`,
    can.ttl === 'fixed' ? 'the service decides the TTL' : `TTL ${can.ttl.min} to ${can.ttl.max} s, ${can.ttl.initial} s for a new record`,
    `${can.batch ?? 1} ${(can.batch ?? 1) === 1 ? 'record' : 'records'} in one call`,
    can.readable ? 'can be asked what is there' : 'cannot be asked what is there: an update is sent on trust',
    ...(can.minIntervalSeconds === undefined ? [] : [`at most one update in ${can.minIntervalSeconds} s`]),
    ...(can.refreshDays === undefined ? [] : [`a name lapses after ${can.refreshDays} days and is refreshed in time`]),
  ];
}

/** A config that `check` finds nothing wrong with, but that the secrets are not there. */
export function example(manifest: Manifest): readonly string[] {
  return [
    'records:',
    '  - name: home.example.com',
    'accounts:',
    `  ${manifest.id}:`,
    `    provider: ${manifest.id}`,
    ...Object.entries(exampleOptions(manifest)).map(([key, value]) => `    ${key}: ${inline(value)}`),
  ];
}

function exampleOptions(manifest: Manifest): Readonly<Record<string, unknown>> {
  if (manifest.example !== undefined) return manifest.example;
  const shown = describeOptions(manifest.options).filter(({ required }) => required);
  return Object.fromEntries(shown.map((option) => [option.name, exampleOf(option, manifest.environment?.[option.name]?.[0])]));
}

function exampleOf(option: OptionDescription, variable = option.name.toUpperCase()): unknown {
  switch (option.kind) {
    case 'secret':
      return { env: variable };
    case 'secrets':
      return { name: { env: variable } };
    case 'group':
      return Object.fromEntries((option.options ?? []).filter(({ required }) => required).map((part) => [part.name, exampleOf(part, `${option.name}_${part.name}`.toUpperCase())]));
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

/** YAML on one line; JSON is YAML, but bare words read better. */
function inline(value: unknown): string {
  if (typeof value === 'string') return /^[A-Za-z][\w./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${inline(inner)}`)
    .join(', ')} }`;
}

function commandLine(manifest: Manifest): string {
  const given = Object.entries(exampleOptions(manifest)).filter(([key]) => manifest.environment?.[key] === undefined);
  return ['ddns-update home.example.com', `--provider ${manifest.id}`, ...given.flatMap(([key, value]) => flat(key, value)).map(([key, value]) => `--option ${quoted(`${key}=${value}`)}`)].join(' ');
}

const flat = (key: string, value: unknown): readonly (readonly [string, string])[] =>
  Array.isArray(value)
    ? [[key, value.join(',')]]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([inner, one]) => flat(`${key}.${inner}`, one))
      : [[key, String(value)]];

const quoted = (text: string): string => (/^[\w.,:/=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const asJson = (manifest: Manifest) => ({
  id: manifest.id,
  name: manifest.name,
  evidence: manifest.evidence,
  reference: manifest.reference,
  checked: manifest.checked,
  can: fixed(manifest) ?? null,
  options: describeOptions(entriesOf(manifest)),
  environment: manifest.environment ?? {},
  credentials: manifest.credentials,
  example: example(manifest).join('\n'),
});
