/** What a provider says of the evidence behind it is true: see Evidence in src/sdk/provider.ts. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { providers } from '../src/providers/index.ts';
import { documentedOf } from '../src/providers/update-url/documented.ts';
import type { Manifest } from '../src/sdk/provider.ts';
import type { Contract } from '../src/testing/index.ts';
import { DESCRIBED } from './openapi/vendors.ts';

/** Whose requests a real server of that software takes, and in which test. */
const REAL_SERVERS: Readonly<Record<string, string>> = {
  powerdns: './providers/powerdns.test.ts',
  rfc2136: './providers/rfc2136.bind.test.ts',
  zonefile: './providers/zonefile.test.ts',
};

const manifests: readonly Manifest[] = (await Promise.all(Object.values(providers).map(async (load) => (await load()).default))).filter(({ absent }) => absent === undefined);
const folder = (id: string): URL => new URL(`../src/providers/${id}/contract.ts`, import.meta.url);

test('official: held against a description by the vendor, or tried on a real server', () => {
  const claimed = manifests.filter(({ evidence }) => evidence === 'official').map(({ id }) => id);
  expect(claimed.filter((id) => !(id in DESCRIBED) && !(id in REAL_SERVERS))).toEqual([]);
  for (const test of Object.values(REAL_SERVERS)) expect(existsSync(new URL(test, import.meta.url)), test).toBe(true);
});

test('who is held against a description says so', () => {
  expect(Object.keys(DESCRIBED).filter((id) => manifests.find((manifest) => manifest.id === id)?.evidence !== 'official')).toEqual([]);
});

test.each(manifests.filter(({ evidence }) => evidence === 'documented'))('documented: $id has an exchange, and says where it was copied from', async ({ id }) => {
  const { documented } = existsSync(folder(id)) ? ((await import(folder(id).href)) as { readonly contract: Contract }).contract : { documented: documentedOf(id) };
  expect(documented.length).toBeGreaterThan(0);
  for (const { page } of documented) expect(URL.canParse(page), page).toBe(true);
});
