/** The real file system: whole files, replaced atomically and durably, with every byte counted and every error in plain words. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { codeOf, trouble } from './disk-trouble.ts';
import { openReading } from './reading.ts';
import type { Files } from './world.ts';

export function openFiles(): Files {
  return { ...openReading(), write, create, rename, remove, folder, touch };
}

function write(path: string, text: string, { mode }: { readonly mode: number }): void {
  try {
    const target = behindLink(path);
    sweep(target);
    const temp = writeTemp(target, text, mode);
    try {
      renameSync(temp, target);
    } catch (thrown) {
      discard(temp);
      throw thrown;
    }
    syncFolder(dirname(target));
  } catch (thrown) {
    throw trouble('write', path, thrown);
  }
}

/** The text is complete before the name exists: no reader ever sees half of it. */
function create(path: string, text: string, { mode }: { readonly mode: number }): boolean {
  try {
    const temp = writeTemp(path, text, mode);
    try {
      linkSync(temp, path);
      return true;
    } catch (thrown) {
      if (codeOf(thrown) === 'EEXIST') return false;
      if (!WITHOUT_LINKS.has(codeOf(thrown) ?? '')) throw thrown;
      return createInPlace(path, text, mode);
    } finally {
      discard(temp);
    }
  } catch (thrown) {
    throw trouble('create', path, thrown);
  }
}

/** Answers of file systems that know no hard links (FAT, some network and user-space ones). */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function createInPlace(path: string, text: string, mode: number): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx', mode);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
  fill(fd, path, text, mode);
  return true;
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
    syncFolder(dirname(to));
  } catch (thrown) {
    throw trouble('rename', from, thrown);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw trouble('remove', path, thrown);
  }
}

function folder(path: string, { mode }: { readonly mode: number }): void {
  try {
    if (makeFolder(resolve(path), mode)) chmodSync(path, mode);
  } catch (thrown) {
    throw trouble('create the folder', path, thrown);
  }
}

/** Was it made now? Node's own recursion never ends where a folder is there and nothing can be made in it (below /proc, for one). */
function makeFolder(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (thrown) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
    const above = dirname(path);
    if (codeOf(thrown) !== 'ENOENT' || above === path || !makeFolder(above, mode)) throw thrown;
    return makeFolder(path, mode);
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw trouble('touch', path, thrown);
  }
}

/** A link is kept and what it points to is replaced, whether that exists already or not. */
function behindLink(path: string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : resolve(dirname(path), readlinkSync(path));
}

/** A new file beside `target` that holds `text`, on disk to the last byte. Nothing is left of it when that fails. */
function writeTemp(target: string, text: string, mode: number): string {
  const temp = `${target}.${process.pid}-${Math.random().toString(36).slice(2, 10)}.tmp`;
  const fd = openSync(temp, 'wx', mode);
  const before = statSync(target, { throwIfNoEntry: false });
  fill(fd, temp, text, mode, before);
  return temp;
}

/** Closes `fd` in any case; removes the file when it could not be filled. */
function fill(fd: number, path: string, text: string, mode: number, owner?: { readonly uid: number; readonly gid: number }): void {
  let open = true;
  try {
    // The mode given to open(2) is cut by the umask, this one is not.
    fchmodSync(fd, mode);
    if (owner) keepOwner(fd, owner);
    writeAll(fd, Buffer.from(text, 'utf8'));
    fsyncSync(fd);
    open = false;
    closeSync(fd);
  } catch (thrown) {
    if (open) closeSync(fd);
    discard(path);
    throw thrown;
  }
}

/** A full disk may take a part and report success: the count decides, and no progress is an error. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const count = writeSync(fd, bytes, at);
    if (count <= 0) throw Object.assign(new Error(`the system took ${at} of ${bytes.length} bytes`), { code: 'ENOSPC' });
    at += count;
  }
}

/** A file that root rewrites once by hand stays readable for the user whose cron job wrote it. Others may not give files away, and need not. */
function keepOwner(fd: number, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  if (process.geteuid?.() !== 0) return;
  try {
    fchownSync(fd, uid, gid);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EPERM' && codeOf(thrown) !== 'EINVAL') throw thrown;
  }
}

/** The new name itself survives a power cut only when the folder is on disk too. Systems that cannot do that say one of these. */
function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    fsyncSync(fd);
  } catch (thrown) {
    if (!['EINVAL', 'EPERM', 'EACCES', 'EISDIR', 'ENOTSUP', 'EBADF'].includes(codeOf(thrown) ?? '')) throw thrown;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const LEFT_BEHIND_MS = 10 * 60_000;

/** Removes temporary files that a killed run left beside `target`; a run that is at work renames its own within seconds. */
function sweep(target: string): void {
  const start = `${basename(target)}.`;
  for (const name of readdirSync(dirname(target))) {
    if (!name.startsWith(start) || !/^\d+-[a-z0-9]+\.tmp$/.test(name.slice(start.length))) continue;
    const path = resolve(dirname(target), name);
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (modified !== undefined && Math.abs(Date.now() - modified) > LEFT_BEHIND_MS) discard(path);
  }
}

/** For what is of no use to anybody any more; the error that led here matters more than one of this. */
function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It stays behind, and a later write sweeps it away.
  }
}
