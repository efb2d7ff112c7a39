/** What the documents say of providers, as text, made from their manifests: a page each, an index of them, and the part of README that counts them. */

import { addressesOf, callsOf, EVIDENCE, fixedCapabilities, limitsOf, recordsPerCall } from '../src/commands/providers/facts.ts';
import { example } from '../src/config/example.ts';
import { EVERYWHERE } from '../src/config/options.ts';
import { SERVICE_IDS } from '../src/providers/update-url/by-id.ts';
import { describeOptions, type OptionDescription } from '../src/sdk/options.ts';
import type { Evidence, Manifest } from '../src/sdk/provider.ts';

const LEVELS = ['official', 'documented', 'unverified'] as const satisfies readonly Evidence[];
const MEANING: { readonly [E in Evidence]: string } = {
  official: "every request and every answer in the tests is held against the vendor's own machine-readable description, or a real server of that software takes and gives them",
  documented: "the tests hold exchanges that the vendor's documentation shows, or that were recorded, and the adapter sends and understands those",
  unverified: 'put together from what other programs send; the vendor has confirmed none of it',
};

/** docs/providers/<id>.md */
export function providerPage(manifest: Manifest): string {
  const { id, name, vendor = name, also = [], credentials, evidence, reference, checked, unverified = [], warnings = [] } = manifest;
  const named = [...(vendor === name ? [] : [`by ${vendor}`]), ...(also.length === 0 ? [] : [`also known as ${also.join(', ')}`])];
  const rows = describeOptions(manifest.options).flatMap((option) => optionRows(option, manifest, ''));
  return joined([
    `# ${name}`,
    [`\`provider: ${id}\``, ...named].map(plain).join(' · '),
    ...warnings.map((warning) => `**Beware:** ${prose(sentence(warning))}`),
    '## Credentials',
    paragraphs(credentials),
    '## Config',
    `\`\`\`yaml\n${example(manifest).join('\n')}\n\`\`\``,
    rows.length === 0 ? '' : table(['option', 'what', ''], rows),
    '## Limits',
    bullets(limitsOf(manifest)),
    '## Facts',
    bullets([
      `[${evidence}](README.md): ${EVIDENCE[evidence].replace('UNVERIFIED: ', '')}`,
      `read from <${reference}> on ${checked}`,
      ...unverified.map((fact) => `*unverified:* ${prose(sentence(fact))}`),
    ]),
  ]);
}

/** docs/providers/README.md */
export function providersIndex(manifests: readonly Manifest[]): string {
  const usable = manifests.filter(({ absent }) => absent === undefined);
  const absent = manifests.filter((manifest) => manifest.absent !== undefined);
  return joined([
    '# Providers',
    'Made from the providers themselves by `npm run generate`. `ddns-update providers` shows the same, `ddns-update providers WORD` looks for one.',
    bullets([
      '*records a call*: how many one write can hold',
      '*calls*: the most it takes for one changed record, and for a thousand of one zone, with nothing remembered; `each`: every record costs its own; `–`: an account holds one record',
      ...LEVELS.map((level) => `*${level}*: ${MEANING[level]}`),
    ]),
    'Besides its own options every account takes these:',
    table(
      ['option', 'what'],
      describeOptions(EVERYWHERE).map(({ name, description }) => [`\`${name}\``, description]),
    ),
    table(
      ['id', 'name', 'addresses', 'apex', 'wildcards', 'records a call', 'calls', 'facts'],
      usable.map((manifest) => indexRow(manifest)),
    ),
    ...(absent.length === 0
      ? []
      : [
          '## Known by name only',
          table(
            ['id', 'why'],
            absent.map(({ id, absent: why = '' }) => [`\`${id}\``, prose(why)]),
          ),
        ]),
  ]);
}

function indexRow(manifest: Manifest): readonly string[] {
  const can = fixedCapabilities(manifest);
  const say = (answer: boolean | undefined): string => (answer === undefined ? 'depends' : answer ? 'yes' : 'no');
  return [`[\`${manifest.id}\`](${manifest.id}.md)`, manifest.name, addressesOf(can), say(can?.apex), say(can?.wildcard), recordsPerCall(can), callsCell(manifest), manifest.evidence];
}

function callsCell(manifest: Manifest): string {
  const calls = callsOf(manifest);
  return calls === undefined ? 'depends' : `${calls.one} / ${calls.thousand ?? (fixedCapabilities(manifest)?.names === 'one' ? '–' : 'each')}`;
}

/** The part of README between its marks. */
export function readmePart(manifests: readonly Manifest[]): string {
  const usable = manifests.filter(({ absent }) => absent === undefined);
  const vendors = usable.filter(({ id }) => !PROTOCOLS.has(id));
  const isToldByUrl = ({ id }: Manifest): boolean => SERVICE_IDS.includes(id);
  const known = MOST_USED.flatMap((id) => usable.find((manifest) => manifest.id === id) ?? []);
  return joined([
    table(
      ['', ...LEVELS, 'all'],
      [
        ['providers with an API', ...counts(vendors.filter((manifest) => !isToldByUrl(manifest)).map(({ evidence }) => evidence))],
        ['services told by a URL', ...counts(vendors.filter(isToldByUrl).map(({ evidence }) => evidence))],
        ['vendors of both, each counted once', ...counts([...bestByVendor(vendors).values()])],
        ['protocols, for any server that speaks them', ...counts(usable.filter(({ id }) => PROTOCOLS.has(id)).map(({ evidence }) => evidence))],
      ],
    ),
    bullets(LEVELS.map((level) => `*${level}*: ${MEANING[level]}`)),
    'Those asked for most:',
    table(
      ['id', 'name', 'records a call', 'calls for 1 / 1000 records', 'facts'],
      known.map((manifest) => [link(manifest), manifest.name, recordsPerCall(fixedCapabilities(manifest)), callsCell(manifest), manifest.evidence]),
    ),
    'All:',
    wrapped(usable.map(link)),
  ]).trimEnd();
}

/** Where README's names of providers lead; at its end, so that above it reads well in a terminal too. */
export const readmeLinks = (manifests: readonly Manifest[]): string =>
  manifests
    .filter(({ absent }) => absent === undefined)
    .map(({ id }) => `[${id}]: docs/providers/${id}.md`)
    .join('\n');

/** No vendor stands behind them. */
const PROTOCOLS = new Set(['dyndns2', 'http', 'rfc2136', 'webhook', 'zonefile']);

const link = ({ id }: Manifest): string => `[${id}]`;

const MOST_USED = [
  'cloudflare',
  'route53',
  'digitalocean',
  'hetzner',
  'gandi',
  'godaddy',
  'namecheap',
  'porkbun',
  'ovh',
  'gcloud',
  'azure',
  'linode',
  'vultr',
  'ionos',
  'netcup',
  'duckdns',
  'noip',
  'dynu',
  'desec',
  'dynv6',
  'he-dns',
  'strato',
  'infomaniak',
  'powerdns',
  'rfc2136',
  'zonefile',
  'dyndns2',
  'http',
  'webhook',
];

/** How many of each level, and of all. */
const counts = (evidence: readonly Evidence[]): readonly string[] => [...LEVELS.map((level) => `${evidence.filter((one) => one === level).length}`), `${evidence.length}`];

function bestByVendor(manifests: readonly Manifest[]): ReadonlyMap<string, Evidence> {
  const best = new Map<string, Evidence>();
  for (const { name, vendor = name, evidence } of manifests) {
    const before = best.get(vendor);
    if (before === undefined || LEVELS.indexOf(evidence) < LEVELS.indexOf(before)) best.set(vendor, evidence);
  }
  return best;
}

function optionRows(option: OptionDescription, manifest: Manifest, under: string): readonly (readonly string[])[] {
  const { name, description, required, kind, words, example: shown, default: fallback, options = [] } = option;
  const variables = under === '' ? (manifest.environment?.[name] ?? []) : [];
  const notes = [
    required ? 'required' : '',
    kind === 'secret' || kind === 'secrets' ? 'secret' : '',
    words === undefined ? '' : `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    fallback === undefined ? '' : `default \`${JSON.stringify(fallback)}\``,
    shown === undefined ? '' : `such as \`${shown}\``,
    variables.length === 0 ? '' : `without a config from ${variables.map((variable) => `\`${variable}\``).join(' or ')}`,
  ].filter((note) => note !== '');
  return [[`\`${under}${name}\``, prose(description), notes.join('; ')], ...options.flatMap((inner) => optionRows(inner, manifest, `${under}${name}.`))];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map((text) => plain(text).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`).join('\n');

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${plain(line)}`).join('\n');
const joined = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`;
const paragraphs = (text: string): string =>
  text
    .split('\n')
    .map((line) => prose(line.trim()))
    .join('\n\n');

/** Lines that a terminal can show. */
function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (const [at, word] of words.entries()) {
    const text = at === words.length - 1 ? word : `${word} ·`;
    const line = lines.at(-1);
    if (line === undefined || line.length + text.length > 160) lines.push(text);
    else lines[lines.length - 1] = `${line} ${text}`;
  }
  return lines.join('\n');
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What somebody else wrote, without any meaning of Markdown's own in it. */
const prose = (text: string): string => plain(text).replaceAll(/(`[^`]*`)|\*/g, (_, code) => code ?? '\\*');

/** Outside of code and links, `<` would be read as HTML. */
const plain = (text: string): string => text.replaceAll(/(`[^`]*`|<https?:[^>]*>)|</g, (_, kept) => kept ?? '&lt;');
