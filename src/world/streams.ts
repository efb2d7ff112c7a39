/** The streams of the process. */
import { fstatSync } from 'node:fs';

/** Those that something was written to. Touching the others would cost an unchanged round the time to open them. */
const written = new Set<'stdout' | 'stderr'>();

/** What moves the cursor, or turns the order of letters around: C0, DEL and C1, and what bidirectional text is steered by. */
const MOVING = '[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]';
/** The same, or what is ours (ECMA-48): at the beginning of a line the way back over lines that are drawn anew, and colours. */
const EITHER = `^(?:\\x1b\\[\\d*[AJ])+|\\x1b\\[\\d{1,2}m|${MOVING}`;
/** Made with the first line: an unchanged round writes none. */
let patterns: { readonly moving: RegExp; readonly either: RegExp } | undefined;

/** The line with nothing in it but text, and what is ours: names, certificates, routers and servers bring words of strangers, who may mean to command the terminal. */
export function harmless(line: string): string {
  patterns ??= { moving: new RegExp(MOVING), either: new RegExp(EITHER, 'g') };
  return patterns.moving.test(line) ? line.replace(patterns.either, (found) => (found.length > 1 || found === '\n' || found === '\t' ? found : ' ')) : line;
}

/** One line. */
export function write(to: 'stdout' | 'stderr', line: string): void {
  // A reader that has seen enough (`| head`) is no trouble of ours.
  if (!written.has(to)) process[to].on('error', () => {});
  written.add(to);
  process[to].write(`${harmless(line)}\n`);
}

/** Ends at once when all is written: a name lookup that nobody waits for any more would keep the process for half a minute. */
export async function end(exit: number): Promise<void> {
  process.exitCode = exit;
  await Promise.all([...written].map((to) => new Promise<void>((resolve) => void process[to].write('', () => resolve()))));
  process.exit();
}

/** Is somebody looking? Asks the system, not the stream, which would have to be opened; and no more of Node than what is no pipe and no file needs. */
export const isTerminal = (descriptor: 1 | 2 = 1): boolean => isDevice(descriptor) && process.getBuiltinModule('node:tty').isatty(descriptor);

function isDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    // Closed by whoever started us: nobody is there to look.
    return false;
  }
}
