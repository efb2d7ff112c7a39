/** What a look from outside proves: that a port is open to the world, and that the machine that answers there is this one. Pure; claims no more than was seen. */
import type { Family, IpAddress } from './address.ts';
import type { Rung } from './ladder.ts';
import type { Fqdn } from './name.ts';
import type { Face, Leaf, Sighting } from './reach.ts';
import type { Instant } from './record.ts';

/** One port of one name. `face`: what this machine shows there; absent: the address is another machine's. */
export type Doorway = {
  readonly name: Fqdn;
  readonly family: Family;
  readonly address: IpAddress;
  readonly port: number;
  readonly face: Face | undefined;
};

/** What was found out about it. */
export type Visited =
  /** `by`: who looked. */
  | { readonly kind: 'seen'; readonly by: string; readonly sighting: Sighting }
  /** Nobody outside was asked. `fromHere`: whether a connection to the public address succeeds from inside, which proves little. */
  | { readonly kind: 'unasked'; readonly fromHere: boolean };

/** What is known about the line and the router, of which a closed port can be the fault. */
export type Surroundings = {
  /** Why nobody reaches the router itself over IPv4, as a clause: carrier-grade NAT, double NAT. */
  readonly line?: string | undefined;
  /** Whose the port is on the router, by its own table: "192.168.1.20". */
  readonly mappedTo?: string | undefined;
  /** What became of it when the router was asked for the port: `made`, or why not, as a clause; absent: it was not asked. */
  readonly asked?: 'made' | { readonly why: string } | undefined;
  /** The same port is open over the other family. */
  readonly otherFamilyOpen: boolean;
};

const LAST_DAYS_MS = 14 * 86_400_000;

/** The rung of the port, and, where it is open, that of the machine. */
export function rungsOf(doorway: Doorway, visited: Visited, surroundings: Surroundings, now: Instant): readonly Rung[] {
  const port = portRung(doorway, visited, surroundings);
  if (port.state !== 'proven' || visited.kind !== 'seen' || visited.sighting.kind !== 'open') return [port];
  return [port, identityRung(doorway, visited, surroundings, now)];
}

function portRung({ family, address, port, face }: Doorway, visited: Visited, { line, mappedTo, asked, otherFamilyOpen }: Surroundings): Rung {
  const rung = (rest: Pick<Rung, 'state' | 'words' | 'advice'>): Rung => ({ rung: 'port', port, ...rest });
  const there = `port ${port} of ${address}`;
  const unreached = { state: 'failed', advice: 'nothing reaches this line over IPv4: use IPv6 or a tunnel, or ask the internet provider for a public address' } as const;
  if (visited.kind === 'unasked' && line !== undefined) return rung({ ...unreached, words: `nobody gets through to ${there}: ${line}` });
  if (visited.kind === 'unasked') {
    const advice = 'say who is to look from outside (verify: { probe: globalping }), or try it with a telephone that is not in this network';
    const fromHere = visited.fromHere
      ? `from here ${there} answers, through the router; that is a good sign and no proof`
      : `from here ${there} does not answer, which says nothing: not every router lets its own network in that way`;
    return rung({ state: 'unknown', words: `cannot tell from inside: ${fromHere}`, advice });
  }
  const { sighting, by } = visited;
  if (sighting.kind === 'unknown') return rung({ state: 'unknown', words: `${by} could not tell: ${sighting.words}` });
  if (sighting.kind === 'open') return rung({ state: 'proven', words: `${by} reaches ${there}${sighting.words === undefined ? '' : ` (${sighting.words})`}` });
  const closed = `${by} cannot reach ${there} (${sighting.words})`;
  if (face?.kind === 'nothing') return rung({ state: 'failed', words: `${closed}: ${face.words}`, advice: `start what is to answer on port ${port}` });
  const byHand = family === 6 ? `allow port ${port} over IPv6 to this machine in the router` : `forward port ${port} to this machine in the router`;
  const advice = asked === undefined ? `${byHand}, or let us ask it to: ddns-update relocate --map ${port}` : byHand;
  if (line !== undefined) return rung({ ...unreached, words: `${closed}: ${line}` });
  if (asked === 'made')
    return rung({
      state: 'failed',
      words: `${closed}, although the router was asked to let it in and says that it does: a firewall of this machine stands in the way, or the internet provider`,
      advice: `see whether a firewall of this machine blocks port ${port}, and ask the internet provider whether it does`,
    });
  const refusal = asked === undefined ? '' : `; the router was asked: ${asked.why}`;
  if (family === 6)
    return rung({ state: 'failed', words: `${closed}${otherFamilyOpen ? ', while over IPv4 it is open' : ''}: a firewall lets no IPv6 in, most likely the router's${refusal}`, advice });
  if (mappedTo !== undefined)
    return rung({
      state: 'failed',
      words: `${closed}: the router has mapped it to ${mappedTo}, not to this machine`,
      advice: `remove that mapping in the router, then ddns-update relocate --map ${port}`,
    });
  return rung({
    state: 'failed',
    words: `${closed}: the router does not forward port ${port} to this machine, or a firewall stands in the way${refusal}`,
    advice,
  });
}

function identityRung({ name, port, face }: Doorway, { sighting, by }: Extract<Visited, { kind: 'seen' }>, { mappedTo }: Surroundings, now: Instant): Rung {
  const rung = (rest: Pick<Rung, 'state' | 'words' | 'advice'>): Rung => ({ rung: 'identity', port, ...rest });
  const elsewhere = 'let the router forward it to this machine';
  const table = mappedTo === undefined ? '' : `; by the router's own table it leads to ${mappedTo}`;
  if (face === undefined) return rung({ state: 'unknown', words: `the address is that of another machine, which cannot be told from others by this one` });
  const seen = sighting.kind === 'open' ? sighting.seen : undefined;
  switch (face.kind) {
    case 'page': {
      if (seen === undefined) return rung({ state: 'unknown', words: `${by} only connects, so whose machine answers on port ${port} is not known` });
      if (seen.kind === 'page' && seen.status === 200 && seen.body.trim() === face.page.nonce)
        return rung({ state: 'proven', words: `it is this machine that answers on port ${port}; for the proof only, for nothing of yours listens there` });
      return rung({ state: 'failed', words: `another machine answers on port ${port}: it does not know what this one says there${table}`, advice: elsewhere });
    }
    case 'certificate': {
      if (seen?.kind !== 'certificate') return rung({ state: 'unknown', words: `${by} only connects, so whose machine answers on port ${port} is not known` });
      if (seen.fingerprint256 !== face.leaf.fingerprint256)
        return rung({ state: 'failed', words: `another machine answers on port ${port}: its certificate${namesOf(seen.names)} is not the one that this machine shows${table}`, advice: elsewhere });
      return certificateRung(name, port, face.leaf, rung, now);
    }
    case 'service':
      return rung({ state: 'unknown', words: `what listens on port ${port} shows nothing by which this machine could be told from another` });
    case 'nothing':
      return rung({ state: 'failed', words: `another machine answers on port ${port}: here ${face.words}${table}`, advice: elsewhere });
    default:
      return face satisfies never;
  }
}

/** It is ours; is it also good for whoever comes by this name? */
function certificateRung(name: Fqdn, port: number, { names, validTo }: Leaf, rung: (rest: Pick<Rung, 'state' | 'words' | 'advice'>) => Rung, now: Instant): Rung {
  const ours = `it is this machine that answers on port ${port}`;
  if (!names.some((one) => covers(one, name)))
    return rung({
      state: 'failed',
      words: `${ours}, but with the certificate of another host:${namesOf(names) || ' it names none'}, not for ${name}`,
      advice: `give its server a certificate for ${name}`,
    });
  const until = new Date(validTo).toISOString().slice(0, 10);
  if (validTo <= now) return rung({ state: 'failed', words: `${ours}, but its certificate ended on ${until}`, advice: 'renew it: HTTP-01 needs port 80 open again, DNS-01 does not' });
  return rung({ state: 'proven', words: `${ours}, by its certificate${validTo - now < LAST_DAYS_MS ? `, which ends on ${until}` : ''}` });
}

const namesOf = (names: readonly string[] | undefined): string => (names === undefined || names.length === 0 ? '' : ` for ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and others' : ''}`);

/** RFC 9525 section 6.3: a wildcard stands for exactly one label. A name that is itself a wildcard is covered by the same one. */
export function covers(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  return pattern.startsWith('*.') && name.includes('.') && pattern.slice(1) === name.slice(name.indexOf('.'));
}
