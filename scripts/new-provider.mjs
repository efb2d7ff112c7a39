/** `npm run new-provider -- ID [--shape SHAPE]`: a folder in src/providers that compiles, and whose tests fail with what is still to be looked up. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const templates = join(root, 'scripts/new-provider');

/** Which fits: what the vendor's API holds, and how it is changed. */
export const SHAPES = {
  recordsById: 'one record per value, each with an id: list, create, update, remove',
  recordSets: 'all values of a name and type together: list or get, and put',
  perName: 'no zones; one request carries the addresses of one name',
  updateUrl: 'one URL says it all, and the answer is a word',
};

/** What is wrong with this id, as a sentence; undefined: nothing. `at`: the root of the repository. */
export function problemOf(id, at = root) {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id ?? '')) return `"${id ?? ''}" is no id for a provider: small letters and digits, parts joined by "-", such as example-dns`;
  if (id.startsWith('ddns-update-provider')) return `"${id}" is the name of a package: copy examples/ddns-update-provider-example for that`;
  const folder = join(at, 'src/providers', id);
  if (existsSync(folder)) return `there is a provider called ${id} already: src/providers/${id}`;
  const rows = join(at, 'src/providers/update-url/rows');
  const row = existsSync(rows) ? readdirSync(rows).find((file) => new RegExp(`\\bid: '${id}'`).test(readFileSync(join(rows, file), 'utf8'))) : undefined;
  return row === undefined ? undefined : `there is a provider called ${id} already: a row in src/providers/update-url/rows/${row}`;
}

/** The files of a new provider, name → text. */
export function filesFor({ id, shape, today }) {
  const title = id.replace(/(^|-)([a-z0-9])/g, (_, dash, letter) => `${dash ? ' ' : ''}${letter.toUpperCase()}`);
  const facts = {
    id,
    title,
    today,
    variable: `${id
      .replaceAll('-', '_')
      .replace(/^(?=\d)/, '_')
      .toUpperCase()}_TOKEN`,
  };
  const read = (name) => readFileSync(join(templates, `${name}.txt`), 'utf8');
  const parts = sectionsOf(read(shape));
  const provider = parts.provider ?? read('manifest');
  const contract = parts.contract ?? read('contract');
  return { 'provider.ts': filled(provider, { ...facts, ...parts }), 'contract.ts': filled(contract, { ...facts, ...parts }), 'missing.ts': read('missing') };
}

/** `=== name` begins a section. */
function sectionsOf(text) {
  return Object.fromEntries([...text.matchAll(/^=== (\S+)\n([\s\S]*?)(?=^=== |$(?![\s\S]))/gm)].map(([, name, body]) => [name, body.replace(/\n$/, '')]));
}

const filled = (template, values) => template.replace(/\{\{([\w-]+)\}\}/g, (whole, name) => values[name] ?? whole);

/** What is still to be filled in, one line each. */
export const leftIn = (folder) =>
  ['provider.ts', 'contract.ts'].flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return [...text.matchAll(/\b(?:missing|placeholder(?:<\w+>)?)\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g)].map((match) => `${file}:${text.slice(0, match.index).split('\n').length}: ${match[2]}`);
  });

function main(args) {
  const at = args.indexOf('--shape');
  const shape = at === -1 ? 'recordsById' : args[at + 1];
  const ids = args.filter((_, index) => at === -1 || (index !== at && index !== at + 1));
  const usage = `npm run new-provider -- ID [--shape SHAPE]; shapes: ${Object.entries(SHAPES)
    .map(([name, what]) => `\n  ${name}: ${what}`)
    .join('')}`;
  if (ids.length !== 1) return fail(usage);
  if (!Object.hasOwn(SHAPES, shape ?? '')) return fail(`there is no shape ${shape ?? ''}; ${usage}`);
  const [id] = ids;
  const problem = problemOf(id);
  if (problem !== undefined) return fail(problem);
  const folder = join(root, 'src/providers', id);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(filesFor({ id, shape, today: new Date().toISOString().slice(0, 10) }))) writeFileSync(join(folder, name), text);
  spawnSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--write', folder], { cwd: root, stdio: 'ignore' });
  console.log(`src/providers/${id} is there. To be looked up, and filled in:`);
  for (const line of leftIn(folder)) console.log(`  src/providers/${id}/${line}`);
  console.log(`Then: npx vitest run test/conformance -t ${id}; when it is green, npm run generate. No other file is edited.`);
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 64;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
