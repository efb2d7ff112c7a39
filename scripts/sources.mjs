/** Parts of src for scripts: bundled, so that every supported Node can run them, and imported. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A path below src as a specifier for a line of `withSources`. */
export const from = (path) => JSON.stringify(join(root, 'src', path));

/** Imports what `lines` of a module export and returns what `use` makes of it; what is imported lazily must be loaded by then. */
export async function withSources(lines, use) {
  const cache = join(root, 'node_modules/.cache/ddns-update');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'sources-'));
  try {
    const entry = join(folder, 'entry.ts');
    writeFileSync(entry, lines.join('\n'));
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
    return await use(await import(pathToFileURL(join(folder, 'out/entry.mjs')).href));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
