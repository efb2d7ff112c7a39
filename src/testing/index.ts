/** The conformance suite and a World for tests; published as `ddns-update/testing`. */
import type { Contract } from './contract.ts';
import { type Law, laws } from './laws.ts';
import type { AnyManifest } from './stage.ts';

export type { HttpReply, HttpRequest } from '../world/world.ts';
export type { Contract, Documented, FakeRecord, FakeZone } from './contract.ts';
export { type ExactSet, exactSets, exchangeSets } from './exact.ts';
export { fakeApi, holds, numberOf, offsetAsked, pageAsked, pageOf, Refusal, type Routes, records, refuse, reply, text, type Visit, zonesOf } from './fake-api.ts';
export { type Law, laws } from './laws.ts';
export { authorizationParts, canonicalOf, hmacSha256, sha256 } from './signed.ts';
export { updateUrlContract } from './update-url.ts';
export { type FakeParts, type FakeWorld, fakeWorld, toolsIn } from './world.ts';

/**
 * Registers every law as a test, with the `describe` and `it` of any framework:
 * `conformance(provider, contract, { describe, it })`.
 */
export function conformance(
  manifest: AnyManifest & { readonly id: string },
  contract: Contract,
  { describe, it }: { readonly describe: (title: string, body: () => void) => unknown; readonly it: (title: string, body: () => Promise<void>) => unknown },
): void {
  describe(`conformance of ${manifest.id}`, () => {
    for (const { title, run } of laws(manifest, contract) satisfies readonly Law[]) it(title, run);
  });
}
