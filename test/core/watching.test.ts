/** When `watch` holds its rounds: laws over anything that may be seen, and a million looks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGAIN_MS, atOnce, begin, begun, ended, isDue, isElsewhere, LOOK_MS, type Look, looked, type Sight, type Watching, waitMs } from '../../src/core/watching.ts';

const MINUTE = 60_000;
const HOME: Sight = { network: { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0', prefix: '192.168.1.0/24' }, marks: 'eth0 192.168.1.10/24' };
const UNKNOWN_MAC: Sight = { ...HOME, network: { gateway: '192.168.1.1', interface: 'eth0', prefix: '192.168.1.0/24' } };
const OTHER_MAC: Sight = { ...HOME, network: { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:02', interface: 'eth0', prefix: '192.168.1.0/24' } };
const OFFLINE: Sight = { marks: '' };
const PLUGGED: Sight = { ...HOME, marks: `${HOME.marks}\neth0 2` };

const at = (elapsed: number, sight: Sight = HOME, more: Partial<Look> = {}): Look => ({ sight, elapsed, wall: 1_800_000_000_000 + elapsed, announced: [], ...more });
const regular = { why: 'interval', found: true, intervalMs: 5 * MINUTE, lot: 0.5 } as const;
/** After a good round that was nothing special, at time 0. */
const quiet = (sight: Sight = HOME): Watching => ended(begun(begin(at(0, sight))), regular);

describe('a round is due', () => {
  test('at the start', () => expect(isDue(begin(at(0)))).toBe(true));
  test('not while nothing changes, until the interval is over', () => {
    expect(isDue(looked(quiet(), at(1000)))).toBe(false);
    expect(quiet().due).toEqual({ why: 'interval', at: 5 * MINUTE });
  });
  test.each<[string, Sight, Sight]>([
    ['another gateway', HOME, { ...HOME, network: { gateway: '10.0.0.1', interface: 'eth0' } }],
    ['another MAC of the same gateway', HOME, OTHER_MAC],
    ['the line is lost', HOME, OFFLINE],
    ['the line is regained', OFFLINE, HOME],
    ['a cable was unplugged and plugged in again', HOME, PLUGGED],
  ])('%s', (_, before, after) => {
    expect(looked(quiet(before), at(1000, after)).due).toEqual({ why: 'network', at: 1000 });
  });
  test('a MAC that is not known just now is no change, and is not forgotten', () => {
    const away = looked(quiet(), at(1000, UNKNOWN_MAC));
    expect(isDue(away)).toBe(false);
    expect(isDue(looked(away, at(2000, HOME)))).toBe(false);
    expect(looked(away, at(2000, OTHER_MAC)).due.why).toBe('network');
  });
  test.each<[string, Partial<Look>]>([
    ['one clock stood still while the machine slept', { wall: 1_800_000_000_000 + 8 * 3_600_000 }],
    ['the clock was set back', { wall: 1_700_000_000_000 }],
    ['both went on, and nobody looked', { elapsed: 8 * 3_600_000, wall: 1_800_000_000_000 + 8 * 3_600_000 }],
  ])('%s', (_, more) => expect(looked(quiet(), at(1000, HOME, more)).due.why).toBe('woke'));
  test('the router announces another address, and once only', () => {
    const heard = looked(quiet(), at(1000, HOME, { announced: ['NAT-PMP: 203.0.113.9'] }));
    expect(heard.due.why).toBe('announced');
    const after = ended(begun(heard), { ...regular, why: 'announced' });
    expect(isDue(looked(after, at(1250, HOME, { announced: ['NAT-PMP: 203.0.113.9'] })))).toBe(false);
    expect(looked(after, at(1250, HOME, { announced: ['NAT-PMP: 203.0.113.10'] })).due.why).toBe('announced');
  });
  test('the router announces in two ways at once, ten times over two minutes: one round each, however they take turns', () => {
    let [watching, rounds] = [quiet(), 0];
    for (let [second, pause] = [1, 0.25]; second < 130; [second, pause] = [second + pause, pause * 2])
      for (const announced of [['NAT-PMP: 203.0.113.9'], ['PCP: the router has begun anew']]) {
        watching = looked(watching, at(second * 1000, HOME, { announced }));
        if (!isDue(watching)) continue;
        if (watching.due.why === 'announced') rounds++;
        watching = ended(begun(watching), { ...regular, why: watching.due.why });
      }
    expect(rounds).toBe(2);
  });
  test('what is announced again a day later is news: the router has begun anew once more', () => {
    const heard = looked(quiet(), at(1000, HOME, { announced: ['PCP: the router has begun anew'] }));
    let watching = ended(begun(heard), { ...regular, why: 'announced' });
    for (let minute = 1; minute <= 1440; minute++) {
      watching = looked(watching, at(minute * MINUTE, HOME, { wall: 1_800_000_000_000 + minute * MINUTE }));
      watching = ended(begun(watching), regular);
    }
    expect(looked(watching, at(1440 * MINUTE + 1000, HOME, { announced: ['PCP: the router has begun anew'] })).due.why).toBe('announced');
  });
});

test('what is seen during a round is for the next, which follows at once', () => {
  const during = looked(begun(begin(at(0))), at(1000, OFFLINE));
  expect(isDue(during)).toBe(true);
  expect(isDue(ended(during, { ...regular, why: 'start' }))).toBe(true);
});

test('a round is given up where nobody will answer it any more, not for an address that is added', () => {
  const before = begun(begin(at(0)));
  expect(isElsewhere(before, looked(before, at(1000, OTHER_MAC)))).toBe(true);
  expect(isElsewhere(before, looked(before, at(1000, OFFLINE)))).toBe(true);
  expect(isElsewhere(before, looked(before, at(1000, HOME, { wall: 0 })))).toBe(true);
  expect(isElsewhere(before, looked(before, at(1000, { ...HOME, marks: `${HOME.marks}\neth0 2001:db8::2` })))).toBe(false);
  expect(isElsewhere(before, looked(before, at(1000, UNKNOWN_MAC)))).toBe(false);
});

test('after a move there is another look ten seconds later, then the interval again', () => {
  const moved = ended(begun(looked(quiet(), at(1000, OTHER_MAC))), { ...regular, why: 'network' });
  expect(moved.due).toEqual({ why: 'again', at: 1000 + AGAIN_MS });
  expect(ended(begun(moved), { ...regular, why: 'again' }).due).toEqual({ why: 'interval', at: 1000 + 5 * MINUTE });
});

test('while no address is found it is tried again after 10, 20, 40 s and so on, never later than the interval has it', () => {
  let watching = begin(at(0));
  const pauses = Array.from({ length: 7 }, () => {
    const from = watching.last.elapsed;
    watching = ended(begun(watching), { ...regular, found: false });
    const pause = watching.due.at - from;
    watching = looked(watching, at(watching.due.at, HOME, {}));
    return pause / 1000;
  });
  expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300]);
});

test('rounds are never further apart than the interval and its jitter, nor looks than a second', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('start', 'interval', 'again', 'network', 'woke', 'announced', 'reload'),
      fc.boolean(),
      fc.integer({ min: 1000, max: 3_600_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (why, found, intervalMs, lot) => {
        const watching = ended(begun(begin(at(0))), { why, found, intervalMs, lot });
        expect(watching.due.at).toBeLessThanOrEqual(intervalMs * 1.1);
        expect(watching.due.at).toBeGreaterThanOrEqual(Math.min(intervalMs * 0.9, AGAIN_MS));
        expect(waitMs(watching)).toBeLessThanOrEqual(LOOK_MS);
      },
    ),
  );
});

test('fifty moves in a row are each followed at once; a route that comes and goes all day is followed less and less', () => {
  const flap = (seconds: number): number => {
    let [watching, rounds] = [quiet(), 0];
    for (let second = 1; second <= seconds; second++) {
      watching = looked(watching, at(second * 1000, second % 2 ? OFFLINE : HOME));
      if (!isDue(watching)) continue;
      rounds++;
      watching = ended(begun(watching), { ...regular, why: watching.due.why, found: false });
    }
    return rounds;
  };
  expect(flap(150)).toBe(150);
  expect(flap(86_400)).toBeLessThan(200 + 2 * 8640);
});

test('a million looks: what is remembered stays as small as it was', () => {
  let watching = quiet();
  const size = JSON.stringify(watching).length;
  let rounds = 0;
  for (let second = 1; second <= 1_000_000; second++) {
    watching = looked(watching, at(second * 1000, second % 5000 === 0 ? OTHER_MAC : HOME, { announced: second % 777 === 0 ? [`NAT-PMP: 203.0.113.${second % 250}`] : [] }));
    if (second % 12_345 === 0) watching = atOnce(watching, 'reload');
    if (!isDue(watching)) continue;
    rounds++;
    watching = ended(begun(watching), { ...regular, why: watching.due.why, lot: (second % 100) / 100 });
  }
  expect(JSON.stringify(watching).length).toBeLessThan(size + 100);
  // One per five minutes, two for each change, and one for each announcement.
  expect(rounds).toBeGreaterThan(1_000_000 / 330);
  expect(rounds).toBeLessThan(1_000_000 / 270 + 4 * 200 + 2 * 1288 + 82);
});
