/** A relocation as lines: what is known of each step by now, in the order in which they are climbed. */
import { expect, test } from 'vitest';
import { byWhen, clockTime } from '../../src/commands/clock-time.ts';
import type { Climb, Rung } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Observation } from '../../src/core/observe.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { recordSet } from '../../src/core/record.ts';
import { headOf, heard, lineOf, NOTHING_KNOWN, stepsOf } from '../../src/relocate/told.ts';
import type { Report } from '../../src/round.ts';
import { address } from '../support/address.ts';

const NOW = new Date(2026, 5, 1, 4, 0, 0).getTime();
const target = { name: fqdn('box.example.com'), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto' } as const;
const climb = (...rungs: readonly Rung[]): Climb => ({ target, wanted: recordSet(target, [address('8.8.8.8')]), rungs });
const report = (observations: readonly Observation[] = []): Report => ({ observations, outcomes: [], failures: [], warnings: [] }) as unknown as Report;
const clock = (at: number): string => byWhen(at, NOW);
const PROVIDER: Rung = { rung: 'provider', state: 'proven', words: 'the provider says so' };

test('what is being done is told, and why it was in vain until it is not', () => {
  let known = heard(NOTHING_KNOWN, { kind: 'publishing', failure: { kind: 'network', detail: 'no route' } });
  expect([known.doing, known.failure?.detail]).toEqual(['finding the address and publishing it', 'no route']);
  known = heard(known, { kind: 'published', report: report() });
  expect([known.doing, known.failure]).toEqual(['asking who knows of it', undefined]);
  expect(heard(known, { kind: 'mapping' }).doing).toBe('asking the router for the ports');
  expect(heard(known, { kind: 'restoring' }).doing).toBe('putting the TTLs back');
});

test('the address first, then provider, router, name servers, caches, and each port with its machine', () => {
  const rungs: readonly Rung[] = [
    PROVIDER,
    { rung: 'authoritative', state: 'proven', words: 'all 2 name servers have it' },
    { rung: 'caches', state: 'pending', words: '1.1.1.1 says 9.9.9.9 for another 90 s', until: NOW + 90_000 },
    { rung: 'port', port: 443, state: 'proven', words: 'open' },
    { rung: 'identity', port: 443, state: 'unknown', words: 'cannot tell from here: who knows' },
  ];
  let known = heard(NOTHING_KNOWN, {
    kind: 'published',
    report: report([
      { family: 4, ballots: [], kind: 'agreed', address: address('8.8.8.8') },
      { family: 6, ballots: [], kind: 'silent', why: 'nobody answers' },
    ]),
  });
  known = heard(known, { kind: 'mapped', mapped: { kind: 'network', detail: 'no router answers' } });
  known = heard(known, { kind: 'climbing', climbs: [climb(...rungs)] });
  const steps = stepsOf(known, clock);
  expect(steps.map(lineOf)).toEqual([
    expect.stringMatching(/^ {2}IPv4 {9}yes {9}8\.8\.8\.8/),
    '  IPv6         no          nobody answers',
    '  provider     yes         the provider says so',
    expect.stringMatching(/^ {2}router {7}no {10}no router answers/),
    '  name servers yes         all 2 name servers have it',
    '  caches       not yet     1.1.1.1 says 9.9.9.9 for another 90 s; everybody by 04:02',
    '  port 443     yes         open',
    '  machine      cannot tell from here: who knows',
  ]);
  expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length);
  expect(new Set(steps.map((step) => headOf(step).length))).toEqual(new Set([27]));
});

test('what is published so far is told as a step before anybody was asked who knows of it', () => {
  const [after, before] = [recordSet(target, [address('9.9.9.9')], 300), recordSet(target, [address('8.8.8.8')], 300)];
  const changed = { kind: 'changed', step: { kind: 'update', decision: { kind: 'set', why: 'moved', target, desired: after }, before, after } } as unknown as Outcome;
  const known = heard(NOTHING_KNOWN, { kind: 'publishing', soFar: { observations: [{ family: 4, ballots: [], kind: 'agreed', address: address('9.9.9.9') }], outcomes: [changed] } });
  const [, step, ...more] = stepsOf(known, clock);
  expect(step && lineOf(step)).toMatch(/^ {2}provider {5}yes {9}box\.example\.com A 8\.8\.8\.8 → 9\.9\.9\.9/);
  expect(more).toEqual([]);
  expect(stepsOf(heard(NOTHING_KNOWN, { kind: 'publishing', soFar: { observations: [], outcomes: [] } }), clock)).toEqual([]);
});

test('a moment: the minute that has begun is counted, and what is far off has its date', () => {
  expect(clockTime(NOW)).toBe('04:00');
  expect([NOW, NOW + 1, NOW + 59_999, NOW + 60_000, NOW + 60_001].map(clock)).toEqual(['04:00', '04:01', '04:01', '04:01', '04:02']);
  expect(clock(NOW + 12 * 3_600_000)).toBe('16:00');
  expect(clock(NOW + 24 * 3_600_000)).toBe('2026-06-02 04:00');
  expect(clock(new Date(2026, 5, 1, 23, 59, 30).getTime())).toBe('2026-06-02 00:00');
});
