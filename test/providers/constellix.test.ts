/** The token of https://api-docs.constellix.com/ for one request; the digest was made by the way other clients make it. */
import { expect, it } from 'vitest';
import { constellixToken } from '../../src/providers/constellix/provider.ts';

it('is the key, a digest of the time, and the time', () => {
  expect(constellixToken({ key: 'key', secret: 'secret', ms: 1767323045000 })).toBe('key:IrpEBTnkqaZS2DHBLqudINZPSto=:1767323045000');
});
