/** Sources for processes of their own: bundled to one plain file, because Node 20 runs no TypeScript. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Bundles `entry` with everything it imports and returns the path of the result, which is gone when the tests of the file are over. */
export async function bundle(entry: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-update-bundle-'));
  made.push(folder);
  const build = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
  const { output } = await build.write({ dir: folder, format: 'esm', entryFileNames: 'entry.mjs' });
  await build.close();
  return join(folder, output[0].fileName);
}
