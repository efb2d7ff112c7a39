/** Answers that are a status and nothing else, and headers that name a moment. */
import { describe, expect, it } from 'vitest';
import { noContent, resetAt } from '../../src/sdk/index.ts';

describe('noContent', () => {
  it.each([
    [204, '', 'read'],
    [200, '', 'gibberish'],
    [204, '<html>', 'gibberish'],
  ])('%d with %j is %s', (status, body, kind) => {
    expect(noContent.read({ status, headers: {}, body }).kind).toBe(kind);
  });
});

describe('resetAt', () => {
  const seconds = resetAt({ now: () => 1_767_614_400_500 }, 'x-ratelimit-reset');
  it.each<readonly [string, string | undefined, number | undefined]>([
    ['a moment to come', '1767614460', 60],
    ['a moment that is over', '1767614300', undefined],
    ['no moment', 'soon', undefined],
    ['nothing', undefined, undefined],
  ])('%s', (_what, value, expected) => {
    expect(seconds({ status: 429, headers: value === undefined ? {} : { 'x-ratelimit-reset': value }, body: '' })).toBe(expected);
  });
});
