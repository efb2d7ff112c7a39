/** What a round knows before it asks anybody: what is remembered, where the box is plugged in, and which config was found good before. */
import type { Config } from './config/config.ts';
import { identityOf } from './config/identity.ts';
import type { Family } from './core/address.ts';
import { sameNetwork } from './core/network.ts';
import type { Target } from './core/record.ts';
import type { AccountFacts } from './ledger.ts';
import { memoryKey, type Recalled, recall, type State } from './recall.ts';
import type { Network, World } from './world/world.ts';

export type Prepared = Recalled & { readonly facts: ReadonlyMap<string, AccountFacts>; readonly network: Network | undefined };

export async function prepare(config: Config, targets: readonly Target[], world: World): Promise<Prepared> {
  const recalled = recall(config.stateFolder, world);
  const network = await world.net.network();
  return { ...recalled, network, facts: await factsOf(config, targets, recalled.state, world) };
}

/** Secrets are looked at only where a pause may depend on them. */
async function factsOf(config: Config, targets: readonly Target[], state: State, world: World): Promise<ReadonlyMap<string, AccountFacts>> {
  const facts = new Map<string, AccountFacts>();
  for (const name of new Set(targets.map(({ account }) => account))) {
    const account = config.accounts[name];
    if (account === undefined) throw new TypeError(`no account ${name}`);
    const keyOf = keyIn(config);
    const troubled = state.accounts[name]?.trouble !== undefined || targets.some((target) => target.account === name && state.targets[keyOf(target)]?.trouble !== undefined);
    const digest = troubled ? await (await import('./accounts.ts')).digestOf(account, world) : '';
    facts.set(name, { identity: identityOf(account), digest, keyOf });
  }
  return facts;
}

/** Where the memory of a target of this config is kept. */
export const keyIn =
  ({ accounts }: Pick<Config, 'accounts'>) =>
  (target: Target): string =>
    memoryKey(target, accounts[target.account]?.options['zone']);

/** What is remembered for the whole config, whichever of its names a round is about. */
export const configured = (config: Config): { readonly targets: ReadonlySet<string>; readonly accounts: ReadonlySet<string> } => ({
  targets: new Set(config.targets.map(keyIn(config))),
  accounts: new Set(Object.keys(config.accounts)),
});

export const isChecked = ({ checked = [] }: State, { digest }: Config): boolean => checked.includes(digest);

const CHECKED_KEPT = 8;
export const checked = (state: State, config: Config): State => (isChecked(state, config) ? state : { ...state, checked: [config.digest, ...(state.checked ?? [])].slice(0, CHECKED_KEPT) });

export const familiesOf = (targets: readonly Target[]): readonly Family[] => [...new Set(targets.map(({ family }) => family))].sort();

/** No memory of a network is news too; a system that cannot tell where it is plugged in is not. */
export const isNewNetwork = (state: State, network: Network | undefined): boolean => network !== undefined && (state.network === undefined || !sameNetwork(state.network, network));
