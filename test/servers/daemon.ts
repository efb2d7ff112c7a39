/** Starts a real server in the foreground, waits until it serves, and ends it again: only what was started here. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export type Daemon = { readonly stop: () => Promise<void> };

/** `ready` is asked until it is true, for a minute at most. `debian`: the package that has the program. */
export async function startDaemon({
  program,
  args,
  debian,
  ready,
}: {
  readonly program: string;
  readonly args: readonly string[];
  readonly debian: string;
  readonly ready: () => Promise<boolean>;
}): Promise<Daemon> {
  if (!existsSync(program)) throw new Error(`${program} is missing: this test needs the Debian package ${debian}`);
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  };
  for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (child.exitCode !== null) break;
    if (await ready()) return { stop };
  }
  await stop();
  throw new Error(`${program} does not serve: ${output}`);
}
