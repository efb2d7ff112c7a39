/** Loads a provider package and holds what it exports to the shape of a manifest. */
import { resolve } from 'node:path';
import { attempt, Fault } from '../core/failure.ts';
import type { Manifest } from '../sdk/provider.ts';
import type { Files } from '../world/world.ts';
import { findPackage } from './find.ts';
import { guarded } from './guard.ts';
import { checkManifest } from './manifest.ts';
import type { Asking } from './manifest-of.ts';

/** The build keeps this one as it is: it makes `require` of every other `import()`, and that loads no ES module on every Node we run on. */
const load = (address: string): Promise<{ readonly default?: unknown }> => import(address);

/** Throws Fault `config` with one sentence for each mistake. */
export async function loadPlugin({ provider, folder }: Asking, files: Pick<Files, 'read'>): Promise<Manifest> {
  const wrong = (what: string): Fault => new Fault({ kind: 'config', detail: `the package ${provider} ${what}` });
  const found = findPackage(provider, files, folder);
  switch (found.kind) {
    case 'missing':
      throw wrong(`is not installed; install it with: npm install --prefix ${quoted(resolve(folder ?? '.'))} ${provider}`);
    case 'broken':
      throw wrong(`cannot be loaded: ${found.why}`);
    case 'found': {
      const loaded = await attempt(() => load(found.url));
      if (loaded.kind === 'failed') throw wrong(`cannot be loaded: ${oneLine(loaded.failure.detail)}`);
      // Getters and proxies run the package's own code.
      const looked = await attempt(() => checkManifest(exportedBy(loaded.value)));
      if (looked.kind === 'failed') throw wrong(`has a manifest that cannot be read: ${oneLine(looked.failure.detail)}`);
      const checked = looked.value;
      if (checked.kind === 'problems') throw new Fault({ kind: 'config', detail: checked.problems.map((problem) => `the package ${provider} ${problem}`).join('; ') });
      return guarded(checked.manifest, provider);
    }
    default:
      return found satisfies never;
  }
}

/** A module that was compiled to CommonJS has its default export one level deeper. */
function exportedBy({ default: exported }: { readonly default?: unknown }): unknown {
  const inner = typeof exported === 'object' && exported !== null && '__esModule' in exported && 'default' in exported ? exported.default : undefined;
  return inner ?? exported;
}

const quoted = (path: string): string => (/^[\w.,:/\\@+-]+$/.test(path) ? path : `'${path}'`);
const oneLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 300) ?? '';
