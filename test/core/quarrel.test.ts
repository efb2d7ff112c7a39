/** Two who want a record to say different things: neither writes for ever. */
import { expect, test } from 'vitest';
import type { IpAddress } from '../../src/core/address.ts';
import { doubted, unhurried } from '../../src/core/drift.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { DAY, HOUR, NOW } from './given.ts';

const of: Target = { name: 'home.example.com' as Target['name'], type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
const set = recordSet(of, ['8.8.8.1' as IpAddress]);
const changeAt = (at: number, why = 'drift', name = 'home.example.com') => ({ at, name, type: 'A', account: 'main', why });
const decided = (...changes: readonly ReturnType<typeof changeAt>[]) => {
  const [decision] = unhurried(
    [doubted(of, set, '8.8.8.2', 'restore')],
    () => ({ readable: true }),
    () => ({ memory: { set } }),
    NOW,
    changes,
  );
  return `${decision?.kind} ${decision?.why}`;
};
const times = (count: number, ...more: readonly string[]) => Array.from({ length: count }, (_, at) => changeAt(NOW - at * HOUR, ...more));

test('what is changed again every hour is put back five times a day, then it is told', () => {
  const changes = [];
  for (let now = NOW; now < NOW + 10 * DAY; now += HOUR) {
    const [decision] = unhurried(
      [doubted(of, set, '8.8.8.2', 'restore')],
      () => ({ readable: true }),
      () => ({ memory: { set } }),
      now,
      changes,
    );
    if (decision?.kind === 'set') changes.push(changeAt(now));
    else expect(decision).toMatchObject({ kind: 'keep', why: 'drift', failure: { hint: expect.stringContaining('put back 5 times') } });
  }
  expect(changes).toHaveLength(50);
});
test('only what was put back, lately, of this record counts', () => {
  expect(decided(...times(5))).toBe('keep drift');
  expect(decided(...times(4))).toBe('set drift');
  expect(decided(...times(50, 'moved'))).toBe('set drift');
  expect(decided(...times(50, 'drift', 'nas.example.com'))).toBe('set drift');
  expect(decided(...times(5).map(({ at, ...rest }) => ({ ...rest, at: at - DAY })))).toBe('set drift');
  expect(decided(...times(5).map(({ at, ...rest }) => ({ ...rest, at: at + DAY })))).toBe('set drift');
});
