/** Laws of drift: one server that has it is enough, silence says nothing, and what is only looked at is never written. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IpAddress } from '../../src/core/address.ts';
import type { Answer } from '../../src/core/authoritative.ts';
import { type Decision, decide, desiredSet, isFree, isSettled, type Known, type Memory, together } from '../../src/core/decide.ts';
import { doubted, sightOf, unhurried } from '../../src/core/drift.ts';
import { HANDLING, isPaused, troubled } from '../../src/core/failure.ts';
import { exitOf, failureOf, remember } from '../../src/core/outcome.ts';
import { type Capabilities, plan } from '../../src/core/plan.ts';
import type { ServerAnswer } from '../../src/core/proof.ts';
import { recordSet, type Sharing, type Target } from '../../src/core/record.ts';
import { address, anyInstant, capable, DAY, HOUR, memoryOf, NOW, setOf, target } from './given.ts';

const failure = { kind: 'network', detail: 'does not answer' } as const;
const mute: fc.Arbitrary<Answer> = fc.constantFrom<Answer>(
  { kind: 'silent', failure },
  { kind: 'unasked', failure },
  { kind: 'lame', words: 'refuses', recursive: false },
  { kind: 'lame', words: 'answers without authority', recursive: true },
  { kind: 'delegated', zone: 'below.example.com' },
);
const answerOf = (of: Target): fc.Arbitrary<Answer> =>
  fc.oneof(
    mute,
    fc.array(address(of.family), { minLength: 1, maxLength: 3 }).map((values): Answer => ({ kind: 'holds', values, ttl: 60 })),
    fc.constantFrom<Answer>({ kind: 'absent' }, { kind: 'alias', target: 'elsewhere.example.net' }),
  );
const told = (answers: readonly Answer[], ...aliases: readonly string[]) => ({
  aliases,
  answers: answers.map((answer, at): ServerAnswer => ({ server: `ns${at}.example.com`, above: true, names: undefined, address: '8.8.8.8' as IpAddress, answer })),
});
const given = target.chain((of) => fc.tuple(fc.constant(of), address(of.family), fc.array(answerOf(of), { maxLength: 5 }), memoryOf(of)));

describe('what servers say', () => {
  test('law: one that has it is enough, whatever the others say and in whatever order', () => {
    fc.assert(
      fc.property(given, fc.nat(), ([of, at, answers], place) => {
        const among = [...answers];
        among.splice(place % (answers.length + 1), 0, { kind: 'holds', values: [at], ttl: 86_400 });
        expect(sightOf(desiredSet(of, at), of.sharing, told(among))).toEqual({ kind: 'as-published' });
      }),
    );
  });

  test('law: who does not answer changes nothing, and neither does the order', () => {
    fc.assert(
      fc.property(given, fc.array(mute, { maxLength: 3 }), ([of, at, answers], silent) => {
        const seen = sightOf(desiredSet(of, at), of.sharing, told(answers));
        expect(sightOf(desiredSet(of, at), of.sharing, told([...silent, ...answers].reverse()))).toEqual(seen);
      }),
    );
  });

  test('law: drift is what somebody with authority said', () => {
    fc.assert(
      fc.property(given, ([of, at, answers]) => {
        const { kind } = sightOf(desiredSet(of, at), of.sharing, told(answers));
        if (kind === 'drift') expect(answers.some((answer) => ['holds', 'absent', 'alias'].includes(answer.kind))).toBe(true);
        if (kind === 'unknown') expect(answers.every((answer) => !['holds', 'absent', 'alias'].includes(answer.kind))).toBe(true);
      }),
    );
  });

  const [OURS, THEIRS, OTHER] = ['8.8.8.1', '8.8.8.2', '8.8.8.3'] as unknown as [IpAddress, IpAddress, IpAddress];
  const home: Target = { name: 'home.example.com' as Target['name'], type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
  const ours = recordSet(home, [OURS]);
  const holds = (...values: readonly IpAddress[]): Answer => ({ kind: 'holds', values, ttl: 60 });

  test.each([
    ['auto', [holds(OURS, THEIRS)], 'as-published'],
    ['own', [holds(THEIRS, OURS)], 'as-published'],
    ['replace', [holds(OURS, THEIRS)], '8.8.8.1, 8.8.8.2'],
    ['auto', [holds(THEIRS)], '8.8.8.2'],
    ['auto', [holds(THEIRS), holds(THEIRS), holds(OTHER)], '8.8.8.2 or 8.8.8.3'],
    ['auto', [{ kind: 'absent' }], 'that there is none'],
    ['auto', [{ kind: 'alias', target: 'else.example.net' }], 'that it is an alias of else.example.net'],
    ['auto', [{ kind: 'silent', failure }], 'unknown'],
    ['auto', [], 'unknown'],
  ] satisfies readonly (readonly [Sharing, readonly Answer[], string])[])('%s, %j: %s', (sharing, answers, said) => {
    const sight = sightOf(ours, sharing, told(answers));
    expect(sight.kind === 'drift' ? sight.words : sight.kind).toBe(said);
  });

  test('an alias is named with what it leads to; one that leads to us is none of our business', () => {
    expect(sightOf(ours, 'auto', told([holds(THEIRS)], 'else.example.net', 'end.example.net'))).toEqual({ kind: 'drift', words: 'that it is an alias of else.example.net, and 8.8.8.2' });
    expect(sightOf(ours, 'auto', told([holds(OURS)], 'else.example.net'))).toEqual({ kind: 'as-published' });
  });

  test('both names of it are in the line', () => {
    expect(doubted(home, ours, '8.8.8.2', 'report')).toMatchObject({
      why: 'look',
      failure: { kind: 'drift', detail: 'home.example.com A: its name servers say 8.8.8.2, not 8.8.8.1 as published', hint: 'drift: report leaves it so; ddns-update --force puts it back' },
    });
    expect(doubted(home, ours, '8.8.8.2', 'restore')).toMatchObject({ kind: 'set', why: 'drift', desired: ours });
  });
});

const kept = target.chain((of) => fc.tuple(fc.constant(of), address(of.family), setOf(of), memoryOf(of), capable, anyInstant));

describe('what is only looked at', () => {
  test('law: is never written, and is as it should be only where its provider says so', () => {
    fc.assert(
      fc.property(kept, ([of, at, there, memory, can]) => {
        const decision = doubted(of, desiredSet(of, at), 'something else', 'report');
        for (const current of [{ kind: 'found', set: there }, { kind: 'unreadable' }, { kind: 'failed', failure }] as const) {
          const step = plan(decision, current, memory, can);
          expect(['none', 'keep']).toContain(step.kind);
          if (step.kind === 'keep') expect(step.decision).toMatchObject({ kind: 'keep', why: 'drift', failure: decision.failure });
          else expect(current.kind).toBe('found');
        }
      }),
    );
  });

  test('law: takes no other address of its name along, whatever its provider wants sent together', () => {
    fc.assert(
      fc.property(kept, fc.constantFrom('needed', 'safer'), ([of, at, , memory], joint) => {
        const other: Target = of.family === 4 ? { ...of, family: 6, type: 'AAAA' } : { ...of, family: 4, type: 'A' };
        const decisions: readonly Decision[] = [doubted(of, desiredSet(of, at), 'something else', 'report'), { target: other, kind: 'keep', why: 'unchanged' }];
        const published: Memory = { ...memory, set: desiredSet(of, at) };
        expect(
          together(
            decisions,
            () => ({ together: joint }),
            () => ({ memory: published, accountChanged: false }),
            { force: false },
            NOW,
          ),
        ).toEqual(decisions);
      }),
    );
  });
});

describe('a provider that cannot be asked', () => {
  const blind = (): Pick<Capabilities, 'readable'> => ({ readable: false });

  test('law: is told again once a day at most, however long its name servers say something else', () => {
    fc.assert(
      fc.property(kept, fc.array(fc.integer({ min: 1, max: 5 * HOUR }), { minLength: 30, maxLength: 120 }), ([of, at], pauses) => {
        const set = desiredSet(of, at);
        let [now, memory]: [number, Memory] = [NOW, { set, confirmedAt: NOW }];
        const sent: number[] = [NOW];
        for (const pause of pauses) {
          now += pause;
          const [decision] = unhurried([doubted(of, set, 'something else', 'restore')], blind, () => ({ memory }), now);
          if (decision?.kind !== 'set') continue;
          expect(now - (sent.at(-1) ?? 0)).toBeGreaterThanOrEqual(DAY);
          sent.push(now);
          memory = { set, confirmedAt: now };
        }
        expect(sent.length - 1).toBeLessThanOrEqual((now - NOW) / DAY);
        if (now - (sent.at(-1) ?? 0) > DAY + 5 * HOUR) throw new Error('and it is told again');
      }),
    );
  });

  const sinceThen = (ms: number, policy: 'restore' | 'report') => {
    const of: Target = { name: 'home.example.com' as Target['name'], type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
    const set = recordSet(of, ['8.8.8.1' as IpAddress]);
    const [decision] = unhurried([doubted(of, set, '8.8.8.2', policy)], blind, () => ({ memory: { set, confirmedAt: NOW - ms } }), NOW);
    return `${decision?.kind} ${decision?.why}`;
  };
  test('lags for an hour; then it is told, and after a day sent again', () => {
    expect([sinceThen(HOUR - 1, 'restore'), sinceThen(HOUR - 1, 'report')]).toEqual(['keep unchanged', 'keep unchanged']);
    expect([sinceThen(HOUR, 'restore'), sinceThen(HOUR, 'report')]).toEqual(['keep drift', 'keep drift']);
    expect([sinceThen(DAY, 'restore'), sinceThen(DAY, 'report')]).toEqual(['set drift', 'keep drift']);
    expect(sinceThen(-HOUR, 'restore')).toBe('set drift');
  });

  test('law: everything else stays as it was decided', () => {
    fc.assert(
      fc.property(kept, ([of, at, , memory, can, now]) => {
        const set = desiredSet(of, at);
        const others: readonly Decision[] = [
          { target: of, kind: 'keep', why: 'unchanged' },
          { target: of, kind: 'set', desired: set, why: 'moved' },
        ];
        expect(
          unhurried(
            others,
            () => can,
            () => ({ memory }),
            now,
          ),
        ).toEqual(others);
        const drift = [doubted(of, set, 'something else', 'restore')];
        expect(
          unhurried(
            drift,
            () => ({ readable: true }),
            () => ({ memory }),
            now,
          ),
        ).toEqual(drift);
        expect(
          unhurried(
            drift,
            () => undefined,
            () => ({ memory }),
            now,
          ),
        ).toEqual(drift);
        expect(
          unhurried(
            [doubted(of, set, 'something else', 'report')],
            () => undefined,
            () => ({ memory }),
            now,
          ),
        ).toMatchObject([{ kind: 'keep', why: 'drift' }]);
      }),
    );
  });
});

describe('what was told', () => {
  const known = (memory: Memory): Known => ({ memory, digest: 'old', accountChanged: false });
  const at = { now: NOW, random: 0.5, digest: 'old', refreshAt: undefined };

  test('law: lasts, with its exit code, in rounds that ask no name servers, until it is found gone or is put in order', () => {
    fc.assert(
      fc.property(target, address(4), address(6), (of, four, six) => {
        const here = of.family === 4 ? four : six;
        const set = desiredSet(of, here);
        const { failure: drift } = doubted(of, set, 'something else', 'report');
        const decision: Decision = { target: of, kind: 'keep', why: 'drift', failure: drift };
        const memory = remember({ set, confirmedAt: NOW }, { kind: 'kept', step: { kind: 'keep', decision } }, at);
        const again = decide(of, { family: of.family, ballots: [], kind: 'same', address: here }, known(memory), { force: false }, NOW);
        expect(again).toEqual(decision);
        const outcome = { kind: 'kept', step: { kind: 'keep', decision: again } } as const;
        expect([failureOf(outcome), exitOf([outcome])]).toEqual([drift, HANDLING.drift.exit]);
        expect(remember(memory, outcome, at)).toBe(memory);
        expect(isSettled(of, here, known(memory), NOW)).toBe(true);

        const gone: Decision = { target: of, kind: 'keep', why: 'unchanged' };
        expect(remember(memory, { kind: 'kept', step: { kind: 'keep', decision: gone } }, at)).toEqual({ set, confirmedAt: NOW });
        const restored: Decision = { target: of, kind: 'set', desired: set, why: 'forced' };
        expect(remember(memory, { kind: 'already', step: { kind: 'none', decision: restored, before: set, after: set } }, at)).toEqual({ set, confirmedAt: NOW });
      }),
    );
  });

  test('an account that is paused, or a name that may not be sent yet, is not asked about', () => {
    const of: Target = { name: 'home.example.com' as Target['name'], type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
    const trouble = troubled({ kind: 'auth', detail: 'wrong token' }, undefined, { now: NOW, random: 0, digest: 'old' });
    expect(isPaused(trouble, { now: NOW, digest: 'old' })).toBe(true);
    expect(isFree(of, { ...known({}), account: trouble }, NOW)).toBe(false);
    expect(isFree(of, known({ notBefore: NOW + 60_000 }), NOW)).toBe(false);
    expect(isFree(of, known({ notBefore: NOW }), NOW)).toBe(true);
  });
});
