/** DNS messages to and from bytes (RFC 1035 section 4): enough for questions, answers, UPDATE and TSIG. */
import { fromBytes, type IpAddress, toBytes } from './address.ts';

export const TYPE = { A: 1, NS: 2, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, OPT: 41, DS: 43, DNSKEY: 48, TSIG: 250, AXFR: 252, ANY: 255 } as const;
export const CLASS = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const;
export const OPCODE = { QUERY: 0, NOTIFY: 4, UPDATE: 5 } as const;
export const RCODE_NAMES: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADSIG',
  17: 'BADKEY',
  18: 'BADTIME',
  22: 'BADTRUNC',
};

export type Question = { readonly name: string; readonly type: number; readonly class: number };
/** `data` is the RDATA with names uncompressed. */
export type ResourceRecord = { readonly name: string; readonly type: number; readonly class: number; readonly ttl: number; readonly data: Uint8Array };
export type Message = {
  readonly id: number;
  /** QR, AA, TC, RD, RA, AD, CD and opcode as they stand in the header; `rcode` apart. */
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** In a reply: whoever sent it finds all signatures good (RFC 4035 section 3.2.3). */
  readonly authenticated: boolean;
  /** In a request: bad signatures are no reason to keep the answer back. */
  readonly checkingDisabled: boolean;
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
};

/** A message that asks for nothing yet. */
export const EMPTY: Omit<Message, 'id'> = {
  response: false,
  opcode: OPCODE.QUERY,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticated: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

/** A message with everything unsaid left at zero or empty. */
export const message = (parts: Partial<Message> & { readonly id: number }): Message => ({ ...EMPTY, ...parts });

/** Wire form, names uncompressed and in the letters given. */
export function encodeMessage(m: Message): Uint8Array {
  const flags =
    (m.response ? 0x8000 : 0) |
    (m.opcode << 11) |
    (m.authoritative ? 0x0400 : 0) |
    (m.truncated ? 0x0200 : 0) |
    (m.recursionDesired ? 0x0100 : 0) |
    (m.recursionAvailable ? 0x0080 : 0) |
    (m.authenticated ? 0x0020 : 0) |
    (m.checkingDisabled ? 0x0010 : 0) |
    m.rcode;
  const sections = [m.answers, m.authorities, m.additionals];
  return concat([
    u16(m.id),
    u16(flags),
    u16(m.questions.length),
    ...sections.map(({ length }) => u16(length)),
    ...m.questions.flatMap(({ name, type, class: c }) => [encodeName(name), u16(type), u16(c)]),
    ...sections.flat().flatMap(({ name, type, class: c, ttl, data }) => [encodeName(name), u16(type), u16(c), u32(ttl), u16(data.length), data]),
  ]);
}

/** The message in `bytes`; undefined when it is not one, or when bytes are left over. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  try {
    const reader = new Reader(bytes);
    const [id, flags, ...counts] = [reader.u16(), reader.u16(), reader.u16(), reader.u16(), reader.u16(), reader.u16()];
    const questions = times(counts[0], (): Question => ({ name: reader.name(), type: reader.u16(), class: reader.u16() }));
    const [answers = [], authorities = [], additionals = []] = counts.slice(1).map((count) => times(count, () => reader.record()));
    if (reader.at !== bytes.length) return undefined;
    return {
      id: id ?? 0,
      response: ((flags ?? 0) & 0x8000) !== 0,
      opcode: ((flags ?? 0) >> 11) & 15,
      authoritative: ((flags ?? 0) & 0x0400) !== 0,
      truncated: ((flags ?? 0) & 0x0200) !== 0,
      recursionDesired: ((flags ?? 0) & 0x0100) !== 0,
      recursionAvailable: ((flags ?? 0) & 0x0080) !== 0,
      authenticated: ((flags ?? 0) & 0x0020) !== 0,
      checkingDisabled: ((flags ?? 0) & 0x0010) !== 0,
      rcode: (flags ?? 0) & 15,
      questions,
      answers,
      authorities,
      additionals,
    };
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Labels of bytes 1 to 63, `\.` and `\DDD` (RFC 1035 section 5.1) understood. Throws TypeError for a name that has no wire form. */
export function encodeName(name: string): Uint8Array {
  const labels: Uint8Array[] = [];
  for (const label of name === '' || name === '.' ? [] : splitLabels(name)) {
    if (label.length === 0 || label.length > 63) throw new TypeError(`no wire form: ${name}`);
    labels.push(Uint8Array.of(label.length), label);
  }
  const wire = concat([...labels, Uint8Array.of(0)]);
  if (wire.length > 255) throw new TypeError(`no wire form: ${name}`);
  return wire;
}

function splitLabels(name: string): Uint8Array[] {
  const labels: number[][] = [[]];
  for (let at = 0; at < name.length; at++) {
    const letter = name[at] as string;
    if (letter === '.') {
      if (at < name.length - 1) labels.push([]);
    } else if (letter === '\\') {
      const decimal = /^\d{3}/.exec(name.slice(at + 1))?.[0];
      labels.at(-1)?.push(decimal ? Number(decimal) & 255 : name.charCodeAt(at + 1));
      at += decimal ? 3 : 1;
    } else labels.at(-1)?.push(name.charCodeAt(at) & 255);
  }
  return labels.map((label) => Uint8Array.from(label));
}

/** Text form of A and AAAA data; undefined for anything else. */
export const addressOf = ({ type, data }: ResourceRecord): IpAddress | undefined =>
  (type === TYPE.A && data.length === 4) || (type === TYPE.AAAA && data.length === 16) ? fromBytes(data) : undefined;

export const addressRecord = (name: string, address: IpAddress, ttl: number): ResourceRecord => {
  const data = toBytes(address);
  return { name, type: data.length === 4 ? TYPE.A : TYPE.AAAA, class: CLASS.IN, ttl, data };
};

/** The strings of a TXT record, byte for byte; undefined when it is malformed. */
export function textsOf({ data }: ResourceRecord): readonly string[] | undefined {
  const texts: string[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data[at] as number;
    if (at + 1 + length > data.length) return undefined;
    texts.push(String.fromCharCode(...data.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return texts;
}

/** TXT data of one string of at most 255 bytes. */
export const textData = (text: string): Uint8Array => Uint8Array.of(text.length, ...Array.from(text, (letter) => letter.charCodeAt(0) & 255));

export type Soa = { readonly primary: string; readonly mailbox: string; readonly serial: number; readonly refresh: number; readonly retry: number; readonly expire: number; readonly minimum: number };

export function soaOf({ data }: ResourceRecord): Soa | undefined {
  try {
    const reader = new Reader(data);
    return { primary: reader.name(), mailbox: reader.name(), serial: reader.u32(), refresh: reader.u32(), retry: reader.u32(), expire: reader.u32(), minimum: reader.u32() };
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

export const soaData = (soa: Soa): Uint8Array => concat([encodeName(soa.primary), encodeName(soa.mailbox), ...[soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum].map(u32)]);

/** The name in NS or CNAME data. */
export function targetOf({ data }: ResourceRecord): string | undefined {
  try {
    return new Reader(data).name();
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

export const u16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 255, value & 255);
export const u32 = (value: number): Uint8Array => Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const times = <T>(count: number | undefined, make: () => T): T[] => Array.from({ length: count ?? 0 }, make);

/** Names inside these types' data may be compressed, so they are written out before the data leaves the message. */
const NAMES_IN_DATA: Readonly<Record<number, number>> = { [TYPE.NS]: 1, [TYPE.CNAME]: 1, [TYPE.SOA]: 2 };

/** Reads forward; every step beyond the end throws RangeError. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2);
  }
  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4);
  }
  /** Text form without the final dot; `.` for the root. A pointer must lead backwards, so that none can loop. */
  name(): string {
    const labels: string[] = [];
    let at = this.at;
    let end: number | undefined;
    let limit = this.#bytes.length;
    let length = 0;
    for (;;) {
      const size = this.#view.getUint8(at);
      if (size === 0) {
        this.at = end ?? at + 1;
        return labels.length === 0 ? '.' : labels.join('.');
      }
      if (size >= 0xc0) {
        const target = this.#view.getUint16(at) & 0x3fff;
        end ??= at + 2;
        if (target >= Math.min(at, limit)) throw new RangeError('a pointer that does not lead backwards');
        limit = target;
        at = target;
        continue;
      }
      length += size + 1;
      if (size > 63 || length > 254 || at + 1 + size > this.#bytes.length) throw new RangeError('a label that is too long');
      labels.push(printLabel(this.#bytes.subarray(at + 1, at + 1 + size)));
      at += 1 + size;
    }
  }
  record(): ResourceRecord {
    const [name, type, cls, ttl, length] = [this.name(), this.u16(), this.u16(), this.u32(), this.u16()];
    const end = this.at + length;
    if (end > this.#bytes.length) throw new RangeError('data beyond the end');
    const names = NAMES_IN_DATA[type] ?? 0;
    const parts = length === 0 ? [] : times(names, () => encodeName(this.name()));
    if (this.at > end) throw new RangeError('a name beyond the data');
    const data = concat([...parts, this.#bytes.subarray(this.at, end)]);
    this.at = end;
    return { name, type, class: cls, ttl, data };
  }
}

const printLabel = (label: Uint8Array): string =>
  Array.from(label, (byte) => (byte === 0x2e || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`)).join(
    '',
  );
