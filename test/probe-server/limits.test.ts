/** How much one caller gets: so many looks a minute, so many at once, and no more memory than it takes. */
import { describe, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { AT_ONCE, type Entry, openLimits, PER_MINUTE } from '../../src/probe-server/limits.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const [ONE, OTHER] = [ip('203.0.113.9'), ip('203.0.113.10')];
const leave = (entry: Entry): void => {
  if (entry.kind === 'in') entry.leave();
};

describe('one caller', () => {
  test('has so many looks in any minute, and is told when the next one is due', () => {
    const limits = openLimits();
    for (let at = 0; at < PER_MINUTE; at++) leave(limits.enter(ONE, 1000 * at));
    expect(limits.enter(ONE, 40_000)).toEqual({ kind: 'later', seconds: 20 });
    expect(limits.enter(ONE, 59_999)).toEqual({ kind: 'later', seconds: 1 });
    expect(limits.enter(ONE, 60_000).kind).toBe('in');
    expect(limits.enter(ONE, 60_000)).toEqual({ kind: 'later', seconds: 1 });
  });
  test('has so many at once, and one more for each that ends, however often it is said to', () => {
    const limits = openLimits();
    const entries = Array.from({ length: AT_ONCE }, () => limits.enter(ONE, 0));
    expect(entries.every(({ kind }) => kind === 'in')).toBe(true);
    expect(limits.enter(ONE, 0)).toEqual({ kind: 'later', seconds: 1 });
    const [first] = entries as [Entry];
    leave(first);
    leave(first);
    expect(limits.enter(ONE, 0).kind).toBe('in');
    expect(limits.enter(ONE, 0)).toEqual({ kind: 'later', seconds: 1 });
  });
  test('does not stand in the way of another', () => {
    const limits = openLimits();
    for (let at = 0; at <= PER_MINUTE; at++) leave(limits.enter(ONE, 0));
    expect(limits.enter(ONE, 0).kind).toBe('later');
    expect(limits.enter(OTHER, 0).kind).toBe('in');
  });
  test('over IPv6 is everybody in its /64', () => {
    const limits = openLimits();
    for (let at = 0; at < PER_MINUTE; at++) leave(limits.enter(ip(`2001:db8:0:1::${at.toString(16)}`), 0));
    expect(limits.enter(ip('2001:db8:0:1:ffff::1'), 0).kind).toBe('later');
    expect(limits.enter(ip('2001:db8:0:2::1'), 0).kind).toBe('in');
  });
});

describe('all callers', () => {
  const nth = (at: number): IpAddress => ip(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
  test('together have a limit at once', () => {
    const limits = openLimits();
    const entered = Array.from({ length: 200 }, (_, at) => limits.enter(nth(at), 0)).filter(({ kind }) => kind === 'in');
    expect(entered).toHaveLength(64);
    for (const entry of entered) leave(entry);
    expect(limits.enter(nth(201), 0).kind).toBe('in');
  });
  test('are forgotten after a minute; more than can be remembered wait', () => {
    const limits = openLimits();
    for (let at = 0; at < 10_000; at++) leave(limits.enter(nth(at), 0));
    expect(limits.enter(nth(10_000), 59_999)).toEqual({ kind: 'later', seconds: 60 });
    expect(limits.enter(nth(1), 59_999).kind).toBe('in');
    expect(limits.enter(nth(10_000), 60_000).kind).toBe('in');
  });
});
