/** Other programs: run with a deadline and a cap, and told apart from a later process that happens to have the same number. */
import { readFileSync, readlinkSync } from 'node:fs';
import { Fault } from '../core/failure.ts';
import type { Deadline, Processes, ProcessIdentity } from './world.ts';

type Ended = { readonly exit: number; readonly stdout: string; readonly stderr: string };
type Wait = Deadline & { readonly maxBytes: number };

export function openProcesses(env: Readonly<Record<string, string | undefined>>): Processes {
  let self: ProcessIdentity | undefined;
  return {
    run: (command, wait) => run(command, wait, env),
    self: () => {
      self ??= { pid: process.pid, startedAt: startOf(process.pid) ?? '', scope: scope() };
      return self;
    },
    isAlive,
  };
}

/** How long output may still be in the pipes after the program has ended; a daemon it started may keep them open for ever. */
const DRAIN_MS = 200;

async function run(command: readonly string[], { timeoutMs, signal, maxBytes }: Wait, env: Readonly<Record<string, string | undefined>>): Promise<Ended> {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(failed(`${program} was not started: the time for this command is over`));
    const windows = process.platform === 'win32';
    // A group of its own, so that its children end with it.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: !windows, windowsHide: true, env: { ...env } });
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 };
    let over = false;
    let drain: NodeJS.Timeout | undefined;

    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        if (windows) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended in the meantime.
      }
    };
    const settle = (end: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(deadline);
      clearTimeout(drain);
      signal?.removeEventListener('abort', abort);
      process.removeListener('exit', kill);
      child.stdout.destroy();
      child.stderr.destroy();
      end();
    };
    const stop = (why: string): void => {
      kill();
      settle(() => reject(failed(`${program} ${why}`)));
    };
    const abort = (): void => stop('was stopped: the time for this command is over');
    const finish = (code: number | null, killer: NodeJS.Signals | null): void => {
      const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8');
      settle(() => resolve({ exit: code ?? 128 + (killer ? constants.signals[killer] : 0), stdout: text(out.stdout), stderr: text(out.stderr) }));
    };
    const collect = (parts: Buffer[]) => (chunk: Buffer) => {
      out.bytes += chunk.length;
      if (out.bytes > maxBytes) stop(`wrote more than ${maxBytes} bytes`);
      else parts.push(chunk);
    };

    const deadline = setTimeout(() => stop(`did not end within ${timeoutMs / 1000} s`), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    process.once('exit', kill);
    child.stdout.on('data', collect(out.stdout));
    child.stderr.on('data', collect(out.stderr));
    child.once('error', (error: NodeJS.ErrnoException) => settle(() => reject(failed(`cannot run ${program}: ${SPAWN_WORDS[error.code ?? ''] ?? error.message}`, error))));
    child.once('close', finish);
    child.once('exit', (code, killer) => {
      drain = setTimeout(() => finish(code, killer), DRAIN_MS);
    });
  });
}

const SPAWN_WORDS: Readonly<Record<string, string>> = { ENOENT: 'there is no such program', EACCES: 'it may not be executed', E2BIG: 'its arguments are too long' };

const failed = (detail: string, cause?: Error): Fault => new Fault({ kind: 'network', detail, hint: 'try the same command by hand, as the same user' }, { cause });

/** Beyond the scope nothing is known, but that nothing outlives a reboot. Within it a number is the same process only if that began at the same moment. */
function isAlive({ pid, startedAt, scope: theirs }: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (theirs !== scope()) return isBeforeReboot(theirs, scope()) ? 'dead' : 'unknown';
  if (!exists(pid)) return 'dead';
  const started = startOf(pid);
  if (started === 'ended') return 'dead';
  // Hidden from us (hidepid), or a system that does not tell.
  if (started === undefined || startedAt === '') return 'unknown';
  return started === startedAt ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it is there, but somebody else's.
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH');
  }
}

/** When the process began, in whatever form the system tells it. `ended`: only its entry is left. Undefined: the system does not tell. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readIfAny(`/proc/${pid}/stat`);
    // proc(5): the name in brackets may hold anything, so count from the last bracket; field 3 is the state, field 22 the start in clock ticks since boot.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields?.[0] === 'Z' || fields?.[0] === 'X' ? 'ended' : fields?.[19];
  }
  if (process.platform === 'win32') return undefined;
  const { status, stdout } = process.getBuiltinModule('node:child_process').spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2000 });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

/** Where a pid means what it means: this boot of this machine, this pid namespace. */
function scope(): string {
  const { hostname } = process.getBuiltinModule('node:os');
  return [hostname(), readIfAny('/etc/machine-id')?.trim() || '-', readIfAny('/proc/sys/kernel/random/boot_id')?.trim() ?? process.platform, namespace() ?? '-'].join(' ');
}

/** The pid namespace of the machine itself (PROC_PID_INIT_INO of linux/proc_ns.h): containers have others, and machine ids that may be copies. */
const OUTSIDE_CONTAINERS = 'pid:[4026531836]';

/** The same machine, another boot. */
export function isBeforeReboot(theirs: string, ours: string): boolean {
  const [[host, machine, boot, space], [ourHost, ourMachine, ourBoot, ourSpace]] = [theirs.split(' '), ours.split(' ')];
  return host === ourHost && machine !== '-' && machine === ourMachine && boot !== ourBoot && space === OUTSIDE_CONTAINERS && ourSpace === OUTSIDE_CONTAINERS;
}

function namespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function readIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
