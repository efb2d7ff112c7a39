/** STUN Binding (RFC 8489) to and from bytes: the mapped address is the public one. */
import { type Family, fromBytes, type IpAddress } from './address.ts';
import { concat, u16, u32 } from './wire.ts';

const COOKIE = 0x2112a442;
const BINDING = 0x0001;
const SUCCESS = 0x0101;
const ERROR = 0x0111;
const HEADER = 20;
const ATTRIBUTE = { mapped: 0x0001, error: 0x0009, xorMapped: 0x0020, oldXorMapped: 0x8020, fingerprint: 0x8028 } as const;
/** Below 0x8000 an attribute must be understood. These are, as far as to be safely ignored (RFC 8489 section 18.3, RFC 3489 section 11.2). */
const UNDERSTOOD: readonly number[] = [0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009, 0x000a, 0x000b, 0x0014, 0x0015, 0x001c, 0x001e, 0x0020];

export type StunReply =
  | { readonly kind: 'address'; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'error'; readonly code: number }
  /** It belongs to our question but breaks the protocol. */
  | { readonly kind: 'nonsense'; readonly why: string };

/** A Binding request without attributes. `transaction`: 12 random bytes. */
export const encodeBinding = (transaction: Uint8Array): Uint8Array => concat([u16(BINDING), u16(0), u32(COOKIE), transaction]);

/** The reply to `transaction` in `bytes`; undefined when it answers another question, or none. */
export function decodeBinding(bytes: Uint8Array, transaction: Uint8Array): StunReply | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint16(0);
  if ((type !== SUCCESS && type !== ERROR) || view.getUint32(4) !== COOKIE) return undefined;
  if (!transaction.every((byte, at) => bytes[8 + at] === byte)) return undefined;
  const length = view.getUint16(2);
  if (length % 4 !== 0 || HEADER + length !== bytes.length) return nonsense('its length is wrong');
  const found = new Map<number, Uint8Array>();
  for (let at = HEADER; at < bytes.length; ) {
    if (at + 4 > bytes.length) return nonsense('it is cut short');
    const [attribute, size] = [view.getUint16(at), view.getUint16(at + 2)];
    const next = at + 4 + size + ((4 - (size % 4)) % 4);
    if (next > bytes.length) return nonsense('an attribute leads beyond its end');
    if (attribute < 0x8000 && !UNDERSTOOD.includes(attribute)) return nonsense(`it has the unknown mandatory attribute 0x${attribute.toString(16).padStart(4, '0')}`);
    if (attribute === ATTRIBUTE.fingerprint) {
      if (next !== bytes.length || size !== 4) return nonsense('its fingerprint is not at the end');
      if (view.getUint32(at + 4) !== fingerprint(bytes.subarray(0, at))) return nonsense('its fingerprint is wrong');
    }
    // Of several equal ones the first counts (RFC 8489 section 14).
    if (!found.has(attribute)) found.set(attribute, bytes.subarray(at + 4, at + 4 + size));
    at = next;
  }
  return type === ERROR ? { kind: 'error', code: errorCode(found.get(ATTRIBUTE.error)) } : mapped(found, bytes);
}

/** CRC-32 of everything before the attribute, XOR 0x5354554e (RFC 8489 section 14.7). */
export function fingerprint(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff ^ 0x5354554e) >>> 0;
}

const nonsense = (why: string): StunReply => ({ kind: 'nonsense', why });
const errorCode = (value: Uint8Array | undefined): number => (value === undefined || value.length < 4 ? 0 : ((value[2] as number) & 7) * 100 + (value[3] as number));

function mapped(found: ReadonlyMap<number, Uint8Array>, bytes: Uint8Array): StunReply {
  const xored = found.get(ATTRIBUTE.xorMapped) ?? found.get(ATTRIBUTE.oldXorMapped);
  const value = xored ?? found.get(ATTRIBUTE.mapped);
  if (value === undefined) return nonsense('it has no mapped address');
  const family: Family | undefined = value[1] === 1 ? 4 : value[1] === 2 ? 6 : undefined;
  if (family === undefined || value.length !== (family === 4 ? 8 : 20)) return nonsense('its mapped address has a wrong form');
  // The mask is cookie and transaction id, which stand one after the other in the header.
  const masked = xored === undefined ? value.subarray(4) : value.subarray(4).map((byte, at) => byte ^ (bytes[4 + at] as number));
  const port = (((value[2] as number) << 8) | (value[3] as number)) ^ (xored === undefined ? 0 : COOKIE >>> 16);
  const address = fromBytes(masked);
  return address === undefined ? nonsense('its mapped address has a wrong form') : { kind: 'address', address, port };
}
