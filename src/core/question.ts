/** One question to a name server, and how its reply is known: as a datagram, and in the frames of a connection. */
import { EMPTY, type Message, OPCODE } from './wire.ts';

/** A question of class IN, without its id. */
export const question = (name: string, type: number): Omit<Message, 'id'> => ({ ...EMPTY, questions: [{ name, type, class: 1 }] });

/** Is this a reply to that request? The id is compared by whoever chose it. Servers may leave the question out of an error (RFC 2136 section 3.8). */
export function belongs(reply: Message, request: Omit<Message, 'id'>): boolean {
  if (!reply.response || reply.opcode !== request.opcode) return false;
  if (reply.questions.length === 0) return reply.rcode !== 0 || request.opcode === OPCODE.UPDATE;
  const [asked, said] = [request.questions[0], reply.questions[0]];
  return asked !== undefined && said !== undefined && reply.questions.length === 1 && asked.type === said.type && asked.class === said.class && asked.name.toLowerCase() === said.name.toLowerCase();
}

/** The whole messages in what a connection has brought so far (RFC 1035 section 4.2.2), each once. */
export function framer(): (received: Uint8Array) => readonly Uint8Array[] {
  let at = 0;
  return (received) => {
    const frames: Uint8Array[] = [];
    for (;;) {
      const size = ((received[at] ?? 0) << 8) | (received[at + 1] ?? 0);
      if (received.length < at + 2 + size) return frames;
      frames.push(received.slice(at + 2, at + 2 + size));
      at += 2 + size;
    }
  };
}
