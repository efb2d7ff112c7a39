/** The ladder of all names as one: what is said of several at once, and that nothing is said to be so of names that nobody has asked about yet. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Climb, type Rung, type RungState, stateOf } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import { recordSet, typeOf } from '../../src/core/record.ts';
import { stairsOf } from '../../src/core/stairs.ts';
import { address } from '../support/address.ts';

const rung = (kind: Rung['rung'], state: RungState, words: string = state, more: Partial<Rung> = {}): Rung => ({ rung: kind, state, words, ...more });
function climb(name: string, rungs: readonly Rung[], { family = 4, proxied = false }: { readonly family?: 4 | 6; readonly proxied?: boolean } = {}): Climb {
  const target = { name: fqdn(`${name}.example`), family, type: typeOf(family), account: 'main', ttl: 'auto', sharing: 'auto' } as const;
  return { target, rungs: [rung('provider', 'proven', 'says so'), ...rungs], ...(proxied ? {} : { wanted: recordSet(target, [address('198.51.100.7')], 300) }) };
}
const told = (...climbs: readonly Climb[]): readonly string[] => stairsOf(climbs).map(({ rung: kind, port, state, words }) => `${kind}${port === undefined ? '' : ` ${port}`} ${state}: ${words}`);

describe('several names', () => {
  const HAVE = rung('authoritative', 'proven', 'all 2 name servers have it');
  const CACHED = rung('caches', 'proven', '1.1.1.1 has it');
  const behind = rung('authoritative', 'pending', 'ns2 is behind');
  test('what is the same of all is said once', () => {
    expect(told(climb('a', [HAVE, CACHED]), climb('b', [HAVE, CACHED]))).toEqual(['provider proven: says so', 'authoritative proven: all 2 name servers have it', 'caches proven: 1.1.1.1 has it']);
  });
  test('those that were not asked yet are awaited', () => {
    expect(told(climb('a', [HAVE, CACHED]), climb('b', [HAVE]), climb('c', []))).toEqual([
      'provider proven: says so',
      'authoritative pending: 2 of 3 records so far',
      'caches pending: 1 of 3 records so far',
    ]);
  });
  test('those that will not be asked are not: behind, proxied, not published', () => {
    expect(told(climb('a', [HAVE, CACHED]), climb('b', [behind]))).toEqual([
      'provider proven: says so',
      'authoritative pending: b.example A: ns2 is behind',
      'caches proven: 1 of 2 records: 1.1.1.1 has it',
    ]);
    expect(told(climb('a', [HAVE, CACHED]), climb('b', [], { proxied: true }))[1]).toBe('authoritative proven: 1 of 2 records: all 2 name servers have it');
  });
  test('the worst is told, with whose it is, and how many more', () => {
    const names = ['a', 'b', 'c', 'd'].map((name, at) => climb(name, [rung('authoritative', at === 3 ? 'proven' : 'failed', `${name} is lame`)]));
    expect(told(...names)[1]).toBe('authoritative failed: a.example A: a is lame; b.example A: b is lame; and 1 more');
  });
  test('both addresses of a port that is open are told', () => {
    const port = (words: string): Rung => rung('port', 'proven', words, { port: 443 });
    expect(told(climb('a', [port('4 is open')]), climb('a', [port('6 is open')], { family: 6 }))[1]).toBe('port 443 proven: all 2 records: 4 is open; 6 is open');
  });
});

test('ports in the order of their numbers, each followed by the machine behind it', () => {
  const at = (port: number): readonly Rung[] => [rung('port', 'proven', 'open', { port }), rung('identity', 'proven', 'ours', { port })];
  expect(stairsOf([climb('a', [...at(8443), ...at(80), rung('caches', 'proven')])]).map(({ rung: kind, port }) => `${kind} ${port ?? ''}`.trim())).toEqual([
    'provider',
    'caches',
    'port 80',
    'identity 80',
    'port 8443',
    'identity 8443',
  ]);
});

test('law: a stair is never better than the worst of its rungs, and there is one for each', () => {
  const kinds = ['provider', 'authoritative', 'signatures', 'caches', 'port', 'identity'] as const;
  const states: readonly RungState[] = ['failed', 'unknown', 'pending', 'proven'];
  const any = fc.array(fc.record({ kind: fc.constantFrom(...kinds), state: fc.constantFrom(...states), port: fc.constantFrom(80, 443) }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 5 }), (some) => {
      const climbs = some.map((rungs, at) =>
        climb(
          `n${at}`,
          rungs.map(({ kind, state, port }) => rung(kind, state, state, kind === 'port' || kind === 'identity' ? { port } : {})),
        ),
      );
      const all = climbs.flatMap(({ rungs }) => rungs);
      const stairs = stairsOf(climbs);
      expect(new Set(stairs.map(({ rung: kind, port }) => `${kind} ${port}`)).size).toBe(stairs.length);
      expect(stairs.length).toBe(new Set(all.map(({ rung: kind, port }) => `${kind} ${port}`)).size);
      for (const { rung: kind, port, state } of stairs) {
        const worst = stateOf({ rungs: all.filter((one) => one.rung === kind && one.port === port) });
        expect(states.indexOf(state)).toBeLessThanOrEqual(states.indexOf(worst));
        if (worst !== 'proven') expect(state).toBe(worst);
      }
    }),
  );
});
