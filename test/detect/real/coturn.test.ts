/** STUN against a real coturn, over both families. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ballot } from '../../../src/core/ballot.ts';
import { askStun } from '../../../src/detect/stun.ts';
import { type Daemon, startDaemon } from '../../servers/daemon.ts';
import { freePort } from '../../servers/ports.ts';
import { prefixes, stunSource } from '../../servers/sources.ts';
import { realWorld } from '../../servers/world.ts';

let folder: string;
let daemon: Daemon;
let port: number;

const ask = (host: string, timeoutMs: number, bind?: string): Promise<Ballot> =>
  askStun(stunSource({ host, port }), host.includes(':') ? 6 : 4, { policy: { allow: prefixes('127.0.0.0/8', '::1/128'), deny: [] }, bind: bind as never }, realWorld(), { timeoutMs });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ddns-coturn-'));
  port = await freePort();
  const own = [`--listening-port=${port}`, '--listening-ip=127.0.0.1', '--listening-ip=::1', '--relay-ip=127.0.0.1', `--pidfile=${folder}/pid`, `--userdb=${folder}/users`];
  const args = ['-n', '--stun-only', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--no-stun-backward-compatibility', '--log-file=stdout', '--simple-log', ...own];
  daemon = await startDaemon({ program: '/usr/bin/turnserver', args, debian: 'coturn', ready: async () => (await ask('127.0.0.1', 300)).kind === 'address' });
});
afterAll(async () => {
  await daemon?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('over IPv4', async () => expect(await ask('127.0.0.1', 2000)).toMatchObject({ kind: 'address', address: '127.0.0.1' }));
test('from another address of this machine', async () => expect(await ask('127.0.0.1', 2000, '127.9.9.9')).toMatchObject({ kind: 'address', address: '127.9.9.9' }));
test('over IPv6', async () => expect(await ask('::1', 2000)).toMatchObject({ kind: 'address', address: '::1' }));
