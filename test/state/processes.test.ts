/** Programs that end, hang, flood and die; and processes told apart from those that got their number later. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { attempt } from '../../src/core/failure.ts';
import { openClock } from '../../src/world/clock.ts';
import { isBeforeReboot, openProcesses } from '../../src/world/processes.ts';

const processes = openProcesses({ ...process.env, GREETING: 'hello' });
const wait = { timeoutMs: 10_000, maxBytes: 10_000 };
const run = (script: string, more: Partial<Parameters<typeof processes.run>[1]> = {}): ReturnType<typeof attempt<Awaited<ReturnType<typeof processes.run>>>> =>
  attempt(() => processes.run(['sh', '-c', script], { ...wait, ...more }));
const isRunning = (pid: number): boolean => processes.isAlive({ ...processes.self(), pid, startedAt: '' }) !== 'dead';

test('output, errors and the exit code come back; the input is closed; no shell looks at the arguments', async () => {
  expect(await run('cat; echo out; echo err >&2; echo $GREETING; exit 3')).toEqual({ kind: 'ok', value: { exit: 3, stdout: 'out\nhello\n', stderr: 'err\n' } });
  expect(await processes.run(['echo', '$HOME', ';', '*'], wait)).toEqual({ exit: 0, stdout: '$HOME ; *\n', stderr: '' });
  expect(await run('kill -TERM $$')).toMatchObject({ value: { exit: 128 + 15 } });
});

test('a program that is not there is named', async () => {
  expect(await attempt(() => processes.run(['/nowhere/at-all'], wait))).toMatchObject({ failure: { kind: 'network', detail: 'cannot run /nowhere/at-all: there is no such program' } });
  expect(await attempt(() => processes.run(['/etc/passwd'], wait))).toMatchObject({ failure: { kind: 'network', detail: 'cannot run /etc/passwd: it may not be executed' } });
});

test('one that does not end in time is ended, with all it started', async () => {
  const started = performance.now();
  const ended = await attempt(() => processes.run(['sh', '-c', 'trap "" TERM; sleep 61.7 & sleep 61.7; wait'], { ...wait, timeoutMs: 300 }));
  expect(ended).toMatchObject({ failure: { kind: 'network', detail: 'sh did not end within 0.3 s' } });
  expect(performance.now() - started).toBeLessThan(20_000);
  const left = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep 61[.]7' || true";
  await expect.poll(async () => (await processes.run(['sh', '-c', left], wait)).stdout).toBe('0\n');
});

test('one that floods is ended', async () => {
  expect(await run('yes')).toMatchObject({ failure: { kind: 'network', detail: 'sh wrote more than 10000 bytes' } });
});

test('it ends with the command it was started for', async () => {
  expect(await run('sleep 60', { signal: AbortSignal.timeout(200) })).toMatchObject({ failure: { detail: 'sh was stopped: the time for this command is over' } });
  expect(await run('echo never', { signal: AbortSignal.abort() })).toMatchObject({ failure: { detail: 'sh was not started: the time for this command is over' } });
});

test('a daemon that keeps the output open is not waited for', async () => {
  const started = performance.now();
  const ended = await run('setsid sleep 20 & echo $!');
  expect(performance.now() - started).toBeLessThan(15_000);
  const pid = Number(ended.kind === 'ok' && ended.value.stdout);
  expect(isRunning(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

test('nothing outlives a reboot of this machine; of another machine or a container nothing is known', () => {
  const OUTSIDE = 'pid:[4026531836]';
  const now = `box 3d12 boot-2 ${OUTSIDE}`;
  expect(isBeforeReboot(`box 3d12 boot-1 ${OUTSIDE}`, now)).toBe(true);
  for (const other of [now, `box2 3d12 boot-1 ${OUTSIDE}`, `box 99 boot-1 ${OUTSIDE}`, 'box 3d12 boot-1 pid:[4026532001]', 'another machine', '']) expect(isBeforeReboot(other, now)).toBe(false);
  expect(isBeforeReboot(`box - boot-1 ${OUTSIDE}`, `box - boot-2 ${OUTSIDE}`)).toBe(false);
});

test('a process is alive while it is the same one, dead when it ended, a zombie, or its number went to another', async () => {
  const self = processes.self();
  expect(processes.isAlive(self)).toBe('alive');
  expect(processes.isAlive({ ...self, startedAt: '1' })).toBe('dead');
  expect(processes.isAlive({ ...self, scope: 'another boot' })).toBe('unknown');
  expect(processes.isAlive({ ...self, startedAt: '' })).toBe('unknown');
  const child = spawn('sleep', ['30']);
  await once(child, 'spawn');
  const identity = openIdentity(child.pid as number);
  expect(processes.isAlive(identity)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(processes.isAlive(identity)).toBe('dead');
  const parent = spawn('sh', ['-c', '(exit 0) & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  await expect.poll(() => processes.isAlive({ ...self, pid: Number(pid), startedAt: '' })).toBe('dead');
  parent.kill('SIGKILL');
});

/** As that process itself would tell it: the start is read where `self` reads its own. */
function openIdentity(pid: number): ReturnType<typeof processes.self> {
  const { status, stdout } = process.getBuiltinModule('node:child_process').spawnSync('sh', ['-c', `sed 's/.*) //' /proc/${pid}/stat`], { encoding: 'utf8' });
  if (status !== 0) throw new Error('this test reads /proc');
  return { ...processes.self(), pid, startedAt: stdout.split(' ')[19] ?? '' };
}

test('the clock sleeps as long as asked, or until it is woken, and leaves no listener behind', async () => {
  const clock = openClock();
  const from = clock.elapsed();
  await clock.sleep(50);
  expect(clock.elapsed() - from).toBeGreaterThan(45);
  const woken = new AbortController();
  setTimeout(() => woken.abort(), 20);
  await Promise.all([clock.sleep(60_000, woken.signal), clock.sleep(2 ** 40, woken.signal)]);
  await clock.sleep(60_000, woken.signal);
  expect(clock.elapsed() - from).toBeLessThan(20_000);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
});
