/** `watch` in the box, and how long it takes until what it did is seen by others. */
import { onTestFinished } from 'vitest';
import type { Run } from '../support/program.ts';
import { type Lab, TTL_SECONDS, until } from './lab.ts';
import { ADDRESSES, type Spot } from './topology.ts';

/** Starts it; it ends with the test, or before. */
export async function watch(lab: Lab, args: readonly string[] = []): Promise<{ readonly end: () => Promise<Run> }> {
  const watching = lab.start(['watch', ...args], { timeoutMs: 1_150_000 });
  let over = false;
  const end = async (): Promise<Run> => {
    if (!over) watching.kill('SIGTERM');
    over = true;
    return watching.ended;
  };
  onTestFinished(async () => void (await end()));
  return { end };
}

/** Resolves with the milliseconds since `moved`, as soon as both name servers of the zone say so. */
export async function publishedAt(lab: Lab, spot: Spot, moved: number, type: 'A' | 'AAAA' = 'A'): Promise<number> {
  const wanted = ADDRESSES[spot].seen[type === 'A' ? 4 : 6];
  const both = async (): Promise<boolean> => {
    const said = await Promise.all((['authority', 'secondary'] as const).map((server) => lab.published(type, server)));
    return said.every((values) => values.join() === wanted);
  };
  await until(both, `${type} ${wanted} is not at both name servers`, 60_000);
  return Date.now() - moved;
}

/** The visitor comes in there, as soon as the caches have forgotten. Resolves with the milliseconds that he tried. */
export const reachedAt = (lab: Lab, spot: Spot): Promise<number> =>
  until(
    async () => {
      const { addresses, found, secure } = (await lab.visit())[4];
      return addresses.join() === ADDRESSES[spot].seen[4] && found.join() === 'the box' && secure.join() === 'the box';
    },
    `the visitor does not reach the box at ${ADDRESSES[spot].seen[4]}`,
    (TTL_SECONDS + 5) * 1000,
  );
