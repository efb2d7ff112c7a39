/** Climbs the ladder for every target of a dry round: the provider's word is in its steps, the name servers and public resolvers are asked here. */
import { authoritativeRung, type Climb, cachesRung, providerRung, type Rung } from '../core/ladder.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RecordSet } from '../core/record.ts';
import type { Peer } from '../world/world.ts';
import type { Tools } from './ask.ts';
import { askCaches } from './caches.ts';
import { prove } from './prove.ts';
import { signaturesOf } from './signatures.ts';

export type ClimbOptions = {
  /** Who is asked what strangers' caches hold, and whether the signatures of a zone fit; `name`: as it is told. */
  readonly resolvers: readonly { readonly name: string; readonly peer: Peer }[];
  /** How long name servers that are behind are waited for. */
  readonly patienceMs: number;
};

/** One climb per outcome, in order. Public resolvers are asked only for what every authoritative server has. */
export async function climb(outcomes: readonly Outcome[], { resolvers, patienceMs }: ClimbOptions, tools: Tools): Promise<readonly Climb[]> {
  const begun = outcomes.map((outcome) => ({ target: outcome.step.decision.target, ...providerRung(outcome) }));
  const wanted = begun.flatMap(({ wanted: set }) => (set === undefined ? [] : [set]));
  const proofs = await prove(wanted, tools, patienceMs);
  return Promise.all(
    begun.map(async ({ target, wanted: set, rung }): Promise<Climb> => {
      if (set === undefined) return { target, rungs: [rung] };
      const proof = proofs.get(set);
      const authoritative: Rung =
        proof === undefined ? { rung: 'authoritative', state: 'unknown', words: 'there was no time left to ask' } : authoritativeRung(proof.kind === 'failed' ? proof.failure : proof.value);
      const rungs = [rung, authoritative];
      if (authoritative.state !== 'proven') return { target, wanted: set, rungs };
      const signed = proof?.kind === 'ok' && proof.value.signed;
      const [signatures, caches] = await Promise.all([signed ? signaturesOf(set, resolvers, tools) : undefined, cachesOf(set, resolvers, tools)]);
      return { target, wanted: set, rungs: [...rungs, ...(signatures === undefined ? [] : [signatures]), caches] };
    }),
  );
}

const cachesOf = async (set: RecordSet, resolvers: ClimbOptions['resolvers'], tools: Tools): Promise<Rung> => cachesRung(set, await askCaches(set, resolvers, tools), tools.clock.now());
