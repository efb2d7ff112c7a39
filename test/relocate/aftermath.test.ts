/** What `watch` proves by itself after a change: what is a move and what is not, what is said of it and how often, and what it lets go of. */
import { beforeAll, describe, expect, test } from 'vitest';
import { openAftermath } from '../../src/commands/aftermath.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { Config } from '../../src/config/config.ts';
import type { Decision } from '../../src/core/decide.ts';
import { Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { NOTHING, type State } from '../../src/recall.ts';
import type { Report } from '../../src/round.ts';
import type { Clock, World } from '../../src/world/world.ts';
import { address } from '../support/address.ts';

/** So that none of the short waits below is spent on reading them. */
beforeAll(() => Promise.all([import('../../src/relocate/proving.ts'), import('../../src/relocate/restoring.ts'), import('../../src/commands/verify.ts')]));

const [NEW, OLD] = [address('8.8.8.1'), address('8.8.8.2')];
const targetOf = (name: string): Target => ({ name: fqdn(`${name}.example.com`), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto' });
type Why = Extract<Decision, { kind: 'set' }>['why'];
const pushed = (name: string, why: Why = 'moved'): Outcome => {
  const target = targetOf(name);
  const decision = { target, kind: 'set', desired: recordSet(target, [NEW]), why } as Decision & { kind: 'set' };
  return { step: { kind: 'push', decision, after: recordSet(target, [NEW]) }, kind: 'changed', verified: 'provider' };
};
const replaced = (name: string, before = OLD): Outcome => {
  const { step, ...rest } = pushed(name);
  return { ...rest, step: { ...step, kind: 'replace', before: recordSet(targetOf(name), [before], 60) } } as Outcome;
};
const unobserved = (name: string): Outcome => ({
  kind: 'kept',
  step: { kind: 'keep', decision: { target: targetOf(name), kind: 'keep', why: 'unobserved', failure: { kind: 'silent', detail: 'nobody answers' } } },
});
const unchanged = (name: string): Outcome => ({ kind: 'kept', step: { kind: 'keep', decision: { target: targetOf(name), kind: 'keep', why: 'unchanged' } } });
const already = (name: string, why: Why): Outcome => {
  const { step, ...rest } = pushed(name, why);
  const there = recordSet(targetOf(name), [NEW], 60);
  return { ...rest, kind: 'already', step: { ...step, kind: 'none', before: there, after: there } } as Outcome;
};
const report = (...outcomes: readonly Outcome[]): Report => ({ outcomes, observations: [], failures: [], warnings: [], news: [], problems: [], exit: 0 }) as unknown as Report;

const LOWERED: State = { ...NOTHING, lowered: { 'main * box.example.com A': { was: 3600, to: 60, at: 1, cheapFrom: 2 } } };

/** A machine that finds no name server: every look ends at once with the same verdict. Time passes as the test says. */
function stage({ state, json = false, verify = true }: { readonly state?: State | 'broken'; readonly json?: boolean; readonly verify?: boolean } = {}) {
  let elapsed = 0;
  const said: string[] = [];
  const count = { worlds: 0 };
  let closed = 0;
  const clock: Clock = {
    now: () => 1_700_000_000_000 + elapsed,
    elapsed: () => elapsed,
    sleep: (_, signal) => new Promise((resolve) => (signal?.aborted ? resolve() : signal?.addEventListener('abort', () => resolve(), { once: true }))),
  };
  const real: Clock = { ...clock, sleep: (ms, signal) => (ms > 10_000 ? clock.sleep(ms, signal) : new Promise((resolve) => setTimeout(resolve, 1))) };
  const files = {
    stat: () => (state === undefined ? undefined : { mode: 0o100600, size: 1, modifiedAt: 0, othersMayRead: false }),
    read: () => {
      if (state === 'broken') throw new Fault({ kind: 'state', detail: 'the disk is broken' });
      return state === undefined ? undefined : JSON.stringify(state);
    },
  } as unknown as World['files'];
  const silent = async (): Promise<never> => {
    throw new Fault({ kind: 'network', phase: 'connect', detail: 'nobody is there' });
  };
  const net = { resolvers: async () => [], datagram: silent, stream: silent, interfaces: () => [], network: async () => undefined, close: async () => void closed++ } as unknown as World['net'];
  const openWorld = (): World => {
    count.worlds++;
    return { clock: real, net, files, random: () => 0.5, env: {}, processes: {} } as unknown as World;
  };
  const output = { out: (line: string) => void said.push(`out ${line}`), err: (line: string) => void said.push(`err ${line}`), json, color: false, terminal: false, loud: 'normal' } as const;
  const aftermath = openAftermath({ openWorld, output, files } as unknown as Invocation, real);
  const config = {
    targets: [targetOf('box'), targetOf('nas')],
    accounts: new Map(),
    dns: { servers: [] },
    stateFolder: '/state',
    detect: { policy: {} },
    ...(verify ? { verify: { resolvers: [], ports: [], probe: 'none' } } : {}),
  } as unknown as Config;
  /** Until what was begun, if anything was, has ended. */
  const settle = async (): Promise<void> => {
    do await new Promise((resolve) => setTimeout(resolve, 10));
    while (closed < count.worlds);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    said,
    count,
    aftermath,
    pass: (ms: number) => {
      elapsed += ms;
    },
    /** A round that ended so, and what comes of it. */
    ended: async (...outcomes: readonly Outcome[]) => {
      await aftermath.heard(report(...outcomes));
      aftermath.begin(config);
      await settle();
    },
  };
}
const VERDICT = /^err Published, but whether its name servers have it cannot be told from here/;

describe('what is proven', () => {
  test.each([
    ['a record that was replaced', replaced('box')],
    ['an address that was sent', pushed('box')],
    ['one whose answer was lost, and which turns out to be there', already('box', 'interrupted')],
    ['the same after trouble was told', already('box', 'retry')],
    ['one that somebody else has put there already', already('box', 'moved')],
  ])('%s: once', async (_, outcome) => {
    const { ended, said, count } = stage();
    await ended(outcome);
    expect(said).toEqual([expect.stringMatching(VERDICT)]);
    await ended(unchanged('box'));
    expect([said.length, count.worlds]).toEqual([1, 1]);
  });
  test.each([
    ['a TTL alone', replaced('box', NEW)],
    ['an address that was sent so that it does not lapse', pushed('box', 'refresh')],
    ['one that was taken along', pushed('box', 'beside')],
    ['nothing', unchanged('box')],
    ['what was so all the time', already('box', 'confirm')],
    ['what a config that was read again does not have any more', pushed('gone')],
  ])('not %s', async (_, outcome) => {
    const { ended, said, count } = stage();
    await ended(outcome);
    expect([said, count.worlds]).toEqual([[], 0]);
  });
  test('nothing where the config does not ask for it and no TTL is lowered', async () => {
    const { ended, said, count } = stage({ verify: false });
    await ended(replaced('box'));
    await ended(unchanged('box'));
    expect([said, count.worlds]).toEqual([[], 0]);
  });
  test('as a document on a line of its own', async () => {
    const { ended, said } = stage({ json: true });
    await ended(replaced('box'));
    expect(said).toHaveLength(1);
    expect(JSON.parse((said[0] ?? '').slice(4))).toMatchObject({
      version: 1,
      verdict: { kind: 'published', cause: { rung: 'authoritative' } },
      names: [{ name: 'box.example.com', state: 'unknown' }],
    });
  });
});

test('what is under way is given up when the box is elsewhere, and what is no longer so is not proven any more', async () => {
  const { aftermath, ended, said, count } = stage();
  await aftermath.heard(report(replaced('box'), replaced('nas')));
  await ended(unobserved('box'), unchanged('nas'));
  expect(said).toEqual([expect.stringMatching(VERDICT)]);
  await aftermath.heard(report(replaced('box')));
  await ended(unobserved('box'));
  expect([said.length, count.worlds]).toEqual([1, 1]);
});

describe('while TTLs are lowered', () => {
  test('what could not be proven is looked at again half an hour later, and told once', async () => {
    const { ended, said, count, pass } = stage({ state: LOWERED });
    await ended(replaced('box'));
    await ended(unchanged('box'));
    expect([said.length, count.worlds]).toEqual([1, 1]);
    pass(31 * 60_000);
    await ended(unchanged('box'));
    expect([said.length, count.worlds]).toEqual([1, 2]);
    await ended(replaced('box'));
    expect([said.length, count.worlds]).toEqual([2, 3]);
  });
});

test('a disk that is broken is told once', async () => {
  const { ended, said } = stage({ state: 'broken' });
  for (const outcome of [replaced('box'), unchanged('box'), unchanged('box')]) await ended(outcome);
  expect(said).toEqual([expect.stringMatching(/^err the disk is broken/)]);
});

test('pausing ends it at once, and it is begun again', async () => {
  const { aftermath, ended, said } = stage();
  await ended(replaced('box'));
  await aftermath.pause();
  expect(said).toHaveLength(1);
  await ended(replaced('box'));
  expect(said).toHaveLength(2);
});
