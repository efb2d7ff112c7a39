/** What the answers of a name server mean: every RCODE (RFC 2136 section 2.2) and TSIG error (RFC 8945 section 3), and what to do about it. */
import { type Failure, LOOK_AGAIN_SECONDS, type Message, RCODE_NAMES, type TsigVerdict } from '../../sdk/index.ts';

/** A reply that belongs to its request. `unasked`: we sent no signature, so none is due. */
export type Reply = { readonly message: Message; readonly verdict: TsigVerdict | { readonly kind: 'unasked' } };

/** What the sentences speak of. `what`: as in "the update of zone home.example". `now`: seconds since 1970. */
export type Asked = {
  readonly what: string;
  readonly zone: string | undefined;
  readonly server: string;
  readonly key: { readonly name: string; readonly algorithm: string } | undefined;
  readonly now: number;
};

export const isTrusted = ({ verdict }: Reply): boolean => verdict.kind === 'verified' || verdict.kind === 'unasked';

/** The server says that what we believed to be there is not there any more: YXDOMAIN, YXRRSET, NXRRSET, NXDOMAIN. */
export const missedPrerequisite = (reply: Reply): boolean => isTrusted(reply) && [3, 6, 7, 8].includes(reply.message.rcode);

/** BADKEY: the server says that it knows no such key. Knot says so too of a key it knows, when its acl does not cover a name. */
export const isKeyDenied = ({ verdict }: Reply): boolean => verdict.kind === 'rejected' && verdict.error === 17;

/** Why the reply is not a success; undefined only for a NOERROR that can be trusted. `key-known`: the server has signed a reply with the key before. */
export function refusalOf(reply: Reply, asked: Asked, proof: 'key-known' | 'key-unproven' = 'key-unproven'): Failure | undefined {
  const { message, verdict } = reply;
  switch (verdict.kind) {
    case 'forged':
      return { kind: 'gibberish', detail: `${asked.server} answered ${asked.what}, but that answer cannot be trusted: ${verdict.why}` };
    case 'rejected':
      return proof === 'key-known' && isKeyDenied(reply) ? answered(5, asked, HINT) : rejected(verdict, asked);
    case 'unsigned':
      return unsigned(message.rcode, asked);
    case 'verified':
    case 'unasked':
      return message.rcode === 0 ? undefined : answered(message.rcode, asked, '');
    default:
      return verdict satisfies never;
  }
}

/** As `refusalOf`, for questions: that a name does not exist is an answer, and REFUSED is about the zone or the right to ask. */
export function questionRefusalOf(reply: Reply, asked: Asked): Failure | undefined {
  const { rcode } = reply.message;
  if (isTrusted(reply) && rcode === 3) return undefined;
  if (reply.verdict.kind !== 'verified' || rcode !== 5) return refusalOf(reply, asked);
  return {
    kind: 'config',
    detail: `${asked.server} does not answer ${asked.what} (REFUSED): it does not serve ${asked.zone ?? 'a zone of that name'}, or does not let the key "${asked.key?.name}" ask`,
    hint: 'correct the name, the zone or the server, or allow the key to query',
  };
}

const HINT = ' (this answer is not signed, so it is a hint, not proof)';
const KEY_HINT = 'compare key.name, key.algorithm and key.secret with the key in the configuration of the name server; this account is not asked again until the config changes';

function rejected({ error, authentic, serverTime }: Extract<TsigVerdict, { kind: 'rejected' }>, { server, key, now }: Asked): Failure {
  const doubt = authentic ? '' : HINT;
  const named = `"${key?.name}" with ${key?.algorithm}`;
  switch (error) {
    case 16:
      return { kind: 'auth', detail: `${server} does not accept the signature made with the key ${named} (NOTAUTH, BADSIG): the secret is another one there${doubt}`, hint: KEY_HINT };
    case 17:
      return { kind: 'auth', detail: `${server} knows no key ${named} (NOTAUTH, BADKEY): the name or the algorithm is another one there${doubt}`, hint: KEY_HINT };
    case 18:
      return {
        kind: 'unavailable',
        detail: `${server} does not accept the time of this machine (NOTAUTH, BADTIME): ${skew(serverTime, now)}${doubt}`,
        hint: 'set the clock of this machine or of the name server, for instance with NTP; it is tried again later',
      };
    case 22:
      return { kind: 'auth', detail: `${server} demands a longer signature than ${key?.algorithm} makes (NOTAUTH, BADTRUNC)${doubt}`, hint: KEY_HINT };
    default:
      return { kind: 'auth', detail: `${server} does not accept the signature made with the key ${named} (TSIG error ${RCODE_NAMES[error] ?? error})${doubt}`, hint: KEY_HINT };
  }
}

function skew(serverTime: number | undefined, now: number): string {
  // Whatever a forger may write: a Date ends in the year 275760.
  if (serverTime === undefined || serverTime > 8.64e12) return 'the clocks differ by more than 5 minutes';
  const seconds = Math.abs(now - serverTime);
  const [here, there] = [now, serverTime].map((time) => new Date(time * 1000).toISOString().slice(0, 19).replace('T', ' '));
  return `it is ${there} UTC there and ${here} UTC here, so this machine's clock is ${seconds} s ${now > serverTime ? 'fast' : 'slow'}`;
}

/** Some servers refuse unsigned what they do not know the key of; but anybody can send that. Success is never taken unsigned. */
function unsigned(rcode: number, asked: Asked): Failure {
  const { server, what, key } = asked;
  if (rcode === 0 || [3, 6, 7, 8].includes(rcode))
    return {
      kind: 'gibberish',
      detail: `${server} answered ${what} with ${RCODE_NAMES[rcode]}, but without a signature, although it was asked with the key "${key?.name}": that is not taken for its word`,
    };
  if (rcode === 5 || rcode === 9)
    return {
      kind: 'auth',
      detail: `${server} does not allow ${what} (${RCODE_NAMES[rcode]}): it does not accept the key "${key?.name}" with ${key?.algorithm}, or does not serve ${asked.zone ?? 'that zone'}${HINT}`,
      hint: `${KEY_HINT}; check the zone too`,
    };
  return answered(rcode, asked, HINT);
}

function answered(rcode: number, { server, what, zone, key }: Asked, doubt: string): Failure {
  const name = RCODE_NAMES[rcode] ?? `RCODE ${rcode}`;
  const by = key === undefined ? 'without a key' : `with the key "${key.name}"`;
  switch (rcode) {
    case 1:
      return {
        kind: 'refused',
        detail: `${server} could not read ${what} (${name})${doubt}`,
        hint: 'is the server very old, or is it no name server? An old server may not know the algorithm of the key',
      };
    case 2:
      return {
        kind: 'unavailable',
        detail: `${server} failed at ${what} (${name})${doubt}`,
        hint: 'its log says why: often a zone that is frozen (rndc thaw), a full disk, or a journal it may not write; it is tried again later',
      };
    case 4:
      return {
        kind: 'blocked',
        detail: `${server} does not do ${what} (${name}): it takes no dynamic updates${doubt}`,
        hint: 'name the primary server of the zone, and switch dynamic updates on there; it is looked at again in an hour',
        lookAgainSeconds: LOOK_AGAIN_SECONDS,
      };
    case 5:
      return {
        kind: 'auth',
        detail: `${server} does not allow ${what} ${by} (${name})${doubt}`,
        lookAgainSeconds: LOOK_AGAIN_SECONDS,
        hint:
          key === undefined
            ? 'configure a key; this account is looked at again in an hour'
            : 'let the key change these names (update-policy in BIND, acl in Knot, TSIG-ALLOW-DNSUPDATE in PowerDNS); this account is looked at again in an hour',
      };
    case 9:
      return key === undefined
        ? { kind: 'auth', detail: `${server} does not allow ${what} ${by} (${name}): it wants a key, or does not serve ${zone ?? 'that zone'}`, hint: 'configure a key, and check the zone' }
        : { kind: 'config', detail: `${server} is not a primary name server of ${zone ?? 'that zone'} (${name})${doubt}`, hint: 'correct server or zone' };
    case 10:
      return { kind: 'config', detail: `${server} says that a name in ${what} is outside of the zone (${name})${doubt}`, hint: 'correct zone, or leave it out: it is then found by asking the server' };
    case 3:
    case 6:
    case 7:
    case 8:
      return { kind: 'conflict', detail: `${server} did not do ${what}: what is there has changed since it was read (${name})` };
    default:
      return { kind: 'unavailable', detail: `${server} answered ${what} with ${name}${doubt}` };
  }
}
