/** Files that follow from others are as the generator would write them now. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('generated files are fresh', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: root, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});
