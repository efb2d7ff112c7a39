/** Codes of a second factor: the vectors of RFC 6238 Appendix B (SHA-1; the last six of their eight digits), and secrets as people copy them. */
import { expect, it } from 'vitest';
import { attempt, oneTimePassword, Secret } from '../../src/sdk/index.ts';

/** `12345678901234567890` in base 32. */
const SHARED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('RFC 6238 at %i s', (seconds, code) => {
  expect(oneTimePassword(new Secret(SHARED), seconds * 1000)).toBe(code);
});

it('blanks, dashes, padding and small letters do not matter', () => {
  expect(oneTimePassword(new Secret('gezd gnbv-gy3t qojq GEZDGNBVGY3TQOJQ===='), 59_000)).toBe('287082');
});

it.each(['', 'secret1', 'ABCDEF0'])('"%s" is no such secret, and does not show in the message', async (shared) => {
  const outcome = await attempt(() => oneTimePassword(new Secret(shared), 0));
  expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'auth' } });
  if (shared !== '') expect(JSON.stringify(outcome)).not.toContain(shared);
});
