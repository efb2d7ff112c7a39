/** A family that is no longer there: what was published of it stays, and is told for what it is, while the other goes on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSuffix } from '../../src/core/address.ts';
import type { Ballot, BallotFailure } from '../../src/core/ballot.ts';
import { type Decision, decide, type Known, type Memory, together } from '../../src/core/decide.ts';
import { type Climb, providerRung } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import { type Observation, observe } from '../../src/core/observe.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { type RecordSet, recordSet, type Target, typeOf } from '../../src/core/record.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import { address } from '../support/address.ts';
import { NOW } from './given.ts';

const [HERE, OLD] = [address('8.8.8.8'), address('2606:4700::b0b')];
const named = (family: 4 | 6, name = 'home.example.com'): Target => ({ name: fqdn(name), family, type: typeOf(family), account: 'main', ttl: 'auto', sharing: 'auto' });
const [four, six] = [named(4), named(6)];
const old = recordSet(six, [OLD]);
const known = (memory: Memory, more: Partial<Known> = {}): Known => ({ memory, digest: '', accountChanged: false, ...more });
const agreed: Observation = { family: 4, ballots: [], kind: 'agreed', address: HERE };

const DEMANDS = { operators: 2, transports: 2, httpsWithoutUdp: 3, authenticated: 1, againstDissent: 3 };
const failed = (kind: BallotFailure['kind'], operator: string, transport: Ballot['transport'] = 'dns'): Ballot => ({
  source: operator,
  operator,
  transport,
  authenticated: transport === 'https',
  ms: 1,
  kind: 'failed',
  failure: { kind, detail: 'did not work' },
});
const absent = observe(6, [failed('absent', 'a'), failed('lookup', 'b', 'https')], DEMANDS);
const dead = observe(6, [failed('timeout', 'a'), failed('absent', 'b', 'https')], DEMANDS);
const unobserved = (seen: Observation, target: Target = six, more: Partial<Known> = {}): Decision => decide(target, seen, known({ set: old }, more), { force: false }, NOW);
const kept = (decision: Decision): Outcome => ({ kind: 'kept', step: { kind: 'keep', decision } });
const changed = (decision: Decision, after: RecordSet): Outcome => {
  if (decision.kind !== 'set') throw new TypeError(decision.why);
  return { kind: 'changed', verified: 'provider', step: { kind: 'create', decision, after } };
};
const moved = changed(decide(four, agreed, known({}), { force: false }, NOW), recordSet(four, [HERE]));
/** The climb of all, as far as the providers can tell. */
const climbsOf = (outcomes: readonly Outcome[]): readonly Climb[] => outcomes.map((outcome) => ({ target: outcome.step.decision.target, rungs: [providerRung(outcome, outcomes).rung] }));

describe('deciding', () => {
  it('a family without a route keeps what is published, and hands it on', () => {
    expect(unobserved(absent)).toMatchObject({ kind: 'keep', why: 'unobserved', published: old, routeless: true });
  });
  it('a family whose sources are only silent is not called routeless', () => {
    const decision = unobserved(dead);
    expect(decision).toMatchObject({ why: 'unobserved', published: old });
    expect(decision).not.toHaveProperty('routeless');
  });
  it('where nobody was asked nothing is known of routes', () => {
    expect(decide(six, undefined, known({ set: old }), { force: false }, NOW)).not.toHaveProperty('routeless');
    expect(decide(six, observe(6, [], DEMANDS), known({ set: old }), { force: false }, NOW)).not.toHaveProperty('routeless');
  });
  it('what is not known to be there is not handed on: never published, at another provider, or a write of unknown end', () => {
    expect(decide(six, absent, known({}), { force: false }, NOW)).not.toHaveProperty('published');
    expect(unobserved(absent, six, { accountChanged: true })).not.toHaveProperty('published');
    expect(decide(six, absent, known({ set: old, pending: old }), { force: false }, NOW)).not.toHaveProperty('published');
  });
  it('law: routeless only if every witness but the router found no way out, one of them for want of a route', () => {
    const ballot = fc
      .tuple(fc.constantFrom('absent', 'lookup', 'timeout', 'network', 'special', 'html', 'tls'), fc.constantFrom('dns', 'https', 'router'))
      .map(([kind, transport]) => failed(kind, 'a', transport));
    fc.assert(
      fc.property(fc.array(ballot, { maxLength: 5 }), (ballots) => {
        const own = ballots.flatMap((one) => (one.transport !== 'router' && one.kind === 'failed' ? [one.failure.kind] : []));
        const expected = own.includes('absent') && own.every((kind) => kind === 'absent' || kind === 'lookup');
        expect('routeless' in unobserved(observe(6, ballots, DEMANDS))).toBe(expected);
      }),
    );
  });
  it('sent along with the other address, it is still not known to be true', () => {
    const alone = [decide(four, agreed, known({}), { force: false }, NOW), unobserved(absent)];
    const [, beside] = together(
      alone,
      () => ({ together: 'safer' }),
      ({ family }) => known(family === 6 ? { set: old } : {}),
      { force: false },
      NOW,
    );
    expect(beside).toMatchObject({ kind: 'set', why: 'beside', desired: old, unobserved: { published: old, routeless: true } });
  });
});

const WORDS = 'it was last published as 2606:4700::b0b, where this machine is no longer: there is no IPv6 here';
const ADVICE = 'take 6 out of families and delete the AAAA record of home.example.com at the provider, or wait until there is IPv6';

describe('the ladder', () => {
  it('names the old address and what to do, and no name server is asked to have it', () => {
    const left = kept(unobserved(absent));
    expect(providerRung(left, [moved, left])).toEqual({ rung: { rung: 'provider', state: 'failed', words: WORDS, advice: ADVICE } });
  });
  it('the same where it was sent along, or would be', () => {
    const alone = unobserved(absent);
    if (alone.why !== 'unobserved') throw new TypeError(alone.why);
    const decision = { target: six, kind: 'set', why: 'beside', desired: old, unobserved: alone } as const;
    for (const outcome of [changed(decision, old), { kind: 'planned', step: { kind: 'push', decision, after: old } } as const]) {
      expect(providerRung(outcome, [moved, outcome])).toEqual({ rung: { rung: 'provider', state: 'failed', words: WORDS, advice: ADVICE } });
    }
    const refused: Outcome = { ...changed(decision, old), kind: 'failed', failure: { kind: 'refused', detail: 'not yours' } };
    expect(providerRung(refused).rung.words).toContain('not yours');
  });
  it('a line that is only silent may still be the right one', () => {
    expect(providerRung(kept(unobserved(dead))).rung).toMatchObject({
      state: 'unknown',
      words: expect.stringMatching(/^no IPv6 address found: .*; it was last published as 2606:4700::b0b, and whether that is still right cannot be told$/),
    });
  });
  it('nobody is told to give a family up where the other is missing too', () => {
    const unplugged = [kept(unobserved(absent)), kept(decide(four, observe(4, [failed('absent', 'a')], DEMANDS), known({}), { force: false }, NOW))];
    expect(unplugged.flatMap((outcome) => providerRung(outcome, unplugged).rung.advice ?? [])).toEqual([
      'wait until there is IPv6',
      expect.stringMatching(/^settle what keeps the address from being found/),
    ]);
  });
  it('a machine without any network is to be plugged in', () => {
    const decision = decide(four, observe(4, [failed('absent', 'a')], DEMANDS), known({ set: recordSet(four, [HERE]) }), { force: false }, NOW);
    expect(providerRung(kept(decision)).rung).toMatchObject({ state: 'failed', advice: expect.stringMatching(/^see that this machine is plugged in/) });
    expect(providerRung(kept(decision), [kept(decision), changed({ target: six, kind: 'set', why: 'moved', desired: old }, old)]).rung.advice).toMatch(
      /^take 4 out of families .*, or wait until there is IPv4$/,
    );
  });
  it('another machine behind the same router is not this one', () => {
    const suffix = parseSuffix('::b0b/64');
    if (suffix === undefined || 'problem' in suffix) throw new TypeError('no suffix');
    expect(providerRung(kept(unobserved(absent, { ...six, suffix }))).rung.words).toBe('it was last published as 2606:4700::b0b, which is not behind this router: there is no IPv6 here');
  });
});

describe('the verdict', () => {
  const clock = (): string => '12:00';
  const words = (left: string): unknown => expect.stringMatching(new RegExp(`^published\\b.*, but .*home\\.example\\.com AAAA.*: ${left}$`));
  it('names what is left of the family that is missing, and what to do', () => {
    expect(verdictOf(climbsOf([moved, kept(unobserved(absent))]), clock)).toMatchObject({
      kind: 'published',
      words: words(WORDS),
      next: ADVICE,
      cause: { name: 'home.example.com', type: 'AAAA', rung: 'provider', state: 'failed' },
    });
  });
  it('says of a silent line no more than that', () => {
    expect(verdictOf(climbsOf([moved, kept(unobserved(dead))]), clock)).toMatchObject({ kind: 'published', words: words('no IPv6 address found: .*; it was last published as .*cannot be told') });
  });
  it('a name of that family alone is not published', () => {
    expect(verdictOf(climbsOf([kept(unobserved(absent))]), clock)).toMatchObject({ kind: 'unpublished', words: `not published because ${WORDS}`, next: 'wait until there is IPv6' });
  });
});
