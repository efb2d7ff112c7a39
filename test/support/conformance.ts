/** The conformance suite over the folders of src/providers, in parts that run side by side. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, it } from 'vitest';
import { conformance } from '../../src/testing/index.ts';

const folder = new URL('../../src/providers/', import.meta.url);

/** Every folder with a provider in it. */
export const providers: readonly string[] = readdirSync(folder).filter((id) => existsSync(new URL(`${id}/provider.ts`, folder)));

/** First letters of ids; digits are with a. There is a file in test/conformance for each. */
export const PARTS = ['a-c', 'd-g', 'h-n', 'o-s', 't-z'] as const;
export const partOf = (id: string): (typeof PARTS)[number] | undefined => PARTS.find((part) => new RegExp(`^[${part}${part === 'a-c' ? '0-9' : ''}]`).test(id));

/** Registers every law of every provider of one part. */
export async function conform(part: (typeof PARTS)[number]): Promise<void> {
  for (const id of providers.filter((one) => partOf(one) === part)) {
    const [{ default: manifest }, { contract }] = await Promise.all([import(`${folder.href}${id}/provider.ts`), import(`${folder.href}${id}/contract.ts`)]);
    conformance(manifest, contract, { describe, it });
  }
}
