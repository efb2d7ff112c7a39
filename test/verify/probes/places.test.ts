/** What several places say together claims no more than most of them saw. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Seen } from '../../../src/core/reach.ts';
import { excerpt, type Place, placeOf, together } from '../../../src/verify/probes/places.ts';

const seen = (body: string): Seen => ({ kind: 'page', status: 200, body });
const open = (body?: string): Place => ({ kind: 'open', ...(body === undefined ? {} : { seen: seen(body) }) });
const closed = (words = 'connection refused'): Place => ({ kind: 'closed', words });
const blind = (words = 'no result in time'): Place => ({ kind: 'blind', words });

describe('together', () => {
  test.each<readonly [string, readonly Place[], ReturnType<typeof together>]>([
    ['nobody', [], { kind: 'unknown', words: 'it had no place to look from' }],
    ['all blind', [blind(), blind(), blind('from there nothing')], { kind: 'unknown', words: 'no result in time (2), from there nothing (1)' }],
    ['all connect', [open(), open(), open()], { kind: 'open' }],
    ['one connects, the others are blind', [open(), blind(), blind()], { kind: 'open' }],
    ['most connect', [open(), open(), closed('no answer in time')], { kind: 'open', words: '2 of 3 places outside connect (from the others: no answer in time)' }],
    ['a tie', [open(), closed()], { kind: 'unknown', words: 'only 1 of 2 places outside connects (from the others: connection refused)' }],
    ['few connect', [open(), closed(), closed()], { kind: 'unknown', words: 'only 1 of 3 places outside connects (from the others: connection refused)' }],
    ['none connects', [closed(), closed(), blind()], { kind: 'closed', words: 'connection refused' }],
    ['none connects, each in its way', [closed(), closed('no answer in time'), closed()], { kind: 'closed', words: 'connection refused (2), no answer in time (1)' }],
    ['one sees something else', [open('ours'), open('theirs'), open('ours')], { kind: 'open', seen: seen('ours'), besides: [seen('theirs')], words: '1 of 3 see something else there' }],
    ['one sees nothing', [open(), open('ours')], { kind: 'open', seen: seen('ours') }],
  ])('%s', (_, places, sighting) => {
    expect(together(places)).toEqual(sighting);
  });

  const place = fc.constantFrom<Place>(open(), open('a'), open('b'), closed(), closed('no answer in time'), blind());
  test('open needs more who connect than who do not, closed that nobody connects', () => {
    fc.assert(
      fc.property(fc.array(place, { maxLength: 9 }), (places) => {
        const count = (kind: Place['kind']): number => places.filter((one) => one.kind === kind).length;
        const { kind } = together(places);
        expect(kind === 'open').toBe(count('open') > count('closed'));
        expect(kind === 'closed').toBe(count('open') === 0 && count('closed') > 0);
      }),
    );
  });

  test('what is seen was seen by at least as many as anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 9 }), (bodies) => {
        const sighting = together(bodies.map((body) => open(body)));
        const body = sighting.kind === 'open' && sighting.seen?.kind === 'page' ? sighting.seen.body : undefined;
        const count = (one: string | undefined): number => bodies.filter((other) => other === one).length;
        expect(Math.max(...bodies.map(count))).toBe(count(body));
      }),
    );
  });
});

test.each<readonly [string, Place]>([
  ['connect ECONNREFUSED 203.0.113.5:443', closed()],
  ['Connection refused', closed()],
  ['dial tcp 203.0.113.5:80: connect: connection refused', closed()],
  ['Connection timed out', closed('no answer in time')],
  ['Request timeout.', closed('no answer in time')],
  ['dial tcp 203.0.113.5:80: i/o timeout', closed('no answer in time')],
  ['context deadline exceeded', closed('no answer in time')],
  ['dial tcp 203.0.113.5:80: connect: no route to host', closed('a router or firewall on the way answers that it cannot be reached')],
  ['connect ENETUNREACH 2001:db8:5::1:443', blind('from there such an address cannot be reached at all')],
  ['Client network socket disconnected before secure TLS connection was established', { kind: 'open' }],
  ['write EPROTO 0A00010B:SSL routines::wrong version number', { kind: 'open' }],
  ['Parse Error: Expected HTTP/', { kind: 'open' }],
  [' \n', blind('it does not say why')],
  ['read: connection reset by peer', { kind: 'open' }],
  ['Private IP ranges are not allowed.', blind('it says "Private IP ranges are not allowed."')],
])('%s', (text, place) => {
  expect(placeOf(text)).toEqual(place);
});

test("a stranger's words are one short line without control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(excerpt(text)).toMatch(/^"[^\p{C}\n]{0,260}"$/u);
    }),
  );
  expect(excerpt('\u001b[2Jgone\r\nand more')).toBe('"[2Jgone and more"');
});
