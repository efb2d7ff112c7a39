/** Processes: this one, and others told apart from a later one that happens to have the same number. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Processes, ProcessIdentity } from './world.ts';

export function openProcesses(env: Readonly<Record<string, string | undefined>>): Processes {
  let self: ProcessIdentity | undefined;
  return {
    run: async (command, wait) => (await import('./run-program.ts')).runProgram(command, wait, env),
    self: () => {
      self ??= { pid: process.pid, startedAt: startOf(process.pid) ?? '', scope: scope() };
      return self;
    },
    isAlive,
    host: () => process.getBuiltinModule('node:os').hostname(),
  };
}

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
