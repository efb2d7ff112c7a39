/** Nonces: their form, and that chance comes from the world alone. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomHex, uuid } from '../../src/sdk/nonce.ts';

const chance = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 40, maxLength: 40 });
const from = (draws: readonly number[]) => {
  let at = 0;
  return { random: () => draws[at++ % draws.length] ?? 0 };
};

it('a UUID has the form of RFC 9562 section 5.4, whatever is drawn', () => {
  fc.assert(
    fc.property(chance, (draws) => {
      expect(uuid(from(draws))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }),
  );
});

it('hexadecimal digits are as many as asked for, and the same draws give the same', () => {
  fc.assert(
    fc.property(chance, fc.nat(40), (draws, digits) => {
      expect(randomHex(from(draws), digits)).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`));
      expect(randomHex(from(draws), digits)).toBe(randomHex(from(draws), digits));
    }),
  );
});
