/** The lock in a world where time does not pass by itself. */
import { expect, test } from 'vitest';
import { withLock } from '../../src/lock.ts';
import { fakeWorld } from '../../src/testing/world.ts';

test('work under the lock that waits for the real world is not starved by the touching', async () => {
  const world = fakeWorld();
  const done = await withLock('/state', world, { waitMs: 0, signal: new AbortController().signal }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return world.files.list('/state');
  });
  expect(done).toEqual(['lock.1']);
  expect(world.files.list('/state')).toEqual(['lock.1.free']);
});
