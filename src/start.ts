/** The entry: an unchanged round ends here, everything else goes on in main. */
import { HANDLING, toFailure } from './core/failure.ts';
import { type Glimpses, unchanged } from './unchanged.ts';
import { thisHost } from './world/host.ts';
import { openOutlook } from './world/outlook.ts';
import { end, isTerminal, write } from './world/streams.ts';

/** Resolves with the exit code. */
async function start(argv: readonly string[]): Promise<number> {
  // Somebody who looks is told a line for each name, which only the program can.
  const nothing: Glimpses = new Map();
  const heard = isTerminal() ? nothing : await unchanged(argv, thisHost(), (servers) => openOutlook(servers, process.env));
  return heard === 'unchanged' ? 0 : (await import('./main.ts')).main(argv, heard);
}

let isOver = false;
const over = (exit: number): Promise<void> => {
  isOver = true;
  return end(exit);
};
// A provider package may end the process, or leave it with nothing to wait for: that is never a success.
process.once('exit', () => {
  if (isOver) return;
  write('stderr', 'ddns-update was ended before it was done, perhaps by a provider package; what was begun may have been done');
  process.exitCode = HANDLING.defect.exit;
});
start(process.argv.slice(2)).then(over, (thrown: unknown) => {
  write('stderr', toFailure(thrown).detail);
  return over(HANDLING.defect.exit);
});
