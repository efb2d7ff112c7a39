/** The built program, killed, started twice, on full and read-only disks, with damaged state: no change lost, no record doubled, and the next round heals. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseState } from '../../src/parse-state.ts';
import { type RunOptions, run, start } from '../support/program.ts';
import { HOME, type Home, openHome } from './home.ts';

const STRANGER = '203.0.113.250';

type Box = { readonly home: Home; readonly values: (name: string) => readonly string[]; readonly start: typeof start; readonly round: (options?: RunOptions) => ReturnType<typeof run> };

/** One name of our own, one shared with a stranger; both in a zone file. */
async function openBox(): Promise<Box> {
  const home = await openHome({
    records: [{ name: 'home.example.com' }, { name: 'pool.example.com', sharing: 'own' }],
    accounts: { own: { provider: 'zonefile', file: 'zone/example.com.zone', zone: 'example.com' } },
  });
  const file = `${home.folder}/zone/example.com.zone`;
  mkdirSync(`${home.folder}/zone`);
  home.configure({
    records: [{ name: 'home.example.com' }, { name: 'pool.example.com', sharing: 'own' }],
    accounts: { own: { provider: 'zonefile', file, zone: 'example.com' } },
  });
  writeFileSync(file, `$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 203.0.113.53 ; a comment\npool IN A ${STRANGER}\n`);
  const args = ['run', '--config', `${home.folder}/config.json`, '--state', home.stateFolder];
  return {
    home,
    values: (name) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) =>
          line.startsWith(`${name} `) || line.startsWith(`${name}\t`) || line.startsWith(`${name}.example.com.`) ? [line.split(/\s+/).find((word) => /^\d+\.\d+\.\d+\.\d+$/.test(word)) ?? ''] : [],
        )
        .sort(),
    start: (more, options) => start([...args, ...more], { cwd: home.folder, ...options }),
    round: (options) => run(args, { cwd: home.folder, ...options }),
  };
}

function expectAllWell({ values, home }: Box, address: string): void {
  expect({ home: values('home'), pool: values('pool'), ns: values('ns') }).toEqual({ home: [address], pool: [address, STRANGER].sort(), ns: ['203.0.113.53'] });
  expect(parseState(readFileSync(`${home.stateFolder}/state.json`, 'utf8'))).toBeTypeOf('object');
}

const KILLS = 200;
const AT_MOST_MS = 60_000;
const AT_LEAST = 20;

test('kill -9 at any moment of rounds that change the address', { timeout: 600_000 }, async () => {
  const box = await openBox();
  const started = performance.now();
  let [kills, healed] = [0, 0];
  let address = HOME;
  let longest = 400;
  for (; kills < KILLS && (performance.now() - started < AT_MOST_MS || kills < AT_LEAST); kills++) {
    address = `203.0.113.${10 + (kills % 200)}`;
    box.home.moveTo(address);
    const { kill, ended } = box.start([]);
    const timer = setTimeout(() => kill('SIGKILL'), Math.random() * longest);
    const { exit } = await ended;
    clearTimeout(timer);
    expect(['SIGKILL', 0]).toContain(exit);
    expect(box.values('home').length).toBeLessThanOrEqual(1);
    expect(box.values('pool')).toContain(STRANGER);
    if (exit === 0) expectAllWell(box, address);
    if (kills % 10 !== 9) continue;
    const begun = performance.now();
    expect(await box.round()).toMatchObject({ exit: 0, stderr: '' });
    longest = performance.now() - begun;
    expectAllWell(box, address);
    healed += 1;
  }
  expect(healed).toBeGreaterThan(0);
  // Nothing a killed round has left behind stays for ever or gets in the way.
  expect(readdirSync(box.home.stateFolder).filter((name) => !/^(state\.json(\.\d+-\w+\.tmp)?|lock\.\d+(\.free)?(\.\d+-\w+\.tmp)?)$/.test(name))).toEqual([]);
});

test('rounds started together: all succeed, the record is there once', async () => {
  const box = await openBox();
  for (const address of ['203.0.113.20', '203.0.113.21']) {
    box.home.moveTo(address);
    const ended = await Promise.all([1, 2, 3, 4].map(() => box.round()));
    expect(ended.map(({ exit, stderr }) => ({ exit, stderr }))).toEqual(Array.from({ length: 4 }, () => ({ exit: 0, stderr: '' })));
    expectAllWell(box, address);
    expect(ended.filter(({ stdout }) => stdout.includes('home.example.com'))).toHaveLength(1);
  }
});

/** Runs the program in mounts of its own, after `prepare`. */
const mounted = (prepare: string): RunOptions => ({
  node: 'unshare',
  nodeArguments: [...(process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount']), 'sh', '-ec', `${prepare}; exec "$@"`, 'sh', process.execPath],
});

test('a full disk: nothing is sent that could not be remembered, and the exit code says so', async () => {
  const box = await openBox();
  mkdirSync(box.home.stateFolder);
  const full = mounted(`mount -t tmpfs -o size=4k tmpfs ${box.home.stateFolder}; head -c 100000 /dev/zero > ${box.home.stateFolder}/ballast 2>/dev/null || true`);
  const ended = await box.round(full);
  expect({ exit: ended.exit, home: box.values('home') }).toEqual({ exit: 74, home: [] });
  expect(ended.stderr).toContain('the disk is full');
  expect(await box.round()).toMatchObject({ exit: 0 });
  expectAllWell(box, HOME);
});

test('a read-only state folder: what is unchanged is known to be, what changed is not sent, and the exit code says so', async () => {
  const box = await openBox();
  expect(await box.round()).toMatchObject({ exit: 0 });
  const readOnly = mounted(`mount --bind ${box.home.stateFolder} ${box.home.stateFolder}; mount -o remount,bind,ro ${box.home.stateFolder}`);
  expect(await box.round(readOnly)).toEqual({ exit: 0, stdout: '', stderr: '' });
  box.home.moveTo('203.0.113.20');
  const ended = await box.round(readOnly);
  expect({ exit: ended.exit, home: box.values('home') }).toEqual({ exit: 74, home: [HOME] });
  expect(ended.stderr).toContain('read-only');
  expect(await box.round()).toMatchObject({ exit: 0 });
  expectAllWell(box, '203.0.113.20');
});

function toFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

test.each([
  ['empty', (path: string) => writeFileSync(path, '')],
  ['zeros', (path: string) => writeFileSync(path, Buffer.alloc(4096))],
  ['cut short', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 300))],
  ['not JSON', (path: string) => writeFileSync(path, 'gone with the wind')],
  ['of another program', (path: string) => writeFileSync(path, '{"ip":"1.2.3.4","updated":true}')],
  ['of a newer version', (path: string) => writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version: 9 }))],
  ['damaged inside', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replaceAll(HOME, '203.0.113.x'))],
  ['a folder', toFolder],
])('state that is %s: said once, set aside, and the records are asked for', async (_kind, damage) => {
  const box = await openBox();
  expect(await box.round()).toMatchObject({ exit: 0 });
  damage(`${box.home.stateFolder}/state.json`);
  box.home.moveTo('203.0.113.20');
  const first = await box.round();
  expect({ exit: first.exit, home: box.values('home') }).toEqual({ exit: 0, home: ['203.0.113.20'] });
  expect(first.stderr).toMatch(/^warning: the remembered state was unusable .*; it was set aside as .*\n$/);
  expect(box.values('pool')).toContain(STRANGER);
  const second = await box.round();
  expect(second).toEqual({ exit: 0, stdout: '', stderr: '' });
});

test('a state folder that may not be entered: one clear line', async () => {
  const box = await openBox();
  writeFileSync(`${box.home.folder}/file`, '');
  const ended = await run(['run', '--config', `${box.home.folder}/config.json`, '--state', `${box.home.folder}/file/state`], { cwd: box.home.folder });
  expect({ exit: ended.exit, lines: ended.stderr.trim().split('\n').length, home: box.values('home') }).toEqual({ exit: 74, lines: 1, home: [] });
  expect(ended.stderr).toContain('a part of its path is a file, not a folder');
});
