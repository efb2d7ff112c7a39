/** What this machine shows of itself: by real sockets of loopback, of which some play the address that others reach. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { attempt, Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import { isNonce, isPagePath } from '../../src/core/own-page.ts';
import type { Face } from '../../src/core/reach.ts';
import { type Mirror, showFace } from '../../src/verify/identity.ts';
import type { InterfaceAddress, Net, World } from '../../src/world/world.ts';
import { type CertificateName, makeCertificates } from '../servers/certificates.ts';
import { freePort } from '../servers/ports.ts';
import { realWorld } from '../servers/world.ts';
import { bundle } from '../support/bundle.ts';

const NAME = fqdn('box.home.example');
const OTHER = fqdn('other.home.example');
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
/** An address of loopback as if others reached it. */
const near = (address: string, name = 'eth0'): InterfaceAddress => ({ interface: name, address: ip(address), bits: 8, internal: false, mac: '02:00:00:00:00:01' });
const certificates = makeCertificates();
afterAll(certificates.remove);
const pairOf = (name: CertificateName) => ({ cert: readFileSync(certificates.path(name, 'pem')), key: readFileSync(certificates.path(name, 'key')) });

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

type Made = { readonly interfaces?: readonly InterfaceAddress[]; readonly net?: Partial<Net>; readonly clock?: Partial<World['clock']>; readonly signal?: AbortSignal };
async function shown(asked: Partial<Mirror>, { interfaces = [], net = {}, clock = {}, signal = new AbortController().signal }: Made = {}) {
  const world = realWorld({ interfaces });
  const all = await showFace({ ports: [], names: [NAME], ...asked }, { clock: { ...world.clock, ...clock }, net: { ...world.net, ...net }, signal });
  onTestFinished(all.close);
  return all;
}
const faceAt = async (port: number, made?: Made): Promise<Face | undefined> => (await shown({ ports: [port] }, made)).faceOf(NAME, port);
const get = (port: number, path: string, method = 'GET', host = '127.0.0.1') => fetch(`http://${host}:${port}${path}`, { method, redirect: 'manual' });
const pageIn = (face: Face | undefined) => {
  if (face?.kind !== 'page') throw new Error(`no page but ${face?.kind}`);
  return face.page;
};

describe('where nothing listens', () => {
  test('a page is served on every port until the end, at a path and with a text that nobody guesses', async () => {
    const ports = [await freePort(), await freePort()];
    const all = await shown({ ports, names: [NAME, OTHER] });
    const { path, nonce } = pageIn(all.faceOf(NAME, ports[0] ?? 0));
    expect(isPagePath(path) && isNonce(nonce) && !path.endsWith(nonce)).toBe(true);
    for (const port of ports) {
      for (const name of [NAME, OTHER]) expect(all.faceOf(name, port)).toEqual({ kind: 'page', page: { path, nonce } });
      for (const host of ['127.0.0.1', '127.0.0.2', '[::1]']) expect(await (await get(port, path, 'GET', host)).text()).toBe(nonce);
    }
    await all.close();
    for (const port of ports) await expect(get(port, path)).rejects.toThrow();
  });
  test('there is nothing but the page', async () => {
    const port = await freePort();
    const { path } = pageIn(await faceAt(port));
    const seen = async (target: string, method?: string): Promise<string> => {
      const reply = await get(port, target, method);
      return `${reply.status} ${await reply.text()}`;
    };
    expect(await seen(path, 'HEAD')).toBe('200 ');
    for (const target of ['/', `${path}/`, `${path}?a`, path.slice(0, -1), path.toUpperCase(), '/.well-known/ddns-update/', '/.well-known/acme-challenge/x', '/etc/passwd'])
      expect(await seen(target)).toBe('404 ');
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect(await seen(path, method)).toBe('404 ');
  });
  test("Let's Debug finds it where it looks", async () => {
    const port = await freePort();
    const { path, nonce } = pageIn(await faceAt(port));
    const token = path.slice(path.lastIndexOf('/') + 1);
    expect(await (await get(port, `/.well-known/acme-challenge/${token}`)).text()).toBe(nonce);
    expect((await get(port, `/.well-known/acme-challenge/${nonce}`)).status).toBe(404);
  });
  test('another proof has another page', async () => {
    const port = await freePort();
    const pages = [];
    for (let at = 0; at < 2; at++) {
      const one = await shown({ ports: [port] });
      pages.push(pageIn(one.faceOf(NAME, port)));
      await one.close();
    }
    expect(new Set(pages.flatMap(({ path, nonce }) => [path, nonce])).size).toBe(4);
  });
  test('the end of the command ends it, and the port is free again', async () => {
    const [port, over] = [await freePort(), new AbortController()];
    const { path } = pageIn(await faceAt(port, { signal: over.signal }));
    over.abort();
    await expect.poll(async () => (await attempt(() => get(port, path))).kind).toBe('failed');
    await listening(createServer(), '127.0.0.1', port);
  });
  test('a command that has ended already serves nothing', async () => {
    const port = await freePort();
    expect(await faceAt(port, { signal: AbortSignal.abort() })).toEqual({ kind: 'nothing', words: 'there was no time left to look' });
    await listening(createServer(), '127.0.0.1', port);
  });
  test('one that ends while the port is opened leaves none open', async () => {
    const [port, over] = [await freePort(), new AbortController()];
    const { net } = realWorld();
    const serve: Net['serve'] = async (...asked) => {
      over.abort();
      return (net as Required<Net>).serve(...asked);
    };
    await shown({ ports: [port] }, { net: { serve }, signal: over.signal });
    await listening(createServer(), '127.0.0.1', port);
  });
  test('a user who may not listen is told so', async () => {
    const serve: Net['serve'] = async () => Promise.reject(new Fault({ kind: 'network', code: 'EACCES', detail: 'no' }));
    const port = await freePort();
    expect(await faceAt(port, { net: { serve } })).toEqual({
      kind: 'nothing',
      words: `nothing listens on port ${port}, and this user may not either: start what is to answer there, or run this as root`,
    });
  });
  test('nobody is kept from it who starts meanwhile, where that is wished', async () => {
    const port = await freePort();
    let pauses = 0;
    const sleep: World['clock']['sleep'] = async () => {
      // It starts between two looks, and finds its port free.
      if (++pauses === 2) await listening(createServer(), '127.0.0.1', port);
    };
    const all = await shown({ ports: [port], vacant: 'wait' }, { clock: { sleep } });
    expect([all.faceOf(NAME, port), pauses]).toEqual([{ kind: 'service' }, 2]);
  });
  test('what does not start within a minute is waited for no longer, and its port stays free', async () => {
    const port = await freePort();
    let now = 0;
    const clock: Partial<World['clock']> = {
      elapsed: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    };
    const all = await shown({ ports: [port], vacant: 'wait' }, { clock });
    expect([all.faceOf(NAME, port), now]).toEqual([{ kind: 'nothing', words: `nothing listens on port ${port}` }, 60_000]);
    await listening(createServer(), '127.0.0.1', port);
  });
  test('any other trouble is told too', async () => {
    const serve: Net['serve'] = async () => Promise.reject(new Fault({ kind: 'network', code: 'EMFILE', detail: 'too many open files' }));
    expect(await faceAt(await freePort(), { net: { serve } })).toMatchObject({ kind: 'nothing', words: expect.stringMatching(/too many open files/) });
  });
});

describe('where something listens', () => {
  const tls = (name: CertificateName) => createTlsServer(pairOf(name)).on('tlsClientError', () => {});
  test('its certificate is the face, whoever vouches for it', async () => {
    for (const name of ['good', 'expired', 'self-signed'] as const) {
      const port = await listening(tls(name));
      const face = await faceAt(port);
      expect(face).toMatchObject({ kind: 'certificate', leaf: { names: ['localhost'], fingerprint256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    }
  });
  test('a server of many names shows each of them its own', async () => {
    const { createSecureContext } = await import('node:tls');
    const asked: string[] = [];
    const port = await listening(
      createTlsServer({
        ...pairOf('good'),
        SNICallback: (name, done) => {
          asked.push(name);
          done(null, createSecureContext(pairOf(name === OTHER ? 'wrong-host' : 'good')));
        },
      }),
    );
    const all = await shown({ ports: [port], names: [NAME, OTHER, fqdn('*.home.example')] });
    expect([NAME, OTHER].map((name) => all.faceOf(name, port))).toMatchObject([{ leaf: { names: ['localhost'] } }, { leaf: { names: ['somewhere-else.test'] } }]);
    expect(asked.sort()).toEqual(['any.home.example', NAME, OTHER]);
    expect(all.faceOf(fqdn('stranger.example'), port)).toBeUndefined();
  });
  test('what does not speak TLS is a service like another machine may have', async () => {
    expect(await faceAt(await listening(createServer((socket) => socket.end('SSH-2.0-x\r\n'))))).toEqual({ kind: 'service' });
  });
  test('what holds the port without letting itself be knocked at is one too', async () => {
    const port = await listening(createServer(), '127.0.0.3');
    expect(await faceAt(port)).toEqual({ kind: 'service' });
  });
  test('what only this machine reaches is told, unless its certificate tells more', async () => {
    const interfaces = [near('127.0.0.2')];
    const port = await listening(createServer((socket) => socket.end('hello\r\n')));
    expect(await faceAt(port, { interfaces })).toEqual({
      kind: 'nothing',
      words: `what listens on port ${port} does so on 127.0.0.1 alone, which only this machine itself reaches`,
      advice: 'let it listen on all addresses of this machine (0.0.0.0 and [::])',
    });
    expect(await faceAt(await listening(tls('good')), { interfaces })).toMatchObject({ kind: 'certificate' });
  });
  test('what visitors reach counts, before what listens beside it', async () => {
    const port = await listening(tls('good'));
    await listening(tls('wrong-host'), '127.0.0.2', port);
    await listening(tls('expired'), '127.0.0.3', port);
    const interfaces = [near('127.0.0.3', 'docker0'), near('127.0.0.2', 'eth0'), near('127.0.0.4', 'eth0')];
    expect(await faceAt(port, { interfaces, net: { departure: async () => 'eth0' } })).toMatchObject({ leaf: { names: ['somewhere-else.test'] } });
  });
  test('on one port, and nothing on another: each has its own face', async () => {
    const [busy, free] = [await listening(tls('good')), await freePort()];
    const all = await shown({ ports: [busy, free, free] });
    expect([all.faceOf(NAME, busy)?.kind, all.faceOf(NAME, free)?.kind]).toEqual(['certificate', 'page']);
  });
});

/** Needs util-linux and iproute2. */
describe('in a network of its own', () => {
  let child: string;
  beforeAll(async () => {
    child = await bundle(fileURLToPath(new URL('children/face.ts', import.meta.url)));
  });
  const inside = async (setup: string, around = ''): Promise<unknown> => {
    const script = `set -e; ip link set lo up; ${setup}; exec ${around} '${process.execPath}' '${child}' 80 8080`;
    return JSON.parse((await promisify(execFile)('unshare', ['-Urn', 'sh', '-c', script])).stdout);
  };
  test('low ports are served where that is allowed', async () => expect(await inside('true')).toEqual(['page as promised', 'page as promised']));
  test('those of a user without rights are not, and that is told', async () =>
    expect(await inside('true', 'setpriv --bounding-set -all')).toEqual([
      JSON.stringify({ kind: 'nothing', words: 'nothing listens on port 80, and this user may not either: start what is to answer there, or run this as root' }),
      'page as promised',
    ]));
  test('a machine without IPv6 serves over IPv4', async () => expect(await inside('echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6')).toEqual(['page as promised', 'page as promised']));
});
