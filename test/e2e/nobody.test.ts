/** Started by a number that the system knows no user for, and without HOME, as containers and service managers do: all that is needed is told by hand. Needs util-linux. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../support/program.ts';
import { openHome } from './home.ts';

const UNKNOWN = '54321';

test('state is written, and nothing is asked for a home', async () => {
  const home = await openHome({ records: [], accounts: {} });
  const file = `${home.folder}/zone`;
  writeFileSync(file, '$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 900 604800 60\n@ IN NS ns1\n');
  home.configure({ records: [{ name: 'home.example.com' }], accounts: { zone: { provider: 'zonefile', file } } });
  const args = ['--config', `${home.folder}/config.json`, '--state', home.stateFolder];
  const ran = await run(args, { cwd: home.folder, node: 'unshare', nodeArguments: ['--user', `--map-user=${UNKNOWN}`, process.execPath] });
  expect(ran).toMatchObject({ exit: 0, stderr: '' });
  expect(readFileSync(file, 'utf8')).toMatch(/^home\s/m);
  expect(Object.keys(home.state()['targets'] ?? {})).toHaveLength(1);
});
