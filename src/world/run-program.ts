/** Other programs, run with a deadline and a cap. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Fault } from '../core/failure.ts';
import type { Deadline } from './world.ts';

type Ended = { readonly exit: number; readonly stdout: string; readonly stderr: string };
type Wait = Deadline & { readonly maxBytes: number };

/** How long output may still be in the pipes after the program has ended; a daemon it started may keep them open for ever. */
const DRAIN_MS = 200;

/** See `Processes.run`. */
export async function runProgram(command: readonly string[], { timeoutMs, signal, maxBytes }: Wait, env: Readonly<Record<string, string | undefined>>): Promise<Ended> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(failed(`${program} was not started: the time for this command is over`));
    const windows = process.platform === 'win32';
    // A group of its own, so that its children end with it.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: !windows, windowsHide: true, env: { ...env } });
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 };
    let over = false;
    let drain: NodeJS.Timeout | undefined;

    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        if (windows) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended in the meantime.
      }
    };
    const settle = (end: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(deadline);
      clearTimeout(drain);
      signal?.removeEventListener('abort', abort);
      process.removeListener('exit', kill);
      child.stdout.destroy();
      child.stderr.destroy();
      end();
    };
    const stop = (why: string): void => {
      kill();
      settle(() => reject(failed(`${program} ${why}`)));
    };
    const abort = (): void => stop('was stopped: the time for this command is over');
    const finish = (code: number | null, killer: NodeJS.Signals | null): void => {
      const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8');
      settle(() => resolve({ exit: code ?? 128 + (killer ? constants.signals[killer] : 0), stdout: text(out.stdout), stderr: text(out.stderr) }));
    };
    const collect = (parts: Buffer[]) => (chunk: Buffer) => {
      out.bytes += chunk.length;
      if (out.bytes > maxBytes) stop(`wrote more than ${maxBytes} bytes`);
      else parts.push(chunk);
    };

    const deadline = setTimeout(() => stop(`did not end within ${timeoutMs / 1000} s`), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    process.once('exit', kill);
    child.stdout.on('data', collect(out.stdout));
    child.stderr.on('data', collect(out.stderr));
    child.once('error', (error: NodeJS.ErrnoException) => settle(() => reject(failed(`cannot run ${program}: ${SPAWN_WORDS[error.code ?? ''] ?? error.message}`, error))));
    child.once('close', finish);
    child.once('exit', (code, killer) => {
      drain = setTimeout(() => finish(code, killer), DRAIN_MS);
    });
  });
}

const SPAWN_WORDS: Readonly<Record<string, string>> = { ENOENT: 'there is no such program', EACCES: 'it may not be executed', E2BIG: 'its arguments are too long' };

const failed = (detail: string, cause?: NodeJS.ErrnoException): Fault =>
  new Fault({ kind: 'network', detail, hint: 'try the same command by hand, as the same user', ...(cause?.code === undefined ? {} : { code: cause.code }) }, { cause });
