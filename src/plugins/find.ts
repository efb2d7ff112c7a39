/** Where a provider package is: from the config's folder upwards, then beside this program, as Node looks for packages. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Files } from '../world/world.ts';

export type Package = { readonly kind: 'found'; readonly url: string } | { readonly kind: 'missing' } | { readonly kind: 'broken'; readonly why: string };

/** `folder`: of the config file; undefined: the current one. `beside`: where this program is, for packages that were installed together with it. */
export function findPackage(name: string, files: Pick<Files, 'read'>, folder = '.', beside = dirname(fileURLToPath(import.meta.url))): Package {
  for (const place of [...upwards(resolve(folder)), ...upwards(beside)]) {
    const home = join(place, 'node_modules', name);
    const text = files.read(join(home, 'package.json'));
    if (text === undefined) continue;
    const entry = entryOf(text);
    return entry === undefined ? { kind: 'broken', why: 'its package.json names no "exports" or "main" that can be imported' } : { kind: 'found', url: pathToFileURL(join(home, entry)).href };
  }
  return { kind: 'missing' };
}

function upwards(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

/** What `import 'name'` would load. https://nodejs.org/api/packages.html#package-entry-points */
function entryOf(text: string): string | undefined {
  try {
    const { exports, main } = JSON.parse(text) as { readonly exports?: unknown; readonly main?: unknown };
    if (exports !== undefined) return target(isMapping(exports) && '.' in exports ? exports['.'] : exports);
    return typeof main === 'string' ? main : 'index.js';
  } catch {
    return undefined;
  }
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default']);

function target(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  const choices = Array.isArray(exported) ? exported : isMapping(exported) ? Object.entries(exported).flatMap(([condition, inner]) => (CONDITIONS.has(condition) ? [inner] : [])) : [];
  for (const choice of choices) {
    const found = target(choice);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
