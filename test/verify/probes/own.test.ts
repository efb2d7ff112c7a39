/** A probe-server of one's own, asked over real sockets of loopback: what it sees, what it says when it cannot look, and what is believed of it. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { familyOf, type IpAddress, parseAddress } from '../../../src/core/address.ts';
import { attempt } from '../../../src/core/failure.ts';
import { type Fqdn, fqdn } from '../../../src/core/name.ts';
import type { Look, Sighting } from '../../../src/core/reach.ts';
import { openAnswer } from '../../../src/probe-server/answer.ts';
import { showFace } from '../../../src/verify/identity.ts';
import { ownProbe } from '../../../src/verify/probes/own.ts';
import type { Net } from '../../../src/world/world.ts';
import { makeCertificates } from '../../servers/certificates.ts';
import { freePort } from '../../servers/ports.ts';
import { type Made, realWorld } from '../../servers/world.ts';

const NAME = fqdn('box.home.example');
const PATH = '/.well-known/ddns-update/0123456789abcdef0123456789abcdef';
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const certificates = makeCertificates();
afterAll(certificates.remove);
const tls = { cert: readFileSync(certificates.path('good', 'pem')), key: readFileSync(certificates.path('good', 'key')) };

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A probe-server on this machine that may look at it. `said`: what it says of its looks. */
async function probeServer(net: Partial<Net> = {}) {
  const world = realWorld();
  const said: string[] = [];
  const tools = { ...world, net: { ...world.net, ...net }, self: true, proxy: true, signal: new AbortController().signal, say: (line: string) => void said.push(line) };
  const serving = await (world.net as Required<Net>).serve(0, openAnswer(tools));
  onTestFinished(serving.close);
  return { url: `http://127.0.0.1:${serving.port}/probe`, port: serving.port, said };
}
/** Anything but a probe-server. */
async function pretender(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return `http://127.0.0.1:${await listening(createHttpServer(answer))}/`;
}

type Asking = { readonly address?: string; readonly port?: number; readonly as?: Look['as']; readonly name?: Fqdn; readonly made?: Made; readonly sleep?: (ms: number) => Promise<void> };
async function asked(url: string, { address = '127.0.0.1', port = 9, as = { kind: 'connection' }, name = NAME, made, sleep }: Asking = {}): Promise<Sighting> {
  const world = realWorld(made);
  const look: Look = { name, address: ip(address), family: familyOf(ip(address)), port, as };
  return ownProbe({ url, insecure: false }).look(look, {
    ...world,
    clock: { ...world.clock, ...(sleep === undefined ? {} : { sleep }) },
    signal: new AbortController().signal,
    userAgent: 'ddns-update',
  });
}
const failing = async (work: () => Promise<unknown>): Promise<object> => {
  const ended = await attempt(work);
  return ended.kind === 'failed' ? ended.failure : { kind: 'it did not fail' };
};

describe('what it sees', () => {
  test('a port that is open, and one that is closed', async () => {
    const { url, said } = await probeServer();
    const server = createServer();
    const port = await listening(server);
    expect(await asked(url, { port })).toEqual({ kind: 'open' });
    await new Promise((resolve) => server.close(resolve));
    expect(await asked(url, { port })).toEqual({ kind: 'closed', words: 'the connection is refused' });
    expect(said).toEqual([`127.0.0.1 port ${port}, connection: open`, `127.0.0.1 port ${port}, connection: closed, the connection is refused`]);
  });
  test('a certificate, with its names and its end', async () => {
    const { url } = await probeServer();
    const port = await listening(createTlsServer(tls));
    const { leaf } = realWorld().net as Required<Net>;
    const shown = await leaf({ address: ip('127.0.0.1'), port }, NAME, { timeoutMs: 2000 });
    expect(await asked(url, { port, as: { kind: 'certificate' } })).toEqual({ kind: 'open', seen: { kind: 'certificate', ...shown } });
  });
  test('a wildcard is any name under it', async () => {
    const { url } = await probeServer();
    const names: string[] = [];
    const port = await listening(
      createTlsServer({
        ...tls,
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      }),
    );
    expect(await asked(url, { port, as: { kind: 'certificate' }, name: fqdn('*.home.example') })).toMatchObject({ seen: { kind: 'certificate' } });
    expect(names).toEqual(['any.home.example']);
  });
  test('the page of this very machine, and of no other', async () => {
    const { url } = await probeServer();
    const port = await freePort();
    const all = await showFace({ ports: [port], names: [NAME] }, { ...realWorld(), signal: new AbortController().signal });
    onTestFinished(all.close);
    const face = all.faceOf(NAME, port);
    if (face?.kind !== 'page') throw new Error('no page is served');
    const { path, nonce } = face.page;
    expect(await asked(url, { port, as: { kind: 'page', path } })).toEqual({ kind: 'open', seen: { kind: 'page', status: 200, body: nonce } });
    expect(await asked(url, { port, as: { kind: 'page', path: PATH } })).toEqual({ kind: 'open', seen: { kind: 'page', status: 404, body: '' } });
  });
  test('of a page nothing but what can be ours, and little of it', async () => {
    const { url } = await probeServer();
    const port = await listening(createHttpServer((_request, response) => response.end('<h1>The router of somebody else</h1>')));
    expect(await asked(url, { port, as: { kind: 'page', path: PATH } })).toEqual({ kind: 'open', seen: { kind: 'page', status: 200, body: '' } });
    const endless = await listening(createHttpServer((_request, response) => void response.end('0'.repeat(5000))));
    expect(await asked(url, { port: endless, as: { kind: 'page', path: PATH } })).toMatchObject({ kind: 'open', words: expect.stringMatching(/^it connects, but .*more than 1024 bytes/) });
  });
  test('something that speaks neither TLS nor HTTP is open, and why no more is known', async () => {
    const { url } = await probeServer();
    const port = await listening(createServer((socket) => socket.end('SSH-2.0-x\r\n')));
    expect(await asked(url, { port, as: { kind: 'certificate' } })).toEqual({
      kind: 'open',
      words: expect.stringMatching(/^it connects, but 127\.0\.0\.1:\d+ does not speak TLS there/),
      unread: expect.stringMatching(/^127/),
    });
    expect(await asked(url, { port, as: { kind: 'page', path: PATH } })).toEqual({
      kind: 'open',
      words: expect.stringMatching(/^it connects, but 127\.0\.0\.1:\d+ did not answer in HTTP/),
      unread: expect.stringMatching(/^127/),
    });
  });
  test('over IPv6', async () => {
    const { port: at } = await probeServer();
    const port = await listening(createServer(), '::1');
    expect(await asked(`http://[::1]:${at}`, { address: '::1', port })).toEqual({ kind: 'open' });
  });
  test('the address that is meant, where the machine has several', async () => {
    const { url } = await probeServer();
    const port = await listening(createServer(), '127.0.0.5');
    const interfaces = [{ interface: 'eth0', address: ip('127.0.0.5'), bits: 8, internal: false, mac: '' }];
    expect(await asked(url, { address: '127.0.0.5', port, made: { interfaces } })).toEqual({ kind: 'open' });
  });
  test('trouble of the probe-server itself says nothing of the port', async () => {
    for (const [code, kind] of Object.entries({ ENETUNREACH: 'unknown', EMFILE: 'unknown', EPERM: 'unknown', ETIMEDOUT: 'closed', EHOSTUNREACH: 'closed', EACCES: 'closed' })) {
      const { url } = await probeServer({ knock: async () => Promise.reject(await faultOf(code)) });
      expect(await asked(url)).toMatchObject({ kind });
    }
  });
});
const faultOf = async (code: string) => new (await import('../../../src/core/failure.ts')).Fault({ kind: 'network', code, phase: 'connect', detail: `it ended with ${code}` });

describe('whom it asks, and how', () => {
  test('at the path and with the query of the url, past every proxy, by the name of the look', async () => {
    const targets: string[] = [];
    const url = await pretender(({ url: target = '' }, response) => {
      targets.push(target);
      response.end(JSON.stringify({ version: 1, address: '127.0.0.1', port: 9, open: true }));
    });
    const env = { http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' };
    expect(await asked(`${url}probe/?key=a%20b#x`, { as: { kind: 'page', path: PATH }, made: { env } })).toEqual({ kind: 'open' });
    expect(targets).toEqual([`/probe/?key=a+b&port=9&as=page&name=box.home.example&path=${encodeURIComponent(PATH)}`]);
  });
  test('a busy one is asked again when it says, and not beyond all patience', async () => {
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => void slept.push(ms);
    let left = 2;
    const url = await pretender((_request, response) => {
      if (left-- > 0) response.writeHead(429, { 'retry-after': '1' }).end(JSON.stringify({ version: 1, problem: 'too many looks' }));
      else response.end(JSON.stringify({ version: 1, address: '127.0.0.1', port: 9, open: true }));
    });
    expect(await asked(url, { sleep })).toEqual({ kind: 'open' });
    expect(slept).toEqual([1000, 1000]);
    left = 1000;
    expect(await asked(url, { sleep })).toMatchObject({ kind: 'unknown', words: expect.stringMatching(/did not look: too many looks$/) });
    expect(slept).toHaveLength(12);
  });
  test('more than a caller gets is told with the time to wait', async () => {
    const { url } = await probeServer();
    const port = await listening(createServer());
    const seen = [];
    for (let at = 0; at < 31; at++) seen.push(await asked(url, { port }));
    expect(seen.slice(0, 30).every(({ kind }) => kind === 'open')).toBe(true);
    expect(seen[30]).toMatchObject({ kind: 'unknown', words: expect.stringMatching(/too many looks for 127\.0\.0\.1: ask again in \d\d s$/) });
  });
  test('a literal address of one family cannot look over the other', () => {
    const cannot = (url: string, address: string) => ownProbe({ url, insecure: true }).cannot({ name: NAME, address: ip(address), family: familyOf(ip(address)), port: 9, as: { kind: 'connection' } });
    expect(cannot('http://203.0.113.5/', '2001:db8::1')).toMatch(/IPv4/);
    expect(cannot('http://[2001:db8::5]/', '203.0.113.9')).toMatch(/IPv6/);
    for (const url of ['http://203.0.113.5/', 'https://vps.example/']) expect(cannot(url, '203.0.113.9')).toBeUndefined();
  });
  test('plain http beyond this machine is asked only where that is meant', async () => {
    expect(await failing(() => asked('http://203.0.113.5/probe'))).toMatchObject({ kind: 'config', detail: expect.stringMatching(/203\.0\.113\.5 is not encrypted/) });
  });
  test('it is named with its host', () => {
    expect(ownProbe({ url: 'https://vps.example:8443/probe', insecure: false })).toMatchObject({ title: 'your own probe-server at vps.example:8443', learns: 'the name, the address and the port' });
  });
});

describe('what is believed', () => {
  const told = { version: 1, address: '127.0.0.1', port: 9, open: true };
  const replying = (body: string, status = 200) => pretender((_request, response) => void response.writeHead(status).end(body));
  test('nothing, where it sees another address than ours', async () => {
    expect(await asked(await replying(JSON.stringify({ ...told, address: '203.0.113.66' })))).toEqual({
      kind: 'unknown',
      words: expect.stringMatching(/^127\.0\.0\.1:\d+ sees this machine at 203\.0\.113\.66, not at 127\.0\.0\.1: a VPN, a second line, or a proxy that hides who asks$/),
    });
  });
  test('its reasons, without what moves the cursor', async () => {
    expect(await asked(await replying(JSON.stringify({ ...told, open: false, why: `\u001b[2Jwiped\n${'x'.repeat(1000)}` })))).toMatchObject({
      kind: 'closed',
      words: expect.stringMatching(/^ \[2Jwiped x{200,290}$/),
    });
  });
  test('that it does not look, in its words', async () => {
    expect(await asked(await replying(JSON.stringify({ version: 1, problem: 'as is connection, certificate or page' }), 400))).toMatchObject({
      kind: 'unknown',
      words: expect.stringMatching(/did not look: as is connection/),
    });
  });
  const nonsense: readonly (readonly [string, string, number?])[] = [
    ['a login page', '<html>Please pay for the wifi</html>'],
    ['a redirect', '', 302],
    ['another version', JSON.stringify({ ...told, version: 2 })],
    ['another port', JSON.stringify({ ...told, port: 10 })],
    ['text for truth', JSON.stringify({ ...told, open: 'yes' })],
    ['no address', JSON.stringify({ ...told, address: 'box.home.example' })],
    ['half a fingerprint', JSON.stringify({ ...told, certificate: { fingerprint256: 'ab', names: [], validTo: '2026-01-01T00:00:00Z' } })],
    ['no time', JSON.stringify({ ...told, certificate: { fingerprint256: 'ab'.repeat(32), names: [], validTo: 'soon' } })],
    ['nothing', ''],
  ];
  for (const [name, body, status] of nonsense) {
    test(`${name} is gibberish`, async () => {
      const url = await replying(body, status);
      expect(await failing(() => asked(url))).toMatchObject({ kind: 'gibberish' });
    });
  }
  test('silence is a network failure', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await failing(() => asked(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'network', code: 'ECONNREFUSED' });
  });
});
