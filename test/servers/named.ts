/** A real BIND 9 on loopback: its own folder, an ephemeral port, four keys, and an update-policy that gives each key its part. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';

export type Named = {
  readonly port: number;
  readonly folder: string;
  readonly keys: { readonly [name: string]: { readonly algorithm: string; readonly secret: string } };
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

/** Each algorithm has its key; `narrow` may change box.home.example alone. */
const KEYS = { ddns: 'hmac-sha256', k384: 'hmac-sha384', k512: 'hmac-sha512', k1: 'hmac-sha1', narrow: 'hmac-sha512', md5: 'hmac-md5', reader: 'hmac-sha256' } as const;
export const PROGRAM = '/usr/sbin/named';

/** `records`: what zone home.example holds beside SOA and NS; `more`: further text for named.conf. */
export async function startNamed({
  records,
  more = '',
  transfer = ['ddns', 'k384', 'k512', 'k1', 'narrow', 'md5'],
}: {
  readonly records: string;
  readonly more?: string;
  readonly transfer?: readonly string[];
}): Promise<Named> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: this test needs the Debian package bind9`);
  const folder = mkdtempSync(join(tmpdir(), 'ddns-named-'));
  const keys = Object.fromEntries(Object.entries(KEYS).map(([name, algorithm]) => [name, { algorithm, secret: Buffer.from(`secret of ${name}, long enough for a test`).toString('base64') }]));
  const soa = (zone: string): string => `$TTL 300\n@ IN SOA ns1.${zone}. hostmaster.${zone}. 1 3600 600 86400 60\n@ IN NS ns1.${zone}.\nns1 IN A 127.0.0.1\n`;
  writeFileSync(join(folder, 'home.example.db'), soa('home.example') + records);
  writeFileSync(join(folder, 'child.home.example.db'), `${soa('child.home.example')}deep 60 IN A 198.51.100.20\n`);
  writeFileSync(join(folder, 'static.example.db'), `${soa('static.example')}box 60 IN A 198.51.100.7\n`);
  writeFileSync(join(folder, 'shut.example.db'), `${soa('shut.example')}box 60 IN A 198.51.100.7\n`);
  const port = await freePort();
  const named = Object.entries(keys).map(([name, { algorithm, secret }]) => `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`);
  const policy = [...['ddns', 'k384', 'k512', 'k1', 'md5', 'reader'].map((name) => `grant ${name} zonesub ANY;`), 'grant narrow name box.home.example. A AAAA;'].join(' ');
  writeFileSync(
    join(folder, 'named.conf'),
    `${named.join('\n')}
options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; managed-keys-directory "${folder}";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; allow-query { any; }; allow-transfer { ${transfer.map((name) => `key "${name}";`).join(' ')} };
  dnssec-validation no; notify no; empty-zones-enable no;
};
controls { };
zone "home.example" { type primary; file "${folder}/home.example.db"; update-policy { ${policy} }; };
zone "child.home.example" { type primary; file "${folder}/child.home.example.db"; update-policy { ${policy} }; };
zone "static.example" { type primary; file "${folder}/static.example.db"; };
zone "shut.example" { type primary; file "${folder}/shut.example.db"; allow-query { key "narrow"; }; };
${more}`,
  );
  return { folder, keys, ...(await supervised(PROGRAM, ['-g', '-n', '1', '-c', join(folder, 'named.conf')], folder, port)) };
}

/** Starts a server and waits until it listens. `stop` ends it and removes its folder; so does a start that fails. */
export async function supervised(
  program: string,
  args: readonly string[],
  folder: string,
  port: number,
): Promise<{ readonly port: number; readonly log: () => string; readonly stop: () => Promise<void> }> {
  let log = '';
  const child: ChildProcess = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      log += chunk;
    });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(port, child, () => log);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { port, log: () => log, stop };
}

export async function listening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${log().slice(-2000)}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connectTcp({ port, host: '127.0.0.1' });
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`the server does not listen on ${port}:\n${log().slice(-2000)}`);
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(last);
}

/** Does a program of this name exist? For messages that name the package. */
export function demand(path: string, debianPackage: string): void {
  if (!existsSync(path)) throw new Error(`${path} is missing: this test needs the Debian package ${debianPackage}`);
}

export const run = (program: string, args: readonly string[], input?: string): string => execFileSync(program, args, { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
