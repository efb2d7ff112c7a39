/** NAT-PMP and PCP as the router's side sees them, written from the RFCs without the product's own codec; and a router on loopback that can be made to err or to lie. */
import { createSocket, type RemoteInfo } from 'node:dgram';

/** RFC 6886 section 3.2. */
export function natPmpAddressReply({
  address,
  epochSeconds,
  result = 0,
  opcode = 128,
  version = 0,
}: {
  address: string;
  epochSeconds: number;
  result?: number;
  opcode?: number;
  version?: number;
}): Buffer {
  const reply = Buffer.alloc(12);
  reply.writeUInt8(version, 0);
  reply.writeUInt8(opcode, 1);
  reply.writeUInt16BE(result, 2);
  reply.writeUInt32BE(epochSeconds, 4);
  Buffer.from(quad(address)).copy(reply, 8);
  return reply;
}

/** RFC 6886 section 3.5: what a router that has NAT-PMP alone answers to any other version. */
export const natPmpVersionReply = (opcode = 0): Buffer => Buffer.from([0, opcode, 0, 1, 0, 0, 0, 9]);

export type MapRequest = {
  readonly version: number;
  readonly opcode: number;
  readonly lifetimeSeconds: number;
  readonly client: string;
  readonly nonce: Buffer;
  readonly protocol: number;
  readonly internalPort: number;
  readonly externalPort: number;
  readonly externalAddress: string;
};

/** RFC 6887 sections 7.1 and 11.1; throws where a router would drop it. */
export function readMapRequest(request: Buffer): MapRequest {
  if (request.length !== 60) throw new Error(`a MAP request has 60 bytes, not ${request.length}`);
  if (request.readUInt16BE(2) !== 0 || request.readUIntBE(37, 3) !== 0) throw new Error('reserved bytes are not zero');
  return {
    version: request.readUInt8(0),
    opcode: request.readUInt8(1),
    lifetimeSeconds: request.readUInt32BE(4),
    client: text16(request.subarray(8, 24)),
    nonce: request.subarray(24, 36),
    protocol: request.readUInt8(36),
    internalPort: request.readUInt16BE(40),
    externalPort: request.readUInt16BE(42),
    externalAddress: text16(request.subarray(44, 60)),
  };
}

export type MapReply = {
  readonly nonce: Uint8Array;
  readonly protocol: number;
  readonly internalPort: number;
  readonly externalPort: number;
  /** Of IPv6: all eight groups of four digits. */
  readonly address: string;
  readonly lifetimeSeconds: number;
  readonly epochSeconds: number;
  readonly result?: number;
  readonly version?: number;
  readonly opcode?: number;
};

/** RFC 6887 sections 7.2 and 11.1. */
export function mapReply({ nonce, protocol, internalPort, externalPort, address, lifetimeSeconds, epochSeconds, result = 0, version = 2, opcode = 0x81 }: MapReply): Buffer {
  const reply = Buffer.alloc(60);
  reply.writeUInt8(version, 0);
  reply.writeUInt8(opcode, 1);
  reply.writeUInt8(result, 3);
  reply.writeUInt32BE(lifetimeSeconds, 4);
  reply.writeUInt32BE(epochSeconds, 8);
  Buffer.from(nonce).copy(reply, 24);
  reply.writeUInt8(protocol, 36);
  reply.writeUInt16BE(internalPort, 40);
  reply.writeUInt16BE(externalPort, 42);
  if (address.includes(':')) Buffer.from(address.replaceAll(':', ''), 'hex').copy(reply, 44);
  else Buffer.from([...Array(10).fill(0), 0xff, 0xff, ...quad(address)]).copy(reply, 44);
  return reply;
}

/** RFC 6887 section 9: what a router that has PCP alone answers to NAT-PMP: a header and nothing more. */
export const pcpVersionReply = (): Buffer => Buffer.concat([Buffer.from([2, 0x80, 0, 1]), Buffer.alloc(20)]);

const quad = (text: string): number[] => text.split('.').map(Number);
const text16 = (bytes: Buffer): string =>
  bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff ? [...bytes.subarray(12)].join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');

/** How it answers each of the two protocols. */
export type Manner = {
  /** `no`: as one that has only the other. A number: that result. */
  readonly natPmp: 'yes' | 'no' | 'silent' | number;
  readonly pcp: 'yes' | 'no' | 'silent' | number;
  /** Sent before each answer, from the router's own address and port. */
  readonly first?: (request: Buffer) => readonly Uint8Array[];
  /** Each answer comes this many ms late. */
  readonly lateMs?: number;
  /** Nothing is answered before this many questions came. */
  readonly deafFor?: number;
  readonly epochSeconds?: number;
  /** Told with an error of PCP, as miniupnpd does. */
  readonly withError?: string;
};

export type PortMapper = {
  readonly port: number;
  /** What it was asked, and from which port. */
  readonly received: Buffer[];
  readonly peers: RemoteInfo[];
  /** Of those, the requests of PCP. */
  readonly maps: MapRequest[];
  /** Mappings that were made and not deleted: protocol and port, and whose they are. */
  readonly mappings: Map<string, Buffer>;
  readonly close: () => Promise<void>;
};

/** Tells `tell` as its external address. */
export async function portMapper(tell: string, manner: Partial<Manner> = {}, host = '127.0.0.1'): Promise<PortMapper> {
  const socket = createSocket('udp4');
  const made: Omit<PortMapper, 'port' | 'close'> = { received: [], peers: [], maps: [], mappings: new Map() };
  const timers = new Set<NodeJS.Timeout>();
  const whole: Manner = { natPmp: 'yes', pcp: 'yes', ...manner };
  socket.on('message', (question, from) => {
    made.received.push(question);
    made.peers.push(from);
    if (made.received.length <= (whole.deafFor ?? 0)) return;
    const replies = [...(whole.first?.(question) ?? []), ...answer(question, { tell, manner: whole, made })];
    const send = (): void => {
      for (const reply of replies) socket.send(reply, from.port, from.address);
    };
    if (whole.lateMs === undefined) send();
    else timers.add(setTimeout(send, whole.lateMs));
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const close = (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer);
    return new Promise((resolve) => socket.close(() => resolve()));
  };
  return { ...made, port: socket.address().port, close };
}

function answer(
  question: Buffer,
  { tell, manner: { natPmp, pcp, epochSeconds = 100_000, withError }, made }: { tell: string; manner: Manner; made: Omit<PortMapper, 'port' | 'close'> },
): readonly Buffer[] {
  if (question[0] === 0) {
    if (natPmp === 'silent') return [];
    if (natPmp === 'no') return pcp === 'silent' ? [] : [pcpVersionReply()];
    return [natPmpAddressReply(natPmp === 'yes' ? { address: tell, epochSeconds } : { address: '0.0.0.0', epochSeconds, result: natPmp })];
  }
  if (pcp === 'silent') return [];
  if (pcp === 'no') return [natPmpVersionReply()];
  const request = readMapRequest(question);
  made.maps.push(request);
  const { nonce, protocol, internalPort, externalPort, lifetimeSeconds } = request;
  const key = `${protocol} ${internalPort}`;
  if (pcp !== 'yes') return [mapReply({ nonce, protocol, internalPort, externalPort, address: withError ?? '0.0.0.0', lifetimeSeconds: 30, epochSeconds, result: pcp })];
  if (lifetimeSeconds > 0) made.mappings.set(key, nonce);
  else if (made.mappings.get(key)?.equals(nonce)) made.mappings.delete(key);
  return [mapReply({ nonce, protocol, internalPort, externalPort: externalPort || internalPort, address: tell, lifetimeSeconds, epochSeconds })];
}
