/** After a full ballot: asks the name servers about everything that is kept because nothing changed, so that what somebody else changed is seen. */

import type { Family, IpAddress } from '../core/address.ts';
import { type Decision, isFree, type Known } from '../core/decide.ts';
import { type DriftPolicy, doubted, type Sight, sightOf } from '../core/drift.ts';
import { attempt } from '../core/failure.ts';
import type { Observation } from '../core/observe.ts';
import { keyOf, type RecordSet, type Target } from '../core/record.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import type { Tools } from './ask.ts';
import type { Authority } from './authority.ts';

type Looking = {
  readonly policy: DriftPolicy;
  /** Names are asked about only where a full ballot of this round agreed. */
  readonly observations: ReadonlyMap<Family, Observation>;
  readonly knownOf: (target: Target) => Known;
  /** Of these something was sent or read in this round already. */
  readonly acted: ReadonlyMap<Target, unknown>;
};

const LONGEST_MS = 5000;
/** While something else waits to be published. */
const SHORT_MS = 1000;
const AT_ONCE = 16;

/**
 * The same decisions, in order, but what its name servers contradict is to be compared at its provider, and what they confirm is no longer told. Whatever
 * could not be asked in time stays as it was decided. Never throws.
 */
export async function withDrift(decisions: readonly Decision[], { policy, observations, knownOf, acted }: Looking, tools: Tools): Promise<readonly Decision[]> {
  const isKept = (decision: Decision): boolean => decision.kind === 'keep' && (decision.why === 'unchanged' || decision.why === 'drift') && !acted.has(decision.target);
  const unchanged = (decision: Decision): Decision => (decision.why === 'unchanged' ? decision : { target: decision.target, kind: 'keep', why: 'unchanged' });
  if (policy === 'off') return decisions.map((decision) => (isKept(decision) ? unchanged(decision) : decision));
  const now = tools.clock.now();
  const asked = decisions.flatMap((decision): readonly Asked[] => {
    const { target } = decision;
    const known = knownOf(target);
    const { set } = known.memory;
    return isKept(decision) && observations.get(target.family)?.kind === 'agreed' && set !== undefined && isFree(target, known, now) ? [{ target, set }] : [];
  });
  const resolvers = await attempt(async () => (asked.length === 0 ? undefined : tools.net.resolvers?.()));
  if (resolvers.kind === 'failed' || !resolvers.value?.length) return decisions;
  const isUrgent = decisions.some((decision) => decision.kind === 'set' && (decision.why === 'moved' || decision.why === 'first'));
  const seen = await look(asked, isUrgent ? SHORT_MS : LONGEST_MS, tools);
  const published = new Map(asked.map(({ target, set }) => [target, set]));
  return decisions.map((decision) => {
    const { target } = decision;
    const [set, sight] = [published.get(target), seen.get(target)];
    if (set === undefined || sight === undefined || sight.kind === 'unknown') return decision;
    return sight.kind === 'drift' ? doubted(target, set, sight.words, policy) : unchanged(decision);
  });
}

type Asked = { readonly target: Target; readonly set: RecordSet };

/** What was not seen in time is not in it. */
async function look(asked: readonly Asked[], longestMs: number, tools: Tools): Promise<ReadonlyMap<Target, Sight>> {
  const { askAuthority, findAuthority, nothingLearned } = await import('./authority.ts');
  const { inTime } = await import('./ask.ts');
  const learned = nothingLearned();
  const mute = new Set<IpAddress>();
  const seen = new Map<Target, Sight>();
  // Begun anywhere, so that of very many names not always the same ones are left when the time is over.
  const from = Math.floor(tools.random() * asked.length);
  await inTime(longestMs, tools, (within) =>
    eachOf([...asked.slice(from), ...asked.slice(0, from)], AT_ONCE, async ({ target, set }) => {
      if (within.signal.aborted) return;
      const found = await attempt(async () => {
        const authority = await findAuthority(target.name, within, learned);
        return { authority, answers: (await askAuthority(without(mute, authority), [keyOf(target)], within)).get(keyOf(target)) ?? [] };
      });
      // What was cut off in the middle says nothing about those who had no time to answer.
      if (within.signal.aborted || found.kind === 'failed') return;
      const { authority, answers } = found.value;
      for (const { answer, address } of answers) if (answer.kind === 'silent') mute.add(address);
      seen.set(target, sightOf(set, target.sharing, { answers, aliases: authority.aliases }));
    }),
  );
  return seen;
}

/** One that was silent about one name is not waited for again with every other. */
const without = (mute: ReadonlySet<IpAddress>, authority: Authority): Authority => ({
  ...authority,
  servers: authority.servers.map((server) => ({ ...server, addresses: server.addresses.filter((address) => !mute.has(address)) })),
});
