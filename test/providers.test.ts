/** Every provider that has a contract keeps every law of the conformance suite. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, it } from 'vitest';
import { conformance } from '../src/testing/index.ts';

const folder = new URL('../src/providers/', import.meta.url);
for (const id of readdirSync(folder).filter((name) => existsSync(new URL(`${name}/contract.ts`, folder)))) {
  const [{ default: manifest }, contracts] = await Promise.all([import(`${folder.href}${id}/provider.ts`), import(`${folder.href}${id}/contract.ts`)]);
  conformance(manifest, contracts.contract ?? contracts.default, { describe, it });
}
