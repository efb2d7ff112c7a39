/** The built program, as a user starts it: what it printed and how it ended. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const program = `${repository}bin/ddns-update.js`;

export type Run = { readonly exit: number | string; readonly stdout: string; readonly stderr: string };

/**
 * `env` replaces the environment but for PATH; nothing of the machine's own settings leaks in. `exit` is the signal's name when one ended it,
 * which happens after `timeoutMs` at the latest. `node` is the Node to use; `nodeArguments` come before the program.
 */
export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly node?: string;
  readonly nodeArguments?: readonly string[];
};

export const run = (args: readonly string[], options: RunOptions = {}): Promise<Run> => start(args, options).ended;

/** Like `run`, for a test that wants to act while the program runs. */
export function start(args: readonly string[], options: RunOptions = {}): { readonly pid: number; readonly kill: (signal: NodeJS.Signals) => void; readonly ended: Promise<Run> } {
  if (!existsSync(`${repository}dist/cli/start.cjs`)) throw new Error('The program is not built: `npm test` builds it, and so does `npm run build`.');
  const { env = {}, cwd, input = '', timeoutMs = 120_000, node = process.execPath, nodeArguments = [] } = options;
  const child = spawn(node, [...nodeArguments, program, ...args], { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  // A program that ends without reading its input closes the pipe; that is no error of the test.
  child.stdin.on('error', () => {}).end(input);
  const ended = new Promise<Run>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ exit: code ?? signal ?? 'unknown', stdout: stdout.join(''), stderr: stderr.join('') });
    });
  });
  return { pid: child.pid ?? -1, kill: (signal) => child.kill(signal), ended };
}
