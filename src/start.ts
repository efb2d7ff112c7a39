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

start(process.argv.slice(2)).then(end, (thrown: unknown) => {
  write('stderr', toFailure(thrown).detail);
  return end(HANDLING.defect.exit);
});
