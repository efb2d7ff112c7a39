/** Starts the keeper and reads what it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Failure } from '../../src/core/failure.ts';
import { bundle } from '../support/bundle.ts';

export type Said = {
  readonly saving?: number;
  readonly saved?: number;
  readonly reads?: number;
  readonly warnings?: readonly string[];
  readonly files?: readonly string[];
  readonly failure?: Failure;
  readonly unreadable?: Failure;
  readonly counted?: number;
  readonly intruder?: string;
  readonly holding?: number;
};

export type Keeper = {
  readonly child: ChildProcess;
  readonly said: readonly Said[] /** Resolves when it has said something for which `wanted` holds. */;
  readonly heard: (wanted: (said: Said) => boolean) => Promise<Said>;
  readonly ended: Promise<string>;
};

let built: Promise<string> | undefined;
/** The keeper's bundle, made once. */
export const keeperFile = (): Promise<string> => {
  built ??= bundle(fileURLToPath(new URL('children/keeper.ts', import.meta.url)));
  return built;
};

/** `around`: a program and its arguments that start the keeper, such as strace. */
export async function startKeeper(args: readonly string[], around: readonly string[] = []): Promise<Keeper> {
  const [program = '', ...all] = [...around, process.execPath, await keeperFile(), ...args];
  const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Said[] = [];
  const waiting = new Set<() => void>();
  let [rest, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) said.push(JSON.parse(line) as Said);
    for (const check of waiting) check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      resolve(errors);
      for (const check of waiting) check();
    });
  });
  const heard = (wanted: (said: Said) => boolean): Promise<Said> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = said.find(wanted);
        if (found) resolve(found);
        else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`the keeper ended early: ${errors}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return { child, said, heard, ended };
}

/** Runs the keeper to its end. */
export async function runKeeper(args: readonly string[], around: readonly string[] = []): Promise<readonly Said[]> {
  const keeper = await startKeeper(args, around);
  const errors = await keeper.ended;
  if (keeper.said.length === 0) throw new Error(`${around.join(' ')} keeper ${args.join(' ')} said nothing: ${errors}`);
  return keeper.said;
}
