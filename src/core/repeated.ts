/** What stops every round is told once, again after an hour, then daily; and anew when it was gone in between. */

export type Said = ReadonlyMap<string, { readonly last: number; readonly times: number }>;
/** `key`: what it is about, the same however it is worded this time. */
export type Line = { readonly key: string; readonly line: string };

const HOUR_MS = 3_600_000;

/** `lines`: all that this round has to complain about. `now`: on a clock that only grows, in milliseconds. */
export function worthSaying(lines: readonly Line[], said: Said, now: number): { readonly lines: readonly string[]; readonly said: Said } {
  const isDue = (key: string): boolean => {
    const before = said.get(key);
    return before === undefined || now - before.last >= (before.times === 1 ? HOUR_MS : 24 * HOUR_MS);
  };
  const due = lines.filter(({ key }) => isDue(key));
  const entries = lines.map(({ key }): [string, { readonly last: number; readonly times: number }] => {
    const before = said.get(key);
    return [key, before !== undefined && !isDue(key) ? before : { last: now, times: (before?.times ?? 0) + 1 }];
  });
  return { lines: due.map(({ line }) => line), said: new Map(entries) };
}
