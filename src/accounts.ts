/** From an account of the config to one that can read and write: its manifest loaded, its secrets looked up, its options parsed. */
import { createHmac } from 'node:crypto';
import type { Account, Config } from './config/config.ts';
import { canonicalJson } from './config/digest.ts';
import { identityOf } from './config/identity.ts';
import { type ReadOptions, readOptions } from './config/options.ts';
import { keysOf, placeAt, printKeys } from './config/place.ts';
import { resolveSecret } from './config/secret.ts';
import { environmentOptions } from './config/zero.ts';
import type { Decision } from './core/decide.ts';
import { type Attempt, attempt, Fault } from './core/failure.ts';
import type { Capabilities } from './core/plan.ts';
import { isSecret, Secret } from './core/secret.ts';
import { manifestOf } from './plugins/manifest-of.ts';
import { providers } from './providers/index.ts';
import type { State } from './recall.ts';
import { type Manifest, openProvider, type Provider, type Tools, type Zone } from './sdk/provider.ts';
import { USER_AGENT } from './version.ts';
import type { World } from './world/world.ts';

export type OpenAccount = {
  readonly name: string;
  readonly manifest: Manifest;
  readonly can: Capabilities;
  readonly provider: Provider;
  /** Keyed hash over provider, options and secrets: what a pause for bad credentials waits to see changed. */
  readonly digest: string;
  /** Provider and options, without secrets. */
  readonly identity: string;
  /** What it knows of its zones by now, to be remembered; none whose id holds a secret. */
  readonly zones: () => readonly Zone[];
};

export type Opening = { readonly state: Pick<State, 'accounts'>; readonly signal: AbortSignal; readonly dry?: boolean };
export type Registry = typeof providers;

/** Every account that has something to set, side by side. One that cannot be opened fails alone. */
export async function openAll(config: Config, decisions: readonly Decision[], opening: Opening, world: World): Promise<ReadonlyMap<string, Attempt<OpenAccount>>> {
  const names = [...new Set(decisions.filter(({ kind }) => kind === 'set').map(({ target }) => target.account))];
  const opened = names.map(async (name): Promise<[string, Attempt<OpenAccount>]> => {
    const account = config.accounts[name];
    if (account === undefined) throw new TypeError(`no account ${name}`);
    return [name, await attempt(() => openAccount(account, opening, world))];
  });
  return new Map(await Promise.all(opened));
}

/** Log-ins that were made are ended; one that cannot be ended runs out by itself. */
export async function closeAll(accounts: ReadonlyMap<string, Attempt<OpenAccount>>): Promise<void> {
  await Promise.all([...accounts.values()].map((opened) => attempt(async () => (opened.kind === 'ok' ? opened.value.provider.close?.() : undefined))));
}

/** Throws Fault `config` with every problem of the account's options, and whatever the adapter's own opening throws. */
export async function openAccount(account: Account, { state, signal, dry = false }: Opening, world: World, registry: Registry = providers): Promise<OpenAccount> {
  const found = await attempt(() => manifestOf(account, registry, world.files));
  if (found.kind === 'failed') throw new Fault({ ...found.failure, detail: `accounts.${account.name}.provider: ${found.failure.detail}` });
  const manifest = found.value;
  const { options, problems } = await optionsOf(account, manifest, world);
  if (options === undefined) throw new Fault({ kind: 'config', detail: problems.join('; ') });
  const identity = identityOf(account);
  const remembered = state.accounts[account.name];
  let zones = remembered?.identity === identity ? (remembered.zones ?? []) : [];
  const memory = {
    get: () => zones,
    set: (found: readonly Zone[]) => {
      zones = found;
    },
  };
  const provider = await openWith(manifest, options, { account: account.name, signal, dry, zones: memory }, world);
  const can = typeof manifest.can === 'function' ? manifest.can(options) : manifest.can;
  return { name: account.name, manifest, can, provider, digest: digestOver(account, options), identity, zones: () => zones.filter(({ id }) => world.redactor.redact(id) === id) };
}

type Opened = Pick<Tools, 'account' | 'signal' | 'dry' | 'zones'>;

/** Options that were looked up and parsed, and the adapter. Opening alone sends nothing. Throws what the adapter throws: Fault `config` or `auth` for options that cannot be. */
export function openWith(manifest: Manifest, options: ReadOptions, opened: Opened, world: World): Promise<Provider> {
  const { clock, files, processes, random, env } = world;
  const { redact } = world.redactor;
  const learn = (text: string): void => world.redactor.learn(new Secret(text));
  const net = options['insecure'] === true ? inTheOpen(world.net) : world.net;
  return openProvider(manifest, options, { ...opened, net, clock, files, processes, random, env, userAgent: USER_AGENT, redact, learn });
}

/** What the user allowed for this account, adapters and the SDKs of vendors need not know. */
const inTheOpen = (net: World['net']): World['net'] => ({ ...net, http: (request, wait) => net.http({ ...request, insecure: true }, wait) });

/** As `OpenAccount.digest`, without opening. Where a secret or the provider's package cannot be had, the digest is another: then the account is tried, and says so itself. */
export async function digestOf(account: Account, world: World, registry: Registry = providers): Promise<string> {
  const found = await attempt(async () => (await optionsOf(account, await manifestOf(account, registry, world.files), world)).options);
  return found.kind === 'failed' || found.value === undefined ? 'incomplete' : digestOver(account, found.value);
}

async function optionsOf(account: Account, manifest: Manifest, world: World): Promise<{ readonly options?: ReadOptions | undefined; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const options = await readOptions(environmentOptions(account, manifest, world.env), { manifest, fromFlags: account.fromFlags === true }, placeAt(['accounts', account.name]), {
    secret: (form) => resolveSecret(form, world),
    report: (place, message) => void problems.push(`${printKeys(keysOf(place))}: ${message}`),
  });
  return { options, problems };
}

/** Keyed by what it is for, so that it equals no hash of the same secret made elsewhere; cut short, for it need only differ. */
function digestOver({ provider }: Account, options: ReadOptions): string {
  return createHmac('sha256', `ddns-update account ${provider}`)
    .update(canonicalJson(revealed(options)))
    .digest('hex')
    .slice(0, 24);
}

function revealed(value: unknown): unknown {
  if (isSecret(value)) return { secret: value.reveal() };
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
