/** Writes what follows from other files: the registry of providers, the JSON Schema of the config and the page of all providers. With `--check` it only says whether they are fresh. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One line per folder of src/providers that has a manifest. */
export function registry() {
  const folder = join(root, 'src/providers');
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'provider.ts')))
    .map(({ name }) => name)
    .sort();
  const rows = ids.map((id) => `  ${/^[a-z_]\w*$/.test(id) ? id : `'${id}'`}: () => import('./${id}/provider.ts'),`);
  return [
    '/** Every provider by its id, loaded when a config names it. Generated from the folders here by `npm run generate`. */',
    "import type { Manifest } from '../sdk/provider.ts';",
    '',
    'export const providers: Readonly<Record<string, () => Promise<{ readonly default: Manifest }>>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

/** The config as JSON Schema (draft 2020-12): the keys from src/config/schema.ts, each account's options from its manifest. */
export async function configSchema() {
  const { builtInCatalogue, configShape, entriesOf, providers } = await sources();
  const { schema } = configShape(Object.keys(providers), builtInCatalogue());
  const accounts = await Promise.all(Object.entries(providers).map(async ([id, load]) => accountSchema(id, (await load()).default, entriesOf)));
  return `${JSON.stringify(
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'ddns-update config',
      ...schema,
      properties: { ...schema.properties, accounts: { ...schema.properties.accounts, minProperties: 1, additionalProperties: { oneOf: accounts } } },
      $defs: { secret },
    },
    undefined,
    2,
  )}\n`;
}

const secret = {
  description: 'Text, { env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT...] }.',
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'object', properties: { env: { type: 'string', minLength: 1 } }, required: ['env'], additionalProperties: false },
    { type: 'object', properties: { file: { type: 'string', minLength: 1 } }, required: ['file'], additionalProperties: false },
    { type: 'object', properties: { command: { type: 'array', items: { type: 'string' }, minItems: 1 } }, required: ['command'], additionalProperties: false },
  ],
};

function accountSchema(id, manifest, entriesOf) {
  const entries = Object.entries(entriesOf(manifest));
  return {
    type: 'object',
    title: manifest.name,
    properties: { provider: { const: id }, ...Object.fromEntries(entries.map(([key, schema]) => [key, optionSchema(schema)])) },
    required: ['provider', ...entries.filter(([, schema]) => !('wrapped' in schema)).map(([key]) => key)],
    additionalProperties: false,
  };
}

/** A secret is the only thing that is written in another way than the adapter sees it. */
function optionSchema(schema) {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    typeMode: 'input',
    errorMode: 'ignore',
    target: 'draft-2020-12',
    ignoreActions: ['metadata'],
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? { $ref: '#/$defs/secret' } : undefined),
  });
  // Every text may match the pattern that stands for "any".
  return JSON.parse(JSON.stringify(converted, (key, value) => (key === 'pattern' && value === '^' ? undefined : value)));
}

/** The parts of the program that know the config, bundled so that every supported Node can run them. */
async function sources() {
  const cache = join(root, 'node_modules/.cache/ddns-update');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'generate-'));
  const entry = join(folder, 'entry.ts');
  const from = (path) => JSON.stringify(join(root, 'src', path));
  writeFileSync(
    entry,
    [
      `export { configShape } from ${from('config/schema.ts')};`,
      `export { builtInCatalogue } from ${from('config/source.ts')};`,
      `export { entriesOf } from ${from('config/options.ts')};`,
      `export { providers } from ${from('providers/index.ts')};`,
      `export { providersPage } from ${JSON.stringify(join(root, 'scripts/documents.ts'))};`,
    ].join('\n'),
  );
  try {
    const build = await rolldown({
      input: entry,
      platform: 'node',
      cwd: root,
      tsconfig: join(root, 'tsconfig.json'),
      external: (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id),
      logLevel: 'silent',
    });
    await build.write({ dir: join(folder, 'out'), format: 'esm', entryFileNames: 'entry.mjs', chunkFileNames: '[name]-[hash].mjs' });
    await build.close();
    const loaded = await import(pathToFileURL(join(folder, 'out/entry.mjs')).href);
    // All of it is loaded before the folder goes.
    await Promise.all(Object.values(loaded.providers).map((load) => load()));
    return loaded;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const manifestsOf = (providers) => Promise.all(Object.values(providers).map(async (load) => (await load()).default));

/** Every provider with its options and how to get credentials. */
export async function providersPage() {
  const { providers, providersPage: page } = await sources();
  return page(await manifestsOf(providers));
}

/** Returns the paths that were not as they should be. Each is made only when those before it are in place. */
export async function generate({ write }) {
  const stale = [];
  for (const [path, make] of [
    ['src/providers/index.ts', registry],
    ['schema/config.schema.json', configSchema],
    ['docs/providers.md', providersPage],
  ]) {
    const [wanted, target] = [await make(), join(root, path)];
    if (existsSync(target) && readFileSync(target, 'utf8') === wanted) continue;
    stale.push(path);
    if (!write) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, wanted);
  }
  return stale;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const write = !process.argv.includes('--check');
  const stale = await generate({ write });
  for (const path of stale) console.log(write ? `written: ${path}` : `not fresh: ${path}; run npm run generate`);
  process.exitCode = !write && stale.length > 0 ? 1 : 0;
}
