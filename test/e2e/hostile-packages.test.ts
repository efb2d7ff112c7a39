/** Provider packages that are broken in every way a package can be: the program says so, ends in time, tells no secret, and remembers nothing that is not true. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { type Run, run } from '../support/program.ts';

const NAME = 'ddns-update-provider-x';
const TOKEN = 's3cr3t-token-value';
const MINE = '198.51.100.7';

/** A manifest in plain JavaScript, good but for `parts`. */
const manifest = (parts: Readonly<Record<string, string>>): string => {
  const all = {
    api: '1',
    id: "'x'",
    name: "'X'",
    reference: "'https://x.example/'",
    checked: "'2026-11-22'",
    evidence: "'unverified'",
    can: "{ families: [4], readable: false, wildcard: false, apex: true, values: 'one', ttl: 'fixed' }",
    options: '{ token: secret }',
    credentials: "'Ask X for a token.'",
    open: '() => ({ write: async (changes) => changes.map(() => ({ kind: "written" })) })',
    ...parts,
  };
  const secret = `{ kind: 'schema', type: 'custom', pipe: [{ kind: 'metadata', type: 'metadata', metadata: { kind: 'secret' } }], '~run': (dataset) => ({ ...dataset, typed: true }) }`;
  const written = Object.entries(all).map(([key, value]) => `${key}: ${value}`);
  return `const secret = ${secret};\nexport default { ${written.join(', ')} };\n`;
};
const opening = (provider: string, parts: Readonly<Record<string, string>> = {}): string => manifest({ open: `({ token }, tools) => (${provider})`, ...parts });
const READABLE = { can: "{ families: [4], readable: true, wildcard: false, apex: true, values: 'many', ttl: 'fixed' }" };

type Tried = Run & { readonly state: string };
async function tried(source: string, args: readonly string[]): Promise<Tried> {
  const folder = temporaryFolder();
  const home = join(folder, 'node_modules', NAME);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: NAME, version: '1.0.0', type: 'module', exports: './index.js' }));
  writeFileSync(join(home, 'index.js'), source);
  const config = { records: [{ name: 'home.example.com' }], accounts: { mine: { provider: NAME, token: TOKEN } } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  const ended = await run([...args, '--config', join(folder, 'config.json'), '--state', join(folder, 'state')], { cwd: folder });
  return { ...ended, state: stateIn(folder) };
}
function stateIn(folder: string): string {
  try {
    return readFileSync(join(folder, 'state', 'state.json'), 'utf8');
  } catch {
    return '';
  }
}
const round = (source: string): Promise<Tried> => tried(source, ['run', '--ip', MINE, '--timeout', '1']);

test.each<[what: string, source: string, exit: number, says: RegExp]>([
  ['ends the process when it is loaded', 'process.exit(0);\n', 70, /ended before it was done/],
  ['ends the process when it should write', opening('{ write: () => process.exit(0) }'), 70, /ended before it was done/],
  ['is never done with being loaded', 'await new Promise(() => {});\nexport default 1;\n', 75, /the time was up/],
  ['never opens', opening('new Promise(() => {})'), 75, /ddns-update-provider-x: its open\(\) did not end when the time was up/],
  ['never writes', opening('{ write: () => new Promise(() => {}) }'), 75, /could not confirm.*its write\(\) did not end when the time was up/],
  ['throws nothing at all', 'throw null;\n', 78, /cannot be loaded: null/],
  [
    'has a manifest that throws when it is looked at',
    'export default new Proxy({}, { has() { throw new Error("no"); } });\n',
    78,
    /the package ddns-update-provider-x has a manifest that cannot be read: Error: no/,
  ],
  ['throws where nobody waits', opening('{ write: () => { setTimeout(() => { throw new Error("stray"); }, 1); return new Promise(() => {}); } }'), 70, /Error: stray/],
  [
    'reads what are no addresses',
    opening('{ read: async (keys) => new Map(keys.map((key) => [key, { values: ["nowhere", 5] }])), write: async () => [] }', READABLE),
    70,
    /its read\(\) must show sets with addresses/,
  ],
  ['reads what is nothing', opening('{ read: async (keys) => new Map(keys.map((key) => [key, "x"])), write: async () => [] }', READABLE), 70, /its read\(\) must show sets with addresses/],
  ['answers with holes', opening('{ write: async (changes) => new Array(changes.length) }'), 70, /its write\(\) must say of each change/],
  ['answers with traps', opening('{ write: async (changes) => changes.map(() => new Proxy({}, { get() { throw new Error("trap"); } })) }'), 70, /ddns-update-provider-x: Error: trap/],
])('a package that %s', async (_, source, exit, says) => {
  const ended = await round(source);
  expect({ exit: ended.exit, said: ended.stdout + ended.stderr }).toEqual({ exit, said: expect.stringMatching(says) });
  expect(ended.stdout + ended.stderr + ended.state).not.toContain(TOKEN);
});

test('what is wrong with the package is no bug of ours, in check too', async () => {
  const { exit, stdout } = await tried(manifest({ can: '() => { throw new Error("can!"); }' }), ['check']);
  expect({ exit, stdout }).toEqual({ exit: 78, stdout: expect.stringMatching(/accounts\.mine\.provider: ddns-update-provider-x: Error: can! \(this is a bug in the package/) });
  expect(await tried('await new Promise(() => {});\n', ['check', '--timeout', '1'])).toMatchObject({ exit: 75, stderr: expect.stringContaining('the time was up') });
});

test('a package that never closes has its work remembered', async () => {
  const { exit, stdout } = await round(opening('{ write: async (changes) => changes.map(() => ({ kind: "written" })), close: () => new Promise(() => {}) }'));
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringContaining(`home.example.com A ${MINE}`) });
});

test('what a package does to its changes is not done to what is remembered', async () => {
  const { exit, stdout, state } = await round(
    opening('{ write: async (changes) => { for (const { after } of changes) { after.values.push("203.0.113.66"); after.values.shift(); } return changes.map(() => ({ kind: "written" })); } }'),
  );
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringContaining(`home.example.com A ${MINE}`) });
  expect(state).not.toContain('203.0.113.66');
});

test('waits that are no numbers do not spoil what is remembered', async () => {
  const { exit, state } = await round(
    opening('{ write: async (changes) => changes.map(() => ({ kind: "failed", failure: { kind: "throttled", detail: token.reveal(), retryAfterSeconds: NaN, hint: token.reveal() } })) }'),
  );
  expect(exit).toBe(75);
  expect(state).not.toMatch(new RegExp(`null|${TOKEN}`));
});
