/** The ladder climbed in a world of made-up name servers: how much is asked, what is told meanwhile, and how it ends when somebody never answers or time is up. */
import { describe, expect, test } from 'vitest';
import type { IpAddress, Suffix } from '../../src/core/address.ts';
import type { Decision } from '../../src/core/decide.ts';
import { type Failure, Fault } from '../../src/core/failure.ts';
import { type Climb, type Rung, stateOf } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { recordSet, type Target, typeOf } from '../../src/core/record.ts';
import { isSettledMove, verdictOf } from '../../src/core/verdict.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, encodeName, type Message, message, type ResourceRecord, soaData, TYPE } from '../../src/core/wire.ts';
import { type ClimbOptions, climb } from '../../src/verify/climb.ts';
import type { Destination } from '../../src/verify/outside.ts';
import type { Net, Peer } from '../../src/world/world.ts';
import { address } from '../support/address.ts';
import { begin, simulatedTime } from '../support/simulated.ts';

const [NEW, OLD] = [address('8.8.8.1'), address('8.8.8.2')];
const V6 = address('2001:db8::7');
const SERVERS = [address('198.51.100.1'), address('198.51.100.2')];
const SYSTEM = address('198.51.100.53');
const PUBLIC = ['9.9.9.1', '9.9.9.2'].map((text) => ({ name: text, peer: { address: address(text), port: 53 } }));
const ZONE = 'home.example';
const soa = (name: string): ResourceRecord => ({
  name,
  type: TYPE.SOA,
  class: CLASS.IN,
  ttl: 60,
  data: soaData({ primary: `ns1.${ZONE}`, mailbox: `h.${ZONE}`, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 }),
});
function structure(name: string, type: number, value: IpAddress | undefined, ttl: number): Partial<Message> {
  if (name === ZONE && type === TYPE.NS) return { answers: [1, 2].map((at) => ({ name, type, class: CLASS.IN, ttl: 60, data: encodeName(`ns${at}.${ZONE}`) })) };
  if (name === ZONE && type === TYPE.SOA) return { answers: [soa(name)] };
  if (!name.endsWith(ZONE)) return { rcode: 3, authorities: [soa('.')] };
  const glue = name === `ns1.${ZONE}` ? SERVERS[0] : name === `ns2.${ZONE}` ? SERVERS[1] : undefined;
  const told = glue ?? value;
  return told !== undefined && TYPE[typeOf(told.includes(':') ? 6 : 4)] === type ? { answers: [addressRecord(name, told, ttl)] } : { authorities: [soa(ZONE)] };
}

type Role = 'servers' | 'caches' | 'system';
/** `undefined`: silence, which heeds the signal; `stuck`: heeds nothing. */
type Says = (
  name: string,
  asked: { readonly role: Role; readonly time: number; readonly seconds: number; readonly type: number },
) => { readonly value: IpAddress; readonly ttl?: number } | 'silent' | 'stuck';

function world(says: Says) {
  const time = simulatedTime(1_700_000_000_000);
  const { elapsed } = time;
  const clock = time.clock(begin());
  const asked: { readonly role: Role; readonly name: string }[] = [];
  const state = { open: 0, most: 0 };
  const times = new Map<string, number>();
  const datagram: Net['datagram'] = async (peer, payload, accept, { timeoutMs, signal }) => {
    const message_ = decodeMessage(payload);
    const question = message_?.questions[0];
    if (message_ === undefined || question === undefined) throw new TypeError('no question');
    const name = question.name.toLowerCase();
    const role: Role = SERVERS.includes(peer.address) ? 'servers' : peer.address === SYSTEM ? 'system' : 'caches';
    const isName = question.type === TYPE.A || question.type === TYPE.AAAA;
    const isOurs = isName && name.endsWith(ZONE) && !/^ns\d/.test(name) && name !== ZONE;
    const key = `${peer.address} ${name}`;
    if (isOurs) times.set(key, (times.get(key) ?? 0) + 1);
    if (isOurs) asked.push({ role, name });
    state.open++;
    state.most = Math.max(state.most, state.open);
    const said = isOurs ? says(name, { role, time: times.get(key) ?? 0, seconds: elapsed() / 1000, type: question.type }) : undefined;
    try {
      await new Promise((resolve) => setImmediate(resolve));
      if (said === 'stuck') await new Promise(() => {});
      if (said === 'silent') {
        await clock.sleep(timeoutMs, signal);
        throw new Fault({ kind: 'network', phase: 'reply', code: 'ETIMEDOUT', detail: `no answer from ${peer.address}` });
      }
      const value = typeof said === 'object' ? said.value : undefined;
      const reply = encodeMessage(
        message({
          id: message_.id,
          response: true,
          authoritative: role === 'servers',
          questions: message_.questions,
          ...structure(name, question.type, value, (typeof said === 'object' ? said.ttl : undefined) ?? 60),
        }),
      );
      if (!accept(reply)) throw new TypeError('the answer was not accepted');
      return reply;
    } finally {
      state.open--;
    }
  };
  const net = { datagram, resolvers: async (): Promise<readonly Peer[]> => [{ address: SYSTEM, port: 53 }], interfaces: () => [] } as unknown as Net;
  return { clock, net, asked, state, elapsed, time };
}

const targetOf = (name: string, more: Partial<Target> = {}): Target => ({ name: fqdn(name), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto', ...more });
const setting = (target: Target, value: IpAddress = NEW): Extract<Decision, { kind: 'set' }> => ({ target, kind: 'set', desired: recordSet(target, [value], 60), why: 'moved' });
function changed(target: Target, value: IpAddress = NEW, more: { readonly proxied?: true } = {}): Outcome {
  return { step: { kind: 'create', decision: setting(target, value), after: recordSet(target, [value], 60) }, kind: 'changed', verified: 'provider', ...more };
}

type Options = Partial<ClimbOptions> & { readonly endAfterMs?: number };
async function climbed(outcomes: readonly Outcome[], says: Says, { endAfterMs, ...more }: Options = {}) {
  const made = world(says);
  const stop = new AbortController();
  if (endAfterMs !== undefined) void made.clock.sleep(endAfterMs).then(() => stop.abort());
  const tells: (readonly Climb[])[] = [];
  const options: ClimbOptions = {
    resolvers: PUBLIC,
    patienceMs: 60_000,
    waiting: 'for-caches',
    before: () => undefined,
    outside: async () => new Map(),
    tell: (climbs) => void tells.push(climbs),
    ...more,
  };
  const climbs = await made.time.until(climb(outcomes, options, { ...made, random: Math.random, signal: stop.signal }));
  return { ...made, climbs, tells, verdict: verdictOf(climbs, () => 'some time') };
}
const stateIn = ({ rungs }: Climb, kind: Rung['rung']): string | undefined => rungs.find(({ rung }) => rung === kind)?.state;
const everywhere: Says = () => ({ value: NEW });
const open = (destinations: readonly Destination[]): Promise<ReadonlyMap<Target, readonly Rung[]>> =>
  Promise.resolve(new Map(destinations.map(({ target }) => [target, [{ rung: 'port', port: 443, state: 'proven', words: 'open' }]])));

describe('what is asked', () => {
  test('a name is proven by every name server, then by caches, and by one outside', async () => {
    const { climbs, verdict, asked } = await climbed([changed(targetOf('box.home.example'))], everywhere, { outside: open });
    expect(climbs[0]?.rungs.map(({ rung, state }) => `${rung} ${state}`)).toEqual(['provider proven', 'authoritative proven', 'caches proven', 'port proven']);
    expect(verdict.kind).toBe('reachable');
    expect(asked.findIndex(({ role }) => role === 'caches')).toBeGreaterThan(asked.findLastIndex(({ role }) => role === 'servers'));
  });
  test('caches are asked about no name that not all name servers have', async () => {
    const { climbs, asked, verdict } = await climbed([changed(targetOf('box.home.example'))], (_, { role }) => ({ value: role === 'servers' ? OLD : NEW }), { patienceMs: 3000, outside: open });
    expect(asked.filter(({ role }) => role === 'caches')).toEqual([]);
    expect(stateIn(climbs[0] as Climb, 'authoritative')).toBe('pending');
    expect(verdict.kind).toBe('published');
  });
  test('thousands of names: a few at a time, each once, told of a few times a second', async () => {
    const names = Array.from({ length: 3000 }, (_, at) => `n${at}.home.example`);
    const before = process.cpuUsage();
    const looks: number[] = [];
    const { climbs, tells, state, asked, elapsed } = await climbed(
      names.map((name) => changed(targetOf(name))),
      everywhere,
      {
        outside: (destinations) => {
          looks.push(destinations.length);
          return open(destinations);
        },
      },
    );
    expect(climbs.every((one) => stateOf(one) === 'proven' && one.rungs.length === 4)).toBe(true);
    // Each server for both families.
    expect(asked.length).toBe(3000 * (2 * 2 + PUBLIC.length * 3));
    expect(state.most).toBeLessThanOrEqual(100);
    expect(looks).toEqual([3000]);
    expect(tells.length).toBeLessThanOrEqual(elapsed() / 200 + 3);
    // Of this process's own time, whatever else the machine does.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(20);
  });
  test('a wildcard is asked for as it is, and a name at two accounts climbs twice', async () => {
    const { climbs, asked } = await climbed([changed(targetOf('*.home.example')), changed(targetOf('box.home.example')), changed(targetOf('box.home.example', { account: 'second' }))], everywhere);
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['*.home.example', 'box.home.example']));
    expect(climbs.map((one) => [one.target.account, stateOf(one)])).toEqual([
      ['main', 'proven'],
      ['main', 'proven'],
      ['second', 'proven'],
    ]);
  });
});

describe('whom visitors are led to', () => {
  const destinationsOf = async (outcome: Outcome): Promise<readonly Destination[]> => {
    let found: readonly Destination[] = [];
    await climbed([outcome], everywhere, {
      outside: (destinations) => {
        found = destinations;
        return open(destinations);
      },
    });
    return found;
  };
  const target = targetOf('box.home.example');
  const kept = (decision: Decision): Outcome => ({ step: { kind: 'keep', decision }, kind: 'kept' }) as Outcome;
  const REFUSED: Failure = { kind: 'auth', detail: 'the token is refused' };
  test('this machine; another one with a suffix; the origin behind a proxy', async () => {
    const nas = targetOf('nas.home.example', { family: 6, type: 'AAAA', suffix: {} as Suffix });
    expect(await destinationsOf(changed(target))).toEqual([{ target, address: NEW, ours: true }]);
    expect(await destinationsOf(changed(nas, V6))).toEqual([{ target: nas, address: V6, ours: false }]);
    expect(await destinationsOf(changed(target, NEW, { proxied: true }))).toEqual([{ target, address: NEW, ours: true }]);
  });
  test('what was published earlier and is not sent again is looked at all the same', async () => {
    const unchanged = kept({ target, kind: 'keep', why: 'unchanged', published: recordSet(target, [NEW], 60) });
    expect(await destinationsOf(unchanged)).toEqual([{ target, address: NEW, ours: true }]);
    expect((await climbed([unchanged], everywhere, { outside: open })).verdict).toMatchObject({ kind: 'reachable' });
  });
  test('nobody, where the provider is known not to have it, or nobody knows the address', async () => {
    expect(await destinationsOf({ step: changed(target).step, kind: 'failed', failure: REFUSED })).toEqual([]);
    expect(await destinationsOf(kept({ target, kind: 'keep', why: 'paused', failure: REFUSED, until: 'changed' }))).toEqual([]);
    expect(await destinationsOf(kept({ target, kind: 'keep', why: 'unobserved', failure: { kind: 'silent', detail: 'nobody answers' } }))).toEqual([]);
  });
  test('what an account is paused for is the cause', async () => {
    const { verdict } = await climbed([kept({ target, kind: 'keep', why: 'paused', failure: REFUSED, until: 'changed' })], everywhere);
    expect(verdict).toMatchObject({ kind: 'unpublished', words: expect.stringContaining('the token is refused'), cause: { rung: 'provider' } });
  });
  test('a provider that cannot be asked: its name servers tell', async () => {
    const push = (value: IpAddress): Outcome => ({ step: { kind: 'push', decision: setting(target, value), after: recordSet(target, [value], 60) }, kind: 'planned' });
    expect((await climbed([push(NEW)], everywhere, { outside: open })).verdict).toMatchObject({ kind: 'reachable' });
    expect((await climbed([push(OLD)], everywhere, { outside: open, patienceMs: 1000 })).verdict).toMatchObject({ kind: 'doubtful', words: expect.stringContaining('8.8.8.1') });
    expect((await climbed([push(NEW)], (_, { role }) => (role === 'servers' ? 'silent' : { value: NEW }), { patienceMs: 5000 })).verdict).toMatchObject({ kind: 'doubtful' });
  });
});

describe('when time is up', () => {
  const one = [changed(targetOf('box.home.example'))];
  const isSoon = (elapsed: () => number, endedAt: number): void => expect(elapsed() - endedAt).toBeLessThan(2500);

  test('name servers that never answer are not known, and not blamed', async () => {
    const { climbs, elapsed, verdict } = await climbed(one, () => 'stuck', { endAfterMs: 3000, outside: open });
    isSoon(elapsed, 3000);
    expect(climbs[0]?.rungs).toMatchObject([
      { rung: 'provider', state: 'proven' },
      { rung: 'authoritative', state: 'unknown', words: 'there was no time left to ask its name servers' },
      { rung: 'port' },
    ]);
    expect(verdict).toMatchObject({ kind: 'published', words: 'published, but there was no time left to ask its name servers', next: expect.stringContaining('--timeout') });
  });
  test.each(['silent', 'stuck'] as const)('resolvers that are %s: nothing of caches is claimed', async (how) => {
    const { climbs, elapsed, verdict } = await climbed(one, (_, { role }) => (role === 'caches' ? how : { value: NEW }), { endAfterMs: 1000, outside: open });
    isSoon(elapsed, 1000);
    expect(stateIn(climbs[0] as Climb, 'authoritative')).toBe('proven');
    expect(climbs[0]?.rungs.find(({ rung }) => rung === 'caches')).toMatchObject({ state: 'unknown', words: 'there was no time left to ask public resolvers' });
    expect(verdict.kind).toBe('published');
  });
  test('resolvers that are silent, with time enough: they are, and it ends by itself', async () => {
    const { verdict } = await climbed(one, (_, { role }) => (role === 'caches' ? 'silent' : { value: NEW }), { outside: open });
    expect(verdict.words).toMatch(/^published, but no public resolver answers \(no answer from 9\.9\.9\.\d\)$/);
  });
  test('resolvers that are not heard at first are asked again, a few times', async () => {
    const says =
      (silent: number): Says =>
      (_, { role, time }) =>
        role === 'caches' && time <= silent ? 'silent' : { value: NEW };
    expect((await climbed(one, says(2), { outside: open })).verdict.kind).toBe('reachable');
    const { asked, verdict } = await climbed(one, says(99), { outside: open });
    expect(verdict.words).toContain('no public resolver answers');
    expect(asked.filter(({ role }) => role === 'caches')).toHaveLength(3 * PUBLIC.length);
    expect((await climbed(one, says(1), { outside: open, waiting: 'for-nobody' })).verdict.words).toContain('no public resolver answers');
  });
  test('what caches said before is kept, with the time it takes', async () => {
    const { climbs, elapsed, verdict } = await climbed(one, (_, { role, time }) => (role === 'caches' ? (time > 3 ? 'stuck' : { value: OLD, ttl: 2 }) : { value: NEW }), {
      endAfterMs: 8000,
      outside: open,
    });
    isSoon(elapsed, 8000);
    expect(stateIn(climbs[0] as Climb, 'caches')).toBe('pending');
    expect(verdict.kind).toBe('turning');
  });
  test('one outside that never comes back, or breaks', async () => {
    const never = await climbed(one, everywhere, { endAfterMs: 2000, outside: () => new Promise(() => {}) });
    isSoon(never.elapsed, 2000);
    expect(never.verdict.kind).not.toBe('reachable');
    const broken = await climbed(one, everywhere, { outside: () => Promise.reject(new TypeError('x is undefined')) });
    expect(broken.verdict).toMatchObject({ kind: 'published', words: expect.stringContaining('TypeError: x is undefined') });
  });
  test.each([0, 1, 30, 200, 700, 1500, 4000])('after %d ms: never an error, never a claim that a longer look would not make', async (endAfterMs) => {
    const says: Says = (_, { role, seconds }) => (role === 'servers' && seconds < 1 ? { value: OLD } : role === 'caches' && seconds < 3 ? { value: OLD, ttl: 1 } : { value: NEW });
    const { verdict, elapsed } = await climbed([...one, changed(targetOf('nas.home.example'))], says, { endAfterMs, outside: open });
    isSoon(elapsed, endAfterMs);
    if (elapsed() < 1000) expect(verdict.kind).toBe('published');
  });
  test('it was up before it began', async () => {
    const made = world(everywhere);
    const options: ClimbOptions = { resolvers: PUBLIC, patienceMs: 1000, waiting: 'for-caches', before: () => undefined, outside: open };
    const climbs = await made.time.until(climb(one, options, { ...made, random: Math.random, signal: AbortSignal.abort() }));
    expect(made.asked).toEqual([]);
    expect(climbs.map((climb_) => stateOf(climb_))).toEqual(['unknown']);
  });
});

test('caches that turn only after all time is up are not waited for', async () => {
  const { climbs, elapsed, verdict } = await climbed([changed(targetOf('box.home.example'))], (_, { role }) => (role === 'caches' ? { value: OLD, ttl: 3600 } : { value: NEW }), {
    patienceMs: 300_000,
    outside: open,
  });
  expect(stateIn(climbs[0] as Climb, 'caches')).toBe('pending');
  expect(verdict.kind).toBe('turning');
  expect(elapsed()).toBeLessThan(10_000);
});

test('a clock that jumps while caches turn makes it end neither early nor never', async () => {
  for (const jump of [-86_400_000, 86_400_000]) {
    let jumped = false;
    const says: Says = (_, { role, seconds }) => {
      if (role === 'caches' && seconds > 2 && !jumped) made.time.jump(jump);
      jumped ||= role === 'caches' && seconds > 2;
      return role === 'caches' && seconds < 6 ? { value: OLD, ttl: 4 } : { value: NEW };
    };
    const made = world(says);
    const options: ClimbOptions = { resolvers: PUBLIC, patienceMs: 60_000, waiting: 'for-caches', before: () => undefined, outside: open };
    const climbs = await made.time.until(climb([changed(targetOf('box.home.example'))], options, { ...made, random: Math.random, signal: new AbortController().signal }));
    expect(climbs.map((one) => stateOf(one))).toEqual(['proven']);
    expect(made.elapsed()).toBeGreaterThan(6000);
    expect(made.elapsed()).toBeLessThan(40_000);
  }
});

test('what a name server told until lately is kept by others from then on, not from when it was written', async () => {
  const says: Says = (_, { role, seconds }) => (role === 'servers' && seconds < 30 ? { value: OLD, ttl: 100 } : { value: NEW });
  const at = 1_700_000_000_000;
  const { climbs } = await climbed([changed(targetOf('box.home.example'))], says, { patienceMs: 40_000, before: () => ({ ttl: 100, at }) });
  const { state, until = 0 } = climbs[0]?.rungs.find(({ rung }) => rung === 'caches') ?? {};
  expect(state).toBe('pending');
  expect(until - at).toBeGreaterThan(128_000);
  expect(until - at).toBeLessThanOrEqual(130_000);
});

test('a resolver that blocks the name is neither waited for nor asked on and on, and nobody is told that it passes', async () => {
  const says: Says = (_, { role }) => (role === 'caches' ? { value: address('8.8.8.3'), ttl: 0 } : { value: NEW });
  const { asked, verdict } = await climbed([changed(targetOf('box.home.example'))], says, { outside: open });
  expect(verdict).toMatchObject({ kind: 'published', words: expect.stringContaining('9.9.9.1 says 8.8.8.3, as one that blocks names does') });
  expect(asked.filter(({ role }) => role === 'caches').length).toBeLessThanOrEqual(3 * 3 * PUBLIC.length);
});

test('an address of the other family that was left behind leads visitors elsewhere; one that was never ours is told, and may be meant so', async () => {
  const [name, other] = ['box.home.example', address('2001:db8::99')];
  const says: Says = (_, { type }) => ({ value: type === TYPE.AAAA ? other : NEW });
  const meant = await climbed([changed(targetOf(name))], says, { outside: open });
  expect(meant.verdict.kind).toBe('reachable');
  expect(meant.climbs[0]?.rungs.find(({ rung }) => rung === 'authoritative')?.words).toContain('visitors over IPv6 are led to 2001:db8::99');
  const { climbs, verdict } = await climbed([changed(targetOf(name))], says, { outside: open, wrote: ({ type }) => (type === 'AAAA' ? [other] : []) });
  expect(verdict).toMatchObject({
    kind: 'published',
    words: expect.stringContaining('visitors over IPv6 are led to 2001:db8::99'),
    next: expect.stringContaining('delete the AAAA record of box.home.example'),
  });
  // What concerns names alone is settled.
  expect(isSettledMove(climbs)).toBe(true);
  // After a move of one family alone the other is as right as it was.
  const six = targetOf(name, { family: 6, type: 'AAAA' });
  expect((await climbed([changed(targetOf(name))], says, { outside: open, kept: [six] })).verdict.kind).toBe('reachable');
  const kept = await climbed([changed(targetOf(name)), changed(targetOf(name, { family: 6, type: 'AAAA' }), other)], says, { outside: open });
  expect(kept.verdict.kind).toBe('reachable');
});

test('where nobody knows for how long others keep what was before, what name servers tell now stands for it', async () => {
  const says: Says = () => ({ value: NEW, ttl: 900 });
  const at = 1_700_000_000_000;
  const { climbs, verdict } = await climbed([changed(targetOf('box.home.example'))], says, { before: (_, ttl) => (ttl === undefined ? undefined : { ttl, at }), outside: open });
  expect(climbs[0]?.rungs.find(({ rung }) => rung === 'caches')).toMatchObject({ state: 'pending', until: at + 900_000 });
  expect(verdict.kind).toBe('turning');
});

test('of what was waited for in vain nothing is left waiting', async () => {
  const made = world(everywhere);
  const waiting = new Set<Promise<void>>();
  const sleep: typeof made.clock.sleep = (ms, signal) => {
    const slept = made.clock.sleep(ms, signal).finally(() => waiting.delete(slept));
    waiting.add(slept);
    return slept;
  };
  const options: ClimbOptions = { resolvers: PUBLIC, patienceMs: 1000, waiting: 'for-caches', before: () => undefined, outside: open };
  await made.time.until(climb([changed(targetOf('box.home.example'))], options, { ...made, clock: { ...made.clock, sleep }, random: Math.random, signal: AbortSignal.abort() }));
  await new Promise((resolve) => setImmediate(resolve));
  expect(waiting.size).toBe(0);
});
