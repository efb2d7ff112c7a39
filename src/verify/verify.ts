/** Adds to every change how far its truth is known. A label, never a failure: what the provider accepted stays accepted. */
import type { OpenAccount } from '../accounts.ts';
import type { VerifyConfig } from '../config/config.ts';
import { type Attempt, attempt } from '../core/failure.ts';
import type { Outcome } from '../core/outcome.ts';

const LONGEST_WAIT_MS = 50_000;

/** With `verify` in the config, accounts that can tell are asked whether all their name servers have the changes. */
export async function verify(
  outcomes: readonly Outcome[],
  accounts: ReadonlyMap<string, Attempt<OpenAccount>>,
  { config, signal }: { readonly config: VerifyConfig | undefined; readonly signal: AbortSignal },
): Promise<readonly Outcome[]> {
  if (config === undefined || signal.aborted) return outcomes;
  const changed = new Set(outcomes.filter(({ kind }) => kind === 'changed').map(({ step }) => step.decision.target.account));
  const settled = new Map<string, boolean>();
  await Promise.all(
    [...changed].map(async (name) => {
      const account = accounts.get(name);
      if (account?.kind !== 'ok' || account.value.provider.settled === undefined) return;
      const { provider } = account.value;
      const answer = await attempt(() => provider.settled?.(LONGEST_WAIT_MS) ?? Promise.resolve(false));
      settled.set(name, answer.kind === 'ok' && answer.value);
    }),
  );
  return outcomes.map((outcome) => {
    const truth = settled.get(outcome.step.decision.target.account);
    if (outcome.kind !== 'changed' || truth === undefined) return outcome;
    return { ...outcome, verified: truth ? 'authoritative' : 'not-yet' };
  });
}
