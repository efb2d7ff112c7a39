/** How the memory changes when the box is carried elsewhere, and whom a failure stops. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { type FailureKind, isPaused } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import { learned } from '../../src/core/network.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Step } from '../../src/core/plan.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { seen, settled, undamped } from '../../src/ledger.ts';
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

describe('whom a failure stops', () => {
  const target = (name: string): Target => ({ name: fqdn(`${name}.example.com`), type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' });
  const outcome = (name: string, kind: 'changed' | FailureKind): Outcome => {
    const desired = recordSet(
      target(name),
      [parseAddress('203.0.113.7')].flatMap((one) => one ?? []),
    );
    const step: Step = { kind: 'create', decision: { target: target(name), kind: 'set', desired, why: 'moved' }, after: desired };
    return kind === 'changed' ? { step, kind, verified: 'off' } : { step, kind: 'failed', failure: { kind, detail: kind } };
  };
  const afterwards = (outcomes: readonly Outcome[], before: State = NOTHING) => {
    const facts = new Map([['main', { identity: 'x', digest: 'd', keyOf: ({ name }: Target) => name as string }]]);
    return settled(before, outcomes, facts, () => ({ refreshAt: undefined, notBefore: undefined }), { now: NOW, random: () => 0.5 });
  };
  const stopped = ({ accounts, targets }: State) => ({
    account: accounts['main']?.trouble?.failure.kind,
    targets: Object.entries(targets).flatMap(([name, { trouble }]) => (trouble ? [`${name} ${trouble.failure.kind}`] : [])),
  });
  const kinds: readonly ('changed' | FailureKind)[] = ['changed', 'auth', 'blocked', 'throttled', 'unavailable', 'refused', 'network', 'gibberish', 'conflict'];

  test('law: it does not depend on the order of outcomes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 5 }), (some) => {
        const outcomes = some.map((kind, at) => outcome(`h${at}`, kind));
        const [there, back] = [stopped(afterwards(outcomes)), stopped(afterwards([...outcomes].reverse()))];
        expect(back.targets.sort()).toEqual(there.targets.sort());
        expect(back.account === undefined).toBe(there.account === undefined);
        const lasting = (kind: string | undefined) => kind === 'auth' || kind === 'blocked';
        expect(lasting(back.account)).toBe(lasting(there.account));
      }),
    );
  });

  test('a refused login stops the account, unless it was good for another name', () => {
    expect(stopped(afterwards([outcome('a', 'auth'), outcome('b', 'auth')]))).toEqual({ account: 'auth', targets: [] });
    for (const outcomes of [
      [outcome('a', 'auth'), outcome('b', 'changed')],
      [outcome('b', 'changed'), outcome('a', 'auth')],
    ])
      expect(stopped(afterwards(outcomes))).toEqual({ account: undefined, targets: ['a.example.com auth'] });
  });

  test('who asks to wait is heard although he did something before', () => {
    expect(stopped(afterwards([outcome('a', 'throttled'), outcome('b', 'changed')])).account).toBe('throttled');
    expect(stopped(afterwards([outcome('b', 'changed'), outcome('a', 'throttled')])).account).toBe('throttled');
  });

  test('an account that works again is paused no longer', () => {
    const paused = afterwards([outcome('a', 'auth')]);
    expect(stopped(afterwards([outcome('a', 'changed')], paused))).toEqual({ account: undefined, targets: [] });
  });
});

describe('the list of changes', () => {
  const target: Target = { name: fqdn('home.example.com'), type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
  const set = (address: string) =>
    recordSet(
      target,
      [parseAddress(address)].flatMap((one) => one ?? []),
      60,
    );
  const [home, garage] = [set('203.0.113.7'), set('198.51.100.9')];
  const changesAfter = (outcome: Outcome, before: Partial<State> = {}) => {
    const facts = new Map([['main', { identity: 'x', digest: 'd', keyOf: () => 'key' }]]);
    return settled({ ...NOTHING, targets: { key: { set: home } }, ...before }, [outcome], facts, () => ({ refreshAt: undefined, notBefore: undefined }), { now: NOW, random: () => 0.5 }).changes;
  };
  const already = (desired: typeof home, why: 'interrupted' | 'moved' | 'confirm' = 'interrupted'): Outcome => ({
    step: { kind: 'none', decision: { target, kind: 'set', desired, why }, before: desired, after: desired },
    kind: 'already',
  });

  test('a move that came true although nobody answered is in it', () => {
    expect(changesAfter(already(garage))).toEqual([{ at: NOW, name: 'home.example.com', type: 'A', account: 'main', before: home.values, ttl: 60, after: garage.values, why: 'interrupted' }]);
  });
  test('what was so before, or is known for the first time, is not', () => {
    expect(changesAfter(already(home))).toEqual([]);
    expect(changesAfter(already(garage), { targets: {} })).toEqual([]);
  });
  test('what a provider that cannot be read was told last is what was there before', () => {
    const pushed = (after: typeof home): Outcome => ({ step: { kind: 'push', decision: { target, kind: 'set', desired: after, why: 'moved' }, after }, kind: 'changed', verified: 'provider' });
    expect(changesAfter(pushed(garage))).toMatchObject([{ before: home.values, ttl: 60, after: garage.values }]);
    expect(changesAfter(pushed(garage), { targets: {} })[0]).not.toHaveProperty('before');
    expect(changesAfter(pushed(home))[0]).not.toHaveProperty('before');
  });
  test('others keep nothing for longer than its TTL was, whatever the clock was set to when it was lowered', () => {
    const changed: Outcome = { step: { kind: 'replace', decision: { target, kind: 'set', desired: garage, why: 'moved' }, before: home, after: garage }, kind: 'changed', verified: 'off' };
    const lowered = (cheapFrom: number) => ({ lowered: { key: { was: 3600, to: 60, at: NOW, cheapFrom } } });
    expect([NOW - DAY, NOW + 600_000, NOW + 400 * DAY].map((at) => changesAfter(changed, lowered(at))[0]?.ttl)).toEqual([60, 600, 3600]);
  });
});
