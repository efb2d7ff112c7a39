/** Drift: name servers that say something else than what was published. What counts as it, and what is done about it. Pure. */
import type { Decision, Known, Setting } from './decide.ts';
import type { Failure } from './failure.ts';
import type { Capabilities } from './plan.ts';
import type { ServerAnswer } from './proof.ts';
import { type Instant, type RecordSet, recordSet, type Sharing, sameValues, type Target } from './record.ts';

/** `restore`: it is put back. `report`: it is told. `off`: nobody is asked. */
export type DriftPolicy = 'restore' | 'report' | 'off';

/** `words`: the end of "its name servers say". `unknown`: none that answered can tell. */
export type Sight = { readonly kind: 'as-published' } | { readonly kind: 'unknown' } | { readonly kind: 'drift'; readonly words: string };

/**
 * What a zone's servers say of a name that was published. One that has it is enough: others are behind then, and catch up. Silence is no drift, and neither
 * is another TTL, or a value of somebody else beside ours, unless the set is to be ours alone. `aliases`: where the name leads, if it is an alias; the
 * answers are about the last of them.
 */
export function sightOf(published: RecordSet, sharing: Sharing, { answers, aliases }: { readonly answers: readonly ServerAnswer[]; readonly aliases: readonly string[] }): Sight {
  const said = new Set<string>();
  for (const { answer } of answers) {
    if (answer.kind === 'holds') {
      const held = recordSet(published, answer.values);
      if (sharing === 'replace' ? sameValues(published, held) : published.values.every((value) => held.values.includes(value))) return { kind: 'as-published' };
      said.add(held.values.join(', '));
    } else if (answer.kind === 'absent') said.add('that there is none');
    else if (answer.kind === 'alias') said.add(`that it is an alias of ${answer.target}`);
  }
  if (said.size === 0) return { kind: 'unknown' };
  const [alias] = aliases;
  return { kind: 'drift', words: `${alias === undefined ? '' : `that it is an alias of ${alias}, and `}${[...said].sort().join(' or ')}` };
}

type Doubted = Extract<Setting, { readonly failure: Failure }>;

/** A target that was kept, to be compared at its provider because its name servers say `words`. */
export function doubted(target: Target, published: RecordSet, words: string, policy: Exclude<DriftPolicy, 'off'>): Doubted {
  const detail = `${target.name} ${target.type}: its name servers say ${words}, not ${published.values.join(', ')} as published`;
  if (policy === 'restore') return { target, kind: 'set', desired: published, why: 'drift', failure: { kind: 'drift', detail } };
  return { target, kind: 'set', desired: published, why: 'look', failure: { kind: 'drift', detail, hint: 'drift: report leaves it so; ddns-update --force puts it back' } };
}

/** So long the name servers of a service may take to hear of what it was told. */
const LAG_MS = 3_600_000;
/** A domain that leads elsewhere is not mended by telling the service again and again. */
const AGAIN_MS = 24 * LAG_MS;
/** Who changes a record back more often than so within a day means it, or is a machine that does not give up either. */
export const MOST_A_DAY = 5;

/**
 * Where the provider cannot be asked what is there, only the name servers tell, and they may lag or belong to somebody else: what was sent within the hour
 * is left alone, and nothing is sent again for drift more than once a day. What cannot be compared is told. Where it can be asked, a quarrel with somebody else
 * about a record ends after a while, and is told. `canOf`: of accounts that could be opened.
 */
export function unhurried(
  decisions: readonly Decision[],
  canOf: (account: string) => Pick<Capabilities, 'readable'> | undefined,
  knownOf: (target: Target) => Pick<Known, 'memory'>,
  now: Instant,
): readonly Decision[] {
  return decisions.map((decision): Decision => {
    if (decision.kind !== 'set' || (decision.why !== 'drift' && decision.why !== 'look')) return decision;
    const { target, failure } = decision;
    const told = { target, kind: 'keep', why: 'drift', failure } as const;
    const can = canOf(target.account);
    if (can === undefined) return decision.why === 'look' ? told : decision;
    if (can.readable) return decision.why === 'drift' && timesPutBack(knownOf(target).memory, now) >= MOST_A_DAY ? { ...told, failure: { ...failure, hint: QUARREL } } : decision;
    const since = now - (knownOf(target).memory.confirmedAt ?? 0);
    if (since >= 0 && since < LAG_MS) return { target, kind: 'keep', why: 'unchanged' };
    if (decision.why === 'look') return told;
    // From the future: the clock was wrong then.
    if (since < 0 || since >= AGAIN_MS) return decision;
    return { ...told, failure: { ...failure, hint: `${target.account} cannot be asked what it has, so it is sent again once a day at most; does the domain lead to its name servers?` } };
  });
}

const QUARREL = `it was put back ${MOST_A_DAY} times within a day: whoever changes it again and again must stop, or the name must leave one of the two configs; ddns-update --force puts it back once more`;

const timesPutBack = ({ putBack = [] }: Known['memory'], now: Instant): number => putBack.filter((at) => at <= now && now - at < AGAIN_MS).length;
