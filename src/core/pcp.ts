/** PCP (RFC 6887) to and from bytes: the opcode MAP, by which a router tells its external address, and makes and deletes a mapping. */
import { familyOf, fromBytes, type IpAddress, toBytes } from './address.ts';
import { unwrapMapped } from './special.ts';
import { concat, u16, u32 } from './wire.ts';

const VERSION = 2;
const RESPONSE = 0x80;
const MAP = 1;
const HEADER = 24;
const MAP_REPLY = 60;
/** Section 7: longer messages are dropped, and all are made of words of four bytes. */
const LONGEST = 1100;
const PROTOCOLS = { tcp: 6, udp: 17 } as const;
const NAT_PMP = { version: 0, unsupportedVersion: 1 } as const;
/** Results that say more than "no" (section 7.4). */
export const PCP_RESULT = { success: 0, unsupportedVersion: 1, notAuthorized: 2, unsupportedOpcode: 4, networkFailure: 7, noResources: 8, cannotProvideExternal: 11, addressMismatch: 12 } as const;

/** `nonce`: 12 random bytes that make a mapping ours; whoever deletes or renews it must know them. */
export type PcpMapping = { readonly nonce: Uint8Array; readonly protocol: keyof typeof PROTOCOLS; readonly internalPort: number };

/** `epochSeconds`: for how long the router has known its mappings; usually since it was started. */
export type PcpReply =
  | { readonly kind: 'mapped'; readonly address: IpAddress; readonly externalPort: number; readonly lifetimeSeconds: number; readonly epochSeconds: number }
  /** `lifetimeSeconds`: for how long it will say so again. `address`: the external one, where the router tells it all the same. */
  | { readonly kind: 'error'; readonly result: number; readonly lifetimeSeconds: number; readonly epochSeconds: number; readonly address?: IpAddress }
  /** It speaks NAT-PMP alone (section 9). */
  | { readonly kind: 'nat-pmp' }
  | { readonly kind: 'nonsense'; readonly why: string };

/**
 * Makes, renews or, with `lifetimeSeconds` 0, deletes a mapping (section 11.1). `client`: the address that this datagram is sent from, as the
 * router sees it. `externalPort`: the one we would like; 0 has no preference, and must be 0 on deleting.
 */
export const encodeMapRequest = (
  { nonce, protocol, internalPort }: PcpMapping,
  { client, externalPort, lifetimeSeconds }: { readonly client: IpAddress; readonly externalPort: number; readonly lifetimeSeconds: number },
): Uint8Array => {
  // No preference for an external address: all zeros, of our own family (section 11.1).
  const anyAddress = familyOf(client) === 4 ? in16Bytes(new Uint8Array(4)) : new Uint8Array(16);
  const header = concat([Uint8Array.of(VERSION, MAP, 0, 0), u32(lifetimeSeconds), in16Bytes(toBytes(client))]);
  return concat([header, nonce, Uint8Array.of(PROTOCOLS[protocol], 0, 0, 0), u16(internalPort), u16(externalPort), anyAddress]);
};

/** What `bytes` answer to a request for `mapping`; what answers another is nonsense to us. */
export function decodeMapReply(bytes: Uint8Array, mapping: PcpMapping): PcpReply {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 4) return nonsense(`it has ${bytes.length} bytes, far too few`);
  const [version, opcode] = [view.getUint8(0), view.getUint8(1)];
  // That of NAT-PMP has eight bytes, and the bit of a response may be missing (RFC 6886 section 3.5).
  if (version === NAT_PMP.version && view.getUint16(2) === NAT_PMP.unsupportedVersion) return { kind: 'nat-pmp' };
  if (version !== VERSION) return nonsense(`it is of version ${version}, not ${VERSION}`);
  if (bytes.length < HEADER || bytes.length > LONGEST || bytes.length % 4 !== 0) return nonsense(`a message of ${bytes.length} bytes is none of PCP`);
  if (opcode !== RESPONSE + MAP) return nonsense(`its opcode is ${opcode} where ${RESPONSE + MAP} is due`);
  const [result, lifetimeSeconds, epochSeconds] = [view.getUint8(3), view.getUint32(4), view.getUint32(8)];
  const isWhole = bytes.length >= MAP_REPLY;
  if (isWhole && !isOf(mapping, bytes, view)) return nonsense('it answers a request that is not ours');
  const told = isWhole ? fromBytes(bytes.subarray(44, MAP_REPLY)) : undefined;
  const address = told === undefined ? undefined : unwrapMapped(told);
  if (result !== PCP_RESULT.success) return { kind: 'error', result, lifetimeSeconds, epochSeconds, ...(address === undefined ? {} : { address }) };
  return address === undefined ? nonsense(`it has ${bytes.length} bytes where ${MAP_REPLY} are due`) : { kind: 'mapped', address, externalPort: view.getUint16(42), lifetimeSeconds, epochSeconds };
}

/** A result code by its name in the RFC (section 7.4). */
export const describePcpResult = (result: number): string => `result ${result}, ${RESULTS[result] ?? 'which PCP does not know'}`;

const RESULTS: readonly string[] = [
  'SUCCESS',
  'UNSUPP_VERSION',
  'NOT_AUTHORIZED',
  'MALFORMED_REQUEST',
  'UNSUPP_OPCODE',
  'UNSUPP_OPTION',
  'MALFORMED_OPTION',
  'NETWORK_FAILURE',
  'NO_RESOURCES',
  'UNSUPP_PROTOCOL',
  'USER_EX_QUOTA',
  'CANNOT_PROVIDE_EXTERNAL',
  'ADDRESS_MISMATCH',
  'EXCESSIVE_REMOTE_PEERS',
];

const isOf = ({ nonce, protocol, internalPort }: PcpMapping, bytes: Uint8Array, view: DataView): boolean =>
  nonce.every((byte, at) => bytes[HEADER + at] === byte) && view.getUint8(36) === PROTOCOLS[protocol] && view.getUint16(40) === internalPort;

/** IPv4 as `::ffff:a.b.c.d` (section 5). */
const in16Bytes = (address: Uint8Array): Uint8Array => (address.length === 16 ? address : concat([new Uint8Array(10), Uint8Array.of(0xff, 0xff), address]));

const nonsense = (why: string): PcpReply => ({ kind: 'nonsense', why });
