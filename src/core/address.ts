/** IP addresses as canonical text, so that `===` is equality; parsing, prefixes, and merging a fixed suffix into a prefix. */

declare const brand: unique symbol;

export type Family = 4 | 6;
/** Canonical text: dotted quad, or RFC 5952. Made only by this file's parsers. */
export type IpAddress<F extends Family = Family> = string & { readonly [brand]: F };
/** A range of addresses; `bits` counts from the left. */
export type Prefix = { readonly family: Family; readonly base: bigint; readonly bits: number; readonly text: string };
/** Fixed host bits of another machine: everything right of `bits` is taken from `host`. */
export type Suffix = { readonly host: bigint; readonly bits: number; readonly text: string };

const WIDTH = { 4: 32, 6: 128 } as const;

/** The address in `text`, or undefined. No blanks, zones (`%eth0`), leading zeros, shorthand quads or mapped forms are let through. */
export function parseAddress(text: string): IpAddress | undefined;
export function parseAddress<F extends Family>(text: string, family: F): IpAddress<F> | undefined;
export function parseAddress(text: string, family?: Family): IpAddress | undefined {
  if (text.length > 45) return undefined;
  const parsed = text.includes(':') ? parse6(text) : parse4(text);
  if (parsed === undefined) return undefined;
  const found: Family = text.includes(':') ? 6 : 4;
  if (family !== undefined && family !== found) return undefined;
  return print(parsed, found);
}

export const familyOf = (address: IpAddress): Family => (address.includes(':') ? 6 : 4);

/** The address as a number of 32 or 128 bits. */
export function toBits(address: IpAddress): bigint {
  const bits = familyOf(address) === 6 ? parse6(address) : parse4(address);
  if (bits === undefined) throw new TypeError(`not canonical: ${address}`);
  return bits;
}

/** Network byte order: 4 or 16 bytes. */
export function toBytes(address: IpAddress): Uint8Array {
  const width = WIDTH[familyOf(address)] / 8;
  const bytes = new Uint8Array(width);
  let rest = toBits(address);
  for (let at = width - 1; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
  return bytes;
}

/** The address in 4 or 16 bytes of network byte order; undefined for any other length. */
export function fromBytes(bytes: Uint8Array): IpAddress | undefined {
  if (bytes.length !== 4 && bytes.length !== 16) return undefined;
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  return print(bits, bytes.length === 4 ? 4 : 6);
}

/** `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits right of the prefix must be zero. */
export function parsePrefix(text: string): Prefix | undefined {
  const [head = '', length, ...more] = text.split('/');
  const address = parseAddress(head);
  if (address === undefined || more.length > 0) return undefined;
  const family = familyOf(address);
  const bits = length === undefined ? WIDTH[family] : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (bits < 0 || bits > WIDTH[family]) return undefined;
  const base = toBits(address);
  if (bits < WIDTH[family] && (base & ((1n << BigInt(WIDTH[family] - bits)) - 1n)) !== 0n) return undefined;
  return { family, base, bits, text };
}

export function within(address: IpAddress, prefix: Prefix): boolean {
  if (familyOf(address) !== prefix.family) return false;
  const shift = BigInt(WIDTH[prefix.family] - prefix.bits);
  return toBits(address) >> shift === prefix.base >> shift;
}

/** `::a00:27ff:fe12:3456/64`: the length is that of the prefix to keep. Host bits that reach into the prefix are refused. */
export function parseSuffix(text: string): Suffix | undefined {
  const [head = '', length = '64', ...more] = text.split('/');
  const address = parseAddress(head, 6);
  if (address === undefined || more.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length);
  const host = toBits(address);
  if (bits > 128 || host >> BigInt(128 - bits) !== 0n) return undefined;
  return { host, bits, text };
}

/** The detected prefix with the fixed host bits of another machine behind the same router. */
export function withSuffix(address: IpAddress<6>, suffix: Suffix): IpAddress<6> {
  const low = BigInt(128 - suffix.bits);
  return print(((toBits(address) >> low) << low) | suffix.host, 6) as IpAddress<6>;
}

/** Order for display and for canonical sets: by family, then by number. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  const families = familyOf(a) - familyOf(b);
  if (families !== 0 || a === b) return families;
  return toBits(a) < toBits(b) ? -1 : 1;
}

function parse4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parse6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '', halves.length === 1);
  const tail = groups(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? head.length !== 8 : missing < 1) return undefined;
  const all = halves.length === 1 ? head : [...head, ...Array<number>(missing).fill(0), ...tail];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

/** Up to eight 16-bit groups; the last may be a dotted quad where the text ends there. */
function groups(text: string, mayEndInQuad: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const found: number[] = [];
  for (const [at, part] of parts.entries()) {
    const quad = mayEndInQuad && at === parts.length - 1 && part.includes('.') ? parse4(part) : undefined;
    if (quad !== undefined) found.push(Number(quad >> 16n), Number(quad & 0xffffn));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) found.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return found.length <= 8 ? found : undefined;
}

/** RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function print(bits: bigint, family: Family): IpAddress {
  if (family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.') as IpAddress;
  }
  const parts = Array.from({ length: 8 }, (_, at) => Number((bits >> BigInt(112 - 16 * at)) & 0xffffn));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && parts[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  const hex = parts.map((part) => part.toString(16));
  if (best.at < 0) return hex.join(':') as IpAddress;
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}` as IpAddress;
}
