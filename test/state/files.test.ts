/** Files as they really are: links, modes, owners, things in the way. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isFault } from '../../src/core/failure.ts';
import { openFiles } from '../../src/world/files.ts';
import { temporaryFolder } from '../support/folder.ts';

const files = openFiles();

function failureOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (isFault(thrown) && thrown.failure.kind === 'state') return thrown.failure.detail;
    throw thrown;
  }
  throw new Error('it succeeded');
}

test('what is written is read, with the mode asked for and nothing else left there', () => {
  const folder = temporaryFolder();
  const before = process.umask(0o077);
  try {
    files.write(`${folder}/a`, 'größer 🌍\n', { mode: 0o644 });
    expect(files.create(`${folder}/b`, 'one', { mode: 0o640 })).toBe(true);
    expect(files.create(`${folder}/b`, 'two', { mode: 0o640 })).toBe(false);
  } finally {
    process.umask(before);
  }
  expect(files.read(`${folder}/a`)).toBe('größer 🌍\n');
  expect(files.read(`${folder}/b`)).toBe('one');
  expect([files.stat(`${folder}/a`)?.othersMayRead, files.stat(`${folder}/b`)?.mode].map((value) => (typeof value === 'number' ? value & 0o777 : value))).toEqual([true, 0o640]);
  expect(files.list(folder)).toEqual(['a', 'b']);
});

test('what is not there: no text, no names, no facts, and nothing to remove or touch', () => {
  const nothing = `${temporaryFolder()}/nothing`;
  expect([files.read(nothing), files.stat(nothing), files.list(nothing)]).toEqual([undefined, undefined, []]);
  files.remove(nothing);
  files.touch(nothing);
  expect(failureOf(() => files.write(`${nothing}/file`, '', { mode: 0o600 }))).toBe(`cannot write ${nothing}/file: there is no such file or folder (ENOENT)`);
  expect(failureOf(() => files.rename(nothing, `${nothing}2`))).toBe(`cannot rename ${nothing}: there is no such file or folder (ENOENT)`);
});

test('what is in the way is named', () => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/folder/inside`, { recursive: true });
  writeFileSync(`${folder}/file`, '');
  symlinkSync('loop', `${folder}/loop`);
  expect(failureOf(() => files.read(`${folder}/folder`))).toBe(`cannot read ${folder}/folder: it is a folder, not a file (EISDIR)`);
  expect(failureOf(() => files.write(`${folder}/folder`, 'x', { mode: 0o600 }))).toContain('it is a folder, not a file');
  expect(failureOf(() => files.remove(`${folder}/folder`))).toContain('cannot remove');
  expect(failureOf(() => files.folder(`${folder}/file/deeper`, { mode: 0o700 }))).toContain('a part of its path is a file, not a folder');
  expect(failureOf(() => files.folder(`${folder}/file`, { mode: 0o700 }))).toContain('something else is in its place');
  // Node's own way of making folders within folders never ends here.
  expect(failureOf(() => files.folder('/proc/nowhere/deeper', { mode: 0o700 }))).toContain('cannot create the folder /proc/nowhere/deeper');
  expect(failureOf(() => files.list(`${folder}/file`))).toContain('a part of its path is a file');
  expect(failureOf(() => files.read(`${folder}/loop`))).toContain('its symbolic links lead in a circle');
  expect(failureOf(() => files.create(`${folder}/${'n'.repeat(256)}`, '', { mode: 0o600 }))).toContain('its name is too long');
  expect(readdirSync(folder)).toEqual(['file', 'folder', 'loop']);
});

test('a link stays a link; what it leads to is replaced, there already or not', () => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/real`);
  writeFileSync(`${folder}/real/old`, 'old');
  symlinkSync('real/old', `${folder}/a`);
  symlinkSync('real/new', `${folder}/b`);
  for (const link of ['a', 'b']) {
    files.write(`${folder}/${link}`, 'text', { mode: 0o600 });
    expect(lstatSync(`${folder}/${link}`).isSymbolicLink()).toBe(true);
    expect(readFileSync(`${folder}/${readlinkSync(`${folder}/${link}`)}`, 'utf8')).toBe('text');
  }
  expect(readdirSync(`${folder}/real`)).toEqual(['new', 'old']);
});

test('a folder is private when it is new, and stays as it is when it is not', () => {
  const folder = temporaryFolder();
  files.folder(`${folder}/a/b`, { mode: 0o700 });
  expect(statSync(`${folder}/a/b`).mode & 0o777).toBe(0o700);
  chmodSync(`${folder}/a/b`, 0o755);
  files.folder(`${folder}/a/b`, { mode: 0o700 });
  expect(statSync(`${folder}/a/b`).mode & 0o777).toBe(0o755);
});

test('touching moves the time of the last change to now', () => {
  const file = `${temporaryFolder()}/file`;
  writeFileSync(file, '');
  utimesSync(file, 1, 1);
  files.touch(file);
  expect(Math.abs((files.stat(file)?.modifiedAt ?? 0) - Date.now())).toBeLessThan(5_000);
});

test('leftovers of killed runs are swept away once they are old, those of others never', () => {
  const folder = temporaryFolder();
  const names = ['state.json.12-abc.tmp', 'state.json.13-abc.tmp', 'state.json.bak', 'other.12-abc.tmp', 'state.json.x-abc.tmp'];
  for (const name of names) writeFileSync(`${folder}/${name}`, '');
  for (const name of names.filter((name) => !name.includes('.13-'))) utimesSync(`${folder}/${name}`, 1, 1);
  files.write(`${folder}/state.json`, '', { mode: 0o600 });
  expect(files.list(folder)).toEqual(['other.12-abc.tmp', 'state.json', 'state.json.13-abc.tmp', 'state.json.bak', 'state.json.x-abc.tmp']);
});

test('who writes a file by hand, root or its user, leaves it with its user', () => {
  const file = `${temporaryFolder()}/file`;
  writeFileSync(file, 'old');
  const [uid, gid] = process.geteuid?.() === 0 ? [65_534, 65_534] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  chownSync(file, uid, gid);
  files.write(file, 'new', { mode: 0o600 });
  expect([statSync(file).uid, statSync(file).gid, readFileSync(file, 'utf8')]).toEqual([uid, gid, 'new']);
});
