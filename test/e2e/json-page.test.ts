/** docs/json.md names every field that --json prints, and none that it does not know. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { contract } from '../../src/providers/cloudflare/contract.ts';
import { freePort } from '../servers/ports.ts';
import { startVendor } from '../servers/vendor.ts';
import { repository } from '../support/program.ts';
import { openHome } from './home.ts';

const page = readFileSync(join(repository, 'docs/json.md'), 'utf8');
const words = new Set([...page.matchAll(/`([A-Za-z0-9][A-Za-z0-9-]*)`/g)].map(([, word]) => word ?? ''));

/** Names of fields; where a value is an object by names of its own, what is inside it. */
function fields(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fields);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (/^[46]$/.test(key) ? fields(inner) : [key, ...fields(inner)]));
}

test('what is printed stands there', async () => {
  const vendor = await startVendor(contract);
  onTestFinished(vendor.close);
  const nobody = `127.0.0.1:${await freePort()}`;
  const account = { provider: 'cloudflare', token: contract.options['token'], endpoint: `${vendor.endpoint}/client/v4` };
  const more = { dns: { servers: [nobody] }, verify: { resolvers: [nobody] } };
  const home = await openHome({ records: [{ name: 'home.example.com', ttl: 3600 }], accounts: { main: account }, ...more });
  const printed: string[] = [];
  const run = async (...args: readonly string[]): Promise<void> => void printed.push(...fields(JSON.parse((await home.run([...args, '--json'])).stdout)));
  await run('run');
  await run('prepare');
  await run('plan');
  await run('detect');
  await run('verify');
  await run('relocate', '--timeout', '10');
  await run('status');
  await run('prepare', '--restore');
  await run('--nonsense');
  home.configure({ records: [{ name: 'home.example.com', tll: 1 }], accounts: { main: { ...account, token: 'wrong' } } });
  await run('check');
  await run('run');
  home.configure({ records: [{ name: 'home.example.com' }], accounts: { main: { ...account, token: 'a'.repeat(40) } }, ...more });
  await run('run');
  await run('status');
  expect([...new Set(printed)].filter((field) => !words.has(field))).toEqual([]);
  expect(printed).toEqual(expect.arrayContaining(['version', 'exit', 'ballots', 'proofs', 'verdict', 'cause', 'lowered', 'cheapFrom', 'problems', 'failures', 'changes']));
});

test('what stands there is known', () => {
  const source = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('providers/'))
    .map((path) => readFileSync(join(repository, 'src', path), 'utf8'))
    .join('\n');
  expect([...words].filter((word) => !new RegExp(`'${word}'|\\b${word}\\b\\??:|[{,] ${word}\\b`).test(source))).toEqual([]);
});
