/** All that is needed to write one provider into a config, as lines for people. */

import { commandLine, example } from '../../config/example.ts';
import { entriesOf } from '../../config/options.ts';
import { describeOptions, type OptionDescription } from '../../sdk/options.ts';
import type { Manifest } from '../../sdk/provider.ts';
import { wrap } from '../wrap.ts';
import { EVIDENCE, limitsOf } from './facts.ts';

/** `columns`: of the terminal; undefined: lines are as long as they are. */
export function page(manifest: Manifest, columns: number | undefined): readonly string[] {
  const { id, name, vendor, also = [], absent, credentials, evidence, reference, checked, unverified = [], warnings = [] } = manifest;
  if (absent !== undefined) return wrap(`${id}: ${absent}`, columns, '  ');
  const wrapped = (line: string, hang: string): readonly string[] => wrap(line, columns, hang);
  const options = describeOptions(entriesOf(manifest));
  const own = options.filter((option) => Object.hasOwn(manifest.options, option.name));
  const everywhere = options.filter((option) => !own.includes(option));
  const aliases = [...(vendor === undefined || vendor === name ? [] : [`by ${vendor}`]), ...(also.length === 0 ? [] : [`also: ${also.join(', ')}`])];
  return [
    ...wrapped(`${id}: ${name}${aliases.length === 0 ? '' : ` (${aliases.join('; ')})`}`, '  '),
    '',
    'Credentials',
    ...warnings.flatMap((warning) => wrapped(`  Beware: ${sentence(warning)}`, '    ')),
    ...credentials.split('\n').flatMap((line) => wrapped(`  ${line}`, '  ')),
    '',
    'Options',
    ...[...own, ...everywhere].flatMap((option) => optionLines(option, manifest.environment?.[option.name], '  ')).flatMap((line) => wrapped(line, '      ')),
    '',
    'Example',
    ...example(manifest).map((line) => `  ${line}`),
    '',
    'Without a config',
    `  ${commandLine(manifest)}`,
    ...variablesOf(manifest).flatMap((line) => wrapped(`  ${line}`, '    ')),
    '',
    'Limits',
    ...limitsOf(manifest).flatMap((line) => wrapped(`  ${line}`, '    ')),
    '',
    'Facts',
    ...wrapped(`  ${EVIDENCE[evidence]}`, '    '),
    `  ${reference}, read on ${checked}`,
    ...unverified.flatMap((fact) => wrapped(`  unverified: ${sentence(fact)}`, '    ')),
  ];
}

/** What the environment has to hold for that. */
function variablesOf({ options, environment = {} }: Manifest): readonly string[] {
  const names = describeOptions(options).flatMap(({ name, required }) => (required ? (environment[name]?.slice(0, 1) ?? []) : []));
  return names.length === 0 ? [] : [`with ${names.join(' and ')} in the environment`];
}

function optionLines(option: OptionDescription, variables: readonly string[] = [], indent: string): readonly string[] {
  const notes = [
    ...(option.words ? [`one of ${option.words.join(', ')}`] : []),
    ...(option.default === undefined ? [] : [`default ${JSON.stringify(option.default)}`]),
    ...(option.example === undefined ? [] : [`such as ${option.example}`]),
    ...(variables.length > 0 ? [`without a config from ${variables.join(' or ')}`] : []),
  ];
  const inner = option.options?.flatMap((part) => optionLines(part, [], `${indent}  `)) ?? [];
  const what = option.description.replace(/\.$/, '');
  return [`${indent}${option.name} (${option.kind}, ${option.required ? 'required' : 'optional'}): ${[what, ...notes].join('; ')}`, ...inner];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
