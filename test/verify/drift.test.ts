/** What a full ballot asks name servers about, how long that may take, and what a round makes of the answers. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { type Family, type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Decision, Known } from '../../src/core/decide.ts';
import type { DriftPolicy } from '../../src/core/drift.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Observation } from '../../src/core/observe.ts';
import { recordSet, type Target, typeOf } from '../../src/core/record.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, encodeName, type Message, message, type ResourceRecord, soaData, TYPE } from '../../src/core/wire.ts';
import { contract as cloudflare } from '../../src/providers/cloudflare/contract.ts';
import { contract as blind } from '../../src/providers/http/contract.ts';
import { type Report, round } from '../../src/round.ts';
import type { Contract, FakeRecord, FakeZone } from '../../src/testing/contract.ts';
import { withDrift } from '../../src/verify/drift.ts';
import { datagramServer } from '../servers/datagrams.ts';
import { realWorld } from '../servers/world.ts';
import { at, network } from '../servers/zones.ts';
import { temporaryFolder } from '../support/folder.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const address = (text: string): IpAddress => parseAddress(text) as IpAddress;
const [OURS, THEIRS, SIX, SIX_THEIRS] = [address('8.8.8.1'), address('8.8.8.66'), address('2606:4700::7'), address('2606:4700::66')];
const SERVERS = ['198.51.100.1', '198.51.100.2'].map(address);

const soa = (name: string): ResourceRecord => ({
  name,
  type: TYPE.SOA,
  class: CLASS.IN,
  ttl: 60,
  data: soaData({ primary: 'ns1.example.com', mailbox: 'h.example.com', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 }),
});
const ns = SERVERS.map((_, at): ResourceRecord => ({ name: 'example.com', type: TYPE.NS, class: CLASS.IN, ttl: 60, data: encodeName(`ns${at + 1}.example.com`) }));

/** What a name server says of the address of a name, or how it behaves. `recursive`: it answers as resolvers do. */
type Says = (name: string, type: number) => readonly IpAddress[] | 'silent' | 'recursive';

function replyTo(asked: Message, says: Says): Partial<Message> | undefined {
  const [{ name: written = '', type = 0 } = {}] = asked.questions;
  const name = written.toLowerCase();
  if (name === 'example.com' && type === TYPE.NS) return { answers: ns };
  if (name === 'example.com' && type === TYPE.SOA) return { answers: [soa(name)] };
  if (!name.endsWith('example.com')) return { rcode: 3, authorities: [soa('.')] };
  const server = /^ns(\d)\.example\.com$/.exec(name)?.[1];
  const held = server === undefined ? says(name, type) : type === TYPE.A ? SERVERS.slice(Number(server) - 1, Number(server)) : [];
  if (held === 'silent') return undefined;
  if (held === 'recursive') return { authoritative: false, recursionAvailable: true, answers: [addressRecord(name, THEIRS, 60)] };
  const values = type === TYPE.A || type === TYPE.AAAA ? held.filter((value) => value.includes(':') === (type === TYPE.AAAA)) : [];
  return values.length > 0 ? { answers: values.map((value) => addressRecord(name, value, 60)) } : { authorities: [soa('example.com')] };
}

/** Zone example.com at two servers behind a resolver. `asked`: names of which an address was asked for. */
async function zone(...servers: readonly [Says, Says]) {
  const open = async (says: Says, authoritative: boolean) => {
    const server = await datagramServer('127.0.0.1', (bytes) => {
      const asked = decodeMessage(bytes) as Message;
      const reply = replyTo(asked, says);
      return reply === undefined ? [] : [encodeMessage(message({ id: asked.id, response: true, authoritative, questions: asked.questions, ...reply }))];
    });
    onTestFinished(server.close);
    return server;
  };
  const [resolver, one, two] = await Promise.all([open(() => [], false), ...servers.map((says) => open(says, true))]);
  if (resolver === undefined || one === undefined || two === undefined) throw new Error('a server is missing');
  const real = realWorld({ servers: [`127.0.0.1:${resolver.port}`] });
  const { net } = network(real.net, { [SERVERS[0] as string]: at(one.port), [SERVERS[1] as string]: at(two.port) });
  const asked = (): readonly string[] =>
    [one, two].flatMap(({ received }) =>
      received.flatMap(
        (bytes) =>
          decodeMessage(bytes)
            ?.questions.filter(({ type }) => type === TYPE.A || type === TYPE.AAAA)
            .map(({ name }) => name.toLowerCase()) ?? [],
      ),
    );
  return { resolver, asked, world: { ...real, net, random: () => 0.99 } };
}
const everywhere =
  (...values: readonly IpAddress[]): Says =>
  () =>
    values;

const target = (name: string, family: Family = 4, account = 'main'): Target => ({ name: fqdn(name), type: typeOf(family), family, account, ttl: 'auto', sharing: 'auto' });
const kept = (of: Target): Decision => ({ target: of, kind: 'keep', why: 'unchanged' });
const agreed: ReadonlyMap<Family, Observation> = new Map([
  [4, { family: 4, ballots: [], kind: 'agreed', address: OURS }],
  [6, { family: 6, ballots: [], kind: 'agreed', address: SIX }],
]);
const published = (of: Target): Known => ({ memory: { set: recordSet(of, [of.family === 4 ? OURS : SIX]) }, digest: 'now', accountChanged: false });
type Asking = {
  readonly policy?: DriftPolicy;
  readonly observations?: ReadonlyMap<Family, Observation>;
  readonly knownOf?: (of: Target) => Known;
  readonly acted?: ReadonlyMap<Target, unknown>;
  readonly signal?: AbortSignal;
};
const look = (decisions: readonly Decision[], world: Awaited<ReturnType<typeof zone>>['world'], { signal = new AbortController().signal, ...more }: Asking = {}) =>
  withDrift(decisions, { policy: 'restore', observations: agreed, knownOf: published, acted: new Map(), ...more }, { ...world, signal });
const said = (decisions: readonly Decision[]): readonly string[] => decisions.map(({ kind, why }) => `${kind} ${why}`);

describe('name servers are asked', () => {
  test('about what is kept, both families alike; one of them that has it is enough', async () => {
    const { world } = await zone(
      (name) => (name.startsWith('late') ? [THEIRS] : name.startsWith('gone') ? [] : [THEIRS, SIX]),
      (name) => (name.startsWith('gone') ? [] : name.startsWith('late') ? [OURS] : [THEIRS, SIX]),
    );
    const decisions = [kept(target('box.example.com')), kept(target('box.example.com', 6)), kept(target('late.example.com')), kept(target('gone.example.com')), kept(target('gone.example.com', 6))];
    expect(said(await look(decisions, world))).toEqual(['set drift', 'keep unchanged', 'keep unchanged', 'set drift', 'set drift']);
    expect(said(await look(decisions, world, { policy: 'report' }))).toEqual(['set look', 'keep unchanged', 'keep unchanged', 'set look', 'set look']);
  });

  test('an IPv6 address of another machine behind the router is looked for as it was published', async () => {
    const { world } = await zone(everywhere(SIX_THEIRS), everywhere(SIX_THEIRS));
    const nas = target('nas.example.com', 6);
    const [decision] = await look([kept(nas)], world, { knownOf: (of) => ({ ...published(of), memory: { set: recordSet(of, [address('2606:4700::5054:ff:fe12:3456')]) } }) });
    expect(decision).toMatchObject({
      kind: 'set',
      why: 'drift',
      desired: { values: ['2606:4700::5054:ff:fe12:3456'] },
      failure: { detail: expect.stringContaining('say 2606:4700::66, not 2606:4700::5054:ff:fe12:3456') },
    });
  });

  test('and what they confirm is told no longer', async () => {
    const { world } = await zone(everywhere(OURS), everywhere(OURS));
    const told: Decision = { target: target('box.example.com'), kind: 'keep', why: 'drift', failure: { kind: 'drift', detail: 'was elsewhere' } };
    expect(said(await look([told], world, { policy: 'report' }))).toEqual(['keep unchanged']);
    expect(said(await look([told], world, { policy: 'off' }))).toEqual(['keep unchanged']);
  });

  const home = target('box.example.com');
  const nobody = (name: string, decision: Decision, more: Asking = {}): void => {
    test(`not about ${name}`, async () => {
      const { world, asked, resolver } = await zone(everywhere(THEIRS), everywhere(THEIRS));
      expect(await look([decision], world, more)).toEqual([decision]);
      expect([asked(), resolver.received]).toEqual([[], []]);
    });
  };
  nobody('what is set anyway', { target: home, kind: 'set', desired: recordSet(home, [OURS]), why: 'moved' });
  nobody('a family that was not agreed on', { target: home, kind: 'keep', why: 'disputed', failure: { kind: 'disputed', detail: 'two say two things' } });
  nobody('a family of which a glance was enough', kept(home), { observations: new Map([[4, { family: 4, ballots: [], kind: 'same', address: OURS }]]) });
  nobody('what was just written', kept(home), { acted: new Map([[home, 'changed']]) });
  nobody('what is remembered nowhere', kept(home), { knownOf: (of) => ({ ...published(of), memory: {} }) });
  nobody('anything, with off', kept(home), { policy: 'off' });
  const trouble = { failure: { kind: 'auth', detail: 'wrong token' }, since: 0, count: 1, notedAt: 0, until: 'changed' } as const;
  nobody('an account that is paused', kept(home), { knownOf: (of) => ({ ...published(of), account: trouble }) });

  test('only where there are resolvers: not in a world without any', async () => {
    const { world, asked } = await zone(everywhere(THEIRS), everywhere(THEIRS));
    const { resolvers: _, ...net } = world.net;
    const decisions = [kept(home)];
    expect(await look(decisions, { ...world, net })).toEqual(decisions);
    expect(await look(decisions, { ...world, net: { ...net, resolvers: async () => [] } })).toEqual(decisions);
    expect(asked()).toEqual([]);
  });
});

describe('what cannot be told', () => {
  const home = target('box.example.com');
  test('silence, and a resolver that answers in their place, are no drift', async () => {
    const silent = await zone(
      () => 'silent',
      () => 'silent',
    );
    expect(said(await look([kept(home)], silent.world))).toEqual(['keep unchanged']);
    const intercepted = await zone(
      () => 'recursive',
      () => 'recursive',
    );
    expect(said(await look([kept(home)], intercepted.world))).toEqual(['keep unchanged']);
  });

  test('is not waited for: 300 names of a zone with a silent server are seen in time, by one walk', ONCE_MORE, async () => {
    const { world, resolver } = await zone(everywhere(THEIRS), () => 'silent');
    const from = performance.now();
    const seen = await look(
      Array.from({ length: 300 }, (_, at) => kept(target(`box${at}.example.com`))),
      world,
    );
    expect(performance.now() - from).toBeLessThan(5500);
    expect(new Set(said(seen))).toEqual(new Set(['set drift']));
    expect(resolver.received.length).toBeLessThan(20);
  });

  test('ends after five seconds, after one where something waits to be published, and at once when nobody wants to know', ONCE_MORE, async () => {
    const { world } = await zone(
      () => 'silent',
      () => 'silent',
    );
    const waits: number[] = [];
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      waits.push(ms);
      return world.clock.sleep(ms / 20, signal);
    };
    const quick = { ...world, clock: { ...world.clock, sleep } };
    const other = target('other.example.com');
    const moved: Decision = { target: other, kind: 'set', desired: recordSet(other, [OURS]), why: 'moved' };
    const from = performance.now();
    expect(said(await look([kept(home)], quick))).toEqual(['keep unchanged']);
    expect(said(await look([kept(home), moved], quick))).toEqual(['keep unchanged', 'set moved']);
    expect(waits).toEqual([5000, 1000]);
    expect(said(await look([kept(home)], world, { signal: AbortSignal.abort() }))).toEqual(['keep unchanged']);
    expect(performance.now() - from).toBeLessThan(1400);
  });
});

describe('a round', () => {
  /** A box at `OURS` whose rounds all hold a full ballot, with an account at a fake of its vendor. `ask`: what its name servers say. */
  async function box(provider: string, { options, api }: Contract, records: readonly Omit<FakeRecord, 'id'>[] = []) {
    let [now, answer, ids] = [Date.UTC(2026, 0, 5), [OURS] as readonly IpAddress[], 0];
    const nextId = (): string => (++ids).toString(16).padStart(32, '0');
    const held: FakeZone = { id: 'f'.repeat(32), name: 'example.com', records: records.map((record) => ({ ...record, id: nextId() })), nextId };
    const vendor = api?.(held, { pageSize: 100 });
    if (vendor === undefined) throw new Error('no such vendor');
    const { world } = await zone(
      () => answer,
      () => answer,
    );
    const sent: string[] = [];
    const own = {
      ...world,
      clock: { ...world.clock, now: () => now },
      net: {
        ...world.net,
        http: async (request: Parameters<typeof vendor>[0]) => {
          sent.push(request.method);
          return vendor(request);
        },
      },
    };
    const stateFolder = temporaryFolder();
    return {
      held,
      /** The methods of the requests since it was last asked. */
      sent: () => sent.splice(0),
      says: (...values: readonly IpAddress[]) => {
        answer = values;
      },
      later: (hours: number) => {
        now += hours * 3_600_000;
      },
      round: async (drift: DriftPolicy = 'restore'): Promise<Report & { readonly said: readonly string[] }> => {
        const config: Config = {
          path: undefined,
          digest: drift,
          targets: [target('box.example.com')],
          accounts: { main: { name: 'main', provider, options } },
          detect: { sources: [], listed: true, quorum: 2, fullEveryMs: 3_600_000, policy: { allow: [], deny: [] }, given: new Map([[4, OURS]]) },
          drift,
          dns: { servers: [] },
          verify: undefined,
          stateFolder,
        };
        const report = await round(config, own, { dry: false, force: false, names: [], signal: new AbortController().signal, validate: async () => [] });
        expect(report.failures).toEqual([]);
        return { ...report, said: report.outcomes.map(({ kind, step: { decision } }) => `${decision.kind} ${decision.why}: ${kind}`) };
      },
    };
  }
  const PROXY = address('104.16.132.229');

  test('compares a proxied record at its provider, and writes nothing while it is as it should be there', async () => {
    const { held, round: go, says, sent } = await box('cloudflare', cloudflare, [{ name: 'box.example.com', type: 'A', value: OURS, ttl: 1, extra: { proxied: true } }]);
    says(PROXY);
    expect((await go()).said).toEqual(['set first: already']);
    for (const drift of ['restore', 'report'] as const) {
      sent();
      expect(await go(drift)).toMatchObject({ exit: 0, news: [], said: [`set ${drift === 'report' ? 'look' : 'drift'}: already`] });
      expect(new Set(sent())).toEqual(new Set(['GET']));
    }
    held.records = held.records.map((record) => ({ ...record, value: THEIRS }));
    const report = await go('report');
    expect(report).toMatchObject({ exit: 1, said: ['keep drift: kept'] });
    expect(report.news.map(({ kind }) => kind)).toEqual(['failing']);
    expect(new Set(sent())).toEqual(new Set(['GET']));
    expect(await go('off')).toMatchObject({ exit: 0, said: ['keep unchanged: kept'] });
    expect(sent()).toEqual([]);
    expect(await go()).toMatchObject({ exit: 0, said: ['set drift: changed'] });
    expect(held.records).toMatchObject([{ value: OURS, extra: { proxied: true } }]);
  });

  test('tells a service that cannot be asked again once a day at most, and says so meanwhile', async () => {
    const { round: go, says, sent, later } = await box('http', blind);
    expect((await go()).said).toEqual(['set first: changed']);
    says(THEIRS);
    sent();
    expect(await go()).toMatchObject({ exit: 0, said: ['keep unchanged: kept'] });
    later(2);
    const waiting = await go();
    expect(waiting).toMatchObject({ exit: 1, said: ['keep drift: kept'] });
    expect(waiting.news).toEqual([
      {
        kind: 'failing',
        line: 'box.example.com A main: its name servers say 8.8.8.66, not 8.8.8.1 as published (main cannot be asked what it has, so it is sent again once a day at most; does the domain lead to its name servers?)',
      },
    ]);
    expect(sent()).toEqual([]);
    later(22);
    expect(await go()).toMatchObject({ exit: 0, said: ['set drift: changed'] });
    expect(sent()).toEqual(['POST']);
    later(23);
    expect((await go('report')).said).toEqual(['keep drift: kept']);
    later(23);
    expect((await go('report')).said).toEqual(['keep drift: kept']);
    expect(sent()).toEqual([]);
    says(OURS);
    const well = await go('report');
    expect(well).toMatchObject({ exit: 0, said: ['keep unchanged: kept'] });
    expect(well.news.map(({ kind }) => kind)).toEqual(['recovered']);
  });
});
