/** What a relocation is said to amount to: no more than the climbs say, the worst first, and whose it is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Climb, type Rung, type RungState, stateOf } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import { recordSet, typeOf } from '../../src/core/record.ts';
import { exitOfVerdict, isGood, isSettledMove, type Verdict, verdictOf } from '../../src/core/verdict.ts';
import { address } from '../support/address.ts';

const NOW = 1_700_000_000_000;
const clock = (at: number): string => `+${(at - NOW) / 1000} s`;
type Of = { readonly name?: string; readonly family?: 4 | 6; readonly account?: string; readonly unknown?: true };
function climb(rungs: readonly Rung[], { name = 'home.example.com', family = 4, account = 'main', unknown }: Of = {}): Climb {
  const target = { name: fqdn(name), family, type: typeOf(family), account, ttl: 'auto', sharing: 'auto' } as const;
  const wanted = recordSet(target, [address(family === 4 ? '198.51.100.7' : '2001:db8::7')], 300);
  return { target, rungs, ...(unknown ? {} : { wanted }) };
}
const rung = (kind: Rung['rung'], state: RungState, words: string = `${kind} ${state}`, more: Partial<Rung> = {}): Rung => ({ rung: kind, state, words, ...more });
const [PROVIDER, SERVERS, CACHES] = (['provider', 'authoritative', 'caches'] as const).map((kind) => rung(kind, 'proven')) as [Rung, Rung, Rung];
const port = (state: RungState, words = `port ${state}`, more: Partial<Rung> = {}): Rung => rung('port', state, words, { port: 443, ...more });
const machine = (state: RungState, words = `machine ${state}`): Rung => rung('identity', state, words, { port: 443 });
const turning = (seconds: number): Rung => rung('caches', 'pending', `old for ${seconds} s`, { until: NOW + seconds * 1000 });
const PUBLISHED = [PROVIDER, SERVERS, CACHES];
const V6 = { family: 6 } as const;

const check = (what: string, climbs: readonly Climb[], kind: Verdict['kind'], words: string, more: Partial<Verdict> = {}): void =>
  test(what, () => {
    const verdict = verdictOf(climbs, clock);
    expect(verdict).toMatchObject({ kind, words, ...more });
    if (!('next' in more)) expect(verdict.next).toBeUndefined();
  });

describe('of one name', () => {
  check('all proven', [climb([...PUBLISHED, port('proven'), machine('proven')])], 'reachable', 'reachable for everyone');
  check('nobody was to look at a port', [climb(PUBLISHED)], 'everywhere', 'published everywhere; whether a port is open from outside was not to be looked at (verify: { ports, probe })');
  check('a closed port', [climb([...PUBLISHED, port('failed', 'it is closed', { advice: 'open it' })])], 'published', 'published, but it is closed', {
    next: 'open it',
    cause: { name: 'home.example.com', type: 'A', rung: 'port', port: 443, state: 'failed', words: 'it is closed', advice: 'open it' },
  });
  check('another machine', [climb([...PUBLISHED, port('proven'), machine('failed', 'it is the neighbour')])], 'published', 'published, but it is the neighbour');
  check('what lasts is told before what passes', [climb([PROVIDER, SERVERS, turning(60), port('failed', 'it is closed')])], 'published', 'published, but it is closed');
  check('what is known before what is not', [climb([...PUBLISHED, machine('unknown'), port('failed', 'it is closed')])], 'published', 'published, but it is closed');
  check('the lowest of what stands in the way', [climb([PROVIDER, rung('authoritative', 'failed', 'one is lame'), port('failed')])], 'published', 'published, but one is lame');
  check(
    'caches that turn, with a port that is open',
    [climb([PROVIDER, SERVERS, turning(60), port('proven'), machine('proven')])],
    'turning',
    'reachable; caches may still hold what was before until +60 s',
    {
      until: NOW + 60_000,
      next: 'nothing to do: that passes by itself',
    },
  );
  check('caches that turn, and nobody was to look', [climb([PROVIDER, SERVERS, turning(60)])], 'turning', 'published; caches may still hold what was before until +60 s', {
    next: 'nothing to do: that passes by itself',
  });
  check('name servers that are behind', [climb([PROVIDER, rung('authoritative', 'pending', 'one is behind', { advice: 'wait' })])], 'published', 'published, but one is behind', { next: 'wait' });
  check(
    'whatever else is awaited is told before caches',
    [climb([PROVIDER, SERVERS, turning(60), port('proven'), machine('pending', 'nobody has seen it yet')])],
    'published',
    'published, but nobody has seen it yet',
  );
  check('the provider refused', [climb([rung('provider', 'failed', 'it says no')])], 'unpublished', 'not published because it says no', {
    cause: { name: 'home.example.com', type: 'A', ...rung('provider', 'failed', 'it says no') },
  });
  check('nobody knows our address', [climb([rung('provider', 'unknown', 'nobody answers')], { unknown: true })], 'unpublished', 'not published because nobody answers');
  check('nothing at all', [], 'unpublished', 'not published because no name was looked at');
});

describe('a provider that cannot say', () => {
  const mute = rung('provider', 'unknown', 'this provider cannot be asked');
  check(
    'nor can its name servers be asked',
    [climb([mute, rung('authoritative', 'unknown', 'nobody is heard')])],
    'doubtful',
    'whether it is published could not be told: this provider cannot be asked; nobody is heard',
    { next: expect.stringContaining('ddns-update verify') },
  );
  check(
    'and its name servers say something else',
    [climb([mute, rung('authoritative', 'pending', 'ns1 says 9.9.9.9', { advice: 'wait' })])],
    'doubtful',
    'whether it is published could not be told: this provider cannot be asked; ns1 says 9.9.9.9',
    { next: 'wait' },
  );
  check(
    'for one of several names',
    [climb(PUBLISHED), climb([mute, rung('authoritative', 'unknown', 'nobody is heard')], { name: 'nas.example.com' })],
    'doubtful',
    'whether nas.example.com A is published could not be told: this provider cannot be asked; nobody is heard',
    { next: expect.stringContaining('ddns-update verify') },
  );
  check(
    'words that begin with it do not say twice that nobody can tell',
    [climb([PROVIDER, rung('authoritative', 'unknown', 'cannot tell from here: no zone is found')])],
    'published',
    'published, but whether its name servers have it cannot be told from here: no zone is found',
    {
      next: expect.stringContaining('resolvers'),
    },
  );
  check(
    'others that are not proven for reasons of their own are counted',
    ['a', 'b', 'c'].map((name) => climb([...PUBLISHED, port(name === 'c' ? 'proven' : 'failed', `${name} is closed`)], { name: `${name}.example.com` })),
    'published',
    'published, but a.example.com A: a is closed (1 more is not proven either)',
  );
  check('some of its name servers are silent, the others have it', [climb([mute, rung('authoritative', 'failed', 'ns2 is silent')])], 'published', 'published, but ns2 is silent');
});

describe('of several names', () => {
  const closed6 = 'closed, while over IPv4 it is open: a firewall';
  const [open4, shut6] = [climb([...PUBLISHED, port('proven')]), climb([...PUBLISHED, port('failed', closed6, { advice: 'allow it' })], V6)];
  check('IPv6 is closed, IPv4 is fine', [open4, shut6], 'published', `published, but home.example.com AAAA: ${closed6}`, { next: 'allow it' });
  check(
    'IPv6 was not found, IPv4 is reachable',
    [open4, climb([rung('provider', 'unknown', 'no IPv6 address found')], { ...V6, unknown: true })],
    'published',
    'published, but not for home.example.com AAAA: no IPv6 address found',
  );
  check(
    'a name that is not published is told before a port that is closed',
    [climb([...PUBLISHED, port('failed')]), climb([rung('provider', 'failed', 'refused')], { name: 'nas.example.com' })],
    'published',
    'published, but not for nas.example.com A: refused',
  );
  check(
    'nothing is published',
    [climb([rung('provider', 'failed', 'refused')]), climb([rung('provider', 'failed', 'refused')], V6), climb([rung('provider', 'unknown', 'waiting')], { name: 'nas.example.com', unknown: true })],
    'unpublished',
    'not published because refused (home.example.com A and 2 more)',
  );
  check(
    'several for the same reason, counted',
    ['a', 'b', 'c'].map((name) => climb([...PUBLISHED, port(name === 'c' ? 'proven' : 'failed', 'closed')], { name: `${name}.example.com` })),
    'published',
    'published, but a.example.com A and 1 more: closed',
  );
  check(
    'the same name at two accounts',
    [climb(PUBLISHED), climb([PROVIDER, rung('authoritative', 'failed', 'ns1 is lame')], { account: 'second' })],
    'published',
    'published, but home.example.com A at second: ns1 is lame',
  );
  check(
    'caches turn at different times: the last one counts, and is the cause',
    [climb([PROVIDER, SERVERS, turning(60), port('proven')]), climb([PROVIDER, SERVERS, turning(600), port('proven')], { name: 'nas.example.com' })],
    'turning',
    'reachable; caches may still hold what was before until +600 s',
    { until: NOW + 600_000, cause: { name: 'nas.example.com', type: 'A', ...turning(600) }, next: 'nothing to do: that passes by itself' },
  );
  check(
    'one whose port nobody looked at is not said to be reachable',
    [open4, climb(PUBLISHED, { name: 'nas.example.com' })],
    'everywhere',
    'published everywhere; whether a port is open from outside was not to be looked at (verify: { ports, probe })',
  );
});

describe('laws', () => {
  const KINDS = ['provider', 'authoritative', 'signatures', 'caches', 'port', 'identity'] as const;
  const STATES: readonly RungState[] = ['proven', 'pending', 'failed', 'unknown'];
  const anyRung = (kind: Rung['rung']): fc.Arbitrary<Rung> =>
    fc
      .record({ state: fc.constantFrom(...STATES), ahead: fc.nat(100_000) })
      .map(({ state, ahead }) => rung(kind, state, `${kind} ${state} ${ahead}`, state === 'pending' ? { until: NOW + ahead * 1000 } : {}));
  const anyClimb = fc
    .record({
      rungs: fc.tuple(...KINDS.map((kind) => fc.option(anyRung(kind), { nil: undefined, freq: 4 }))),
      family: fc.constantFrom(4 as const, 6 as const),
      name: fc.constantFrom('a.example', 'b.example'),
      unknown: fc.boolean(),
    })
    .map(({ rungs, family, name, unknown }) =>
      climb(
        [rungs[0] ?? PROVIDER, ...rungs.slice(1)].flatMap((one) => one ?? []),
        { name, family, ...(unknown ? { unknown: true } : {}) },
      ),
    );
  const climbs = fc.array(anyClimb, { maxLength: 4 });
  const states = (some: readonly Climb[], kind: Rung['rung']): readonly RungState[] => some.flatMap(({ rungs }) => rungs.filter((one) => one.rung === kind).map(({ state }) => state));

  test('reachable only if every rung of every name is proven, and every name has a port that was looked at', () => {
    fc.assert(
      fc.property(climbs, (some) => {
        const { kind } = verdictOf(some, clock);
        const whole = some.length > 0 && some.every((one) => stateOf(one) === 'proven');
        expect(kind === 'reachable').toBe(whole && some.every(({ rungs }) => rungs.some((one) => one.rung === 'port')));
        expect(kind === 'reachable' || kind === 'everywhere').toBe(whole);
      }),
    );
  });
  test('good only if nothing failed and nothing is unknown; with what passes, it is the caches', () => {
    fc.assert(
      fc.property(climbs, (some) => {
        const verdict = verdictOf(some, clock);
        expect(exitOfVerdict(verdict)).toBe(isGood(verdict) ? 0 : 1);
        if (!isGood(verdict)) return;
        expect(some.map(stateOf).some((state) => state === 'failed' || state === 'unknown')).toBe(false);
        if (verdict.kind !== 'turning') return;
        const awaited = some.flatMap(({ rungs }) => rungs.filter(({ state }) => state === 'pending'));
        expect(new Set(awaited.map(({ rung }) => rung))).toEqual(new Set(['caches']));
        expect(verdict.until).toBe(Math.max(...awaited.map(({ until }) => until ?? 0)));
      }),
      { examples: [[[climb([PROVIDER, SERVERS, turning(5), port('proven')])]]] },
    );
  });
  test('unpublished only if no provider is known to have any of it', () => {
    fc.assert(
      fc.property(climbs, (some) => {
        if (verdictOf(some, clock).kind === 'unpublished') expect(states(some, 'provider')).not.toContain('proven');
      }),
    );
  });
  test('published is never said of all where the provider of one is known not to have it', () => {
    fc.assert(
      fc.property(climbs, (some) => {
        const { words } = verdictOf(some, clock);
        if (states(some, 'provider').includes('failed')) expect(words).toMatch(/^(not published because|published, but not for) /);
      }),
    );
  });
  test('a cause is one of the rungs, and not one that is proven; a verdict without one is of what is proven, or of nothing', () => {
    fc.assert(
      fc.property(climbs, (some) => {
        const { cause, kind } = verdictOf(some, clock);
        expect(cause === undefined).toBe(some.length === 0 || kind === 'reachable' || kind === 'everywhere');
        if (cause === undefined) return;
        const { name, type, ...obstacle } = cause;
        expect(obstacle.state).not.toBe('proven');
        expect(some.filter(({ target }) => target.name === name && target.type === type).flatMap(({ rungs }) => rungs)).toContainEqual(obstacle);
      }),
    );
  });
});

describe('what is enough to put TTLs back', () => {
  const rungs = (...parts: readonly (readonly [Rung['rung'], Rung['state']])[]): Pick<Climb, 'rungs'> => ({ rungs: parts.map(([rung, state]) => ({ rung, state, words: '' })) });
  const all = [
    ['provider', 'proven'],
    ['authoritative', 'proven'],
    ['caches', 'proven'],
  ] as const;
  const settled = (...climbs: readonly Pick<Climb, 'rungs'>[]): boolean => isSettledMove(climbs as readonly Climb[]);
  test('names lead here for everyone; a port that nobody looked at is no reason to wait', () => {
    expect(settled(rungs(...all), rungs(...all, ['port', 'unknown']), rungs(...all, ['port', 'proven'], ['identity', 'unknown']))).toBe(true);
  });
  test('but a closed port, another machine, a cache that still turns, or one name of many that nobody could tell of', () => {
    for (const bad of [
      rungs(...all, ['port', 'failed']),
      rungs(...all, ['port', 'proven'], ['identity', 'failed']),
      rungs(all[0], all[1], ['caches', 'pending']),
      rungs(all[0], ['authoritative', 'unknown']),
    ]) {
      expect(settled(rungs(...all), bad)).toBe(false);
    }
    expect(settled()).toBe(false);
    expect(settled(rungs())).toBe(false);
  });
});
