/** `npm run new-provider`: what it makes compiles, fails with what to look up and where to put it, and holds every law once that is done. No provider is left half made. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leftIn, problemOf, SHAPES } from '../scripts/new-provider.mjs';
import { type Contract, laws } from '../src/testing/index.ts';
import { repository } from './support/program.ts';

type Made = { readonly manifest: Parameters<typeof laws>[0]; readonly contract: Contract };

/** A repository of its own, so that nothing is ever made in this one. */
const copy = mkdtempSync(join(tmpdir(), 'ddns-update-new-provider-'));
const folderOf = (shape: string): string => join(copy, 'src/providers', idOf(shape));
const idOf = (shape: string): string => `try-${shape.toLowerCase()}`;
const make = (...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, [join(copy, 'scripts/new-provider.mjs'), ...args], { cwd: copy, encoding: 'utf8' });

beforeAll(() => {
  for (const path of ['scripts', 'tsconfig.json', 'biome.json', 'package.json', 'src/core', 'src/sdk', 'src/testing', 'src/world', 'src/version.ts'])
    cpSync(join(repository, path), join(copy, path), { recursive: true });
  mkdirSync(join(copy, 'src/providers'));
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  for (const shape of Object.keys(SHAPES)) expect(make(idOf(shape), '--shape', shape).status).toBe(0);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const loaded = async (folder: string): Promise<Made> => {
  const [{ default: manifest }, { contract }] = await Promise.all(['provider.ts', 'contract.ts'].map((file) => import(pathToFileURL(join(folder, file)).href)));
  return { manifest, contract };
};

/** Title → why it is broken. */
async function broken({ manifest, contract }: Made): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  for (const { title, run } of laws(manifest, contract))
    await run().catch((thrown: unknown) => {
      failures.set(title, thrown instanceof Error ? thrown.message : String(thrown));
    });
  return failures;
}

test('what it makes compiles', () => {
  writeFileSync(join(copy, 'tsconfig.made.json'), JSON.stringify({ extends: './tsconfig.json', include: ['src/providers'] }));
  const { status, stdout } = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', join(copy, 'tsconfig.made.json')], { encoding: 'utf8' });
  const own = stdout.split('\n').filter((line) => line.includes('src/providers/'));
  expect(own).toEqual([]);
  expect(status === 0 || stdout !== '').toBe(true);
});

describe.each(Object.keys(SHAPES))('%s', (shape) => {
  test('is formatted, and tells every place that is to be filled in', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(repository, 'node_modules/@biomejs/biome/bin/biome'), 'check', folderOf(shape)], { cwd: copy, encoding: 'utf8' });
    expect({ status, said: status === 0 ? '' : stderr }).toEqual({ status: 0, said: '' });
    const left = leftIn(folderOf(shape));
    expect(left.length).toBeGreaterThan(10);
    for (const line of left) expect(line).toMatch(/^(provider|contract)\.ts:\d+: [\w. ]+: .{10,}/);
  });

  test('fails with the next thing to be filled in', async () => {
    const failures = await broken(await loaded(folderOf(shape)));
    expect(failures.size).toBeGreaterThan(5);
    expect([...failures.values()].filter((why) => why.includes('still to be filled in: '))).not.toEqual([]);
  });

  test('holds every law once it is filled in', async () => {
    const done = `${folderOf(shape)}-done`;
    mkdirSync(done);
    for (const file of readdirSync(folderOf(shape))) writeFileSync(join(done, file), filledIn(readFileSync(join(folderOf(shape), file), 'utf8')));
    expect(Object.fromEntries(await broken(await loaded(done)))).toEqual({});
  });
});

/** What somebody who reads this vendor's reference would put there; `$(x)` is filled in by the adapter. */
const REFERENCE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    base: 'https://api.example.com',
    zones: '/zones',
    list: '/zones/$(zone.id)/THINGS',
    create: '/zones/$(zone.id)/records',
    update: '/zones/$(zone.id)/records/$(record.id)',
    remove: '/zones/$(zone.id)/records/$(record.id)',
    put: '/zones/$(zone.id)/sets/$(encodeURIComponent(host))/$(after.type)',
    read: '/names/$(name)',
    write: '/names/$(name)',
  }).map(([what, path]) => [what, `\`${path.replace(/\$\(((?:[^()]|\(\w+\))+)\)/g, '$${$1}')}\``]),
);

const filledIn = (text: string): string =>
  text
    .replace(/guard: \(\) => missing\([^\n]*\n/, '')
    .replace(/\bmissing\(\s*(['"`])(\w+): (?:(?!\1)[^\\]|\\.)*\1,?\s*\)/g, (whole, _quote, what: string) => REFERENCE[what] ?? whole)
    .replace('THINGS', text.includes('recordSets(') ? 'sets' : 'records');

describe('refused with a sentence', () => {
  test.each([
    [['Not-An-Id'], '"Not-An-Id" is no id for a provider'],
    [['-x'], '"-x" is no id'],
    [['../x'], '"../x" is no id'],
    [['ddns-update-provider-x'], 'copy examples/ddns-update-provider-example'],
    [['try-pername'], 'there is a provider called try-pername already'],
    [['fine', '--shape', 'square'], 'there is no shape square'],
    [['fine', '--shape'], 'there is no shape'],
    [[], 'npm run new-provider -- ID'],
    [['one', 'two'], 'npm run new-provider -- ID'],
  ])('%j', (args, says) => {
    const { status, stderr } = make(...args);
    expect(status).toBe(64);
    expect(stderr).toContain(says);
    expect(existsSync(join(copy, 'src/providers/fine'))).toBe(false);
  });

  test('an id that is a row', () => {
    expect(problemOf('duckdns', repository)).toMatch(/^there is a provider called duckdns already/);
  });
});

test('no provider here is half made: this is what is left to do', () => {
  const providers = join(repository, 'src/providers');
  const folders = readdirSync(providers).filter((name) => existsSync(join(providers, name, 'missing.ts')));
  expect(folders.flatMap((name) => leftIn(join(providers, name)).map((line) => `src/providers/${name}/${line}`))).toEqual([]);
  expect(folders.map((name) => `src/providers/${name}/missing.ts: nothing uses it any more, delete it`)).toEqual([]);
});

test('npm run new-provider is this script', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
  expect(scripts['new-provider']).toBe('node scripts/new-provider.mjs');
});
