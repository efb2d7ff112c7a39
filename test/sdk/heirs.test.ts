/** What hangs on single values: nothing is inherited twice, and what stays keeps its own. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { heirs } from '../../src/sdk/index.ts';

const values = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));

it('every value keeps its own entry or takes one that goes, and no entry has two heirs', () => {
  fc.assert(
    fc.property(values, values, (after, before) => {
      const entries = before.map((value) => ({ value }));
      const made = heirs(after, entries, (entry) => entry.value);
      expect(made.map(({ value }) => value)).toEqual(after);
      const taken = made.flatMap(({ from }) => (from ? [from] : []));
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken).toHaveLength(Math.min(after.length, before.length));
      for (const { value, from, stays } of made) expect(stays).toBe(from?.value === value);
      expect(made.filter(({ stays }) => stays).map(({ value }) => value)).toEqual(after.filter((value) => before.includes(value)));
    }),
  );
});
