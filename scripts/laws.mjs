/** `npm run laws`: tries the laws on other cases than `npm test` does, `--rounds` times (10), each with a seed of its own, from `--seed` on if that is given. Paths after `--` narrow it to those tests. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installNpmPackages, root } from './setup.mjs';

const { values, positionals } = parseArgs({ options: { rounds: { type: 'string', default: '10' }, seed: { type: 'string' } }, allowPositionals: true });
const numbers = { rounds: Number(values.rounds), first: Number(values.seed ?? randomInt(2 ** 31)) };
if (!Object.values(numbers).every(Number.isSafeInteger)) throw new Error('--rounds and --seed are whole numbers');

installNpmPackages();
const isLaw = (path) => path.endsWith('.test.ts') && /from '(fast-check|.*\/seed\.ts)'/.test(readFileSync(join(root, path), 'utf8'));
const laws = readdirSync(join(root, 'test'), { recursive: true })
  .map((path) => join('test', path))
  .filter((path) => isLaw(path) && (positionals.length === 0 || positionals.some((part) => path.includes(part))));
const broken = [];
for (let round = 0; round < numbers.rounds; round++) {
  const seed = (numbers.first + round) % 2 ** 31;
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=agent', ...laws], {
    cwd: root,
    env: { ...process.env, LAWS_SEED: String(seed) },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) continue;
  broken.push(seed);
  console.log(stdout);
}
console.log(`${laws.length} files, ${numbers.rounds} rounds from seed ${numbers.first}: ${broken.length === 0 ? 'no law is broken' : `broken with LAWS_SEED ${broken.join(', ')}`}`);
process.exitCode = broken.length === 0 ? 0 : 1;
