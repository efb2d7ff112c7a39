/** The networks of a test: nothing gets out of them, and nothing of them stays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { until } from './lab.ts';
import { openSandbox } from './sandbox.ts';
import { buildScript } from './topology.ts';

/** Processes of this machine that were started as `sleep` with a number that begins like this. */
const sleeping = (seconds: number): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`sleep\0${seconds}`);
    } catch {
      return false;
    }
  });

test('all that was started in them ends with the program that opened them, though it be killed', async () => {
  const seconds = 1_000_000 + process.pid;
  const path = await bundle(fileURLToPath(new URL('children/stayer.ts', import.meta.url)));
  const child = spawn(process.execPath, [path, `${seconds}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await until(async () => sleeping(seconds).length === 2, 'they are not there');
  child.kill('SIGKILL');
  await until(async () => sleeping(seconds).length === 0, 'they are still there');
});

test('there is no way out of them', async () => {
  const sandbox = await openSandbox(buildScript());
  onTestFinished(sandbox.close);
  expect(JSON.parse(await sandbox.shell('ip -j link')).map(({ ifname }: { ifname: string }) => ifname)).toEqual(['lo']);
  for (const node of ['', 'ip netns exec internet']) await expect(sandbox.shell(`${node} ip route get 1.1.1.1`)).rejects.toThrow(/unreachable/);
});

test('what cannot be built says why', async () => {
  await expect(openSandbox('ip link add veth0 type nonsense')).rejects.toThrow(/could not be built: .*Unknown device type/s);
});
