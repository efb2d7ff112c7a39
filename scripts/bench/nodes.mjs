/** The Nodes to measure: the one that runs this, and those that were installed for it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

const folder = join(root, 'node_modules/.cache/ddns-update/nodes');
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
export const binaryOf = (major) => join(folder, major, 'node_modules', packageName, 'bin/node');

/** Installs the majors that are not there yet, from npm, beside the other caches. */
export function installNodes(majors) {
  for (const major of majors.filter((wanted) => wanted !== process.versions.node.split('.')[0] && !existsSync(binaryOf(wanted)))) {
    process.stderr.write(`installing Node ${major} ...\n`);
    mkdirSync(join(folder, major), { recursive: true });
    execFileSync('npm', ['install', '--prefix', join(folder, major), '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${packageName}@${major}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

/** The oldest major the program runs on; older ones are there to be refused. */
const OLDEST = 20;

/** `[{ version, path }]`, oldest first. */
export function findNodes() {
  const installed = existsSync(folder) ? readdirSync(folder).map(binaryOf).filter(existsSync) : [];
  const nodes = [process.execPath, ...installed].map((path) => ({ path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1) }));
  const byMajor = new Map(nodes.reverse().map((node) => [Number(node.version.split('.')[0]), node]));
  return [...byMajor]
    .filter(([major]) => major >= OLDEST)
    .sort(([a], [b]) => a - b)
    .map(([, node]) => node);
}
