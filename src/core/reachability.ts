/** What a look from outside proves: that a port is open to the world, and that the machine that answers there is this one. Pure; claims no more than was seen. */
import type { Family, IpAddress } from './address.ts';
import type { Rung } from './ladder.ts';
import type { Fqdn } from './name.ts';
import { type Face, type Leaf, printNames, type Seen, type Sighting, wildcardOf } from './reach.ts';
import type { Instant } from './record.ts';

/** One port of one name, and where it leads to on this machine (`inside`). `face`: what this machine shows there; absent: the address is another machine's. */
export type Doorway = {
  readonly name: Fqdn;
  readonly family: Family;
  readonly address: IpAddress;
  readonly port: number;
  readonly inside: number;
  readonly face: Face | undefined;
};

/** What was found out about it. */
export type Visited =
  /** `by`: who looked. `advice`: where that failed, what to do about it. */
  | { readonly kind: 'seen'; readonly by: string; readonly sighting: Sighting; readonly advice?: string }
  /** Nobody outside was asked. `fromHere`: whether a connection to the public address succeeds from inside, which proves little; and nothing of the way there if the address is this machine's `own`. */
  | { readonly kind: 'unasked'; readonly fromHere: boolean; readonly own: boolean };

/** What is known about this machine, the router and the line, of which a closed port can be the fault. */
export type Surroundings = {
  /** What listens there on this machine does so on other addresses than this one's visitors come to: over the other family alone, or for this machine alone. */
  readonly deaf?: 'this-family' | 'everybody' | undefined;
  /** Why nobody reaches the router itself over IPv4, as a clause: carrier-grade NAT. */
  readonly line?: string | undefined;
  /** The interface by which IPv4 leaves this machine, where that is a VPN and the address is its exit. */
  readonly tunnel?: string | undefined;
  /** The router's address in the network of another one in front of it, which may pass on what comes, or not (double NAT). */
  readonly behind?: IpAddress | undefined;
  /** Whose the port is on the router, by its own table: "192.168.1.20". */
  readonly mappedTo?: string | undefined;
  /** The port of this machine, another than it should be, that it leads to by the router's own table. */
  readonly mappedInside?: number | undefined;
  /** By the router's own word the port is let in to this machine (`made`), or why it was not when it was asked for, as a clause; absent: it was not asked. */
  readonly asked?: 'made' | { readonly why: string } | undefined;
  /** The same port is open over the other family. */
  readonly otherFamilyOpen: boolean;
};

const LAST_DAYS_MS = 14 * 86_400_000;
type Rest = Pick<Rung, 'state' | 'words' | 'advice'>;
type Fault = { readonly words: string; readonly advice: string };

/** The rung of the port, and, where it is open and should lead to this machine, that of the machine. */
export function rungsOf(doorway: Doorway, visited: Visited, surroundings: Surroundings, now: Instant): readonly Rung[] {
  const { port, face } = doorway;
  const first: Rung = { rung: 'port', port, ...portRung(doorway, visited, surroundings) };
  if (visited.kind !== 'seen' || visited.sighting.kind !== 'open' || face === undefined) return [first];
  return [first, { rung: 'identity', port, ...identityRung(doorway, face, visited, surroundings, now) }];
}

function portRung(doorway: Doorway, visited: Visited, surroundings: Surroundings): Rest {
  const there = `port ${doorway.port} of ${doorway.address}`;
  const certain = ofThisMachine(doorway, surroundings) ?? ofTheRouter(doorway, surroundings);
  if (visited.kind === 'unasked') {
    if (certain !== undefined) return { state: 'failed', words: `nobody gets through to ${there}: ${certain.words}`, advice: certain.advice };
    const front = ofTheTunnel(doorway, surroundings) ?? (surroundings.behind === undefined ? undefined : inFront(surroundings.behind, doorway.port));
    return {
      state: 'unknown',
      words: `whether ${there} is open cannot be told from inside: ${fromHere(visited)}${front === undefined ? '' : `; ${front.words}`}`,
      advice: front?.advice ?? `say who is to look from outside (verify: { probe: globalping }), or ${TELEPHONE}`,
    };
  }
  const { sighting, by, advice = `have somebody else look (verify: { probe: globalping }), or ${TELEPHONE}` } = visited;
  if (sighting.kind === 'unknown') return { state: 'unknown', words: `${by} could not tell whether ${there} is open: ${sighting.words}`, advice };
  if (sighting.kind === 'open') return { state: 'proven', words: `${by} reaches ${there}${sighting.words === undefined ? '' : ` (${sighting.words})`}` };
  const also = surroundings.otherFamilyOpen ? `, while over IPv${doorway.family === 4 ? 6 : 4} it is open` : '';
  const why = certain ?? ofTheWay(doorway, surroundings);
  return { state: 'failed', words: `${by} cannot reach ${there} (${sighting.words})${also}${why.words.startsWith('although') ? ', ' : ': '}${why.words}`, advice: why.advice };
}

/** What the router alone makes of an IPv4 address, where no port was to be looked at. */
export function unreached({ line, behind }: Pick<Surroundings, 'line' | 'behind'>): Rung | undefined {
  if (line !== undefined) {
    return { rung: 'port', state: 'failed', words: `nobody gets through over IPv4: ${line}`, advice: WAY_ROUND };
  }
  if (behind === undefined) return undefined;
  const { words, advice } = inFront(behind);
  return { rung: 'port', state: 'unknown', words: `whether anybody gets through over IPv4 cannot be told from inside: ${words}`, advice };
}

/** By itself it proves nothing: many a router in front passes everything on. */
const inFront = (address: IpAddress, port?: number): Fault => ({
  words: `the router has ${address} on its outer side, a private address, so it stands behind another router (double NAT), which must pass on what comes`,
  advice: `have the router in front pass ${port === undefined ? 'what comes' : `port ${port}`} on to ${address}; if that one is the internet provider's, ask for a public address, or use IPv6 or a tunnel`,
});

/** No proof either: the other end of a tunnel may pass on what comes. */
const ofTheTunnel = ({ family, address }: Doorway, { tunnel }: Pick<Surroundings, 'tunnel'>): Fault | undefined =>
  family === 6 || tunnel === undefined
    ? undefined
    : {
        words: `${address} is where ${tunnel} leads, which looks like a VPN: that is the tunnel's exit, not this line`,
        advice: 'switch the VPN off, or lead ddns-update past it, then ddns-update relocate',
      };

const WAY_ROUND = 'use IPv6 or a tunnel, or ask the internet provider for a public address';
const TELEPHONE = 'try it with a telephone that is not in this network';

function fromHere({ fromHere: answers, own }: Extract<Visited, { kind: 'unasked' }>): string {
  if (own) return `from here it ${answers ? 'answers, but that is this machine itself' : 'does not answer'}`;
  if (answers) return 'from here it answers, through the router; that is a good sign and no proof';
  return 'from here it does not answer, which says nothing: not every router lets its own network in that way';
}

/** Nobody can be let in where nobody is. */
function ofThisMachine({ family, inside, face }: Doorway, { deaf }: Surroundings): Fault | undefined {
  if (face?.kind === 'nothing') return { words: face.words, advice: face.advice ?? `start what is to answer on port ${inside}` };
  if (deaf === undefined || face === undefined || face.kind === 'page') return undefined;
  if (deaf === 'everybody') return { words: `what listens on port ${inside} here does so for this machine alone`, advice: 'let it listen on all addresses of this machine (0.0.0.0 and [::])' };
  return { words: `what listens on port ${inside} here does so over IPv${family === 4 ? 6 : 4} alone`, advice: `let it listen over IPv${family} too (${family === 4 ? '0.0.0.0' : '[::]'})` };
}

/** IPv6 has no use for its table. */
function ofTheRouter(doorway: Doorway, { line, mappedTo, mappedInside, otherFamilyOpen }: Surroundings): Fault | undefined {
  const { family, port, inside } = doorway;
  if (family === 6) return undefined;
  if (line !== undefined)
    return {
      words: line,
      advice: otherFamilyOpen ? 'only visitors with IPv6 come in: for the others use a tunnel, or ask the internet provider for a public address' : `nothing reaches this line over IPv4: ${WAY_ROUND}`,
    };
  if (mappedInside !== undefined) return { words: `the router has mapped it to port ${mappedInside} of this machine, not to port ${inside}`, advice: remapped(doorway, mappedInside) };
  if (mappedTo === undefined) return undefined;
  return { words: `the router has mapped it to ${mappedTo}, not to this machine`, advice: `remove that mapping in the router, then ddns-update relocate --map ${port}` };
}

const remapped = ({ port, inside }: Doorway, mapped: number): string =>
  `remove that mapping in the router, then ddns-update relocate --map ${inside === port ? port : `${port}:${inside}`}; or say that it is meant so: router: { map: ["${port}:${mapped}"] }`;

function ofTheWay(doorway: Doorway, { tunnel, asked, behind }: Surroundings): Fault {
  const { family, port, inside, face } = doorway;
  const elsewhere = ofTheTunnel(doorway, { tunnel });
  if (elsewhere !== undefined) return elsewhere;
  const refusal = asked === undefined || asked === 'made' ? '' : `; the router was asked: ${asked.why}`;
  if (family === 4 && behind !== undefined) {
    const front = inFront(behind, port);
    return { ...front, words: `${front.words}${refusal}` };
  }
  if (face === undefined)
    return {
      words: 'a firewall lets nobody in, or nothing listens there on that machine',
      advice: `see that it listens on port ${port}, and allow that over IPv${family} in its firewall and in the router's`,
    };
  if (asked === 'made')
    return {
      words: 'although the router was asked to let it in and says that it does: a firewall of this machine stands in the way, or the internet provider',
      advice: `see whether a firewall of this machine blocks port ${inside}, and ask the internet provider whether it does`,
    };
  const byHand =
    family === 6 ? `allow port ${port} over IPv6 to this machine in the router` : `forward port ${port} to ${inside === port ? 'this machine' : `port ${inside} of this machine`} in the router`;
  const advice = asked === undefined ? `${byHand}, or let us ask it to: ddns-update relocate --map ${inside === port ? port : `${port}:${inside}`}` : byHand;
  if (family === 6) return { words: `a firewall lets no IPv6 in, most likely the router's${refusal}`, advice };
  return { words: `the router does not forward port ${port} to this machine, or a firewall stands in the way${refusal}`, advice };
}

function identityRung(doorway: Doorway, face: Face, { sighting, by }: Extract<Visited, { kind: 'seen' }>, { tunnel, mappedTo, mappedInside, asked }: Surroundings, now: Instant): Rest {
  const { name, family, address, port, inside } = doorway;
  const doubtful = (words: string, advice: string): Rest => ({ state: 'unknown', words: `whether it is this machine that answers on port ${port} cannot be told: ${words}`, advice });
  const another = (why: string): Rest => {
    const elsewhere = ofTheTunnel(doorway, { tunnel });
    if (elsewhere !== undefined) return { state: 'failed', words: `another machine answers on port ${port}: ${why}; ${elsewhere.words}`, advice: elsewhere.advice };
    // Whoever was led to this machine may have been led on here, or before the router.
    if (family === 4 && mappedTo === undefined) {
      if (mappedInside !== undefined) return doubtful(`${why}; but the router has mapped it to port ${mappedInside} of this machine`, remapped(doorway, mappedInside));
      if (asked === 'made')
        return doubtful(
          `${why}; but by the router's own word it leads here`,
          `see whether a firewall of this machine leads port ${inside} on to another port or machine, whether an older forward in the router goes first, or whether another router stands in front of it`,
        );
    }
    const table = mappedTo === undefined || family === 6 ? '' : `; by the router's own table it leads to ${mappedTo}`;
    const advice = family === 6 ? `find out which machine has ${address}: this one should, and does not answer there` : 'let the router forward it to this machine';
    return { state: 'failed', words: `another machine answers on port ${port}: ${why}${table}`, advice };
  };
  const { seen, besides = [], unread } = sighting.kind === 'open' ? sighting : {};
  const untold: Rest =
    unread !== undefined
      ? doubtful(`from outside it connects, but ${unread}`, 'find out what else answers at this address: the router itself, or a filter between there and here')
      : {
          state: 'unknown',
          words: `${by} only connects, so whose machine answers on port ${port} is not known`,
          advice: 'have it looked at by one that reads what answers (verify: { probe: globalping })',
        };
  switch (face.kind) {
    case 'page': {
      if (seen === undefined) return untold;
      const isOurs = (one: Seen): boolean => one.kind === 'page' && one.status === 200 && one.body.trim() === face.page.nonce;
      if (isOurs(seen)) return { state: 'proven', words: `it is this machine that answers on port ${port}; for the proof only, for nothing of yours listens there` };
      if (besides.some(isOurs)) return doubtful(SOME_CAME, 'find out who else answers at this address: a load balancer, or a filter between there and here');
      return another('it does not know what this one says there');
    }
    case 'certificate': {
      if (seen?.kind !== 'certificate') return untold;
      if (seen.fingerprint256 === face.leaf.fingerprint256) {
        const rung = certificateRung(name, port, face.leaf, now);
        if (rung.state !== 'proven' || mappedTo === undefined || family === 6) return rung;
        return doubtful(
          `the certificate is that of this machine, but by the router's own table the port leads to ${mappedTo}, which may have the same`,
          `let the router forward it to this machine: ddns-update relocate --map ${port}, once that mapping is removed`,
        );
      }
      // By its own table the router leads elsewhere: that is no doubt.
      if (face.doubt !== undefined && (mappedTo === undefined || family === 6)) return doubtful(face.doubt.words, face.doubt.advice);
      return another(`its certificate${printNames(seen.names)} is not one that this machine shows`);
    }
    case 'service':
      return {
        state: 'unknown',
        words: `what listens on port ${port} shows nothing by which this machine could be told from another`,
        advice: 'look at a port with TLS besides, or at one where nothing listens (verify: { ports })',
      };
    case 'nothing':
      return another(`here ${face.words}`);
    default:
      return face satisfies never;
  }
}

/** Of a load balancer, for example. */
export const SOME_CAME = 'of those who looked some came to this machine and most to another';

/** It is ours; is it also good for whoever comes by this name? */
function certificateRung(name: Fqdn, port: number, { names, validTo }: Leaf, now: Instant): Rest {
  const ours = `it is this machine that answers on port ${port}`;
  if (!names.some((one) => covers(one, name)))
    return {
      state: 'failed',
      words: `${ours}, but with the certificate of another host:${printNames(names) || ' it names none'}, not for ${name}`,
      advice: `give its server a certificate for ${name}`,
    };
  const until = new Date(validTo).toISOString().slice(0, 10);
  if (validTo <= now) return { state: 'failed', words: `${ours}, but its certificate ended on ${until}`, advice: 'renew it: HTTP-01 needs port 80 open again, DNS-01 does not' };
  const shared = names.flatMap((one) => (wildcardOf([one]) === undefined ? [] : [`; it is for ${one}, so that another machine may have it too`]))[0] ?? '';
  return { state: 'proven', words: `${ours}, by its certificate${validTo - now < LAST_DAYS_MS ? `, which ends on ${until}` : ''}${shared}` };
}

/** RFC 9525 section 6.3: a wildcard stands for exactly one label. A name that is itself a wildcard is covered by the same one. */
export function covers(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  return pattern.startsWith('*.') && name.includes('.') && pattern.slice(1) === name.slice(name.indexOf('.'));
}
