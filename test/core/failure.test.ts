/** Laws of trouble: how long it pauses, and that no clock makes it pause for ever. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attempt, describeFailure, Fault, HANDLING, isPaused, mayBeApplied, toFailure, troubled, worst } from '../../src/core/failure.ts';
import { anyInstant, DAY, failure, HOUR, NOW, trouble } from './given.ts';

const at = (now: number, random = 0.5): { now: number; random: number; digest: string } => ({ now, random, digest: 'old' });

test('law: a pause lasts as the table says', () => {
  fc.assert(
    fc.property(failure, fc.option(trouble, { nil: undefined }), anyInstant, fc.double({ min: 0, max: 0.999, noNaN: true }), (what, before, now, random) => {
      const after = troubled(what, before, at(now, random));
      const pausedAt = (moment: number): boolean => isPaused(after, at(moment));
      switch (HANDLING[what.kind].retry) {
        case 'changed':
          expect([pausedAt(now), pausedAt(now + 1000 * DAY)]).toEqual([true, true]);
          break;
        case 'next-round':
          expect(pausedAt(now)).toBe(false);
          break;
        case 'back-off': {
          const wait = what.retryAfterSeconds === undefined ? undefined : Math.min(what.retryAfterSeconds * 1000, DAY);
          expect(pausedAt(now + (wait ?? HOUR))).toBe(false);
          if (wait !== 0) expect(pausedAt(now + (wait ?? 45_000) - 1)).toBe(true);
          break;
        }
        default:
          throw new Error('unknown');
      }
    }),
  );
});

test('law: waits grow to an hour and never shrink while the same trouble goes on', () => {
  let before: ReturnType<typeof troubled> | undefined;
  let longest = 0;
  for (let count = 1; count <= 1_100; count++) {
    before = troubled({ kind: 'throttled', detail: '' }, before, at(NOW));
    const wait = (before.until as number) - NOW;
    expect(wait).toBeGreaterThanOrEqual(longest);
    expect(wait).toBeLessThanOrEqual(HOUR);
    expect(before.count).toBe(count);
    longest = wait;
  }
  expect(longest).toBeGreaterThan(45 * 60_000);
});

test('what we broke off ourselves says nothing about the provider: the next round may ask at once', () => {
  const failure = { kind: 'network', detail: 'was no longer waited for', phase: 'reply' } as const;
  expect(isPaused(troubled({ ...failure, code: 'ABORT_ERR' }, undefined, at(NOW)), at(NOW))).toBe(false);
  expect(isPaused(troubled({ ...failure, code: 'ETIMEDOUT' }, undefined, at(NOW)), at(NOW))).toBe(true);
});

test('law: other trouble begins anew, the same goes on', () => {
  fc.assert(
    fc.property(failure, trouble, anyInstant, (what, before, now) => {
      const after = troubled(what, before, at(now));
      expect(after.since).toBe(what.kind === before.failure.kind ? before.since : now);
      expect(after.count).toBe(what.kind === before.failure.kind ? before.count + 1 : 1);
      expect(after.notedAt).toBe(now);
    }),
  );
});

test('law: clock jumps never wedge: a pause with an end is over a day later, whatever the clock said when it was set', () => {
  fc.assert(
    fc.property(trouble, anyInstant, (remembered, now) => {
      fc.pre(remembered.until !== 'changed');
      expect(isPaused(remembered, at(now)) && isPaused(remembered, at(now + DAY))).toBe(false);
    }),
  );
});

test('law: any pause ends when the config or a secret changes', () => {
  fc.assert(
    fc.property(failure, anyInstant, (what, now) => {
      expect(isPaused(troubled(what, undefined, at(now)), { now, digest: 'new' })).toBe(false);
    }),
  );
});

test('what was thrown becomes the failure it carries, or a defect of ours', async () => {
  const fault = new Fault({ kind: 'auth', detail: 'wrong token' });
  expect(await attempt(() => Promise.reject(fault))).toEqual({ kind: 'failed', failure: fault.failure });
  expect(await attempt(() => 1)).toEqual({ kind: 'ok', value: 1 });
  const foreign = Object.assign(new Error('from another copy of the SDK'), { name: 'Fault', failure: { kind: 'refused', detail: 'no' } });
  expect(toFailure(foreign)).toEqual({ kind: 'refused', detail: 'no' });
  expect(toFailure(new TypeError('oops'))).toEqual({ kind: 'defect', detail: 'TypeError: oops' });
  expect(toFailure('text')).toEqual({ kind: 'defect', detail: 'text' });
});

test('law: only an exchange that reached the reply may have been applied', () => {
  fc.assert(
    fc.property(failure, (what) => {
      if (what.kind === 'network') expect(mayBeApplied(what)).toBe(what.phase === 'reply');
      else expect(mayBeApplied(what)).toBe(HANDLING[what.kind].applied === 'maybe');
    }),
  );
});

test('law: the worst exit code is one of those given, whatever their order', () => {
  const exits = [...new Set(Object.values(HANDLING).map(({ exit }) => exit)), 0, 1];
  fc.assert(
    fc.property(fc.shuffledSubarray(exits), (some) => {
      const most = worst(some);
      expect(some.length === 0 ? [0] : some).toContain(most);
      expect(worst([...some].reverse())).toBe(most);
      if (most === 0) expect(some.every((exit) => exit === 0)).toBe(true);
    }),
  );
});

test('what is looked at again by itself is not said to wait for the config', () => {
  const refused = { kind: 'refused', detail: 'no' } as const;
  expect(describeFailure(refused)).toBe('no (check the name at the provider; it is not asked again until the config changes, or with --force)');
  expect(describeFailure({ ...refused, lookAgainSeconds: 3600 })).toBe('no (check the name at the provider; it is tried again after 60 min)');
  expect(describeFailure({ ...refused, lookAgainSeconds: 3600, hint: 'make it' })).toBe('no (make it)');
  expect(describeFailure({ kind: 'auth', detail: 'no', lookAgainSeconds: 90 })).toBe('no (correct the credentials; it is tried again after 2 min)');
  expect(describeFailure({ kind: 'throttled', detail: 'no' })).toBe('no (nothing to do: it is tried again when the provider allows it)');
});
