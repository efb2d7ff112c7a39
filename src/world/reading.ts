/** The real file system, only looked at. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { codeOf, trouble } from './disk-trouble.ts';
import type { Files, Reading } from './world.ts';

export const openReading = (): Reading => ({ read, list, stat });

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw trouble('read', path, thrown);
  }
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw trouble('list', path, thrown);
  }
}

function stat(path: string): ReturnType<Files['stat']> {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found && { modifiedAt: found.mtimeMs, size: found.size, mode: found.mode, othersMayRead: process.platform !== 'win32' && (found.mode & 0o044) !== 0 };
  } catch (thrown) {
    throw trouble('look at', path, thrown);
  }
}
