/** What the flags take: the least, the most, and why. */
import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { interval } from '../../src/commands/flags.ts';

const said = (value: string): string => {
  try {
    return `${interval(value)} ms`;
  } catch (thrown) {
    if (!(thrown instanceof InvalidArgumentError)) throw thrown;
    return thrown.message;
  }
};
const LEAST = 'It takes 30s at least: every round asks services of others for our address, and a new network is seen within two seconds, whatever the interval.';
const MOST = 'It takes 1d at most: what changes without a trace here is seen by a round alone, and names that lapse unless they are confirmed are confirmed by one.';

describe('the interval between rounds', () => {
  test.each([
    ['30s', '30000 ms'],
    ['90s', '90000 ms'],
    ['1h30m', '5400000 ms'],
    ['1d', '86400000 ms'],
    ['29s', LEAST],
    ['1s', LEAST],
    ['0s', LEAST],
    ['1d1s', MOST],
    ['30d', MOST],
    // Longer than a timer of Node takes, which would go off at once.
    ['25d', MOST],
    ['999999999d', MOST],
    ['5', '"5" is not a time such as 90s, 5m, 1h or 1d.'],
    ['soon', '"soon" is not a time such as 90s, 5m, 1h or 1d.'],
    ['-5m', '"-5m" is not a time such as 90s, 5m, 1h or 1d.'],
    ['1.5h', '"1.5h" is not a time such as 90s, 5m, 1h or 1d.'],
    ['', '"" is not a time such as 90s, 5m, 1h or 1d.'],
  ])('%s', (value, expected) => expect(said(value)).toBe(expected));
});
