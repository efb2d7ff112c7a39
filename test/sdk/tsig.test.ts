/** TSIG: the known vector, and that no reply but a rightly signed one is ever taken for the server's word. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLASS, concat, encodeMessage, message, OPCODE, type ResourceRecord, TYPE } from '../../src/core/wire.ts';
import { sealReply, signMessage, TSIG_ALGORITHMS, type TsigKey, tsigSize, tsigVerifier } from '../../src/sdk/tsig.ts';

const key: TsigKey = { name: 'host1-key', algorithm: 'hmac-sha256', secret: Buffer.from('c2VjcmV0LWtleS1mb3ItdGVzdHMtMDEyMzQ1Njc4OTA=', 'base64') };
const now = 1_700_000_000;

const record = (cls: number, ttl: number, address: readonly number[]): ResourceRecord => ({ name: 'www.example.com', type: TYPE.A, class: cls, ttl, data: Uint8Array.from(address) });
const update = encodeMessage(
  message({
    id: 0xbeef,
    opcode: OPCODE.UPDATE,
    questions: [{ name: 'example.com', type: TYPE.SOA, class: CLASS.IN }],
    answers: [record(CLASS.IN, 0, [192, 0, 2, 1])],
    authorities: [record(CLASS.ANY, 0, []), record(CLASS.IN, 60, [192, 0, 2, 2])],
  }),
);
const VECTOR =
  'beef28000001000100020001076578616d706c6503636f6d000006000103777777076578616d706c6503636f6d' +
  '0000010001000000000004c000020103777777076578616d706c6503636f6d00000100ff00000000000003777777' +
  '076578616d706c6503636f6d00000100010000003c0004c000020209686f7374312d6b65790000fa00ff0000' +
  '0000003d0b686d61632d7368613235360000006553f100012c00202058efc5280085913e95e20b23e4363df900' +
  'c0899e856cc3d68a2b148972b78ebeef00000000';

const reply = (id = 0xbeef): Uint8Array => encodeMessage(message({ id, response: true, opcode: OPCODE.UPDATE, questions: [{ name: 'example.com', type: TYPE.SOA, class: CLASS.IN }] }));

test('the vector that BIND 9.18 accepts is made byte for byte', () => {
  const signed = signMessage(update, key, { now });
  expect(Buffer.from(signed.bytes).toString('hex')).toBe(VECTOR);
  expect(Buffer.from(signed.mac).toString('hex')).toBe('2058efc5280085913e95e20b23e4363df900c0899e856cc3d68a2b148972b78e');
  expect(signed.bytes.length - update.length).toBe(tsigSize(key));
});

test.each(TSIG_ALGORITHMS)('%s: a reply signed for this request is verified, for another it is forged', (algorithm) => {
  const other = { ...key, algorithm };
  const { mac } = signMessage(update, other, { now });
  const sealed = sealReply(reply(), other, { now: now + 299, requestMac: mac });
  expect(tsigVerifier(other, mac)(sealed.bytes, now)).toEqual({ kind: 'verified' });
  const stolen = signMessage(update, other, { now: now + 1 }).mac;
  expect(tsigVerifier(other, stolen)(sealed.bytes, now)).toMatchObject({ kind: 'forged' });
});

test('a signature is cut short no further than RFC 8945 5.2.2.1 allows', () => {
  const { mac } = signMessage(update, key, { now });
  const cut = (macSize: number) => tsigVerifier(key, mac)(sealReply(reply(), key, { now, requestMac: mac, macSize }).bytes, now).kind;
  expect([32, 16, 15, 10, 1, 0].map(cut)).toEqual(['verified', 'verified', 'forged', 'forged', 'forged', 'forged']);
});

test('time beyond the fudge, another key, another algorithm and no signature each have their name', () => {
  const { mac } = signMessage(update, key, { now });
  const check = (bytes: Uint8Array) => tsigVerifier(key, mac)(bytes, now);
  expect(check(sealReply(reply(), key, { now: now - 301, requestMac: mac }).bytes)).toEqual({ kind: 'forged', why: "it was signed 301 s ago, by this machine's clock" });
  expect(check(sealReply(reply(), { ...key, name: 'other' }, { now, requestMac: mac }).bytes)).toEqual({ kind: 'forged', why: 'it is signed with the key "other"' });
  expect(check(sealReply(reply(), { ...key, algorithm: 'hmac-sha512' }, { now, requestMac: mac }).bytes)).toEqual({ kind: 'forged', why: 'it is signed with hmac-sha512' });
  expect(check(reply())).toEqual({ kind: 'unsigned' });
});

test('BADTIME carries the time of the server, and says whether it is authentic', () => {
  const { mac } = signMessage(update, key, { now });
  const other = Uint8Array.from([0, 0, 0x65, 0x53, 0xf4, 0x58]);
  const honest = sealReply(reply(), key, { now, requestMac: mac, error: 18, other });
  expect(tsigVerifier(key, mac)(honest.bytes, now)).toEqual({ kind: 'rejected', error: 18, authentic: true, serverTime: now + 856 });
  const bare = sealReply(reply(), key, { now, requestMac: mac, error: 16, macSize: 0 });
  expect(tsigVerifier(key, mac)(bare.bytes, now)).toEqual({ kind: 'rejected', error: 16, authentic: false });
});

test('no change of a single byte gets past the signature', () => {
  const { mac } = signMessage(update, key, { now });
  const sealed = sealReply(reply(), key, { now, requestMac: mac }).bytes;
  // The record of the signature ends in the name of the algorithm, then 48 bytes; before that name stand the key's name and 10 bytes.
  const to = sealed.length - 48;
  const names = { from: to - 'hmac-sha256'.length - 2 - 10 - key.name.length - 2, to };
  // The id in the header may differ: servers in between change it, and the signature covers the original one (RFC 8945 section 5.3).
  fc.assert(
    fc.property(fc.integer({ min: 2, max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bent = Uint8Array.from(sealed);
      bent[at] = (bent[at] ?? 0) ^ change;
      // Letters in the names of the key and of the algorithm may change their case: names are compared without it.
      if (change === 0x20 && at >= names.from && at < names.to && /[a-z]/.test(String.fromCharCode(sealed[at] ?? 0))) return;
      expect(tsigVerifier(key, mac)(bent, now).kind).not.toBe('verified');
    }),
    { numRuns: 2000 },
  );
});

test('a reply in several messages is bound together, unsigned ones in between included', () => {
  const { mac } = signMessage(update, key, { now });
  const first = sealReply(reply(), key, { now, requestMac: mac });
  const middle = encodeMessage(message({ id: 0xbeef, response: true, answers: [record(CLASS.IN, 60, [198, 51, 100, 1])] }));
  const bare = reply();
  const last = laterMessage(bare, [middle], first.mac);
  const kinds = (messages: readonly Uint8Array[]) => {
    const verify = tsigVerifier(key, mac);
    return messages.map((one) => verify(one, now).kind);
  };
  expect(kinds([first.bytes, middle, last])).toEqual(['verified', 'pending', 'verified']);
  expect(kinds([first.bytes, last])).toEqual(['verified', 'forged']);
  expect(kinds([first.bytes, concat([middle.subarray(0, -1), Uint8Array.of(2)]), last])).toEqual(['verified', 'pending', 'forged']);
  expect(kinds([middle, last])).toEqual(['unsigned', 'forged']);
});

/** What a server appends to a later message: the digest is over the MAC before, the messages since, and the timers alone. */
function laterMessage(bare: Uint8Array, before: readonly Uint8Array[], macBefore: Uint8Array): Uint8Array {
  const timers = Uint8Array.from([0, 0, 0x65, 0x53, 0xf1, 0x00, 0x01, 0x2c]);
  const whole = createHmac('sha256', key.secret)
    .update(Uint8Array.from([0, macBefore.length]))
    .update(macBefore);
  for (const one of [...before, bare, timers]) whole.update(one);
  const sealed = sealReply(bare, key, { now, requestMac: macBefore }).bytes;
  const mac = whole.digest();
  sealed.set(mac, sealed.length - 6 - mac.length);
  return sealed;
}
