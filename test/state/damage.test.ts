/** State that is lost, damaged, foreign or newer: set aside with a reason, and never in the way twice. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseState } from '../../src/parse-state.ts';
import { NOTHING, recall, type State } from '../../src/recall.ts';
import { openState, printState } from '../../src/record.ts';
import { openClock } from '../../src/world/clock.ts';
import { openFiles } from '../../src/world/files.ts';
import { temporaryFolder } from '../support/folder.ts';

const world = { files: openFiles(), clock: openClock() };
const set = { name: 'home.example.com', type: 'A', values: ['8.8.8.8'], ttl: 300 };
const good = {
  ...NOTHING,
  checked: ['digest'],
  network: { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0', prefix: '192.168.1.0/24' },
  families: { 4: { address: '8.8.8.8', fullAt: 1 } },
  told: { home: { kind: 'auth', since: 1, last: 2, times: 3 } },
  changes: [{ at: 1, name: 'home.example.com', type: 'A', account: 'main', before: ['8.8.4.4'], after: ['8.8.8.8'], why: 'moved' }],
  lowered: { 'main * home.example.com A': { was: 3600, to: 300, at: 1, cheapFrom: 3_600_001 } },
  accounts: { main: { identity: 'x', zones: [{ name: 'example.com', id: '1' }] } },
  targets: {
    'main * home.example.com A': {
      set,
      pending: set,
      confirmedAt: 1,
      refreshAt: 2,
      trouble: { failure: { kind: 'network', detail: 'no' }, since: 1, count: 1, notedAt: 1, until: 'changed', digest: 'd' },
    },
  },
} as unknown as State;

test.each([
  ['empty', '', 'the file is empty'],
  ['zeros, as a power failure leaves them', '\0'.repeat(400), 'the file is cut short or not JSON'],
  ['cut short', printState(good).slice(0, 200), 'the file is cut short or not JSON'],
  ['not JSON', 'records:\n  - home', 'the file is cut short or not JSON'],
  ['binary', Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80]), 'the file is cut short or not JSON'],
  ['other JSON', '{"name":"left-pad","version":"1.0.0"}', 'the file was written by another program'],
  ['a list', '[1,2]', 'the file holds no state'],
  ['a newer version', '{"version":2,"everything":"new"}', 'it was written by a newer ddns-update (version 2)'],
  ['a part is missing', '{"version":1}', 'its part "families" is damaged'],
  ['a wrong type inside', printState({ ...good, targets: { k: { set: { ...set, values: '8.8.8.8' } } } }), 'what its part "targets" says of "k" is damaged'],
  ['a value that is no address', printState({ ...good, targets: { k: { pending: { ...set, values: ['8.8.8.x'] } } } }), 'what its part "targets" says of "k" is damaged'],
  [
    'trouble of no known kind',
    printState({ ...good, targets: { k: { trouble: { since: 1, count: 1, until: 1, failure: { kind: 'toString', detail: '' } } } } }),
    'what its part "targets" says of "k" is damaged',
  ],
  ['a time at which it was put back is none', printState({ ...good, targets: { k: { putBack: ['today'] } } } as unknown as State), 'what its part "targets" says of "k" is damaged'],
  ['a wrong type in an account', printState({ ...good, accounts: { main: { identity: 1 } } }), 'what its part "accounts" says of "main" is damaged'],
  ['a wrong type in what was told', printState({ ...good, told: { k: 'loud' } }), 'what its part "told" says of "k" is damaged'],
  ['a wrong type in the changes', printState({ ...good, changes: [1] }), 'its part "changes" is damaged'],
  ['a wrong type in what was lowered', printState({ ...good, lowered: { k: { was: 3600, to: '60', at: 1, cheapFrom: 2 } } } as unknown as State), 'what its part "lowered" says of "k" is damaged'],
  ['a part of what was lowered is missing', printState({ ...good, lowered: { k: { was: 3600, to: 60, at: 1 } } } as unknown as State), 'what its part "lowered" says of "k" is damaged'],
  [
    'a word where it is said whether it comes back',
    printState({ ...good, lowered: { k: { was: 3600, to: 60, at: 1, cheapFrom: 2, restoring: 'yes' } } } as unknown as State),
    'what its part "lowered" says of "k" is damaged',
  ],
  ['a time that no clock tells', printState({ ...good, lowered: { k: { was: 3600, to: 60, at: 1, cheapFrom: 1e300 } } }), 'what its part "lowered" says of "k" is damaged'],
  ['what was lowered is a list', printState({ ...good, lowered: [1] } as unknown as State), 'its part "lowered" is damaged'],
  ['a wrong type in the network', printState({ ...good, network: 'home' }), 'its part "network" is damaged'],
])('%s: set aside once, then all is well', async (_kind, content, why) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/state.json`, content);
  const { state, warnings } = recall(folder, world);
  expect(state).toBe(NOTHING);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`the remembered state was unusable (${why}); it was set aside as ${folder}/state.json.unusable-`);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(readFileSync(`${folder}/${readdirSync(folder)[0]}`)).toEqual(Buffer.from(content));
  expect(recall(folder, world)).toEqual({ state: NOTHING, warnings: [] });
  (await openState(folder, NOTHING, world)).save(good);
  expect(recall(folder, world)).toEqual({ state: good, warnings: [] });
});

test('a folder in its place is set aside like any other damage', async () => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/state.json/deeper`, { recursive: true });
  expect(recall(folder, world).warnings[0]).toContain('(a folder is in its place)');
  (await openState(folder, NOTHING, world)).save(good);
  expect(recall(folder, world)).toEqual({ state: good, warnings: [] });
});

test('a pipe in its place is set aside, not read for ever', async () => {
  const folder = temporaryFolder();
  execFileSync('mkfifo', [`${folder}/state.json`]);
  expect(recall(folder, world).warnings[0]).toContain('(a pipe or a device is in its place)');
  (await openState(folder, NOTHING, world)).save(good);
  expect(recall(folder, world)).toEqual({ state: good, warnings: [] });
});

test('the latest of what was set aside are kept, the folder does not fill up', () => {
  const folder = temporaryFolder();
  for (let minute = 10; minute < 30; minute++) {
    writeFileSync(`${folder}/state.json`, `damage ${minute}`);
    recall(folder, { ...world, clock: { ...world.clock, now: () => Date.UTC(2026, 0, 1, 0, minute) } });
  }
  expect(readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'))).toEqual([25, 26, 27, 28, 29].map((minute) => `damage ${minute}`));
});

test('good state that another round wrote between our look and our move is put back', () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/state.json`, 'damage');
  const rename = (from: string, to: string): void => {
    writeFileSync(from, printState(good));
    world.files.rename(from, to);
  };
  expect(recall(folder, { ...world, files: { ...world.files, rename } })).toEqual({ state: good, warnings: [] });
  expect(readdirSync(folder)).toEqual(['state.json']);
});

test('law: any text is a state or a reason, and no bit flip makes it throw', () => {
  const text = printState(good);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(3), (at, put, cut) => {
      const parsed = parseState(text.slice(0, at) + put + text.slice(at + cut));
      expect(typeof parsed === 'string' || parsed.version === 1).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('law: damage at any depth is found before it is used', () => {
  type Holder = Record<string, unknown>;
  const holders = (value: unknown): Holder[] => (typeof value === 'object' && value !== null ? [value as Holder, ...Object.values(value).flatMap(holders)] : []);
  const spots = holders(JSON.parse(printState(good))).flatMap((holder, index) => Object.keys(holder).map((key) => [index, key] as const));
  fc.assert(
    fc.property(fc.constantFrom(...spots), fc.constantFrom(null, true, [[]]), ([index, key], wrong) => {
      const copy: unknown = JSON.parse(printState(good));
      (holders(copy)[index] as Holder)[key] = wrong;
      expect(typeof parseState(JSON.stringify(copy))).toBe('string');
    }),
  );
});
