/** The real network on loopback: every question ends in its time, every error is a Fault with a phase, nothing is left open. */
import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { attempt } from '../../src/core/failure.ts';
import { departure } from '../../src/world/departure.ts';
import { interfaces } from '../../src/world/interfaces.ts';
import { type DatagramServer, datagramServer } from '../servers/datagrams.ts';
import { whoamiServer } from '../servers/dns-whoami.ts';
import { freePort } from '../servers/ports.ts';
import { realWorld } from '../servers/world.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const LOCAL = ip('127.0.0.1');
const { net } = realWorld();
let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

async function udp(answer: Parameters<typeof datagramServer>[1], host = '127.0.0.1'): Promise<DatagramServer> {
  const server = await datagramServer(host, answer);
  closing.push(server.close);
  return server;
}
async function tcp(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
const all = (): boolean => true;
const failing = async (work: () => Promise<unknown>): Promise<object> => {
  const ended = await attempt(work);
  return ended.kind === 'failed' ? ended.failure : { kind: 'it did not fail' };
};

describe('datagrams', ONCE_MORE, () => {
  test('a reply that is not accepted does not end the wait', async () => {
    const { port } = await udp(() => [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
    expect([...(await net.datagram({ address: LOCAL, port }, Uint8Array.of(9), ([first]) => first === 3, { timeoutMs: 1000 }))]).toEqual([3]);
  });
  test('a lost one is repeated once, with the same bytes', async () => {
    const server = await udp((question, count) => (count === 2 ? [question] : []));
    await net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 2000, repeatMs: 50 });
    expect(server.received.map((bytes) => [...bytes])).toEqual([[7], [7]]);
  });
  test('it is repeated after each of several pauses, and no more often', async () => {
    const server = await udp((question, count) => (count === 4 ? [question] : []));
    const from = performance.now();
    await net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 2000, repeatMs: [20, 40, 80] });
    expect(performance.now() - from).toBeGreaterThan(120);
    const silent = await udp(() => []);
    await failing(() => net.datagram({ address: LOCAL, port: silent.port }, Uint8Array.of(7), all, { timeoutMs: 300, repeatMs: [20, 40] }));
    expect(silent.received).toHaveLength(3);
  });
  test('it leaves from the port that was asked for, and fails where that is taken', async () => {
    const server = await udp((question) => [question]);
    const taken = await udp(() => []);
    const bindPort = await freePort();
    await net.datagram({ address: LOCAL, port: server.port, bind: LOCAL, bindPort }, Uint8Array.of(7), all, { timeoutMs: 1000 });
    expect(server.peers[0]?.port).toBe(bindPort);
    expect(await failing(() => net.datagram({ address: LOCAL, port: server.port, bind: LOCAL, bindPort: taken.port }, Uint8Array.of(7), all, { timeoutMs: 1000 }))).toMatchObject({
      code: 'EADDRINUSE',
      phase: 'connect',
    });
  });
  test('what strangers send between binding and connecting is not heard', async () => {
    const server = await udp((question) => [question]);
    const socket = createSocket('udp4');
    // The kernel lets it through until the socket is connected: then it is there already.
    socket.on('connect', () => {
      socket.emit('message', Buffer.of(66), { address: '127.0.0.2', port: server.port });
      socket.emit('message', Buffer.of(66), { address: '127.0.0.1', port: server.port - 1 });
    });
    const opened = vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ createSocket: () => socket });
    expect([...(await net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 1000 }))]).toEqual([7]);
    expect(opened).toHaveBeenCalled();
    opened.mockRestore();
  });
  test('silence ends with the deadline, in the phase in which it may have arrived', async () => {
    const server = await udp(() => []);
    const from = performance.now();
    expect(await failing(() => net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 150, repeatMs: 50 }))).toMatchObject({
      kind: 'network',
      phase: 'reply',
      code: 'ETIMEDOUT',
    });
    expect(performance.now() - from).toBeLessThan(400);
    expect(server.received).toHaveLength(2);
  });
  test('an answer that has come is heard, though this machine stood still until time was over', async () => {
    const server = await udp((question) => {
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700));
      return [question];
    });
    expect([...(await net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 500 }))]).toEqual([7]);
  });
  test('nobody listens: surely not received', async () => {
    const port = await freePort();
    expect(await failing(() => net.datagram({ address: LOCAL, port }, Uint8Array.of(7), all, { timeoutMs: 1000 }))).toMatchObject({
      kind: 'network',
      phase: 'connect',
      code: 'ECONNREFUSED',
    });
  });
  test('an address this machine does not have cannot be sent from', async () => {
    expect(await failing(() => net.datagram({ address: LOCAL, port: 9, bind: ip('198.51.100.77') }, Uint8Array.of(7), all, { timeoutMs: 1000 }))).toMatchObject({
      phase: 'connect',
      code: 'EADDRNOTAVAIL',
    });
  });
  test('the bound address is the one the other side sees', async () => {
    const server = await udp((question) => [question]);
    await net.datagram({ address: LOCAL, port: server.port, bind: ip('127.8.8.8') }, Uint8Array.of(7), all, { timeoutMs: 1000 });
    expect(server.peers[0]?.address).toBe('127.8.8.8');
  });
  test('who no longer waits is not kept', async () => {
    const server = await udp(() => []);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    expect(await failing(() => net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 5000, signal: controller.signal }))).toMatchObject({ code: 'ABORT_ERR' });
    expect(await failing(() => net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 5000, signal: controller.signal }))).toMatchObject({ code: 'ABORT_ERR' });
  });
});

describe('streams', () => {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  const line = (bytes: Uint8Array): string | undefined => (text(bytes).includes('\n') ? text(bytes) : undefined);
  const wait = { timeoutMs: 1000, maxBytes: 1000 };
  test('everything received so far is looked at with every piece', async () => {
    const port = await tcp((socket) => {
      socket.once('data', (question) => {
        socket.write(`you said ${question}`);
        setTimeout(() => socket.write(' and more\n'), 30);
      });
    });
    expect(await net.stream({ address: LOCAL, port }, Buffer.from('hi'), line, wait)).toBe('you said hi and more\n');
  });
  test('closed before the end', async () => {
    const port = await tcp((socket) => socket.end('half'));
    expect(await failing(() => net.stream({ address: LOCAL, port }, Buffer.from('hi'), line, wait))).toMatchObject({ kind: 'network', phase: 'reply', code: 'ECONNRESET' });
  });
  test('too much', async () => {
    const port = await tcp((socket) => socket.write('x'.repeat(100_000)));
    expect(await failing(() => net.stream({ address: LOCAL, port }, Buffer.from('hi'), line, wait))).toMatchObject({ kind: 'gibberish', phase: 'reply' });
  });
  test('silence', async () => {
    const port = await tcp(() => {});
    expect(await failing(() => net.stream({ address: LOCAL, port }, Buffer.from('hi'), line, { ...wait, timeoutMs: 100 }))).toMatchObject({ phase: 'reply', code: 'ETIMEDOUT' });
  });
  test('nobody listens', async () => {
    expect(await failing(() => net.stream({ address: LOCAL, port: 1 }, Buffer.from('hi'), line, wait))).toMatchObject({ phase: 'connect', code: 'ECONNREFUSED' });
  });
  test('TLS with something that speaks none', async () => {
    const port = await tcp((socket) => socket.write('220 mail.example ESMTP\r\n'));
    expect(await failing(() => net.stream({ address: LOCAL, port }, Buffer.from('hi'), line, { ...wait, serverName: 'dns.example' }))).toMatchObject({
      kind: 'network',
      phase: 'tls',
      detail: expect.stringMatching(/^127\.0\.0\.1\S* does not speak TLS there \(\w+\)$/),
    });
  });
});

describe('lookups', ONCE_MORE, () => {
  test('a literal is itself, of its own family', async () => {
    expect(await net.lookup('::1', undefined, { timeoutMs: 100 })).toEqual(['::1']);
    expect(await net.lookup('[::1]', 6, { timeoutMs: 100 })).toEqual(['::1']);
    expect(await failing(() => net.lookup('::1', 4, { timeoutMs: 100 }))).toMatchObject({ kind: 'network', phase: 'lookup' });
  });
  test('localhost needs no server', async () => expect(await realWorld({ servers: ['127.0.0.1:1'] }).net.lookup('localhost', 4, { timeoutMs: 1000 })).toEqual(['127.0.0.1']));
  test('the configured servers are asked, anew each time', async () => {
    const server = await whoamiServer({ tell: '5.6.7.8' });
    closing.push(server.close);
    const configured = realWorld({ servers: [`127.0.0.1:${server.port}`] }).net;
    expect(await configured.lookup('echo.example.test', 4, { timeoutMs: 1000 })).toEqual(['5.6.7.8']);
    server.tell = '9.8.7.6';
    expect(await configured.lookup('echo.example.test', 4, { timeoutMs: 1000 })).toEqual(['9.8.7.6']);
  });
  test('a server that is silent ends with the deadline', async () => {
    const server = await whoamiServer({ mode: 'silent', tell: '5.6.7.8' });
    closing.push(server.close);
    const from = performance.now();
    expect(await failing(() => realWorld({ servers: [`127.0.0.1:${server.port}`] }).net.lookup('echo.example.test', 4, { timeoutMs: 300 }))).toMatchObject({ kind: 'network', phase: 'lookup' });
    expect(performance.now() - from).toBeLessThan(700);
  });
  test('a name that does not exist', async () => {
    const server = await whoamiServer({ mode: 'nxdomain', tell: '5.6.7.8' });
    closing.push(server.close);
    expect(await failing(() => realWorld({ servers: [`127.0.0.1:${server.port}`] }).net.lookup('gone.example.test', undefined, { timeoutMs: 1000 }))).toMatchObject({
      phase: 'lookup',
      code: 'ENOTFOUND',
    });
  });
});

test('the loopback interface of this machine is told, as internal', () => {
  expect(interfaces()).toContainEqual(expect.objectContaining({ address: '127.0.0.1', bits: 8, internal: true }));
});

test('the way to the internet leads through an interface of this machine, or there is none', async () => {
  for (const family of [4, 6] as const) expect([undefined, ...interfaces().map((row) => row.interface)]).toContain(await departure(family));
});

test('what is asked is traced', async () => {
  const world = realWorld();
  const server = await udp((question) => [question]);
  await world.net.datagram({ address: LOCAL, port: server.port }, Uint8Array.of(7), all, { timeoutMs: 1000 });
  expect(world.lines).toEqual([expect.stringMatching(new RegExp(`^datagram 127.0.0.1 port ${server.port}, 1 bytes -> 1 bytes, \\d+ ms$`))]);
});
