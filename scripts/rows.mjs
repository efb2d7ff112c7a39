/** Reads every row of data as the program would: one that does not fit the schema, or whose examples it does not understand itself, stops the build. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Throws an Error that names every bad row; returns how many were read. */
export async function checkRows() {
  const cache = join(root, 'node_modules/.cache/ddns-update');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'rows-'));
  try {
    const from = (path) => JSON.stringify(join(root, 'src', path));
    const entry = join(folder, 'entry.ts');
    writeFileSync(
      entry,
      [`export { rowOf, SERVICE_IDS, serviceOf } from ${from('providers/update-url/by-id.ts')};`, `export { exampleProblems } from ${from('sdk/update-url-examples.ts')};`].join('\n'),
    );
    const build = await rolldown({
      input: entry,
      platform: 'node',
      cwd: root,
      tsconfig: join(root, 'tsconfig.json'),
      external: (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id),
      logLevel: 'silent',
    });
    await build.write({ dir: join(folder, 'out'), format: 'esm', entryFileNames: 'entry.mjs' });
    await build.close();
    const { exampleProblems, rowOf, SERVICE_IDS, serviceOf } = await import(pathToFileURL(join(folder, 'out/entry.mjs')).href);
    const problems = SERVICE_IDS.flatMap((id) => problemsOf(id, { exampleProblems, rowOf, serviceOf }));
    if (problems.length > 0) throw new Error(`src/providers/update-url/rows:\n${problems.join('\n')}`);
    return SERVICE_IDS.length;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function problemsOf(id, { exampleProblems, rowOf, serviceOf }) {
  try {
    serviceOf(id);
    const row = rowOf(id);
    return row === undefined ? [] : exampleProblems(row);
  } catch (error) {
    const issues = (error.issues ?? []).map(({ message, path = [] }) => `${path.map(({ key }) => key).join('.')} ${message}`.trim());
    return [`${id}: ${issues.join('; ') || error.message}`];
  }
}
