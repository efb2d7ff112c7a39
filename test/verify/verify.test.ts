/** What a round says of its changes when `verify` is in the config: whom it asks, how long it looks, and that it never claims more than it knows. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OpenAccount } from '../../src/accounts.ts';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { type Attempt, Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, encodeName, type Message, message, type ResourceRecord, soaData, TYPE } from '../../src/core/wire.ts';
import { describeOutcome } from '../../src/report.ts';
import type { Provider } from '../../src/sdk/provider.ts';
import { verify } from '../../src/verify/verify.ts';
import type { World } from '../../src/world/world.ts';
import { datagramServer } from '../servers/datagrams.ts';
import { realWorld } from '../servers/world.ts';
import { at, network } from '../servers/zones.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const [NEW, OLD, NS1, NS2] = ['8.8.8.1', '8.8.8.2', '198.51.100.1', '198.51.100.2'].map((text) => parseAddress(text)) as [IpAddress, IpAddress, IpAddress, IpAddress];
const config = { resolvers: [], ports: [], probe: 'none' } as const;
/** So much faster than it is does time pass for whoever sleeps. */
const HASTE = 10;

const soa = (name: string): ResourceRecord => ({
  name,
  type: TYPE.SOA,
  class: CLASS.IN,
  ttl: 60,
  data: soaData({ primary: 'ns1.home.example', mailbox: 'h.home.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 }),
});
const ns = ['ns1.home.example', 'ns2.home.example'].map((server): ResourceRecord => ({ name: 'home.example', type: TYPE.NS, class: CLASS.IN, ttl: 60, data: encodeName(server) }));

/** What is the same whoever is asked; `box.home.example` and its neighbours have the address `value`. */
function answers(name: string, type: number, value: IpAddress | undefined): Partial<Message> {
  if (name === 'home.example' && type === TYPE.NS) return { answers: ns };
  if (name === 'home.example' && type === TYPE.SOA) return { answers: [soa(name)] };
  if (!name.endsWith('home.example')) return { rcode: 3, authorities: [soa('.')] };
  const address = name === 'ns1.home.example' ? NS1 : name === 'ns2.home.example' ? NS2 : value;
  return type === TYPE.A && address !== undefined ? { answers: [addressRecord(name, address, 60)] } : { authorities: [soa('home.example')] };
}

type Says = (time: number, name: string) => IpAddress | undefined;

/**
 * Zone home.example at two servers behind a resolver. `first`, `second`: what each of them says the how-manieth time it is asked for an address. `aliasOf`:
 * where they say that a name leads.
 */
async function zone(first: Says, second: Says, aliasOf: (name: string, type: number) => string | undefined = () => undefined) {
  const open = async (says: Says | undefined) => {
    let times = 0;
    const server = await datagramServer('127.0.0.1', (bytes) => {
      const asked = decodeMessage(bytes) as Message;
      const [question] = asked.questions;
      if (question === undefined) return [];
      const name = question.name.toLowerCase();
      const value = name.startsWith('ns') || question.type !== TYPE.A ? undefined : says?.(++times, name);
      const alias = says && aliasOf(name, question.type);
      const cname = alias === undefined ? undefined : { answers: [{ name, type: TYPE.CNAME, class: CLASS.IN, ttl: 60, data: encodeName(alias) }] };
      return [encodeMessage(message({ id: asked.id, response: true, authoritative: says !== undefined, questions: asked.questions, ...(cname ?? answers(name, question.type, value)) }))];
    });
    onTestFinished(server.close);
    return server;
  };
  const [one, two, resolver] = await Promise.all([open(first), open(second), open(undefined)]);
  const world = realWorld({ servers: [`127.0.0.1:${resolver.port}`] });
  const { net } = network(world.net, { [NS1]: at(one.port), [NS2]: at(two.port) });
  return { one, two, resolver, world: { ...world, net, clock: { ...world.clock, sleep: (ms: number, signal?: AbortSignal) => world.clock.sleep(ms / HASTE, signal) } } };
}

function changed(name = 'box.home.example', more: Partial<Extract<Outcome, { kind: 'changed' }>> = {}): Outcome {
  const target: Target = { name: fqdn(name), type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
  const [before, after] = [recordSet(target, [OLD], 60), recordSet(target, [NEW], 60)];
  return { kind: 'changed', verified: 'provider', step: { kind: 'replace', before, after, decision: { kind: 'set', target, desired: after, why: 'moved' } }, ...more };
}

const account = (provider: Partial<Provider>): ReadonlyMap<string, Attempt<OpenAccount>> =>
  new Map([['main', { kind: 'ok', value: { provider: { write: async () => [], ...provider } } as unknown as OpenAccount }]]);
const verified = async (
  outcomes: readonly Outcome[],
  world: Pick<World, 'clock' | 'net' | 'random'>,
  provider: Partial<Provider> = {},
  signal = new AbortController().signal,
): Promise<readonly Outcome[]> => verify(outcomes, account(provider), { config, signal }, world);

describe('the name servers', ONCE_MORE, () => {
  test('that all have it at once', async () => {
    const { world, one } = await zone(
      () => NEW,
      () => NEW,
    );
    const [outcome] = await verified([changed()], world);
    expect(outcome).toMatchObject({ verified: 'authoritative' });
    expect(outcome).not.toHaveProperty('doubt');
    expect(one.received.length).toBeLessThan(10);
  });
  test('are asked again until the last of them has it', async () => {
    const { world } = await zone(
      () => NEW,
      (time) => (time > 3 ? NEW : OLD),
    );
    expect(await verified([changed()], world)).toMatchObject([{ verified: 'authoritative' }]);
  });
  test('of which one stays behind: it is named, and the round goes on after ten seconds', async () => {
    const { world, two } = await zone(
      () => NEW,
      () => OLD,
    );
    const [outcome] = await verified([changed()], world);
    expect(outcome).toMatchObject({ verified: 'not-yet', doubt: 'one of 2 name servers is behind: ns2.home.example says 8.8.8.2' });
    expect(describeOutcome(outcome as Outcome)).toBe('box.home.example A 8.8.8.2 → 8.8.8.1 (accepted, but one of 2 name servers is behind: ns2.home.example says 8.8.8.2)');
    const looks = two.received.filter((bytes) => decodeMessage(bytes)?.questions[0]?.type === TYPE.A && decodeMessage(bytes)?.questions[0]?.name === 'box.home.example').length;
    expect(looks).toBeGreaterThan(4);
    expect(looks).toBeLessThanOrEqual(11);
  });
  test('that cannot be found: what the provider said stands, and the doubt is told', async () => {
    const { world } = await zone(
      () => NEW,
      () => NEW,
    );
    const [outcome] = await verified([changed()], { ...world, net: { ...world.net, resolvers: async () => [] } });
    expect(outcome).toMatchObject({ verified: 'provider', doubt: 'cannot tell from here: this machine has no resolver that could be asked' });
    expect(describeOutcome(outcome as Outcome)).toMatch(/\(confirmed by the provider; cannot tell from here: this machine has no resolver that could be asked\)$/);
  });
  const now = () => NEW;
  test('are looked for once more when there was no resolver at first', async () => {
    const { world } = await zone(now, now);
    let times = 0;
    const resolvers = async () => (times++ === 0 ? [] : ((await world.net.resolvers?.()) ?? []));
    expect(await verified([changed()], { ...world, net: { ...world.net, resolvers } })).toMatchObject([{ verified: 'authoritative' }]);
  });
  test('are asked once more when none of them was heard at first', async () => {
    const { world } = await zone(now, now);
    const lost = new Set<string>();
    const datagram: typeof world.net.datagram = async (peer, payload, ...rest) => {
      const asked = decodeMessage(payload)?.questions[0];
      if (asked?.type !== TYPE.A || asked.name !== 'box.home.example' || lost.has(peer.address)) return world.net.datagram(peer, payload, ...rest);
      lost.add(peer.address);
      throw new Fault({ kind: 'network', phase: 'reply', code: 'ETIMEDOUT', detail: 'no answer in time' });
    };
    expect(await verified([changed()], { ...world, net: { ...world.net, datagram } })).toMatchObject([{ verified: 'authoritative' }]);
    expect(lost.size).toBe(2);
  });
  test('of which one still says that the name is an alias: it is not followed for ever', async () => {
    let times = 0;
    const value = (_: number, name: string) => (name === 'old.home.example' ? OLD : NEW);
    const { world } = await zone(value, value, (name, type) => (name === 'box.home.example' && type === TYPE.SOA && times++ < 4 ? 'old.home.example' : undefined));
    expect(await verified([changed()], world)).toMatchObject([{ verified: 'authoritative' }]);
    expect(times).toBeGreaterThan(4);
  });
  test('of hundreds of names in one zone: the zone is walked to once', async () => {
    const { world, resolver } = await zone(
      () => NEW,
      () => NEW,
    );
    const outcomes = await verified(
      Array.from({ length: 300 }, (_, at) => changed(`box${at}.home.example`)),
      // Not in haste: nobody sleeps, and a busy machine may need its time.
      { ...world, clock: realWorld().clock },
    );
    expect(outcomes.every((outcome) => outcome.kind === 'changed' && outcome.verified === 'authoritative')).toBe(true);
    expect(resolver.received.length).toBeLessThan(20);
  });
  test('are not waited for beyond the end of the command', async () => {
    const { world } = await zone(
      () => NEW,
      () => OLD,
    );
    const command = new AbortController();
    setTimeout(() => command.abort(), 150);
    const from = performance.now();
    expect(await verified([changed()], world, {}, command.signal)).toMatchObject([{ verified: 'not-yet' }]);
    expect(performance.now() - from).toBeLessThan(600);
    expect(await verified([changed()], world, {}, AbortSignal.abort())).toEqual([changed()]);
  });
});

describe('nobody is asked', () => {
  const check = (name: string, outcomes: readonly Outcome[], provider: Partial<Provider>, expected: readonly object[]): void => {
    test(name, async () => {
      const { world, one, two, resolver } = await zone(
        () => OLD,
        () => OLD,
      );
      expect(await verified(outcomes, world, provider)).toMatchObject(expected);
      expect([one, two, resolver].flatMap(({ received }) => received)).toEqual([]);
    });
  };
  check('about what a proxy stands before', [changed('box.home.example', { proxied: true })], {}, [{ verified: 'provider', proxied: true }]);
  check('where the provider can tell that all have it', [changed()], { settled: async () => true }, [{ verified: 'authoritative' }]);
  check('where the provider can tell that not all have it', [changed()], { settled: async () => false }, [{ verified: 'not-yet' }]);
  const kept: Outcome = { kind: 'kept', step: { kind: 'keep', decision: { kind: 'keep', target: changed().step.decision.target, why: 'unchanged' } as never } };
  check('about what was not changed', [kept], {}, [kept]);
});

test('without verify in the config everything stays as it is', async () => {
  const outcomes = [changed()];
  expect(await verify(outcomes, account({}), { config: undefined, signal: new AbortController().signal }, realWorld())).toBe(outcomes);
});
