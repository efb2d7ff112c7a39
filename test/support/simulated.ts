/** Parts of a simulated machine: time that moves only when everybody waits, a disk that outlives processes, and processes that can be killed at any step. */
import { Fault } from '../../src/core/failure.ts';
import type { Clock, Files, Net, Processes } from '../../src/world/world.ts';

export type Chance = { readonly random: () => number; readonly chance: (probability: number) => boolean; readonly below: (count: number) => number; readonly pick: <T>(from: readonly T[]) => T };

/** The same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(random() * count);
  return { random, below, chance: (probability) => random() < probability, pick: (from) => from[below(from.length)] as never };
}

/** A process: what it still does after its death has no effect. */
export type Life = { readonly pid: number; dead: boolean; readonly died: Promise<void>; readonly kill: () => void };

let pids = 1;
export function begin(): Life {
  let resolve = (): void => {};
  const died = new Promise<void>((done) => {
    resolve = done;
  });
  const life: Life = {
    pid: pids++,
    dead: false,
    died,
    kill: () => {
      life.dead = true;
      resolve();
    },
  };
  return life;
}

const never = new Promise<never>(() => {});
class Killed extends Error {}

export type Time = {
  readonly clock: (life: Life) => Clock;
  readonly elapsed: () => number;
  /** What the clock on the wall says. */
  readonly now: () => number;
  readonly advance: (ms: number) => void;
  /** Sets the wall clock forward or back; time itself goes on as ever. */
  readonly jump: (ms: number) => void;
  /** Lets time pass whenever nobody has anything else to do, until `work` ends. Rejects when it waits for nothing at all. */
  readonly until: <T>(work: Promise<T>) => Promise<T>;
};

export function simulatedTime(start: number): Time {
  let [elapsed, offset] = [0, start];
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const advance = (ms: number): void => {
    elapsed += ms;
  };
  return {
    elapsed: () => elapsed,
    now: () => elapsed + offset,
    advance,
    jump: (ms) => {
      offset += ms;
    },
    clock: (life) => ({
      now: () => elapsed + offset,
      elapsed: () => elapsed,
      sleep: (ms, signal) => {
        if (life.dead) return never;
        return new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          const sleeper = {
            at: elapsed + Math.max(0, ms),
            wake: () => {
              sleepers.delete(sleeper);
              signal?.removeEventListener('abort', sleeper.wake);
              if (!life.dead) resolve();
            },
          };
          sleepers.add(sleeper);
          signal?.addEventListener('abort', sleeper.wake);
        });
      },
    }),
    until: async (work) => {
      let over = false;
      const done = (): void => {
        over = true;
      };
      work.then(done, done);
      for (let idle = 0; !over; idle++) {
        await new Promise((resolve) => setImmediate(resolve));
        const next = [...sleepers].reduce<{ at: number; wake: () => void } | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined);
        if (next === undefined && idle > 5_000) throw new Error('wedged: it waits for nothing');
        if (next === undefined || idle < 5 || over) continue;
        idle = 0;
        elapsed = Math.max(elapsed, next.at);
        next.wake();
      }
      return work;
    },
  };
}

export type DiskFault = 'full' | 'read-only' | undefined;

export type Disk = {
  readonly files: (life: Life) => Files;
  readonly read: (path: string) => string | undefined;
  readonly put: (path: string, text: string) => void;
  readonly paths: () => readonly string[];
  /** What every change meets from now on. */
  readonly fail: (fault: DiskFault) => void;
  /** The process that makes the change after so many is killed: before it is made, or after. */
  readonly killAt: (steps: number, when: 'before' | 'after') => void;
  readonly calm: () => void;
  /** Changes made so far. */
  readonly changes: () => number;
};

export function simulatedDisk(now: () => number): Disk {
  const held = new Map<string, { readonly text: string; readonly mode: number; readonly modifiedAt: number }>();
  let fault: DiskFault;
  let kill: { left: number; readonly when: 'before' | 'after' } | undefined;
  let changes = 0;

  /** One change by one process, with whatever befalls it. */
  function change<T>(life: Life, path: string, act: () => T): T {
    if (life.dead) throw new Killed();
    const struck = kill !== undefined && kill.left-- <= 0 ? kill.when : undefined;
    if (struck !== undefined) kill = undefined;
    if (struck === 'before') {
      life.kill();
      throw new Killed();
    }
    if (fault === 'read-only') throw new Fault({ kind: 'state', detail: `cannot write ${path}: the file system is read-only (EROFS)` });
    const value = act();
    changes++;
    if (struck === 'after') {
      life.kill();
      throw new Killed();
    }
    return value;
  }
  const put = (path: string, text: string, mode: number): void => {
    if (fault === 'full') throw new Fault({ kind: 'state', detail: `cannot write ${path}: the disk is full (ENOSPC)` });
    held.set(path, { text, mode, modifiedAt: now() });
  };
  const looked = <T>(life: Life, value: T): T => {
    if (life.dead) throw new Killed();
    return value;
  };

  return {
    read: (path) => held.get(path)?.text,
    put: (path, text) => void held.set(path, { text, mode: 0o600, modifiedAt: now() }),
    paths: () => [...held.keys()],
    fail: (next) => {
      fault = next;
    },
    killAt: (left, when) => {
      kill = { left, when };
    },
    calm: () => {
      fault = undefined;
      kill = undefined;
    },
    changes: () => changes,
    files: (life) => ({
      read: (path) => looked(life, held.get(path)?.text),
      write: (path, text, { mode }) => change(life, path, () => put(path, text, mode)),
      create: (path, text, { mode }) => {
        if (looked(life, held.has(path))) return false;
        return change(life, path, () => {
          put(path, text, mode);
          return true;
        });
      },
      rename: (from, to) =>
        change(life, from, () => {
          const file = held.get(from);
          if (file === undefined) throw new Fault({ kind: 'state', detail: `cannot rename ${from}: there is no such file or folder (ENOENT)` });
          held.delete(from);
          held.set(to, file);
        }),
      remove: (path) => change(life, path, () => void held.delete(path)),
      touch: (path) => {
        const file = looked(life, held.get(path));
        if (file !== undefined && fault === undefined) held.set(path, { ...file, modifiedAt: now() });
      },
      folder: () => looked(life, undefined),
      list: (folder) => {
        const names = [...held.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
        return looked(life, names.filter((name) => !name.includes('/')).sort());
      },
      stat: (path) => {
        const file = looked(life, held.get(path));
        return file && { modifiedAt: file.modifiedAt, size: file.text.length, mode: 0o100000 | file.mode, othersMayRead: (file.mode & 0o044) !== 0 };
      },
    }),
  };
}

/** Processes of one machine: alive until they end or are killed. */
export function simulatedProcesses(living: ReadonlySet<Life>): (life: Life) => Processes {
  return (life) => ({
    run: () => Promise.reject(new Fault({ kind: 'network', detail: 'there are no programs here' })),
    self: () => ({ pid: life.pid, startedAt: String(life.pid), scope: 'simulated' }),
    isAlive: ({ pid }) => ([...living].some((one) => one.pid === pid && !one.dead) ? 'alive' : 'dead'),
  });
}

/** A network of which a killed process hears nothing more. */
export function mortal(net: Net, life: Life): Net {
  const guard =
    <Given extends readonly unknown[], T>(method: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      if (life.dead) return never;
      try {
        const value = await method(...given);
        return life.dead ? never : value;
      } catch (thrown) {
        return life.dead ? never : Promise.reject(thrown);
      }
    };
  return {
    ...net,
    datagram: guard(net.datagram),
    stream: guard(net.stream) as Net['stream'],
    echo: guard(net.echo),
    http: guard(net.http),
    lookup: guard(net.lookup),
    network: guard(net.network),
  };
}
