/** DNS messages, with the dns-packet package as an independent witness. */

import packet from 'dns-packet';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { addressOf, addressRecord, CLASS, decodeMessage, encodeMessage, encodeName, message, soaData, soaOf, TYPE, targetOf, textData, textsOf } from '../../src/core/wire.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('questions are the documented bytes', () => {
  const check = (name: string, type: number, cls: number, recursionDesired: boolean, bytes: string): void =>
    expect(encodeMessage(message({ id: 0x1234, recursionDesired, questions: [{ name, type, class: cls }] }))).toEqual(hex(bytes));
  check('whoami.cloudflare', TYPE.TXT, CLASS.CH, false, '1234 0000 0001 0000 0000 0000 06 77686f616d69 0a 636c6f7564666c617265 00 0010 0003');
  check('o-o.myaddr.l.google.com', TYPE.TXT, CLASS.IN, true, '1234 0100 0001 0000 0000 0000 03 6f2d6f 06 6d7961646472 01 6c 06 676f6f676c65 03 636f6d 00 0010 0001');
  check('myip.opendns.com', TYPE.A, CLASS.IN, true, '1234 0100 0001 0000 0000 0000 04 6d796970 07 6f70656e646e73 03 636f6d 00 0001 0001');
});

const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const ttl = fc.nat(0x7fffffff);
const address4 = fc.ipV4().map((text) => parseAddress(text) as IpAddress);
const address6 = fc.ipV6().map((text) => parseAddress(text) as IpAddress);

test('what dns-packet writes, compressed, is read as meant', () => {
  fc.assert(
    fc.property(name, address4, address6, ttl, fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 3 }), (owner, four, six, seconds, texts) => {
      const bytes = packet.encode({
        type: 'response',
        id: 4711,
        flags: packet.AUTHORITATIVE_ANSWER,
        questions: [{ type: 'A', name: owner }],
        answers: [
          { type: 'A', name: owner, ttl: seconds, data: four },
          { type: 'AAAA', name: owner, ttl: seconds, data: six },
          { type: 'TXT', name: owner, ttl: seconds, data: [...texts] },
          { type: 'NS', name: owner, ttl: seconds, data: `ns.${owner}` },
        ],
      });
      const read = decodeMessage(bytes);
      const [a, aaaa, txt, ns] = read?.answers ?? [];
      if (a === undefined || aaaa === undefined || txt === undefined || ns === undefined) throw new Error('answers are missing');
      expect(read).toMatchObject({ id: 4711, response: true, authoritative: true, rcode: 0, questions: [{ name: owner, type: TYPE.A, class: CLASS.IN }] });
      expect([a.name, a.ttl]).toEqual([owner, seconds]);
      expect([addressOf(a), addressOf(aaaa), targetOf(ns)]).toEqual([four, six, `ns.${owner}`]);
      expect(textsOf(txt)?.map((text) => Buffer.from(text, 'latin1').toString('utf8'))).toEqual(texts);
    }),
  );
});

test('what we write, dns-packet reads as meant', () => {
  fc.assert(
    fc.property(name, address4, address6, ttl, fc.stringMatching(/^[ -~]{0,200}$/), (owner, four, six, seconds, text) => {
      const txt = { name: owner, type: TYPE.TXT, class: CLASS.IN, ttl: seconds, data: textData(text) };
      const bytes = encodeMessage(
        message({ id: 99, response: true, questions: [{ name: owner, type: TYPE.AAAA, class: CLASS.IN }], answers: [addressRecord(owner, four, seconds), addressRecord(owner, six, seconds), txt] }),
      );
      const read = packet.decode(Buffer.from(bytes));
      expect(read.questions?.[0]).toMatchObject({ name: owner, type: 'AAAA' });
      const [a, aaaa, t] = read.answers ?? [];
      expect([a?.data, a?.ttl]).toEqual([four, seconds]);
      expect(parseAddress(String(aaaa?.data))).toBe(six);
      expect(Buffer.concat((t?.data ?? []) as Buffer[]).toString('latin1')).toBe(text);
    }),
  );
});

test('SOA data survives both ways', () => {
  const soa = { primary: 'ns1.example.com', mailbox: 'john\\.doe.example.com', serial: 4294967295, refresh: 1, retry: 2, expire: 3, minimum: 60 };
  expect(soaOf({ name: 'example.com', type: TYPE.SOA, class: CLASS.IN, ttl: 1, data: soaData(soa) })).toEqual(soa);
});

test('decoding never throws, whatever the bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void decodeMessage(bytes)));
});

test('decoding a damaged reply never throws, nor does it when it is cut anywhere', () => {
  const good = packet.encode({
    type: 'response',
    id: 1,
    questions: [{ type: 'SOA', name: 'a.example.com' }],
    answers: [
      { type: 'A', name: 'a.example.com', data: '1.2.3.4' },
      { type: 'NS', name: 'b.a.example.com', data: 'c.a.example.com' },
    ],
  });
  for (let length = 0; length < good.length; length++) expect(decodeMessage(good.subarray(0, length))).toBeUndefined();
  expect(decodeMessage(Buffer.concat([good, Buffer.of(0)]))).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length - 1), fc.nat(255), (at, value, at2, value2) => {
      const bad = Uint8Array.from(good);
      bad[at] = value;
      bad[at2] = value2;
      decodeMessage(bad);
    }),
    { numRuns: 2000 },
  );
});

test('a name that points at itself ends', () => {
  expect(decodeMessage(hex('0001 8000 0001 0000 0000 0000 c00c 0001 0001'))).toBeUndefined();
  expect(decodeMessage(hex('0001 8000 0001 0000 0000 0000 0161 c00c 0001 0001'))).toBeUndefined();
});

test('a name without wire form is our own mistake', () => {
  for (const bad of ['a..b', `${'x'.repeat(64)}.example`, Array(60).fill('abcde').join('.')]) expect(() => encodeName(bad)).toThrow(TypeError);
  expect(encodeName('.')).toEqual(Uint8Array.of(0));
});
