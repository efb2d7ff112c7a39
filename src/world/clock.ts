/** The real clock. */
import type { Clock } from './world.ts';

/** What setTimeout takes at most; beyond it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Not `performance.now()`, whose modules cost an unchanged round a millisecond to load. */
export function elapsedMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export const openClock = (): Clock => ({
  now: () => Date.now(),
  elapsed: elapsedMs,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      signal?.addEventListener('abort', end, { once: true });
    }),
});
