/** `relocate` as a user runs it: what it says on a pipe and on a terminal, how it ends, what it sends, and what it does when it is stopped or kept waiting. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message, message } from '../../src/core/wire.ts';
import { contract } from '../../src/providers/cloudflare/contract.ts';
import { datagramServer } from '../servers/datagrams.ts';
import { startDyndns2 } from '../servers/dyndns2.ts';
import { freePort } from '../servers/ports.ts';
import { startVendor } from '../servers/vendor.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { program, type Run, start } from '../support/program.ts';
import { GARAGE, HOME, type Home, openHome } from './home.ts';

const TOKEN = String(contract.options['token']);
const LOOPBACK = '127.0.0.1';

/** A machine without a router and without neighbours, so that none is asked: what the system tells of its routes is left out, and of its addresses those of others. */
const ALONE = `
const [fs, os] = [require('node:fs'), require('node:os')];
const [read, all] = [fs.readFileSync, os.networkInterfaces];
fs.readFileSync = (path, ...more) => (/^\\/proc\\/net\\/(route|ipv6_route|arp)$/.test(String(path)) ? '' : read(path, ...more));
os.networkInterfaces = () => ({ lo: all().lo });
require('node:module').syncBuiltinESMExports();
`;

/** A resolver that knows of nothing: no name server is found for any name, and none is asked. */
async function resolver(): Promise<string> {
  const server = await datagramServer(LOOPBACK, (bytes) => {
    const asked = decodeMessage(bytes) as Message;
    return [encodeMessage(message({ id: asked.id, response: true, questions: asked.questions, rcode: 2 }))];
  });
  onTestFinished(server.close);
  return `${LOOPBACK}:${server.port}`;
}

/** The program's own probe-server on this very machine. */
async function startProbe(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [program, 'probe-server', '--port', '0', '--self', '--bind', LOOPBACK], { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (text) => resolve(String(text))));
  return { url: `http://${LOOPBACK}:${/(\d{3,})\D*$/.exec(line)?.[1]}/`, child };
}

type Box = Home & { readonly env: Readonly<Record<string, string>>; readonly path: string; readonly vendor: Awaited<ReturnType<typeof startVendor>> };
type Parts = { readonly names?: readonly string[]; readonly verify?: object; readonly token?: string; readonly config?: object };
/** Its names are behind Cloudflare's proxy, so that their name servers have nothing to say. */
async function box({ names = ['home.example.com'], verify, token = TOKEN, config = {} }: Parts = {}): Promise<Box> {
  const [vendor, servers] = [await startVendor(contract), await resolver()];
  onTestFinished(vendor.close);
  const home = await openHome({
    records: names.map((name) => ({ name })),
    accounts: { main: { provider: 'cloudflare', token, proxied: true, endpoint: `${vendor.endpoint}/client/v4` } },
    dns: { servers: [servers] },
    verify: { resolvers: [servers], ...verify },
    detect: { allow: ['127.0.0.0/8', '203.0.113.0/24', '198.51.100.0/24'] },
    ...config,
  });
  const alone = `${home.folder}/alone.cjs`;
  writeFileSync(alone, ALONE);
  return { ...home, vendor, path: `${home.folder}/config.json`, env: { NODE_OPTIONS: `--require=${alone}` } };
}
const relocate = (home: Box, ...args: readonly string[]): Promise<Run> => home.run(['relocate', ...args], home.env);
const begin = (home: Box, ...args: readonly string[]) => start([...args, '--config', home.path, '--state', home.stateFolder], { env: home.env, cwd: home.folder });
/** A name at a provider that cannot be asked what it has. */
async function mute() {
  const server = await startDyndns2();
  onTestFinished(() => server.close());
  const home = await box({ config: { accounts: { main: { provider: 'dyndns2', server: `${server.endpoint}/nic/update`, username: 'user', password: 'secret' } } } });
  return { home, server };
}
type Document = { readonly exit: number; readonly verdict: { readonly kind: string; readonly words: string; readonly next?: string }; readonly names: readonly { readonly state: string }[] };
/** One document and nothing else. */
const document = ({ stdout }: Run): Document => JSON.parse(stdout) as Document;
const written = ({ vendor }: Box): readonly string[] => vendor.asked.filter((line) => !line.startsWith('GET'));
async function until(what: string, is: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !is(); await new Promise((resolve) => setTimeout(resolve, 20))) if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
}

/** On a pseudo terminal of 80 columns: all that it was sent, and what is left on it. */
async function onTerminal(home: Box, args: readonly string[], redirect = ''): Promise<{ readonly exit: number; readonly raw: string; readonly left: readonly string[] }> {
  if (!existsSync('/usr/bin/script')) throw new Error('this test needs /usr/bin/script (Debian package bsdutils)');
  const words = [process.execPath, program, ...args, '--config', home.path, '--state', home.stateFolder].map((word) => `'${word}'`).join(' ');
  const child = spawn('/usr/bin/script', ['-qec', `stty cols 80 rows 24; exec ${words} ${redirect}`, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...home.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let raw = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    raw += text;
  });
  const exit = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  return { exit, raw, left: screen(raw) };
}

/** ECMA-48, as much of it as is spoken here. */
const ESCAPE = '\u001b';
const WORDS = new RegExp(`(${ESCAPE}\\[\\d*[A-Z]|\\r\\n|\\n)`);
const UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);

/** The lines on a terminal after all of it. */
function screen(raw: string): readonly string[] {
  const lines: string[] = [''];
  let at = 0;
  for (const part of raw.split(WORDS)) {
    const up = UP.exec(part);
    if (up) at = Math.max(0, at - Number(up[1]));
    else if (part === `${ESCAPE}[J`) lines.splice(at, lines.length, '');
    else if (part === '\r\n' || part === '\n') lines[++at] ??= '';
    else if (part !== '') lines[at] = part + (lines[at] ?? '').slice(part.length);
  }
  return lines.slice(0, -1);
}

describe('all is proven', () => {
  test('on a pipe: a line per step as it comes true, the verdict last, 0; again, and nothing is written', async () => {
    const [probe, port] = [await startProbe(), await freePort()];
    const home = await box({ verify: { ports: [port], probe: { url: probe.url } } });
    home.moveTo(LOOPBACK);
    const first = await relocate(home);
    expect(first.exit).toBe(0);
    expect(first.stderr).toBe(`your own probe-server at ${new URL(probe.url).host} is asked to look from outside; it learns the name, the address and the port\n`);
    expect(first.stdout.split('\n')).toEqual([
      expect.stringMatching(/^ {2}IPv4 {9}yes {9}127\.0\.0\.1, by east, north, south, west \(\d+ m?s\)$/),
      expect.stringMatching(/^ {2}provider {5}yes {9}home\.example\.com A 127\.0\.0\.1 \(\d+ m?s\)$/),
      expect.stringMatching(new RegExp(`^ {2}port ${port} +yes +your own probe-server at .* reaches port ${port} of 127\\.0\\.0\\.1 \\(\\d+ m?s\\)$`)),
      expect.stringMatching(new RegExp(`^ {2}machine +yes +it is this machine that answers on port ${port}; for the proof only, for nothing of yours listens there`)),
      'Reachable for everyone.',
      '',
    ]);
    expect(written(home)).toHaveLength(1);
    const again = await relocate(home);
    expect(again).toMatchObject({ exit: 0, stdout: expect.stringMatching(/\nReachable for everyone\.\n$/) });
    expect(written(home)).toHaveLength(1);

    const json = await relocate(home, '--json');
    expect(document(json)).toMatchObject({ exit: 0, verdict: { kind: 'reachable', words: 'reachable for everyone' }, names: [{ state: 'proven' }] });
    expect(await relocate(home, '-q')).toEqual({ exit: 0, stdout: '', stderr: '' });
  });

  test('on a terminal: steps while it runs, and of them nothing is left but what is so, in 80 columns', async () => {
    const [probe, port] = [await startProbe(), await freePort()];
    const home = await box({ verify: { ports: [port], probe: { url: probe.url } } });
    home.moveTo(LOOPBACK);
    const { exit, raw, left } = await onTerminal(home, ['relocate']);
    expect(exit).toBe(0);
    expect(raw).toMatch(/finding the address and publishing it: \d+ ms of at most 5 min/);
    expect(left.join('\n')).toMatch(/^your own probe-server[\s\S]*\n {2}IPv4 [\s\S]*\n {2}provider [\s\S]*\n {2}port [\s\S]*\n {2}machine [\s\S]*\nReachable for everyone\.$/);
    for (const line of left) expect(line.length).toBeLessThanOrEqual(80);
    expect(left.join('\n')).not.toMatch(/of at most/);
  });

  test('where progress would end up in a file, or between the lines of a trace, there is none', async () => {
    const home = await box({ token: 'wrong' });
    for (const shown of [await onTerminal(home, ['relocate'], '2>/dev/null'), await onTerminal(home, ['relocate', '--trace']), await onTerminal(home, ['relocate', '-q'])]) {
      expect(shown.exit).toBe(77);
      expect(shown.raw).not.toContain(ESCAPE);
    }
  });

  test('a terminal that cannot move its cursor (TERM=dumb) is told line by line', async () => {
    const home = await box();
    const { exit, raw } = await onTerminal({ ...home, env: { ...home.env, TERM: 'dumb' } }, ['relocate']);
    expect(exit).toBe(0);
    expect(raw).not.toContain(ESCAPE);
    expect(raw).toMatch(/^ {2}IPv4 [\s\S]*\n {2}provider [\s\S]*\nPublished everywhere/m);
  });

  test('while `watch` runs: both do the same, and nothing twice', async () => {
    const home = await box();
    const watching = begin(home, 'watch', '--interval', '1h');
    await until('watch has published', () => written(home).length === 1);
    home.moveTo(GARAGE);
    const moved = await relocate(home);
    expect(moved.stdout).toContain(`home.example.com A ${HOME} → ${GARAGE}`);
    expect(document(await relocate(home, '--json'))).toMatchObject({ exit: 0, verdict: { kind: 'everywhere' } });
    watching.kill('SIGTERM');
    expect((await watching.ended).exit).toBe(0);
    expect(written(home)).toHaveLength(2);
  });
});

describe('what is not proven', () => {
  test('published, but nobody can tell of its name servers: 1, with the next thing to do, and the document says the same', async () => {
    const { home, server } = await mute();
    const told = await relocate(home);
    expect(told).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^Published, but whether its name servers have it cannot be told from here: .*\.\nNext: .*\.\n$/) });
    expect(told.stdout).toMatch(/\n {2}name servers cannot tell from here: no zone is found/);
    const second = await relocate(home, '--json');
    expect(document(second)).toMatchObject({ exit: 1, verdict: { kind: 'doubtful', words: expect.stringMatching(/^whether it is published could not be told/) } });
    expect(server.requests).toHaveLength(1);
    expect(await relocate(home, '-q')).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringMatching(/^Whether it is published could not be told/) });
    expect(await home.run(['verify', '-q'], home.env)).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringMatching(/^Whether it is published could not be told/) });
  });

  test('a probe that is not there: the port is not blamed', async () => {
    const port = await freePort();
    const home = await box({ verify: { ports: [port], probe: { url: `http://${LOOPBACK}:${await freePort()}/` } } });
    home.moveTo(LOOPBACK);
    const { exit, stderr } = await relocate(home);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /\nPublished, but your own probe-server at .* could not tell whether port \d+ of 127\.0\.0\.1 is open: .*\nNext: see whether verify\.probe\.url is right, and ddns-update probe-server runs at .*\.\n$/,
    );
    expect(stderr).not.toMatch(/router does not|firewall/);
  });

  test('many names whose resolver is silent: nothing but the verdict on stderr', async () => {
    const silent = await datagramServer(LOOPBACK, () => []);
    onTestFinished(silent.close);
    const server = await startDyndns2();
    onTestFinished(() => server.close());
    const home = await box({
      names: Array.from({ length: 40 }, (_, at) => `home.example${at}.com`),
      config: { accounts: { main: { provider: 'dyndns2', server: `${server.endpoint}/nic/update`, username: 'user', password: 'secret' } }, dns: { servers: [`${LOOPBACK}:${silent.port}`] } },
    });
    const { exit, stderr } = await relocate(home, '--timeout', '6');
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Published, but [^\n]*\nNext: [^\n]*\n$/);
  });

  test('credentials: 77, at once, and once', async () => {
    const home = await box({ token: 'wrong' });
    const first = await relocate(home);
    expect(first).toMatchObject({ exit: 77, stderr: expect.stringMatching(/^Not published because .*token/) });
    const asked = home.vendor.asked.length;
    expect(document(await relocate(home, '--json'))).toMatchObject({ exit: 77, verdict: { kind: 'unpublished', words: expect.stringContaining('token') } });
    expect(home.vendor.asked).toHaveLength(asked);
  });

  test('no network: 69, within the time it was given', ONCE_MORE, async () => {
    const dead = [await freePort(), await freePort()];
    const home = await box({ config: { detect: { sources: dead.map((port, at) => ({ https: `http://${LOOPBACK}:${port}/`, read: 'plain', operator: `nobody ${at}` })) } } });
    const from = Date.now();
    const { exit, stdout, stderr } = await relocate(home, '--timeout', '4');
    expect(Date.now() - from).toBeLessThan(9000);
    expect({ exit, stderr }).toMatchObject({ exit: 69, stderr: expect.stringMatching(/^Not published because no IPv4 address found: /) });
    expect(stdout).toMatch(/^not yet: no IPv4 address found: .*; it is tried again\n/);
    expect(written(home)).toEqual([]);
  });
});

describe('a provider that asks to wait', () => {
  test('longer than there is time for: nobody waits, and it is said when', ONCE_MORE, async () => {
    const { home, server } = await mute();
    server.answer({ status: 429, headers: { 'retry-after': '600' }, body: 'slow down' });
    const from = Date.now();
    const { exit, stderr } = await relocate(home);
    expect(Date.now() - from).toBeLessThan(10_000);
    expect({ exit, stderr }).toMatchObject({ exit: 75, stderr: expect.stringMatching(/^Not published because .*\nNext: wait until \d\d:\d\d, then ddns-update relocate again/) });
    await relocate(home);
    expect(server.requests).toHaveLength(1);
  });
  test('not so long: it is asked again then, and no sooner', async () => {
    const { home, server } = await mute();
    server.answer({ status: 429, headers: { 'retry-after': '14' }, body: 'slow down' });
    const running = begin(home, 'relocate');
    await until('it is asked', () => server.requests.length === 1);
    const at = Date.now();
    server.answer();
    await until('it is asked again', () => server.requests.length === 2);
    expect(Date.now() - at).toBeGreaterThan(13_000);
    const { stdout } = await running.ended;
    expect(stdout).toMatch(/^not yet: .*429.*; it is tried again\n/);
    expect(server.stored.get('home.example.com')).toEqual([HOME]);
    expect(server.requests).toHaveLength(2);
  });
  test('one that is out of order is asked a few times', async () => {
    const { home, server } = await mute();
    server.answer({ status: 503, body: 'down' });
    const { exit } = await relocate(home, '--timeout', '18');
    expect(exit).toBe(75);
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });
});

describe('when it is stopped, or kept waiting', () => {
  test('SIGINT in the middle: what is known by then, and no claim', ONCE_MORE, async () => {
    const { home, server } = await mute();
    server.answer({ status: 503, body: 'down' });
    const running = begin(home, 'relocate');
    await until('it was tried', () => server.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const at = Date.now();
    running.kill('SIGINT');
    const { exit, stderr } = await running.ended;
    expect(Date.now() - at).toBeLessThan(5000);
    expect(exit).toBe(75);
    expect(stderr).toMatch(/^(Whether it is published could not be told|Not published because)/);
  });
  test('another run at work: it waits for it, and goes on', async () => {
    const { home, server } = await mute();
    server.answer('hang');
    const holding = begin(home, 'run');
    await until('the other has begun', () => server.requests.length === 1);
    const waiting = begin(home, 'relocate', '--json');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(server.requests).toHaveLength(1);
    server.answer();
    holding.kill('SIGKILL');
    await holding.ended;
    expect(document(await waiting.ended)).toMatchObject({ outcomes: [{ outcome: 'changed' }] });
    expect(server.stored.get('home.example.com')).toEqual([HOME]);
  });
  test('a state that cannot be written: 74, and nothing is sent', async () => {
    const { home, server } = await mute();
    writeFileSync(home.stateFolder, 'in the way');
    const { exit, stderr } = await relocate(home);
    expect({ exit, stderr }).toMatchObject({ exit: 74, stderr: expect.stringMatching(/^Not published because .*\nNext: .*state folder.*\n$/) });
    expect(server.requests).toHaveLength(0);
  });
});

describe('what it is asked to do', () => {
  test.each([
    [['--map', 'nonsense'], 64, /"nonsense" is no port to map/],
    [['--map', '443,99999'], 64, /"99999" is no port to map/],
    [['nobody.example.com'], 64, /nobody\.example\.com is not in the config/],
    [['--timeout', '0'], 64, /--timeout/],
  ] as const)('%j: %d', async (args, code, words) => {
    const home = await box();
    const told = await relocate(home, ...args);
    expect(told).toMatchObject({ exit: code, stdout: '', stderr: expect.stringMatching(words) });
    expect(document(await relocate(home, ...args, '--json'))).toMatchObject({ exit: code });
    expect(home.vendor.asked).toEqual([]);
  });
  test('a bad config: 78, before anything is asked', async () => {
    const home = await box({ verify: { probe: 'nobody' } });
    expect(await relocate(home)).toMatchObject({ exit: 78, stdout: '', stderr: expect.stringContaining('verify.probe') });
    expect(document(await relocate(home, '--json'))).toMatchObject({ exit: 78 });
    expect([home.vendor.asked.length, home.datagrams()]).toEqual([0, 0]);
  });
  test('ports of a router that is not there: said, and what else there is goes on', async () => {
    const [probe, port] = [await startProbe(), await freePort()];
    const home = await box({ verify: { probe: { url: probe.url } } });
    home.moveTo(LOOPBACK);
    const { exit, stdout } = await relocate(home, '--map', String(port));
    expect(stdout).toMatch(/\n {2}router {7}no {10}\d+\/tcp is not mapped: .*\n/);
    expect(stdout).toMatch(/\nReachable for everyone\.\n$/);
    expect(exit).toBe(0);
  });
  test('one of several names', async () => {
    const home = await box({ names: ['home.example.com', 'nas.example.com'] });
    expect(document(await relocate(home, '--json', 'nas.example.com')).names).toMatchObject([{ name: 'nas.example.com', state: 'proven' }]);
    expect(home.vendor.zone.records.map(({ name }) => name)).toEqual(['nas.example.com']);
  });
});
