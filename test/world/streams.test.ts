/** What comes to a terminal: lines, colours, and where we draw over what we drew; nothing by which a stranger's words could do more than be read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmless } from '../../src/world/streams.ts';

describe('a line', () => {
  test.each(['plain', 'two\nlines', 'a\ttab', 'grüße → 家', '\x1b[33mhome.example.com\x1b[0m says', '\x1b[3A\x1b[Jpublishing: 2 s', '\x1b[12A\x1b[J\x1b[1A'])('%j stays as it is', (line) =>
    expect(harmless(line)).toBe(line),
  );
  test.each([
    ['a certificate for \x1b]0;owned\x07evil.example', 'a certificate for  ]0;owned evil.example'],
    ['it says "\x1b[2J\x1b[1A"', 'it says " [2J [1A"'],
    ['served GET /\x9b2J', 'served GET / 2J'],
    ['all is well\rnothing is', 'all is well nothing is'],
    ['user\u202egnp.exe', 'user gnp.exe'],
  ])('%j is made harmless', (line, expected) => expect(harmless(line)).toBe(expected));
  test('law: whatever strangers say in it, nothing moves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const told = harmless(`the router says ${words}`);
        expect(told).not.toMatch(/(?![\n\t])\p{Cc}/u);
      }),
    );
  });
});
