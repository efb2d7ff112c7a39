/** Tells systemd how `watch` is doing (sd_notify(3)). Node cannot send to a unix datagram socket, so `systemd-notify` does, which comes with systemd. */
import { attempt } from '../core/failure.ts';
import type { World } from '../world/world.ts';

export type Supervisor = {
  /** Assignments such as READY=1; does nothing where nobody supervises. Never throws. */
  readonly tell: (...assignments: readonly string[]) => Promise<void>;
  /** WATCHDOG=1 at half of the time that is asked for, until `signal` aborts. */
  readonly keepAlive: (signal: AbortSignal) => Promise<void>;
};

const WAIT = { timeoutMs: 5000, maxBytes: 4096 };

/** `complain`: told once, when systemd cannot be reached, or was not in time. */
export function openSupervisor({ env, clock, processes }: Pick<World, 'env' | 'clock' | 'processes'>, complain: (line: string) => void): Supervisor {
  let works = Boolean(env['NOTIFY_SOCKET']);
  let hasComplained = false;
  const once = (why: string): void => {
    if (!hasComplained) complain(`systemd is not told how it goes: ${why}`);
    hasComplained = true;
  };
  const tell = async (...assignments: readonly string[]): Promise<void> => {
    if (!works) return;
    const told = await attempt(() => processes.run(['systemd-notify', ...assignments], WAIT));
    if (told.kind === 'ok') {
      if (told.value.exit !== 0) once(told.value.stderr.trim() || `systemd-notify ended with ${told.value.exit}`);
      return;
    }
    // One that is slow for the moment is tried again: a watchdog that hears nothing ends us.
    works = told.failure.code !== 'ENOENT';
    once(told.failure.detail);
  };
  return {
    tell,
    keepAlive: async (signal) => {
      const everyMs = watchdogMs(env, processes.self().pid) / 2;
      if (!works || !(everyMs > 0)) return;
      for (;;) {
        await clock.sleep(everyMs, signal);
        if (signal.aborted) return;
        await tell('WATCHDOG=1');
      }
    },
  };
}

/** Not a number: no watchdog, or that of another process (sd_watchdog_enabled(3)). */
const watchdogMs = (env: World['env'], pid: number): number =>
  env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid) ? Number(env['WATCHDOG_USEC'] ?? Number.NaN) / 1000 : Number.NaN;
