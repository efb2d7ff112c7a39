/** Full, read-only and failing disks: the old state stays whole, and the message says what is wrong. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { keeperFile, runKeeper } from './children.ts';

beforeAll(async () => {
  await keeperFile();
  for (const program of ['strace', 'unshare']) {
    if (!(process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`))) throw new Error(`${program} is needed for these tests: apt-get install strace util-linux`);
  }
});

/** Runs the keeper after `prepare` in mounts of its own, which end with it. */
const mounted = (prepare: string): readonly string[] => ['unshare', ...(process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount']), 'sh', '-ec', `${prepare}; exec "$@"`, 'sh'];

test('a full disk: the old state is kept, nothing is left lying about, and it goes on when there is room', async () => {
  const folder = temporaryFolder();
  const said = await runKeeper(['save', folder, '100', '100000', '200'], mounted(`mount -t tmpfs -o size=64k tmpfs ${folder}`));
  expect(said).toEqual([
    { saved: 1, reads: 1, warnings: [], files: ['state.json'] },
    { failure: { kind: 'state', detail: `cannot write ${folder}/state.json: the disk is full (ENOSPC)` }, reads: 1, warnings: [], files: ['state.json'] },
    { saved: 3, reads: 3, warnings: [], files: ['state.json'] },
  ]);
});

test('no room for another file: said in plain words', async () => {
  const folder = temporaryFolder();
  const said = await runKeeper(['save', folder, '100', '100'], mounted(`mount -t tmpfs -o nr_inodes=2 tmpfs ${folder}`));
  expect(said[1]).toEqual({ failure: { kind: 'state', detail: `cannot write ${folder}/state.json: the disk is full (ENOSPC)` }, reads: 1, warnings: [], files: ['state.json'] });
});

test('a limit on the size of files: the part that was taken is not called the whole', async () => {
  const folder = temporaryFolder();
  const said = await runKeeper(['save', folder, '100', '100000'], ['bash', '-c', 'trap "" XFSZ; ulimit -f 8; exec "$@"', 'bash']);
  expect(said[1]?.failure?.kind).toBe('state');
  expect(said[1]).toMatchObject({ reads: 1, files: ['state.json'] });
});

test('a read-only folder: it can be read, and saving says why it cannot', async () => {
  const folder = temporaryFolder();
  await runKeeper(['save', folder, '100']);
  const readOnly = mounted(`mount --bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}`);
  expect(await runKeeper(['save', folder, '100', '200'], readOnly)).toEqual([
    { saved: 1, reads: 1, warnings: [], files: ['state.json'] },
    { failure: { kind: 'state', detail: `cannot write ${folder}/state.json: the file system is read-only (EROFS)` }, reads: 1, warnings: [], files: ['state.json'] },
  ]);
  expect(await runKeeper(['count', folder, '1'], readOnly)).toEqual([{ failure: { kind: 'state', detail: `cannot create ${folder}/lock.1: the file system is read-only (EROFS)` } }]);
});

/** Every call of `calls` fails with `error`. */
const failing = (calls: string, error: string): readonly string[] => ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];

test.each([
  ['fsync', 'EIO', 'the disk reports an error (EIO)'],
  ['rename,renameat,renameat2', 'EXDEV', 'it is on another file system than its folder (EXDEV)'],
  ['rename,renameat,renameat2', 'EBUSY', 'it is in use, or mounted by itself (mount its folder instead) (EBUSY)'],
  ['fchmod', 'EPERM', 'the system does not permit it (EPERM)'],
])('%s fails with %s: the old state is kept and nothing is left behind', async (calls, error, words) => {
  const folder = temporaryFolder();
  await runKeeper(['save', folder, '100']);
  const said = await runKeeper(['save', folder, '300'], failing(calls, error));
  expect(said).toEqual([{ failure: { kind: 'state', detail: `cannot write ${folder}/state.json: ${words}` }, reads: 1, warnings: [], files: ['state.json'] }]);
});

test.each(['fsync', 'rename,renameat,renameat2'])('killed in the middle of %s: the old state is there, and the leftover is swept away in time', async (calls) => {
  const folder = temporaryFolder();
  await runKeeper(['save', folder, '100']);
  const killed = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL`];
  await expect(runKeeper(['save', folder, '300'], killed)).rejects.toThrow('said nothing');
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
  execFileSync('find', [folder, '-name', '*.tmp', '-exec', 'touch', '-d', '1 hour ago', '{}', '+']);
  const said = await runKeeper(['save', folder, '100', '500']);
  expect(said[0]?.reads).toBe(1);
  expect(said[1]).toMatchObject({ saved: 2, reads: 2, files: ['state.json'] });
});
