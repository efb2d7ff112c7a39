/** What stops every round is told once, then after an hour, then daily. */
import { expect, test } from 'vitest';
import { type Said, worthSaying } from '../../src/core/repeated.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

test('two days of the same trouble, every five minutes, are told four times, in whatever words', () => {
  let said: Said = new Map();
  const told: string[] = [];
  for (let now = 0; now <= 50 * HOUR; now += 5 * MINUTE) {
    const worth = worthSaying([{ key: 'state', line: `at ${now / HOUR} h` }], said, now);
    said = worth.said;
    told.push(...worth.lines);
  }
  expect(told).toEqual(['at 0 h', 'at 1 h', 'at 25 h', 'at 49 h']);
});

test('what was gone in between is new again, and is not remembered meanwhile', () => {
  const first = worthSaying([{ key: 'state', line: 'full' }], new Map(), 0);
  const gone = worthSaying([], first.said, MINUTE);
  expect(gone.said.size).toBe(0);
  expect(worthSaying([{ key: 'state', line: 'full' }], gone.said, 2 * MINUTE).lines).toEqual(['full']);
});
