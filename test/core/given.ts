/** Arbitrary values of the core for its laws. */
import fc from 'fast-check';
import { type Family, type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Memory } from '../../src/core/decide.ts';
import { type Failure, type FailureKind, HANDLING, type Trouble } from '../../src/core/failure.ts';
import { type Fqdn, fqdn } from '../../src/core/name.ts';
import type { Observation } from '../../src/core/observe.ts';
import type { Capabilities } from '../../src/core/plan.ts';
import { type RecordSet, recordSet, type Target, typeOf } from '../../src/core/record.ts';

export const NOW = Date.UTC(2026, 5, 1);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Whatever a clock may say: jumps of decades included. */
export const anyInstant = fc.oneof(fc.integer({ min: NOW - 2 * DAY, max: NOW + 2 * DAY }), fc.integer({ min: 0, max: NOW * 2 }));

export const address = (family: Family): fc.Arbitrary<IpAddress> => fc.integer({ min: 1, max: 9 }).map((last) => parseAddress(family === 4 ? `8.8.8.${last}` : `2606:4700::${last}`) as IpAddress);

export const target: fc.Arbitrary<Target> = fc
  .record({
    family: fc.constantFrom<Family>(4, 6),
    name: fc.constantFrom('home.example.com', '*.example.com').map(fqdn),
    ttl: fc.constantFrom<number | 'auto'>('auto', 60, 300, 3600),
    sharing: fc.constantFrom('auto', 'replace', 'own'),
  })
  .map((given) => ({ ...given, type: typeOf(given.family), account: 'main' }));

export const setOf = ({ name, type, family }: Target): fc.Arbitrary<RecordSet> =>
  fc.tuple(fc.array(address(family), { maxLength: 4 }), fc.constantFrom(undefined, 60, 300, 86_400)).map(([values, ttl]) => recordSet({ name, type }, values, ttl));

export const failure: fc.Arbitrary<Failure> = fc.record(
  {
    kind: fc.constantFrom(...(Object.keys(HANDLING) as FailureKind[])),
    detail: fc.constant('something went wrong'),
    phase: fc.constantFrom('lookup', 'connect', 'tls', 'reply'),
    retryAfterSeconds: fc.oneof(fc.nat(7_200), fc.nat()),
  },
  { requiredKeys: ['kind', 'detail'] },
);

export const trouble: fc.Arbitrary<Trouble> = fc.record(
  { failure, since: anyInstant, count: fc.integer({ min: 1, max: 2_000 }), notedAt: anyInstant, until: fc.oneof(fc.constant('changed' as const), anyInstant), digest: fc.constantFrom('old', 'new') },
  { requiredKeys: ['failure', 'since', 'count', 'notedAt', 'until'] },
);

export const memoryOf = (of: Target): fc.Arbitrary<Memory> => fc.record({ set: setOf(of), pending: setOf(of), confirmedAt: anyInstant, refreshAt: anyInstant, trouble }, { requiredKeys: [] });

export const observation = (family: Family): fc.Arbitrary<Observation> =>
  fc.oneof(
    address(family).map((told): Observation => ({ family, ballots: [], kind: 'agreed', address: told })),
    address(family).map((told): Observation => ({ family, ballots: [], kind: 'same', address: told })),
    fc.constant<Observation>({ family, ballots: [], kind: 'disputed', why: 'two say two things' }),
    fc.constant<Observation>({ family, ballots: [], kind: 'silent', why: 'nobody answers' }),
  );

/** Can hold anything a target may ask for. */
export const capable: fc.Arbitrary<Capabilities> = fc.record(
  {
    families: fc.constant<readonly Family[]>([4, 6]),
    readable: fc.boolean(),
    wildcard: fc.constant(true),
    apex: fc.boolean(),
    values: fc.constantFrom('one', 'many'),
    ttl: fc.constant({ min: 1, max: 86_400, initial: 300 }),
    refreshDays: fc.constantFrom(7, 30),
  },
  { requiredKeys: ['families', 'readable', 'wildcard', 'apex', 'values', 'ttl'] },
);

export const stranger = (of: { readonly name: Fqdn; readonly type: Target['type'] }): RecordSet => recordSet(of, [parseAddress(of.type === 'A' ? '9.9.9.9' : '2620:fe::fe') as IpAddress], 300);
