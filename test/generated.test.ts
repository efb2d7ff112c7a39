/** Files that follow from others are as the generator would write them now, and good for what they are for. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { example } from '../src/config/example.ts';
import { providers } from '../src/providers/index.ts';
import { repository } from './support/program.ts';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const manifests = await Promise.all(Object.values(providers).map(async (load) => (await load()).default));
const usable = manifests.filter(({ absent }) => absent === undefined);

test('generated files are fresh', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: repository, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});

describe("the config's JSON Schema", () => {
  const text = read('schema/config.schema.json');
  const schema = JSON.parse(text) as Record<string, unknown>;
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
  (formats as unknown as (to: Ajv2020) => void)(ajv);
  const validate = ajv.compile(schema);
  const problems = (config: unknown): readonly string[] =>
    validate(config) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  const withAccount = (account: unknown): unknown => ({ records: [{ name: 'home.example.com' }], accounts: { mine: account } });

  test('is one by the letter, and not larger than needed', () => {
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(text.length).toBeLessThan(12_000 + 1000 * manifests.length);
  });

  test.each(usable)('takes the example of $id', (manifest) => {
    expect(problems(parse(example(manifest).join('\n')))).toEqual([]);
  });

  test('looks at an account by its provider alone', () => {
    expect(problems(withAccount({ provider: 'cloudflare' }))).toEqual([expect.stringContaining("must have required property 'token'"), expect.stringContaining('must match "then" schema')]);
    expect(problems(withAccount({ provider: 'cloudflare', token: { env: 'T' }, colour: 'red' }))).toEqual([expect.stringContaining('"colour"'), expect.stringContaining('"then"')]);
    expect(problems(withAccount({ provider: 'cloudflare', token: 17 })).join()).toContain('/accounts/mine/token');
    expect(problems(withAccount({ provider: 'cloudflair', token: 'x' }))).not.toEqual([]);
    expect(problems(withAccount({ token: 'x' }))).toEqual([expect.stringContaining("must have required property 'provider'")]);
  });

  test('leaves the options of a provider package to the package', () => {
    for (const provider of ['ddns-update-provider-x', '@somebody/ddns-update-provider-x']) expect(problems(withAccount({ provider, anything: { goes: ['here'] } }))).toEqual([]);
    expect(problems(withAccount({ provider: 'update-provider-x' }))).not.toEqual([]);
  });

  test('knows nobody who is no more', () => {
    for (const { id } of manifests.filter(({ absent }) => absent !== undefined)) expect(problems(withAccount({ provider: id }))).not.toEqual([]);
  });
});

describe('the pages of providers', () => {
  const page = (id: string): string => read(`docs/providers/${id}.md`);

  test('are one for each that can be used, and an index', () => {
    expect(readdirSync(join(repository, 'docs/providers')).sort()).toEqual(['README.md', ...usable.map(({ id }) => `${id}.md`)].sort());
  });

  test.each(usable)('$id: what it is, how it is written, where to log in, what is not sure', (manifest) => {
    const text = page(manifest.id);
    expect(text).toContain(`\`provider: ${manifest.id}\``);
    expect(text).toContain(`\`\`\`yaml\n${example(manifest).join('\n')}\n\`\`\``);
    expect(text).toContain(manifest.reference);
    for (const option of Object.keys(manifest.options)) expect(text).toContain(`\`${option}\``);
    expect(text.match(/\*unverified:\*/g) ?? []).toHaveLength(manifest.unverified?.length ?? 0);
  });

  test('are linked, and no link leads nowhere', () => {
    for (const [document, folder] of [
      ['docs/providers/README.md', 'docs/providers'],
      ['README.md', '.'],
    ] as const) {
      const links = [...read(document).matchAll(/\]\(((?!https?:|#)[^)#]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, inline, below]) => inline ?? below ?? '');
      for (const target of links) expect(existsSync(join(repository, folder, target)), `${document} links ${target}`).toBe(true);
      for (const { id } of usable) expect(links.some((target) => target.endsWith(`${id}.md`))).toBe(true);
    }
  });
});

test('README counts every provider once, and no vendor twice', () => {
  const rows = [...read('README.md').matchAll(/^\| (?:providers with an API|services told by a URL|protocols[^|]*) \|(.*)\|$/gm)].map(([, cells = '']) => cells.split('|').map(Number));
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row.slice(0, -1).reduce((sum, count) => sum + count)).toBe(row.at(-1));
  expect(rows.reduce((sum, row) => sum + (row.at(-1) ?? 0), 0)).toBe(usable.length);
  const [vendors = ''] = read('README.md').match(/^\| vendors[^|]*\|.*$/m) ?? [];
  expect(Number(vendors.split('|').at(-2))).toBeLessThanOrEqual(usable.length);
  // One vendor is written in one way, or he would be counted twice.
  const written = new Map<string, Set<string>>();
  for (const { name, vendor = name } of usable) {
    const key = vendor.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    written.set(key, (written.get(key) ?? new Set()).add(vendor));
  }
  expect([...written.values()].filter(({ size }) => size > 1).map((ways) => [...ways])).toEqual([]);
});
