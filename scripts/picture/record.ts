/** Runs a command in a pseudo terminal, that of `script` (util-linux, Debian's bsdutils), and keeps what it wrote and when. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Piece } from './film.ts';

export type RecordOptions = {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  /** The whole environment, but for what says what the terminal is. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

/** stdin, stdout and stderr of `command` are the terminal; nothing is ever typed. `exit` is 137 when its time was up. Throws when there is no `script`. */
export function record(command: readonly string[], { columns, rows, cwd, env, timeoutMs }: RecordOptions): Promise<{ readonly pieces: readonly Piece[]; readonly exit: number }> {
  const line = `stty cols ${columns} rows ${rows} && exec ${command.map(quoted).join(' ')}`;
  const started = performance.now();
  const child = spawn('script', ['--quiet', '--return', '--echo', 'never', '--command', line, '/dev/null'], {
    cwd,
    env: { ...env, SHELL: '/bin/sh', TERM: 'xterm-256color', COLUMNS: String(columns), LINES: String(rows) },
    // Open until the command ends: an end of input would show on the screen.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // Whoever is on a terminal that goes away is hung up on.
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const pieces: Piece[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => pieces.push({ atMs: Math.round(performance.now() - started), text }));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error('a terminal to record needs the program `script` of util-linux (in Debian: bsdutils)', { cause: error }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ pieces, exit: code ?? KILLED });
    });
  });
}

const KILLED = 137;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
