/** Whose machine answers, where a server has several certificates: by real TLS servers on loopback, and one who looks from outside and is shown another than we are. */
import { X509Certificate } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Rung } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Offer, Sighting } from '../../src/core/reach.ts';
import type { Target } from '../../src/core/record.ts';
import { lookOutside } from '../../src/verify/outside.ts';
import type { InterfaceAddress, Net, World } from '../../src/world/world.ts';
import { type KeyKind, makePair, type Pair } from '../servers/certificates.ts';
import { realWorld } from '../servers/world.ts';

const NAME = fqdn('box.home.example');
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const [LOCAL, PUBLIC] = [ip('127.0.0.1'), ip('198.51.100.7')];
const near = (address: string): InterfaceAddress => ({ interface: 'eth0', address: ip(address), bits: 8, internal: false, mac: '02:00:00:00:00:01' });
const targetOf = (name: string): Target => ({ name: fqdn(name), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto' });

const own: Readonly<Record<KeyKind, Pair>> = {
  rsa: makePair('rsa', `DNS:${NAME}`),
  ecdsa: makePair('ecdsa', `DNS:${NAME}`),
  eddsa: makePair('eddsa', `DNS:${NAME}`),
};
const [renewed, stranger, twin, plain] = ['box.home.example', 'nas.example.com', '*.home.example', 'default.invalid'].map((name) => makePair('ecdsa', `DNS:${name}`)) as [Pair, Pair, Pair, Pair];
const both = (...pairs: readonly Pair[]): TlsOptions => ({ cert: pairs.map(({ cert }) => cert), key: pairs.map(({ key }) => key) });

async function listening(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const tls = (options: TlsOptions, host?: string, port?: number) =>
  listening(
    createTlsServer(options).on('tlsClientError', () => {}),
    host,
    port,
  );

/** Passes a connection on to the server that `choose` picks by the first bytes, as proxies do that route by what a client says first; to none: hangs up. */
const routed = (choose: (hello: Buffer, count: number) => number | undefined) => {
  let count = 0;
  return listening(
    createServer((socket) => {
      const number = count++;
      socket.once('data', (hello) => {
        const port = choose(hello, number);
        if (port === undefined) return socket.destroy();
        const onward = connect({ host: '127.0.0.1', port });
        onward.on('error', () => socket.destroy());
        onward.write(hello);
        socket.pipe(onward).pipe(socket);
      });
    }),
  );
};

type Outside = { readonly saw: Pair; readonly names?: readonly string[] } | { readonly shaking: Offer | 'nameless'; readonly at?: string } | { readonly places: readonly Pair[] };
type Made = { readonly interfaces?: readonly InterfaceAddress[]; readonly net?: (net: Net) => Partial<Net>; readonly before?: () => unknown; readonly names?: readonly string[] };

const seenOf = ({ cert }: Pair, names?: readonly string[]) => {
  const read = new X509Certificate(cert);
  const all = [...(read.subjectAltName ?? '').matchAll(/DNS:([^,]+)/g)].map(([, name = '']) => name);
  return { kind: 'certificate', fingerprint256: read.fingerprint256.replaceAll(':', '').toLowerCase(), names: names ?? all, validTo: Date.parse(read.validTo) } as const;
};

/** What is said of whose machine it is, one line per name: `before` is what happens between our own look and that from outside. */
async function said(port: number, outside: Outside, { interfaces = [], net = () => ({}), before = () => {}, names = [NAME] }: Made = {}) {
  const real = realWorld({ interfaces });
  let shakes = 0;
  const counted: Net['leaf'] = async (...asked) => {
    shakes++;
    return (real.net as Required<Net>).leaf(...asked);
  };
  const world: World = { ...real, net: { ...real.net, leaf: counted, ...net(real.net) } };
  const look = async (): Promise<Sighting> => {
    await before();
    if ('saw' in outside) return { kind: 'open', seen: seenOf(outside.saw, outside.names) };
    if ('places' in outside) {
      const { together } = await import('../../src/verify/probes/places.ts');
      return together(outside.places.map((pair) => ({ kind: 'open', seen: seenOf(pair) })));
    }
    const { shaking, at = LOCAL } = outside;
    const there = { address: ip(at), port };
    const shown = await (shaking === 'nameless'
      ? (real.net as Required<Net>).leaf(there, at, { timeoutMs: 2000 })
      : (real.net as Required<Net>).leaf(there, NAME, { timeoutMs: 2000, offer: shaking }));
    return { kind: 'open', seen: { kind: 'certificate', ...shown } };
  };
  const found = await lookOutside(
    names.map((name) => ({ target: targetOf(name), address: PUBLIC, ours: true })),
    {
      ports: [{ outside: port, inside: port }],
      probe: { title: 'Somebody', learns: 'nothing', cannot: () => undefined, look },
      policy: { allow: [], deny: [] },
      asked: () => undefined,
      again: 'never',
    },
    world,
    new AbortController().signal,
  );
  const rungs = [...found.values()].map((some) => some.find(({ rung }) => rung === 'identity')).filter((rung): rung is Rung => rung !== undefined);
  return { lines: rungs.map(({ state, words }) => `${state}: ${words}`), rungs, shakes: () => shakes };
}

const OURS = /^proven: it is this machine that answers on port \d+, by its certificate(; it is for \*\.home\.example, so that another machine may have it too)?$/;
const ANOTHER = /^failed: another machine answers on port \d+: /;
const UNTOLD = /^unknown: whether it is this machine that answers on port \d+ cannot be told: /;

describe('a server with several certificates is this machine, whichever of them is seen', () => {
  const kinds: readonly (readonly [Offer, readonly KeyKind[]])[] = [
    ['tls1.3-rsa', ['rsa', 'ecdsa']],
    ['tls1.3-ecdsa', ['rsa', 'ecdsa']],
    ['tls1.2-rsa', ['rsa', 'ecdsa']],
    ['tls1.2-ecdsa', ['rsa', 'ecdsa']],
    ['tls1.3-eddsa', ['rsa', 'eddsa']],
  ];
  for (const [offer, keys] of kinds) {
    test(`${keys.join(' and ')}, seen by ${offer}`, async () => {
      const port = await tls(both(...keys.map((kind) => own[kind])));
      const asked = offer.endsWith('eddsa') ? 'eddsa' : offer.endsWith('rsa') ? 'rsa' : 'ecdsa';
      expect((await said(port, { saw: own[asked] })).lines).toEqual([expect.stringMatching(OURS)]);
      expect((await said(port, { shaking: offer })).lines).toEqual([expect.stringMatching(OURS)]);
    });
  }
  test('one for each version of TLS', async () => {
    const [old, young] = [await tls({ ...both(own.rsa), maxVersion: 'TLSv1.2' }), await tls({ ...both(renewed), minVersion: 'TLSv1.3' })];
    // The extension supported_versions names TLS 1.3.
    const port = await routed((hello) => (hello.includes(Buffer.from([0x03, 0x04])) && hello.includes(Buffer.from([0x00, 0x2b])) ? young : old));
    for (const pair of [own.rsa, renewed]) expect((await said(port, { saw: pair })).lines).toEqual([expect.stringMatching(OURS)]);
  });
  test('one for those who say that they want HTTP', async () => {
    const [web, mail] = [await tls({ ...both(own.rsa), ALPNProtocols: ['h2', 'http/1.1'] }), await tls(both(renewed))];
    const port = await routed((hello) => (hello.includes('http/1.1') ? web : mail));
    for (const pair of [own.rsa, renewed]) expect((await said(port, { saw: pair })).lines).toEqual([expect.stringMatching(OURS)]);
  });
  test('one for those who name nobody: how the server answers this name is known here', async () => {
    const port = await tls({ ...both(plain), SNICallback: (name, done) => done(null, name === NAME ? createSecureContext(both(own.ecdsa)) : undefined) });
    expect((await said(port, { shaking: 'nameless' })).lines).toEqual([expect.stringMatching(OURS)]);
  });
  test('one at each of its addresses', async () => {
    const port = await tls(both(own.rsa), '127.0.0.2', 0);
    await tls(both(own.ecdsa), '127.0.0.3', port);
    const interfaces = [near('127.0.0.2'), near('127.0.0.3')];
    expect((await said(port, { shaking: 'any', at: '127.0.0.3' }, { interfaces })).lines).toEqual([expect.stringMatching(OURS)]);
  });
  test('the one that is seen is judged, not the one that we are shown', async () => {
    const port = await tls(both(stranger, own.rsa));
    expect((await said(port, { saw: own.rsa })).lines).toEqual([expect.stringMatching(OURS)]);
    expect((await said(port, { saw: stranger })).lines).toEqual([
      expect.stringMatching(/^failed: it is this machine that answers on port \d+, but with the certificate of another host: for nas\.example\.com/),
    ]);
  });
  test('and it is so for all names that lead there', async () => {
    const port = await tls(both(twin, makePair('rsa', 'DNS:box.home.example,DNS:nas.home.example')));
    const names = [NAME, 'nas.home.example'];
    expect((await said(port, { shaking: 'tls1.2-rsa' }, { names })).lines).toEqual([expect.stringMatching(OURS), expect.stringMatching(OURS)]);
    expect((await said(port, { saw: stranger }, { names })).lines).toEqual([expect.stringMatching(ANOTHER), expect.stringMatching(ANOTHER)]);
    expect((await said(port, { saw: renewed }, { names })).lines).toEqual([expect.stringMatching(UNTOLD), expect.stringMatching(UNTOLD)]);
  });
});

describe('a server that will not talk to everybody', () => {
  test('but to those who say that they want HTTP', async () => {
    const inner = await tls({ ...both(own.ecdsa), ALPNProtocols: ['http/1.1'] });
    const port = await routed((hello) => (hello.includes('http/1.1') ? inner : undefined));
    expect((await said(port, { saw: own.ecdsa })).lines).toEqual([expect.stringMatching(OURS)]);
    expect((await said(port, { saw: stranger })).lines).toEqual([expect.stringMatching(ANOTHER)]);
  });
  test('but to those who name it, wherever it passes them on to', async () => {
    const inner = await tls(both(own.ecdsa, own.rsa));
    const port = await routed((hello) => (hello.includes(NAME) ? inner : undefined));
    expect((await said(port, { saw: own.rsa })).lines).toEqual([expect.stringMatching(OURS)]);
    expect((await said(port, { saw: stranger })).lines).toEqual([expect.stringMatching(ANOTHER)]);
  });
});

describe('what changes meanwhile', () => {
  const changing = async (first: Pair, then: Pair) => {
    const server = createTlsServer(both(first)).on('tlsClientError', () => {});
    return { port: await listening(server), renew: () => server.setSecureContext(both(then)) };
  };
  test('a certificate that is renewed before it is looked at from outside', async () => {
    const { port, renew } = await changing(own.ecdsa, renewed);
    expect((await said(port, { shaking: 'any' }, { before: renew })).lines).toEqual([expect.stringMatching(OURS)]);
  });
  test('one that was looked at before it was renewed', async () => {
    const { port, renew } = await changing(own.ecdsa, renewed);
    expect((await said(port, { saw: own.ecdsa }, { before: renew })).lines).toEqual([expect.stringMatching(OURS)]);
  });
  test('one that became another before and after: nobody can tell', async () => {
    const { port, renew } = await changing(own.ecdsa, renewed);
    expect((await said(port, { saw: stranger }, { before: renew })).lines).toEqual([
      expect.stringMatching(/^unknown: .* what listens there shows different certificates from one moment to the next$/),
    ]);
  });
  test('several machines in turn: one of those that are seen here, or nobody can tell', async () => {
    const backends = [await tls(both(own.ecdsa)), await tls(both(renewed)), await tls(both(own.rsa))];
    const port = await routed((_, count) => backends[count % 3]);
    expect((await said(port, { saw: renewed })).lines).toEqual([expect.stringMatching(OURS)]);
    expect((await said(port, { saw: stranger })).lines).toEqual([expect.stringMatching(UNTOLD)]);
  });
  test('a server that is gone when it is asked again', async () => {
    const server = createTlsServer(both(own.ecdsa));
    const port = await listening(server);
    const { lines, rungs } = await said(port, { saw: stranger }, { before: () => new Promise((resolve) => server.close(resolve)) });
    expect(lines).toEqual([expect.stringMatching(/^unknown: .* what listens there did not answer when it was asked again$/)]);
    expect(rungs[0]?.advice).toBe('run this again');
  });
  test('one of whom it is not known what it shows some of its visitors', async () => {
    const inner = await tls(both(own.ecdsa));
    const silent = await listening(createServer());
    const port = await routed((hello) => (hello.includes('http/1.1') ? silent : inner));
    const hasty = ({ leaf }: Net): Partial<Net> => ({ leaf: async (peer, name, wait) => (leaf as NonNullable<typeof leaf>)(peer, name, { ...wait, timeoutMs: 300 }) });
    expect((await said(port, { saw: stranger }, { net: hasty })).lines).toEqual([expect.stringMatching(UNTOLD)]);
  });
});

describe('another machine', () => {
  test('is one whose certificate this machine does not show, and that has none for the name', async () => {
    const port = await tls(both(own.ecdsa, own.rsa));
    const { lines } = await said(port, { saw: stranger });
    expect(lines).toEqual([expect.stringMatching(/^failed: another machine answers on port \d+: its certificate for nas\.example\.com is not one that this machine shows$/)]);
  });
  test('that has a certificate for the name too may stand in front of this one', async () => {
    const port = await tls(both(own.ecdsa));
    for (const pair of [renewed, twin]) {
      const { lines, rungs } = await said(port, { saw: pair });
      expect(lines).toEqual([
        expect.stringMatching(/^unknown: .* what answers has another certificate for box\.home\.example, as a proxy or load balancer in front of this machine would, and another machine too$/),
      ]);
      expect(rungs[0]?.advice).toMatch(/page/);
    }
  });
  test('beside this one: some who look are led here, and others there', async () => {
    const port = await tls(both(own.ecdsa));
    expect((await said(port, { places: [stranger, stranger, own.ecdsa] })).lines).toEqual([expect.stringMatching(/^unknown: .* of those who looked some came to this machine and most to another$/)]);
  });
});

describe('what it costs', () => {
  test('one handshake for each name, where nothing else is seen outside', async () => {
    const port = await tls(both(twin));
    const { lines, shakes } = await said(port, { shaking: 'any' }, { names: [NAME, 'nas.home.example'] });
    expect([lines, shakes()]).toEqual([[expect.stringMatching(OURS), expect.stringMatching(OURS)], 2]);
  });
  test('else a few dozen, whatever number of names and addresses there are', async () => {
    const port = await tls(both(twin), '0.0.0.0', 0);
    const interfaces = Array.from({ length: 30 }, (_, at) => near(`127.0.1.${at + 1}`));
    const { shakes } = await said(port, { saw: stranger }, { interfaces, names: Array.from({ length: 20 }, (_, at) => `n${at}.home.example`) });
    expect(shakes()).toBeLessThanOrEqual(20 + 40);
  });
});
