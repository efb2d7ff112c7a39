/** Asking the router by NAT-PMP and PCP, and by whatever it answers to: routers that mean well, that err, that lie, and strangers that answer in their place. */
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../../src/core/address.ts';
import type { Ballot } from '../../../src/core/ballot.ts';
import { askRouter } from '../../../src/detect/router/router.ts';
import type { RouterSource } from '../../../src/detect/source.ts';
import type { Peer, World } from '../../../src/world/world.ts';
import { type Manner, mapReply, natPmpAddressReply, type PortMapper, portMapper } from '../../servers/port-mapper.ts';
import { routerWorld } from '../../servers/router-world.ts';
import { prefixes } from '../../servers/sources.ts';
import { line, type UpnpRouter, upnpRouter } from '../../servers/upnp-router.ts';
import type { Made } from '../../servers/world.ts';
import { ONCE_MORE } from '../../support/once-more.ts';

const HERE = '5.6.7.8';
const LIE = '6.6.6.6';
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

const source = (router: RouterSource['router']): RouterSource => ({ kind: 'router', router, id: `router ${router}`, operator: 'router', families: [4] });

async function mapper(manner: Partial<Manner> = {}, tell = HERE): Promise<PortMapper> {
  const made = await portMapper(tell, manner);
  closing.push(made.close);
  return made;
}
async function upnp(...lines: Parameters<typeof line>[0][]): Promise<UpnpRouter> {
  const made = await upnpRouter({ lines: lines.map((address) => line(address)) });
  closing.push(made.close);
  return made;
}

type Asked = Made & {
  readonly mapper?: PortMapper;
  readonly upnp?: UpnpRouter;
  readonly timeoutMs?: number;
  readonly allow?: readonly string[];
  readonly signal?: AbortSignal;
  readonly bend?: (world: World) => World;
};

async function ask(router: RouterSource['router'], { timeoutMs = 3000, allow = [], signal, bend = (world) => world, ...made }: Asked): Promise<Ballot> {
  return askRouter(source(router), 4, { policy: { allow: prefixes(...allow), deny: [] } }, bend(await routerWorld(made)), { timeoutMs, signal });
}

const says = (address: string, by: string): object => ({ kind: 'address', address, source: `router ${by}`, operator: 'router', transport: 'router', authenticated: false });
const fails = (kind: string, words: RegExp | string, more: object = {}): object => ({
  kind: 'failed',
  transport: 'router',
  failure: { kind, detail: typeof words === 'string' ? words : expect.stringMatching(words), ...more },
});

/** Sends `lie` to whoever asks `router`, from elsewhere, before the router answers. */
function stranger(lie: (request: Buffer) => Uint8Array, at: { readonly host: string; readonly router: () => PortMapper }): Manner['first'] {
  const socket = createSocket('udp4');
  socket.bind(0, at.host);
  closing.push(() => new Promise((resolve) => socket.close(() => resolve(undefined))));
  return (request) => {
    const from = at.router().peers.at(-1);
    if (from !== undefined) socket.send(lie(request), from.port, from.address);
    return [];
  };
}

/** One of those that PCP takes, in use until the test is over. */
async function dynamicPort(): Promise<number> {
  for (let port = 49_152; ; port++) {
    const socket = createSocket('udp4');
    const isOurs = await new Promise<boolean>((resolve) => socket.once('error', () => resolve(false)).bind(port, '127.0.0.1', () => resolve(true)));
    closing.push(() => new Promise((resolve) => socket.close(() => resolve(undefined))));
    if (isOurs) return port;
  }
}

describe('NAT-PMP', ONCE_MORE, () => {
  test('an address, for one question of two bytes', async () => {
    const router = await mapper();
    expect(await ask('nat-pmp', { mapper: router })).toMatchObject(says(HERE, 'nat-pmp'));
    expect(router.received.map((bytes) => [...bytes])).toEqual([[0, 0]]);
  });
  test('a lost question is repeated after 250 ms, and again after 500', async () => {
    const router = await mapper({ deafFor: 2 });
    const from = performance.now();
    expect(await ask('nat-pmp', { mapper: router })).toMatchObject(says(HERE, 'nat-pmp'));
    expect(performance.now() - from).toBeGreaterThan(740);
    expect(router.received).toHaveLength(3);
  });
  test('silence ends with the deadline', async () => {
    const from = performance.now();
    expect(await ask('nat-pmp', { mapper: await mapper({ natPmp: 'silent' }), timeoutMs: 400 })).toMatchObject(fails('timeout', /did not answer within 400 ms/));
    expect(performance.now() - from).toBeLessThan(1200);
  });
  test('an answer that comes too late is none', async () => {
    expect(await ask('nat-pmp', { mapper: await mapper({ lateMs: 500 }), timeoutMs: 300 })).toMatchObject(fails('timeout', /did not answer/));
  });
  test('nobody listens there', async () => {
    const from = performance.now();
    expect(await ask('nat-pmp', {})).toMatchObject(fails('network', /nothing listens there/));
    expect(performance.now() - from).toBeLessThan(1200);
  });
  test('whoever no longer waits ends it', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await ask('nat-pmp', { mapper: await mapper({ natPmp: 'silent' }), signal: controller.signal })).toMatchObject(fails('network', /no longer waited for/));
  });

  test.each<[string, Uint8Array]>([
    ['garbage', Buffer.from('router')],
    ['nothing', Buffer.alloc(0)],
    ['as much as a datagram holds', Buffer.alloc(65_507)],
    ['an answer to a mapping', Buffer.concat([natPmpAddressReply({ address: LIE, epochSeconds: 1, opcode: 129 }), Buffer.alloc(4)])],
    ['a question', Buffer.from([0, 0])],
  ])('%s before the answer does not end the wait', async (_, first) => {
    expect(await ask('nat-pmp', { mapper: await mapper({ first: () => [first] }) })).toMatchObject(says(HERE, 'nat-pmp'));
  });
  test('garbage alone is told for what it is', async () => {
    const router = await mapper({ natPmp: 'silent', first: () => [Buffer.from('a portal')] });
    expect(await ask('nat-pmp', { mapper: router, timeoutMs: 300 })).toMatchObject(fails('nonsense', 'sent a reply that is none: it is of version 97, and NAT-PMP has version 0 only'));
  });

  test.each([
    ['another port of the gateway', '127.0.0.1'],
    ['another address', '127.0.0.2'],
  ])('an answer from %s is not heard', async (_, host) => {
    const first = stranger(() => natPmpAddressReply({ address: LIE, epochSeconds: 1 }), { host, router: () => router });
    const router: PortMapper = await mapper({ first: (request) => first?.(request) ?? [], lateMs: 150 });
    expect(await ask('nat-pmp', { mapper: router })).toMatchObject(says(HERE, 'nat-pmp'));
    const silent: PortMapper = await mapper({ natPmp: 'silent', first: stranger(() => natPmpAddressReply({ address: LIE, epochSeconds: 1 }), { host, router: () => silent }) as never });
    expect(await ask('nat-pmp', { mapper: silent, timeoutMs: 400 })).toMatchObject(fails('timeout', /did not answer/));
    expect(silent.received.length).toBeGreaterThan(0);
  });

  test.each<[number, string, RegExp]>([
    [1, 'refused', /result 1, unsupported version/],
    [2, 'refused', /does not tell its address \(NAT-PMP result 2, not authorised: it is switched off there\)/],
    [3, 'down', /no address of its own.*result 3, network failure\): its line is down, or it stands behind another NAT$/],
    [4, 'refused', /result 4, out of resources/],
    [77, 'refused', /result 77, which NAT-PMP does not know/],
  ])('result %i', async (natPmp, kind, words) => expect(await ask('nat-pmp', { mapper: await mapper({ natPmp }) })).toMatchObject(fails(kind, words)));
  test('a router that was started just now may still be dialling, and its epoch says so', async () => {
    expect(await ask('nat-pmp', { mapper: await mapper({ natPmp: 3, epochSeconds: 40 }) })).toMatchObject(fails('down', /its line is down \(it was started 40 s ago\)/));
  });
  test('a router of PCP alone', async () => {
    expect(await ask('nat-pmp', { mapper: await mapper({ natPmp: 'no' }) })).toMatchObject(fails('refused', 'speaks PCP, not NAT-PMP: say { router: pcp }, or { router: auto }'));
  });
});

describe('PCP', ONCE_MORE, () => {
  test('an address, by a short mapping to the very port that asks, which is deleted at once', async () => {
    const router = await mapper();
    expect(await ask('pcp', { mapper: router })).toMatchObject(says(HERE, 'pcp'));
    const [made, deleted, ...more] = router.maps;
    expect(made).toMatchObject({ version: 2, opcode: 1, client: '127.0.0.1', protocol: 17, lifetimeSeconds: 120, internalPort: router.peers[0]?.port });
    expect(deleted).toMatchObject({ lifetimeSeconds: 0, internalPort: made?.internalPort, nonce: made?.nonce, protocol: 17, externalPort: 0, externalAddress: '0.0.0.0' });
    expect(more).toEqual([]);
    expect(router.mappings.size).toBe(0);
    expect(made?.internalPort).toBeGreaterThanOrEqual(49_152);
  });
  test('no two mappings have the same nonce', async () => {
    const router = await mapper();
    for (let round = 0; round < 3; round++) await ask('pcp', { mapper: router });
    expect(new Set(router.maps.map(({ nonce }) => nonce.toString('hex'))).size).toBe(3);
  });
  test('a port that is taken is not used: another one is tried', async () => {
    const router = await mapper();
    const taken = await dynamicPort();
    // The port is the fourteenth draw, after one for the pauses and twelve for the nonce.
    let drawn = 0;
    const bend = (world: World): World => ({ ...world, random: () => (drawn++ === 13 ? (taken - 49_152) / 16_384 : Math.random()) });
    expect(await ask('pcp', { mapper: router, bend })).toMatchObject(says(HERE, 'pcp'));
    expect(drawn).toBe(15);
    expect(router.maps[0]?.internalPort).not.toBe(taken);
  });
  test('a mapping whose making was not heard of is deleted all the same', async () => {
    const router = await mapper({ lateMs: 400 });
    expect(await ask('pcp', { mapper: router, timeoutMs: 200 })).toMatchObject(fails('timeout', /did not answer/));
    await expect.poll(() => router.maps.map(({ lifetimeSeconds }) => lifetimeSeconds)).toEqual([120, 0]);
    expect(router.mappings.size).toBe(0);
  });
  test('nor does one stay behind an answer that makes no sense', async () => {
    const mad = await mapper({ pcp: 'silent', first: () => [Buffer.from('nonsense')] });
    expect(await ask('pcp', { mapper: mad, timeoutMs: 200 })).toMatchObject(fails('nonsense', /a reply that is none/));
    await expect.poll(() => mad.received.map((bytes) => bytes.readUInt32BE(4))).toEqual([120, 0]);
  });
  test('nor does one stay when nobody waits any longer', async () => {
    const router = await mapper({ lateMs: 400 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await ask('pcp', { mapper: router, signal: controller.signal });
    await expect.poll(() => router.maps.map(({ lifetimeSeconds }) => lifetimeSeconds)).toEqual([120, 0]);
    expect(router.mappings.size).toBe(0);
  });

  const lying = (request: Buffer): Buffer =>
    mapReply({ nonce: Buffer.alloc(12, 9), protocol: 17, internalPort: request.readUInt16BE(40), externalPort: 1, address: LIE, lifetimeSeconds: 120, epochSeconds: 1 });
  test('an answer with another nonce is not heard', async () => {
    expect(await ask('pcp', { mapper: await mapper({ first: (request) => [lying(request)] }) })).toMatchObject(says(HERE, 'pcp'));
    const router = await mapper({ pcp: 'silent', first: (request) => [lying(request)] });
    expect(await ask('pcp', { mapper: router, timeoutMs: 300 })).toMatchObject(fails('nonsense', 'sent a reply that is none: it answers a request that is not ours'));
  });
  test.each([
    ['another port of the gateway', '127.0.0.1'],
    ['another address', '127.0.0.2'],
  ])('one with our nonce from %s is not heard', async (_, host) => {
    const right = (request: Buffer): Buffer =>
      mapReply({ nonce: request.subarray(24, 36), protocol: 17, internalPort: request.readUInt16BE(40), externalPort: 1, address: LIE, lifetimeSeconds: 120, epochSeconds: 1 });
    const first = stranger(right, { host, router: () => router });
    const router: PortMapper = await mapper({ first: (request) => first?.(request) ?? [], lateMs: 100 });
    expect(await ask('pcp', { mapper: router })).toMatchObject(says(HERE, 'pcp'));
  });
  test.each([Buffer.from('router'), Buffer.alloc(65_507, 2), Buffer.from([2, 0x81])])('garbage does not end the wait', async (first) => {
    expect(await ask('pcp', { mapper: await mapper({ first: () => [first] }) })).toMatchObject(says(HERE, 'pcp'));
  });

  test.each<[number, string, RegExp]>([
    [2, 'refused', /gives no mapping, and so does not tell its address \(PCP result 2, NOT_AUTHORIZED\)/],
    [7, 'down', /no address of its own.*NETWORK_FAILURE\): its line is down/],
    [8, 'refused', /NO_RESOURCES/],
    [12, 'refused', /ADDRESS_MISMATCH\): a second NAT stands between/],
    [77, 'refused', /result 77, which PCP does not know/],
  ])('result %i', async (pcp, kind, words) => expect(await ask('pcp', { mapper: await mapper({ pcp }) })).toMatchObject(fails(kind, words)));
  test('a refusal that tells the address of the carrier all the same', async () => {
    expect(await ask('pcp', { mapper: await mapper({ pcp: 8, withError: '100.64.0.9' }) })).toMatchObject(
      fails('special', /has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address/, { range: 'cgnat' }),
    );
  });
  test('a refusal that tells a public address has not told it', async () => {
    expect(await ask('pcp', { mapper: await mapper({ pcp: 8, withError: LIE }) })).toMatchObject(fails('refused', /NO_RESOURCES/));
  });
  test('a router of NAT-PMP alone', async () => {
    expect(await ask('pcp', { mapper: await mapper({ pcp: 'no' }) })).toMatchObject(fails('refused', 'speaks NAT-PMP, not PCP: say { router: nat-pmp }, or { router: auto }'));
  });
  test('where this machine does not know its own address, it is not asked', async () => {
    const router = await mapper();
    expect(await ask('pcp', { mapper: router, interfaces: [] })).toMatchObject(fails('absent', /does not tell its own address/));
    expect(router.received).toEqual([]);
  });
});

describe('UPnP', () => {
  test('an address', async () => expect(await ask('upnp', { upnp: await upnp(HERE) })).toMatchObject(says(HERE, 'upnp')));
});

describe('whatever it answers to', ONCE_MORE, () => {
  test('NAT-PMP first, because it opens nothing; nobody else is asked then', async () => {
    const [router, other] = [await mapper(), await upnp(LIE)];
    expect(await ask('auto', { mapper: router, upnp: other })).toMatchObject(says(HERE, 'nat-pmp'));
    expect(router.received).toHaveLength(1);
    expect(other.searches).toEqual([]);
  });
  test('PCP, where the router says that it speaks that', async () => {
    const router = await mapper({ natPmp: 'no' });
    expect(await ask('auto', { mapper: router })).toMatchObject(says(HERE, 'pcp'));
    expect(router.mappings.size).toBe(0);
  });
  test('PCP, where NAT-PMP stays silent', async () => {
    expect(await ask('auto', { mapper: await mapper({ natPmp: 'silent' }), timeoutMs: 4000 })).toMatchObject(says(HERE, 'pcp'));
  });
  test('UPnP at once, where nobody listens on the port of the two', async () => {
    const ballot = await ask('auto', { upnp: await upnp(HERE) });
    expect(ballot).toMatchObject(says(HERE, 'upnp'));
    expect(ballot.ms).toBeLessThan(1000);
  });
  test('UPnP soon, where the two are silent', async () => {
    const ballot = await ask('auto', { mapper: await mapper({ natPmp: 'silent', pcp: 'silent' }), upnp: await upnp(HERE) });
    expect(ballot).toMatchObject(says(HERE, 'upnp'));
    expect(ballot.ms).toBeLessThan(2000);
  });
  test('what one refuses another may tell: result 3 of NAT-PMP is CGNAT by PCP', async () => {
    const router = await mapper({ natPmp: 3, pcp: 8, withError: '100.64.0.9' });
    expect(await ask('auto', { mapper: router })).toMatchObject({ ...fails('special', /carrier-grade NAT/, { range: 'cgnat' }), source: 'router pcp' });
  });
  test('what it speaks is not told to be asked for: it was', async () => {
    const ballot = await ask('auto', { mapper: await mapper({ natPmp: 'silent', pcp: 'no' }), upnp: await upnpSilent(), timeoutMs: 2500 });
    expect(ballot).toMatchObject(fails('refused', /speaks NAT-PMP, not PCP$/));
  });
  test('a line that is down, by all of them', async () => {
    expect(await ask('auto', { mapper: await mapper({ natPmp: 3, pcp: 7 }), timeoutMs: 2000 })).toMatchObject(fails('down', /no address of its own/));
  });
  test('none of them: all that happened is told, and the ballot is of no protocol', async () => {
    const ballot = await ask('auto', { timeoutMs: 2000 });
    expect(ballot).toMatchObject({ source: 'router auto', ...fails('network', /nothing listens there.*; .*UPnP/) });
  });
  test('silence of all ends with the deadline', async () => {
    const ballot = await ask('auto', { mapper: await mapper({ natPmp: 'silent', pcp: 'silent' }), upnp: await upnpSilent(), timeoutMs: 2500 });
    expect(ballot).toMatchObject(fails('timeout', /did not answer within.*; .*UPnP/));
    expect(ballot.ms).toBeLessThan(3500);
  });
  test('whoever has ceased to wait before it began asks for nothing', async () => {
    const router = await mapper({ natPmp: 'silent', pcp: 'silent' });
    const ballot = await ask('auto', { mapper: router, signal: AbortSignal.abort() });
    expect(ballot.kind).toBe('failed');
    expect(ballot.ms).toBeLessThan(1000);
  });
  test('whoever no longer waits ends all of them', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 400);
    const ballot = await ask('auto', { mapper: await mapper({ natPmp: 'silent', pcp: 'silent' }), upnp: await upnpSilent(), timeoutMs: 5000, signal: controller.signal });
    expect(ballot.kind).toBe('failed');
    expect(ballot.ms).toBeLessThan(1500);
  });
});

async function upnpSilent(): Promise<UpnpRouter> {
  const made = await upnpRouter({ ssdp: () => [] });
  closing.push(made.close);
  return made;
}

describe('what its address says of the line', () => {
  const check = (address: string, kind: string, words: RegExp, range?: string): void => {
    test(address, async () => expect(await ask('nat-pmp', { mapper: await mapper({}, address) })).toMatchObject(fails(kind, words, range === undefined ? {} : { range, told: address })));
  };
  check('100.64.0.9', 'special', /has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address.*use IPv6/, 'cgnat');
  check('192.168.178.20', 'special', /a private address, so it stands behind another router \(double NAT\)/, 'private');
  check('10.1.2.3', 'special', /double NAT/, 'private');
  check('192.0.0.2', 'special', /DS-Lite or 464XLAT/, 'dslite');
  check('169.254.1.1', 'special', /no DHCP server answered/, 'linklocal');
  check('0.0.0.0', 'down', /has no address on its outer side: its line is down/);
  test('one that is allowed by the config is an address like any other', async () => {
    expect(await ask('nat-pmp', { mapper: await mapper({}, '192.168.178.20'), allow: ['192.168.178.0/24'] })).toMatchObject(says('192.168.178.20', 'nat-pmp'));
  });
});

describe('who is asked', () => {
  const noting =
    (note: (peer: Peer) => void) =>
    (world: World): World => ({
      ...world,
      net: {
        ...world.net,
        datagram: (peer) => {
          note(peer);
          return Promise.reject(new Error('that is enough'));
        },
      },
    });
  const refuses = async (made: Made, kind: string, words: RegExp): Promise<void> => {
    const router = await mapper();
    expect(await ask('auto', { mapper: router, ...made })).toMatchObject(fails(kind, words));
    expect(router.received).toEqual([]);
  };
  test('nobody, without a default route', () => refuses({ network: undefined }, 'absent', /no default route/));
  test('nobody, when the default route is a tunnel: its other end is no router of ours', () =>
    refuses({ network: { gateway: '10.8.0.1', interface: 'tun0' } }, 'refused', /leads into tun0, which looks like a VPN, and 10\.8\.0\.1 is the tunnel's other end/));
  test('nobody, when this machine is on the line itself', () => refuses({ network: { gateway: '0.0.0.0', interface: 'ppp0' } }, 'absent', /ppp0 has no gateway: this machine is on the line itself/));
  test('nobody, when the gateway is one of IPv6', () => refuses({ network: { gateway: 'fe80::1', interface: 'eth0' } }, 'absent', /fe80::1 is none of IPv4/));
  test('the gateway, and no other address', async () => {
    const peers: unknown[] = [];
    const bend = noting((peer) => peers.push(peer));
    await ask('nat-pmp', { bend, network: { gateway: '192.168.7.1', interface: 'lo' } });
    expect(peers).toEqual([{ address: ip('192.168.7.1'), port: 5351 }]);
  });
  test('from the address in the network that is shared with it', async () => {
    const peers: unknown[] = [];
    const bend = noting(({ bind }) => peers.push(bind));
    const row = (address: string, bits: number, name = 'eth0') => ({ interface: name, address: ip(address), bits, internal: false, mac: '' });
    const interfaces = [row('192.168.7.9', 24, 'eth1'), row('2600::7', 64), row('10.0.0.9', 24), row('192.168.7.20', 24)];
    await ask('pcp', { bend, interfaces, network: { gateway: '192.168.7.1', interface: 'eth0' } });
    expect(peers).toEqual(['192.168.7.20']);
  });
  test('in a container its silence has a reason', async () => {
    const bend = (world: World): World => ({ ...world, net: { ...world.net, datagram: (peer, ...rest) => world.net.datagram({ ...peer, address: ip('127.0.0.1') }, ...rest) } });
    expect(await ask('nat-pmp', { bend, network: { gateway: '172.17.0.1', interface: 'lo' } })).toMatchObject(
      fails('network', /in a container the gateway is the host, not the router.*--network host/),
    );
  });
});
