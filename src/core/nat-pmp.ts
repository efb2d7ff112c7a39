/** NAT-PMP (RFC 6886) to and from bytes: the question for the router's external address, the wish for a mapping, and what may come back. */
import { fromBytes, type IpAddress } from './address.ts';
import { concat, u16, u32 } from './wire.ts';

/** Where routers listen for NAT-PMP and PCP. */
export const PORT_MAPPING_PORT = 5351;

const VERSION = 0;
const RESPONSE = 0x80;
const EXTERNAL_ADDRESS = 0;
const SUCCESS = 0;
const UNSUPPORTED_VERSION = 1;
/** The router itself has no address from its provider (section 3.5). */
export const NETWORK_FAILURE = 3;
/** Version, opcode, result and epoch: the shortest reply, as on an unknown version (section 3.5). */
const SHORTEST = 8;
const ADDRESS_REPLY = 12;
const MAP = { udp: 1, tcp: 2 } as const;
const MAP_REPLY = 16;
const PCP = { version: 2, header: 24, unsupportedVersion: 1 } as const;

/** `epochSeconds`: for how long the router has known its mappings; usually since it was started. */
export type NatPmpReply =
  | { readonly kind: 'address'; readonly address: IpAddress; readonly epochSeconds: number }
  | { readonly kind: 'error'; readonly result: number; readonly epochSeconds: number }
  /** It speaks PCP alone. */
  | { readonly kind: 'pcp' }
  | { readonly kind: 'nonsense'; readonly why: string };

/** "Which address do you have outside?" (section 3.2). */
export const encodeExternalAddressRequest = (): Uint8Array => Uint8Array.of(VERSION, EXTERNAL_ADDRESS);

/** What `bytes` answer to that. There is no number in it to tell our question from another's: who sent it is all there is to check. */
export function decodeExternalAddressReply(bytes: Uint8Array): NatPmpReply {
  const head = readHead(bytes, EXTERNAL_ADDRESS);
  if (head.kind !== 'success') return head;
  const address = bytes.length === ADDRESS_REPLY ? fromBytes(bytes.subarray(8, 12)) : undefined;
  return address === undefined ? nonsense(`it has ${bytes.length} bytes where ${ADDRESS_REPLY} are due`) : { kind: 'address', address, epochSeconds: head.epochSeconds };
}

type Refused = Exclude<NatPmpReply, { readonly kind: 'address' }>;

/** What every reply begins with; `asked`: the opcode of the question. */
function readHead(bytes: Uint8Array, asked: number): { readonly kind: 'success'; readonly view: DataView; readonly epochSeconds: number } | Refused {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < SHORTEST) return nonsense(`it has ${bytes.length} bytes, and ${SHORTEST} are the fewest`);
  const [version, opcode] = [view.getUint8(0), view.getUint8(1)];
  if (version === PCP.version && bytes.length >= PCP.header && view.getUint8(3) === PCP.unsupportedVersion) return { kind: 'pcp' };
  if (version !== VERSION) return nonsense(`it is of version ${version}, and NAT-PMP has version ${VERSION} only`);
  const [result, epochSeconds] = [view.getUint16(2), view.getUint32(4)];
  // An unknown version is answered with opcode 0 (section 3.5), by some routers with the question's.
  const isOurs = opcode === RESPONSE + asked || (opcode === 0 && result === UNSUPPORTED_VERSION);
  if (!isOurs) return nonsense(`its opcode is ${opcode} where ${RESPONSE + asked} is due`);
  return result === SUCCESS ? { kind: 'success', view, epochSeconds } : { kind: 'error', result, epochSeconds };
}

/** `internal`: of this machine. */
export type NatPmpMapping = { readonly protocol: keyof typeof MAP; readonly internal: number };
export type NatPmpMapReply = { readonly kind: 'mapped'; readonly external: number; readonly lifetimeSeconds: number; readonly epochSeconds: number } | Refused;

/** Makes or renews a mapping (section 3.3); with `lifetimeSeconds` 0 and `external` 0 deletes it (section 3.4). */
export const encodeNatPmpMapRequest = ({ protocol, internal }: NatPmpMapping, { external, lifetimeSeconds }: { readonly external: number; readonly lifetimeSeconds: number }): Uint8Array =>
  concat([Uint8Array.of(VERSION, MAP[protocol], 0, 0), u16(internal), u16(external), u32(lifetimeSeconds)]);

/** What `bytes` answer to a request for `mapping`; what answers another is nonsense to us. */
export function decodeNatPmpMapReply(bytes: Uint8Array, { protocol, internal }: NatPmpMapping): NatPmpMapReply {
  const head = readHead(bytes, MAP[protocol]);
  if (head.kind !== 'success') return head;
  const { view, epochSeconds } = head;
  if (bytes.length !== MAP_REPLY) return nonsense(`it has ${bytes.length} bytes where ${MAP_REPLY} are due`);
  if (view.getUint16(8) !== internal) return nonsense('it answers a request that is not ours');
  return { kind: 'mapped', external: view.getUint16(10), lifetimeSeconds: view.getUint32(12), epochSeconds };
}

/** A result code in words (section 3.5). */
export const describeNatPmpResult = (result: number): string => `result ${result}, ${RESULTS[result] ?? 'which NAT-PMP does not know'}`;

const RESULTS: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'unsupported version',
  2: 'not authorised: it is switched off there',
  3: 'network failure',
  4: 'out of resources',
  5: 'unsupported opcode',
};

const nonsense = (why: string): { readonly kind: 'nonsense'; readonly why: string } => ({ kind: 'nonsense', why });
