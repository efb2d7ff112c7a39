/** `watch` as it is started by systemd or by hand: rounds, signals, a config that changes, and what systemd is told. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startDyndns2 } from '../servers/dyndns2.ts';
import { temporaryFolder } from '../support/folder.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { program, repository } from '../support/program.ts';
import { GARAGE, HOME, type Home, openHome } from './home.ts';

const ZONE = '$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 900 604800 60\n@ IN NS ns1\nhome 60 IN A 203.0.113.200\n';

/** Resolves when `is` is true; says what it waited for when it never is. */
async function until(what: string, is: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !is(); await new Promise((resolve) => setTimeout(resolve, 20))) if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
}

type Watch = { readonly child: ChildProcess; readonly out: () => string; readonly err: () => string; readonly ended: Promise<number | string> };

function startWatch(home: Home, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Watch {
  const child = spawn(process.execPath, [program, 'watch', '--config', `${home.folder}/config.json`, '--state', home.stateFolder, ...args], {
    cwd: home.folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  return { child, out: () => out, err: () => err, ended };
}

async function zoneHome() {
  const home = await openHome({ records: [], accounts: {} });
  const file = `${home.folder}/zone`;
  writeFileSync(file, ZONE);
  const configure = (record: Readonly<Record<string, unknown>> = {}): void =>
    home.configure({ records: [{ name: 'home.example.com', ...record }], accounts: { zone: { provider: 'zonefile', file } } });
  configure();
  return { home, configure, published: () => /^home (\d+) IN A (\S+)/m.exec(readFileSync(file, 'utf8'))?.slice(1).join(' ') };
}

/** A round every second, though no interval is that short: whoever is told to read the config again holds one. */
function hasten({ child }: Watch): void {
  const timer = setInterval(() => child.kill('SIGHUP'), 1000);
  onTestFinished(() => clearInterval(timer));
  child.on('exit', () => clearInterval(timer));
}
const AGAIN = /^(the config was read again\n)+$/;

test('a round at once, then two datagrams per round; a change is told once; SIGTERM ends it with 0', ONCE_MORE, async () => {
  const { home, published } = await zoneHome();
  const watch = startWatch(home);
  await until('the first round', () => published() === `60 ${HOME}`);
  hasten(watch);
  await until('quiet rounds', () => home.datagrams() >= 12);
  const [datagrams, web] = [home.datagrams(), home.witnesses.web.requests.length];
  await until('more quiet rounds', () => home.datagrams() >= datagrams + 6);
  expect(home.witnesses.web.requests.length).toBe(web);
  home.moveTo(GARAGE);
  await until('the change', () => published() === `60 ${GARAGE}`);
  await until('it is told', () => watch.out().includes(GARAGE));
  watch.child.kill('SIGTERM');
  expect(await watch.ended).toBe(0);
  expect(watch.out().trim().split('\n')).toHaveLength(2);
  expect(watch.err()).toMatch(AGAIN);
});

test('an interval that is too short, or too long, is refused, and why', async () => {
  const home = await openHome({ records: [], accounts: {} });
  for (const [interval, words] of [
    ['29s', /--interval <duration>' argument '29s' is invalid\. It takes 30s at least: .*within two seconds/],
    ['25d', /It takes 1d at most: /],
  ] as const) {
    const watch = startWatch(home, ['--interval', interval]);
    expect(await watch.ended).toBe(64);
    expect(watch.err()).toMatch(words);
  }
});

/** Answers like dyndns2, as slowly as it is told to. */
async function slowProvider(): Promise<{ readonly url: string; readonly begun: () => number; readonly release: () => void; readonly server: Server }> {
  let begun = 0;
  const waiting: (() => void)[] = [];
  const server = createServer((_request, response) => {
    begun++;
    waiting.push(() => response.end(`good ${HOME}\n`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/nic/update`, begun: () => begun, release: () => waiting.splice(0).forEach((answer) => void answer()), server };
}
const at = (url: string) => ({ records: [{ name: 'home.example.com' }], accounts: { own: { provider: 'dyndns2', server: url, username: 'user', password: 'secret' } } });

test('SIGTERM in the middle of a write: it is finished, remembered and told, and the exit is 0', async () => {
  const provider = await slowProvider();
  const home = await openHome(at(provider.url));
  const watch = startWatch(home);
  await until('the write', () => provider.begun() === 1);
  watch.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(watch.child.exitCode).toBeNull();
  provider.release();
  expect(await watch.ended).toBe(0);
  expect(watch.out()).toContain(HOME);
  const target = Object.values(home.state()['targets'] as unknown as Record<string, Record<string, unknown>>)[0];
  expect(target).not.toHaveProperty('pending');
  expect(target).toMatchObject({ set: { values: [HOME] } });
});

test.each(['SIGTERM', 'SIGINT'] as const)('a second signal, %s, ends it at once, and the next start asks what became of the write', async (second) => {
  const provider = await slowProvider();
  const home = await openHome(at(provider.url));
  const watch = startWatch(home);
  await until('the write', () => provider.begun() === 1);
  watch.child.kill('SIGTERM');
  // Two of one kind are one to a process that has not seen the first yet.
  const insisting = setInterval(() => watch.child.kill(second), 200);
  expect(await watch.ended).toBe(second);
  clearInterval(insisting);
  expect(Object.values(home.state()['targets'] as unknown as Record<string, object>)[0]).toHaveProperty('pending');
  const again = startWatch(home);
  await until('the write is repeated', () => provider.begun() === 2);
  provider.release();
  await until('it is told', () => again.out().includes(HOME));
  again.child.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});

test('SIGHUP: a good config is taken at once, a bad one is told and the one before stays', async () => {
  const { home, configure, published } = await zoneHome();
  const watch = startWatch(home);
  await until('the first round', () => published() === `60 ${HOME}`);
  configure({ ttl: 120 });
  watch.child.kill('SIGHUP');
  await until('the new config is heeded', () => published() === `120 ${HOME}`);
  writeFileSync(`${home.folder}/config.json`, '{ "records": [{ "name": "home.example.com", "tll": 60 }] }');
  watch.child.kill('SIGHUP');
  await until('the problem is told', () => watch.err().includes('going on with the one before'));
  expect(watch.err()).toContain('did you mean "ttl"');
  home.moveTo(GARAGE);
  configure({ ttl: 120 });
  watch.child.kill('SIGHUP');
  await until('it goes on', () => published() === `120 ${GARAGE}`);
  watch.child.kill('SIGINT');
  expect(await watch.ended).toBe(0);
});

test.each([
  ['no config', undefined],
  ['a key that nobody knows', '{ "recrods": [] }'],
  ['an option that only the provider knows to be missing', '{ "records": [{ "name": "home.example.com" }], "accounts": { "zone": { "provider": "zonefile" } } }'],
])('%s: it does not begin, exit 78', async (_, text) => {
  const home = await openHome({ records: [], accounts: {} });
  if (text === undefined) unlinkSync(`${home.folder}/config.json`);
  else writeFileSync(`${home.folder}/config.json`, text);
  const [watch, documented] = [startWatch(home), startWatch(home, ['--json'])];
  expect(await watch.ended).toBe(78);
  expect(watch.err()).not.toBe('');
  expect(watch.out()).toBe('');
  expect(await documented.ended).toBe(78);
  expect(JSON.parse(documented.out())).toMatchObject({ version: 1, problems: expect.arrayContaining([expect.objectContaining({ message: expect.any(String) })]), exit: 78 });
});

test('a round that takes longer than --timeout does not end it', ONCE_MORE, async () => {
  const provider = await slowProvider();
  const home = await openHome(at(provider.url));
  const watch = startWatch(home, ['--timeout', '6']);
  await until('the write', () => provider.begun() >= 1);
  await until('what became of it', () => watch.err().includes('could not confirm'));
  expect(watch.child.exitCode).toBeNull();
  watch.child.kill('SIGTERM');
  expect(await watch.ended).toBe(0);
});

test('run from cron at the same time: nothing is written twice', async () => {
  const server = await startDyndns2();
  onTestFinished(server.close);
  const home = await openHome(at(`${server.endpoint}/nic/update`));
  const watch = startWatch(home, ['-v']);
  await until('a round of its own', () => watch.out().includes('a round'));
  hasten(watch);
  for (let round = 0; round < 3; round++) expect(await home.run()).toMatchObject({ exit: 0 });
  home.moveTo(GARAGE);
  await Promise.all([home.run(), home.run()]);
  await until('the change', () => server.stored.get('home.example.com')?.[0] === GARAGE);
  watch.child.kill('SIGTERM');
  expect(await watch.ended).toBe(0);
  expect(server.requests).toHaveLength(2);
});

/** A notification socket as systemd has it; Node cannot make one. Every datagram is printed on a line. */
const SOCKET = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + sys.argv[1][1:] if sys.argv[1][0] == "@" else sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", " "), flush=True)
`;

/** Resolves with what it has been told so far, as it is. */
async function receive(path: string): Promise<() => string> {
  const receiver = spawn('/usr/bin/python3', ['-c', SOCKET, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void receiver.kill('SIGKILL'));
  let told = '';
  receiver.on('error', (error) => (told += `this test needs python3: ${error.message}`));
  receiver.stdout.on('data', (text) => (told += text));
  await until('the socket', () => told.includes('bound') || told.includes('needs'));
  return () => told;
}

test('systemd is told of the start, of life, of a new config and of the end', ONCE_MORE, async () => {
  const { home, configure, published } = await zoneHome();
  const path = `${home.folder}/notify`;
  const told = await receive(path);
  const watch = startWatch(home, ['--interval', '1h'], { NOTIFY_SOCKET: path, WATCHDOG_USEC: '1000000' });
  await until('READY=1', () => told().includes('READY=1'));
  expect(told()).toContain('STATUS=');
  await until('WATCHDOG=1, twice a second', () => told().split('WATCHDOG=1').length > 4, 5);
  configure({ ttl: 120 });
  watch.child.kill('SIGHUP');
  await until('the new config', () => published() === `120 ${HOME}`);
  expect(told()).toMatch(/RELOADING=1 MONOTONIC_USEC=\d{6,}[\s\S]*READY=1/);
  watch.child.kill('SIGTERM');
  expect(await watch.ended).toBe(0);
  await until('STOPPING=1', () => told().includes('STOPPING=1'));
  expect(watch.err()).toBe('the config was read again\n');
});

test('a socket without a file is one, too; without --interval there is a round every five minutes', async () => {
  const { home } = await zoneHome();
  const path = `@ddns-update-test-${process.pid}`;
  const told = await receive(path);
  const watch = startWatch(home, [], { NOTIFY_SOCKET: path });
  await until('READY=1', () => told().includes('READY=1 STATUS=A round every 300 s'));
  watch.child.kill('SIGTERM');
  expect(await watch.ended).toBe(0);
  await until('STOPPING=1', () => told().includes('STOPPING=1'));
});

test('where systemd-notify is missing, that is said once, and the rounds go on', async () => {
  const { home, published } = await zoneHome();
  const watch = startWatch(home, [], { NOTIFY_SOCKET: `${home.folder}/notify`, PATH: home.folder });
  await until('the first round', () => published() === `60 ${HOME}`);
  watch.child.kill('SIGTERM');
  expect(await watch.ended).toBe(0);
  expect(watch.err()).toBe('systemd is not told how it goes: cannot run systemd-notify: there is no such program\n');
});

test('the unit of docs/running.md is one that systemd takes', () => {
  const folder = temporaryFolder();
  const units = [...readFileSync(`${repository}docs/running.md`, 'utf8').matchAll(/^```ini\n(\[Unit\][\s\S]*?)^```/gm)]
    .map(([, text]) => text ?? '')
    .filter((text) => text.includes('ddns-update watch'));
  expect(units).toHaveLength(1);
  writeFileSync(`${folder}/ddns-update-watch.service`, units[0] ?? '');
  const { error, stderr, status } = spawnSync('/usr/bin/systemd-analyze', ['verify', '--man=no', `${folder}/ddns-update-watch.service`], { encoding: 'utf8' });
  if (error) throw new Error(`systemd-analyze is missing: this test needs the Debian package systemd (${error.message})`);
  // An unknown key is a line on stderr only. What is said of other units of this machine is none of ours.
  expect({ status, ours: stderr.split('\n').filter((line) => line.includes('ddns-update')) }).toEqual({ status: 0, ours: [] });
});
