/** A STUN server that tells the address it is told to tell, and can be made to err or to lie. Written without the product's own codec. */
import { type DatagramServer, datagramServer } from './datagrams.ts';

export type StunMode =
  | 'right'
  | 'old'
  | 'silent'
  | 'error'
  | 'wrong-transaction-first'
  | 'other-family'
  | 'no-address'
  | 'unknown-mandatory'
  | 'wrong-length'
  | 'wrong-fingerprint'
  | 'right-fingerprint';
export type StunServer = DatagramServer & { mode: StunMode; tell: string };

export async function stunServer({
  mode = 'right',
  tell,
  host = '127.0.0.1',
  port = 0,
}: {
  readonly mode?: StunMode;
  readonly tell: string;
  readonly host?: string;
  readonly port?: number;
}): Promise<StunServer> {
  const state = { mode, tell };
  const server = await datagramServer(host, (question) => repliesOf(state, question), port);
  return Object.assign(state, server);
}

const COOKIE = Buffer.from('2112a442', 'hex');

function repliesOf({ mode, tell }: { readonly mode: StunMode; readonly tell: string }, question: Buffer): readonly Uint8Array[] {
  const transaction = question.subarray(8, 20);
  const reply = (attributes: readonly Buffer[], { type = 0x0101, id = transaction, lie = 0 } = {}): Buffer => {
    const body = Buffer.concat(attributes);
    return Buffer.concat([Buffer.from([type >> 8, type & 255]), u16(body.length + lie), COOKIE, id, body]);
  };
  const xor = (text: string): Buffer => attribute(0x0020, mapped(text, Buffer.concat([COOKIE, transaction])));
  switch (mode) {
    case 'right':
      return [reply([attribute(0x8022, Buffer.from('odd')), xor(tell)])];
    case 'old':
      return [reply([attribute(0x0001, mapped(tell, Buffer.alloc(16)))])];
    case 'silent':
      return [];
    case 'error':
      return [reply([attribute(0x0009, Buffer.from([0, 0, 4, 20]))], { type: 0x0111 })];
    case 'wrong-transaction-first':
      return [reply([xor('6.6.6.6')], { id: Buffer.alloc(12, 7) }), reply([xor(tell)])];
    case 'other-family':
      return [reply([xor(tell.includes(':') ? '6.6.6.6' : '2600::6')])];
    case 'no-address':
      return [reply([attribute(0x8022, Buffer.from('nothing'))])];
    case 'unknown-mandatory':
      return [reply([attribute(0x7abc, Buffer.alloc(4)), xor(tell)])];
    case 'wrong-length':
      return [reply([xor(tell)], { lie: 4 })];
    case 'wrong-fingerprint':
      return [reply([xor(tell), attribute(0x8028, Buffer.from('00000000', 'hex'))])];
    case 'right-fingerprint':
      return [withFingerprint(reply([xor(tell)], { lie: 8 }))];
    default:
      return mode satisfies never;
  }
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const attribute = (type: number, value: Buffer): Buffer => Buffer.concat([u16(type), u16(value.length), value, Buffer.alloc((4 - (value.length % 4)) % 4)]);

function mapped(text: string, mask: Buffer): Buffer {
  const bytes = text.includes(':') ? bytes6(text) : Buffer.from(text.split('.').map(Number));
  return Buffer.concat([Buffer.from([0, bytes.length === 4 ? 1 : 2]), u16(40000 ^ mask.readUInt16BE(0)), Buffer.from(bytes.map((byte, at) => byte ^ (mask[at] as number)))]);
}

function bytes6(text: string): Buffer {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail)];
  const all = text.includes('::') ? [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right] : left;
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function withFingerprint(message: Buffer): Buffer {
  let crc = 0xffffffff;
  for (const byte of message) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const value = Buffer.alloc(4);
  value.writeUInt32BE((crc ^ 0xffffffff ^ 0x5354554e) >>> 0);
  return Buffer.concat([message, attribute(0x8028, value)]);
}
