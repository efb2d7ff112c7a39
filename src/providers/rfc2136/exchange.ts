/** Requests to the name server and their replies: over TCP, many at once, or as datagrams; signed when there is a key. */
import {
  attempt,
  belongs,
  concat,
  decodeMessage,
  encodeMessage,
  type Failure,
  Fault,
  framer,
  type IpAddress,
  type Message,
  OPCODE,
  question,
  signMessage,
  type Tools,
  type TsigKey,
  TYPE,
  tsigSize,
  tsigVerifier,
  u16,
} from '../../sdk/index.ts';
import { isTrusted, type Reply } from './refusal.ts';
import { printServer, type Server } from './server.ts';

/** What a request is made of; the id is chosen here. */
export type Request = Omit<Message, 'id'>;

export type Exchange = {
  /** For messages: the server that is asked. */
  readonly server: () => string;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Has the server signed a reply with our key by now? Then it knows the key, whatever it says of it later. */
  readonly isKeyKnown: () => boolean;
  /** Bytes left for a message of `transport` beside the signature. */
  readonly room: number;
  /** One reply or failure per request, in order. All go over one connection at once; what a dropped connection left open is asked again if that is harmless. */
  readonly ask: (requests: readonly Request[]) => Promise<readonly (Reply | Failure)[]>;
  /** A zone transfer. `take` sees every message, already trusted, and says when it was the last. A message that cannot be trusted, or with an RCODE, is returned. */
  readonly transfer: (zone: string, take: (message: Message) => boolean) => Promise<Reply | undefined>;
};

const ANSWER_MS = 15_000;
/** A server with a database behind it takes seconds for hundreds of records. */
const UPDATE_MS = 30_000;
const DATAGRAM_MS = 5_000;
const LARGEST_TRANSFER = 16 * 1024 * 1024;
/** RFC 1035 section 4.2.1: what every server takes as a datagram. */
const LARGEST_DATAGRAM = 512;
const LARGEST_MESSAGE = 65_535;

type Sent = { readonly at: number; readonly request: Request; readonly id: number; readonly bytes: Uint8Array; readonly verify: ReturnType<typeof tsigVerifier> | undefined };

export function openExchange(
  { servers, key, transport }: { readonly servers: readonly Server[]; readonly key: TsigKey | undefined; readonly transport: 'tcp' | 'udp' },
  { net, clock, random, signal }: Tools,
): Exchange {
  let asked = servers[0] as Server;
  let keyKnown = false;
  const now = (): number => Math.floor(clock.now() / 1000);

  /** The first server that can be reached does the work. Once something may have arrived at one, no other is tried. */
  async function reach<T>(work: (peer: { readonly address: IpAddress; readonly port: number }) => Promise<T>): Promise<T> {
    let trouble: Failure | undefined;
    for (const server of [asked, ...servers.filter((one) => one !== asked)]) {
      const found = await attempt(() => net.lookup(server.host, undefined, { timeoutMs: DATAGRAM_MS, signal }));
      if (found.kind === 'failed') {
        trouble ??= found.failure;
        continue;
      }
      for (const address of found.value) {
        const done = await attempt(() => work({ address, port: server.port }));
        asked = server;
        if (done.kind === 'ok') return done.value;
        if (done.failure.kind !== 'network' || done.failure.phase === 'reply') throw new Fault(done.failure);
        trouble ??= done.failure;
      }
    }
    throw new Fault(trouble ?? { kind: 'network', phase: 'lookup', detail: `${printServer(asked)} has no address` });
  }

  const prepare = (requests: readonly Request[]): Sent[] => {
    const first = Math.floor(random() * 65_536);
    return requests.map((request, at) => {
      // Ids of one connection differ; the first is random, the signature does the rest.
      const id = (first + at) & 0xffff;
      const plain = encodeMessage({ ...request, id });
      if (key === undefined) return { at, request, id, bytes: plain, verify: undefined };
      const { bytes, mac } = signMessage(plain, key, { now: now() });
      return { at, request, id, bytes, verify: tsigVerifier(key, mac) };
    });
  };

  const judge = (sent: Sent, message: Message, bytes: Uint8Array): Reply => {
    if (sent.verify === undefined) return { message, verdict: { kind: 'unasked' } };
    const verdict = sent.verify(bytes, now());
    keyKnown ||= verdict.kind === 'verified';
    return { message, verdict: verdict.kind === 'pending' ? { kind: 'unsigned' } : verdict };
  };

  async function askTcp(requests: readonly Request[]): Promise<(Reply | Failure)[]> {
    const replies = new Map<number, Reply | Failure>();
    // Many servers end a connection after some hundred requests.
    for (let from = 0; from < requests.length; from += AT_ONCE) {
      let open = requests.slice(from, from + AT_ONCE).map((request, at) => ({ request, at: from + at }));
      while (open.length > 0) {
        const sent = prepare(open.map(({ request }) => request));
        const byId = new Map(sent.map((one) => [one.id, one]));
        const frames = framer();
        const done = await attempt(() =>
          reach((peer) =>
            net.stream(
              peer,
              concat(sent.flatMap(({ bytes }) => [u16(bytes.length), bytes])),
              (received) => {
                for (const frame of frames(received)) {
                  const message = decodeMessage(frame);
                  const one = message && byId.get(message.id);
                  if (message === undefined || one === undefined || !belongs(message, one.request)) continue;
                  replies.set((open[one.at] as { at: number }).at, judge(one, message, frame));
                  byId.delete(message.id);
                }
                return byId.size === 0 ? true : undefined;
              },
              { timeoutMs: open[0]?.request.opcode === OPCODE.UPDATE ? UPDATE_MS : ANSWER_MS, signal, maxBytes: LARGEST_TRANSFER },
            ),
          ),
        );
        const left = open.filter(({ at }) => !replies.has(at));
        // A connection that answered some questions and then ended is opened again for the rest; anything else is what the network says it is.
        const goOn = left.length > 0 && left.length < open.length && open.every(({ request }) => request.opcode === OPCODE.QUERY);
        if (done.kind === 'failed' && !goOn) {
          for (const { at } of open) replies.set(at, done.failure);
          break;
        }
        open = left;
      }
    }
    return requests.map((_, at) => replies.get(at) as Reply | Failure);
  }

  /** Undefined: TCP must decide, because the reply is cut short, or is a refusal that nobody signed and anybody could have sent. */
  async function askUdp(request: Request): Promise<Reply | Failure | undefined> {
    const [sent] = prepare([request]) as [Sent];
    if (sent.bytes.length > LARGEST_DATAGRAM) return undefined;
    const wait = { timeoutMs: DATAGRAM_MS, signal, ...(request.opcode === OPCODE.QUERY ? { repeatMs: DATAGRAM_MS / 3 } : {}) };
    const done = await attempt(() =>
      reach((peer) =>
        net.datagram(
          peer,
          sent.bytes,
          (reply) => {
            const message = decodeMessage(reply);
            return message !== undefined && message.id === sent.id && belongs(message, request);
          },
          wait,
        ),
      ),
    );
    if (done.kind === 'failed') return done.failure;
    const message = decodeMessage(done.value) as Message;
    const reply = judge(sent, message, done.value);
    return message.truncated || !isTrusted(reply) ? undefined : reply;
  }

  return {
    server: () => printServer(asked),
    now,
    isKeyKnown: () => keyKnown,
    room: (transport === 'udp' ? LARGEST_DATAGRAM : LARGEST_MESSAGE) - (key === undefined ? 0 : tsigSize(key)),
    async ask(requests) {
      if (transport === 'tcp' || requests.length > 8) return askTcp(requests);
      return Promise.all(requests.map(async (request) => (await askUdp(request)) ?? ((await askTcp([request]))[0] as Reply | Failure)));
    },
    async transfer(zone, take) {
      const request = question(zone, TYPE.AXFR);
      const [sent] = prepare([request]) as [Sent];
      const frames = framer();
      const state = { pending: [] as Message[] };
      return reach((peer) =>
        net.stream<Reply | { readonly kind: 'whole' }>(
          peer,
          concat([u16(sent.bytes.length), sent.bytes]),
          (received) => {
            for (const frame of frames(received)) {
              const message = decodeMessage(frame);
              if (message === undefined || message.id !== sent.id || !message.response) continue;
              const verdict = sent.verify === undefined ? ({ kind: 'unasked' } as const) : sent.verify(frame, now());
              state.pending.push(message);
              if (verdict.kind === 'pending') continue;
              const reply: Reply = { message, verdict };
              if (message.rcode !== 0 || !isTrusted(reply)) return reply;
              // Only what the signature covers is looked at.
              for (const one of state.pending.splice(0)) if (take(one)) return { kind: 'whole' };
            }
            return undefined;
          },
          { timeoutMs: ANSWER_MS, signal, maxBytes: LARGEST_TRANSFER },
        ),
      ).then((result) => ('kind' in result ? undefined : result));
    },
  };
}

const AT_ONCE = 500;
