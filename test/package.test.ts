/** What is published, as a user gets it: packed, installed into an empty folder with no network, started, imported, compiled against. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program, repository } from './support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'ddns-update-package-'));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
const tarball = join(folder, `ddns-update-${version}.tgz`);
const empty = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};
/** A cache of its own and no network: whatever is missing cannot be fetched unseen. */
const alone = { PATH: process.env['PATH'], HOME: folder, npm_config_cache: join(folder, 'cache'), npm_config_offline: 'true', npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };
const npm = (command: 'npm' | 'npx', args: readonly string[], cwd: string): string => execFileSync(command, args, { cwd, env: alone, encoding: 'utf8', timeout: 240_000 });
/** The tarball of a package whose program says "nothing". */
function packageOfNothing(): string {
  const there = empty('nothing');
  writeFileSync(join(there, 'package.json'), '{ "name": "nothing", "version": "1.0.0", "bin": "nothing.js" }');
  writeFileSync(join(there, 'nothing.js'), "#!/usr/bin/env node\nconsole.log('nothing');\n");
  npm('npm', ['pack', '--pack-destination', folder], there);
  return join(folder, 'nothing-1.0.0.tgz');
}

beforeAll(() => {
  npm('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], repository);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('is small', () => {
    expect(statSync(tarball).size).toBeLessThanOrEqual(1.5 * 1024 * 1024);
  });

  test('holds the program, its licences and its documents, and nothing from the workshop', () => {
    const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    for (const wanted of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'bin/ddns-update.js',
      'bin/package.json',
      'dist/cli/start.cjs',
      'dist/lib/sdk.js',
      'dist/lib/types/sdk/index.d.ts',
      'dist/THIRD-PARTY-LICENSES.txt',
    ])
      expect(files).toContain(`package/${wanted}`);
    expect(files.filter((path) => /\.map$|(^|\/)(src|test|scripts|node_modules)\/|tsconfig|biome/.test(path.replace(/^package\/dist\//, '')))).toEqual([]);
  });

  test('carries the licence of everything that is bundled', () => {
    const licences = readFileSync(join(repository, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const titles = licences.split('\n').filter((line) => /^[@a-z][^ ]* \d.*\)$/.test(line));
    for (const name of ['commander', 'undici', 'conf', 'valibot', 'yaml', 'smol-toml', 'cloudflare', '@aws-sdk/client-route-53', '@smithy/core'])
      expect(titles).toContainEqual(expect.stringMatching(`^${name} \\d`));
    expect(licences).toContain('Apache License');
  });

  test('starts from the tarball alone, within 3 seconds, and tells its story', () => {
    /** Milliseconds that npx takes to start what is in a tarball, as if for the first time. */
    const started = (from: string, says: string, name: string): number => {
      const there = empty(name);
      copyFileSync(from, join(there, basename(from)));
      const began = performance.now();
      expect(npm('npx', [`--cache=${join(folder, `${name}-cache`)}`, `./${basename(from)}`, '--version'], there).trim()).toBe(says);
      const ms = performance.now() - began;
      expect(readdirSync(there)).toEqual([basename(from)]);
      return ms;
    };
    const nothing = packageOfNothing();
    // Measured up to three times: a busy machine may stand still for a second. A quarter of the three is what npx takes for a package with nothing in it, where nobody else is at work.
    const isQuick = (round: number): boolean => {
      const ms = started(tarball, version, `npx${round}`);
      return ms < 3000 || ms < 4 * started(nothing, 'nothing', `nothing${round}`);
    };
    expect([0, 1, 2].some(isQuick)).toBe(true);
    expect(npm('npx', [`./${basename(tarball)}`, 'demo'], join(folder, 'npx0'))).not.toBe('');
  });

  test('brings nothing else along', () => {
    const there = empty('installed');
    npm('npm', ['install', '--no-save', tarball], there);
    expect(readdirSync(join(there, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['ddns-update']);
    expect(npm('npx', ['ddns-update', '--version'], there).trim()).toBe(version);
  });

  test('can be imported, and compiled against, by one who writes a provider', () => {
    const there = empty('author');
    writeFileSync(join(there, 'package.json'), '{ "type": "module" }');
    npm('npm', ['install', '--no-save', tarball], there);
    const names = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', "for (const name of ['ddns-update/sdk', 'ddns-update/testing']) console.log(Object.keys(await import(name)).length > 0)"],
      {
        cwd: there,
        encoding: 'utf8',
      },
    );
    expect(names).toBe('true\ntrue\n');
    writeFileSync(
      join(there, 'provider.ts'),
      "import { defineProvider } from 'ddns-update/sdk';\nimport * as testing from 'ddns-update/testing';\nexport const all = [defineProvider.name, testing];\n",
    );
    const config = {
      compilerOptions: { strict: true, module: 'NodeNext', target: 'ES2022', noEmit: true, types: ['node'], typeRoots: [join(repository, 'node_modules/@types')] },
      files: ['provider.ts'],
    };
    writeFileSync(join(there, 'tsconfig.json'), JSON.stringify(config));
    const { status, stdout } = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', there], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

test('a Node that is too old is told so in one sentence', () => {
  const disguise = join(folder, 'old.cjs');
  writeFileSync(disguise, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } });");
  expect(existsSync(program)).toBe(true);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', disguise, program, '--version'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toMatch(/^ddns-update needs Node\.js 20\.18\.1 or newer, and this is 18\.19\.0 \(.*\)\. .*\n$/);
});
