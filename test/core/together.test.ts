/** Laws of providers that take both addresses of a name at once: nothing is erased, nothing unobserved is written, and what is alone stays alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decision, decide, type Known, type Memory, together } from '../../src/core/decide.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Observation } from '../../src/core/observe.ts';
import { type Capabilities, plan } from '../../src/core/plan.ts';
import { type RecordSet, recordSet, type Target, typeOf } from '../../src/core/record.ts';
import { memoryOf, NOW, observation } from './given.ts';

const named = (name: string, family: 4 | 6): Target => ({ name: fqdn(name), family, type: typeOf(family), account: 'main', ttl: 'auto', sharing: 'auto' });
const both = [named('home.example.com', 4), named('home.example.com', 6)] as const;
const known = (memory: Memory): Known => ({ memory, digest: 'old', accountChanged: false });

const pauseEnds = fc.option(fc.integer({ min: NOW - 60_000, max: NOW + 600_000 }), { nil: undefined });
const paused = (memory: Memory, notBefore: number | undefined): Memory => (notBefore === undefined ? memory : { ...memory, notBefore });
type Scene = { readonly seen: readonly [Observation, Observation]; readonly memories: readonly [Memory, Memory]; readonly force: boolean };
const scene: fc.Arbitrary<Scene> = fc.record({
  seen: fc.tuple(observation(4), observation(6)),
  memories: fc.tuple(memoryOf(both[0]), memoryOf(both[1]), pauseEnds, pauseEnds).map(([four, six, ...ends]) => [paused(four, ends[0]), paused(six, ends[1])] as const),
  force: fc.boolean(),
});
const memoryIn =
  ({ memories }: Scene) =>
  (target: Target): Memory =>
    memories[target.family === 4 ? 0 : 1];
const decided = ({ seen, memories, force }: Scene): readonly Decision[] => both.map((target, at) => decide(target, seen[at], known(memories[at] as Memory), { force }, NOW));
const knownIn =
  (given: Scene) =>
  (target: Target): Known =>
    known(memoryIn(given)(target));
const joint = (given: Scene, kind: Capabilities['together']) => together(decided(given), () => (kind === undefined ? {} : { together: kind }), knownIn(given), given, NOW);

test('law: one is never sent without the other where that would erase it', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const kinds = joint(given, 'needed').map(({ kind }) => kind);
      expect(kinds[0]).toBe(kinds[1]);
    }),
    { numRuns: 2_000 },
  );
});

test('law: what goes along is what was published last, and what is due was agreed on', () => {
  fc.assert(
    fc.property(scene, fc.constantFrom('needed' as const, 'safer' as const), (given, kind) => {
      for (const [at, decision] of joint(given, kind).entries()) {
        if (decision.kind !== 'set') continue;
        const seen = given.seen[at];
        if (decision.why === 'beside') expect(decision.desired).toBe(given.memories[at]?.set);
        else expect(seen?.kind === 'agreed' && decision.desired.values).toEqual(seen?.kind === 'agreed' && [seen.address]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('law: where nothing is due nothing is sent, and no other provider is any different', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const before = decided(given);
      expect(joint(given, undefined)).toEqual(before);
      if (before.every(({ kind }) => kind === 'keep')) for (const kind of ['needed', 'safer'] as const) expect(joint(given, kind)).toEqual(before);
      // Not known to erase: what is due is never held back, but for the pause that the service wants after the other.
      const isEarly = given.memories.some(({ notBefore = NOW }) => notBefore > NOW);
      for (const [at, decision] of joint(given, 'safer').entries()) if (before[at]?.kind === 'set' && !isEarly) expect(decision).toEqual(before[at]);
    }),
    { numRuns: 2_000 },
  );
});

const agreed = (family: 4 | 6, address: string): Observation => ({ family, ballots: [], kind: 'agreed', address: address as never });
const published = (target: Target, address: string): Memory => ({ set: recordSet(target, [address as never]), confirmedAt: NOW });

test('IPv4 moved and IPv6 did not: both are sent', () => {
  const given: Scene = { seen: [agreed(4, '8.8.8.9'), agreed(6, '2606:4700::1')], memories: [published(both[0], '8.8.8.8'), published(both[1], '2606:4700::1')], force: false };
  expect(joint(given, 'needed')).toMatchObject([
    { kind: 'set', why: 'moved', desired: { values: ['8.8.8.9'] } },
    { kind: 'set', why: 'beside', desired: { values: ['2606:4700::1'] } },
  ]);
});

test('IPv6 is gone after the move: what was published of it is sent again, and not erased', () => {
  const given: Scene = {
    seen: [agreed(4, '8.8.8.9'), { family: 6, ballots: [], kind: 'silent', why: 'nobody answers' }],
    memories: [published(both[0], '8.8.8.8'), published(both[1], '2606:4700::1')],
    force: false,
  };
  expect(joint(given, 'needed')).toMatchObject([{ kind: 'set' }, { kind: 'set', why: 'beside', desired: { values: ['2606:4700::1'] } }]);
});

test('IPv6 was never published and is not seen: IPv4 waits, and says for what', () => {
  const given: Scene = { seen: [agreed(4, '8.8.8.9'), { family: 6, ballots: [], kind: 'silent', why: 'nobody answers' }], memories: [{}, {}], force: false };
  expect(joint(given, 'needed')).toMatchObject([
    { kind: 'keep', why: 'unobserved', failure: { kind: 'silent', detail: expect.stringMatching(/erases the IPv6 address.*no IPv6 address found/) } },
    { kind: 'keep' },
  ]);
  expect(joint(given, 'safer')).toMatchObject([{ kind: 'set', why: 'first' }, { kind: 'keep' }]);
});

test('a name that is configured for one family alone is sent alone', () => {
  const lone = both.slice(0, 1).map((target) => decide(target, agreed(4, '8.8.8.9'), known({}), { force: false }, NOW));
  expect(
    together(
      lone,
      () => ({ together: 'needed' }),
      () => known({}),
      { force: false },
      NOW,
    ),
  ).toEqual(lone);
});

test('law: the pause between updates holds for what would go along too', () => {
  fc.assert(
    fc.property(scene, fc.constantFrom('needed' as const, 'safer' as const), (given, kind) => {
      const sent = joint(given, kind).flatMap((decision, at) => (decision.kind === 'set' ? [given.memories[at]?.notBefore ?? NOW] : []));
      if (!given.force) expect(sent.filter((notBefore) => notBefore > NOW && notBefore - NOW <= 86_400_000)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('IPv4 is due while IPv6 was sent a moment ago: both wait', () => {
  const given: Scene = {
    seen: [agreed(4, '8.8.8.9'), agreed(6, '2606:4700::1')],
    memories: [published(both[0], '8.8.8.8'), { ...published(both[1], '2606:4700::1'), notBefore: NOW + 60_000 }],
    force: false,
  };
  for (const kind of ['needed', 'safer'] as const) expect(joint(given, kind)).toMatchObject([{ kind: 'keep', why: 'waiting', until: NOW + 60_000 }, { kind: 'keep' }]);
  expect(joint({ ...given, force: true }, 'needed').map(({ kind }) => kind)).toEqual(['set', 'set']);
});

test('what another provider was told is not told to a new one unless it is seen', () => {
  const given: Scene = {
    seen: [agreed(4, '8.8.8.8'), { family: 6, ballots: [], kind: 'silent', why: 'nobody answers' }],
    memories: [published(both[0], '8.8.8.8'), published(both[1], '2606:4700::1')],
    force: false,
  };
  const elsewhere = (target: Target): Known => ({ ...knownIn(given)(target), accountChanged: true });
  const before = both.map((target, at) => decide(target, given.seen[at], elsewhere(target), given, NOW));
  expect(together(before, () => ({ together: 'safer' }), elsewhere, given, NOW)).toMatchObject([{ kind: 'set', why: 'confirm' }, { kind: 'keep' }]);
  expect(together(before, () => ({ together: 'needed' }), elsewhere, given, NOW)).toMatchObject([{ kind: 'keep', why: 'unobserved' }, { kind: 'keep' }]);
});

test('what goes along is sent although a provider that can be asked has it already', () => {
  const [, six] = both;
  const desired: RecordSet = recordSet(six, ['2606:4700::1' as never]);
  const can: Capabilities = { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'one', ttl: 'fixed', together: 'needed' };
  expect(plan({ target: six, kind: 'set', desired, why: 'beside' }, { kind: 'found', set: desired }, { set: desired }, can).kind).toBe('replace');
});

test('an address of another machine cannot be told to who stores the sender’s', () => {
  const target: Target = { ...both[1], suffix: { text: '::1/64' } as never };
  const can: Capabilities = { families: [4, 6], readable: false, wildcard: true, apex: true, values: 'one', ttl: 'fixed', sender: true };
  const step = plan({ target, kind: 'set', desired: recordSet(target, ['2606:4700::1' as never]), why: 'first' }, { kind: 'unreadable' }, {}, can);
  expect(step).toMatchObject({ kind: 'blocked', failure: { kind: 'config', detail: expect.stringContaining('suffix') } });
});
