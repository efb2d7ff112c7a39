/** What resolvers that check signatures prove of a name, and that no more is claimed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fqdn } from '../../src/core/name.ts';
import { recordSet } from '../../src/core/record.ts';
import { extendedErrorsOf, isAboutSignatures, readSigned, type SignatureAnswer, signaturesRung } from '../../src/core/signatures.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, message, soaData, TYPE } from '../../src/core/wire.ts';
import { address } from '../support/address.ts';

const NOW = 1_700_000_000_000;
const [NEW, OLD] = [address('198.51.100.7'), address('203.0.113.9')];
const wanted = recordSet({ name: fqdn('home.example.com'), type: 'A' }, [NEW], 300);
const resolver = fc.constantFrom('1.1.1.1', '8.8.8.8', '9.9.9.9');
const silent = { kind: 'silent' as const, failure: { kind: 'network' as const, detail: 'no answer' } };
const answer: fc.Arbitrary<SignatureAnswer> = fc.oneof(
  fc.record({ resolver, kind: fc.constant('good' as const), values: fc.constantFrom([NEW], [OLD], []), ttl: fc.nat(86_400) }),
  fc.record({ resolver, kind: fc.constant('refused' as const), why: fc.array(fc.nat(30), { maxLength: 2 }) }),
  fc.record({ resolver, kind: fc.constant('unchecked' as const) }),
  resolver.map((one) => ({ resolver: one, ...silent })),
);
const isNew = (one: SignatureAnswer): boolean => one.kind === 'good' && one.values[0] === NEW;

describe('the rung', () => {
  it('law: failed by one who refuses, proven only by one who found good what is wanted, left out only where nobody checks', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 4 }), (answers) => {
        const has = (kind: SignatureAnswer['kind']): boolean => answers.some((one) => one.kind === kind);
        const rung = signaturesRung(wanted, answers, NOW);
        expect(rung?.state).toBe(has('refused') ? 'failed' : answers.some(isNew) ? 'proven' : has('good') ? 'pending' : has('silent') ? 'unknown' : undefined);
        expect(rung?.advice !== undefined).toBe(rung?.state === 'failed');
      }),
    );
  });
  it('does not take what was signed before for the proof of what is to be told now', () => {
    expect(signaturesRung(wanted, [{ resolver: '1.1.1.1', kind: 'good', values: [OLD], ttl: 40 }], NOW)).toEqual({
      rung: 'signatures',
      state: 'pending',
      words: '1.1.1.1 still holds what was signed before',
      until: NOW + 40_000,
    });
  });
  it('tells whose it is to mend, where the reason says', () => {
    const advice = (why: readonly number[]): string | undefined => signaturesRung(wanted, [{ resolver: '1.1.1.1', kind: 'refused', why }], NOW)?.advice;
    expect(advice([7])).toMatch(/^sign the zone again; /);
    expect(advice([2])).toMatch(/^compare the DS record/);
    expect(advice([7, 2])).toBe(advice([]));
    expect(advice([])).toMatch(/^sign the zone again .*DS record/);
  });
  it('counts who is silent apart from who does not check', () => {
    expect(
      signaturesRung(
        wanted,
        [
          { resolver: '1.1.1.1', ...silent },
          { resolver: '192.168.1.1', kind: 'unchecked' },
        ],
        NOW,
      )?.words,
    ).toBe('no resolver that checks signatures tells of it (1.1.1.1: no answer); 192.168.1.1 does not say that they are good');
  });
});

describe('a reply', () => {
  const read = (parts: Parameters<typeof message>[0] extends infer M ? Partial<M> : never) => readSigned('1.1.1.1', wanted, message({ id: 1, response: true, ...parts }));
  it('is good only with the mark of who checked', () => {
    const answers = [addressRecord(wanted.name, NEW, 60)];
    expect(read({ authenticated: true, answers })).toEqual({ resolver: '1.1.1.1', kind: 'good', values: [NEW], ttl: 60 });
    expect(read({ answers })).toEqual({ resolver: '1.1.1.1', kind: 'unchecked' });
    expect(read({ rcode: 2, authenticated: true })).toBeUndefined();
  });
  it('that there is nothing is kept as long as the zone says', () => {
    const data = soaData({ primary: 'ns', mailbox: 'h', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 30 });
    const authorities = [{ name: 'example.com', type: TYPE.SOA, class: CLASS.IN, ttl: 300, data }];
    expect(read({ rcode: 3, authenticated: true, authorities })).toMatchObject({ kind: 'good', values: [], ttl: 30 });
  });
  it('gives its reasons among other options; law: whatever its bytes, reading them ends', () => {
    const opt = (data: Uint8Array) => message({ id: 1, additionals: [{ name: '.', type: TYPE.OPT, class: 1232, ttl: 0, data }] });
    expect(extendedErrorsOf(opt(Uint8Array.of(0, 10, 0, 2, 9, 9, 0, 15, 0, 4, 0, 7, 0x68, 0x69, 0, 15, 0, 2, 0, 22)))).toEqual([7, 22]);
    expect([7, 22].map(isAboutSignatures)).toEqual([true, false]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (data) => extendedErrorsOf(opt(data)).every((code) => code >= 0 && code < 0x10000)));
  });
  it('carries the marks in its header', () => {
    const flags = (parts: object): number => Buffer.from(encodeMessage(message({ id: 0, ...parts }))).readUInt16BE(2);
    expect([flags({ authenticated: true }), flags({ checkingDisabled: true })]).toEqual([0x20, 0x10]);
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (authenticated, checkingDisabled) => {
        expect(decodeMessage(encodeMessage(message({ id: 0, authenticated, checkingDisabled })))).toMatchObject({ authenticated, checkingDisabled });
      }),
    );
  });
});
