/** An account's options, read by what its manifest says of them: every problem at once, and never a value in a message. */
import * as v from 'valibot';
import { Secret } from '../core/secret.ts';
import { describeOptions, flag, kindOf, type OptionDescription, optional, unwrap, url } from '../sdk/options.ts';
import type { Manifest } from '../sdk/provider.ts';
import { exampleLine } from './example.ts';
import { inside, type Place, type Report } from './place.ts';
import { type SecretForm, secretForm } from './secret.ts';
import { isMapping, nameOf, type Refusal } from './shape.ts';
import { isLoopback } from './source.ts';
import { didYouMean, elsewhere } from './suggest.ts';

/** What becomes of a secret: looked up, or only checked for its form. */
export type SecretReader = (form: SecretForm, place: Place) => Promise<Secret | Refusal> | Secret | Refusal;
export type ReadOptions = Readonly<Record<string, unknown>>;

/** Options that every account takes besides its manifest's own. */
export const EVERYWHERE = {
  endpoint: optional(url('Where the API is reached, instead of at the vendor: a self-hosted server, a mirror.')),
  insecure: optional(flag('Allows an endpoint that is plain http on another machine: anybody on the way can read the credentials.')),
};

/** All options of an account of this provider. */
export const entriesOf = ({ options }: Pick<Manifest, 'options'>): v.ObjectEntries => ({
  ...options,
  ...Object.fromEntries(Object.entries(EVERYWHERE).filter(([key]) => !Object.hasOwn(options, key))),
});

/** `missing`: told once of all that is not there. `takes`: what else is known where an unknown key stands. */
type Reading = { readonly secret: SecretReader; readonly report: Report; readonly missing: (keys: readonly string[], place: Place) => void; readonly takes?: string };

/** `fromFlags`: said in the words of the command line. */
type Teller = { readonly manifest: Manifest; readonly fromFlags: boolean };

/** The options as the adapter sees them; undefined when a problem was reported. */
export async function readOptions(written: Readonly<Record<string, unknown>>, teller: Teller, place: Place, { secret, report }: Pick<Reading, 'secret' | 'report'>): Promise<ReadOptions | undefined> {
  const { manifest } = teller;
  const entries = entriesOf(manifest);
  const reading: Reading = { secret, report, missing: (keys, at) => reportMissing(keys, teller, at, report), takes: `${manifest.id} takes ${Object.keys(entries).join(', ')}` };
  const read = await readEntries(written, entries, place, reading);
  if (read === undefined) return undefined;
  const problems = manifest.problems?.(read) ?? [];
  for (const problem of problems) report(place, problem);
  const open = isInTheOpen(read);
  if (open) report(inside(place, 'endpoint'), 'is plain http: anybody on the way can read the credentials; use https, or say insecure: true');
  return open || problems.length > 0 ? undefined : read;
}

function isInTheOpen({ endpoint, insecure }: ReadOptions): boolean {
  if (typeof endpoint !== 'string' || insecure === true || !URL.canParse(endpoint)) return false;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'http:' && !isLoopback(hostname);
}

/** What is missing, what it is, where to get it and how to write it; from the command line in one sentence, for there it is nobody's config that is looked at. */
function reportMissing(keys: readonly string[], { manifest, fromFlags }: Teller, place: Place, report: Report): void {
  const options = describeOptions(manifest.options).filter(({ name }) => keys.includes(name));
  const variable = (key: string): string | undefined => manifest.environment?.[key]?.[0];
  const [first] = options;
  const what = first !== undefined && options.length === 1 ? `"${first.name}" is missing: ${withoutStop(first.description)}` : `${named(keys)} are missing`;
  if (fromFlags) {
    const how = keys.map((key) => (variable(key) === undefined ? `say --option ${key}=VALUE` : `set ${variable(key)} in the environment or say --option ${key}.env=NAME`));
    report(place, `${what}; ${how.join('; ')}; ddns-update providers ${manifest.id} tells where to get it`);
    return;
  }
  const [it, line] = [keys.length === 1 ? 'it' : 'them', options.map((option) => exampleLine(option, variable(option.name), manifest.example?.[option.name]))];
  report(place, what, 'error', [
    ...(options.length === 1 ? [] : options.map(({ name, description }) => `${name}: ${withoutStop(description)}`)),
    ...indented(`${options.some(isSecretive) ? `where to get ${it}` : 'how to log in'}: ${manifest.credentials}`),
    ...indented([`how to write ${it}:`, ...line].join(line.length === 1 ? ' ' : '\n')),
    `all about ${manifest.name}: ddns-update providers ${manifest.id}`,
  ]);
}

const isSecretive = ({ kind, options = [] }: OptionDescription): boolean => kind === 'secret' || kind === 'secrets' || options.some(isSecretive);
const indented = (text: string): readonly string[] => text.split('\n').map((line, at) => (at === 0 ? line.trim() : `  ${line.trim()}`));
const named = (keys: readonly string[]): string =>
  `${keys
    .slice(0, -1)
    .map((key) => `"${key}"`)
    .join(', ')} and "${keys.at(-1)}"`;
const withoutStop = (text: string): string => text.replace(/\.$/, '');

async function readEntries(written: Readonly<Record<string, unknown>>, entries: v.ObjectEntries, place: Place, reading: Reading): Promise<Record<string, unknown> | undefined> {
  const found: Record<string, unknown> = {};
  const missing: string[] = [];
  let whole = true;
  for (const key of Object.keys(written)) {
    if (Object.hasOwn(entries, key)) continue;
    const open = Object.keys(entries).filter((one) => !Object.hasOwn(written, one));
    const meant = didYouMean(key, open) || elsewhere(key, open);
    const own = ofItsOwn(key, written[key]);
    const instead = meant || own || (reading.takes === undefined ? '' : `; ${reading.takes}`);
    reading.report(inside(place, key), `is not known here${instead}`);
    whole = false;
  }
  for (const [key, schema] of Object.entries(entries)) {
    const at = inside(place, key);
    if (!Object.hasOwn(written, key) || written[key] === undefined) {
      const absent = v.safeParse(schema as v.GenericSchema, undefined);
      if (absent.success) {
        if (absent.output !== undefined) found[key] = absent.output;
      } else {
        missing.push(key);
        whole = false;
      }
      continue;
    }
    const prepared = await prepare(written[key], schema, at, reading);
    const parsed = prepared === undefined ? undefined : parse(schema, prepared.value, at, reading.report);
    if (parsed === undefined) whole = false;
    else found[key] = parsed.value;
  }
  if (missing.length > 0) reading.missing(missing, place);
  return whole ? found : undefined;
}

/** Other programs name a protocol, and then a service of it. */
const ofItsOwn = (key: string, value: unknown): string =>
  /^(service|protocol)$/i.test(key) && typeof value === 'string' && /^[\w.-]{2,40}$/.test(value) ? `; a service is a provider of its own here: ddns-update providers ${value}` : '';

/** The value with every secret in it read; undefined when a problem was reported. */
async function prepare(value: unknown, schema: v.ObjectEntries[string], place: Place, reading: Reading): Promise<{ readonly value: unknown } | undefined> {
  switch (kindOf(schema)) {
    case 'secret': {
      const secret = await readSecret(value, place, reading, v.getDescription(unwrap(schema) as v.GenericSchema));
      return secret && { value: secret };
    }
    case 'secrets': {
      if (!isMapping(value)) return wrongKind('a mapping of names to secrets', value, place, reading.report);
      const read = await Promise.all(Object.entries(value).map(async ([key, one]) => [key, await readSecret(one, inside(place, key), reading)] as const));
      return read.every(([, secret]) => secret !== undefined) ? { value: Object.fromEntries(read) } : undefined;
    }
    case 'group': {
      const inner = unwrap(schema);
      if (!isMapping(value)) return wrongKind('a mapping of keys to values', value, place, reading.report);
      const entries = 'entries' in inner ? (inner.entries as v.ObjectEntries) : {};
      const read = await readEntries(value, entries, place, {
        secret: reading.secret,
        report: reading.report,
        missing: (keys, at) => {
          for (const key of keys) reading.report(at, `"${key}" is missing: ${v.getDescription(unwrap(entries[key] ?? schema) as v.GenericSchema) ?? ''}`.replace(/: $/, ''));
        },
      });
      return read && { value: read };
    }
    default:
      return { value };
  }
}

async function readSecret(written: unknown, place: Place, { secret, report }: Reading, what = ''): Promise<Secret | undefined> {
  const form = secretForm(written);
  const read = 'problem' in form ? form : await secret(form, place);
  if (!('problem' in read)) return read;
  const isVariable = !('problem' in form) && form.kind === 'env';
  report(place, read.problem, 'error', isVariable ? [...(what === '' ? [] : [`what belongs there: ${withoutStop(what)}`]), ELSEWHERE] : []);
  return undefined;
}

const ELSEWHERE = 'cron and systemd know none of the variables of your shell: set it in the crontab or the unit, or write { file: PATH }';

function parse(schema: v.ObjectEntries[string], value: unknown, place: Place, report: Report): { readonly value: unknown } | undefined {
  const parsed = v.safeParse(schema as v.GenericSchema, value, { abortPipeEarly: true });
  if (parsed.success) return { value: parsed.output };
  const issues = parsed.issues.filter(({ input }) => input !== UNREAD);
  for (const issue of issues) {
    const at = (issue.path ?? []).reduce<Place>((way, { key }) => inside(way, typeof key === 'number' ? key : String(key)), place);
    report(at, sentenceOf(issue, schema, value));
  }
  return issues.length === 0 ? { value } : undefined;
}

/** Valibot's own sentences quote the value, which may be a secret in the wrong place; the adapters' do not. */
function sentenceOf(issue: v.BaseIssue<unknown>, schema: v.ObjectEntries[string], value: unknown): string {
  if (issue.kind !== 'schema' && !/^Invalid /.test(issue.message)) return issue.message;
  const inner = unwrap(schema);
  switch (kindOf(schema)) {
    case 'choice': {
      const words = 'options' in inner && Array.isArray(inner.options) ? inner.options.map(String) : [];
      return `must be one of ${words.join(', ')}${typeof value === 'string' ? didYouMean(value, words) : ''}`;
    }
    case 'number':
      return `must be a number, not ${nameOf(value)}`;
    case 'flag':
      return `must be true or false, not ${nameOf(value)}`;
    case 'list':
      return issue.path === undefined ? `must be a list of texts, not ${nameOf(value)}` : 'must be text';
    case 'map':
      return issue.path === undefined ? `must be a mapping of names to texts, not ${nameOf(value)}` : 'must be text';
    default:
      return typeof value === 'string' ? 'has not the form it must have' : `must be text, not ${nameOf(value)}${typeof value === 'number' ? '; write it in quotes' : ''}`;
  }
}

function wrongKind(wanted: string, value: unknown, place: Place, report: Report): undefined {
  report(place, `must be ${wanted}, not ${nameOf(value)}`);
}

/** Stands for a secret that was not looked up: what it holds is not judged. */
export const UNREAD = new Secret('(not looked up)');
