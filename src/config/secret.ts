/** The four forms of a secret in a config: text, `{ env }`, `{ file }`, `{ command }`; and what stands behind each. */
import { attempt } from '../core/failure.ts';
import { Secret } from '../core/secret.ts';
import type { World } from '../world/world.ts';
import { isMapping, nameOf, type Refusal } from './shape.ts';
import { didYouMean } from './suggest.ts';

export type SecretForm =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'env'; readonly env: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'command'; readonly command: readonly string[] };

const KINDS = ['env', 'file', 'command'] as const;
const FORMS = 'text, { env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT...] }';
const COMMAND_MS = 10_000;
const LONGEST_BYTES = 64 * 1024;

/** Which form `written` is; its problem says nothing of what stands there. */
export function secretForm(written: unknown): SecretForm | Refusal {
  if (typeof written === 'string') {
    if (written === '') return { problem: 'is empty' };
    return /^\$\{\w+\}$/.test(written) ? { problem: 'is a variable as a shell would fill it in, which is not done here; write { env: NAME }' } : { kind: 'text', text: written };
  }
  if (typeof written === 'number') return { problem: 'is a number; write it in quotes' };
  if (!isMapping(written)) return { problem: `must be ${FORMS}, not ${nameOf(written)}` };
  const [kind, ...more] = Object.keys(written);
  if (kind === undefined || more.length > 0 || !KINDS.some((known) => known === kind)) return { problem: `must be ${FORMS}${kind === undefined || more.length > 0 ? '' : didYouMean(kind, KINDS)}` };
  const { env, file, command } = written;
  if (typeof env === 'string') return /^[^=\0\s]+$/.test(env) ? { kind: 'env', env } : { problem: '"env" must be the name of an environment variable' };
  if (typeof file === 'string' && file !== '') {
    return isAbsolute(file) || isBare(file)
      ? { kind: 'file', file }
      : { problem: `"file" must be an absolute path, or a bare name that stands in $CREDENTIALS_DIRECTORY or /run/secrets, not "${file}"` };
  }
  if (Array.isArray(command) && command.length > 0 && command.every((part) => typeof part === 'string')) return { kind: 'command', command };
  return { problem: `"${kind}" must be ${kind === 'command' ? 'a program and its arguments as a list of texts' : 'text'}` };
}

/** What stands behind the form, without a final newline, taught to the redactor; or why there is nothing. */
export async function resolveSecret(form: SecretForm, world: Pick<World, 'env' | 'files' | 'processes' | 'redactor'>): Promise<Secret | Refusal> {
  const found = await lookUp(form, world);
  if (typeof found !== 'string') return found;
  const text = found.replace(/\r?\n$/, '');
  if (text === '') return { problem: `${nameForm(form)} is empty` };
  // What takes the place of bytes that are not UTF-8: it would be sent, and refused.
  if (text.includes('\ufffd')) return { problem: `${nameForm(form)} is not UTF-8: save it as UTF-8` };
  const secret = new Secret(text);
  world.redactor.learn(secret);
  return secret;
}

async function lookUp(form: SecretForm, world: Pick<World, 'env' | 'files' | 'processes'>): Promise<string | Refusal> {
  switch (form.kind) {
    case 'text':
      return form.text;
    case 'env':
      return world.env[form.env] ?? { problem: `${nameForm(form)} is not set` };
    case 'file':
      return readFile(form.file, world);
    case 'command': {
      const ran = await attempt(() => world.processes.run(form.command, { timeoutMs: COMMAND_MS, maxBytes: LONGEST_BYTES }));
      if (ran.kind === 'failed') return { problem: `${nameForm(form)} could not be run: ${ran.failure.detail}` };
      return ran.value.exit === 0 ? ran.value.stdout : { problem: `${nameForm(form)} ended with exit code ${ran.value.exit}` };
    }
    default:
      return form satisfies never;
  }
}

async function readFile(file: string, { env, files }: Pick<World, 'env' | 'files'>): Promise<string | Refusal> {
  const credentials = env['CREDENTIALS_DIRECTORY'];
  const candidates = isBare(file) ? [...(credentials ? [`${credentials}/${file}`] : []), `/run/secrets/${file}`] : [file];
  for (const path of candidates) {
    const read = await attempt(() => files.read(path));
    if (read.kind === 'failed') return { problem: `the file ${path} cannot be read: ${read.failure.detail}` };
    if (read.value !== undefined) return read.value;
  }
  return { problem: `there is no file ${candidates.join(' or ')}` };
}

/** The form without what it holds: arguments of a command may be secret themselves. */
function nameForm(form: SecretForm): string {
  switch (form.kind) {
    case 'text':
      return 'the text';
    case 'env':
      return `the environment variable ${form.env}`;
    case 'file':
      return `the file ${form.file}`;
    case 'command':
      return `the command ${form.command[0]}`;
    default:
      return form satisfies never;
  }
}

const isBare = (file: string): boolean => !/[/\\]/.test(file) && file !== '.' && file !== '..';
const isAbsolute = (file: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(file);
