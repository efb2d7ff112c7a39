/** The processes that live in the laboratory: each starts in a place, says that it is ready, and obeys. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundle } from '../support/bundle.ts';
import { program } from '../support/program.ts';
import type { Sandbox } from './sandbox.ts';

const CHILDREN = {
  internet: new URL('children/internet.ts', import.meta.url),
  box: new URL('children/box.ts', import.meta.url),
  portal: new URL('children/portal.ts', import.meta.url),
  visitor: new URL('children/visitor.ts', import.meta.url),
} as const;
export type Child = keyof typeof CHILDREN;

const bundled = new Map<Child, Promise<string>>();
/** The path of its program. */
export const child = (name: Child): Promise<string> => {
  const made = bundled.get(name) ?? bundle(fileURLToPath(CHILDREN[name]));
  bundled.set(name, made);
  return made;
};

/** `ask` sends an order and returns the answer. */
export type Inhabitant = { readonly ask: (order: object) => Promise<string> };

/** Starts it at `node` and resolves when it says that it is ready. It ends with the sandbox. */
export async function settle(sandbox: Sandbox, node: string, name: Child, args: readonly string[]): Promise<Inhabitant> {
  const [program, ...before] = sandbox.enter(node);
  return inhabitant(name, spawn(program, [...before, process.execPath, await child(name), ...args], { stdio: ['pipe', 'pipe', 'pipe'] }));
}

async function inhabitant(name: string, { stdin, stdout, stderr }: ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> }): Promise<Inhabitant> {
  const said: string[] = [];
  stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  stdin.on('error', () => {});
  const lines = createInterface({ input: stdout ?? process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`the ${name} of the laboratory ended: ${said.join('')}`);
    return value;
  };
  await next();
  return {
    ask: (order) => {
      stdin.write(`${JSON.stringify(order)}\n`);
      return next();
    },
  };
}

export const PROBE_PORT = 8053;
/** Starts the program itself as a `probe-server`, and resolves when it listens. It ends with the sandbox. */
export async function startProbe([node, ...before]: ReturnType<Sandbox['enter']>): Promise<void> {
  const { stdout, stderr } = spawn(node, [...before, process.execPath, program, 'probe-server', '--port', `${PROBE_PORT}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [stdout, stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(
    async () => said.includes('listening'),
    () => `the probe does not listen: ${said}`,
  );
}

/** The program that nsenter started: it waits for it, and passes no signal on. */
export function onlyChild(pid: number): number {
  const found = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  if (!(found > 0)) throw new Error('it has ended, or not begun yet');
  return found;
}

/** Asks ever again, for a minute at most. Returns the milliseconds it took. */
export async function until(isSo: () => Promise<boolean>, otherwise: string | (() => string), withinMs = 60_000): Promise<number> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > withinMs) throw new Error(typeof otherwise === 'string' ? otherwise : otherwise());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - began;
}
