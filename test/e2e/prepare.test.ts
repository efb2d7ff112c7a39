/** `prepare` as a user runs it, against a real BIND: TTLs go down, rounds leave them there, and they come back; also when it is killed, the record is changed by hand, or the line is dead. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseState } from '../../src/parse-state.ts';
import type { Lowered } from '../../src/recall.ts';
import { type Named, run as program, startNamed } from '../servers/named.ts';
import { start } from '../support/program.ts';
import { GARAGE, HOME, type Home, openHome } from './home.ts';

/** A name for each test, so that none is in another's way. */
const NAMES = ['plain', 'fixed', 'mine', 'hand', 'gone', 'moved', 'killed', 'dead', 'torn', 'first'] as const;
let named: Named;
beforeAll(async () => {
  const others = NAMES.filter((name) => name !== 'first').map((name) => `${name} 3600 IN A ${HOME}\n`);
  named = await startNamed({ records: `${others.join('')}pool 1800 IN A ${HOME}\npool 1800 IN A 203.0.113.250\n` });
});
afterAll(() => named?.stop());

type Name = (typeof NAMES)[number] | 'pool';
const full = (name: Name): string => `${name}.home.example`;
const account = () => ({ provider: 'rfc2136', server: `127.0.0.1:${named.port}`, zone: 'home.example', key: { name: 'ddns', ...named.keys['ddns'] } });
const box = (name: Name, more: object = {}): Promise<Home> => openHome({ records: [{ name: full(name), account: 'bind', ...more }], accounts: { bind: account() } });

/** `3600 203.0.113.9`, as the server says it; a line per value. */
const served = (name: Name): string =>
  program('/usr/bin/dig', ['+noall', '+answer', '-p', String(named.port), '@127.0.0.1', full(name), 'A'])
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .map((words) => `${words[1]} ${words[4]}`)
    .sort()
    .join(', ');
const byHand = (...lines: readonly string[]): string => {
  const { algorithm = '', secret = '' } = named.keys['ddns'] ?? {};
  return program('/usr/bin/nsupdate', ['-y', `${algorithm}:ddns:${secret}`], [`server 127.0.0.1 ${named.port}`, ...lines, 'send', ''].join('\n'));
};
const loweredIn = (home: Home): readonly Lowered[] => Object.values((home.state()['lowered'] ?? {}) as Record<string, Lowered>);
type Json = {
  readonly exit: number;
  readonly cheapFrom?: string;
  readonly names: readonly { readonly name: string; readonly outcome: string; readonly was?: number; readonly to?: number; readonly cheapFrom?: string }[];
};
const json = async (home: Home, ...args: readonly string[]): Promise<Json> => JSON.parse((await home.run(['prepare', '--json', ...args])).stdout) as Json;
const MINUTE = 60_000;

test('the TTL goes down, twice is once, rounds leave it there, and it comes back', async () => {
  const home = await box('plain');
  const begun = Date.now();
  const first = await home.run(['prepare']);
  expect(first).toMatchObject({ exit: 0, stderr: '' });
  expect(first.stdout).toMatch(/^plain\.home\.example A TTL 3600 → 60; the move is cheap from .* \(in 60 min\) on\n$/);
  expect(served('plain')).toBe(`60 ${HOME}`);
  const [row] = loweredIn(home);
  expect(row).toMatchObject({ was: 3600, to: 60 });
  expect(row?.cheapFrom).toBeGreaterThanOrEqual(begun + 60 * MINUTE);
  expect(row?.cheapFrom).toBeLessThanOrEqual(Date.now() + 60 * MINUTE);

  const again = await json(home);
  expect(again).toMatchObject({ exit: 0, names: [{ name: full('plain'), type: 'A', account: 'bind', outcome: 'low', was: 3600, to: 60 }] });
  expect(Date.parse(again.cheapFrom ?? '')).toBe(row?.cheapFrom);
  const status = await home.run(['status']);
  expect(status.stdout).toMatch(/TTL lowered from 3600 to 60: the move is cheap from .* \(in (59|60) min\) on/);
  expect(JSON.parse((await home.run(['status', '--json'])).stdout).targets).toMatchObject([{ lowered: { was: 3600, to: 60, cheapFrom: new Date(row?.cheapFrom ?? 0).toISOString() } }]);

  for (const args of [[], ['run'], ['run', '--force']]) expect(await home.run(args)).toMatchObject({ exit: 0, stderr: '' });
  expect(served('plain')).toBe(`60 ${HOME}`);
  home.moveTo(GARAGE);
  expect(await home.run([])).toMatchObject({ exit: 0, stderr: '' });
  expect(served('plain')).toBe(`60 ${GARAGE}`);

  expect(await home.run(['prepare', '--restore'])).toEqual({ exit: 0, stderr: '', stdout: 'plain.home.example A TTL 60 → 3600\n' });
  expect(served('plain')).toBe(`3600 ${GARAGE}`);
  expect(loweredIn(home)).toEqual([]);
  expect(await home.run(['prepare', '--restore'])).toEqual({ exit: 0, stderr: '', stdout: 'no TTL is lowered, as far as is remembered\n' });
  for (const args of [[], ['run', '--force']]) expect(await home.run(args)).toMatchObject({ exit: 0, stderr: '' });
  expect(served('plain')).toBe(`3600 ${GARAGE}`);
});

test('a set that is shared has one TTL, and keeps the values of others; a name that is new begins low', async () => {
  const home = await openHome({
    records: [
      { name: full('pool'), account: 'bind', sharing: 'own' },
      { name: full('first'), account: 'bind', ttl: 900 },
    ],
    accounts: { bind: account() },
  });
  const { stdout, exit } = await home.run(['prepare', '--ttl', '120']);
  expect(exit).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^pool\.home\.example A TTL 1800 → 120; the move is cheap from .* \(in 30 min\) on$/),
    `first.home.example A created: ${HOME}, TTL 120 instead of 900; the move is cheap`,
    expect.stringMatching(/^all of them: the move is cheap from .* \(in 30 min\) on$/),
  ]);
  expect([served('pool'), served('first')]).toEqual([`120 203.0.113.250, 120 ${HOME}`, `120 ${HOME}`]);
  expect(await home.run(['prepare', '--restore'])).toMatchObject({ exit: 0, stderr: '' });
  expect([served('pool'), served('first')]).toEqual([`1800 203.0.113.250, 1800 ${HOME}`, `900 ${HOME}`]);
});

test('lower still: the first TTL is the one that comes back, and the longer time counts', async () => {
  const home = await box('mine');
  await home.run(['prepare', '--ttl', '600']);
  const [before] = loweredIn(home);
  const { stdout } = await home.run(['prepare']);
  expect(stdout).toMatch(/TTL 600 → 60; the move is cheap from .* \(in 60 min\) on/);
  expect(loweredIn(home)).toMatchObject([{ was: 3600, to: 60, cheapFrom: before?.cheapFrom }]);
  expect((await home.run(['prepare', '--ttl', '300'])).stdout).toMatch(/TTL is 60 already, lowered from 3600/);
  await home.run(['prepare', '--restore']);
  expect(served('mine')).toBe(`3600 ${HOME}`);
});

test('a config that says the TTL: it is what comes back, also one that was changed meanwhile', async () => {
  const home = await box('fixed', { ttl: 3600 });
  await home.run([]);
  await home.run(['prepare']);
  expect(served('fixed')).toBe(`60 ${HOME}`);
  home.configure({ records: [{ name: full('fixed'), ttl: 1200 }], accounts: { bind: account() } });
  await home.run([]);
  expect(served('fixed')).toBe(`60 ${HOME}`);
  expect((await home.run(['prepare', '--restore'])).stdout).toBe('fixed.home.example A TTL 60 → 1200\n');
  expect(served('fixed')).toBe(`1200 ${HOME}`);
});

test('a hand that was faster is seen: raised again, it is lowered again and counted anew; changed before it comes back, it stays as it is', async () => {
  const home = await box('hand');
  await home.run(['prepare']);
  byHand(`update delete ${full('hand')} A`, `update add ${full('hand')} 7200 A ${HOME}`);
  expect((await home.run(['prepare'])).stdout).toMatch(/TTL 7200 → 60; the move is cheap from .* \(in 120 min\) on/);
  byHand(`update delete ${full('hand')} A`, `update add ${full('hand')} 9000 A ${HOME}`);
  expect((await home.run(['prepare', '--restore'])).stdout).toBe('hand.home.example A TTL is 9000 already\n');
  expect(served('hand')).toBe(`9000 ${HOME}`);
});

test('a name that left the config is named, and left alone; back in it, it is still lowered', async () => {
  const home = await box('gone');
  await home.run(['prepare']);
  home.configure({ records: [{ name: full('moved') }], accounts: { bind: account() } });
  await home.run([]);
  expect(await home.run(['prepare', '--restore'])).toEqual({
    exit: 0,
    stdout: 'no TTL is lowered, as far as is remembered\n',
    stderr: 'gone.home.example A is no longer in the config, so its TTL stays 60 as it was lowered (it was 3600 before)\n',
  });
  home.configure({ records: [{ name: full('gone') }], accounts: { bind: account() } });
  await home.run([]);
  expect(served('gone')).toBe(`60 ${HOME}`);
  await home.run(['prepare', '--restore']);
  expect(served('gone')).toBe(`3600 ${HOME}`);
});

test('with a dead line nothing is lowered or put back, it is said why, and the next round that can puts back', async () => {
  const home = await box('dead');
  await home.run(['prepare']);
  const away = (): void => {
    for (const witness of Object.values(home.witnesses)) witness.tell = 'silence';
  };
  away();
  const { exit, stdout, stderr } = await home.run(['prepare', '--restore']);
  expect({ exit, stdout }).toEqual({ exit: 69, stdout: '' });
  expect(stderr).toMatch(/^dead\.home\.example A TTL not put back yet: no IPv4 address found: .*; later rounds try again\n$/);
  const lower = await home.run(['prepare']);
  expect(lower.exit).toBe(69);
  expect(lower.stderr).toMatch(/^dead\.home\.example A not lowered: no IPv4 address found: .*; it was lowered before \(3600 → 60\): the move is cheap from/);
  await home.run(['prepare', '--restore']);
  home.moveTo(HOME);
  expect(await home.run([])).toMatchObject({ exit: 0, stderr: '' });
  expect(served('dead')).toBe(`3600 ${HOME}`);
  expect(loweredIn(home)).toEqual([]);
});

test('kill -9 at any moment: a round later all is low or as before, and it comes back', async () => {
  const home = await box('killed');
  const args = (...more: readonly string[]): readonly string[] => [...more, '--config', `${home.folder}/config.json`, '--state', home.stateFolder];
  await home.run([]);
  const begun = performance.now();
  await home.run(['prepare']);
  const wholeMs = performance.now() - begun;
  await home.run(['prepare', '--restore']);
  const seen = new Set<string>();
  // From before anything is done to after all is; longer, where the machine has become slower since it was measured.
  for (let at = 0; at < 24 || (seen.size < 2 && at < 60); at++) {
    const afterMs = wholeMs * (0.2 + at / 16);
    const { kill, ended } = start(args('prepare'), { cwd: home.folder });
    const timer = setTimeout(() => kill('SIGKILL'), afterMs);
    await ended;
    clearTimeout(timer);
    expect(await home.run(['run'])).toMatchObject({ exit: 0, stderr: '' });
    const rows = loweredIn(home);
    seen.add(served('killed'));
    expect(served('killed')).toBe(rows.length === 0 ? `3600 ${HOME}` : `60 ${HOME}`);
    const undo = start(args('prepare', '--restore'), { cwd: home.folder });
    const end = setTimeout(() => undo.kill('SIGKILL'), afterMs);
    await undo.ended;
    clearTimeout(end);
    expect(await home.run(['run'])).toMatchObject({ exit: 0, stderr: '' });
    expect(served('killed')).toBe(loweredIn(home).length === 0 ? `3600 ${HOME}` : `60 ${HOME}`);
    expect(await home.run(['prepare', '--restore'])).toMatchObject({ exit: 0, stderr: '' });
    expect(served('killed')).toBe(`3600 ${HOME}`);
  }
  expect([...seen].sort()).toEqual([`3600 ${HOME}`, `60 ${HOME}`]);
});

test('the memory of it is checked like all memory', async () => {
  const home = await box('torn');
  await home.run(['prepare']);
  const path = `${home.stateFolder}/state.json`;
  const state = { ...home.state(), lowered: { 'bind home.example torn.home.example A': { was: 3600, to: 'low' } } };
  writeFileSync(path, JSON.stringify(state));
  expect(parseState(JSON.stringify(state))).toMatch(/what its part "lowered" says of/);
  expect(await home.run(['prepare', '--restore'])).toMatchObject({ exit: 74, stdout: '', stderr: expect.stringContaining('is unusable') });
});

test.each([
  [['--restore', '--ttl', '60'], '--restore puts back what the TTLs were; leave out --ttl'],
  [['--ttl', '0'], 'It takes seconds'],
  [['--ttl', '1.5'], 'It takes whole seconds'],
  [['other.example.com'], 'other.example.com is not in the config'],
])('what cannot be meant is said: %j', async (args, words) => {
  const home = await box('torn');
  const { exit, stderr } = await home.run(['prepare', ...args]);
  expect({ exit, said: stderr.includes(words) }).toEqual({ exit: 64, said: true });
});
