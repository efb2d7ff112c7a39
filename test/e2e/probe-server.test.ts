/** `probe-server` as it is started on another machine: what it says, whom it answers how, and how it ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../servers/certificates.ts';
import { temporaryFolder } from '../support/folder.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { program, repository, run } from '../support/program.ts';

/** Resolves when `is` is true; says what it waited for when it never is. */
async function until(what: string, is: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !is(); await new Promise((resolve) => setTimeout(resolve, 20))) if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
}

type Probe = { readonly child: ChildProcess; readonly port: number; readonly folder: string; readonly out: () => string; readonly err: () => string; readonly ended: Promise<number | string> };

async function startProbe(...args: readonly string[]): Promise<Probe> {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, [program, 'probe-server', '--port', '0', ...args], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  await until('it listens', () => out.includes('\n'));
  const port = Number(/(\d{3,})\D*$/.exec(out)?.[1]);
  return { child, port, folder, out: () => out, err: () => err, ended };
}
async function stop({ child, ended }: Probe, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
  child.kill(signal);
  return ended;
}

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

type Reply = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly body: string };
const get = (port: number, target: string, headers: Readonly<Record<string, string>> = {}, host = '127.0.0.1'): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asking = request({ host, port, path: target, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asking.on('error', reject).end();
  });
const asked = async (port: number, query: string, headers?: Readonly<Record<string, string>>, host?: string) => JSON.parse((await get(port, `/probe?${query}`, headers, host)).body);

test('it needs nothing, says where it listens, tells whoever asks about himself, and ends with 0', async () => {
  const probe = await startProbe('--self', '-v');
  expect(probe.out()).toMatch(/^listening on port \d+ of every address: it answers those who ask about themselves\n$/);
  const port = await listening(createServer());
  expect(await asked(probe.port, `port=${port}&as=connection`)).toEqual({ version: 1, address: '127.0.0.1', port, open: true });
  expect(await asked(probe.port, `port=${probe.port}&as=connection`, {}, '::1')).toEqual({ version: 1, address: '::1', port: probe.port, open: true });
  const certificates = makeCertificates();
  onTestFinished(certificates.remove);
  const secure = await listening(createTlsServer({ cert: readFileSync(certificates.path('expired', 'pem')), key: readFileSync(certificates.path('expired', 'key')) }));
  expect(await asked(probe.port, `port=${secure}&as=certificate&name=box.home.example`)).toMatchObject({
    open: true,
    certificate: { fingerprint256: expect.stringMatching(/^[0-9a-f]{64}$/), names: ['localhost'], validTo: '2021-01-01T00:00:00.000Z' },
  });
  expect(await stop(probe)).toBe(0);
  expect(probe.err().split('\n')).toEqual([
    `127.0.0.1 port ${port}, connection: open`,
    `::1 port ${probe.port}, connection: open`,
    expect.stringMatching(`^127\\.0\\.0\\.1 port ${secure}, certificate: open, certificate [0-9a-f]{64}$`),
    '',
  ]);
  expect(readdirSync(probe.folder)).toEqual([]);
});

test('a proxy on the same machine is believed, a machine is not looked at from inside, and nothing is told unasked', async () => {
  const probe = await startProbe('--bind', '127.0.0.1', '--proxy');
  expect(probe.out()).toMatch(/^listening on 127\.0\.0\.1:\d+: /);
  const port = await listening(createServer());
  for (const headers of [{}, { 'x-forwarded-for': '203.0.113.9, 127.0.0.1' }, { 'x-forwarded-for': '::1' }])
    expect(await asked(probe.port, `port=${port}&as=connection`, headers)).toEqual({ version: 1, problem: expect.stringMatching(/this very machine/) });
  expect(await get(probe.port, '/')).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: expect.stringMatching(/^This is a ddns-update probe-server: .*\n$/),
  });
  await expect(get(probe.port, '/', {}, '127.0.0.2')).rejects.toThrow(/ECONNREFUSED/);
  expect(await stop(probe, 'SIGINT')).toBe(0);
  expect(probe.err()).toBe('');

  const trial = await startProbe('--self', '--proxy');
  const behind = await listening(createServer(), '127.0.0.7');
  expect(await asked(trial.port, `port=${behind}&as=connection`, { 'x-forwarded-for': '127.0.0.9, 127.0.0.7' })).toMatchObject({ address: '127.0.0.7', open: true });
  expect(await asked(trial.port, `port=${behind}&as=connection`, { 'x-forwarded-for': '127.0.0.7, 127.0.0.9' })).toMatchObject({ address: '127.0.0.9', open: false, why: 'the connection is refused' });
  expect(await stop(trial)).toBe(0);
});

test('whoever asks too much is told when to come again; whoever asks wrongly, what is wrong', async () => {
  const probe = await startProbe('--self', '--json');
  expect(JSON.parse(probe.out())).toEqual({ version: 1, listening: { port: probe.port } });
  expect(await get(probe.port, '/?port=99999&as=connection')).toMatchObject({
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: '{"version":1,"problem":"port is a number from 1 to 65535"}\n',
  });
  const port = await listening(createServer());
  const replies = [];
  for (let at = 0; at < 31; at++) replies.push(await get(probe.port, `/?port=${port}&as=connection`));
  expect(replies.map(({ status }) => status)).toEqual([...Array(30).fill(200), 429]);
  const [last] = replies.slice(-1);
  expect(last).toMatchObject({ headers: { 'retry-after': expect.stringMatching(/^[1-6]\d$/) }, body: expect.stringMatching(/too many looks for 127\.0\.0\.1/) });
  expect(await stop(probe)).toBe(0);
});

test('those who send slowly, hugely or nothing do not stand in the way, and the end does not wait for them', ONCE_MORE, async () => {
  const probe = await startProbe('--self');
  const slow = Array.from({ length: 100 }, () => {
    const socket = connect({ host: '127.0.0.1', port: probe.port }).on('error', () => {});
    socket.write('GET /?port=9&as=conn');
    return new Promise((resolve) => socket.on('close', resolve));
  });
  const huge = connect({ host: '127.0.0.1', port: probe.port }).on('error', () => {});
  huge.on('connect', () => huge.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_000_000)}`));
  await new Promise((resolve) => huge.on('close', resolve).resume());
  // A server that never says anything keeps this look waiting for its five seconds.
  const waiting = get(probe.port, `/?port=${await listening(createServer())}&as=certificate&name=box.home.example`).then(
    () => 'answered',
    () => 'cut off',
  );
  const port = await listening(createServer());
  expect(await asked(probe.port, `port=${port}&as=connection`)).toMatchObject({ open: true });
  const from = performance.now();
  expect(await stop(probe)).toBe(0);
  expect(performance.now() - from).toBeLessThan(2000);
  await Promise.all(slow);
  expect(await waiting).toBe('cut off');
  expect(probe.err()).toBe('');
});

test('what it cannot do is said before anything', async () => {
  const port = await listening(createServer());
  const env = { HOME: temporaryFolder() };
  expect(await run(['probe-server', '--port', String(port)], { env })).toEqual({ exit: 69, stdout: '', stderr: `cannot listen on port ${port}: another program does (EADDRINUSE)\n` });
  expect(await run(['probe-server', '--port', '0', '--bind', '203.0.113.7'], { env })).toMatchObject({
    exit: 69,
    stderr: 'cannot listen on 203.0.113.7:0: this machine has no such address (EADDRNOTAVAIL)\n',
  });
  expect(await run(['probe-server', '--bind', 'localhost'], { env })).toMatchObject({ exit: 64, stderr: expect.stringMatching(/^--bind localhost: this is no address/) });
  expect(await run(['probe-server', '--port', '65536'], { env })).toMatchObject({ exit: 64, stderr: expect.stringMatching(/It takes a port/) });
});

test('the unit of docs/probe-server.md is one that systemd takes', () => {
  const folder = temporaryFolder();
  const units = [...readFileSync(`${repository}docs/probe-server.md`, 'utf8').matchAll(/^```ini\n(\[Unit\][\s\S]*?)^```/gm)].map(([, text]) => text ?? '');
  expect(units).toHaveLength(1);
  writeFileSync(`${folder}/ddns-update-probe.service`, units[0] ?? '');
  const { error, stderr, status } = spawnSync('/usr/bin/systemd-analyze', ['verify', '--man=no', `${folder}/ddns-update-probe.service`], { encoding: 'utf8' });
  if (error) throw new Error(`systemd-analyze is missing: this test needs the Debian package systemd (${error.message})`);
  // An unknown key is a line on stderr only. What is said of other units of this machine is none of ours.
  expect({ status, ours: stderr.split('\n').filter((line) => line.includes('ddns-update')) }).toEqual({ status: 0, ours: [] });
});
