/** A folder for one piece of work: gone when it is done, and an error in words where none can be made. */
import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { attempt } from '../../src/core/failure.ts';
import { withScratch } from '../../src/world/scratch.ts';
import { temporaryFolder } from '../support/folder.ts';

afterEach(() => vi.unstubAllEnvs());

test('it is there for the work, and gone after it', async () => {
  vi.stubEnv('TMPDIR', temporaryFolder());
  const folder = await withScratch(async (path) => (existsSync(path) ? path : undefined));
  expect(folder).toBeDefined();
  expect(existsSync(folder ?? '')).toBe(false);
});

test('where none can be made, that is told with the place, and is no bug of ours', async () => {
  const nowhere = `${temporaryFolder()}/nowhere`;
  vi.stubEnv('TMPDIR', nowhere);
  const done = await attempt(() => withScratch(async () => 'done'));
  const detail = `cannot make a temporary folder in ${nowhere} (TMPDIR may name another place): there is no such file or folder (ENOENT)`;
  expect(done).toMatchObject({ kind: 'failed', failure: { kind: 'state', detail } });
});
