/** Adds to every change how far its truth is known. A label, never a failure: what the provider accepted stays accepted. */
import type { OpenAccount } from '../accounts.ts';
import type { VerifyConfig } from '../config/config.ts';
import { type Attempt, attempt } from '../core/failure.ts';
import type { Outcome } from '../core/outcome.ts';
import { describeProof, type Proof } from '../core/proof.ts';
import type { RecordSet } from '../core/record.ts';
import type { World } from '../world/world.ts';

const LONGEST_WAIT_MS = 50_000;
/** A name server that has not heard of a change after so long will not within this round. */
const LONGEST_LOOK_MS = 10_000;

type Changed = Extract<Outcome, { kind: 'changed' }>;

/**
 * With `verify` in the config, accounts that can tell are asked whether all their name servers have the changes; for the others the authoritative servers
 * themselves are asked. What visitors are told by a proxy is not compared: there the provider's own answer is all that can be known.
 */
export async function verify(
  outcomes: readonly Outcome[],
  accounts: ReadonlyMap<string, Attempt<OpenAccount>>,
  { config, signal }: { readonly config: VerifyConfig | undefined; readonly signal: AbortSignal },
  world: Pick<World, 'clock' | 'net' | 'random'>,
): Promise<readonly Outcome[]> {
  if (config === undefined || signal.aborted) return outcomes;
  const changed = outcomes.filter((outcome) => outcome.kind === 'changed');
  const providerOf = ({ step }: Changed): OpenAccount['provider'] | undefined => {
    const account = accounts.get(step.decision.target.account);
    return account?.kind === 'ok' ? account.value.provider : undefined;
  };
  const settled = new Map<OpenAccount['provider'], boolean>();
  const telling = [...new Set(changed.map(providerOf))].map(async (provider) => {
    if (provider?.settled === undefined) return;
    const answer = await attempt(() => provider.settled?.(LONGEST_WAIT_MS) ?? Promise.resolve(false));
    settled.set(provider, answer.kind === 'ok' && answer.value);
  });
  const written = changed.flatMap((outcome) => (providerOf(outcome)?.settled === undefined && !outcome.proxied && 'after' in outcome.step ? [outcome.step.after] : []));
  const { prove } = await import('./prove.ts');
  const [proofs] = await Promise.all([written.length === 0 ? NO_PROOFS : prove(written, { ...world, signal }, LONGEST_LOOK_MS), ...telling]);
  return outcomes.map((outcome) => {
    if (outcome.kind !== 'changed') return outcome;
    const provider = providerOf(outcome);
    const truth = provider && settled.get(provider);
    if (truth !== undefined) return { ...outcome, verified: truth ? 'authoritative' : 'not-yet' };
    const proof = 'after' in outcome.step ? proofs.get(outcome.step.after) : undefined;
    return proof === undefined ? outcome : labelled(outcome, proof);
  });
}

const NO_PROOFS: ReadonlyMap<RecordSet, Attempt<Proof>> = new Map();

/** Where nothing is known from here, what the provider said stands. */
function labelled(outcome: Changed, proof: Attempt<Proof>): Outcome {
  if (proof.kind === 'failed') return { ...outcome, doubt: `cannot tell from here: ${proof.failure.detail}` };
  if (proof.value.kind === 'proven') return { ...outcome, verified: 'authoritative' };
  return { ...outcome, ...(proof.value.kind === 'unknown' ? {} : { verified: 'not-yet' as const }), doubt: describeProof(proof.value) };
}
