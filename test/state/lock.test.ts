/** One round at a time: whatever dies, whoever comes, nobody is lost and nothing stays locked. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { attempt } from '../../src/core/failure.ts';
import { withLock } from '../../src/lock.ts';
import { openClock } from '../../src/world/clock.ts';
import { openFiles } from '../../src/world/files.ts';
import { openProcesses } from '../../src/world/processes.ts';
import type { Clock, ProcessIdentity } from '../../src/world/world.ts';
import { temporaryFolder } from '../support/folder.ts';
import { keeperFile, startKeeper } from './children.ts';

beforeAll(async () => void (await keeperFile()));

const world = { files: openFiles(), clock: openClock(), processes: openProcesses(process.env), random: Math.random };
const self = world.processes.self();
const never = new AbortController().signal;
const take = (folder: string, waitMs: number, signal = never): ReturnType<typeof attempt<string>> => attempt(() => withLock(folder, world, { waitMs, signal }, async () => 'done'));

/** A lock as another process left it, last touched `ageMs` ago. */
function leave(folder: string, holder: Partial<ProcessIdentity> | string, ageMs = 0): void {
  const text = typeof holder === 'string' ? holder : JSON.stringify({ process: { ...self, ...holder }, since: Date.UTC(2026, 0, 2, 3, 4, 5) });
  writeFileSync(`${folder}/lock.7`, text);
  const touched = (Date.now() - ageMs) / 1000;
  utimesSync(`${folder}/lock.7`, touched, touched);
}

const FOREIGN = { scope: 'another machine' };
const MINUTES = 60_000;

test('a turn is taken, given back and taken again; one small file remains', async () => {
  const folder = temporaryFolder();
  for (const turn of [1, 2, 3]) {
    await withLock(folder, world, { waitMs: 0, signal: never }, async () => expect(readdirSync(folder)).toEqual([`lock.${turn}`]));
    expect(readdirSync(folder)).toEqual([`lock.${turn}.free`]);
  }
});

test('what a run that was killed while it took its turn left behind is swept away once it is old', async () => {
  const folder = temporaryFolder();
  for (const [name, ageMs] of [
    ['lock.3.12-abc.tmp', 11 * MINUTES],
    ['lock.4.13-abc.tmp', MINUTES],
    ['lock.of.mine.tmp', 11 * MINUTES],
  ] as const) {
    writeFileSync(`${folder}/${name}`, '');
    utimesSync(`${folder}/${name}`, (Date.now() - ageMs) / 1000, (Date.now() - ageMs) / 1000);
  }
  expect((await take(folder, 0)).kind).toBe('ok');
  expect(readdirSync(folder).sort()).toEqual(['lock.1.free', 'lock.4.13-abc.tmp', 'lock.of.mine.tmp']);
});

test('it is given back when the work throws, and the error stays what it was', async () => {
  const folder = temporaryFolder();
  await expect(withLock(folder, world, { waitMs: 0, signal: never }, () => Promise.reject(new TypeError('mine')))).rejects.toThrow('mine');
  expect(await take(folder, 0)).toEqual({ kind: 'ok', value: 'done' });
});

test('a round that waits too long is told who holds it since when', async () => {
  const folder = temporaryFolder();
  const { child, heard, ended } = await startKeeper(['hold', folder]);
  const { holding } = await heard((said) => said.holding !== undefined);
  const started = performance.now();
  const refused = await take(folder, 300);
  expect(performance.now() - started).toBeGreaterThan(290);
  expect(refused).toMatchObject({ kind: 'failed', failure: { kind: 'locked' } });
  expect(refused.kind === 'failed' && refused.failure.detail).toMatch(new RegExp(`^another run holds the lock of ${folder}: process ${holding}, since 20\\d\\d-.*Z$`));
  child.kill('SIGKILL');
  await ended;
  const after = performance.now();
  expect(await take(folder, 5_000)).toEqual({ kind: 'ok', value: 'done' });
  expect(performance.now() - after).toBeLessThan(3_000);
});

test('waiting ends when the time for the command is over', async () => {
  const folder = temporaryFolder();
  leave(folder, FOREIGN);
  const started = performance.now();
  expect(await take(folder, 60_000, AbortSignal.timeout(100))).toMatchObject({ failure: { kind: 'locked' } });
  expect(performance.now() - started).toBeLessThan(20_000);
});

test.each([
  ['a process that is gone', { pid: 2 ** 22 + 1 }, 0],
  ['a pid that was given to another process since', { pid: 1, startedAt: '1' }, 0],
  ['this very process, which could not give it back', {}, 0],
  ['another machine, long silent', FOREIGN, 3 * MINUTES],
  ['another machine, dated in the future by a clock that was wrong', FOREIGN, -400 * 24 * 60 * MINUTES],
  ['nobody knows whom: cut short by a power failure', '', 3 * MINUTES],
  ['nobody knows whom: not a lock at all', '{"process":null}', 3 * MINUTES],
  ['pid 0, which means ourselves to kill(2)', { pid: 0 }, 3 * MINUTES],
])('broken: held by %s', async (_whom, holder, ageMs) => {
  const folder = temporaryFolder();
  leave(folder, holder, ageMs);
  expect(await take(folder, 200)).toEqual({ kind: 'ok', value: 'done' });
  expect(readdirSync(folder)).toEqual(['lock.8.free']);
});

test.each([
  ['a live process, however old its lock', { pid: process.ppid, startedAt: startOf(process.ppid) }, 100 * MINUTES],
  ['another machine that was heard of a moment ago', FOREIGN, MINUTES],
  ['another machine whose clock is a little ahead', FOREIGN, -MINUTES],
])('respected: held by %s', async (_whom, holder, ageMs) => {
  const folder = temporaryFolder();
  leave(folder, holder, ageMs);
  expect(await take(folder, 200)).toMatchObject({ kind: 'failed', failure: { kind: 'locked' } });
  expect(readdirSync(folder)).toEqual(['lock.7']);
});

test('a holder out of reach that touches its lock while we watch is alive, whatever the clock says', async () => {
  const folder = temporaryFolder();
  leave(folder, FOREIGN, 3 * MINUTES);
  let touches = 0;
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await world.clock.sleep(ms, signal);
    leave(folder, FOREIGN, 3 * MINUTES - ++touches * 1000);
  };
  expect(await attempt(() => withLock(folder, { ...world, clock: { ...world.clock, sleep } }, { waitMs: 400, signal: never }, async () => 'done'))).toMatchObject({ failure: { kind: 'locked' } });
  expect(touches).toBeGreaterThan(0);
});

test('a folder that cannot be created is trouble with the state, not with the lock', async () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/file`, '');
  expect(await take(`${folder}/file/state`, 0)).toMatchObject({ failure: { kind: 'state', detail: expect.stringContaining('a part of its path is a file') } });
});

test('many processes, many killed at work: never two at once, no update is lost, and it goes on at once', async () => {
  const folder = temporaryFolder();
  const started = performance.now();
  let [acknowledged, kills] = [0, 0];
  const worker = async (): Promise<void> => {
    while (performance.now() - started < 15_000 || kills <= 10) {
      const keeper = await startKeeper(['count', folder, '1000000']);
      await keeper.heard(({ counted }) => counted !== undefined);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      keeper.child.kill('SIGKILL');
      await keeper.ended;
      kills += 1;
      acknowledged += keeper.said.filter(({ counted }) => counted !== undefined).length;
      expect(keeper.said.filter(({ intruder, failure }) => intruder !== undefined || failure !== undefined)).toEqual([]);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  expect(kills).toBeGreaterThan(10);
  const counter = Number(readFileSync(`${folder}/counter`, 'utf8'));
  // A process may be killed between counting and saying so.
  expect(counter).toBeGreaterThanOrEqual(acknowledged);
  expect(counter).toBeLessThanOrEqual(acknowledged + kills);
  const last = performance.now();
  expect(await take(folder, 5_000)).toEqual({ kind: 'ok', value: 'done' });
  expect(performance.now() - last).toBeLessThan(3_000);
});

/** Field 22 of proc(5)'s stat, or what ps says: in the form in which `self` tells its own. */
function startOf(pid: number): string {
  return execFileSync('sh', ['-c', `sed 's/.*) //' /proc/${pid}/stat`], { encoding: 'utf8' }).split(' ')[19] ?? '';
}

test('parts of one process that begin at the same moment take turns', async () => {
  const folder = temporaryFolder();
  let within = 0;
  const turn = async (): Promise<number> =>
    withLock(folder, world, { waitMs: 5000, signal: never }, async () => {
      const others = within++;
      await new Promise((resolve) => setTimeout(resolve, 10));
      within--;
      return others;
    });
  expect(await Promise.all([turn(), turn(), turn()])).toEqual([0, 0, 0]);
});
