/** Do all name servers tell the TTLs that were lowered? What one of them still tells is kept by others from now on, not from when the provider took the change. */
import { attempt } from '../core/failure.ts';
import { type Instant, keyOf, type Target } from '../core/record.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import { inTime, type Tools } from './ask.ts';
import { askAuthority, findAuthority, nothingLearned } from './authority.ts';

/** `until`: others may keep the old TTL's answer so long. `server`: still tells it, as `ttl` seconds; absent: by now all tell the new one. */
export type Lingering = { readonly until: Instant; readonly ttl: number; readonly server?: string };

/** Secondaries are notified within a second or two. */
const LONGEST_MS = 10_000;
const PAUSE_MS = 1000;
const AT_ONCE = 16;

/** Of those that were seen to linger. Whose servers cannot be found or do not answer is not among them. `to`: what each TTL was lowered to, in seconds. Never throws. */
export async function lingering(lowered: ReadonlyMap<Target, number>, tools: Tools): Promise<ReadonlyMap<Target, Lingering>> {
  const seen = new Map<Target, Lingering>();
  const resolvers = await attempt(async () => (lowered.size === 0 ? undefined : tools.net.resolvers?.()));
  if (resolvers.kind === 'failed' || !resolvers.value?.length) return seen;
  await inTime(LONGEST_MS, tools, async (within) => {
    const learned = nothingLearned();
    let open = [...lowered];
    while (open.length > 0 && !within.signal.aborted) {
      const late = new Set<Target>();
      await eachOf(open, AT_ONCE, async ([target, to]) => {
        const found = await attempt(async () => (await askAuthority(await findAuthority(target.name, within, learned), [keyOf(target)], within)).get(keyOf(target)) ?? []);
        if (found.kind === 'failed') return;
        const told = found.value.flatMap(({ server, answer }) => (answer.kind === 'holds' && answer.ttl > to ? [{ server, ttl: answer.ttl }] : [])).sort((a, b) => b.ttl - a.ttl);
        const [longest] = told;
        const before = seen.get(target);
        if (longest !== undefined) {
          late.add(target);
          seen.set(target, { ...longest, until: Math.max(before?.until ?? 0, tools.clock.now() + longest.ttl * 1000) });
        } else if (before !== undefined && !within.signal.aborted) seen.set(target, { until: before.until, ttl: before.ttl });
      });
      open = open.filter(([target]) => late.has(target));
      if (open.length > 0) await tools.clock.sleep(PAUSE_MS, within.signal);
    }
  });
  return seen;
}
