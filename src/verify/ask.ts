/** Questions to name servers: to one directly, as resolvers put them, or to this machine's resolvers. Every question has a socket of its own. */
import type { IpAddress } from '../core/address.ts';
import { attempt, type Failure, Fault } from '../core/failure.ts';
import { belongs, framer, question } from '../core/question.ts';
import { concat, decodeMessage, encodeMessage, type Message, RCODE_NAMES, type ResourceRecord, TYPE, u16 } from '../core/wire.ts';
import type { Peer, World } from '../world/world.ts';

/** What asking takes. `signal`: ends all waiting. */
export type Tools = Pick<World, 'clock' | 'net' | 'random'> & { readonly signal: AbortSignal };

/** A resolver of the user's choice. `name`: as it is told. */
export type Resolver = { readonly name: string; readonly peer: Peer };

/** Does `work` with tools whose signal aborts when its time is up, too; nothing of it is left waiting afterwards. */
export async function inTime<T>(longestMs: number, tools: Tools, work: (within: Tools) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const within: Tools = { ...tools, signal: AbortSignal.any([tools.signal, over.signal]) };
  const end = tools.clock.sleep(longestMs, within.signal).then(() => over.abort());
  try {
    return await work(within);
  } finally {
    over.abort();
    await end;
  }
}

const PORT = 53;
const DATAGRAM_MS = 1500;
const REPEAT_MS = 500;
const STREAM_MS = 3000;
/** The port of DNS, and the largest message it can carry. */
const MAX_BYTES = 65_537;

/**
 * A reply of exactly this server, which is told not to ask others. A datagram, repeated once; `tcp`, or a reply cut short, is a connection.
 * Throws Fault `network` for silence.
 */
export const askServer = (address: IpAddress, name: string, type: number, tools: Tools, transport: 'udp' | 'tcp' = 'udp'): Promise<Message> =>
  exchange({ address, port: PORT }, { name, type, recursionDesired: false, transport }, tools);

/** A reply of this resolver, yes or no. Throws Fault `network` for silence, and for one that cannot tell. */
export async function askResolver(peer: Peer, name: string, type: number, tools: Tools): Promise<Message> {
  const reply = await exchange(peer, { name, type, recursionDesired: true, transport: 'udp' }, tools);
  if (reply.rcode === 0 || reply.rcode === 3) return reply;
  const code = RCODE_NAMES[reply.rcode] ?? `code ${reply.rcode}`;
  throw new Fault({ kind: 'network', phase: 'lookup', code, detail: `the resolver ${peer.address} answers the question for ${name} with ${code}` });
}

/** An OPT record (RFC 6891): the largest datagram that surely is not taken apart on the way, and the wish for signatures (DO, RFC 3225). */
const SIGNED_PLEASE: ResourceRecord = { name: '.', type: TYPE.OPT, class: 1232, ttl: 0x8000, data: new Uint8Array() };

/**
 * A reply of this resolver, whatever it says, to a question that wants signatures looked at; with `checkingDisabled` they shall be no reason to keep the
 * answer back. Throws Fault `network` for silence.
 */
export const askSigned = (peer: Peer, name: string, type: number, checkingDisabled: boolean, tools: Tools): Promise<Message> =>
  exchange(peer, { name, type, recursionDesired: true, transport: 'udp', more: { checkingDisabled, additionals: [SIGNED_PLEASE] } }, tools);

/** A reply of the resolvers, the first of them that has one. Throws the Fault of the last when none has. */
export async function askResolvers(name: string, type: number, tools: Tools): Promise<Message> {
  let failure: Failure = { kind: 'network', phase: 'connect', detail: 'this machine has no resolver that could be asked' };
  for (const peer of (await tools.net.resolvers?.()) ?? []) {
    const asked = await attempt(() => askResolver(peer, name, type, tools));
    if (asked.kind === 'ok') return asked.value;
    failure = asked.failure;
  }
  throw new Fault(failure);
}

type Asked = { readonly name: string; readonly type: number; readonly recursionDesired: boolean; readonly transport: 'udp' | 'tcp'; readonly more?: Partial<Message> };

async function exchange(peer: Peer, { name, type, recursionDesired, transport, more = {} }: Asked, { net, random, signal }: Tools): Promise<Message> {
  const request = { ...question(name, type), recursionDesired, ...more };
  const id = Math.floor(random() * 0x10000);
  const bytes = encodeMessage({ ...request, id });
  const ours = (reply: Uint8Array): Message | undefined => {
    const message = decodeMessage(reply);
    return message?.id === id && belongs(message, request) ? message : undefined;
  };
  if (transport === 'udp') {
    const message = ours(await net.datagram(peer, bytes, (reply) => ours(reply) !== undefined, { timeoutMs: DATAGRAM_MS, repeatMs: REPEAT_MS, signal }));
    if (message !== undefined && !message.truncated) return message;
  }
  const frames = framer();
  const found = (received: Uint8Array): Message | undefined => {
    for (const frame of frames(received)) {
      const message = ours(frame);
      // Of what is missing in it nobody knows whether it is there.
      if (message?.truncated) throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `${peer.address} cuts its answer short, over a connection too` });
      if (message !== undefined) return message;
    }
    return undefined;
  };
  return net.stream(peer, concat([u16(bytes.length), bytes]), found, { timeoutMs: STREAM_MS, signal, maxBytes: MAX_BYTES });
}

/** The first reply of any of these addresses, asked a few at a time, that `isUsable`; undefined when none is. */
export async function askAny(addresses: readonly IpAddress[], name: string, type: number, isUsable: (reply: Message) => boolean, tools: Tools): Promise<Message | undefined> {
  for (let from = 0; from < Math.min(addresses.length, MOST) && !tools.signal.aborted; from += AT_ONCE) {
    const asked = addresses.slice(from, from + AT_ONCE).map(async (address) => {
      const reply = await attempt(() => askServer(address, name, type, tools));
      return reply.kind === 'ok' && isUsable(reply.value) ? reply.value : Promise.reject(new Error('no use'));
    });
    const first = await Promise.any(asked).catch(() => undefined);
    if (first !== undefined) return first;
  }
  return undefined;
}

const AT_ONCE = 4;
/** Where so many are silent, the others are too. */
const MOST = 8;
