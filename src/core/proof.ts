/** From the answers of a zone's servers and the values that are wanted to what is proven of them. Pure; claims no more than the answers say. */
import { familyOf, type IpAddress } from './address.ts';
import type { Answer } from './authoritative.ts';
import type { Failure } from './failure.ts';
import { printSome, type RecordSet, recordSet, sameValues } from './record.ts';

/** A server that somebody names for a zone. */
export type Standing = {
  readonly server: string;
  /** Does the zone above lead to it? Undefined: the zone above could not be asked. */
  readonly above: boolean | undefined;
  /** Whom it names itself as servers of the zone; undefined: it did not say. */
  readonly names: readonly string[] | undefined;
};

/** What one address of one server says. */
export type ServerAnswer = Standing & { readonly address: IpAddress; readonly answer: Answer };

/** One server, over all its addresses. `words`: what it does, as in "ns1.example.net ...". `ttl`: so many seconds others may keep what it says. */
export type ServerVerdict = Standing & {
  readonly kind: 'has' | 'stale' | 'lame' | 'silent' | 'unasked';
  readonly words: string;
  readonly ttl?: number;
};

export type Proof = { readonly servers: readonly ServerVerdict[] } /** Every server that this machine can ask says exactly what is wanted. */ & (
  | { readonly kind: 'proven' }
  /** Some server says something else, or that there is nothing. */
  | { readonly kind: 'not-yet' }
  /** The zone's own servers have it; but the zone above leads to others, or does not lead there at all. */
  | { readonly kind: 'wrong-delegation' }
  /** Servers are named for the zone that do not serve it; the others have it, if there are others. */
  | { readonly kind: 'lame' }
  /** Some server did not answer; the others have it. */
  | { readonly kind: 'silent' }
  /** Nobody could be asked, or something else answered: nothing is known from here. */
  | { readonly kind: 'unknown' }
);

/** `delegated`: does the zone above lead to the zone at all? Undefined: it could not be asked. */
export function judge(wanted: RecordSet, answers: readonly ServerAnswer[], { delegated }: { readonly delegated: boolean | undefined }): Proof {
  const counted = withoutDeadFamily(answers);
  const servers = [...new Set(counted.map(({ server }) => server))].sort().map((server) =>
    verdict(
      wanted,
      counted.filter((one) => one.server === server),
    ),
  );
  const asked = servers.filter(({ kind }) => kind !== 'unasked');
  const of = (kind: ServerVerdict['kind']): readonly ServerVerdict[] => asked.filter((one) => one.kind === kind);
  const bad = asked.filter(({ kind }) => kind !== 'has');
  if (asked.length === of('silent').length || isIntercepted(counted)) return { kind: 'unknown', servers };
  if (of('has').length > 0 && (delegated === false || (bad.length > 0 && bad.every((one) => isStray(one, of('has')))))) return { kind: 'wrong-delegation', servers };
  if (of('stale').length > 0) return { kind: 'not-yet', servers };
  if (of('lame').length > 0) return { kind: 'lame', servers };
  return { kind: of('silent').length > 0 ? 'silent' : 'proven', servers };
}

/** The zone above leads to it, but the servers that have what is wanted do not name it as one of theirs. */
const isStray = ({ server, above }: Standing, good: readonly Standing[]): boolean =>
  above === true && good.some(({ names }) => names !== undefined) && good.every(({ names }) => !names?.includes(server));

/** Where a family is silent altogether, or caught by a resolver on the way, and the other is not, it is this machine's way that is missing, not the servers. */
function withoutDeadFamily(answers: readonly ServerAnswer[]): readonly ServerAnswer[] {
  const alive = ([4, 6] as const).filter((family) => isAlive(answers.filter((one) => isHeard(one) && familyOf(one.address) === family)));
  return alive.length === 0
    ? answers
    : answers.map((one) => (alive.includes(familyOf(one.address)) || one.answer.kind === 'unasked' ? one : { ...one, answer: { kind: 'unasked', failure: failureOf(one.answer) } }));
}

/** One server that offers to ask others may be just that; several are one and the same resolver on the way. */
const isAlive = (heard: readonly ServerAnswer[]): boolean => heard.length > 0 && (new Set(heard.map(({ address }) => address)).size === 1 || !heard.every(isResolver));

const failureOf = (answer: Answer): Failure => (answer.kind === 'silent' ? answer.failure : { kind: 'network', phase: 'reply', detail: 'something on the way answers in place of the name servers' });

/** Did the server say anything? */
export const isHeard = ({ answer }: ServerAnswer): boolean => answer.kind !== 'silent' && answer.kind !== 'unasked';

/** Whoever answers offers to ask others: a resolver on the way answers in the servers' place. */
const isIntercepted = (answers: readonly ServerAnswer[]): boolean => answers.filter(isHeard).every(isResolver);
const isResolver = ({ answer }: ServerAnswer): boolean => answer.kind === 'lame' && answer.recursive;

/** What weighs most over a server's addresses: something else than wanted, then the wanted, then no service, then silence. */
function verdict(wanted: RecordSet, answers: readonly ServerAnswer[]): ServerVerdict {
  const found = answers.map((one) => ofAddress(wanted, one));
  const [worst] = (['stale', 'has', 'lame', 'silent', 'unasked'] as const).flatMap((kind) => found.filter((one) => one.kind === kind));
  if (worst === undefined) throw new TypeError('a server without answers');
  return worst;
}

function ofAddress(wanted: RecordSet, { server, above, names, address, answer }: ServerAnswer): ServerVerdict {
  const { type } = wanted;
  const standing = { server, above, names };
  switch (answer.kind) {
    case 'holds': {
      const kept = { ...standing, ttl: answer.ttl };
      const held = recordSet(wanted, answer.values);
      return sameValues(wanted, held) ? { ...kept, kind: 'has', words: 'has it' } : { ...kept, kind: 'stale', words: `says ${printSome(held.values)}` };
    }
    case 'absent': {
      const kept = { ...standing, ...(answer.ttl === undefined ? {} : { ttl: answer.ttl }) };
      return wanted.values.length === 0 ? { ...kept, kind: 'has', words: `has no ${type} record, as it should` } : { ...kept, kind: 'stale', words: `has no ${type} record of that name` };
    }
    case 'alias':
      return { ...standing, kind: 'stale', words: `says that the name is an alias of ${answer.target}` };
    case 'delegated':
      return { ...standing, kind: 'stale', words: `says that the name is in the zone ${answer.zone}, which other servers have` };
    case 'lame':
      return { ...standing, kind: 'lame', words: `(${address}) ${answer.words}` };
    case 'silent':
    case 'unasked':
      return { ...standing, kind: answer.kind, words: `(${answer.failure.detail})` };
    default:
      return answer satisfies never;
  }
}

const MOST_NAMED = 4;

/** What the proof amounts to, as a clause: "one of 3 name servers is behind: ns2.example.net says 203.0.113.9". */
export function describeProof({ kind, servers }: Proof): string {
  const asked = servers.filter((one) => one.kind !== 'unasked');
  const which = (...kinds: readonly ServerVerdict['kind'][]): readonly ServerVerdict[] => asked.filter((one) => kinds.includes(one.kind));
  const told = (some: readonly ServerVerdict[]): string => some.map(({ server, words }) => `${server} ${words}`).join('; ');
  const missing = servers.filter((one) => one.kind === 'unasked').map(({ server }) => server);
  const unasked = missing.length === 0 ? '' : `; ${missing.length > MOST_NAMED ? `${missing.length} others` : missing.join(', ')} cannot be asked from here`;
  const share = (some: readonly ServerVerdict[], [one, many]: readonly [string, string]): string =>
    some.length === servers.length
      ? some.length === 1
        ? `the only name server ${one}`
        : `all ${some.length} name servers ${many}`
      : some.length === 1
        ? `one of ${servers.length} name servers ${one}`
        : `${some.length} of ${servers.length} name servers ${many}`;
  switch (kind) {
    case 'proven':
      return `${share(asked, ['has it', 'have it'])}${unasked}`;
    case 'not-yet': {
      if (which('has').length > 0) return `${share(which('stale'), ['is behind', 'are behind'])}: ${told(which('stale'))}${unasked}`;
      const those = unasked !== '' ? 'that can be asked from here ' : asked.every(({ above }) => above) ? 'that the zone above leads to ' : '';
      return `no name server ${those}has it: ${told(which('stale'))}${unasked}`;
    }
    case 'lame':
      return `${share(which('lame'), ['does not serve the zone', 'do not serve the zone'])}: ${told(which('lame'))}`;
    case 'silent':
      return `${share(which('silent'), ['does not answer', 'do not answer'])}: ${told(which('silent'))}`;
    case 'wrong-delegation': {
      const strays = which('stale', 'lame', 'silent');
      return strays.length === 0 ? 'the servers of the zone have it, but the zone above does not lead to them' : `the zone above leads to servers that do not have it: ${told(strays)}`;
    }
    case 'unknown':
      if (asked.length === 0) return 'cannot tell from here: no name server of the zone can be asked';
      return `cannot tell from here: ${which('lame').length > 0 ? 'something on the way answers in place of the name servers' : told(asked)}`;
    default:
      return kind satisfies never;
  }
}
