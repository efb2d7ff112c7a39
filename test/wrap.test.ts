/** Long sentences on terminals of any width. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrap } from '../src/commands/wrap.ts';

test('law: no line is wider than the terminal, as long as the words are not', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }), fc.integer({ min: 20, max: 120 }), fc.nat(60), (words, columns, depth) => {
      const lines = wrap(words.join(' '), columns, ' '.repeat(depth));
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
      expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words);
    }),
  );
});

test('what follows stands under where it began, where there is room', () => {
  expect(wrap('head: one two', 10, '      ')).toEqual(['head: one', '  two']);
  expect(wrap('head: one two', 12, '      ')).toEqual(['head: one', '      two']);
});
