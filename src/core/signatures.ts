/** What resolvers that check signatures (DNSSEC) say of a name in a signed zone, and what that proves. Pure; claims no more than they said. */
import type { IpAddress } from './address.ts';
import { negativeSecondsOf, secondsOf } from './authoritative.ts';
import type { Failure } from './failure.ts';
import type { Rung, RungState } from './ladder.ts';
import { type Instant, type RecordSet, recordSet, sameValues } from './record.ts';
import { addressOf, type Message, TYPE } from './wire.ts';

/** What one resolver says. */
export type SignatureAnswer = { readonly resolver: string } /** It finds the signatures of what it tells good. `ttl` in seconds: so long it keeps that. */ & (
  | { readonly kind: 'good'; readonly values: readonly IpAddress[]; readonly ttl: number }
  /** It tells nothing, though it would if it were not for the signatures. `why`: the codes that it gives (RFC 8914 section 4). */
  | { readonly kind: 'refused'; readonly why: readonly number[] }
  /** It tells something, and not that signatures are good: it checks none, or cannot check these. */
  | { readonly kind: 'unchecked' }
  /** No answer, or one that says nothing about signatures. */
  | { readonly kind: 'silent'; readonly failure: Failure }
);

/** Reads a reply that came with the wish for signatures; undefined when it holds neither a yes nor a no. */
export function readSigned(resolver: string, { type }: RecordSet, { rcode, authenticated, answers, authorities }: Message): SignatureAnswer | undefined {
  if (rcode !== 0 && rcode !== 3) return undefined;
  if (!authenticated) return { resolver, kind: 'unchecked' };
  const values = answers.filter((record) => record.type === TYPE[type]).flatMap((record) => addressOf(record) ?? []);
  const soa = authorities.find((record) => record.type === TYPE.SOA);
  const told = [...answers.map(secondsOf), ...(values.length > 0 || soa === undefined ? [] : [negativeSecondsOf(soa)])];
  return { resolver, kind: 'good', values, ttl: Math.max(0, ...told) };
}

const EXTENDED_ERROR = 15;

/** The codes of the extended errors in the OPT record of a reply (RFC 8914 section 2). */
export function extendedErrorsOf({ additionals }: Message): readonly number[] {
  const data = additionals.find(({ type }) => type === TYPE.OPT)?.data ?? new Uint8Array();
  const codes: number[] = [];
  for (let at = 0; at + 4 <= data.length; at += 4 + u16At(data, at + 2)) {
    if (u16At(data, at) === EXTENDED_ERROR && u16At(data, at + 2) >= 2 && at + 6 <= data.length) codes.push(u16At(data, at + 4));
  }
  return codes;
}

const u16At = (data: Uint8Array, at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);

/** What a resolver may say is wrong with signatures (RFC 8914 section 4), as a clause, and whose it is to mend. */
const CODES: ReadonlyMap<number, { readonly words: string; readonly mend: 'zone' | 'above' | 'either' }> = new Map([
  [1, { words: 'unknown algorithm of a key', mend: 'zone' }],
  [2, { words: 'unknown digest of a DS record', mend: 'above' }],
  [5, { words: 'signatures cannot be judged', mend: 'either' }],
  [6, { words: 'signatures are wrong', mend: 'either' }],
  [7, { words: 'signatures have expired', mend: 'zone' }],
  [8, { words: 'signatures are not valid yet', mend: 'zone' }],
  // unbound says so of keys whose own signature has expired, too.
  [9, { words: 'no good key fits the DS record', mend: 'either' }],
  [10, { words: 'signatures are missing', mend: 'zone' }],
  [11, { words: 'no key is one of a zone', mend: 'zone' }],
  [12, { words: 'the proof that something is missing is missing', mend: 'zone' }],
]);

/** Does this code of an extended error speak of signatures? */
export const isAboutSignatures = (code: number): boolean => CODES.has(code);

const MEND = {
  zone: 'sign the zone again; where it is signed apart from where it is written (a hidden primary), make sure that every change is followed by that',
  above: 'compare the DS record at the registrar with the keys of the zone, and replace it or take it away',
  either: 'sign the zone again (where it is signed apart from where it is written, after every change), and compare the DS record at the registrar with its keys',
} as const;

/** From what resolvers say after all authoritative servers have it. Undefined: none of them checks signatures, so that nothing was asked for. */
export function signaturesRung(wanted: RecordSet, answers: readonly SignatureAnswer[], now: Instant): Rung | undefined {
  const rung = (state: RungState, words: string): Rung => ({ rung: 'signatures', state, words });
  const refused = answers.filter((one) => one.kind === 'refused');
  if (refused.length > 0) {
    const told = [...new Set(refused.flatMap(({ why }) => why.flatMap((code) => CODES.get(code) ?? [])))];
    const mends = new Set(told.map(({ mend }) => mend));
    const [only = 'either'] = mends.size === 1 ? mends : [];
    const why = ['SERVFAIL', ...told.map(({ words }) => words), 'and an answer where nothing is checked'].join(', ');
    const words = `${named(refused)} ${refused.length === 1 ? 'refuses' : 'refuse'} it because its signatures do not fit (${why}): visitors behind resolvers that check get nothing`;
    return { ...rung('failed', words), advice: MEND[only] };
  }
  const good = answers.filter((one) => one.kind === 'good');
  const fresh = good.filter(({ values }) => sameValues(recordSet(wanted, values), wanted));
  if (fresh.length > 0) return rung('proven', `${named(fresh)} ${fresh.length === 1 ? 'finds' : 'find'} its signatures good`);
  if (good.length > 0) {
    const words = `${named(good)} still ${good.length === 1 ? 'holds' : 'hold'} what was signed before`;
    return { ...rung('pending', words), until: now + Math.max(...good.map(({ ttl }) => ttl)) * 1000 };
  }
  const silent = answers.flatMap((one) => (one.kind === 'silent' ? [`${one.resolver}: ${one.failure.detail}`] : []));
  if (silent.length === 0) return undefined;
  const unchecked = answers.filter(({ kind }) => kind === 'unchecked');
  const others = unchecked.length === 0 ? '' : `; ${named(unchecked)} ${unchecked.length === 1 ? 'does' : 'do'} not say that they are good`;
  return rung('unknown', `no resolver that checks signatures tells of it (${silent.join('; ')})${others}`);
}

const named = (answers: readonly SignatureAnswer[]): string => [...new Set(answers.map(({ resolver }) => resolver))].join(', ');
