/** Who is told what, and how often. */
import { describe, expect, it } from 'vitest';
import type { Failure } from '../src/core/failure.ts';
import { fqdn } from '../src/core/name.ts';
import type { Outcome } from '../src/core/outcome.ts';
import { recordSet, type Target } from '../src/core/record.ts';
import type { Told } from '../src/recall.ts';
import { describeOutcome, reportJson, tell } from '../src/report.ts';
import { address } from './support/address.ts';

const MINUTE = 60_000;
const target = (name: string, account = 'zone'): Target => ({ name: fqdn(name), type: 'A', family: 4, account, ttl: 'auto', sharing: 'auto' });
const unchanged = (name: string): Outcome => ({ kind: 'kept', step: { kind: 'keep', decision: { target: target(name), kind: 'keep', why: 'unchanged' } } });
const disputed = (name: string): Outcome => ({
  kind: 'kept',
  step: { kind: 'keep', decision: { target: target(name), kind: 'keep', why: 'disputed', failure: { kind: 'disputed', detail: 'two say a, one says b' } } },
});
const failed = (name: string, failure: Failure, account = 'zone'): Outcome => {
  const desired = recordSet(target(name), [address('198.51.100.7')]);
  return { kind: 'failed', failure, step: { kind: 'create', decision: { target: target(name, account), kind: 'set', desired, why: 'moved' }, after: desired } };
};
const changed = (name: string): Outcome => {
  const desired = recordSet(target(name), [address('198.51.100.7')]);
  const before = recordSet(target(name), [address('203.0.113.9')]);
  return { kind: 'changed', verified: 'provider', step: { kind: 'replace', decision: { target: target(name), kind: 'set', desired, why: 'moved' }, before, after: desired } };
};
const auth: Failure = { kind: 'auth', detail: 'the token was refused' };

const waiting: Outcome = {
  kind: 'kept',
  step: { kind: 'keep', decision: { target: target('home.example.com'), kind: 'keep', why: 'waiting', until: 3_600_000, failure: { kind: 'throttled', detail: 'too many requests' } } },
};

/** Plays rounds five minutes apart and returns every line that was told, with its minute. */
function play(rounds: readonly (readonly Outcome[])[]): readonly string[] {
  let told: Readonly<Record<string, Told>> = {};
  return rounds.flatMap((outcomes, at) => {
    const said = tell(outcomes, told, at * 5 * MINUTE);
    told = said.told;
    return said.news.map(({ kind, line }) => `${at * 5} ${kind} ${line}`);
  });
}

it('says until when nobody is asked', () => {
  expect(describeOutcome(waiting)).toMatch(/ kept as it is: too many requests.*; not asked again before 1970-01-01T01:00:00\.000Z$/);
});

it('names a name once, whatever the failure says', () => {
  const nowhere: Failure = { kind: 'refused', detail: 'home.example.com: zone has no zone for this name' };
  expect(describeOutcome(failed('home.example.com', nowhere))).toMatch(/^home\.example\.com A not changed: zone has no zone for this name/);
  expect(play([[failed('home.example.com', nowhere)]])[0]).toMatch(/^0 failing home\.example\.com A zone: zone has no zone for this name/);
  expect(describeOutcome(failed('home.example.com', { kind: 'refused', detail: 'other.example.com: is another' }))).toContain('other.example.com');
});

describe('news', () => {
  it('says nothing when nothing changed, and has nothing to store', () => {
    const told = {};
    const said = tell([unchanged('home.example.com')], told, 0);
    expect(said.news).toEqual([]);
    expect(said.told).toBe(told);
  });

  it('says of a change whose answer was lost that it could not be confirmed', () => {
    const lost: Outcome = { ...failed('home.example.com', { kind: 'network', phase: 'reply', detail: 'the answer was lost' }), kind: 'unconfirmed' } as Outcome;
    expect(play([[lost]])[0]).toMatch(/^0 failing account zone \(home\.example\.com A\): could not confirm the change: the answer was lost/);
  });

  it('tells a two-day outage in a handful of lines, and its end once', () => {
    const lines = play([[unchanged('home.example.com')], ...Array.from({ length: 576 }, () => [disputed('home.example.com')]), [unchanged('home.example.com')], [unchanged('home.example.com')]]);
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['5 failing', '65 failing', '1505 failing', '2885 recovered']);
  });

  it('tells a change each time it happens', () => {
    expect(play([[changed('home.example.com')], [unchanged('home.example.com')], [changed('home.example.com')]])).toHaveLength(2);
  });

  it('tells one line for an account, however many names it has', () => {
    const lines = play([Array.from({ length: 50 }, (_, at) => failed(`h${at}.example.com`, auth))]);
    expect(lines).toEqual([expect.stringContaining('account zone (50 names): the token was refused')]);
  });

  it('keeps the trouble of two accounts apart', () => {
    expect(play([[failed('a.example.com', auth, 'one'), failed('a.example.com', auth, 'two')]])).toHaveLength(2);
  });

  it('tells another kind of trouble at once', () => {
    const lines = play([[failed('a.example.com', { kind: 'refused', detail: 'no such host' })], [failed('a.example.com', { kind: 'config', detail: 'the zone is unknown' })]]);
    expect(lines.map((line) => line.split(' ')[1])).toEqual(['failing', 'failing']);
  });

  it('takes an outage for one trouble, whatever face it shows', () => {
    const faces: readonly Failure[] = [
      { kind: 'network', detail: 'no answer' },
      { kind: 'gibberish', detail: 'a page' },
      { kind: 'unavailable', detail: '503' },
    ];
    expect(play(Array.from({ length: 12 }, (_, at) => [failed('a.example.com', faces[at % 3] ?? auth)]))).toHaveLength(1);
  });

  it('does not call recovered what this round did not look at', () => {
    expect(play([[failed('a.example.com', { kind: 'refused', detail: 'no such host' })], [unchanged('b.example.com')]])).toHaveLength(1);
  });

  it('survives a clock that jumps back', () => {
    const first = tell([disputed('a.example.com')], {}, 1e12);
    const second = tell([disputed('a.example.com')], first.told, 1e11);
    expect(second.news).toHaveLength(1);
  });
});

describe('lines and JSON', () => {
  it('never calls an unconfirmed change failed', () => {
    const { step } = failed('a.example.com', auth);
    const line = describeOutcome({ kind: 'unconfirmed', step, failure: { kind: 'network', phase: 'reply', detail: 'the answer was lost' } });
    expect(line).toMatch(/could not confirm/);
    expect(line).not.toMatch(/failed/);
  });

  it('has the fields that programs rely on', () => {
    const json = reportJson({ observations: [], outcomes: [changed('home.example.com')], failures: [], warnings: [], exit: 0 });
    expect(json).toMatchObject({
      version: 1,
      observations: [],
      outcomes: [
        {
          name: 'home.example.com',
          type: 'A',
          account: 'zone',
          decision: { kind: 'set', why: 'moved' },
          step: { kind: 'replace', before: { values: ['203.0.113.9'] }, after: { values: ['198.51.100.7'] } },
          outcome: 'changed',
          verified: 'provider',
        },
      ],
      exit: 0,
    });
  });
});
