/**
 * A world of its own for a test: network, mounts and processes that nobody else sees, from which nothing gets out. It is gone when the test ends, when it is
 * killed, and after `LIFE_SECONDS` at the latest: its first process ends with the pipe that leads to it, and everything in it ends with that.
 */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { demand } from '../servers/named.ts';

const LIFE_SECONDS = 1200;
const APART = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', '--propagation', 'private'];

export type Sandbox = {
  /** What starts a program inside: put its path and arguments behind. `node`: the network namespace, made with `ip netns add`. */
  readonly enter: (node?: string) => readonly [program: string, ...before: string[]];
  /** Runs a shell script inside and returns what it printed; throws with what it said when it fails. */
  readonly shell: (script: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** `setUp`: a shell script that is run inside first, by a root who is root there alone. Throws with what it said when it fails. */
export async function openSandbox(setUp: string): Promise<Sandbox> {
  demand('/usr/sbin/nft', 'nftables');
  demand('/usr/bin/nsenter', 'util-linux');
  await promisify(execFile)('unshare', [...APART, 'true'], { timeout: 60_000 }).catch((cause) => {
    throw new Error('this machine lets nobody make network namespaces (unshare), of which this test builds its networks: run it as root, outside of a container or in a privileged one', { cause });
  });
  const script = `set -eu
PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs none /run
mkdir /run/netns
ip link set lo up
${setUp}
echo up
exec timeout ${LIFE_SECONDS} cat`;
  const first = spawn('unshare', [...APART, 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  first.stdin.on('error', () => {});
  first.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = new Promise<void>((resolve) => first.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    first.kill('SIGKILL');
    await ended;
  };
  const isUp = await new Promise<boolean>((resolve) => {
    first.stdout.setEncoding('utf8').on('data', (text: string) => text.includes('up\n') && resolve(true));
    first.once('error', () => resolve(false)).once('close', () => resolve(false));
    setTimeout(() => resolve(false), 60_000).unref();
  });
  if (!isUp) {
    await close();
    throw new Error(`the networks of this test could not be built: ${said.join('') || 'not within a minute'}`);
  }
  const inside = ['-t', `${first.pid}`, '--user', '--preserve-credentials', '--mount', '--net', `--pid=/proc/${first.pid}/ns/pid_for_children`];
  const enter = (node?: string): readonly [string, ...string[]] => ['nsenter', ...inside, ...(node === undefined ? [] : ['ip', 'netns', 'exec', node])];
  return {
    enter,
    close,
    shell: async (script) => {
      const [program, ...before] = enter();
      const { stdout } = await promisify(execFile)(program, [...before, 'sh', '-c', `set -eu\nPATH=$PATH:/usr/sbin:/sbin\n${script}`], { timeout: 60_000 });
      return stdout;
    },
  };
}
