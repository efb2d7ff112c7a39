/** A folder for one piece of work, gone when it is done. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trouble } from './disk-trouble.ts';

/** Only this user can look into it. It is removed however `work` ends. Throws Fault `state` where none can be made. */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ddns-update-scratch-')).catch((thrown: unknown) => {
    throw trouble('make a temporary folder in', `${tmpdir()} (TMPDIR may name another place)`, thrown);
  });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
