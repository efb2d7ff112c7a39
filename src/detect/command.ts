/** Runs a program of the user's that prints the address and nothing else. */
import { attempt } from '../core/failure.ts';
import type { World } from '../world/world.ts';
import { type Asker, ballotOf, failed, ofFamily } from './ask.ts';
import type { CommandSource } from './source.ts';

/** More than any address, little enough to be read at once. */
const MAX_BYTES = 4096;

export const askCommand: Asker<CommandSource, World> = (source, family, asked, world, deadline) =>
  ballotOf(source, family, asked, world, async () => {
    const ran = await attempt(() => world.processes.run(source.command, { timeoutMs: deadline.timeoutMs, signal: deadline.signal, maxBytes: MAX_BYTES }));
    if (ran.kind === 'failed') return failed('refused', ran.failure.detail);
    const { exit, stdout } = ran.value;
    return exit === 0 ? ofFamily(stdout, family) : failed('refused', `${source.command[0] ?? 'the command'} ended with exit code ${exit}`);
  });
