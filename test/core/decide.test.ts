/** Laws of deciding: nothing without agreement, nothing twice, nothing for ever undone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress, parseSuffix } from '../../src/core/address.ts';
import { type Decision, decide, desiredSet, isSettled, type Known, type Memory, wanted } from '../../src/core/decide.ts';
import { HANDLING, isPaused, troubled } from '../../src/core/failure.ts';
import { intend, type Outcome, remember } from '../../src/core/outcome.ts';
import { type Capabilities, type Current, plan, type Step, termsOf } from '../../src/core/plan.ts';
import { recordSet } from '../../src/core/record.ts';
import { address, anyInstant, capable, DAY, failure, memoryOf, NOW, observation, setOf, target, trouble } from './given.ts';

const known = (memory: Memory, more: Partial<Known> = {}): Known => ({ memory, digest: 'old', accountChanged: false, ...more });
const situation = target.chain((of) =>
  fc.record({
    of: fc.constant(of),
    memory: memoryOf(of),
    account: fc.option(trouble, { nil: undefined }),
    seen: fc.option(observation(of.family), { nil: undefined }),
    accountChanged: fc.boolean(),
    force: fc.boolean(),
    now: anyInstant,
  }),
);

test('law: nothing is set unless it was agreed on', () => {
  fc.assert(
    fc.property(situation, ({ of, memory, account, seen, accountChanged, force, now }) => {
      const decision = decide(of, seen, known(memory, { account, accountChanged }), { force }, now);
      if (decision.kind === 'set') {
        expect(seen?.kind).toBe('agreed');
        expect(seen?.kind === 'agreed' && decision.desired.values).toEqual(seen?.kind === 'agreed' && [seen.address]);
        expect(decision.desired.ttl).toBe(of.ttl === 'auto' ? undefined : of.ttl);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('law: force never goes past a pause that only a change may end', () => {
  fc.assert(
    fc.property(situation, fc.boolean(), ({ of, memory, seen, force, now }, wholeAccount) => {
      const stop = troubled({ kind: 'auth', detail: 'wrong token' }, undefined, { now, random: 0, digest: 'old' });
      const { trouble: _none, ...rest } = memory;
      const paused = wholeAccount ? known(rest, { account: stop }) : known({ ...rest, trouble: stop });
      expect(decide(of, seen, paused, { force }, now).kind).toBe('keep');
      const other = decide(of, seen, { ...paused, digest: 'new' }, { force: true }, now);
      expect(other.kind).toBe(seen?.kind === 'agreed' ? 'set' : 'keep');
    }),
    { numRuns: 500 },
  );
});

test('law: force goes past every pause with an end', () => {
  fc.assert(
    fc.property(situation, ({ of, memory, account, now }) => {
      const wait = (until: number | 'changed' | undefined): boolean => until === 'changed';
      fc.pre(!wait(memory.trouble?.until) && !wait(account?.until));
      const decision = decide(
        of,
        { family: of.family, ballots: [], kind: 'agreed', address: parseAddress(of.family === 4 ? '8.8.4.4' : '2606:4700::1111') as never },
        known(memory, { account }),
        { force: true },
        now,
      );
      expect(decision).toMatchObject({ kind: 'set', why: 'forced' });
    }),
  );
});

test('law: a name that was refused is asked about again with force, and when the config says something else of it', () => {
  fc.assert(
    fc.property(situation, ({ of, memory, seen, now }) => {
      fc.pre(seen?.kind === 'agreed');
      const refused = { ...troubled({ kind: 'refused', detail: 'no such name' }, undefined, { now, random: 0, digest: 'old' }), wanted: wanted(of) };
      const paused = known({ ...memory, trouble: refused });
      expect(decide(of, seen, paused, { force: false }, now).kind).toBe('keep');
      expect(decide(of, seen, paused, { force: true }, now).kind).toBe('set');
      const other = { ...of, ttl: of.ttl === 'auto' ? 60 : 'auto' } as const;
      expect(decide(other, seen, paused, { force: false }, now)).toMatchObject({ kind: 'set' });
    }),
  );
});

/** What is there after a step, at a provider that does what it is told but keeps TTLs of its own. */
const applied = (step: Step): Outcome =>
  step.kind === 'none'
    ? { step, kind: 'already' }
    : step.kind === 'keep'
      ? { step, kind: 'kept' }
      : step.kind === 'blocked'
        ? { step, kind: 'failed', failure: step.failure }
        : { step, kind: 'changed', verified: 'off' };

/** One good round for one target: decision, plan over what is there, and the memory of it. */
function goodRound(decision: Decision, there: Current, memory: Memory, can: Capabilities, now: number): { readonly step: Step; readonly memory: Memory } {
  const step = plan(decision, there, memory, can);
  const intent = decision.kind === 'set' && (step.kind === 'create' || step.kind === 'replace' || step.kind === 'push') ? intend(memory, decision.desired) : memory;
  return { step, memory: remember(intent, applied(step), { now, random: 0, digest: 'old', refreshAt: termsOf(can, now).refreshAt }) };
}

const round = target.chain((of) => fc.record({ of: fc.constant(of), memory: memoryOf(of), there: setOf(of), at: address(of.family), can: capable, now: anyInstant, force: fc.boolean() }));

test('law: after a good round the same address is kept, whatever the TTL rule, readable or not', () => {
  fc.assert(
    fc.property(round, ({ of, memory, there, at, can, now, force }) => {
      const seen = { family: of.family, ballots: [], kind: 'agreed', address: at } as const;
      const decision = decide(of, seen, known(memory), { force }, now);
      fc.pre(decision.kind === 'set');
      const first = goodRound(decision, can.readable ? { kind: 'found', set: there } : { kind: 'unreadable' }, memory, can, now);
      fc.pre(first.step.kind !== 'blocked');
      // Found as it should be, but due to be sent so that it does not lapse: that takes one more round.
      const again = decide(of, seen, known(first.memory), { force: false }, now + 1);
      const due = again.kind === 'set' && again.why === 'refresh' && first.step.kind === 'none';
      const after = due ? goodRound(again, { kind: 'found', set: there }, first.memory, can, now) : first;
      expect(decide(of, seen, known(after.memory), { force: false }, now + 1)).toMatchObject({ kind: 'keep', why: 'unchanged' });
      expect(decide(of, { ...seen, kind: 'same' }, known(after.memory), { force: false }, now + 1)).toMatchObject({ kind: 'keep', why: 'unchanged' });
      expect(isSettled(of, at, known(after.memory), now + 1)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('law: another address, another TTL, another account, an unanswered intent or a due date is never settled', () => {
  const of = { name: 'home.example.com', type: 'A', family: 4, account: 'main', ttl: 300, sharing: 'auto' } as never;
  const here = parseAddress('8.8.8.8') as never;
  const set = desiredSet(of, here);
  const good: Memory = { set, confirmedAt: NOW };
  expect(isSettled(of, here, known(good), NOW)).toBe(true);
  expect(isSettled(of, parseAddress('8.8.4.4') as never, known(good), NOW)).toBe(false);
  expect(isSettled({ ...(of as object), ttl: 60 } as never, here, known(good), NOW)).toBe(false);
  expect(isSettled(of, here, known(good, { accountChanged: true }), NOW)).toBe(false);
  expect(isSettled(of, here, known({ ...good, pending: set }), NOW)).toBe(false);
  expect(isSettled(of, here, known({ ...good, refreshAt: NOW }), NOW)).toBe(false);
  expect(isSettled(of, here, known({ ...good, refreshAt: NOW + 1 }), NOW)).toBe(true);
  expect(isSettled(of, here, known({}), NOW)).toBe(false);
});

test('law: clock jumps never wedge: after any failure that passes by itself, a day later it is tried again', () => {
  fc.assert(
    fc.property(round, failure, anyInstant, ({ of, memory, at, now }, what, later) => {
      fc.pre(HANDLING[what.kind].retry !== 'changed');
      const stop = troubled(what, undefined, { now, random: 0.5, digest: 'old' });
      const { set: _, ...rest } = memory;
      const stuck = known({ ...rest, trouble: stop }, { account: stop });
      const seen = { family: of.family, ballots: [], kind: 'agreed', address: at } as const;
      expect([later, later + DAY].map((moment) => decide(of, seen, stuck, { force: false }, moment).kind)).toContain('set');
    }),
  );
});

test('law: clock jumps never let a name lapse: confirmed in the future is confirmed anew', () => {
  fc.assert(
    fc.property(target, fc.integer({ min: 2, max: 4_000 }), (of, days) => {
      const at = parseAddress(of.family === 4 ? '8.8.8.8' : '2606:4700::1') as never;
      const wrongClock = NOW + days * DAY;
      const memory: Memory = { set: desiredSet(of, at), confirmedAt: wrongClock, refreshAt: wrongClock + 24 * DAY };
      expect(decide(of, { family: of.family, ballots: [], kind: 'agreed', address: at }, known(memory), { force: false }, NOW)).toMatchObject({ kind: 'set', why: 'refresh' });
    }),
  );
});

test('law: what is paused says until when, and why', () => {
  fc.assert(
    fc.property(situation, ({ of, memory, account, seen, now }) => {
      const decision = decide(of, seen, known(memory, { account }), { force: false }, now);
      if (decision.kind !== 'keep' || (decision.why !== 'waiting' && decision.why !== 'paused')) return;
      const stop = [account, memory.trouble].find((one) => isPaused(one, { now, digest: 'old' }));
      expect(decision).toMatchObject({ failure: stop?.failure, until: stop?.until, why: stop?.until === 'changed' ? 'paused' : 'waiting' });
    }),
  );
});

test('another machine behind the same router: its fixed host bits follow the prefix', () => {
  const suffix = parseSuffix('::a00:27ff:fe12:3456/64');
  const of = { name: 'nas.example.com', type: 'AAAA', family: 6, account: 'main', ttl: 'auto', sharing: 'auto', suffix } as never;
  expect(desiredSet(of, parseAddress('2606:4700:1:2:3:4:5:6') as never)).toEqual(
    recordSet({ name: 'nas.example.com' as never, type: 'AAAA' }, [parseAddress('2606:4700:1:2:a00:27ff:fe12:3456') as never]),
  );
});

test('a service that wants a pause between updates gets it, unless forced; a clock that jumped is no pause', () => {
  const of = { name: 'home.example.com', type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' } as never;
  const seen = { family: 4, ballots: [], kind: 'agreed', address: parseAddress('8.8.8.8') as never } as const;
  const memory: Memory = { set: desiredSet(of, parseAddress('8.8.4.4') as never), confirmedAt: NOW, notBefore: NOW + 60_000 };
  const at = (now: number, force = false) => decide(of, seen, known(memory), { force }, now);
  expect(at(NOW)).toMatchObject({ kind: 'keep', why: 'waiting', until: NOW + 60_000, failure: { kind: 'throttled', detail: expect.stringContaining('in 60 s') } });
  expect(at(NOW + 60_000)).toMatchObject({ kind: 'set', why: 'moved' });
  expect(at(NOW, true)).toMatchObject({ kind: 'set', why: 'forced' });
  expect(at(NOW - 10 * 365 * DAY)).toMatchObject({ kind: 'set', why: 'moved' });
  const { notBefore: _, ...free } = memory;
  expect(
    remember(
      free,
      { step: { kind: 'push', decision: at(NOW + 60_000) as never, after: memory.set as never }, kind: 'changed', verified: 'off' },
      { now: NOW, random: 0, digest: '', refreshAt: undefined, notBefore: NOW + 5 },
    ),
  ).toMatchObject({ notBefore: NOW + 5 });
});
