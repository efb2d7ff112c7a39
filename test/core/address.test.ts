/** Addresses: printing and parsing are inverse, and nothing is taken that others would understand differently. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAddresses, familyOf, fromBytes, type IpAddress, parseAddress, parsePrefix, parseSuffix, toBits, toBytes, within, withSuffix } from '../../src/core/address.ts';

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((array) => Uint8Array.from(array));
const address = fc.oneof(bytes(4), bytes(16), sparse).map((raw) => fromBytes(raw) as IpAddress);

test('parse after print is the address itself', () => {
  fc.assert(fc.property(address, (one) => void expect(parseAddress(one)).toBe(one)));
});

test('bytes and text are two forms of one address', () => {
  fc.assert(fc.property(address, (one) => void expect(fromBytes(toBytes(one))).toBe(one)));
});

test('whatever is parsed is an address for Node too, of the same family', () => {
  const text = fc.oneof(address, fc.ipV4(), fc.ipV6(), fc.string(), fc.stringMatching(/^[0-9a-f:.%]{0,50}$/));
  fc.assert(
    fc.property(text, (input) => {
      const parsed = parseAddress(input);
      if (parsed !== undefined) expect(isIP(input)).toBe(familyOf(parsed));
    }),
  );
});

test('whatever Node takes is parsed, zones apart', () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (input) => void expect(parseAddress(input)).toBeDefined()));
});

test('IPv6 is printed as URLs print it', () => {
  fc.assert(
    fc.property(fc.oneof(bytes(16), sparse), (raw) => {
      const one = fromBytes(raw) as IpAddress;
      expect(one).toBe(new URL(`http://[${one}]`).hostname.slice(1, -1));
    }),
  );
});

describe('what is no address', () => {
  const check = (text: string): void => expect(parseAddress(text)).toBeUndefined();
  for (const text of ['', ' 1.2.3.4', '1.2.3.4 ', '1.2.3.4\n', '1.2.3', '127.1', '0x7f.1', '010.0.0.1', '1.2.3.04', '4294967295', '256.1.1.1', '1.2.3.4.5', '1.2.3.4:80', '１.2.3.4', '1,2,3,4'])
    test(JSON.stringify(text), () => check(text));
  for (const text of [
    '::1%lo',
    'fe80::1%eth0',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    '::g',
    '[::1]',
    '1.2.3.4::',
    '::1.2.3',
    '::ffff:1.2.3.4.5',
    ':1:2:3:4:5:6:7',
    '1:',
  ])
    test(text, () => check(text));
});

test('one address has one text', () => {
  for (const text of ['2001:DB8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8:0:0::1', '2001:db8::0.0.0.1']) expect(parseAddress(text)).toBe('2001:db8::1');
});

test('the other family is not taken when one is asked for', () => {
  expect(parseAddress('1.2.3.4', 6)).toBeUndefined();
  expect(parseAddress('::1', 4)).toBeUndefined();
});

test('a prefix holds exactly the addresses that share its bits', () => {
  fc.assert(
    fc.property(address, fc.nat(128), address, (base, length, other) => {
      const width = familyOf(base) === 4 ? 32 : 128;
      const bits = length % (width + 1);
      const cut = (one: IpAddress): bigint => toBits(one) >> BigInt(width - bits);
      const floor = fromBytes(toBytes(base).map((byte, at) => byte & (0xff << Math.max(0, Math.min(8, 8 * (at + 1) - bits))))) as IpAddress;
      const prefix = parsePrefix(`${floor}/${bits}`);
      if (prefix === undefined) throw new Error(`${floor}/${bits}`);
      expect(within(base, prefix)).toBe(true);
      expect(within(other, prefix)).toBe(familyOf(other) === familyOf(base) && cut(other) === cut(base));
    }),
  );
});

test('a prefix with bits beyond its length is refused, for it was meant otherwise', () => {
  for (const text of ['10.0.0.1/8', '2001:db8::1/64', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', 'x/8']) expect(parsePrefix(text)).toBeUndefined();
});

test('a suffix keeps the prefix and sets the host bits, at any length', () => {
  fc.assert(
    fc.property(bytes(16), bytes(16), fc.nat(128), (raw, host, bits) => {
      const low = BigInt(128 - bits);
      const hostBits = toBits(fromBytes(host) as IpAddress) & ((1n << low) - 1n);
      const text = fromBytes(Uint8Array.from({ length: 16 }, (_, at) => Number((hostBits >> BigInt(8 * (15 - at))) & 255n))) as IpAddress;
      const suffix = parseSuffix(`${text}/${bits}`);
      if (suffix === undefined) throw new Error(text);
      const detected = fromBytes(raw) as IpAddress<6>;
      const merged = toBits(withSuffix(detected, suffix));
      expect(merged >> low).toBe(toBits(detected) >> low);
      expect(merged & ((1n << low) - 1n)).toBe(hostBits);
    }),
  );
});

test('a suffix that reaches into the prefix is refused', () => {
  expect(parseSuffix('2001:db8::1/64')).toBeUndefined();
  expect(parseSuffix('::1/64')).toBeDefined();
});

test('addresses have one order', () => {
  fc.assert(fc.property(address, address, (a, b) => void expect(Math.sign(compareAddresses(a, b)) + Math.sign(compareAddresses(b, a))).toBe(0)));
});
