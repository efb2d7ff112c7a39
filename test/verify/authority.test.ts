/** The walk to the zone cut and the question to every server, against real name servers behind a real resolver. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IpAddress } from '../../src/core/address.ts';
import { Fault } from '../../src/core/failure.ts';
import { authoritativeRung, type Rung } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import { describeProof, judge } from '../../src/core/proof.ts';
import { keyOf, recordSet } from '../../src/core/record.ts';
import { addressRecord, decodeMessage, encodeMessage, TYPE } from '../../src/core/wire.ts';
import { type Authority, askAuthority, findAuthority } from '../../src/verify/authority.ts';
import { prove } from '../../src/verify/prove.ts';
import type { Net } from '../../src/world/world.ts';
import { freePort } from '../servers/ports.ts';
import { realWorld } from '../servers/world.ts';
import { at, type NameServer, network, type Place, startNameServer, startResolver } from '../servers/zones.ts';

/** `above` has the root and the zone example; the others are servers of zones in it. `shut` answers nothing but REFUSED. `nobody`: nothing listens there. */
const AT = { above: '198.51.100.1', primary: '198.51.100.2', secondary: '198.51.100.3', stale: '198.51.100.4', shut: '198.51.100.5', resolver: '198.51.100.6', nobody: '198.51.100.7' } as const;
const [OLD, NEW] = ['8.8.8.2', '8.8.8.1'] as [IpAddress, IpAddress];
const BOX = `box 60 IN A ${OLD}\n`;
const GLUE = `ns1 IN A ${AT.primary}\nns2 IN A ${AT.secondary}\n`;

let places: Record<keyof typeof AT, Place>;
const running: { readonly stop: () => Promise<void> }[] = [];
let primary: NameServer;
let above: NameServer;
const logs: (() => string)[] = [];

beforeAll(async () => {
  for (const server of Object.keys(AT) as (keyof typeof AT)[]) places = { ...places, [server]: at(await freePort()) };
  const delegated = (zone: string, servers: Readonly<Record<string, string | undefined>>): string =>
    Object.entries(servers)
      .map(([server, address]) => `${zone} IN NS ${server}.\n${address === undefined ? '' : `${server}. IN A ${address}\n`}`)
      .join('');
  const two = (zone: string): Record<string, string> => ({ [`ns1.${zone}.example`]: AT.primary, [`ns2.${zone}.example`]: AT.secondary });
  above = await startNameServer(places.above.port, [
    { name: '.', servers: ['ns.example'], records: `example. IN NS ns.example.\nns.example. IN A ${AT.above}\n` },
    {
      name: 'example',
      servers: ['ns.example'],
      records: [
        `ns IN A ${AT.above}\n`,
        delegated('home', two('home')),
        delegated('late', { ...two('late'), 'ns3.late.example': AT.stale }),
        delegated('lame', { ...two('lame'), 'ns3.lame.example': AT.shut }),
        delegated('gone', { 'ns1.gone.example': AT.shut }),
        delegated('moved', { 'old.moved.example': AT.stale, ...two('moved') }),
        delegated('glue', { 'ns1.glue.example': AT.primary, 'ns2.glue.example': AT.stale }),
        delegated('bare', { 'ns1.bare.example': AT.primary, 'nowhere.example': undefined }),
        delegated('bald', { 'ns1.bald.example': undefined }),
        delegated('dead', { ...two('dead'), 'ns3.dead.example': AT.nobody }),
        delegated('vouched', two('vouched')),
        'vouched IN DS 12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB\n',
        'inner IN NS ns\ninner IN DS 12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB\n',
        'www IN CNAME box.home\nfar IN CNAME away.home\n',
      ].join(''),
    },
    { name: 'inner.example', servers: ['ns.example'], records: BOX },
  ]);
  const names = (zone: string, ...more: readonly string[]): readonly string[] => [`ns1.${zone}.example`, `ns2.${zone}.example`, ...more];
  const kept = { notify: [places.secondary] };
  primary = await startNameServer(places.primary.port, [
    {
      name: 'home.example',
      servers: names('home'),
      records: `${GLUE}${BOX}*.wild 60 IN A ${OLD}\nalias IN CNAME box\nsecond IN CNAME alias\naway IN CNAME far.late.example.\nloop IN CNAME round\nround IN CNAME loop\nlong IN CNAME long.late.example.\nmany ${Array.from({ length: 60 }, (_, at) => `60 IN A 9.9.${at}.9\n`).join('many ')}child IN NS ns1\ndeep IN NS ns1.deep\nns1.deep IN A ${AT.stale}\n`,
      ...kept,
    },
    { name: 'child.home.example', servers: ['ns1.home.example'], records: BOX },
    {
      name: 'late.example',
      servers: names('late', 'ns3.late.example'),
      records: `${GLUE}ns3 IN A ${AT.stale}\n${BOX}fresh.branch IN A ${OLD}\nfar IN A ${OLD}\nlong IN CNAME long.home.example.\n`,
      ...kept,
    },
    { name: 'lame.example', servers: names('lame', 'ns3.lame.example'), records: `${GLUE}ns3 IN A ${AT.shut}\n${BOX}`, ...kept },
    { name: 'moved.example', servers: names('moved'), records: `${GLUE}${BOX}`, ...kept },
    { name: 'glue.example', servers: names('glue'), records: `${GLUE}${BOX}`, ...kept },
    { name: 'bare.example', servers: ['ns1.bare.example', 'nowhere.example'], records: `ns1 IN A ${AT.primary}\n${BOX}` },
    { name: 'bald.example', servers: ['ns1.bald.example'], records: `ns1 IN A ${AT.primary}\n${BOX}` },
    { name: 'dead.example', servers: names('dead', 'ns3.dead.example'), records: `${GLUE}ns3 IN A ${AT.nobody}\n${BOX}`, ...kept },
    { name: 'vouched.example', servers: names('vouched'), records: `${GLUE}${BOX}away IN CNAME box.home.example.\n`, ...kept },
    { name: 'island.lan', servers: ['ns1.island.lan'], records: `ns1 IN A ${AT.primary}\n${BOX}` },
  ]);
  const followed = ['home', 'late', 'lame', 'moved', 'glue', 'dead', 'vouched'].map((zone) => ({ name: `${zone}.example`, from: places.primary }));
  const secondary = await startNameServer(places.secondary.port, followed);
  const stale = await startNameServer(places.stale.port, [
    { name: 'late.example', servers: names('late', 'ns3.late.example'), records: `${GLUE}ns3 IN A ${AT.stale}\n${BOX}long IN CNAME long.home.example.\n` },
    { name: 'moved.example', servers: ['old.moved.example'], records: `old IN A ${AT.stale}\n${BOX}` },
    { name: 'inside.home.example', servers: ['ns1.inside.home.example'], records: `ns1 IN A ${AT.stale}\n${BOX}` },
    { name: 'deep.home.example', servers: ['ns1.deep.home.example'], records: `ns1 IN A ${AT.stale}\n@ IN A ${OLD}\n${BOX}` },
  ]);
  const shut = await startNameServer(places.shut.port, []);
  const zones = ['home', 'bald', 'late', 'moved', 'glue', 'bare', 'dead', 'vouched', 'lame'].map((zone) => [`${zone}.example`, [places.primary]] as const);
  const resolver = await startResolver(places.resolver.port, {
    '.': [places.above],
    example: [places.above],
    'gone.example': [places.shut],
    'island.lan': [places.primary],
    'inside.home.example': [places.stale],
    ...Object.fromEntries(zones),
  });
  logs.push(primary.log, secondary.log);
  running.push(above, primary, secondary, stale, shut, resolver);
  for (const zone of ['home', 'late', 'lame', 'moved', 'glue', 'dead', 'vouched']) await transferred(`${zone}.example`);
});
afterAll(async () => void (await Promise.all(running.map((server) => server.stop()))));

const inPlace = (net: Net): ReturnType<typeof network> => network(net, Object.fromEntries(Object.entries(AT).map(([server, address]) => [address, places[server as keyof typeof AT]])));

function tools(resolver: keyof typeof AT = 'resolver') {
  const world = realWorld({ servers: [`127.0.0.1:${places[resolver].port}`] });
  const { net, asked } = inPlace(world.net);
  return { ...world, net, asked, signal: new AbortController().signal };
}

/** Waits until the secondary has the zone. */
async function transferred(zone: string, name = `box.${zone}`, value = OLD): Promise<void> {
  const { askServer } = await import('../../src/verify/ask.ts');
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const reply = await askServer(AT.secondary as IpAddress, name, 1, tools());
    if (reply.authoritative && reply.answers.some(({ data }) => [...data].join('.') === value)) return;
  }
  throw new Error(`the secondary does not get ${zone}: ${logs.map((log) => log()).join('\n----\n')}`);
}

const wanted = (name: string, value: IpAddress = OLD) => recordSet({ name: fqdn(name), type: 'A' }, [value], 60);
async function proof(name: string, value: IpAddress = OLD) {
  const using = tools();
  const authority = await findAuthority(fqdn(name), using);
  const set = wanted(name, value);
  const answers = (await askAuthority(authority, [keyOf(set)], using)).get(keyOf(set)) ?? [];
  const judged = judge(set, answers, authority);
  return { authority, answers, kind: judged.kind, words: describeProof(judged) };
}
/** Address of each server, and whether the zone above leads to it. */
const listed = ({ servers }: Authority): Readonly<Record<string, string>> => Object.fromEntries(servers.map(({ server, addresses, above: by }) => [server, `${addresses.join(' ')} ${by}`]));

describe('the walk', () => {
  test('to the zone cut, with every server and what the zone above says', async () => {
    const using = tools();
    const authority = await findAuthority(fqdn('box.home.example'), using);
    expect(authority).toMatchObject({ name: 'home.example', above: 'example', delegated: true, aliases: [], troubles: [], signed: 'no' });
    expect(listed(authority)).toEqual({ 'ns1.home.example': `${AT.primary} true`, 'ns2.home.example': `${AT.secondary} true` });
    expect(using.asked.filter((address) => address === AT.above).length).toBeGreaterThan(0);
  });
  test('of a name that is the zone itself', async () => {
    const authority = await findAuthority(fqdn('home.example'), tools());
    expect(authority).toMatchObject({ name: 'home.example', above: 'example', delegated: true, troubles: [] });
  });
  test('down a referral that the resolvers were not asked about', async () => {
    const authority = await findAuthority(fqdn('box.deep.home.example'), tools());
    expect(authority).toMatchObject({ name: 'deep.home.example', above: 'home.example', delegated: true });
    expect(listed(authority)).toEqual({ 'ns1.deep.home.example': `${AT.stale} true` });
    expect((await findAuthority(fqdn('deep.home.example'), tools())).name).toBe('deep.home.example');
  });
  test('of a zone that the servers of the zone above have too, so that nobody refers to it', async () => {
    expect(await findAuthority(fqdn('box.inner.example'), tools())).toMatchObject({
      name: 'inner.example',
      delegated: undefined,
      signed: 'chain',
      troubles: [{ kind: 'broken-chain', words: 'the zone above vouches for keys of inner.example that its servers do not have: whoever checks signatures cannot look up anything in it' }],
    });
  });
  test('of a zone that some of the servers above have too: the others refer to it', async () => {
    expect(await findAuthority(fqdn('box.child.home.example'), tools())).toMatchObject({ name: 'child.home.example', above: 'home.example', delegated: true });
  });
  test('of a wildcard', async () => expect((await findAuthority(fqdn('*.wild.home.example'), tools())).name).toBe('home.example'));
  test('of a zone that only the resolver knows', async () => {
    const authority = await findAuthority(fqdn('box.island.lan'), tools());
    expect(authority).toMatchObject({ name: 'island.lan', delegated: undefined, troubles: [] });
    expect(listed(authority)).toEqual({ 'ns1.island.lan': `${AT.primary} undefined` });
  });
  test('asks no resolver about the name itself', async () => {
    const { net, ...world } = tools();
    const names: string[] = [];
    const watching: typeof net = {
      ...net,
      datagram: (peer, payload, ...rest) => {
        if (peer.port === places.resolver.port) names.push(Buffer.from(payload).toString('latin1'));
        return net.datagram(peer, payload, ...rest);
      },
    };
    await findAuthority(fqdn('new.home.example'), { ...world, net: watching });
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => name.includes('\u0003new'))).toEqual([]);
  });
  test('asks no resolver about what came into being along with the name, though one server does not know it yet', async () => {
    const { net, ...world } = tools();
    const asked: string[] = [];
    const watching: typeof net = {
      ...net,
      datagram: (peer, payload, ...rest) => {
        if (peer.port === places.resolver.port) asked.push(Buffer.from(payload).toString('latin1'));
        return net.datagram(peer, payload, ...rest);
      },
    };
    const authority = await findAuthority(fqdn('fresh.branch.late.example'), { ...world, net: watching });
    expect(authority).toMatchObject({ name: 'late.example', troubles: [] });
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => name.includes('\u0006branch'))).toEqual([]);
  });
  test('finds a zone that is there for the inside of a network alone', async () => {
    const authority = await findAuthority(fqdn('box.inside.home.example'), tools());
    expect(authority).toMatchObject({ name: 'inside.home.example', delegated: false });
    expect(Object.keys(listed(authority))).toEqual(['ns1.inside.home.example']);
  });
  test('ends at once when the command is over', async () => {
    await expect(findAuthority(fqdn('box.home.example'), { ...tools(), signal: AbortSignal.abort() })).rejects.toThrow(/no longer waited for/);
  });
  test('says so when there is no resolver, and when none answers', async () => {
    await expect(findAuthority(fqdn('box.home.example'), tools('nobody'))).rejects.toThrow(/nothing listens there/);
    const world = tools();
    await expect(findAuthority(fqdn('box.home.example'), { ...world, net: { ...world.net, resolvers: async () => [] } })).rejects.toThrow(/no resolver/);
  });
  test('names what no zone can hold', async () => await expect(findAuthority(fqdn('box.nowhere'), tools())).rejects.toThrow('no zone is found that box.nowhere could be in'));
});

describe('aliases', () => {
  test('within the zone and out of it', async () => {
    expect(await proof('second.home.example')).toMatchObject({ kind: 'proven', authority: { name: 'home.example', aliases: ['alias.home.example', 'box.home.example'] } });
    const far = await proof('far.example');
    expect(far.authority).toMatchObject({ name: 'late.example', aliases: ['away.home.example', 'far.late.example'] });
  });
  test('that lead back are named', async () => {
    const { authority, kind, words } = await proof('loop.home.example');
    expect(authority.troubles).toEqual([{ kind: 'alias-loop', words: 'loop.home.example is an alias that leads back to itself: loop.home.example → round.home.example → loop.home.example' }]);
    expect(kind).toBe('not-yet');
    expect(words).toMatch(/^no name server that the zone above leads to has it: .* is an alias of/);
    expect((await findAuthority(fqdn('long.home.example'), tools())).troubles).toMatchObject([{ kind: 'alias-loop' }]);
  });
});

describe('what keeps visitors away though every server has its say', () => {
  const rungOf = async (name: string): Promise<Rung> => {
    const set = wanted(name);
    const proof = (await prove([set], tools(), 800)).get(set);
    if (proof?.kind !== 'ok') throw new Error('no proof');
    return authoritativeRung(proof.value);
  };
  test('keys that the zone above vouches for and nobody has', async () =>
    expect(await rungOf('box.vouched.example')).toEqual({
      rung: 'authoritative',
      state: 'failed',
      words: 'example vouches for keys of vouched.example that its servers do not have: whoever checks signatures cannot look up anything in it (all 2 name servers have it)',
      advice: 'sign the zone with the keys that are vouched for, or take its DS record away at the registrar',
    }));
  test('an alias that leads back to itself does not pass with time', async () =>
    expect(await rungOf('loop.home.example')).toMatchObject({
      state: 'failed',
      words: expect.stringMatching(/^loop\.home\.example is an alias that leads back to itself: .* \(no name server that the zone above leads to has it: /),
      advice: 'let one of these names lead elsewhere',
    }));
});

describe('every server', () => {
  test('has it', async () => {
    expect(await proof('box.home.example')).toMatchObject({ kind: 'proven', words: 'all 2 name servers have it' });
    expect((await proof('*.wild.home.example')).kind).toBe('proven');
    expect((await proof('box.island.lan')).kind).toBe('proven');
  });
  test('does not have it: absence with the seconds it is kept', async () => {
    const { answers, kind } = await proof('missing.home.example');
    expect(kind).toBe('not-yet');
    expect(answers.map(({ answer }) => answer)).toEqual([
      { kind: 'absent', ttl: 60 },
      { kind: 'absent', ttl: 60 },
    ]);
  });
  test('an answer too long for a datagram comes over a connection', async () => {
    const { answers } = await proof('many.home.example');
    expect(answers.map(({ answer }) => (answer.kind === 'holds' ? answer.values.length : answer.kind))).toEqual([60, 60]);
  });
  test('one stale secondary is named', async () => {
    primary.update('update delete box.late.example A', `update add box.late.example 60 A ${NEW}`);
    await transferred('late.example', 'box.late.example', NEW);
    expect(await proof('box.late.example', NEW)).toMatchObject({ kind: 'not-yet', words: 'one of 3 name servers is behind: ns3.late.example says 8.8.8.2', authority: { troubles: [] } });
  });
  test('a lame one is named', async () => {
    const { kind, words, authority } = await proof('box.lame.example');
    expect({ kind, words }).toEqual({ kind: 'lame', words: `one of 3 name servers does not serve the zone: ns3.lame.example (${AT.shut}) refuses to answer for it (REFUSED)` });
    expect(authority.troubles).toEqual([{ kind: 'lame', words: `ns3.lame.example (${AT.shut}) is named as a server of lame.example, but refuses to answer for it (REFUSED)` }]);
    expect(await proof('box.gone.example')).toMatchObject({ kind: 'lame', words: expect.stringContaining('the only name server does not serve the zone') });
  });
  test('a dead one is named', async () => {
    expect(await proof('box.dead.example')).toMatchObject({ kind: 'silent', words: expect.stringMatching(/^one of 3 name servers does not answer: ns3\.dead\.example \(127\.0\.0\.1:\d+ refused/) });
  });
});

describe('a network that lets no datagram through', () => {
  /** Datagrams get to the resolver only, and to whoever is in `open`. */
  const narrow = (...open: readonly string[]) => {
    const world = tools();
    const through: Net['datagram'] = async (peer, ...rest) => {
      if (peer.port === places.resolver.port || open.includes(peer.address)) return world.net.datagram(peer, ...rest);
      throw new Fault({ kind: 'network', phase: 'reply', code: 'ETIMEDOUT', detail: 'no answer in time' });
    };
    return { ...world, net: { ...world.net, datagram: through } };
  };
  const judged = async (using: ReturnType<typeof tools>): Promise<string> => {
    const authority = await findAuthority(fqdn('box.home.example'), using);
    const set = wanted('box.home.example');
    return describeProof(judge(set, (await askAuthority(authority, [keyOf(set)], using)).get(keyOf(set)) ?? [], authority));
  };
  test('leaves connections', async () => expect(await judged(narrow())).toBe('all 2 name servers have it'));
  test('is not to blame where another server is heard', async () => expect(await judged(narrow(AT.primary))).toBe('one of 2 name servers does not answer: ns2.home.example (no answer in time)'));
});

test('a resolver on the way that answers in place of everybody is taken for what it is', async () => {
  const world = tools();
  const { net } = network(realWorld({ servers: [`127.0.0.1:${places.resolver.port}`] }).net, Object.fromEntries(Object.values(AT).map((address) => [address, places.resolver])));
  const using = { ...world, net };
  const authority = await findAuthority(fqdn('box.home.example'), using);
  const set = wanted('box.home.example');
  const judged = judge(set, (await askAuthority(authority, [keyOf(set)], using)).get(keyOf(set)) ?? [], authority);
  expect(describeProof(judged)).toBe('cannot tell from here: something on the way answers in place of the name servers');
  expect(authority.troubles).toEqual([]);
});

test('and so is one that has an answer of its own for the name, and claims authority for that', async () => {
  const world = tools();
  const { net } = network(realWorld({ servers: [`127.0.0.1:${places.resolver.port}`] }).net, Object.fromEntries(Object.values(AT).map((address) => [address, places.resolver])));
  const set = wanted('box.home.example');
  for (const own of [OLD, NEW]) {
    // As dnsmasq does for names of its own (host-record, address): AA and RA are set.
    const datagram: Net['datagram'] = async (peer, payload, accept, wait) => {
      const bytes = await net.datagram(peer, payload, accept, wait);
      const reply = decodeMessage(bytes);
      const [asked] = reply?.questions ?? [];
      if (reply === undefined || asked?.name !== set.name || asked.type !== TYPE.A) return bytes;
      return encodeMessage({ ...reply, rcode: 0, authoritative: true, recursionAvailable: true, answers: [addressRecord(set.name, own, 0)] });
    };
    const using = { ...world, net: { ...net, datagram } };
    const authority = await findAuthority(set.name, using);
    const judged = judge(set, (await askAuthority(authority, [keyOf(set)], using)).get(keyOf(set)) ?? [], authority);
    expect(describeProof(judged)).toBe('cannot tell from here: something on the way answers in place of the name servers');
  }
});

describe('what is wrong about the delegation', () => {
  test('the zone above leads to a server that is none any more', async () => {
    primary.update('update delete box.moved.example A', `update add box.moved.example 60 A ${NEW}`);
    await transferred('moved.example', 'box.moved.example', NEW);
    const { kind, words, authority } = await proof('box.moved.example', NEW);
    expect({ kind, words }).toEqual({ kind: 'wrong-delegation', words: 'the zone above leads to servers that do not have it: old.moved.example says 8.8.8.2' });
    expect(authority.troubles.map(({ kind: what }) => what)).toContain('delegation-differs');
  });
  test('an address that the zone above has kept for too long', async () => {
    const { authority } = await proof('box.glue.example');
    expect(authority.troubles).toContainEqual({ kind: 'glue-stale', words: `the zone above says that ns2.glue.example is at ${AT.stale}, but it is at ${AT.secondary}` });
  });
  test('a server without an address', async () => {
    const { authority, kind } = await proof('box.bare.example');
    expect(authority.troubles).toEqual([{ kind: 'no-address', words: 'nowhere.example is named as a server of bare.example, but has no address' }]);
    expect(kind).toBe('proven');
  });
  test('a server whose address cannot be found is not left out as if nobody had named it', async () => {
    const using = tools();
    const deaf: Net['datagram'] = async (peer, payload, ...rest) => {
      if (decodeMessage(payload)?.questions[0]?.name !== 'nowhere.example') return using.net.datagram(peer, payload, ...rest);
      throw new Fault({ kind: 'network', phase: 'reply', code: 'ETIMEDOUT', detail: 'no answer in time' });
    };
    const { troubles } = await findAuthority(fqdn('box.bare.example'), { ...using, net: { ...using.net, datagram: deaf } });
    expect(troubles).toEqual([{ kind: 'no-address', words: 'nowhere.example is named as a server of bare.example, but its address could not be found from here' }]);
  });
  test('is not what a datagram had no room for', async () => {
    const using = tools();
    const narrow: Net['datagram'] = async (...asked) => {
      const reply = await using.net.datagram(...asked);
      const message = decodeMessage(reply);
      return message === undefined || message.authoritative || message.recursionAvailable ? reply : encodeMessage({ ...message, additionals: [] });
    };
    for (const name of ['box.deep.home.example', 'box.home.example']) {
      expect(await findAuthority(fqdn(name), { ...using, net: { ...using.net, datagram: narrow } })).toMatchObject({ delegated: true, troubles: [] });
    }
  });
  test('a server in the zone, named without its address', async () => {
    const { authority, kind } = await proof('box.bald.example');
    expect(authority.troubles).toEqual([{ kind: 'glue-missing', words: 'the zone above names ns1.bald.example for bald.example without its address, which nobody else can tell' }]);
    expect(kind).toBe('proven');
  });
  test('keys that the zone above vouches for and nobody has', async () => {
    const authority = await findAuthority(fqdn('box.vouched.example'), tools());
    expect(authority.signed).toBe('chain');
    expect(authority.troubles.map(({ kind }) => kind)).toEqual(['broken-chain']);
    expect(authority.vouched).toBe(true);
    expect(await findAuthority(fqdn('away.vouched.example'), tools())).toMatchObject({ name: 'home.example', signed: 'no', vouched: true });
    expect((await findAuthority(fqdn('box.home.example'), tools())).vouched).toBe(false);
  });
  test('a zone that the zone above does not know', async () => {
    above.update('update delete home.example NS');
    expect(await proof('box.home.example')).toMatchObject({ kind: 'wrong-delegation', authority: { delegated: false, troubles: [{ kind: 'not-delegated' }] } });
  });
});
