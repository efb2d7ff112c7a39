/** A name server over records in memory, as far as RFC 2136, RFC 5936 and RFC 8945 say what it must do. Pure: bytes in, bytes out. */
import {
  addressOf,
  addressRecord,
  CLASS,
  decodeMessage,
  encodeMessage,
  type IpAddress,
  type Message,
  message,
  OPCODE,
  parseAddress,
  type ResourceRecord,
  sealReply,
  signMessage,
  soaData,
  type TsigKey,
  TYPE,
  wire,
} from '../../sdk/index.ts';
import type { FakeRecord, FakeZone } from '../../testing/index.ts';

/** The reply to one request: signed when the request was, BADKEY, BADSIG and an unsigned REFUSED as BIND gives them. Undefined: not a DNS message. */
export function answer(zone: FakeZone, key: TsigKey, request: Uint8Array): Uint8Array | undefined {
  const asked = decodeMessage(request);
  if (asked === undefined) return undefined;
  const reply = { id: asked.id, response: true, opcode: asked.opcode, questions: asked.questions };
  const signature = asked.additionals.find(({ type }) => type === TYPE.TSIG);
  if (signature === undefined) return encodeMessage(message({ ...reply, rcode: 5 }));
  const now = timeOf(signature);
  const own = signMessage(encodeMessage({ ...asked, additionals: asked.additionals.filter((one) => one !== signature) }), key, { now });
  const error = signature.name !== key.name ? 17 : Buffer.compare(own.bytes, request) !== 0 ? 16 : 0;
  const sealing = { now, requestMac: own.mac };
  if (error !== 0) return sealReply(encodeMessage(message({ ...reply, rcode: 9 })), { ...key, name: signature.name }, { ...sealing, error, macSize: 0 }).bytes;
  return sealReply(encodeMessage(message({ ...reply, ...handled(zone, asked) })), key, sealing).bytes;
}

const timeOf = ({ data }: ResourceRecord): number => {
  const at = data.indexOf(0) + 1;
  return new DataView(data.buffer, data.byteOffset + at + 2).getUint32(0);
};

function handled(zone: FakeZone, asked: Message): Partial<Message> {
  const [question] = asked.questions;
  if (question === undefined) return { rcode: 1 };
  if (asked.opcode === OPCODE.UPDATE) return question.name === zone.name ? { rcode: update(zone, asked) } : { rcode: 9 };
  const soa: ResourceRecord = {
    name: zone.name,
    type: TYPE.SOA,
    class: CLASS.IN,
    ttl: 60,
    data: soaData({ primary: `ns1.${zone.name}`, mailbox: `hostmaster.${zone.name}`, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 }),
  };
  const { name, type } = question;
  if (type === TYPE.AXFR) return name === zone.name ? { authoritative: true, answers: [soa, ...zone.records.map(printed), soa] } : { rcode: 9 };
  if (name !== zone.name && !name.endsWith(`.${zone.name}`)) return { rcode: 5 };
  if (type === TYPE.SOA && name === zone.name) return { authoritative: true, answers: [soa] };
  const here = zone.records.filter((record) => record.name === name).map(printed);
  const found = here.filter((record) => record.type === type || record.type === TYPE.CNAME);
  return { authoritative: true, answers: found, ...(found.length === 0 ? { authorities: [soa], rcode: here.length === 0 && name !== zone.name ? 3 : 0 } : {}) };
}

/** RFC 2136 section 3: all prerequisites, then all updates, or nothing. */
function update(zone: FakeZone, { answers, authorities }: Message): number {
  const outside = [...answers, ...authorities].some(({ name }) => name !== zone.name && !name.endsWith(`.${zone.name}`));
  if (outside) return 10;
  const held = (name: string, type: number): readonly string[] => zone.records.filter((record) => record.name === name && typeNumber(record.type) === type).map(({ value }) => value);
  const exactly = new Map<string, string[]>();
  for (const one of answers) {
    const there = held(one.name, one.type);
    if (one.class === CLASS.NONE && there.length > 0) return 7;
    if (one.class === CLASS.ANY && there.length === 0) return 8;
    if (one.class !== CLASS.IN) continue;
    const key = `${one.name} ${one.type}`;
    exactly.set(key, [...(exactly.get(key) ?? []), String(addressOf(one))]);
  }
  for (const [key, values] of exactly) {
    const [name = '', type] = key.split(' ');
    if (held(name, Number(type)).map(canonical).sort().join() !== values.sort().join()) return 8;
  }
  let records = [...zone.records];
  for (const one of authorities) {
    if (one.class === CLASS.ANY) records = records.filter((record) => record.name !== one.name || typeNumber(record.type) !== one.type);
    if (one.class !== CLASS.IN || records.some((record) => record.name === one.name && record.type === 'CNAME')) continue;
    const value = String(addressOf(one));
    records = records.filter((record) => record.name !== one.name || typeNumber(record.type) !== one.type || canonical(record.value) !== value);
    records.push({ id: zone.nextId(), name: one.name, type: one.type === TYPE.A ? 'A' : 'AAAA', value, ttl: one.ttl });
  }
  zone.records = records;
  return 0;
}

const canonical = (value: string): string => parseAddress(value) ?? value;
const typeNumber = (type: string): number => TYPE[type as keyof typeof TYPE];

function printed({ name, type, value, ttl }: FakeRecord): ResourceRecord {
  if (type === 'A' || type === 'AAAA') return addressRecord(name, parseAddress(value) as IpAddress, ttl);
  return { name, type: typeNumber(type), class: CLASS.IN, ttl, data: type === 'CNAME' ? wire.encodeName(value) : wire.textData(value) };
}
