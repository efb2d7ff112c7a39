/** The example package as a user gets it: packed, installed without a registry, tested where it was installed, and run by the program that was not made with it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Contract } from '../../src/testing/index.ts';
import { startVendor, type Vendor } from '../servers/vendor.ts';
import { repository, run } from '../support/program.ts';
import { GARAGE, HOME, type Home, openHome } from './home.ts';

const NAME = 'ddns-update-provider-example';
const TOKEN = 'hbr_0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'ddns-update-plugin-'));
const installed = join(folder, 'installed');
const alone = { PATH: process.env['PATH'], HOME: folder, npm_config_cache: join(folder, 'cache'), npm_config_offline: 'true', npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };
const npm = (args: readonly string[], cwd: string): string => execFileSync('npm', args, { cwd, env: alone, encoding: 'utf8', timeout: 240_000 });
const tarballs = (): readonly string[] => readdirSync(folder).flatMap((name) => (name.endsWith('.tgz') ? [join(folder, name)] : []));
/** As an installation leaves it, without the time that takes. */
const place = (where: string): void => cpSync(join(installed, 'node_modules'), join(where, 'node_modules'), { recursive: true });

beforeAll(() => {
  npm(['pack', '--ignore-scripts', '--pack-destination', folder], repository);
  npm(['pack', '--pack-destination', folder], join(repository, 'examples', NAME));
  mkdirSync(installed);
  // Both tarballs and nothing else: whatever is missing cannot be fetched.
  npm(['install', '--prefix', installed, ...tarballs()], folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it brings nothing along but ddns-update itself', () => {
  expect(readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['ddns-update', NAME]);
});

test('it keeps every law of the published suite, where it was installed', () => {
  const said = execFileSync(process.execPath, ['--test', '--test-reporter', 'tap', join(installed, 'node_modules', NAME, 'provider.test.js')], { cwd: installed, encoding: 'utf8', env: alone });
  expect(/^# pass (\d+)$/m.exec(said)?.[1]).toMatch(/^\d\d+$/);
  expect(said).toMatch(/^# fail 0$/m);
});

test('its author has the types of all that it uses', () => {
  const there = mkdtempSync(join(installed, 'author-'));
  for (const file of ['provider.js', 'contract.js', 'provider.test.js']) copyFileSync(join(installed, 'node_modules', NAME, file), join(there, file));
  const compilerOptions = { strict: true, allowJs: true, checkJs: true, noEmit: true, module: 'NodeNext', target: 'ES2022', types: ['node'], typeRoots: [join(repository, 'node_modules/@types')] };
  writeFileSync(join(there, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(there, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['provider.js', 'contract.js', 'provider.test.js'] }));
  const { status, stdout } = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', there], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

async function vendor(): Promise<Vendor> {
  const { contract } = (await import(pathToFileURL(join(installed, 'node_modules', NAME, 'contract.js')).href)) as { readonly contract: Contract };
  const server = await startVendor(contract);
  onTestFinished(() => server.close());
  return server;
}

/** A config that names the package, which is installed beside it. */
async function open(): Promise<{
  readonly server: Vendor;
  readonly home: Home;
  readonly account: Readonly<Record<string, unknown>>;
  readonly round: (args?: readonly string[], token?: string) => ReturnType<Home['run']>;
}> {
  const server = await vendor();
  const account = { provider: NAME, token: { env: 'HARBOUR_TOKEN' }, endpoint: `${server.endpoint}/v1` };
  const home = await openHome({ records: [{ name: 'home.example.com' }], accounts: { harbour: account } });
  place(home.folder);
  return { server, home, account, round: (args = [], token = TOKEN) => home.run(args, { HARBOUR_TOKEN: token, HOME: home.folder }) };
}

const shown = (server: Vendor): readonly string[] => server.zone.records.map(({ name, type, value }) => `${name} ${type} ${value}`);

describe('a config that names it', () => {
  test('is updated by it; an unchanged round does not even need it to be there', async () => {
    const { server, home, round } = await open();
    const first = await round();
    expect(first).toMatchObject({ exit: 0, stderr: '' });
    expect(shown(server)).toEqual([`home.example.com A ${HOME}`]);
    const asked = server.asked.length;
    rmSync(join(home.folder, 'node_modules'), { recursive: true });
    expect(await round()).toEqual({ exit: 0, stdout: '', stderr: '' });

    home.moveTo(GARAGE);
    const without = await round();
    expect(without.exit).toBe(78);
    expect(without.stderr).toContain(`the package ${NAME} is not installed; install it with: npm install --prefix ${home.folder} ${NAME}`);
    expect(server.asked).toHaveLength(asked);
    expect(shown(server)).toEqual([`home.example.com A ${HOME}`]);

    place(home.folder);
    expect(await round()).toMatchObject({ exit: 0, stderr: '' });
    expect(shown(server)).toEqual([`home.example.com A ${GARAGE}`]);
  });

  test('is planned with it', async () => {
    const { server, round } = await open();
    const planned = await round(['plan']);
    expect(planned).toMatchObject({ exit: 0, stderr: '' });
    expect(planned.stdout).toContain(`home.example.com A ${HOME} would be created`);
    expect(shown(server)).toEqual([]);
  });

  test('with a token that does not exist is paused, and the token is not shown', async () => {
    const { server, round } = await open();
    const refused = await round([], 'hbr_wrong-and-secret');
    expect(refused.exit).toBe(77);
    expect(refused.stderr).toContain('it does not know this token');
    const asked = server.asked.length;
    expect((await round([], 'hbr_wrong-and-secret')).exit).toBe(77);
    expect(server.asked).toHaveLength(asked);
    expect(JSON.stringify(refused)).not.toContain('wrong-and-secret');
    expect(await round()).toMatchObject({ exit: 0 });
  });

  test('is checked with it: missing options, and what may have been meant', async () => {
    const { home, account, round } = await open();
    expect((await round(['check'])).exit).toBe(0);
    const { token, ...rest } = account;
    home.configure({ records: [{ name: 'home.example.com', ttl: 30 }], accounts: { harbour: { ...rest, tokn: token } } });
    const wrong = await round(['check']);
    expect(wrong.exit).toBe(78);
    expect(wrong.stdout).toContain('accounts.harbour.tokn: is not known here; did you mean "token"?');
    expect(wrong.stdout).toContain('accounts.harbour: "token" is missing');
    expect(wrong.stdout).toContain('At https://harbour-dns.example/tokens choose New Token');
    home.configure({ records: [{ name: 'home.example.com', ttl: 30 }], accounts: { harbour: account } });
    expect((await round(['check'])).stdout).toContain('ttl: 30 is outside what harbour takes (60 to 86400 seconds)');
  });

  test('providers tells all that is needed to write it', async () => {
    const { home, round } = await open();
    const { exit, stdout } = await round(['providers', NAME]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${NAME}: Harbour DNS\n`));
    expect(stdout).toContain('HARBOUR_TOKEN');
    expect(stdout).toContain(`provider: ${NAME}`);
    expect(home.datagrams()).toBe(0);
  });
});

test('without a config it is found where the command is called', async () => {
  const server = await vendor();
  const args = ['home.example.com', '--provider', NAME, '--option', `endpoint=${server.endpoint}/v1`, '--ip', GARAGE, '--state', join(folder, 'state')];
  expect(await run(args, { cwd: installed, env: { HARBOUR_TOKEN: TOKEN, HOME: folder } })).toMatchObject({ exit: 0 });
  expect(shown(server)).toEqual([`home.example.com A ${GARAGE}`]);
});

test.each([
  ['', []],
  [', also on a Node whose require loads no ES module, as that of 20.18', ['--no-experimental-require-module']],
])('installed together with the program, it is found wherever the config is%s', (_, flags) => {
  const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
  const config = join(elsewhere, 'config.yaml');
  writeFileSync(config, `records: [{ name: home.example.com }]\naccounts: { harbour: { provider: ${NAME}, token: { env: HARBOUR_TOKEN } } }\n`, { mode: 0o600 });
  const program = join(installed, 'node_modules/ddns-update/bin/ddns-update.js');
  expect(execFileSync(process.execPath, [...flags, program, 'check', '--config', config], { env: { ...alone, HARBOUR_TOKEN: TOKEN }, encoding: 'utf8' })).toContain(
    'config.yaml: ok, 1 name, 1 account',
  );
});

test('npx brings both', () => {
  const there = mkdtempSync(join(folder, 'npx-'));
  const local = tarballs().map((path) => {
    const name = `./${path.slice(folder.length + 1)}`;
    copyFileSync(path, join(there, name));
    return name;
  });
  const said = execFileSync('npx', ['--yes', ...local.flatMap((name) => ['--package', name]), 'ddns-update', 'providers', NAME], { cwd: there, env: alone, encoding: 'utf8', timeout: 240_000 });
  expect(said).toContain(`${NAME}: Harbour DNS`);
});
