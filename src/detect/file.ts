/** Reads the address from a file that somebody else keeps, or takes the user's own word from the config. */
import { attempt } from '../core/failure.ts';
import { type Asker, ballotOf, failed, ofFamily } from './ask.ts';
import type { AddressSource, FileSource } from './source.ts';

export const askFile: Asker<FileSource> = (source, family, asked, world) =>
  ballotOf(source, family, asked, world, async () => {
    const read = await attempt(() => world.files.read(source.path));
    if (read.kind === 'failed') return failed('refused', read.failure.detail);
    return read.value === undefined ? failed('absent', `there is no file ${source.path}`) : ofFamily(read.value, family);
  });

export const askAddress: Asker<AddressSource> = (source, family, asked, world) => ballotOf(source, family, asked, world, async () => ofFamily(source.address, family));
