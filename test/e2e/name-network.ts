/** A network of its own in which BIND serves zones at port 53 and unbound resolves them, with the program inside: nothing of this machine is touched. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { type Daemon, startDaemon } from '../servers/daemon.ts';
import { PROGRAM } from '../servers/named.ts';
import { fileOf, namedConfig, type Place, type ServedZone, soaOf, unboundConfig, type Validation } from '../servers/zones.ts';
import { program } from '../support/program.ts';

const NSENTER = '/usr/bin/nsenter';

export const place = (address: string): Place => ({ address, port: 53 });

export type NameNetwork = {
  readonly folder: string;
  /** The A record that a server tells; empty for none. */
  readonly ask: (server: string, name: string) => Promise<string>;
  /** BIND at `address`; ready when it tells the address of `known`. */
  readonly serve: (address: string, zones: readonly ServedZone[], known: string) => Promise<void>;
  /** unbound at `address`, which starts at `root`; ready when `known` has an address. */
  readonly resolve: (address: string, root: string, known: string, validation?: Validation) => Promise<void>;
  /** One command of the program over a config and a state of its own. A failing exit code is part of the document. */
  readonly run: <T>(command: 'run' | 'verify' | 'prepare', config: object, ip: string) => Promise<{ readonly report: T; readonly stderr: string; readonly seconds: number }>;
  /** Any program in the network, with `input` if given. */
  readonly execute: (command: readonly string[], input?: string) => Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }>;
  readonly close: () => Promise<void>;
};

/** Opens a network in which this machine has all of `addresses`. */
export async function nameNetwork(addresses: readonly string[]): Promise<NameNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-names-'));
  const running: Daemon[] = [];
  const own = addresses.map((address) => `ip addr add ${address}/32 dev lo`);
  const holder: ChildProcess = spawn('unshare', ['-Urn', 'sh', '-c', `set -e; ip link set lo up; ${own.join('; ')}; echo ready; exec sleep 600`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    holder.stdout?.once('data', () => resolve());
    holder.once('exit', (code) => reject(new Error(`no network of its own: this test needs util-linux and iproute2 (${code})`)));
  });
  /** Runs a program in the network. */
  const inside = (...command: readonly string[]): readonly string[] => ['--target', String(holder.pid), '--user', '--net', '--preserve-credentials', ...command];
  const ask = async (server: string, name: string): Promise<string> =>
    (await promisify(execFile)(NSENTER, inside('dig', '+short', '+tries=1', '+time=2', `@${server}`, name, 'A')).catch(() => ({ stdout: '' }))).stdout.trim();
  const start = async (debian: string, address: string, known: string, ...command: readonly string[]): Promise<void> =>
    void running.push(await startDaemon({ program: NSENTER, debian, args: inside(...command), ready: async () => /^[\d.]+$/.test(await ask(address, known)) }));
  return {
    folder,
    ask,
    serve: async (address, zones, known) => {
      const home = join(folder, address);
      mkdirSync(home);
      for (const zone of zones) if (zone.from === undefined) writeFileSync(join(home, fileOf(zone.name)), zone.whole ?? soaOf(zone));
      writeFileSync(join(home, 'named.conf'), namedConfig(home, zones, place(address)));
      await start('bind9', address, known, PROGRAM, '-g', '-n', '1', '-c', join(home, 'named.conf'));
    },
    resolve: async (address, root, known, validation) => {
      const file = join(folder, `unbound-${address}.conf`);
      writeFileSync(file, unboundConfig(folder, { '.': [place(root)] }, place(address), validation));
      await start('unbound', address, known, '/usr/sbin/unbound', '-d', '-c', file);
    },
    run: async (command, config, ip) => {
      const home = mkdtempSync(join(folder, 'round-'));
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      writeFileSync(join(home, 'config.json'), JSON.stringify(config), { mode: 0o600 });
      const from = performance.now();
      const told = inside(process.execPath, program, command, '--json', '--ip', ip, '--config', join(home, 'config.json'), '--state', join(home, 'state'));
      const { stdout, stderr } = await promisify(execFile)(NSENTER, told, { env: { PATH: process.env['PATH'], HOME: home } }).catch(
        (failed: { readonly stdout: string; readonly stderr: string }) => failed,
      );
      return { report: JSON.parse(stdout), stderr, seconds: (performance.now() - from) / 1000 };
    },
    execute: (command, input = '') =>
      new Promise((resolve) => {
        const child = execFile(NSENTER, inside(...command), { env: { PATH: process.env['PATH'], HOME: folder } }, (_, stdout, stderr) => resolve({ exit: child.exitCode ?? -1, stdout, stderr }));
        child.stdin?.end(input);
      }),
    close: async () => {
      await Promise.all(running.map((daemon) => daemon.stop()));
      holder.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
