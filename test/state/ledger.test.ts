/** How the memory changes when the box is carried elsewhere, and when its config shrinks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPaused } from '../../src/core/failure.ts';
import { learned } from '../../src/core/network.ts';
import { seen, undamped } from '../../src/ledger.ts';
import { NOTHING, type State } from '../../src/recall.ts';
import { DAY, NOW, trouble } from '../core/given.ts';

test('law: in a new network nothing waits any more, but what a provider asked for', () => {
  fc.assert(
    fc.property(trouble, (stop) => {
      const before: State = { ...NOTHING, accounts: { main: { identity: 'x', trouble: stop } }, targets: { key: { trouble: stop, confirmedAt: 1 } } };
      const after = undamped(before, NOW);
      const wished = stop.until === 'changed' || stop.failure.kind === 'throttled' || stop.failure.retryAfterSeconds !== undefined;
      const at = { now: NOW, digest: stop.digest ?? '' };
      for (const now of [after.accounts['main']?.trouble, after.targets['key']?.trouble]) {
        expect(isPaused(now, at)).toBe(wished && isPaused(stop, at));
        // It is not over yet: that it failed, and since when, is still known.
        expect(now).toEqual({ ...stop, until: wished ? stop.until : NOW });
      }
      expect(undamped(NOTHING, NOW)).toEqual(NOTHING);
    }),
  );
});

test('a MAC that was not told this time is not forgotten while it is the same network', () => {
  const home = { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0' };
  const { gatewayMac: _, ...quiet } = home;
  expect(learned(home, quiet)).toEqual(home);
  expect(learned(quiet, home)).toEqual(home);
  expect(learned(undefined, quiet)).toEqual(quiet);
  const garage = { ...quiet, gateway: '10.0.0.1' };
  expect(learned(home, garage)).toEqual(garage);
  expect(seen({ ...NOTHING, network: home }, quiet, [], NOW).network).toEqual(home);
  expect(seen({ ...NOTHING, network: home }, undefined, [], NOW + DAY).network).toEqual(home);
});
