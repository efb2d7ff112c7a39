/** Cookies as a session sends them back: names and values alone, whatever their dates hold. */
import { expect, it } from 'vitest';
import { cookiesIn } from '../../src/sdk/index.ts';

it.each([
  ['none', {}, ''],
  ['one without attributes', { 'set-cookie': 'sid=abc' }, 'sid=abc'],
  ['one with a date', { 'set-cookie': 'sid=a=b; expires=Thu, 03-Sep-2026 22:43:25 GMT; path=/; HttpOnly' }, 'sid=a=b'],
  ['two, joined as they arrive', { 'set-cookie': 'sid=abc; expires=Thu, 03 Sep 2026 22:43:25 GMT; Path=/, csrf=x/y==; Secure' }, 'sid=abc; csrf=x/y=='],
  ['what is no cookie', { 'set-cookie': 'nonsense' }, ''],
] as const)('%s', (_which, headers, expected) => {
  expect(cookiesIn(headers)).toBe(expected);
});
