/** What happened in a round, in a sentence: who agreed on what, who said otherwise, who said nothing. */
import type { Ballot } from '../core/ballot.ts';
import type { Observation } from '../core/observe.ts';
import type { Report } from '../round.ts';

type Agreed = Extract<Observation, { kind: 'agreed' }>;
const agreedIn = ({ observations }: Report): readonly Agreed[] => observations.flatMap((seen) => (seen.kind === 'agreed' ? [seen] : []));

/** Why there is no address. */
export const whyOf = (observations: readonly Observation[]): string => [...new Set(observations.map((seen) => ('why' in seen ? seen.why : seen.kind)))].join('; ');

/** Who agreed on what, who said otherwise, who said nothing. */
export function agreement(report: Report): string {
  const agreed = agreedIn(report);
  const lies = agreed.flatMap(({ ballots, address }) => ballots.flatMap((ballot) => (ballot.kind === 'address' && ballot.address !== address ? [ballot.address] : [])));
  const silent = operatorsOf(agreed, ({ kind }) => kind === 'failed');
  return [
    consent(report),
    ...(lies.length === 0 ? [] : [`${operatorsOf(agreed, (ballot, { address }) => ballot.kind === 'address' && ballot.address !== address)} says ${lies.join(' and ')} and is outvoted`]),
    ...(silent === '' ? [] : [`${silent} never answers and is not waited for`]),
  ]
    .join('; ')
    .concat('.');
}

function consent(report: Report): string {
  const agreed = agreedIn(report);
  if (agreed.length === 0) return `No agreement: ${whyOf(report.observations)}`;
  return `${operatorsOf(agreed, (ballot, { address }) => ballot.kind === 'address' && ballot.address === address)} agree on ${agreed.map(({ address }) => address).join(' and ')}`;
}

const operatorsOf = (agreed: readonly Agreed[], wanted: (ballot: Ballot, seen: Agreed) => boolean): string =>
  [...new Set(agreed.flatMap((seen) => seen.ballots.filter((ballot) => wanted(ballot, seen)).map(({ operator }) => operator)))].sort().join(', ');

/** What became of TTLs: "3600 s → 3 s". */
export const ttlsIn = ({ outcomes }: Report): string =>
  [
    ...new Set(
      outcomes.flatMap(({ step }) => ('before' in step && 'after' in step && step.before.ttl !== undefined && step.after.ttl !== undefined ? [`${step.before.ttl} s → ${step.after.ttl} s`] : [])),
    ),
  ].join(', ') || 'unchanged';
