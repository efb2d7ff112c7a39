/** Has a router lost its mappings? Every reply of NAT-PMP and PCP says for how long it has known them. */

/** What a reply said, and when it came: milliseconds, all by one clock. That it is set anew looks like a loss, and leads to a renewal too many. */
export type Epoch = { readonly epochSeconds: number; readonly elapsedMs: number };

/** A clock may be wrong by this much without having been set back (RFC 6886 section 3.6, RFC 6887 section 8.5). */
const SLACK_SECONDS = 2;

/** NAT-PMP: its clock has gone less than seven eighths of ours (RFC 6886 section 3.6). */
export const natPmpLostMappings = (before: Epoch, now: Epoch): boolean => now.epochSeconds < before.epochSeconds + (7 / 8) * secondsBetween(before, now) - SLACK_SECONDS;

/** PCP: its clock went back, or the two differ by more than a sixteenth (RFC 6887 section 8.5). */
export function pcpLostMappings(before: Epoch, now: Epoch): boolean {
  const theirs = now.epochSeconds - before.epochSeconds;
  if (theirs < -1) return true;
  const ours = secondsBetween(before, now);
  return ours + SLACK_SECONDS < theirs - theirs / 16 || theirs + SLACK_SECONDS < ours - ours / 16;
}

const secondsBetween = (before: Epoch, now: Epoch): number => Math.max(0, now.elapsedMs - before.elapsedMs) / 1000;
