/** TSIG (RFC 8945): signs a DNS message with a shared key, and says how far a reply can be trusted. Pure: time is handed in. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { CLASS, concat, decodeMessage, encodeName, TYPE, u16, u32 } from '../core/wire.ts';

/** Name on the wire, hash of node:crypto, and bytes of a whole MAC. */
const ALGORITHMS = {
  'hmac-sha256': { wire: 'hmac-sha256', hash: 'sha256', size: 32 },
  'hmac-sha384': { wire: 'hmac-sha384', hash: 'sha384', size: 48 },
  'hmac-sha512': { wire: 'hmac-sha512', hash: 'sha512', size: 64 },
  'hmac-sha1': { wire: 'hmac-sha1', hash: 'sha1', size: 20 },
  'hmac-sha224': { wire: 'hmac-sha224', hash: 'sha224', size: 28 },
  'hmac-md5': { wire: 'hmac-md5.sig-alg.reg.int', hash: 'md5', size: 16 },
} as const;

export type TsigAlgorithm = keyof typeof ALGORITHMS;
export const TSIG_ALGORITHMS = Object.keys(ALGORITHMS) as readonly TsigAlgorithm[];
/** RFC 8945 section 6: MUST NOT or NOT RECOMMENDED; for old servers only. */
export const weakTsigAlgorithms: readonly TsigAlgorithm[] = ['hmac-md5', 'hmac-sha224'];
export const isTsigAlgorithm = (text: string): text is TsigAlgorithm => Object.hasOwn(ALGORITHMS, text);

/** `name` without the final dot. `secret`: the bytes, already out of base64. */
export type TsigKey = { readonly name: string; readonly algorithm: TsigAlgorithm; readonly secret: Uint8Array };

/** Seconds that the clocks of both sides may differ (RFC 8945 section 10). */
const FUDGE_SECONDS = 300;

/** A signed message, and its MAC, which the reply is bound to. */
export type Signed = { readonly bytes: Uint8Array; readonly mac: Uint8Array };

/** How far a reply can be trusted. Only `verified` is a word of the server. */
export type TsigVerdict =
  | { readonly kind: 'verified' }
  /** No TSIG at all: anybody may have sent it. */
  | { readonly kind: 'unsigned' }
  /**
   * The server did not accept our signature: BADSIG 16, BADKEY 17, BADTIME 18, BADTRUNC 22 (RFC 8945 section 3). `authentic`: the error itself
   * carries a MAC that holds. `serverTime`: seconds since 1970, with BADTIME.
   */
  | { readonly kind: 'rejected'; readonly error: number; readonly authentic: boolean; readonly serverTime?: number }
  /** Signed, but not with our key, or not for our request, or changed on the way. */
  | { readonly kind: 'forged'; readonly why: string };

/** `message` with a TSIG record at its end. `now`: seconds since 1970. */
export function signMessage(message: Uint8Array, key: TsigKey, { now, fudge = FUDGE_SECONDS }: { readonly now: number; readonly fudge?: number }): Signed {
  const fields: Fields = { keyName: key.name, algorithm: ALGORITHMS[key.algorithm].wire, time: now, fudge, error: 0, other: new Uint8Array(0) };
  const mac = hmac(key, [message, variables(fields)]);
  return { bytes: append(message, fields, mac), mac };
}

/** Bytes that signing adds to a message. */
export const tsigSize = (key: TsigKey): number => encodeName(key.name).length + 10 + encodeName(ALGORITHMS[key.algorithm].wire).length + 16 + ALGORITHMS[key.algorithm].size;

/** A server's signed reply to a request with this MAC; for fake servers. `macSize` cuts the MAC short. */
export function sealReply(
  reply: Uint8Array,
  key: TsigKey,
  {
    now,
    requestMac,
    error = 0,
    other = new Uint8Array(0),
    macSize,
  }: { readonly now: number; readonly requestMac: Uint8Array; readonly error?: number; readonly other?: Uint8Array; readonly macSize?: number },
): Signed {
  const fields: Fields = { keyName: key.name, algorithm: ALGORITHMS[key.algorithm].wire, time: now, fudge: FUDGE_SECONDS, error, other };
  const mac = hmac(key, [prefixed(requestMac), reply, variables(fields)]).subarray(0, macSize);
  return { bytes: append(reply, fields, mac), mac };
}

/**
 * Checks the reply, or one message after the other of a reply in several (RFC 8945 section 5.3.1: the first is bound to the request, each
 * later one to the MAC before it; between two signatures there may be up to 99 unsigned messages). `pending`: unsigned so far, but what
 * follows may still cover it; after the last message that means unsigned.
 */
export function tsigVerifier(key: TsigKey, requestMac: Uint8Array): (message: Uint8Array, now: number) => TsigVerdict | { readonly kind: 'pending' } {
  let bound = requestMac;
  let first = true;
  let covered: Uint8Array[] = [];
  return (message, now) => {
    const found = split(message);
    if (found === undefined) {
      if (first) return { kind: 'unsigned' };
      if (covered.length >= 99) return { kind: 'forged', why: 'a hundred messages in a row are not signed' };
      covered.push(message);
      return { kind: 'pending' };
    }
    const { fields, mac, bare, originalId } = found;
    const unsigned = concat([u16(originalId), bare.subarray(2)]);
    const holds = () => matches(mac, hmac(key, first ? [prefixed(bound), unsigned, variables(fields)] : [prefixed(bound), ...covered, unsigned, timers(fields)]));
    const strange = stranger(fields, mac, key);
    if (fields.error !== 0) return rejection(fields, strange === undefined && holds());
    if (strange !== undefined) return { kind: 'forged', why: strange };
    if (!holds()) return { kind: 'forged', why: 'its signature does not hold' };
    if (Math.abs(now - fields.time) > fields.fudge)
      return { kind: 'forged', why: `it was signed ${Math.abs(now - fields.time)} s ${now > fields.time ? 'ago' : 'in the future'}, by this machine's clock` };
    first = false;
    bound = mac;
    covered = [];
    return { kind: 'verified' };
  };
}

type Fields = { readonly keyName: string; readonly algorithm: string; readonly time: number; readonly fudge: number; readonly error: number; readonly other: Uint8Array };

const lower = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Why this signature cannot be one with our key, whatever its bytes. */
function stranger(fields: Fields, mac: Uint8Array, key: TsigKey): string | undefined {
  const { wire, size } = ALGORITHMS[key.algorithm];
  if (lower(fields.keyName) !== lower(key.name)) return `it is signed with the key "${fields.keyName}"`;
  if (lower(fields.algorithm) !== wire) return `it is signed with ${fields.algorithm}`;
  // RFC 8945 section 5.2.2.1: never less than ten bytes or half of the hash, never more than the hash.
  if (mac.length > size || mac.length < Math.max(10, size / 2)) return `its signature has ${mac.length} bytes`;
  return undefined;
}

function rejection(fields: Fields, authentic: boolean): TsigVerdict {
  const serverTime = fields.error === 18 && fields.other.length === 6 ? read48(fields.other, 0) : undefined;
  return { kind: 'rejected', error: fields.error, authentic, ...(serverTime === undefined ? {} : { serverTime }) };
}

const hmac = (key: TsigKey, parts: readonly Uint8Array[]): Uint8Array => {
  const mac = createHmac(ALGORITHMS[key.algorithm].hash, key.secret);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
};

/** `mac` may be cut short, within the limits that were checked before. */
const matches = (mac: Uint8Array, whole: Uint8Array): boolean => mac.length <= whole.length && timingSafeEqual(mac, whole.subarray(0, mac.length));

const prefixed = (mac: Uint8Array): Uint8Array => concat([u16(mac.length), mac]);

/** RFC 8945 section 4.3.3. */
const variables = ({ keyName, algorithm, time, fudge, error, other }: Fields): Uint8Array =>
  concat([encodeName(lower(keyName)), u16(CLASS.ANY), u32(0), encodeName(lower(algorithm)), u48(time), u16(fudge), u16(error), u16(other.length), other]);

/** RFC 8945 section 5.3.1: what later messages of a long reply digest instead. */
const timers = ({ time, fudge }: Fields): Uint8Array => concat([u48(time), u16(fudge)]);

function append(message: Uint8Array, { keyName, algorithm, time, fudge, error, other }: Fields, mac: Uint8Array): Uint8Array {
  const data = concat([encodeName(lower(algorithm)), u48(time), u16(fudge), u16(mac.length), mac, message.subarray(0, 2), u16(error), u16(other.length), other]);
  const signed = concat([message, encodeName(lower(keyName)), u16(TYPE.TSIG), u16(CLASS.ANY), u32(0), u16(data.length), data]);
  signed.set(u16(read16(signed, 10) + 1), 10);
  return signed;
}

type Found = { readonly fields: Fields; readonly mac: Uint8Array; readonly originalId: number; readonly bare: Uint8Array };

/** The TSIG record and the message without it; undefined when its last record is none, or the message is damaged. */
function split(message: Uint8Array): Found | undefined {
  const last = decodeMessage(message)?.additionals.at(-1);
  if (last === undefined || last.type !== TYPE.TSIG || last.class !== CLASS.ANY || last.ttl !== 0) return undefined;
  const { data } = last;
  const algorithm = uncompressedName(data);
  if (algorithm === undefined) return undefined;
  const at = algorithm.end;
  if (data.length < at + 10) return undefined;
  const macEnd = at + 10 + read16(data, at + 8);
  if (data.length < macEnd + 6) return undefined;
  const other = data.subarray(macEnd + 6);
  if (other.length !== read16(data, macEnd + 4)) return undefined;
  const bare = message.slice(0, startOfLastRecord(message));
  bare.set(u16(read16(bare, 10) - 1), 10);
  return {
    fields: { keyName: last.name, algorithm: algorithm.text, time: read48(data, at), fudge: read16(data, at + 6), error: read16(data, macEnd + 2), other },
    mac: data.subarray(at + 10, macEnd),
    originalId: read16(data, macEnd),
    bare,
  };
}

/** Where the last record of a message that decodes begins. */
function startOfLastRecord(message: Uint8Array): number {
  let at = 12;
  for (let left = read16(message, 4); left > 0; left--) at = afterName(message, at) + 4;
  let start = at;
  for (let left = read16(message, 6) + read16(message, 8) + read16(message, 10); left > 0; left--) {
    start = at;
    const fixed = afterName(message, at);
    at = fixed + 10 + read16(message, fixed + 8);
  }
  return start;
}

function afterName(message: Uint8Array, from: number): number {
  for (let at = from; ; at += 1 + (message[at] ?? 0)) {
    const size = message[at] ?? 0;
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2;
  }
}

/** Names inside TSIG data are not compressed (RFC 8945 section 4.2). */
function uncompressedName(data: Uint8Array): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  for (let at = 0; at < data.length; ) {
    const size = data[at] ?? 0;
    if (size === 0) return { text: labels.join('.'), end: at + 1 };
    if (size > 63) return undefined;
    labels.push(String.fromCharCode(...data.subarray(at + 1, at + 1 + size)));
    at += 1 + size;
  }
  return undefined;
}

const read16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const read48 = (bytes: Uint8Array, at: number): number => [0, 1, 2, 3, 4, 5].reduce((value, step) => value * 256 + (bytes[at + step] ?? 0), 0);
const u48 = (value: number): Uint8Array => concat([u16(Math.floor(value / 2 ** 32)), u32(value % 2 ** 32)]);
