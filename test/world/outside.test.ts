/** Knocking, looking at certificates, and serving strangers: on real sockets of loopback, with those who mean no good. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { attempt } from '../../src/core/failure.ts';
import { namesIn } from '../../src/core/reach.ts';
import type { Net, ServedRequest } from '../../src/world/world.ts';
import { type CertificateName, makeCertificates } from '../servers/certificates.ts';
import { freePort } from '../servers/ports.ts';
import { realWorld } from '../servers/world.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const LOCAL = ip('127.0.0.1');
const WAIT = { timeoutMs: 2000 };
const { net, lines } = realWorld();
const { knock, leaf, serve } = net as Required<Net>;
const certificates = makeCertificates('DNS:Box.Home.Example,DNS:*.home.example,IP:127.0.0.1');
afterAll(certificates.remove);

const failing = async (work: () => Promise<unknown>): Promise<object> => {
  const ended = await attempt(work);
  return ended.kind === 'failed' ? ended.failure : { kind: 'it did not fail' };
};

/** `seen`: sockets that came. */
async function listening(server: Server): Promise<{ readonly port: number; readonly seen: Set<Socket> }> {
  const seen = new Set<Socket>();
  server.on('connection', (socket) => {
    seen.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of seen) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}
const pairOf = (name: CertificateName): TlsOptions => ({ cert: readFileSync(certificates.path(name, 'pem')), key: readFileSync(certificates.path(name, 'key')) });
const tlsServer = (options: TlsOptions) => listening(createTlsServer(options).on('tlsClientError', () => {}));
const silentServer = () => listening(createServer());

describe('a knock', () => {
  test('where somebody listens is a connection that ends without a byte', async () => {
    let received = 0;
    const ends: Promise<void>[] = [];
    const { port } = await listening(
      createServer((socket) => {
        socket.on('data', (bytes) => (received += bytes.length));
        ends.push(new Promise((resolve) => socket.on('close', () => resolve())));
      }),
    );
    await knock({ address: LOCAL, port }, WAIT);
    await expect.poll(() => ends.length).toBe(1);
    await ends[0];
    expect(received).toBe(0);
  });
  test('where nobody does is refused', async () => {
    const port = await freePort();
    expect(await failing(() => knock({ address: LOCAL, port }, WAIT))).toMatchObject({ kind: 'network', phase: 'connect', code: 'ECONNREFUSED' });
  });
  test('ends with the caller', async () => {
    const { port } = await silentServer();
    expect(await failing(() => knock({ address: LOCAL, port }, { ...WAIT, signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORT_ERR' });
  });
});

describe('a certificate', () => {
  const check = (name: CertificateName, expected: object): void => {
    test(`${name} is told as it is`, async () => {
      const { port } = await tlsServer(pairOf(name));
      const { X509Certificate } = await import('node:crypto');
      const shown = new X509Certificate(readFileSync(certificates.path(name, 'pem')));
      const fingerprint256 = shown.fingerprint256.replaceAll(':', '').toLowerCase();
      expect(fingerprint256).toMatch(/^[0-9a-f]{64}$/);
      expect(await leaf({ address: LOCAL, port }, 'box.home.example', WAIT)).toMatchObject({ fingerprint256, ...expected });
    });
  };
  const names = ['box.home.example', '*.home.example'];
  check('good', { names, validTo: Date.UTC(2049, 0, 1) });
  check('expired', { names, validTo: Date.UTC(2021, 0, 1) });
  check('not-yet', { names });
  check('self-signed', { names });
  check('other-authority', { names });
  check('wrong-host', { names: ['somewhere-else.test'] });

  test('is that of the name which is asked for', async () => {
    const asked: string[] = [];
    const { port } = await tlsServer({
      ...pairOf('good'),
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    });
    await leaf({ address: LOCAL, port }, 'box.home.example', WAIT);
    await leaf({ address: LOCAL, port }, '127.0.0.1', WAIT);
    expect(asked).toEqual(['box.home.example']);
  });
  test('of an old server is seen too', async () => {
    const { port } = await tlsServer({ ...pairOf('good'), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(await leaf({ address: LOCAL, port }, 'box.home.example', WAIT)).toMatchObject({ names });
  });
  test('of a server that wants one of the client first is seen too', async () => {
    const { port } = await tlsServer({ ...pairOf('good'), requestCert: true, rejectUnauthorized: true });
    expect(await leaf({ address: LOCAL, port }, 'box.home.example', WAIT)).toMatchObject({ names });
  });

  const troubles: readonly (readonly [string, (socket: Socket) => void, object])[] = [
    ['of a server that does not speak TLS', (socket) => socket.end('220 mail.example ESMTP\r\n'), { kind: 'network', phase: 'tls' }],
    ['of a server that hangs up', (socket) => socket.destroy(), { kind: 'network', phase: 'tls' }],
    ['of a silent server', () => {}, { kind: 'network', phase: 'tls', code: 'ETIMEDOUT' }],
  ];
  for (const [name, act, expected] of troubles) {
    test(`${name}: none`, async () => {
      const { port } = await listening(createServer(act));
      expect(await failing(() => leaf({ address: LOCAL, port }, 'box.home.example', { timeoutMs: 300 }))).toMatchObject(expected);
    });
  }
  test('names in it are read by the kind that each of them has', () => {
    expect(namesIn('DNS:A.example, IP Address:127.0.0.1, DNS:"x, DNS:forged.example, y", email:a@b.example, DNS:*.b.example')).toEqual(['a.example', '*.b.example']);
    expect(namesIn('')).toEqual([]);
  });
});

/** What comes back for these bytes until the other side ends. */
function raw(port: number, bytes: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.on('end', () => socket.end());
    socket.write(bytes);
  });
}

describe('serving', () => {
  async function served(
    answer: (request: ServedRequest) => Promise<{ status: number; headers: Record<string, string>; body: string }> = async () => ({ status: 200, headers: {}, body: 'yes' }),
    bind?: IpAddress,
  ) {
    const asked: ServedRequest[] = [];
    const serving = await serve(
      0,
      (request) => {
        asked.push(request);
        return answer(request);
      },
      bind,
    );
    onTestFinished(serving.close);
    return { ...serving, asked };
  }

  test('a request is told as it came, with the address in its own form, and answered once', async () => {
    const { port, asked } = await served();
    const reply = await raw(port, 'GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.1.1.1\r\nX-FORWARDED-FOR: 2.2.2.2\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(asked).toEqual([{ method: 'GET', target: '/a?b=c', headers: { host: 'x', 'x-forwarded-for': '1.1.1.1, 2.2.2.2' }, from: '127.0.0.1' }]);
    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\ncontent-length: 3\r\nconnection: close\r\n[\s\S]*\r\n\r\nyes$/i);
    expect(lines.join('\n')).toMatch(/served GET \/a\?b=c to 127\.0\.0\.1 -> 200/);
  });
  test('on every address, of both families', async () => {
    const { port, asked } = await served();
    for (const host of ['127.0.0.1', '127.0.0.2', '::1']) expect(await raw(port, 'GET / HTTP/1.0\r\n\r\n', host)).toMatch(/yes$/);
    expect(asked.map(({ from }) => from)).toEqual(['127.0.0.1', '127.0.0.1', '::1']);
  });
  test('on one address alone', async () => {
    const { port } = await served(undefined, LOCAL);
    expect(await raw(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/yes$/);
    expect(await failing(() => knock({ address: ip('127.0.0.2'), port }, WAIT))).toMatchObject({ code: 'ECONNREFUSED' });
  });
  test('a head without a body for HEAD', async () => {
    const { port } = await served();
    expect(await raw(port, 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
  });
  test('a body is not waited for', async () => {
    const { port } = await served();
    expect(await raw(port, `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1000)}`)).toMatch(/yes$/);
  });
  test('an answer that fails, however, is a 500 that tells nothing', async () => {
    const { port } = await served(({ target }) => {
      if (target === '/now') throw new Error('secret');
      return Promise.reject(new Error('secret'));
    });
    for (const target of ['/now', '/later']) expect(await raw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 500 (?![\s\S]*secret)/);
  });
  const nonsense: readonly (readonly [string, string, RegExp])[] = [
    ['headers beyond every measure', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['no HTTP', '\u0016\u0003\u0001\u0002\u0000garbage\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a tunnel', 'CONNECT example.com:25 HTTP/1.1\r\nHost: x\r\n\r\n', /^$/],
  ];
  for (const [name, bytes, expected] of nonsense) {
    test(`${name}: nobody is asked, and the next one is answered`, async () => {
      const { port, asked } = await served();
      expect(await raw(port, bytes)).toMatch(expected);
      expect(asked).toEqual([]);
      expect(await raw(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/yes$/);
    });
  }
  test('an upgrade is a request like any other', async () => {
    const { port } = await served();
    expect(await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')).toMatch(/yes$/);
  });
  test('whoever sends a letter a second, or none, is given up, and others are answered meanwhile', ONCE_MORE, async () => {
    const { port, asked } = await served();
    const from = performance.now();
    const slow = [...'GET / HT'].map(
      (_, at) =>
        new Promise<void>((resolve) => {
          const socket = connect({ host: '127.0.0.1', port });
          const timer = setInterval(() => at > 0 && socket.write('G'), 500);
          socket.on('error', () => {});
          socket.on('data', () => {});
          socket.on('close', () => {
            clearInterval(timer);
            resolve();
          });
        }),
    );
    expect(await raw(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/yes$/);
    await Promise.all(slow);
    expect(performance.now() - from).toBeLessThan(9000);
    expect(asked).toHaveLength(1);
  });
  test('an end ends those who wait, at once', ONCE_MORE, async () => {
    const { port, close } = await served(() => new Promise(() => {}));
    const waiting = [raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), raw(port, 'GET /'), raw(port, '')];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const from = performance.now();
    await close();
    expect(await Promise.all(waiting)).toEqual(['', '', '']);
    expect(performance.now() - from).toBeLessThan(1000);
    expect(await failing(() => knock({ address: LOCAL, port }, WAIT))).toMatchObject({ code: 'ECONNREFUSED' });
  });
  test('a port that is taken, and an address that is not ours, are told by name', async () => {
    const { port } = await served();
    expect(await failing(() => serve(port, async () => ({ status: 200, headers: {}, body: '' })))).toMatchObject({
      kind: 'network',
      code: 'EADDRINUSE',
      detail: `cannot listen on port ${port}: another program does (EADDRINUSE)`,
    });
    expect(await failing(() => serve(0, async () => ({ status: 200, headers: {}, body: '' }), ip('203.0.113.7')))).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
