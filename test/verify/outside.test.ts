/** Looks from outside in a made-up world: how many, at what, by whom, what becomes of one that fails, and what is asked of the router because of it. */
import { describe, expect, test } from 'vitest';
import { familyOf, type IpAddress } from '../../src/core/address.ts';
import { Fault } from '../../src/core/failure.ts';
import type { Rung } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Leaf, Look, Sighting } from '../../src/core/reach.ts';
import type { Target } from '../../src/core/record.ts';
import { type Destination, lookOutside, type OutsideOptions } from '../../src/verify/outside.ts';
import type { Probe } from '../../src/verify/probes/probe.ts';
import type { InterfaceAddress, World } from '../../src/world/world.ts';
import { address } from '../support/address.ts';

const [PUBLIC, PUBLIC6, OWN4] = [address('198.51.100.7'), address('2001:db8::7'), address('10.0.0.5')];
const NOW = 1_700_000_000_000;
const targetOf = (name: string, family: 4 | 6 = 4): Target => ({ name: fqdn(`${name}.example.com`), family, type: family === 4 ? 'A' : 'AAAA', account: 'main', ttl: 'auto', sharing: 'auto' });
const to = (name: string, where: IpAddress = PUBLIC, ours = true): Destination => ({ target: targetOf(name, familyOf(where)), address: where, ours });
const neighbour = (where: IpAddress): InterfaceAddress => ({ interface: 'eth0', address: where, bits: 24, internal: false, mac: '02:00:00:00:00:01' });
const leafOf = (name: string, print = 'a'): Leaf => ({ fingerprint256: print.repeat(64), names: [name], validTo: NOW + 100 * 86_400_000 });

/** `listens`: which of our own doors answer. `leaf`: what a TLS server there shows. `occupied`: ports that are taken although nobody answers. */
type Made = {
  readonly own?: readonly IpAddress[];
  readonly listens?: (where: IpAddress, port: number) => boolean;
  readonly leaf?: (name: string, port: number) => Leaf | undefined;
  readonly served?: number[];
};
function world({ own = [OWN4], listens = () => false, leaf = () => undefined, served = [] }: Made) {
  let elapsed = 0;
  const counts = { routers: 0, slept: 0 };
  const refused = new Fault({ kind: 'network', phase: 'connect', code: 'ECONNREFUSED', detail: 'refused' });
  const net: Partial<World['net']> = {
    interfaces: () => own.map(neighbour),
    departure: async () => 'eth0',
    network: async () => {
      counts.routers++;
      return undefined;
    },
    knock: async (peer) => {
      if (!listens(peer.address, peer.port)) throw refused;
    },
    leaf: async (peer, name) => {
      const found = leaf(name, peer.port);
      if (found === undefined) throw refused;
      return found;
    },
    serve: async (port) => {
      served.push(port);
      return { port, close: async () => void served.splice(served.indexOf(port), 1) };
    },
  };
  const clock = {
    now: () => NOW + elapsed,
    elapsed: () => elapsed,
    sleep: async (ms: number) => {
      counts.slept++;
      elapsed += ms;
    },
  };
  return { counts, world: { net, clock, random: () => 0.5, files: { stat: () => undefined }, env: {}, processes: {} } as unknown as World };
}

type Answer = Sighting | Error | ((look: Look) => Sighting | Promise<Sighting>);
function probe(...answers: readonly Answer[]) {
  const looks: Look[] = [];
  const busy = { now: 0, most: 0 };
  const one: Probe = {
    title: 'Somebody',
    learns: 'nothing',
    cannot: ({ family, port }) => (family === 6 && port === 25 ? 'it knows IPv4 only' : undefined),
    look: async (look) => {
      const answer = answers[Math.min(looks.length, answers.length - 1)];
      looks.push(look);
      busy.now++;
      busy.most = Math.max(busy.most, busy.now);
      try {
        await new Promise((resolve) => setImmediate(resolve));
        if (answer instanceof Error) throw answer;
        return typeof answer === 'function' ? await answer(look) : (answer ?? { kind: 'open' });
      } finally {
        busy.now--;
      }
    },
  };
  return { one, looks, busy };
}
const CLOSED: Sighting = { kind: 'closed', words: 'no answer in time' };
const OPEN: Sighting = { kind: 'open' };
const ports = (...some: readonly number[]) => some.map((port) => ({ outside: port, inside: port }));
async function look(destinations: readonly Destination[], made: ReturnType<typeof world>, options: Partial<OutsideOptions>, signal = new AbortController().signal) {
  const found = await lookOutside(destinations, { ports: ports(443), policy: { allow: [], deny: [] }, asked: () => undefined, again: 'never', ...options }, made.world, signal);
  const of = (name: string, family: 4 | 6 = 4): readonly Rung[] => [...found].find(([target]) => target.name === `${name}.example.com` && target.family === family)?.[1] ?? [];
  return { of, found };
}
const states = (rungs: readonly Rung[]): readonly string[] => rungs.map(({ rung, port, state }) => `${rung} ${port} ${state}`);

describe('how much is looked at', () => {
  test('each address and port once, whatever number of names lead there', async () => {
    const { one, looks } = probe(OPEN);
    const names = Array.from({ length: 500 }, (_, at) => to(`n${at}`));
    const { found } = await look(names, world({ listens: () => true }), { probe: one, ports: ports(443, 80) });
    expect(looks.map(({ port }) => port).sort()).toEqual([443, 80]);
    expect(found.size).toBe(500);
  });
  test('machines with addresses of their own: a few at a time, and none of ours is served for them', async () => {
    const { one, looks, busy } = probe(OPEN);
    const many = Array.from({ length: 200 }, (_, at) => to(`n${at}`, address(`2001:db8::${(at + 1).toString(16)}`), false));
    const served: number[] = [];
    const { of } = await look(many, world({ served }), { probe: one });
    expect(looks).toHaveLength(200);
    expect(busy.most).toBeLessThanOrEqual(8);
    expect(states(of('n7', 6))).toEqual(['port 443 proven']);
    expect(served).toEqual([]);
  });
  test('rungs come in the order of the ports, whichever is answered first', async () => {
    const { one } = probe(async ({ port }) => {
      if (port === 22) await new Promise((resolve) => setTimeout(resolve, 20));
      return OPEN;
    });
    const { of } = await look([to('box')], world({ listens: () => true }), { probe: one, ports: ports(22, 443, 80) });
    expect(
      of('box')
        .filter(({ rung }) => rung === 'port')
        .map(({ port }) => port),
    ).toEqual([22, 443, 80]);
  });
  test('a port inside that is another one: looked at outside, served inside, and given back', async () => {
    const served: number[] = [];
    let during: readonly number[] = [];
    const { one, looks } = probe(() => {
      during = [...served];
      return OPEN;
    });
    await look([to('box')], world({ served }), { probe: one, ports: [{ outside: 443, inside: 8443 }] });
    expect([looks[0]?.port, looks[0]?.as.kind, during, served]).toEqual([443, 'page', [8443], []]);
  });
  test('a wildcard is looked at by a name under it', async () => {
    const { one, looks } = probe(OPEN);
    await look([to('*')], world({}), { probe: one });
    expect(looks[0]?.name).toBe('any.example.com');
  });
});

describe('what one says', () => {
  test('closed once, open a moment later: open', async () => {
    const { one, looks } = probe(CLOSED, OPEN);
    const made = world({ listens: () => true });
    const { of } = await look([to('box')], made, { probe: one, again: 'once-more' });
    expect([states(of('box'))[0], looks.length, made.counts.slept]).toEqual(['port 443 proven', 2, 1]);
  });
  test('closed, then blind: closed', async () => {
    const { one } = probe(CLOSED, new Fault({ kind: 'network', detail: 'it is gone' }));
    expect(states((await look([to('box')], world({}), { probe: one, again: 'once-more' })).of('box'))).toEqual(['port 443 failed']);
  });
  test('it fails, or has a bug: nothing is known of the port, and its own hint is what to do', async () => {
    const gibberish = probe(new Fault({ kind: 'gibberish', detail: 'it talks nonsense', hint: 'is the url right?' }));
    expect((await look([to('box')], world({}), { probe: gibberish.one })).of('box')).toMatchObject([
      { state: 'unknown', words: expect.stringContaining('it talks nonsense'), advice: 'is the url right?' },
    ]);
    const broken = probe(new TypeError('x is undefined'));
    expect((await look([to('box')], world({}), { probe: broken.one })).of('box')).toMatchObject([
      { state: 'unknown', words: expect.stringContaining('x is undefined'), advice: expect.stringContaining('telephone') },
    ]);
  });
  test('what it cannot do is not asked of it', async () => {
    const { one, looks } = probe(OPEN);
    const { of } = await look([to('box', PUBLIC6)], world({}), { probe: one, ports: ports(25) });
    expect([looks.length, states(of('box', 6))]).toEqual([0, ['port 25 unknown']]);
  });
  test('time is up while it looks, and before', async () => {
    const stop = new AbortController();
    const { one } = probe(() => {
      stop.abort();
      throw new Fault({ kind: 'network', detail: 'aborted' });
    });
    expect((await look([to('box')], world({}), { probe: one, again: 'once-more' }, stop.signal)).of('box')).toMatchObject([
      { state: 'unknown', words: expect.stringContaining('there was no time left to look') },
    ]);
    const before = probe(OPEN);
    await look([to('box')], world({}), { probe: before.one }, AbortSignal.abort());
    expect(before.looks).toEqual([]);
  });
});

describe('whose fault', () => {
  test('a router is asked only if something is not proven', async () => {
    const good = world({ listens: () => true, leaf: (name) => leafOf(name) });
    await look([to('box')], good, { probe: probe({ kind: 'open', seen: { kind: 'certificate', ...leafOf('box.example.com') } }).one });
    expect(good.counts.routers).toBe(0);
    const bad = world({ listens: () => true, leaf: (name) => leafOf(name) });
    await look([to('box')], bad, { probe: probe(CLOSED).one });
    expect(bad.counts.routers).toBeGreaterThan(0);
  });
  test('and if another machine may have the same certificate', async () => {
    const made = world({ listens: () => true, leaf: () => leafOf('*.example.com') });
    await look([to('box')], made, { probe: probe({ kind: 'open', seen: { kind: 'certificate', ...leafOf('*.example.com') } }).one });
    expect(made.counts.routers).toBeGreaterThan(0);
  });
  test('what listens over IPv4 alone is closed over IPv6, and no firewall is blamed', async () => {
    const made = world({ own: [OWN4, PUBLIC6], listens: (where) => where === OWN4, leaf: (name) => leafOf(name) });
    const { one } = probe((asked) => (asked.family === 6 ? CLOSED : { kind: 'open', seen: { kind: 'certificate', ...leafOf('box.example.com') } }));
    const { of } = await look([to('box'), to('box', PUBLIC6)], made, { probe: one });
    expect(states(of('box'))).toEqual(['port 443 proven', 'identity 443 proven']);
    expect(of('box', 6)[0]?.words).toMatch(/while over IPv4 it is open: what listens on port 443 here does so over IPv4 alone$/);
  });
  test('what listens over both is closed by a firewall', async () => {
    const { one } = probe((asked) => (asked.family === 6 ? CLOSED : OPEN));
    const { of } = await look([to('box'), to('box', PUBLIC6)], world({ own: [OWN4, PUBLIC6], listens: () => true }), { probe: one });
    expect(of('box', 6)[0]?.words).toMatch(/while over IPv4 it is open: a firewall lets no IPv6 in/);
  });
  test('a server with a certificate that listens for this machine alone', async () => {
    const { of } = await look([to('box')], world({ listens: (where) => where.startsWith('127.'), leaf: (name) => leafOf(name) }), { probe: probe(CLOSED).one });
    expect(of('box')[0]?.words).toMatch(/: what listens on port 443 here does so for this machine alone$/);
  });
  test('what the router was asked for counts, per port and family', async () => {
    const { of } = await look([to('box')], world({ listens: () => true }), { probe: probe(CLOSED).one, ports: ports(443, 80), asked: (port) => (port === 443 ? 'made' : undefined) });
    expect(of('box').map(({ words }) => /although the router was asked/.test(words))).toEqual([true, false]);
  });
});

describe('whose machine', () => {
  const shown = (name: string, print = 'a'): Sighting => ({ kind: 'open', seen: { kind: 'certificate', ...leafOf(name, print) } });
  test('of several names with certificates of their own, one is looked at for all', async () => {
    const made = world({ listens: () => true, leaf: (name) => leafOf(name, name === 'nas.example.com' ? 'b' : 'a') });
    const { one, looks } = probe(shown('box.example.com'));
    const { of } = await look([to('box'), to('nas')], made, { probe: one });
    expect([looks.length, states(of('box')), states(of('nas'))]).toEqual([1, ['port 443 proven', 'identity 443 proven'], ['port 443 proven', 'identity 443 proven']]);
  });
  test('and if it is another machine there, it is for all of them', async () => {
    const made = world({ listens: () => true, leaf: (name) => leafOf(name, name === 'nas.example.com' ? 'b' : 'a') });
    const { of } = await look([to('box'), to('nas')], made, { probe: probe(shown('printer.example.com', 'c')).one });
    expect([states(of('box'))[1], states(of('nas'))[1]]).toEqual(['identity 443 failed', 'identity 443 failed']);
  });
  test('once it is proven at one port, one that cannot tell is no doubt; one that is another machine is', async () => {
    const made = (): ReturnType<typeof world> => world({ listens: (_, port) => port !== 80, leaf: (name, port) => (port === 443 ? leafOf(name) : undefined) });
    const tell = (page: string) =>
      probe(({ port, as }) => (port === 443 ? shown('box.example.com') : { kind: 'open', ...(as.kind === 'page' ? { seen: { kind: 'page', status: 200, body: page } } : {}) }));
    expect(states((await look([to('box')], made(), { probe: tell('').one, ports: ports(443, 22) })).of('box'))).toEqual(['port 443 proven', 'identity 443 proven', 'port 22 proven']);
    expect(states((await look([to('box')], made(), { probe: tell('hello').one, ports: ports(443, 80) })).of('box')).at(-1)).toBe('identity 80 failed');
  });
  test('what is proven at one port takes no doubt away that was seen at another', async () => {
    const made = (): ReturnType<typeof world> => world({ listens: (_, port) => port !== 80, leaf: (name, port) => (port === 22 ? undefined : leafOf(name)) });
    const elsewhere = probe(({ port }) => (port === 443 ? shown('box.example.com') : { kind: 'open', seen: { kind: 'page', status: 200, body: 'a page of the router' } }));
    const { of } = await look([to('box')], made(), { probe: elsewhere.one, ports: ports(443, 80), asked: () => 'made' });
    expect(states(of('box'))).toEqual(['port 443 proven', 'identity 443 proven', 'port 80 proven', 'identity 80 unknown']);
    const mute = probe(({ port }) => (port === 443 ? shown('box.example.com') : { kind: 'open', words: 'it connects, but there is no answer' }));
    expect(states((await look([to('box')], made(), { probe: mute.one, ports: ports(443, 80, 8443) })).of('box')).filter((one) => one.startsWith('identity'))).toEqual([
      'identity 443 proven',
      'identity 80 unknown',
      'identity 8443 unknown',
    ]);
  });
});

describe('nobody is to look', () => {
  test('no ports: no rungs, where the router says nothing', async () => {
    const { found } = await look([to('box'), to('box', PUBLIC6)], world({}), { ports: [], probe: probe(OPEN).one });
    expect([...found]).toEqual([]);
  });
  test('no probe: what a connection from here says, of our own address least of all', async () => {
    const made = world({ own: [OWN4, PUBLIC6], listens: () => true });
    const { of } = await look([to('box'), to('box', PUBLIC6)], made, {});
    expect(of('box')[0]).toMatchObject({ state: 'unknown', words: expect.stringContaining('through the router') });
    expect(of('box', 6)[0]).toMatchObject({ state: 'unknown', words: expect.stringContaining('that is this machine itself') });
  });
  test('no destinations: nobody is asked', async () => {
    const { one, looks } = probe(OPEN);
    const made = world({});
    expect([[...(await look([], made, { probe: one })).found], looks, made.counts.routers]).toEqual([[], [], 0]);
  });
});
