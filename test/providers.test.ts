/** What holds for every provider's folder beside the laws of the conformance suite, which test/conformance runs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PARTS, partOf, providers } from './support/conformance.ts';

const folder = new URL('../src/providers/', import.meta.url);

it('every provider has a contract, and a part of test/conformance runs it', () => {
  expect(providers.filter((id) => !existsSync(new URL(`${id}/contract.ts`, folder)))).toEqual([]);
  expect(providers.filter((id) => partOf(id) === undefined)).toEqual([]);
  expect(readdirSync(new URL('conformance', import.meta.url)).sort()).toEqual(PARTS.map((part) => `${part}.test.ts`));
});

describe('an adapter that logs in says what it is handed out, so that the laws look for it', () => {
  const logsIn = providers.filter((id) => /\bhandedOut\(|\bkeystone\(|\bconfidential: true|purpose: 'log in'/.test(readFileSync(new URL(`${id}/provider.ts`, folder), 'utf8')));
  it.each(logsIn)('%s', async (id) => {
    const { contract } = await import(`${folder.href}${id}/contract.ts`);
    expect(contract.sessions ?? []).not.toHaveLength(0);
  });
});

describe('importing a manifest loads no vendor’s SDK and no HTTP', () => {
  /** Packages that a file imports by itself or through its own, types and `import()` left out. */
  const packagesOf = (file: URL, seen = new Set<string>()): readonly string[] => {
    if (seen.has(file.href)) return [];
    seen.add(file.href);
    const specifiers = [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)'/gm)].map(([, specifier = '']) => specifier);
    return specifiers.flatMap((specifier) => (specifier.startsWith('.') ? packagesOf(new URL(specifier, file), seen) : [specifier]));
  };

  it.each(providers)('%s', (id) => {
    const packages = new Set(packagesOf(new URL(`${id}/provider.ts`, folder)));
    expect([...packages].filter((name) => name !== 'valibot' && !name.startsWith('node:'))).toEqual([]);
  });
});
