/** Laws of outcomes: what may have landed is never called failed, and nothing unanswered is forgotten. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { desiredSet, type Setting } from '../../src/core/decide.ts';
import { HANDLING, mayBeApplied } from '../../src/core/failure.ts';
import { exitOf, intend, outcomeOf, outcomeWithoutWrite, remember } from '../../src/core/outcome.ts';
import type { Writing } from '../../src/core/plan.ts';
import { address, failure, memoryOf, NOW, target } from './given.ts';

const given = target.chain((of) =>
  fc.tuple(address(of.family), memoryOf(of)).map(([at, memory]) => {
    const decision: Setting = { target: of, kind: 'set', desired: desiredSet(of, at), why: 'moved' };
    const step: Writing = { kind: 'push', decision, after: decision.desired };
    return { memory, step, desired: decision.desired };
  }),
);
const at = { now: NOW, random: 0.5, digest: 'old', refreshAt: undefined };

test('law: what may have landed is never called failed, and what surely did not is never called unconfirmed', () => {
  fc.assert(
    fc.property(given, failure, ({ step }, what) => {
      expect(outcomeOf(step, { kind: 'failed', failure: what }).kind).toBe(mayBeApplied(what) ? 'unconfirmed' : 'failed');
    }),
  );
});

test('law: an unanswered write is still asked about in the next round', () => {
  fc.assert(
    fc.property(given, failure, ({ step, memory, desired }, what) => {
      const after = remember(intend(memory, desired), outcomeOf(step, { kind: 'failed', failure: what }), at);
      for (const value of [...desired.values, ...(memory.pending?.values ?? [])]) expect(after.pending?.values).toContain(value);
      expect(after.set).toEqual(memory.set);
    }),
  );
});

test('law: trouble is remembered once: at the account if it concerns all of it, else at the target', () => {
  fc.assert(
    fc.property(given, failure, ({ step, memory, desired }, what) => {
      const after = remember(intend(memory, desired), outcomeOf(step, { kind: 'failed', failure: what }), at);
      if (HANDLING[what.kind].pauses === 'account') expect(after.trouble).toEqual(memory.trouble);
      else expect(after.trouble).toMatchObject({ failure: what, digest: 'old' });
    }),
  );
});

test('law: success ends intent and trouble, and remembers what was decided, not what it was bent to', () => {
  fc.assert(
    fc.property(given, ({ step, memory, desired }) => {
      const bent = { ...desired, ttl: 12_345 };
      const after = remember(intend(memory, desired), outcomeOf(step, { kind: 'written', stored: bent }), at);
      expect(after).toEqual({ set: desired, confirmedAt: NOW });
    }),
  );
});

test('law: what was kept, and what was only planned, is remembered as before', () => {
  fc.assert(
    fc.property(given, ({ step, memory }) => {
      expect(remember(memory, { step, kind: 'planned' }, at)).toBe(memory);
      expect(remember(memory, { step, kind: 'kept' }, at)).toBe(memory);
    }),
  );
});

test('law: a round is as bad as its worst outcome', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(given, fc.option(failure, { nil: undefined })), { maxLength: 5 }), (rows) => {
      const outcomes = rows.map(([{ step }, what]) => (what ? outcomeOf(step, { kind: 'failed', failure: what }) : outcomeOf(step, { kind: 'written' })));
      const exit = exitOf(outcomes);
      expect(exit === 0).toBe(rows.every(([, what]) => what === undefined));
      expect([0, ...rows.flatMap(([, what]) => (what ? [HANDLING[what.kind].exit] : []))]).toContain(exit);
    }),
  );
});

test('a step without a write has its outcome at once, a write has none yet', () => {
  fc.assert(
    fc.property(given, failure, ({ step, desired }, what) => {
      expect(outcomeWithoutWrite(step)).toBeUndefined();
      const { decision } = step;
      expect(outcomeWithoutWrite({ kind: 'none', decision, before: desired, after: desired })?.kind).toBe('already');
      expect(outcomeWithoutWrite({ kind: 'blocked', decision, failure: what })).toMatchObject({ kind: 'failed', failure: what });
    }),
  );
});
