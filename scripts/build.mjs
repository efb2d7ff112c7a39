/** Builds what is published: the program (CommonJS, it starts fastest), the library entries (ESM) with their types, and the licences of all that is bundled. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { checkRows } from './rows.mjs';
import { writeStamp } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundles the program that starts at `entry` into `folder`. Every `import()` becomes a chunk that is required when it is reached. Returns the ids of all bundled modules. */
export async function buildProgram({ entry, folder }) {
  return bundle(
    { input: { start: entry }, plugins: [confWithoutSchemas, confWithoutSignals, confWithoutHome, packagesByImport] },
    {
      dir: folder,
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: (chunk) => `${chunkName(chunk)}.cjs`,
      dynamicImportInCjs: false,
      // A file to find and read costs more than its contents: an unchanged round is one file, the program a second, what a round adds to it one more.
      codeSplitting: {
        groups: [
          { name: 'start', test: /[\\/]src[\\/]start\.ts$/, priority: 3 },
          { name: 'main', test: /[\\/]src[\\/]main\.ts$/, priority: 2 },
          { name: 'round', test: /[\\/]src[\\/]commands[\\/]run\.ts$/, priority: 1 },
        ],
      },
      minify: true,
      comments: false,
    },
  );
}

/** Bundles the importable entries, `{ name: path }`. */
export async function buildLibrary({ entries, folder }) {
  return bundle(
    { input: entries },
    {
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: (chunk) => `parts/${chunkName(chunk)}.js`,
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
      comments: false,
    },
  );
}

/** What a reader of `dist` recognises: the path in src, or the package. */
function chunkName({ facadeModuleId, moduleIds, name }) {
  const module = facadeModuleId ?? moduleIds.at(-1) ?? '';
  if (module.startsWith(join(root, 'src') + sep)) return relative(join(root, 'src'), module).replace(/\.ts$/, '').replaceAll(sep, '-');
  const folder = packageFolder(module);
  return folder === undefined ? name : relative(join(root, 'node_modules'), folder).replaceAll(sep, '-');
}

async function bundle(input, output) {
  const build = await rolldown({
    platform: 'node',
    cwd: root,
    tsconfig: join(root, 'tsconfig.json'),
    // The ES module of a package, where it has one: only that can be cut down to what is used.
    resolve: { mainFields: ['module', 'main'] },
    onLog(level, log, forward) {
      if (level === 'warn') process.stderr.write(`the bundler warns: ${log.message}\n`);
      else forward(level, log);
    },
    ...input,
  });
  const { output: files } = await build.write(output);
  await build.close();
  return [...new Set(files.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])))];
}

/** Conf can check what it stores against a JSON Schema. We store what our own types allow, and the validator is three quarters of it: 145 kB, 12 ms of every write. */
const confWithoutSchemas = {
  name: 'conf without schemas',
  resolveId: { filter: { id: /^ajv(-formats)?(\/|$)/ }, handler: () => '\0no-schemas' },
  load: { filter: { id: /^\0no-schemas$/ }, handler: () => "export class Ajv2020 { constructor() { throw new Error('conf was built without schemas'); } }\nexport default {};" },
};

/** What conf would clean up at the end of the process is never there, for our own writing takes the place of its last step; and it would end the process on the first signal, in the middle of a round. */
const confWithoutSignals = {
  name: 'conf without signals',
  resolveId: { filter: { id: /^when-exit$/ }, handler: () => '\0no-signals' },
  load: { filter: { id: /^\0no-signals$/ }, handler: () => 'export default () => () => {};' },
};

/** Conf is always told where its file is. To guess it, it would ask the system for a home as soon as it is loaded, and fail where there is no such user, as in a container. */
const confWithoutHome = {
  name: 'conf without a home',
  resolveId: { filter: { id: /^env-paths$/ }, handler: () => '\0no-home' },
  load: { filter: { id: /^\0no-home$/ }, handler: () => "export default () => { throw new Error('conf was built without a home'); };" },
};

/** Provider packages may be ES modules, which `require` loads on no Node before 20.19. Of an import in a text the bundler makes nothing else. */
const packagesByImport = {
  name: 'provider packages by import()',
  transform: {
    filter: { id: /[\\/]src[\\/]plugins[\\/]load\.ts$/ },
    handler(code) {
      const ours = 'import(address)';
      if (code.split(ours).length !== 2) throw new Error(`src/plugins/load.ts has no single ${ours} any more`);
      return code.replace(ours, `new Function('address', 'return ${ours}')(address)`);
    },
  },
};

/** One file with the licences of every package that has a module in the bundle; packages with the very same text share it. */
function licences(modules) {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    return { title: `${name} ${version} (${license})`, license, text: texts.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n') };
  });
  const byText = new Map();
  for (const { title, license, text } of packages) {
    // Some packages only name the Apache License; its text is the same for all.
    const whole = text || (packages.find((other) => other.license === license && license === 'Apache-2.0' && other.text.startsWith('Apache License'))?.text ?? '');
    if (whole === '') throw new Error(`${title} is bundled and its licence is not to be found`);
    byText.set(whole, [...(byText.get(whole) ?? []), title]);
  }
  const sections = [...byText].map(([text, titles]) => ({ titles: titles.sort().join('\n'), text })).sort((a, b) => (a.titles < b.titles ? -1 : 1));
  const line = '='.repeat(80);
  return `${['ddns-update contains parts of the following packages. Their licences:', ...sections.map(({ titles, text }) => `${line}\n${titles}\n${line}\n${text}`)].join('\n\n')}\n`;
}

/** The folder of the package a module belongs to; undefined for our own. */
function packageFolder(module) {
  const path = module.replaceAll('\0', '').split('?')[0];
  const parts = path.split(sep);
  const at = parts.lastIndexOf('node_modules');
  if (at === -1) return undefined;
  return parts.slice(0, at + (parts[at + 1].startsWith('@') ? 3 : 2)).join(sep);
}

/**
 * Type declarations beside the library, complete in themselves: what they take from valibot is copied in, because nothing is installed with the package.
 */
export function declarations(inputs, folder) {
  const types = join(folder, 'types');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const config = join(root, 'node_modules/.cache/ddns-update/tsconfig.types.json');
  mkdirSync(dirname(config), { recursive: true });
  const up = relative(dirname(config), root);
  writeFileSync(
    config,
    JSON.stringify({
      extends: `${up}/tsconfig.json`,
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rewriteRelativeImportExtensions: true,
        allowImportingTsExtensions: false,
        rootDir: `${up}/src`,
        outDir: types,
        typeRoots: [`${up}/node_modules/@types`],
      },
      include: [],
      files: inputs,
    }),
  );
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
  for (const file of filesUnder(types)) {
    const text = readFileSync(file, 'utf8');
    const own = text.replaceAll(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2');
    const vendored = own.replaceAll(/(from |import\()(['"])valibot\2/g, (_, before, quote) => `${before}${quote}${posix(relative(dirname(file), join(types, 'vendor/valibot.js')))}${quote}`);
    writeFileSync(file, vendored);
  }
  mkdirSync(join(types, 'vendor'));
  cpSync(join(root, 'node_modules/valibot/dist/index.d.mts'), join(types, 'vendor/valibot.d.ts'));
}

const posix = (path) => (path.startsWith('.') ? path : `./${path}`).replaceAll(sep, '/');
const filesUnder = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));

/** Everything into a fresh folder, which then takes the place of `dist`: a reader never sees half a build. */
async function main() {
  const fresh = join(root, `node_modules/.cache/ddns-update/dist-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  try {
    await checkRows();
    const program = await buildProgram({ entry: join(root, 'src/start.ts'), folder: join(fresh, 'cli') });
    const entries = { sdk: join(root, 'src/sdk/index.ts'), testing: join(root, 'src/testing/index.ts') };
    const library = await buildLibrary({ entries, folder: join(fresh, 'lib') });
    declarations(Object.values(entries), join(fresh, 'lib'));
    writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licences([...program, ...library, join(root, 'node_modules/valibot/dist/index.d.mts')]));
    writeStamp(fresh);
    const dist = join(root, 'dist');
    const old = `${fresh}-old`;
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
