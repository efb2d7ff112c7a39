/** From file, environment and flags to a Config, or every problem at once. */
import { attempt, type Failure, Fault } from '../core/failure.ts';
import type { Secret } from '../core/secret.ts';
import { isPlugin } from '../plugins/name.ts';
import { providers } from '../providers/index.ts';
import type { Manifest } from '../sdk/provider.ts';
import { thisHost } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { buildConfig, emptyConfig } from './build.ts';
import type { Account, Config, Problem } from './config.ts';
import { configDigest } from './digest.ts';
import { type Document, languageOf, type Parsed, parseDocument } from './document.ts';
import { type Found, find } from './find.ts';
import { type ConfigFlags, configFromFlags, givenAddresses } from './flags.ts';
import type { ReadOptions } from './options.ts';
import { keysOf, type Place, printKeys, type Report } from './place.ts';
import { type Host, stateFolder } from './places.ts';
import { configShape } from './schema.ts';
import type { SecretForm } from './secret.ts';
import type { Refusal } from './shape.ts';
import { builtInCatalogue, type Catalogue } from './source.ts';

export type { ConfigFlags } from './flags.ts';

export type Loaded =
  /** `problems`: warnings; those of the accounts only with `all`. */
  | { readonly kind: 'ok'; readonly config: Config; readonly problems: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[]; readonly path?: string }
  | { readonly kind: 'missing'; readonly looked: readonly string[]; readonly problems: readonly Problem[] };

/** Provider ids and how to get at their manifests. */
export type Registry = typeof providers;
/**
 * What a config may refer to. `secret`: looks secrets up, where that is wanted; else only their form is checked. `open`: hands the options to the adapter, where that
 * is wanted, and resolves with why they cannot be.
 */
export type Known = {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly host: Host;
  readonly secret?: (form: SecretForm) => Promise<Secret | Refusal>;
  readonly open?: (account: Account, manifest: Manifest, options: ReadOptions) => Promise<Failure | undefined>;
};

export const builtIn = (): Known => ({ registry: providers, catalogue: builtInCatalogue(), host: thisHost() });

/**
 * `shape`: everything but what only the accounts' manifests know, cheap enough for every round. `all`: that too, and warnings.
 * Throws Fault `usage` for flags that make no sense.
 */
export async function loadConfig(flags: ConfigFlags, world: Pick<World, 'files' | 'env'>, validate: 'shape' | 'all', known: Known = builtIn()): Promise<Loaded> {
  const given = givenAddresses(flags.ip);
  if (flags.provider !== undefined && !Object.hasOwn(known.registry, flags.provider) && !isPlugin(flags.provider))
    throw new Fault({ kind: 'usage', detail: `--provider: ${await unknown(flags.provider, known.registry)}` });
  const fromFlags = configFromFlags(flags);
  const found = fromFlags ? asFile(fromFlags) : await findReadable(flags, world, known.host);
  if (found.kind !== 'found') return found;
  const { path, text } = found;
  const problems: Problem[] = [];
  const parsed = await parse(path, text);
  if (parsed.kind === 'broken') {
    return { kind: 'invalid', problems: parsed.problems.map((problem) => ({ path: '', severity: 'error', ...problem })), ...(path === undefined ? {} : { path }) };
  }
  const { document } = parsed;
  const report: Report = (place, message, severity = 'error', help = []) => void problems.push({ ...whereOf(place, document, path), message, severity, ...(help.length === 0 ? {} : { help }) });
  const around = {
    path,
    digest: configDigest(text),
    stateFolder: stateFolder(flags.state, world.env, known.host),
    given,
    defaultSources: known.catalogue.defaults,
    fromFlags: fromFlags !== undefined,
  };
  const strangers: (readonly [provider: string, place: Place])[] = [];
  const written = configShape(Object.keys(known.registry), known.catalogue, (...stranger) => void strangers.push(stranger)).read(document.value, undefined, report);
  for (const [provider, place] of strangers) report(place, await unknown(provider, known.registry));
  const built = written && buildConfig(written, document.value, around, report);
  if (validate === 'all') {
    for (const { keys, line } of document.repeated()) problems.push({ path: printKeys(keys), line, message: 'stands twice in one mapping', severity: 'error' });
    if (built !== undefined)
      await (await import('./review.ts')).review(built, {
        ...known,
        files: world.files,
        env: world.env,
        report,
        sound: (part) => !problems.some(({ path }) => path.startsWith(part)),
      });
  }
  const inOrder = problems.sort((a, b) => (a.severity === b.severity ? (a.line ?? 0) - (b.line ?? 0) : a.severity === 'error' ? -1 : 1));
  if (built === undefined || inOrder.some(({ severity }) => severity === 'error')) return { kind: 'invalid', problems: inOrder, ...(path === undefined ? {} : { path }) };
  return { kind: 'ok', config: built.config, problems: inOrder };
}

/** All manifests are read for this, so it is for when nothing goes on anyway. */
async function unknown(provider: string, registry: Registry): Promise<string> {
  const manifests = await Promise.all(Object.values(registry).map(async (load) => (await load()).default));
  return `"${provider}" is not a provider we know${(await import('./meant.ts')).meant(provider, manifests)}`;
}

/** For commands that need no names: the built-in sources, and where the state is. */
export const withoutConfig = (flags: ConfigFlags, world: Pick<World, 'env'>, known: Known = builtIn()): Config =>
  emptyConfig({ path: undefined, digest: '', stateFolder: stateFolder(flags.state, world.env, known.host), given: givenAddresses(flags.ip), defaultSources: known.catalogue.defaults });

const asFile = (written: Readonly<Record<string, unknown>>): Found => ({ kind: 'found', path: undefined, text: JSON.stringify(written) });

async function parse(path: string | undefined, text: string): Promise<Parsed> {
  const language = path === undefined ? 'JSON' : languageOf(path, text);
  if (language === undefined) return { kind: 'broken', problems: [{ line: 1, column: 1, message: 'a config is named .json, .yaml, .yml or .toml' }] };
  return parseDocument(language, text);
}

function whereOf(place: Place, document: Document, path: string | undefined): { readonly path: string; readonly line?: number } {
  const keys = keysOf(place);
  const line = path === undefined ? undefined : document.lineOf(keys);
  return { path: printKeys(keys), ...(line === undefined ? {} : { line }) };
}

/** A config that is there and cannot be read is a problem of the config like any other. */
async function findReadable(...where: Parameters<typeof find>): Promise<Found> {
  const found = await attempt(() => find(...where));
  return found.kind === 'ok' ? found.value : { kind: 'invalid', problems: [{ path: '', message: `${found.failure.detail}; the config must be a file that this user may read`, severity: 'error' }] };
}
