/** Provider packages: found as Node finds packages, loaded only when named, held to the shape of a manifest, and called by their own name when they err. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAccount } from '../src/accounts.ts';
import { check } from '../src/commands/check.ts';
import type { Invocation } from '../src/commands/invocation.ts';
import { providers } from '../src/commands/providers.ts';
import { builtIn, loadConfig } from '../src/config/load.ts';
import { attempt } from '../src/core/failure.ts';
import { fqdn } from '../src/core/name.ts';
import { keyOf, recordSet } from '../src/core/record.ts';
import { redactor } from '../src/core/secret.ts';
import { manifestOf } from '../src/plugins/manifest-of.ts';
import { isPlugin } from '../src/plugins/name.ts';
import { providers as registry } from '../src/providers/index.ts';
import { fakeWorld } from '../src/testing/index.ts';
import { openFiles } from '../src/world/files.ts';
import type { World } from '../src/world/world.ts';
import { NO_FLAGS } from './config/world.ts';
import { temporaryFolder } from './support/folder.ts';

const NAME = 'ddns-update-provider-x';
const files = openFiles();

/** Plain JavaScript with schemas by shape, as if compiled against another copy of everything. */
const manifest = (parts: Readonly<Record<string, string>> = {}): string => {
  const all = {
    api: '1',
    id: "'x'",
    name: "'X'",
    reference: "'https://x.example/'",
    checked: "'2026-11-22'",
    evidence: "'unverified'",
    can: "{ families: [4], readable: false, wildcard: false, apex: true, values: 'one', ttl: 'fixed' }",
    options: '{ token: anything }',
    credentials: "'Ask X for a token.'",
    open: '({ token }) => ({ write: async (changes) => changes.map(() => ({ kind: "written" })) })',
    ...parts,
  };
  return `const anything = { kind: 'schema', type: 'custom', pipe: [{ kind: 'metadata', type: 'metadata', metadata: { kind: 'secret' } }], '~run': (dataset) => dataset.value === undefined ? { ...dataset, issues: [{ kind: 'schema', message: 'Invalid' }] } : { ...dataset, typed: true } };
export default { ${Object.entries(all)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} };\n`;
};

/** Installs a package below `folder` as npm would. */
function install(folder: string, source: string, { name = NAME, description = {} }: { readonly name?: string; readonly description?: Readonly<Record<string, unknown>> } = {}): string {
  const home = join(folder, 'node_modules', name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js', ...description }));
  writeFileSync(join(home, 'index.js'), source);
  return home;
}

const load = (folder: string, provider = NAME) => manifestOf({ provider, folder }, registry, files);

async function refusal(folder: string, provider = NAME): Promise<string> {
  const found = await attempt(() => load(folder, provider));
  if (found.kind === 'ok') throw new Error('it was loaded');
  expect(found.failure.kind).toBe('config');
  return found.failure.detail;
}

test.each([
  [NAME, true],
  ['@someone/ddns-update-provider-x', true],
  ['ddns-update-provider-', false],
  ['ddns-update-provider-../../x', false],
  ['@../ddns-update-provider-x', false],
  ['./ddns-update-provider-x', false],
  ['cloudflare', false],
])('%s is the name of a provider package: %s', (name, is) => {
  expect(isPlugin(name)).toBe(is);
});

describe('a package is found', () => {
  test.each([
    ['beside the config', 'etc/ddns-update', 'etc/ddns-update'],
    ['in a folder above it', 'etc', 'etc/ddns-update'],
  ])('%s', async (_, at, from) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, from), { recursive: true });
    install(join(folder, at), manifest());
    expect((await load(join(folder, from))).name).toBe('X');
  });

  test.each([
    ['exports for import alone', { exports: { '.': { import: './index.js' } } }],
    ['exports with conditions', { exports: { browser: './no.js', node: { import: './index.js' }, default: './no.js' } }],
    ['main', { exports: undefined, main: './index.js' }],
    ['nothing but index.js', { exports: undefined }],
  ])('by %s', async (_, description) => {
    const folder = temporaryFolder();
    install(folder, manifest(), { description });
    expect((await load(folder)).name).toBe('X');
  });

  test('under the name of its owner, through a link, compiled to CommonJS', async () => {
    const folder = temporaryFolder();
    const home = install(temporaryFolder(), manifest().replace('export default', 'exports.__esModule = true; exports.default ='), { description: { type: 'commonjs' } });
    mkdirSync(join(folder, 'node_modules/@someone'), { recursive: true });
    symlinkSync(home, join(folder, 'node_modules/@someone/ddns-update-provider-x'));
    const found = await load(folder, '@someone/ddns-update-provider-x');
    expect({ id: found.id, name: found.name }).toEqual({ id: '@someone/ddns-update-provider-x', name: 'X' });
  });
});

describe('one clear sentence for each mistake', () => {
  test('it is not installed', async () => {
    const folder = temporaryFolder();
    expect(await refusal(folder)).toBe(`the package ${NAME} is not installed; install it with: npm install --prefix ${folder} ${NAME}`);
  });

  test('it throws when it is imported', async () => {
    const folder = temporaryFolder();
    install(folder, "throw new Error('no luck today');\n");
    expect(await refusal(folder)).toBe(`the package ${NAME} cannot be loaded: Error: no luck today`);
  });

  test('something that it needs is not installed', async () => {
    const folder = temporaryFolder();
    install(folder, "import 'some-other-package';\n");
    expect(await refusal(folder)).toMatch(/^the package ddns-update-provider-x cannot be loaded: Error: Cannot find package 'some-other-package'/);
  });

  test('it has no entry', async () => {
    const folder = temporaryFolder();
    install(folder, manifest(), { description: { exports: { './other': './index.js' } } });
    expect(await refusal(folder)).toBe(`the package ${NAME} cannot be loaded: its package.json names no "exports" or "main" that can be imported`);
  });

  test.each([
    ['no manifest at all', 'export const manifest = 1;\n', 'exports no manifest: its default export must be what defineProvider of ddns-update/sdk returns'],
    ['a newer interface', manifest({ api: '2' }), 'speaks version 2 of the provider interface, and this ddns-update speaks version 1: update ddns-update'],
    ['no version', manifest({ api: '"new"' }), 'speaks version "new" of the provider interface, and this ddns-update speaks version 1: update the package'],
    ['no open()', manifest({ open: 'undefined' }), 'has a manifest whose "open" must be a function'],
    ['can without families', manifest({ can: '{}' }), 'has a manifest whose "can" must be what the provider can do: families, readable, wildcard, apex, values and ttl; or a function that tells'],
    [
      'options that are no schemas',
      manifest({ options: '{ token: String }' }),
      'has a manifest whose "options" must be a mapping of names to options, each made by text(), secret() and their like of ddns-update/sdk, none of them called provider',
    ],
  ])('%s', async (_, source, says) => {
    const folder = temporaryFolder();
    install(folder, source);
    expect(await refusal(folder)).toBe(`the package ${NAME} ${says}`);
  });

  test('several', async () => {
    const folder = temporaryFolder();
    install(folder, manifest({ name: '""', credentials: '1' }));
    expect((await refusal(folder)).split('; ')).toHaveLength(2);
  });
});

describe('check', () => {
  async function checked(folder: string, account: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ records: [{ name: 'home.example.com' }], accounts: { mine: { provider: NAME, ...account } } }), { mode: 0o600 });
    const said: string[] = [];
    const invocation = {
      flags: { ...NO_FLAGS, config: path },
      output: { out: (line: string) => void said.push(line.replace(path, 'config')), err: () => {}, json: false, color: false, terminal: false, loud: 'normal' },
      signal: new AbortController().signal,
      files,
      env: { T: 'sesame' },
      openWorld: () => ({ files, env: { T: 'sesame' }, redactor: redactor() }) as unknown as World,
    } as const satisfies Invocation;
    await check(invocation);
    return said;
  }

  test('knows the options of the package: what is missing, and what may have been meant', async () => {
    const folder = temporaryFolder();
    install(folder, manifest());
    expect(await checked(folder, { token: { env: 'T' } })).toEqual([expect.stringMatching(/^config: ok, 1 name, 1 account/)]);
    const wrong = (await checked(folder, { tokn: { env: 'T' } })).join('\n');
    expect(wrong).toContain('config:1: accounts.mine.tokn: is not known here; did you mean "token"?');
    expect(wrong).toMatch(/config:1: accounts\.mine: "token" is missing[\s\S]*Ask X for a token\./);
  });

  test('says that the package is not installed, and how to install it', async () => {
    const folder = temporaryFolder();
    expect(await checked(folder, {})).toEqual([`config:1: accounts.mine.provider: the package ${NAME} is not installed; install it with: npm install --prefix ${folder} ${NAME}`]);
  });

  test('without it nothing is loaded', async () => {
    const folder = temporaryFolder();
    install(folder, 'globalThis.loadedX = true;\n');
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ records: [{ name: 'home.example.com' }], accounts: { mine: { provider: NAME } } }), { mode: 0o600 });
    const loaded = await loadConfig({ ...NO_FLAGS, config: path }, { files, env: {} }, 'shape', builtIn());
    expect(loaded.kind === 'ok' && loaded.config.accounts['mine']).toMatchObject({ provider: NAME, folder });
    expect('loadedX' in globalThis).toBe(false);
  });
});

test('providers shows it as one of ours, by the name that a config knows it by', async () => {
  const folder = temporaryFolder();
  install(folder, manifest());
  writeFileSync(join(folder, 'config.json'), '{}');
  const said: string[] = [];
  const output = { out: (line: string) => void said.push(line), err: () => {}, json: false, color: false, terminal: false, loud: 'normal' } as const;
  expect(await providers({ output, flags: { ...NO_FLAGS, config: join(folder, 'config.json') }, files, env: {} }, [NAME])).toBe(0);
  expect(said[0]).toBe(`${NAME}: X`);
  expect(said.join('\n')).toContain(`provider: ${NAME}`);
});

test('--provider takes a package, with its options and without its owner in the name of the account', async () => {
  const loaded = await loadConfig({ ...NO_FLAGS, names: ['home.example.com'], provider: `@someone/${NAME}`, options: ['token=sesame'] }, { files, env: {} }, 'shape', builtIn());
  expect(loaded.kind === 'ok' && loaded.config.accounts).toEqual({ [NAME]: { name: NAME, provider: `@someone/${NAME}`, options: { token: 'sesame' }, fromFlags: true } });
});

describe('an account of a package', () => {
  const key = keyOf({ name: fqdn('home.example.com'), type: 'A' });
  const set = recordSet({ name: fqdn('home.example.com'), type: 'A' }, []);

  async function opened(parts: Readonly<Record<string, string>>) {
    const folder = temporaryFolder();
    const home = install(folder, manifest(parts));
    const world = { ...fakeWorld({ env: { T: 'sesame-open' } }), files };
    const account = { name: 'mine', provider: NAME, options: { token: { env: 'T' } }, folder: dirname(dirname(home)) };
    return attempt(() => openAccount(account, { state: { accounts: {} }, signal: new AbortController().signal }, world));
  }

  async function written(write: string) {
    const account = await opened({ open: `({ token }, tools) => ({ write: async (changes) => { ${write} } })` });
    if (account.kind === 'failed') throw new Error(account.failure.detail);
    return attempt(async () => account.value.provider.write([{ key, after: set }]));
  }

  test('gets the secret that was made here, and its text stays secret', async () => {
    expect(await written("return changes.map(() => ({ kind: 'written', note: [token.reveal() === 'sesame-open', String(token)].join() }))")).toEqual({
      kind: 'ok',
      value: [{ kind: 'written', note: 'true,***' }],
    });
  });

  const fault = (failure: string): string => `throw Object.assign(new Error('no'), { name: 'Fault', failure: ${failure} });`;

  test('its Fault is known by its shape, without the secrets in it', async () => {
    expect(await written(fault("{ kind: 'auth', detail: 'the token ' + token.reveal() + ' is wrong', hint: 'not ' + token.reveal() }"))).toEqual({
      kind: 'failed',
      failure: { kind: 'auth', detail: 'the token *** is wrong', hint: 'not ***' },
    });
  });

  const bug = { kind: 'defect', hint: `this is a bug in the package ${NAME}; please report it to its author` };

  test.each([
    ['throws something else', "throw new TypeError('oops ' + token.reveal());", `${NAME}: TypeError: oops ***`],
    ['throws a failure of a kind that is not known here', fault("{ kind: 'brand-new', detail: 'who knows' }"), `${NAME}: who knows`],
    ['gives no results', 'return undefined;', `${NAME}: its write() must resolve with one result for each of 1 changes`],
  ])('that %s is told to be at fault itself', async (_, write, detail) => {
    expect(await written(write)).toEqual({ kind: 'failed', failure: { ...bug, detail } });
  });

  test('that gives results of no kind is told so, for that change alone', async () => {
    expect(await written('return [{ ok: true }];')).toEqual({
      kind: 'ok',
      value: [{ kind: 'failed', failure: { ...bug, detail: `${NAME}: its write() must say of each change that it is written, or failed and why` } }],
    });
  });

  test('that opens nothing, or cannot say what it can do, is told so', async () => {
    expect(await opened({ open: '() => undefined' })).toEqual({ kind: 'failed', failure: { ...bug, detail: `${NAME}: its open() must return an object with write()` } });
    expect(await opened({ can: '() => ({})' })).toMatchObject({ kind: 'failed', failure: { ...bug, detail: expect.stringContaining("its manifest's can() must tell") } });
  });

  test('that reads has its answers cleaned too', async () => {
    const account = await opened({ open: "({ token }) => ({ read: async (keys) => new Map(keys.map((key) => [key, { kind: 'refused', detail: token.reveal() }])), write: async () => [] })" });
    if (account.kind === 'failed') throw new Error(account.failure.detail);
    expect(await account.value.provider.read?.([key])).toEqual(new Map([[key, { kind: 'refused', detail: '***' }]]));
  });
});
