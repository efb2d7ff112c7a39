/** Brings a fresh clone to where a script can run: npm packages, Debian packages, a build that is not stale. Uses nothing but Node. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Exactly what package-lock.json says, or `npm ci`. */
export function installNpmPackages() {
  if (isInstalled()) return;
  say('installing npm packages');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function isInstalled() {
  const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  try {
    const wanted = read('package-lock.json');
    const there = read('node_modules/.package-lock.json');
    return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || there[path]?.version === version || (optional === true && there[path] === undefined));
  } catch {
    return false;
  }
}

/** The packages of debian-packages.txt, where this is Debian and we may. No daemon is started: a policy forbids it while we install. */
export function installDebianPackages() {
  const wanted = readFileSync(join(root, 'scripts/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (spawnSync('dpkg-query', ['--version']).status !== 0) {
    say(`this is no Debian: tests against real servers need ${wanted.join(', ')} or their like`);
    return;
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are dpkg's own placeholders
  const listed = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', ...wanted], { encoding: 'utf8' }).stdout;
  const missing = wanted.filter((name) => !listed.split('\n').includes(`installed ${name}`));
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0) {
    say(`tests against real servers need packages that only root can install: apt-get install ${missing.join(' ')}`);
    return;
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const apt = (...args) =>
    run(isRoot ? 'apt-get' : 'sudo', [...(isRoot ? [] : ['-n', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']), '-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', ...args], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
  withoutDaemons(isRoot, () => {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...missing);
  });
}

/** Debian starts a daemon when its package is installed, unless policy-rc.d says 101. A policy that is there already is respected. */
function withoutDaemons(isRoot, work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  const folder = mkdtempSync(join(tmpdir(), 'ddns-update-setup-'));
  const ours = join(folder, 'policy-rc.d');
  writeFileSync(ours, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const privileged = (command, ...args) => (isRoot ? run(command, args) : run('sudo', ['-n', command, ...args]));
  try {
    privileged('cp', ours, policy);
    work();
  } finally {
    privileged('rm', '-f', policy);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds when anything the build reads has changed since. */
export function ensureBuilt() {
  if (readStamp() === sourcesDigest()) return;
  say('building');
  run(process.execPath, ['scripts/build.mjs']);
}

export const writeStamp = (folder) => writeFileSync(join(folder, '.built-from'), sourcesDigest());

const readStamp = () => {
  try {
    return readFileSync(join(root, 'dist/.built-from'), 'utf8');
  } catch {
    return undefined;
  }
};

function sourcesDigest() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  const others = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs', 'scripts/setup.mjs'].map((path) => join(root, path));
  const hash = createHash('sha256');
  for (const path of [...sources.sort(), ...others]) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

const say = (line) => process.stderr.write(`${line} ...\n`);

/** Silent when all goes well. */
function run(command, args, env = {}) {
  const { status, error, output } = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26, env: { ...process.env, ...env } });
  if (status === 0) return;
  process.stderr.write(`${(output ?? []).join('')}${command} ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}\n`);
  process.exit(1);
}
