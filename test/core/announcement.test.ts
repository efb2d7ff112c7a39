/** Announcements of routers as the RFCs lay them out, and what is none. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcementIn } from '../../src/core/announcement.ts';

test('NAT-PMP: the address is what is said; the epoch, which differs from one repetition to the next, is not', () => {
  const told = (epoch: number): Uint8Array => Uint8Array.of(0, 128, 0, 0, 0, 0, 0, epoch, 203, 0, 113, 9);
  expect(announcementIn(told(1))).toBe('NAT-PMP: 203.0.113.9');
  expect(announcementIn(told(2))).toBe(announcementIn(told(1)));
});

test('PCP: an ANNOUNCE from the router, not one that asks', () => {
  expect(announcementIn(Uint8Array.of(2, 0x80, 0, 0, ...new Uint8Array(20)))).toBeDefined();
  expect(announcementIn(Uint8Array.of(2, 0, 0, 0, ...new Uint8Array(20)))).toBeUndefined();
});

test('anything at all is read without trouble', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void announcementIn(bytes)));
  expect(announcementIn(new Uint8Array())).toBeUndefined();
});
