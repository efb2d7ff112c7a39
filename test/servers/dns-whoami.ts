/** A name server that answers every question with the address it is told to tell, and can be made to err or to lie. */
import { parseAddress } from '../../src/core/address.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, type Message, type ResourceRecord, TYPE, textData } from '../../src/core/wire.ts';
import { type DatagramServer, datagramServer } from './datagrams.ts';

export type WhoamiMode =
  | 'right'
  | 'silent'
  | 'first-lost'
  | 'lower-case'
  | 'two-texts'
  | 'nxdomain'
  | 'empty'
  | 'truncated'
  | 'wrong-id-first'
  | 'forger'
  | 'wrong-question'
  | 'too-long'
  | 'other-name'
  | 'prose'
  | 'two-strings'
  | 'garbage';
export type WhoamiServer = DatagramServer & { mode: WhoamiMode; tell: string };

export async function whoamiServer({
  mode = 'right',
  tell,
  host = '127.0.0.1',
  port = 0,
}: {
  readonly mode?: WhoamiMode;
  readonly tell: string;
  readonly host?: string;
  readonly port?: number;
}): Promise<WhoamiServer> {
  const state = { mode, tell };
  const answer = (bytes: Buffer, count: number): readonly Uint8Array[] => {
    const question = decodeMessage(bytes);
    return question === undefined ? [] : repliesOf(state, question, count);
  };
  const server = await datagramServer(host, answer, port);
  return Object.assign(state, server);
}

function repliesOf({ mode, tell }: { readonly mode: WhoamiMode; readonly tell: string }, asked: Message, count: number): readonly Uint8Array[] {
  const question = asked.questions[0];
  if (question === undefined) return [];
  const record = (name = question.name, text = tell): ResourceRecord => {
    const address = question.type === TYPE.TXT ? undefined : parseAddress(text);
    return address === undefined ? { name, type: TYPE.TXT, class: question.class, ttl: 0, data: textData(text) } : { ...addressRecord(name, address, 0), class: CLASS.IN };
  };
  const reply = (parts: Partial<Message> = {}): Uint8Array => encodeMessage({ ...asked, response: true, authoritative: true, answers: [record()], ...parts });
  switch (mode) {
    case 'right':
      return [reply()];
    case 'silent':
      return [];
    case 'first-lost':
      return count === 1 ? [] : [reply()];
    case 'lower-case': {
      const name = question.name.toLowerCase();
      return [reply({ questions: [{ ...question, name }], answers: [record(name)] })];
    }
    case 'two-texts':
      return [reply({ answers: [record(question.name, tell), record(question.name, 'edns0-client-subnet 198.51.100.0/24')] })];
    case 'nxdomain':
      return [reply({ rcode: 3, answers: [] })];
    case 'empty':
      return [reply({ answers: [] })];
    case 'truncated':
      return [reply({ truncated: true })];
    case 'wrong-id-first':
      return [reply({ id: (asked.id + 1) & 0xffff, answers: [record(question.name, '6.6.6.6')] }), reply()];
    case 'forger':
      return [1, 2, 3].map((step) => reply({ id: (asked.id + step) & 0xffff, answers: [record(question.name, '6.6.6.6')] })).concat(reply());
    case 'wrong-question':
      return [reply({ questions: [{ ...question, name: 'other.example' }] })];
    case 'too-long':
      return [reply({ additionals: Array.from({ length: 20 }, () => ({ name: 'filler.example', type: TYPE.TXT, class: CLASS.IN, ttl: 0, data: textData('x'.repeat(40)) })) })];
    case 'other-name':
      return [reply({ answers: [record('portal.example')] })];
    case 'prose':
      return [reply({ answers: [{ name: question.name, type: TYPE.TXT, class: question.class, ttl: 0, data: textData('censored') }] })];
    case 'two-strings':
      return [reply({ answers: [{ name: question.name, type: TYPE.TXT, class: question.class, ttl: 0, data: Uint8Array.of(...textData(tell), ...textData('more')) }] })];
    case 'garbage':
      return [Uint8Array.from({ length: 40 }, (_, at) => (at * 37) & 255)];
    default:
      return mode satisfies never;
  }
}
