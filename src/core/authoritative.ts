/** What one reply of a server that should be authoritative says about one record set, and about who is responsible. Pure. */
import type { IpAddress } from './address.ts';
import type { Failure } from './failure.ts';
import { relativeTo } from './name.ts';
import type { RecordType } from './record.ts';
import { addressOf, type Message, RCODE_NAMES, type ResourceRecord, soaOf, TYPE, targetOf } from './wire.ts';

export type Answer =
  /** The values that a visitor is led to, through aliases too where this server holds them. `ttl` in seconds: so long others may keep them, or the longest-lived of the aliases. */
  | { readonly kind: 'holds'; readonly values: readonly IpAddress[]; readonly ttl: number }
  /** No such name, or none with records of this type. `ttl`: so long others may keep that (RFC 2308 section 5); absent: it does not say. */
  | { readonly kind: 'absent'; readonly ttl?: number }
  /** The name is an alias, and what is at its end is held elsewhere. */
  | { readonly kind: 'alias'; readonly target: string }
  /** The name is in a zone below, of other servers. */
  | { readonly kind: 'delegated'; readonly zone: string }
  /** It answers, but does not serve the zone. `recursive`: it offers to ask others, so it is a resolver, or one that answers in the server's place. */
  | { readonly kind: 'lame'; readonly words: string; readonly recursive: boolean }
  /** No answer that could be trusted. */
  | { readonly kind: 'silent'; readonly failure: Failure }
  /** This machine cannot send there: it lacks the address family, or a way out. Says nothing about the server. */
  | { readonly kind: 'unasked'; readonly failure: Failure };

const LONGEST_CHAIN = 16;

/** Reads a reply to the question for `name` and `type`, put to a server of `zone`. Names in lower case, without a final dot. */
export function readAnswer(reply: Message, { name, type, zone }: { readonly name: string; readonly type: RecordType; readonly zone: string }): Answer {
  const trouble = lameness(reply);
  if (trouble !== undefined) {
    const below = referralIn(reply, name, zone);
    return below === undefined ? trouble : { kind: 'delegated', zone: below.zone };
  }
  const seen = new Set<string>();
  let [at, ttl] = [name, 0];
  for (let alias = aliasIn(reply, at); alias !== undefined && !seen.has(at) && seen.size < LONGEST_CHAIN; alias = aliasIn(reply, at)) {
    seen.add(at);
    [at, ttl] = [alias.target, Math.max(ttl, alias.ttl)];
  }
  if (seen.has(at)) return { kind: 'alias', target: at };
  const records = reply.answers.filter((record) => record.type === TYPE[type] && owns(record, at));
  const values = records.flatMap((record) => addressOf(record) ?? []);
  if (values.length < records.length) return { kind: 'lame', words: 'answers with malformed records', recursive: false };
  if (values.length > 0) return { kind: 'holds', values, ttl: Math.max(ttl, Math.min(...records.map(secondsOf))) };
  const soa = reply.authorities.find((record) => record.type === TYPE.SOA && isWithin(at, lower(record.name)));
  if (at !== name && soa === undefined && reply.rcode !== 3) return { kind: 'alias', target: at };
  return { kind: 'absent', ...(soa === undefined ? {} : { ttl: Math.max(ttl, negativeSecondsOf(soa)) }) };
}

/** So many seconds others may keep a record: one whose first bit is set is not kept (RFC 2181 section 8). */
export const secondsOf = ({ ttl }: Pick<ResourceRecord, 'ttl'>): number => (ttl < 2 ** 31 ? ttl : 0);
/** So many seconds others may keep the "no" that comes with this SOA record (RFC 2308 section 5). */
export const negativeSecondsOf = (soa: ResourceRecord): number => Math.min(secondsOf(soa), secondsOf({ ttl: soaOf(soa)?.minimum ?? soa.ttl }));

/** Why a reply is not that of a server of the zone; undefined when it is. SERVFAIL after aliases is said of their end, or of a circle that they make. */
export function lameness({ rcode, authoritative, recursionAvailable: recursive, answers }: Message): Extract<Answer, { kind: 'lame' }> | undefined {
  if (rcode === 5) return { kind: 'lame', words: 'refuses to answer for it (REFUSED)', recursive };
  if (rcode === 2 && authoritative && answers.some(({ type }) => type === TYPE.CNAME)) return undefined;
  if (rcode === 2) return { kind: 'lame', words: 'fails to answer for it (SERVFAIL)', recursive };
  if (rcode !== 0 && rcode !== 3) return { kind: 'lame', words: `does not answer for it (${RCODE_NAMES[rcode] ?? `code ${rcode}`})`, recursive };
  return authoritative ? undefined : { kind: 'lame', words: 'answers without authority', recursive };
}

/** A zone that begins below, as the zone above tells it: its servers, and the addresses given along with them. */
export type Referral = { readonly zone: string; readonly servers: readonly string[]; readonly glue: ReadonlyMap<string, readonly IpAddress[]> };

/** The referral towards `name` in a reply of a server of `above`. One that leads upwards, or aside, is none; of addresses outside of `above` it knows nothing. */
export function referralIn(reply: Message, name: string, above: string): Referral | undefined {
  if (reply.authoritative || reply.rcode !== 0 || reply.answers.length > 0) return undefined;
  const cuts = reply.authorities.filter((record) => record.type === TYPE.NS);
  const zone = cuts[0] && lower(cuts[0].name);
  if (zone === undefined || !isBelow(zone, above) || !isWithin(name, zone)) return undefined;
  return { zone, servers: serversIn(cuts, zone), glue: gluesIn(reply.additionals.filter((record) => isWithin(lower(record.name), above))) };
}

/** No zone has more servers, nor a server more addresses, than are worth a question: whoever names thousands means to have them asked, strangers too. */
export const MOST_SERVERS = 20;
export const MOST_ADDRESSES = 8;

/** The servers that `records` name for `zone`: sorted, distinct, and not more than are asked. */
export const serversIn = (records: readonly ResourceRecord[], zone: string): readonly string[] =>
  [...new Set(records.filter((record) => record.type === TYPE.NS && owns(record, zone)).flatMap((record) => (targetOf(record) === undefined ? [] : [lower(targetOf(record) ?? '')])))]
    .sort()
    .slice(0, MOST_SERVERS);

/** The zone that a reply names as holder of `name`: by the SOA record itself, or the one that comes with a "no". */
export function holderIn({ answers, authorities }: Message, name: string): string | undefined {
  const soa = [...answers, ...authorities].find((record) => record.type === TYPE.SOA && isWithin(name, lower(record.name)));
  return soa && lower(soa.name);
}

/** Where the alias `name` leads. */
export function aliasIn({ answers }: Message, name: string): { readonly target: string; readonly ttl: number } | undefined {
  const record = answers.find((one) => one.type === TYPE.CNAME && owns(one, name));
  const target = record && targetOf(record);
  return target === undefined ? undefined : { target: lower(target), ttl: record === undefined ? 0 : secondsOf(record) };
}

function gluesIn(records: readonly ResourceRecord[]): ReadonlyMap<string, readonly IpAddress[]> {
  const glue = new Map<string, readonly IpAddress[]>();
  for (const record of records) {
    const address = addressOf(record);
    const known = glue.get(lower(record.name)) ?? [];
    if (address !== undefined && known.length < MOST_ADDRESSES) glue.set(lower(record.name), [...known, address]);
  }
  return glue;
}

/** `zone` itself or a name in it; everything is in the root. */
export const isWithin = (name: string, zone: string): boolean => zone === '.' || relativeTo(name, zone) !== undefined;
export const isBelow = (name: string, zone: string): boolean => name !== zone && isWithin(name, zone);

const owns = ({ name }: ResourceRecord, asked: string): boolean => lower(name) === asked;
const lower = (name: string): string => name.toLowerCase();
