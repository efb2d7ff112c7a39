/** The page of all providers, as text, made from their manifests. */
import { entriesOf } from '../src/config/options.ts';
import { ROWS } from '../src/providers/dyndns2/rows.ts';
import { describeOptions, type OptionDescription } from '../src/sdk/options.ts';
import type { Manifest } from '../src/sdk/provider.ts';
import { capabilitiesOf } from '../src/sdk/update-url-row.ts';

/** docs/providers.md */
export function providersPage(manifests: readonly Manifest[]): string {
  const head = `# Providers

Made from the providers themselves by \`npm run generate\`; \`ddns-update providers\` shows the same.

${providersTable(manifests)}`;
  return [head, ...manifests.map(section), servicesSection()].join('\n');
}

/** One row a provider. */
function providersTable(manifests: readonly Manifest[]): string {
  const rows = manifests.map(({ id, name, can }) => {
    const known = typeof can === 'function' ? undefined : can;
    const say = (answer: boolean | undefined): string => (answer === undefined ? 'it depends' : answer ? 'yes' : 'no');
    return [
      `\`${id}\``,
      name,
      known?.families.map((family) => `IPv${family}`).join(', ') ?? 'it depends',
      say(known?.readable),
      say(known?.wildcard),
      known === undefined ? 'it depends' : known.batch === undefined ? '1' : `${known.batch}`,
    ];
  });
  return table(['id', 'provider', 'addresses', 'can be read', 'wildcards', 'records in one call'], rows);
}

function section(manifest: Manifest): string {
  const { id, name, reference, checked, evidence, credentials, environment } = manifest;
  const described = describeOptions(entriesOf(manifest));
  const variables = Object.entries(environment ?? {}).map(([option, names]) => `\`${option}\` from ${(names ?? []).map((variable) => `\`${variable}\``).join(' or ')}`);
  return `
## ${name}

\`provider: ${id}\` · [reference](${reference}), read on ${checked}${evidence === 'unverified' ? ', not verified' : ''}

${cell(credentials)}

${table(
  ['option', 'what', ''],
  described.flatMap((option) => optionRows(option, '')),
)}${variables.length === 0 ? '' : `\nWithout a config: ${variables.join(', ')}.\n`}`;
}

/** The services that `dyndns2` knows by name. */
function servicesSection(): string {
  const rows = [...ROWS.values()].map((row) => {
    const { families, wildcard, refreshDays } = capabilitiesOf(row);
    const notes = [row.notes ?? '', refreshDays === undefined ? '' : `Sent again within ${refreshDays} days, or the name lapses.`].filter((note) => note !== '').join(' ');
    return [
      `\`${row.id}\``,
      `[${row.title}](${row.reference})${row.evidence === 'unverified' ? ', not verified' : ''}`,
      families.map((family) => `IPv${family}`).join(', '),
      wildcard ? 'yes' : 'no',
      row.login,
      notes,
    ];
  });
  return `
## Services of dyndns2

\`provider: dyndns2\` with \`service:\`

${table(['service', 'name', 'addresses', 'wildcards', 'login', 'notes'], rows)}`;
}

function optionRows(option: OptionDescription, under: string): readonly (readonly string[])[] {
  const { name, description, required, kind, words, example, default: fallback, options = [] } = option;
  const notes = [
    required ? 'required' : '',
    kind === 'secret' || kind === 'secrets' ? 'secret' : '',
    words === undefined ? '' : `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    fallback === undefined ? '' : `default \`${JSON.stringify(fallback)}\``,
    example === undefined ? '' : `such as \`${example}\``,
  ].filter((note) => note !== '');
  return [[`\`${under}${name}\``, description, notes.join('; ')], ...options.flatMap((inner) => optionRows(inner, `${under}${name}.`))];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${[head, head.map(() => '---'), ...rows].map((row) => `| ${row.map((text) => cell(text).replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;

/** Outside of code, `<` would be read as HTML. */
const cell = (text: string): string => text.replaceAll(/(`[^`]*`)|</g, (_, code) => code ?? '&lt;').replaceAll('\n', ' ');
