/** Addresses that are never published: every range, to its first and last address, and no further. */
import { expect, test } from 'vitest';
import { fromBytes, type IpAddress, parseAddress, parsePrefix, toBits } from '../../src/core/address.ts';
import { neverPublished, refusal, unwrapMapped } from '../../src/core/special.ts';

const NONE = { allow: [], deny: [] };
const at = (bits: bigint, width: number): IpAddress => fromBytes(Uint8Array.from({ length: width / 8 }, (_, index) => Number((bits >> BigInt(width - 8 * (index + 1))) & 255n))) as IpAddress;

/** The registries, written down apart from the tables of the product. */
const RANGES = {
  4: [
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 192.31.196.0/24 192.175.48.0/24',
    '192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 240.0.0.0/4 255.255.255.255/32 224.0.0.0/4 104.28.0.0/16 173.245.48.0/20 103.21.244.0/22 103.22.200.0/22 103.31.4.0/22',
    '141.101.64.0/18 108.162.192.0/18 190.93.240.0/20 188.114.96.0/20 197.234.240.0/22 198.41.128.0/17 162.158.0.0/15 104.16.0.0/13 104.24.0.0/14 172.64.0.0/13 131.0.72.0/22',
  ],
  6: [
    '::/128 ::1/128 ::ffff:0:0/96 ::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48',
    '2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 3fff::/20 2002::/16 2620:4f:8000::/48 3ffe::/16 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8',
    '2400:cb00::/32 2606:4700::/32 2803:f800::/32 2405:b500::/32 2405:8100::/32 2a06:98c0::/29 2c0f:f248::/32',
  ],
};
const rows = Object.values(RANGES).flatMap((lines) => lines.flatMap((line) => line.split(' ')));
const prefixes = rows.map((row) => {
  const prefix = parsePrefix(row);
  if (prefix === undefined) throw new Error(row);
  const width = prefix.family === 4 ? 32 : 128;
  return { row, width, first: prefix.base, last: prefix.base + (1n << BigInt(width - prefix.bits)) - 1n };
});

test.each(prefixes)('$row is refused from its first to its last address, with a reason', ({ width, first, last }) => {
  for (const bits of [first, last, (first + last) / 2n]) expect(refusal(at(bits, width), NONE)?.reason).toMatch(/\w{3}/);
});

const refusedByTable = (bits: bigint, width: number): boolean => prefixes.some((prefix) => prefix.width === width && prefix.first <= bits && bits <= prefix.last);
const used = (bits: bigint, width: number): boolean => width === 32 || bits >> 125n === 1n;

test.each(prefixes)('the neighbours of $row are as the other ranges say', ({ width, first, last }) => {
  for (const bits of [first - 1n, last + 1n]) {
    if (bits < 0n || bits >= 1n << BigInt(width)) continue;
    expect(refusal(at(bits, width), NONE) !== undefined, at(bits, width)).toBe(refusedByTable(bits, width) || !used(bits, width));
  }
});

test('every range of the product is one of the registries or an address of an echo service', () => {
  for (const [range, kind] of neverPublished()) expect(rows.includes(range) || kind === 'echo' || range === '192.0.0.0/29', range).toBe(true);
});

test('ordinary addresses are published', () => {
  for (const text of ['1.2.3.4', '8.8.1.1', '93.184.215.14', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '2a00:1450:4001:82a::200e', '2600::1', '3ffd::1', '2000::1'])
    expect(refusal(parseAddress(text) as IpAddress, NONE), text).toBeUndefined();
});

test('IPv6 beyond 2000::/3 is refused wherever it lies', () => {
  for (const text of ['1::', '200::1', '1fff:ffff::', '4000::', '8000::1', 'c000::1', 'e000::1']) expect(refusal(parseAddress(text) as IpAddress, NONE), text).toBeDefined();
});

const KINDS: readonly (readonly [string, string])[] = [
  ['100.64.0.9', 'cgnat'],
  ['192.0.0.2', 'dslite'],
  ['192.168.1.10', 'private'],
  ['169.254.7.7', 'linklocal'],
  ['203.0.113.9', 'documentation'],
  ['198.18.0.1', 'benchmark'],
  ['104.28.200.15', 'echo'],
  ['1.1.1.1', 'echo'],
  ['64:ff9b::102:304', 'translation'],
  ['2001:0:1::1', 'tunnel'],
];
test.each(KINDS)('%s is named %s', (text, kind) => expect(refusal(parseAddress(text) as IpAddress, NONE)?.kind).toBe(kind));

test('what the config allows is published, and what it denies is not, whatever else it allows', () => {
  const allow = [parsePrefix('203.0.113.0/24') as NonNullable<ReturnType<typeof parsePrefix>>];
  const one = parseAddress('203.0.113.9') as IpAddress;
  expect(refusal(one, { allow, deny: [] })).toBeUndefined();
  expect(refusal(one, { allow, deny: allow })?.kind).toBe('denied');
});

test('a mapped IPv4 address is judged as what it is', () => {
  expect(unwrapMapped(parseAddress('::ffff:192.168.1.1') as IpAddress)).toBe('192.168.1.1');
  expect(toBits(unwrapMapped(parseAddress('2600::1') as IpAddress))).toBe(toBits(parseAddress('2600::1') as IpAddress));
});
