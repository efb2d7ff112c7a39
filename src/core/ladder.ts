/** How far it is proven that a name leads here: rung by rung, from the provider's word to what strangers' caches still hold. Pure; claims no more than was seen. */
import type { IpAddress } from './address.ts';
import { describeFailure, type Failure } from './failure.ts';
import { failureOf, type Outcome, works } from './outcome.ts';
import { describeProof, type Proof } from './proof.ts';
import { type Instant, printSome, type RecordSet, recordSet, sameValues, type Target, typeOf } from './record.ts';

/** `pending`: comes true by itself. `failed`: does not. `unknown`: could not be told from here. */
export type RungState = 'proven' | 'pending' | 'failed' | 'unknown';
export type Rung = {
  /** The provider's own answer; every authoritative server; the signatures of the zone; public resolvers; a port, seen from outside; whose machine answers there. */
  readonly rung: 'provider' | 'authoritative' | 'signatures' | 'caches' | 'port' | 'identity';
  readonly state: RungState;
  /** With `port` and `identity`: which. Absent with `identity`: of visitors over a family that is not kept here. */
  readonly port?: number;
  /** Unless it is proven: what to do next, as a clause, where that is known. */
  readonly advice?: string;
  /** A clause: "all 3 name servers have it". */
  readonly words: string;
  /** With `pending`: by then it is true, at the latest. */
  readonly until?: Instant;
};

/** What one public resolver says. */
export type CacheAnswer = { readonly resolver: string } & (
  | { readonly kind: 'holds'; readonly values: readonly IpAddress[]; readonly ttl: number }
  /** It remembers that there is nothing. `ttl`: for so long. */
  | { readonly kind: 'absent'; readonly ttl: number }
  | { readonly kind: 'silent'; readonly failure: Failure }
);

/** What was there until lately: for `ttl` seconds from `at` on, when the last name server let go of it, others may still be told it. */
export type Before = { readonly ttl: number; readonly at: Instant };
/** Whichever is remembered longer. */
export const later = (one: Before | undefined, other: Before | undefined): Before | undefined =>
  one === undefined || (other !== undefined && one.at + one.ttl * 1000 < other.at + other.ttl * 1000) ? other : one;
/** What name servers that are behind tell: whoever asks one of them keeps it from then on. */
export const toldStill = ({ servers }: Proof, at: Instant): Before | undefined =>
  servers.flatMap(({ kind, ttl }) => (kind === 'stale' && ttl !== undefined ? [{ ttl, at }] : [])).reduce<Before | undefined>(later, undefined);

export type Climb = { readonly target: Target /** What should be published; absent: nobody knows our address. */; readonly wanted?: RecordSet; readonly rungs: readonly Rung[] };

/** What the provider is known to hold: after a round what became of it, else from the steps of a dry one as if memory were empty. `among`: all of that round. */
export function providerRung(outcome: Outcome, among: readonly Outcome[] = []): { /** Absent: name servers cannot be compared with it. */ readonly wanted?: RecordSet; readonly rung: Rung } {
  const { step } = outcome;
  const rung = (state: RungState, words: string): Rung => ({ rung: 'provider', state, words });
  const left = leftBehind(outcome, among);
  if (left !== undefined) return { rung: left };
  if (outcome.kind === 'changed' && 'after' in step) {
    if (outcome.proxied) return { rung: rung('proven', PROXIED) };
    return { wanted: step.after, rung: rung('proven', outcome.verified === 'off' ? 'the provider has accepted it' : 'the provider says so') };
  }
  if (outcome.kind === 'unconfirmed') return { ...('after' in step ? { wanted: step.after } : {}), rung: rung('unknown', `could not confirm the change: ${describeFailure(outcome.failure)}`) };
  if (outcome.kind === 'failed') return { rung: rung('failed', describeFailure(outcome.failure)) };
  switch (step.kind) {
    case 'none':
      if (step.before.proxied) return { rung: rung('proven', PROXIED) };
      return { wanted: step.after, rung: rung('proven', 'the provider says so') };
    case 'create':
      return { wanted: step.after, rung: { ...rung('failed', 'the provider has no such record'), advice: WRITE_IT } };
    case 'replace':
      if (sameValues(step.before, step.after) && step.before.proxied) return { rung: rung('proven', PROXIED) };
      if (sameValues(step.before, step.after)) return { wanted: step.after, rung: rung('proven', `the provider says so${otherTtl(step.before, step.after)}`) };
      return { wanted: step.after, rung: { ...rung('failed', `the provider says ${step.before.values.join(', ')}`), advice: WRITE_IT } };
    case 'push':
      return { wanted: step.after, rung: rung('unknown', 'this provider cannot be asked') };
    case 'keep':
    case 'blocked': {
      const { decision } = step;
      if (decision.kind === 'keep' && decision.why === 'unchanged' && decision.published)
        return { wanted: decision.published, rung: rung('unknown', 'the provider accepted it earlier and cannot be asked') };
      const failure = failureOf(outcome);
      const isUndecided = decision.why === 'unobserved' || decision.why === 'disputed';
      return { rung: { ...rung('unknown', failure ? describeFailure(failure) : 'nothing was asked'), ...(isUndecided ? { advice: AGAIN } : {}) } };
    }
    default:
      return step satisfies never;
  }
}

/** Visitors are led to the same place, by whatever TTL. */
const otherTtl = (before: RecordSet, after: RecordSet): string => (before.ttl === undefined || after.ttl === undefined ? '' : `, with a TTL of ${before.ttl} s where ${after.ttl} s are wanted`);

/** What was published earlier stays where no address of its family was found; visitors over that family are led there. */
function leftBehind(outcome: Outcome, among: readonly Outcome[]): Rung | undefined {
  const { step } = outcome;
  const { decision } = step;
  const { target } = decision;
  const wasSent = works(outcome) || (outcome.kind === 'planned' && step.kind === 'push');
  const unobserved = decision.why === 'unobserved' ? decision : decision.why === 'beside' && wasSent ? decision.unobserved : undefined;
  if (unobserved?.published === undefined || unobserved.published.values.length === 0) return undefined;
  const was = `it was last published as ${unobserved.published.values.join(', ')}`;
  if (!unobserved.routeless) return { rung: 'provider', state: 'unknown', words: `${describeFailure(unobserved.failure)}; ${was}, and whether that is still right cannot be told`, advice: AGAIN };
  const where = target.suffix === undefined ? 'where this machine is no longer' : 'which is not behind this router';
  const isAlone = !isFoundOtherwise(target, among);
  const wait = isAlone && target.family === 4 ? PLUG : `wait until there is IPv${target.family}`;
  return {
    rung: 'provider',
    state: 'failed',
    words: `${was}, ${where}: there is no IPv${target.family} here`,
    advice: isAlone ? wait : `take ${target.family} out of families and delete the ${target.type} record of ${target.name} at the provider, or ${wait}`,
  };
}

/** The name is kept over the other family. */
const isFoundOtherwise = ({ name, family }: Target, among: readonly Outcome[]): boolean =>
  among.some(({ step: { decision } }) => decision.target.name === name && decision.target.family !== family && decision.why !== 'unobserved' && decision.why !== 'disputed');

const PLUG = 'see that this machine is plugged in and the router gives it an address, then ddns-update relocate again';
const AGAIN = 'settle what keeps the address from being found, then ddns-update relocate again, which tries until it is';
const WRITE_IT = 'ddns-update relocate, which writes and proves it';
const PROXIED = 'the provider says so; it answers for the name itself (proxied), so that name servers tell its own addresses';

const MOST_TROUBLES = 2;
const withTroubles = (words: string, troubles: readonly string[]): string => {
  const more = troubles.length - MOST_TROUBLES;
  const rest = more > 0 ? [more === 1 ? 'and one more thing is wrong with the zone' : `and ${more} more things are wrong with the zone`] : [];
  return troubles.length === 0 ? words : `${words}; but ${[...troubles.slice(0, MOST_TROUBLES), ...rest].join('; ')}`;
};

/** What keeps visitors away whatever the name servers have, as a clause, and what to do about it. */
export type Bar = { readonly words: string; readonly advice: string };
type ZoneWords = { readonly troubles?: readonly string[]; readonly bar?: Bar };

/** From the walk to the zone's servers; a Failure: they could not be found. `troubles`: what else is wrong with the zone, as clauses. */
export function authoritativeRung(proof: (Proof & ZoneWords) | Failure): Rung {
  const rung = (state: RungState, words: string, advice?: string): Rung => ({ rung: 'authoritative', state, words, ...(advice === undefined ? {} : { advice }) });
  if ('detail' in proof) return rung('unknown', `cannot tell from here: ${proof.detail}`);
  const words = describeProof(proof);
  if (proof.bar !== undefined && proof.kind !== 'unknown') return rung('failed', `${proof.bar.words} (${words})`, proof.bar.advice);
  switch (proof.kind) {
    case 'proven':
      return rung('proven', withTroubles(words, proof.troubles ?? []));
    case 'not-yet':
      return rung('pending', words, proof.servers.some(({ kind }) => kind === 'has') ? FOLLOW : DELEGATE);
    case 'wrong-delegation':
      return rung('failed', words, 'name the name servers of the provider at the registrar, and no others');
    case 'lame':
      return rung('failed', words, proof.servers.some(({ kind }) => kind === 'has') ? 'see that every name server serves the zone, or take those out at the registrar that do not' : LED_ASTRAY);
    case 'silent':
      return rung('failed', words, 'see that every name server answers, or take those out at the registrar that do not');
    case 'unknown':
      return rung('unknown', words);
    default:
      return proof satisfies never;
  }
}

/**
 * The name has addresses of the other family that the config does not name: `led`, as its name servers say. `own`: of this machine; `wrote`: published by this program, so it was left
 * behind. What was not may be meant so, and is a remark, as a clause. Neither: they lead here.
 */
export function ledElsewhere(
  { name, family, suffix }: Target,
  led: readonly IpAddress[],
  own: readonly IpAddress[],
  wrote: readonly string[],
): { readonly remarks: readonly string[]; readonly doubts: readonly Rung[] } {
  const other = family === 4 ? 6 : 4;
  const type = typeOf(other);
  const strange = suffix === undefined ? led.filter((one) => !own.includes(one)) : led;
  if (strange.length === 0) return { remarks: [], doubts: [] };
  const words = `visitors over IPv${other} are led to ${printSome(strange)}, by ${type === 'A' ? 'an A' : 'an AAAA'} record that the config does not name`;
  if (!strange.some((one) => wrote.includes(one))) return { remarks: [words], doubts: [] };
  const advice = `delete the ${type} record of ${name} at the provider, or take ${other} into families again`;
  return { remarks: [], doubts: [{ rung: 'identity', state: 'unknown', words: `${words} any more: ddns-update wrote it, and keeps it no longer`, advice }] };
}

const LED_ASTRAY = 'no server that the zone above leads to serves the zone: name the name servers of the provider at the registrar';
const FOLLOW = 'if that does not pass in minutes, find out why not every name server copies the zone from the first';
const DELEGATE = 'if that does not pass in minutes, the zone is led to others than the name servers of the provider: name those at the registrar';

/**
 * From what resolvers say after all authoritative servers have it: a cache that holds something else turns when its time is over. Of the caches that nobody
 * asks, `before` tells: they turn when its time is over.
 */
export function cachesRung(wanted: RecordSet, answers: readonly CacheAnswer[], now: Instant, before?: Before): Rung {
  const heard = answers.filter((one) => one.kind !== 'silent');
  if (heard.length === 0) {
    const why = answers.flatMap((one) => (one.kind === 'silent' ? [one.failure.detail] : []))[0];
    return { rung: 'caches', state: 'unknown', words: `no public resolver answers${why === undefined ? '' : ` (${why})`}` };
  }
  const stuck = [...new Set(answers.map(({ resolver }) => resolver))].flatMap((resolver) =>
    stuckWords(
      wanted,
      resolver,
      answers.filter((one) => one.resolver === resolver),
    ),
  );
  if (stuck.length > 0) return { rung: 'caches', state: 'unknown', words: `${stuck.join('; ')}: whether that passes cannot be told`, advice: NOT_OLD };
  // A clock that was put back since does not make old values last longer than they may.
  const forgotten = before === undefined ? now : Math.min(before.at, now) + before.ttl * 1000;
  const old = heard.filter((one) => isOld(wanted, one));
  if (old.length === 0) {
    const resolvers = [...new Set(heard.map(({ resolver }) => resolver))];
    const [one, many] = wanted.values.length === 0 ? ['says that there is no such record, as it should', 'say that there is no such record, as they should'] : ['has it', 'have it'];
    const words = `${resolvers.join(', ')} ${resolvers.length === 1 ? one : many}`;
    return forgotten > now
      ? { rung: 'caches', state: 'pending', words: `${words}; who asked others before may be told the old one until then`, until: forgotten }
      : { rung: 'caches', state: 'proven', words };
  }
  const longest = new Map<string, (typeof old)[number]>();
  for (const one of old) if ((longest.get(one.resolver)?.ttl ?? -1) < one.ttl) longest.set(one.resolver, one);
  const told = [...longest.values()].map((one) => `${one.resolver} ${one.kind === 'holds' ? `says ${printSome(one.values)}` : 'says that there is no such record'} for another ${one.ttl} s`);
  return { rung: 'caches', state: 'pending', words: told.join('; '), until: Math.max(forgotten, ...old.map(({ ttl }) => now + ttl * 1000)) };
}

/** It says something else than every name server. */
export const isOld = (wanted: RecordSet, one: CacheAnswer): boolean => one.kind !== 'silent' && !sameValues(recordSet(wanted, one.kind === 'holds' ? one.values : []), wanted);
/** Where nobody is led: what resolvers that block a name tell. */
const isNowhere = (address: IpAddress): boolean => /^(0\.0\.0\.0|127\..*|::1?)$/.test(address);

/** What one resolver says, where no time is told after which it says something else. `answers`: all of it. */
function stuckWords(wanted: RecordSet, resolver: string, answers: readonly CacheAnswer[]): readonly string[] {
  const isStuck = (one: CacheAnswer): boolean =>
    one.kind === 'silent' ? one.failure.code === 'SERVFAIL' : isOld(wanted, one) && (one.ttl === 0 || (one.kind === 'holds' && one.values.every(isNowhere)));
  const [first] = answers;
  if (first === undefined || !answers.every(isStuck)) return [];
  if (first.kind === 'silent') return [`${resolver} fails to find it (SERVFAIL)`];
  return [`${resolver} says ${first.kind === 'holds' ? printSome(first.values) : 'that there is no such record'}, as one that blocks names does`];
}

const NOT_OLD = 'ddns-update verify, a little later; if that stays so, find out whether this resolver blocks the name, or its name servers do not answer it; visitors who ask it get nothing';

/** The state of the whole: the worst rung, what lasts before what passes. */
export function stateOf({ rungs }: Pick<Climb, 'rungs'>): RungState {
  const order: readonly RungState[] = ['failed', 'unknown', 'pending', 'proven'];
  return order.find((state) => rungs.some((rung) => rung.state === state)) ?? 'unknown';
}
