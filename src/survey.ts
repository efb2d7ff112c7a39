/** Asks the accounts what is there now for everything that may have to be written: one call per account, side by side. */
import type { OpenAccount } from './accounts.ts';
import type { Decision, Setting } from './core/decide.ts';
import { type Attempt, attempt, type Failure } from './core/failure.ts';
import type { Current } from './core/plan.ts';
import { keyOf, type RecordKey, type RecordSet, recordSet } from './core/record.ts';

export type Survey = ReadonlyMap<Setting, Current>;

/** What is there for every `set` decision. An account that cannot be opened or asked fails its own decisions only. */
export async function survey(decisions: readonly Decision[], accounts: ReadonlyMap<string, Attempt<OpenAccount>>): Promise<Survey> {
  const found = new Map<Setting, Current>();
  await Promise.all(
    [...byAccount(decisions)].map(async ([name, settings]) => {
      const account = accounts.get(name);
      if (account === undefined) throw new TypeError(`account ${name} was not opened`);
      const current = account.kind === 'failed' ? () => failed(account.failure) : await ask(account.value, settings);
      for (const setting of settings) found.set(setting, current(setting));
    }),
  );
  return found;
}

/** The `set` decisions of each account, in the order of the config. */
export function byAccount(decisions: readonly Decision[]): ReadonlyMap<string, readonly Setting[]> {
  const groups = new Map<string, Setting[]>();
  for (const decision of decisions) {
    if (decision.kind !== 'set') continue;
    const { account } = decision.target;
    const group = groups.get(account);
    if (group) group.push(decision);
    else groups.set(account, [decision]);
  }
  return groups;
}

async function ask(account: OpenAccount, settings: readonly Setting[]): Promise<(setting: Setting) => Current> {
  const read = account.provider.read;
  if (read === undefined) return () => ({ kind: 'unreadable' });
  const answer = await attempt(() =>
    read.call(
      account.provider,
      settings.map(({ target }) => keyOf(target)),
    ),
  );
  if (answer.kind === 'failed') return () => failed(answer.failure);
  return ({ target }) => asCurrent(keyOf(target), answer.value, target);
}

function asCurrent(key: RecordKey, answer: ReadonlyMap<RecordKey, RecordSet | Failure | undefined>, target: Setting['target']): Current {
  const set = answer.get(key);
  if (set !== undefined) return 'kind' in set ? failed(set) : { kind: 'found', set };
  if (answer.has(key)) return { kind: 'found', set: recordSet(target, []) };
  return failed({ kind: 'defect', detail: `${target.account} gave no answer about ${target.name} ${target.type}` });
}

const failed = (failure: Failure): Current => ({ kind: 'failed', failure });
