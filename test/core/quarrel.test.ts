/** Two who want records to say different things: neither writes for ever. */
import { expect, test } from 'vitest';
import type { IpAddress } from '../../src/core/address.ts';
import { doubted, unhurried } from '../../src/core/drift.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { type AccountFacts, knownOf, settled } from '../../src/ledger.ts';
import { memoryKey, NOTHING, type State } from '../../src/recall.ts';
import { DAY, HOUR, NOW } from './given.ts';

const FACTS: AccountFacts = { identity: '', digest: '', keyOf: (target) => memoryKey(target, undefined) };
const facts = new Map([['main', FACTS]]);
const named = (name: string): Target => ({ name: name as Target['name'], type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' });
const of = named('home.example.com');
const set = recordSet(of, ['8.8.8.1' as IpAddress]);

const decided = (targets: readonly Target[], state: State, now: number) =>
  unhurried(
    targets.map((target) => doubted(target, recordSet(target, set.values), '8.8.8.2', 'restore')),
    () => ({ readable: true }),
    (target) => knownOf(target, state, FACTS),
    now,
  );

/** A full ballot every hour, and every time all that was put back says something else again. */
function quarrel(targets: readonly Target[], hours: number): readonly string[] {
  const writes: string[] = [];
  let state = NOTHING;
  for (let now = NOW; now < NOW + hours * HOUR; now += HOUR) {
    const outcomes = decided(targets, state, now).map((decision): Outcome => {
      if (decision.kind === 'keep') {
        expect(decision).toMatchObject({ why: 'drift', failure: { hint: expect.stringContaining('put back 5 times') } });
        return { kind: 'kept', step: { kind: 'keep', decision } };
      }
      writes.push(decision.target.name);
      const before = recordSet(decision.target, ['8.8.8.2' as IpAddress]);
      return { kind: 'changed', verified: 'provider', step: { kind: 'replace', decision, before, after: decision.desired } };
    });
    state = settled(state, outcomes, facts, () => ({ refreshAt: undefined, notBefore: undefined }), { now, random: () => 0 });
  }
  return writes;
}

test('what is changed again every hour is put back five times a day, then it is told', () => {
  expect(quarrel([of], 240)).toHaveLength(50);
});

test('so is each of a thousand names, which is more than the changes that are kept for people to read', () => {
  const writes = quarrel(
    Array.from({ length: 1000 }, (_, at) => named(`h${at}.example.com`)),
    24,
  );
  expect(writes).toHaveLength(5000);
  expect(new Set(writes).size).toBe(1000);
});

test('only what was put back, lately, of this record counts', () => {
  const remembered = (target: Target, why: 'drift' | 'moved', agoMs: number, count: number): State => {
    let state = NOTHING;
    for (let at = count; at > 0; at--) {
      const decision = why === 'drift' ? doubted(target, set, '8.8.8.2', 'restore') : ({ target, kind: 'set', desired: set, why } as const);
      const outcome: Outcome = { kind: 'changed', verified: 'provider', step: { kind: 'replace', decision, before: recordSet(target, ['8.8.8.2' as IpAddress]), after: set } };
      state = settled(state, [outcome], facts, () => ({ refreshAt: undefined, notBefore: undefined }), { now: NOW - agoMs - at * HOUR, random: () => 0 });
    }
    return state;
  };
  const said = (state: State): string =>
    decided([of], state, NOW)
      .map(({ kind, why }) => `${kind} ${why}`)
      .join();
  expect(said(remembered(of, 'drift', 0, 5))).toBe('keep drift');
  expect(said(remembered(of, 'drift', 0, 4))).toBe('set drift');
  expect(said(remembered(of, 'moved', 0, 50))).toBe('set drift');
  expect(said(remembered(named('nas.example.com'), 'drift', 0, 50))).toBe('set drift');
  expect(said(remembered(of, 'drift', DAY, 5))).toBe('set drift');
  expect(said(remembered(of, 'drift', -DAY, 5))).toBe('set drift');
});

test('a move in between does not make it forgotten', () => {
  const [decision] = decided([of], NOTHING, NOW);
  if (decision?.kind !== 'set') throw new Error('a first one is put back');
  let state = NOTHING;
  for (const why of ['drift', 'drift', 'drift', 'drift', 'drift', 'moved'] as const) {
    const step = { kind: 'replace', decision: { ...decision, why } as typeof decision, before: recordSet(of, ['8.8.8.2' as IpAddress]), after: set } as const;
    state = settled(state, [{ kind: 'changed', verified: 'provider', step }], facts, () => ({ refreshAt: undefined, notBefore: undefined }), { now: NOW, random: () => 0 });
  }
  expect(decided([of], state, NOW)[0]).toMatchObject({ kind: 'keep', why: 'drift' });
});
