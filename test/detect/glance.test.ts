/** The hot path: two datagrams to two operators are enough to know that nothing has changed, and never enough to change anything. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Family, type IpAddress, parseAddress } from '../../src/core/address.ts';
import { type Glimpse, glance, rotated } from '../../src/detect/glance.ts';
import { type DatagramSource, isDatagram, type Source } from '../../src/detect/source.ts';
import { CATALOGUE, DEFAULT_SOURCES } from '../../src/detect/sources.ts';
import { type WhoamiMode, whoamiServer } from '../servers/dns-whoami.ts';
import { echoServer } from '../servers/echo.ts';
import { detectConfig, dnsSource, httpsSource, prefixes, stunSource } from '../servers/sources.ts';
import { type StunMode, stunServer } from '../servers/stun.ts';
import { type Made, realWorld } from '../servers/world.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const HERE = '5.6.7.8';
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

async function pair(dns: WhoamiMode, stun: StunMode, tell: { dns?: string; stun?: string; host?: string } = {}) {
  const host = tell.host ?? '127.0.0.1';
  const one = await whoamiServer({ mode: dns, tell: tell.dns ?? HERE, host });
  const two = await stunServer({ mode: stun, tell: tell.stun ?? HERE, host });
  closing.push(one.close, two.close);
  return { one, two, sources: [dnsSource(one), stunSource(two)] as const };
}

async function look(
  sources: readonly Source[],
  { published = HERE, made = {}, deny = [] as readonly string[] }: { published?: string; made?: Made; deny?: readonly string[] } = {},
): Promise<Glimpse & { ms: number }> {
  const from = performance.now();
  const family: Family = published.includes(':') ? 6 : 4;
  const glimpse = (await glance(detectConfig(sources, { policy: { allow: [], deny: prefixes(...deny) } }), new Map([[family, ip(published)]]), realWorld(made))).get(family);
  if (glimpse === undefined) throw new Error('no glimpse');
  return { ...glimpse, ms: performance.now() - from };
}

test('one datagram to each of two operators, and the first that says the same ends it', ONCE_MORE, async () => {
  const { one, two, sources } = await pair('right', 'silent');
  const glimpse = await look(sources);
  expect(glimpse).toMatchObject({ kind: 'same', observation: { kind: 'same', family: 4, address: HERE } });
  expect(glimpse.ms).toBeLessThan(300);
  expect([one.received.length, two.received.length]).toEqual([1, 1]);
});

test('a different answer opens the full ballot at once, and counts there', ONCE_MORE, async () => {
  const { sources } = await pair('right', 'silent', { dns: '9.8.7.6' });
  const glimpse = await look(sources);
  expect(glimpse.kind === 'open' && glimpse.ballots).toMatchObject([{ kind: 'address', address: '9.8.7.6', source: 'dns' }]);
  expect(glimpse.ms).toBeLessThan(300);
});

test('silence of both for 400 ms opens it', ONCE_MORE, async () => {
  const { one, two, sources } = await pair('silent', 'silent');
  const glimpse = await look(sources);
  expect(glimpse.kind === 'open' && glimpse.ballots).toHaveLength(2);
  expect(glimpse.ms).toBeGreaterThan(380);
  expect(glimpse.ms).toBeLessThan(700);
  expect([one.received.length, two.received.length]).toEqual([1, 1]);
});

test('nonsense of one waits for the other', ONCE_MORE, async () => {
  const { sources } = await pair('two-texts', 'right');
  expect(await look(sources)).toMatchObject({ kind: 'same' });
});

test('nonsense of both opens it without waiting', ONCE_MORE, async () => {
  const { sources } = await pair('two-texts', 'error');
  const glimpse = await look(sources);
  expect(glimpse.kind).toBe('open');
  expect(glimpse.ms).toBeLessThan(300);
});

test('what is published keeps its place even where the tables say otherwise, but not against deny', ONCE_MORE, async () => {
  const { sources } = await pair('right', 'right', { dns: '203.0.113.9', stun: '203.0.113.9' });
  expect((await look(sources, { published: '203.0.113.9' })).kind).toBe('same');
  expect((await look(sources, { published: '203.0.113.9', deny: ['203.0.113.0/24'] })).kind).toBe('open');
});

describe('with few datagram sources', ONCE_MORE, () => {
  test('one is asked alone', async () => {
    const { one, sources } = await pair('right', 'right');
    expect((await look([sources[0], httpsSource('http://127.0.0.1:1/')])).kind).toBe('same');
    expect(one.received).toHaveLength(1);
  });
  test('none: what is free on this machine tells', async () => {
    const here: Source = { kind: 'address', id: 'me', operator: 'me', families: [4], address: ip(HERE) };
    expect((await look([here])).kind).toBe('same');
    expect((await look([{ ...here, address: ip('9.8.7.6') }])).kind).toBe('open');
    const wan: Source = { kind: 'interface', id: 'wan', operator: 'wan', families: [4], interface: 'eth0' };
    expect((await look([wan], { made: { interfaces: [{ interface: 'eth0', address: ip(HERE), bits: 24, internal: false, mac: '' }] } })).kind).toBe('same');
  });
  test('an echo service alone is too dear to be asked', async () => {
    const echo = await echoServer({ tell: HERE });
    closing.push(echo.close);
    expect(await look([httpsSource(echo.url)])).toMatchObject({ kind: 'open', ballots: [] });
    expect(echo.requests).toHaveLength(0);
  });
});

describe('IPv6', ONCE_MORE, () => {
  const flags = { temporary: false, deprecated: false, tentative: false, permanent: true };
  const row = { interface: 'lo', address: ip('::1'), bits: 128, internal: true, mac: '', flags };
  test('is asked from the published address while that is on an interface', async () => {
    const { one, sources } = await pair('right', 'right', { dns: '::1', stun: '::1', host: '::1' });
    expect((await look(sources, { published: '::1', made: { interfaces: [row] } })).kind).toBe('same');
    expect(one.peers[0]?.address).toBe('::1');
  });
  test('an address that is being withdrawn is looked into', async () => {
    const { one, sources } = await pair('right', 'right', { dns: '::1', stun: '::1', host: '::1' });
    expect((await look(sources, { published: '::1', made: { interfaces: [{ ...row, flags: { ...flags, deprecated: true } }] } })).kind).toBe('open');
    expect(one.received).toHaveLength(0);
  });
});

test('both families are looked at side by side', ONCE_MORE, async () => {
  const four = await pair('silent', 'silent');
  const six = await pair('silent', 'silent', { host: '::1' });
  const from = performance.now();
  const only = (source: Source, families: readonly Family[]): Source => ({ ...source, families });
  const sources = [...four.sources.map((source) => only(source, [4])), ...six.sources.map((source) => only(source, [6]))];
  const published = new Map<Family, IpAddress>([
    [4, ip(HERE)],
    [6, ip('2600::1')],
  ]);
  expect([...(await glance(detectConfig(sources), published, realWorld())).keys()]).toEqual([4, 6]);
  expect(performance.now() - from).toBeLessThan(700);
});

describe('rotation', () => {
  const mix = DEFAULT_SOURCES.flatMap((id): readonly Source[] => (CATALOGUE[id] === undefined ? [] : [CATALOGUE[id]])).filter(isDatagram);
  const literal = mix.filter(({ kind }) => kind === 'dns');
  const asked = (period: number, rounds: number, start = 1_700_000_000_000): readonly (readonly DatagramSource[])[] =>
    Array.from({ length: rounds }, (_, round) => rotated(mix, 4, start + round * period));

  test('is decided by the time alone, and always takes two operators', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000_000_000), (now) => {
        const chosen = rotated(mix, 4, now);
        expect(rotated(mix, 4, now)).toEqual(chosen);
        expect(new Set(chosen.map(({ operator }) => operator)).size).toBe(2);
      }),
    );
  });
  test.each([1, 2, 5, 10, 15, 30, 60, 1440])('every source has its turn in rounds of %d minutes, none much more often than others', (minutes) => {
    const turns = asked(minutes * 60_000, 400).flat();
    for (const source of literal) {
      const times = turns.filter((one) => one === source).length;
      expect(times, source.id).toBeGreaterThan(100);
      expect(times, source.id).toBeLessThan(320);
    }
  });
  test('no lookup is needed while two operators have literal addresses', () => {
    expect(
      asked(60_000, 100)
        .flat()
        .every((source) => literal.includes(source)),
    ).toBe(true);
  });
  test('of one operator there is one', () =>
    expect(
      rotated(
        mix.filter(({ operator }) => operator === 'cisco'),
        4,
        0,
      ),
    ).toHaveLength(1));
});
