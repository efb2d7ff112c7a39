/** Errors of the file system in plain words. */
import { Fault } from '../core/failure.ts';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than this process may write',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ENOENT: 'there is no such file or folder',
  EEXIST: 'something else is in its place',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EXDEV: 'it is on another file system than its folder',
  EBUSY: 'it is in use, or mounted by itself (mount its folder instead)',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/** The system's own name of an error, where it has one. */
export const codeOf = (thrown: unknown): string | undefined => (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined);

/** An error of the system as a Fault; anything else is a mistake of ours and stays what it is. */
export function trouble(doing: string, path: string, thrown: unknown): unknown {
  const code = codeOf(thrown);
  if (code === undefined || !(thrown instanceof Error)) return thrown;
  const words = WORDS[code];
  return new Fault({ kind: 'state', detail: `cannot ${doing} ${path}: ${words === undefined ? thrown.message : `${words} (${code})`}` }, { cause: thrown });
}
