/** What is told, and to whom: a line per target for those who look, news for those who did not ask. */
import { describeFailure, type Failure, HANDLING } from './core/failure.ts';
import type { Observation } from './core/observe.ts';
import { failureOf, type Outcome } from './core/outcome.ts';
import { describeStep } from './core/plan.ts';
import { type Instant, sameValues, type Target } from './core/record.ts';
import type { Told } from './recall.ts';

/** `changed` and `recovered` are good news, `failing` is not. */
export type News = { readonly kind: 'changed' | 'failing' | 'recovered'; readonly line: string };

const HOUR = 3_600_000;

/**
 * What is new since people were last told: a change, a new failure, a recovery once each; a failure that goes on again after an hour, then daily.
 * `told` comes back as the same object when nothing about it changed, so that nothing need be stored.
 */
export function tell(outcomes: readonly Outcome[], told: Readonly<Record<string, Told>>, now: Instant): { readonly news: readonly News[]; readonly told: Readonly<Record<string, Told>> } {
  const news: News[] = outcomes.filter(({ kind }) => kind === 'changed').map((outcome) => ({ kind: 'changed', line: describeOutcome(outcome) }));
  const next: Record<string, Told> = { ...told };
  const subjects = subjectsOf(outcomes);
  for (const [subject, { failure, targets, unconfirmed }] of subjects) {
    const before = told[subject];
    const goesOn = before?.kind === natureOf(failure);
    if (before && goesOn && !isDue(before, now)) continue;
    next[subject] = { kind: natureOf(failure), since: goesOn ? before.since : now, last: now, times: goesOn ? before.times + 1 : 1 };
    news.push({
      kind: 'failing',
      line: `${describeSubject(subject, targets)}: ${unconfirmed ? 'could not confirm the change: ' : ''}${targets.length === 1 && targets[0] ? withoutName(targets[0], failure) : describeFailure(failure)}${goesOn ? ` - since ${new Date(before.since).toISOString()}` : ''}`,
    });
  }
  for (const subject of Object.keys(told)) {
    if (subjects.has(subject) || !isJudged(subject, outcomes)) continue;
    delete next[subject];
    news.push({ kind: 'recovered', line: `${describeSubject(subject, [])}: recovered` });
  }
  const same = news.every(({ kind }) => kind === 'changed') && Object.keys(next).length === Object.keys(told).length;
  return { news, told: same ? told : next };
}

/** The address of its family is known, or was not needed. */
export const isLocated = ({ step: { decision } }: Outcome): boolean => !(decision.kind === 'keep' && (decision.why === 'unobserved' || decision.why === 'disputed'));

/** What waits for a person is told kind by kind. Trouble that passes by itself is one trouble, whatever face it shows this round. */
const natureOf = ({ kind }: Failure): string => (passes(kind) ? 'passing' : kind);
const passes = (kind: Failure['kind']): boolean => HANDLING[kind].retry !== 'changed' && [69, 75, 76].includes(HANDLING[kind].exit);

const isDue = ({ times, last }: Told, now: Instant): boolean => now - last >= (times === 1 ? HOUR : 24 * HOUR) || now < last;

type Subject = { readonly failure: Failure; readonly targets: readonly Target[] /** Something was sent that may have been done. */; readonly unconfirmed: boolean };

/** What the trouble is about: a family that is not found, an account as a whole, or one target. One subject is told once, however many names it has. */
function subjectsOf(outcomes: readonly Outcome[]): ReadonlyMap<string, Subject> {
  const subjects = new Map<string, Subject>();
  for (const outcome of outcomes) {
    const failure = failureOf(outcome);
    if (!failure) continue;
    const subject = subjectOf(outcome, failure);
    const before = subjects.get(subject);
    const unconfirmed = before?.unconfirmed === true || outcome.kind === 'unconfirmed';
    subjects.set(subject, { failure: before?.failure ?? failure, targets: [...(before?.targets ?? []), outcome.step.decision.target], unconfirmed });
  }
  return subjects;
}

function subjectOf(outcome: Outcome, failure: Failure): string {
  const { family, account, name, type } = outcome.step.decision.target;
  if (!isLocated(outcome)) return `IPv${family}`;
  return HANDLING[failure.kind].pauses === 'account' || failure.kind === 'state' || passes(failure.kind) ? `account ${account}` : `${name} ${type} ${account}`;
}

/** A recovery can only be told of what this round looked at and found well. */
const isJudged = (subject: string, outcomes: readonly Outcome[]): boolean =>
  outcomes.some(({ step: { decision } }) => {
    const { family, account, name, type } = decision.target;
    if (subject === `IPv${family}`) return !(decision.kind === 'keep' && (decision.why === 'paused' || decision.why === 'waiting'));
    return subject === `account ${account}` || subject === `${name} ${type} ${account}`;
  });

const describeSubject = (subject: string, targets: readonly Target[]): string =>
  targets.length > 1 ? `${subject} (${targets.length} names)` : targets[0] && !subject.startsWith(targets[0].name) ? `${subject} (${targets[0].name} ${targets[0].type})` : subject;

/** Why, where the line begins with the name already. */
export function withoutName({ name, type }: Pick<Target, 'name' | 'type'>, failure: Failure): string {
  const prefix = [`${name} ${type}: `, `${name}: `].find((begin) => failure.detail.startsWith(begin)) ?? '';
  return describeFailure({ ...failure, detail: failure.detail.slice(prefix.length) });
}

/** One target's outcome as one line. */
export function describeOutcome(outcome: Outcome): string {
  const { step } = outcome;
  const { name, type } = step.decision.target;
  const why = (failure: Failure): string => withoutName(step.decision.target, failure);
  switch (outcome.kind) {
    case 'kept': {
      const failure = failureOf(outcome);
      return failure ? `${name} ${type} kept as it is: ${why(failure)}${waitOf(step)}` : `${name} ${type} unchanged`;
    }
    case 'already':
      return describeStep(step);
    case 'planned':
      return describeStep(step);
    case 'changed': {
      const truth = { authoritative: 'confirmed by its name servers', provider: 'confirmed by the provider', 'not-yet': 'accepted, not on every name server yet', off: 'accepted' }[outcome.verified];
      const told = outcome.doubt === undefined ? truth : outcome.verified === 'not-yet' ? `accepted, but ${outcome.doubt}` : `${truth}; ${outcome.doubt}`;
      return `${describeChange(outcome)} (${told})`;
    }
    case 'failed':
      return `${name} ${type} not changed: ${why(outcome.failure)}`;
    case 'unconfirmed':
      return `${name} ${type} could not confirm the change: ${why(outcome.failure)}`;
    default:
      return outcome satisfies never;
  }
}

/** Nobody was asked just now, and until when that is so. */
const waitOf = ({ decision }: Outcome['step']): string =>
  decision.kind === 'keep' && decision.why === 'waiting' && typeof decision.until === 'number' ? `; not asked again before ${new Date(decision.until).toISOString()}` : '';

function describeChange({ step }: Outcome): string {
  const { name, type } = step.decision.target;
  if (!('after' in step)) return `${name} ${type}`;
  if ('before' in step && sameValues(step.before, step.after) && step.before.ttl !== step.after.ttl)
    return `${name} ${type} ${step.after.values.join(', ')}: TTL ${step.before.ttl ?? 'unknown'} → ${step.after.ttl ?? 'as usual'}`;
  const before = 'before' in step ? `${step.before.values.join(', ')} → ` : '';
  return `${name} ${type} ${before}${step.after.values.join(', ')}${step.decision.kind === 'set' && step.decision.why === 'drift' ? ', put back' : ''}`;
}

/** The JSON document of DESIGN 3: `run`, `plan` and `relocate`. */
export function reportJson(report: {
  readonly observations: readonly Observation[];
  readonly outcomes: readonly Outcome[];
  readonly failures: readonly Failure[];
  readonly warnings: readonly string[];
  readonly exit: number;
}): unknown {
  return {
    version: 1,
    observations: report.observations.map(observationJson),
    outcomes: report.outcomes.map(outcomeJson),
    ...(report.failures.length > 0 ? { failures: report.failures } : {}),
    ...(report.warnings.length > 0 ? { warnings: report.warnings } : {}),
    exit: report.exit,
  };
}

export function observationJson(observation: Observation): unknown {
  return {
    family: observation.family,
    verdict: observation.kind,
    ...('address' in observation ? { address: observation.address } : { why: observation.why }),
    ballots: observation.ballots.map((ballot) => ({
      source: ballot.source,
      operator: ballot.operator,
      transport: ballot.transport,
      ...(ballot.kind === 'address' ? { address: ballot.address } : { failure: ballot.failure.kind, detail: ballot.failure.detail }),
      ms: Math.round(ballot.ms * 10) / 10,
    })),
  };
}

function outcomeJson(outcome: Outcome): unknown {
  const { step } = outcome;
  const { decision } = step;
  const { name, type, account } = decision.target;
  const failure = failureOf(outcome);
  return {
    name,
    type,
    account,
    decision: { kind: decision.kind, why: decision.why },
    step: { kind: step.kind, ...('before' in step ? { before: step.before } : {}), ...('after' in step ? { after: step.after } : {}) },
    outcome: outcome.kind,
    ...(outcome.kind === 'changed' ? { verified: outcome.verified, ...(outcome.doubt === undefined ? {} : { doubt: outcome.doubt }) } : {}),
    ...(failure ? { failure } : {}),
  };
}
