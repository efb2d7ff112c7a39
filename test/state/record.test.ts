/** The memory on disk: private, written only when it says something new, and always the same bytes for the same state. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Memory } from '../../src/core/decide.ts';
import { NOTHING, recall, type State } from '../../src/recall.ts';
import { openState, printState, prune } from '../../src/record.ts';
import { openClock } from '../../src/world/clock.ts';
import { openFiles } from '../../src/world/files.ts';
import { temporaryFolder } from '../support/folder.ts';

const world = { files: openFiles(), clock: openClock() };
const told = (times: number): State => ({ ...NOTHING, told: { 'home.example.com A': { kind: 'network', since: 1, last: 2, times } } });

test('the folder and the file are nobody else’s business, whatever the umask', async () => {
  const folder = `${temporaryFolder()}/deep/state`;
  for (const umask of [0o000, 0o277]) {
    const before = process.umask(umask);
    try {
      (await openState(folder, NOTHING, world)).save(told(umask));
    } finally {
      process.umask(before);
    }
    expect(statSync(folder).mode & 0o7777).toBe(0o700);
    expect(statSync(`${folder}/state.json`).mode & 0o7777).toBe(0o600);
  }
});

test('names with dots are names, not paths into the state', async () => {
  const folder = temporaryFolder();
  (await openState(folder, NOTHING, world)).save(told(1));
  expect(recall(folder, world).state).toEqual(told(1));
  expect(JSON.parse(readFileSync(`${folder}/state.json`, 'utf8')).told).toHaveProperty(['home.example.com A']);
});

test('what says nothing new is not written', async () => {
  const folder = temporaryFolder();
  let writes = 0;
  const write: typeof world.files.write = (...args) => {
    writes += 1;
    world.files.write(...args);
  };
  const counting = { ...world.files, write };
  const memory = await openState(folder, NOTHING, { files: counting });
  memory.save(NOTHING);
  expect(readdirSync(folder)).toEqual([]);
  memory.save(told(1));
  memory.save(JSON.parse(JSON.stringify(told(1))));
  expect(writes).toBe(1);
  expect(memory.state).toEqual(told(1));
  memory.save(told(2));
  memory.save(told(1));
  expect(writes).toBe(3);
});

test('nothing goes past our own writing: a world without a disk is enough', async () => {
  const folder = temporaryFolder();
  const written = new Map<string, string>();
  const files = { ...world.files, folder: () => {}, write: (path: string, text: string) => void written.set(path, text) };
  (await openState(`${folder}/nowhere`, NOTHING, { files })).save(told(1));
  expect(readdirSync(folder)).toEqual([]);
  expect([...written]).toEqual([[`${folder}/nowhere/state.json`, printState(told(1))]]);
});

test('equal states are equal bytes', () => {
  const a = { b: 1, a: { d: [{ y: 1, x: 2 }], c: 3 } };
  const b = { a: { c: 3, d: [{ x: 2, y: 1 }] }, b: 1 };
  expect(printState(a)).toBe(printState(b));
});

test('the last 200 changes are kept', async () => {
  const folder = temporaryFolder();
  const changes = Array.from({ length: 250 }, (_, at) => ({ at, name: 'n', type: 'A', account: 'a', after: [], why: 'moved' }));
  const memory = await openState(folder, NOTHING, world);
  memory.save({ ...NOTHING, changes });
  expect(memory.state.changes).toEqual(changes.slice(50));
  expect(recall(folder, world).state.changes).toEqual(changes.slice(50));
});

test('a save that fails changes nothing: the next one writes', async () => {
  const folder = temporaryFolder();
  const memory = await openState(folder, NOTHING, world);
  mkdirSync(`${folder}/state.json`);
  expect(() => memory.save(told(1))).toThrow(/state\.json: /);
  expect(memory.state).toBe(NOTHING);
  const elsewhere = temporaryFolder();
  writeFileSync(`${elsewhere}/state.json`, printState(told(5)));
  const again = await openState(elsewhere, told(5), world);
  again.save(told(6));
  expect(recall(elsewhere, world).state).toEqual(told(6));
});

test('what the config no longer names is forgotten after 90 days, unless a write may still be under way', () => {
  const day = 24 * 3_600_000;
  const now = 1000 * day;
  const row = (memory: object): Memory => memory as Memory;
  const state: State = {
    ...NOTHING,
    accounts: { kept: { identity: '' }, used: { identity: '' }, unused: { identity: '' } },
    targets: {
      'kept * a A': row({ confirmedAt: 0 }),
      'used * b A': row({ confirmedAt: now - 89 * day }),
      'unused * c A': row({ confirmedAt: now - 91 * day }),
      'used * d A': row({ pending: {} }),
      'used * e A': row({}),
    },
  };
  const pruned = prune(state, { targets: new Set(['kept * a A']), accounts: new Set(['kept']) }, now);
  expect(Object.keys(pruned.targets)).toEqual(['kept * a A', 'used * b A', 'used * d A']);
  expect(Object.keys(pruned.accounts)).toEqual(['kept', 'used']);
  expect(prune(pruned, { targets: new Set(['kept * a A']), accounts: new Set(['kept']) }, now)).toBe(pruned);
});
