/** Laws of planning: a plan that was done is done, and strangers keep what is theirs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { desiredSet, type Memory, type Reason, type Setting } from '../../src/core/decide.ts';
import { intend, remember } from '../../src/core/outcome.ts';
import { misfit, plan, type Step } from '../../src/core/plan.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { address, capable, memoryOf, NOW, setOf, stranger, target } from './given.ts';

const given = target.chain((of) =>
  fc.record({
    of: fc.constant(of),
    memory: memoryOf(of),
    there: setOf(of),
    at: address(of.family),
    can: capable,
    why: fc.constantFrom('first', 'moved', 'interrupted', 'confirm', 'refresh', 'forced', 'retry'),
  }),
);
const setting = (of: Target, at: Parameters<typeof desiredSet>[1], why: Reason): Setting => ({ target: of, kind: 'set', desired: desiredSet(of, at), why });
const ours = ({ set, pending }: Memory): readonly string[] => [...(set?.values ?? []), ...(pending?.values ?? [])];
const writes = (step: Step): step is Extract<Step, { kind: 'create' | 'replace' }> => step.kind === 'create' || step.kind === 'replace';

test('law: the plan after it was applied is to do nothing', () => {
  fc.assert(
    fc.property(given, ({ of, memory, there, at, can, why }) => {
      const decision = setting(of, at, why);
      const step = plan(decision, { kind: 'found', set: there }, memory, can);
      fc.pre(writes(step) || step.kind === 'none');
      const after = { ...step.after, ttl: step.after.ttl ?? 300 };
      const remembered = remember(intend(memory, decision.desired), { step, kind: 'changed', verified: 'provider' }, { now: NOW, random: 0, digest: '', refreshAt: undefined });
      expect(plan({ ...decision, why: 'confirm' }, { kind: 'found', set: after }, remembered, can).kind).toBe('none');
    }),
    { numRuns: 1_000 },
  );
});

test('law: our address is in it, and what is in it is ours or was there before', () => {
  fc.assert(
    fc.property(given, ({ of, memory, there, at, can, why }) => {
      const step = plan(setting(of, at, why), { kind: 'found', set: there }, memory, can);
      if (!writes(step) && step.kind !== 'none') return;
      expect(step.after.values).toContain(at);
      for (const value of step.after.values) expect([at, ...there.values]).toContain(value);
    }),
    { numRuns: 1_000 },
  );
});

test('law: with `own` a value that we did not publish is never touched, and one that we did never stays', () => {
  fc.assert(
    fc.property(given, ({ of, memory, there, at, can, why }) => {
      fc.pre(can.values === 'many');
      const step = plan(setting({ ...of, sharing: 'own' }, at, why), { kind: 'found', set: there }, memory, can);
      if (!writes(step) && step.kind !== 'none') throw new Error(`unexpected ${step.kind}`);
      const strangers = there.values.filter((value) => !ours(memory).includes(value));
      expect(new Set(step.after.values)).toEqual(new Set([...strangers, at]));
    }),
    { numRuns: 1_000 },
  );
});

test('law: with `replace` the set becomes exactly our address', () => {
  fc.assert(
    fc.property(given, ({ of, memory, there, at, can, why }) => {
      const step = plan(setting({ ...of, sharing: 'replace' }, at, why), { kind: 'found', set: there }, memory, can);
      expect(writes(step) || step.kind === 'none' ? step.after.values : step).toEqual([at]);
    }),
  );
});

test('law: with `auto` several values of which none is ours are a question, never a guess', () => {
  fc.assert(
    fc.property(given, ({ of, memory, there, at, can, why }) => {
      fc.pre(can.values === 'many');
      const step = plan(setting({ ...of, sharing: 'auto' }, at, why), { kind: 'found', set: there }, memory, can);
      const known = there.values.some((value) => value === at || ours(memory).includes(value));
      if (there.values.length > 1 && !known) expect(step).toMatchObject({ kind: 'blocked', failure: { kind: 'ambiguous' } });
      else if (there.values.length <= 1) expect(writes(step) || step.kind === 'none' ? step.after.values : step).toEqual([at]);
      else expect(step.kind).not.toBe('blocked');
    }),
  );
});

test('law: a TTL that was not asked for stays as it is', () => {
  fc.assert(
    fc.property(given, ({ of, memory, there, at, can, why }) => {
      fc.pre(there.values.length > 0);
      const step = plan(setting({ ...of, ttl: 'auto' }, at, why), { kind: 'found', set: there }, memory, can);
      if (writes(step) || step.kind === 'none') expect(step.after.ttl).toBe(there.ttl);
    }),
  );
});

test('law: a value whose write was never answered is known as ours until we succeed, however many failures come between', () => {
  const of: Target = { name: 'home.example.com' as never, type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'own' };
  fc.assert(
    fc.property(fc.array(fc.tuple(address(4), fc.constantFrom('failed', 'unconfirmed')), { minLength: 1, maxLength: 5 }), address(4), capable, (attempts, last, can) => {
      fc.pre(can.values === 'many');
      let memory: Memory = {};
      let there = stranger(of);
      for (const [at, end] of attempts) {
        const decision = setting(of, at, 'moved');
        const step = plan(decision, { kind: 'found', set: there }, memory, can);
        if (!writes(step)) continue;
        memory = remember(intend(memory, decision.desired), { step, kind: end as 'failed', failure: { kind: 'gibberish', detail: '' } }, { now: NOW, random: 0, digest: '', refreshAt: undefined });
        // The answer was lost, but the write was not.
        if (end === 'unconfirmed') there = recordSet(of, step.after.values);
      }
      const step = plan(setting(of, last, 'retry'), { kind: 'found', set: there }, memory, can);
      expect(writes(step) || step.kind === 'none' ? step.after.values : step).toEqual(recordSet(of, [...stranger(of).values, last]).values);
    }),
  );
});

test('a name that lapses is sent again although it says the same', () => {
  fc.assert(
    fc.property(target, capable, (of, can) => {
      const at = stranger(of).values[0] as never;
      const decision = setting(of, at, 'refresh');
      expect(plan(decision, { kind: 'found', set: { ...decision.desired } }, {}, can).kind).toBe('replace');
      expect(plan(decision, { kind: 'unreadable' }, {}, can).kind).toBe('push');
    }),
  );
});

test.each([
  ['a family it cannot hold', { families: [6] }, {}, 'cannot hold IPv4'],
  ['a wildcard where there are none', { wildcard: false }, { name: '*.example.com' }, 'cannot hold wildcard names'],
  ['a TTL where it decides itself', { ttl: 'fixed' }, { ttl: 300 }, 'decides the TTL itself; leave out ttl: 300'],
  ['a TTL out of range', { ttl: { min: 600, max: 900, initial: 600 } }, { ttl: 300 }, 'outside what main takes (600 to 900 seconds)'],
])('refused before anything is sent: %s', (_what, can, of, words) => {
  const whole: Target = { name: 'home.example.com' as never, type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto', ...(of as object) };
  const able = { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 300 }, ...can } as never;
  const decision = setting(whole, '8.8.8.8' as never, 'first');
  expect(misfit(decision, able)).toContain(words);
  expect(plan(decision, { kind: 'unreadable' }, {}, able)).toMatchObject({ kind: 'blocked', failure: { kind: 'config' } });
});

test('what could not be read is not planned over', () => {
  const of: Target = { name: 'home.example.com' as never, type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
  const failure = { kind: 'network', detail: 'no route' } as const;
  const able = { families: [4], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' } as const;
  expect(plan(setting(of, '8.8.8.8' as never, 'first'), { kind: 'failed', failure }, {}, able)).toMatchObject({ kind: 'blocked', failure });
});
