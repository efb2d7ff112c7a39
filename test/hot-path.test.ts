/** The price of a round that changes nothing: which of our parts and of Node's it loads, two datagrams, no file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServers } from '../scripts/bench/servers.mjs';
import { ONCE_MORE } from './support/once-more.ts';
import { type Run, repository, run } from './support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'ddns-update-hot-path-'));
const state = join(folder, 'state');
const config = join(folder, 'config.json');
const loaded = join(folder, 'loaded.json');
let servers: Awaited<ReturnType<typeof startServers>>;

/** Loaded before the program: at its end, writes down what is there that was not at the beginning. */
const watcher = join(folder, 'watcher.cjs');
const WATCHER = `
const before = new Set(process.moduleLoadList);
process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(loaded)}, JSON.stringify({
  node: process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^NativeModule /, '')),
  own: Object.keys(require.cache),
})));
`;

const round = (...args: readonly string[]): Promise<Run> => run(['run', '--config', config, '--state', state, ...args], { env: { HOME: folder }, cwd: folder, nodeArguments: ['-r', watcher] });

beforeAll(async () => {
  servers = await startServers();
  writeFileSync(watcher, WATCHER);
  writeFileSync(join(folder, 'home.example.zone'), '$ORIGIN home.example.\n$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n');
  writeFileSync(
    config,
    JSON.stringify({
      records: [
        { name: 'home.example', account: 'own' },
        { name: 'nas.home.example', account: 'own' },
      ],
      accounts: { own: { provider: 'zonefile', file: join(folder, 'home.example.zone'), zone: 'home.example' } },
      detect: {
        sources: [
          { dns: `127.0.0.1:${servers.dnsPort}`, question: 'whoami.test', class: 'IN', type: 'A', operator: 'one' },
          { stun: `127.0.0.1:${servers.stunPort}`, operator: 'two' },
        ],
        allow: ['203.0.113.0/24'],
      },
    }),
    { mode: 0o600 },
  );
  const first = await round();
  expect(first.exit, first.stderr).toBe(0);
});
afterAll(() => {
  servers.close();
  rmSync(folder, { recursive: true, force: true });
});

const snapshot = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path !== 'loaded.json')
      .map((path) => {
        const { ino, size, mtimeNs, ctimeNs } = statSync(join(folder, path), { bigint: true });
        return [path, `${ino} ${size} ${mtimeNs} ${ctimeNs}`];
      }),
  );

describe('a round that changes nothing', ONCE_MORE, () => {
  test('sends two datagrams, calls nobody, writes no file, says nothing', async () => {
    const before = snapshot();
    servers.reset();
    const { exit, stdout, stderr } = await round();
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(servers.state).toMatchObject({ datagrams: 2, requests: 0 });
    expect(snapshot()).toEqual(before);
  });

  test('loads no part of the program and no module of Node beyond the list', async () => {
    await round();
    const { own, node } = JSON.parse(readFileSync(loaded, 'utf8')) as { readonly own: readonly string[]; readonly node: readonly string[] };
    const allowed = JSON.parse(readFileSync(join(repository, 'test/hot-path.json'), 'utf8')) as { readonly own: readonly string[]; readonly node: readonly string[] };
    const parts = own.filter((path) => path !== watcher).map((path) => path.slice(repository.length));
    expect(parts.filter((part) => !allowed.own.includes(part))).toEqual([]);
    // Node's internal modules differ from version to version; the public ones are what a program can choose.
    expect(node.filter((name) => !name.startsWith('internal/') && !name.startsWith('Internal Binding ') && !allowed.node.includes(name))).toEqual([]);
    expect(node.filter((name) => /^internal\/(crypto|deps\/undici|tls|http2?)(\/|$)/.test(name))).toEqual([]);
  });
});

describe('a round that asks everybody', () => {
  test('loads nothing to ask the router with, unless the config says so', async () => {
    const { exit, stderr } = await run(['detect', '--config', config, '--state', join(folder, 'other')], { env: { HOME: folder }, cwd: folder, nodeArguments: ['-r', watcher] });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const { own } = JSON.parse(readFileSync(loaded, 'utf8')) as { readonly own: readonly string[] };
    const known = readdirSync(join(repository, 'dist/cli')).filter((name) => name.includes('router'));
    expect(known).not.toEqual([]);
    expect(own.filter((path) => known.some((name) => path.endsWith(name)))).toEqual([]);
    expect(own.some((path) => path.includes('detect'))).toBe(true);
  });
});
