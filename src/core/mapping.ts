/** Port mappings on the router: what is asked for, what is remembered of one, whose one is that is there, and when ours must be renewed. */
import type { Family, IpAddress } from './address.ts';
import { type Epoch, natPmpLostMappings, pcpLostMappings } from './epoch.ts';
import type { Instant } from './record.ts';

/** A port outside that is to lead to a port of this machine. */
export type Port = { readonly protocol: 'tcp' | 'udp'; readonly external: number; readonly internal: number };
export type MappingProtocol = 'pcp' | 'nat-pmp' | 'upnp';

/** The router that a mapping was made on, as far as one can be told from another. */
export type RouterIdentity = { readonly gateway: string; readonly gatewayMac?: string };

/** What is remembered of a mapping that we made, or asked for. */
export type Mapping = Port & {
  /** A pinhole: the router's firewall lets IPv6 through to this port, which is the same one outside. Absent: a mapping of IPv4. */
  readonly family?: 6;
  /** Absent: it was asked for, and nobody has said yet that it is there. */
  readonly by?: MappingProtocol;
  readonly router: RouterIdentity;
  /** This machine's address that it leads to. */
  readonly client: string;
  /** When it was made or last renewed, and when it lapses; without `until` it stays until it is deleted. */
  readonly from: Instant;
  readonly until?: Instant;
  /** PCP: 12 bytes in hexadecimal digits, which make it ours. */
  readonly nonce: string;
  /** UPnP: its description as the router keeps it; empty where it keeps none. */
  readonly description: string;
  /** UPnP: the number that the router gave to a pinhole. */
  readonly uniqueId?: number;
  /** PCP and NAT-PMP: for how long the router had known its mappings at `from`. */
  readonly epochSeconds?: number;
};

/** What we ask for: two hours (RFC 6886 section 3.3 recommends them). */
export const LIFETIME_SECONDS = 7200;
/** A router that keeps mappings for ever forgets them all the same when it is started anew. */
const LOOK_AGAIN_MS = 3_600_000;
const SOONEST_MS = 60_000;

/** `443`, `443/udp`, `8443:443`, `8443:443/udp`: the port outside, then the one here where it is another. */
export function parsePort(text: string): Port | { readonly problem: string } {
  const [, external, internal = external, protocol = 'tcp'] = /^(\d{1,5})(?::(\d{1,5}))?(?:\/(tcp|udp))?$/i.exec(text.trim()) ?? [];
  const port = { protocol: protocol.toLowerCase() as Port['protocol'], external: Number(external), internal: Number(internal) };
  const isGood = [port.external, port.internal].every((number) => number >= 1 && number <= 65_535);
  return isGood ? port : { problem: `${JSON.stringify(text)} is no port to map; it takes 443, 443/udp, or 8443:443 (the port outside, then the one here), each from 1 to 65535` };
}

/** What a user can write again. */
export const printPort = ({ protocol, external, internal }: Port): string => `${external}${internal === external ? '' : `:${internal}`}/${protocol}`;

/** The port outside, of which there is one in each family. */
export const portKey = ({ protocol, external }: Pick<Port, 'protocol' | 'external'>, family: Family): string => `${external}/${protocol}${family === 6 ? ' over IPv6' : ''}`;

/** IPv6 translates nothing: a pinhole lets everybody through to the very port that they ask for. */
export const mayBePinhole = ({ external, internal }: Port): boolean => external === internal;

/** Why these cannot be had together. The same one twice is no conflict: it is wanted once. */
export function conflictIn(ports: readonly Port[]): string | undefined {
  for (const [at, one] of ports.entries())
    for (const other of ports.slice(at + 1)) {
      if (one.protocol !== other.protocol || printPort(one) === printPort(other)) continue;
      if (one.external === other.external) return `${printPort(one)} and ${printPort(other)} are the same port outside, which can lead to one port only`;
      if (one.internal === other.internal) return `${printPort(one)} and ${printPort(other)} lead to the same port here, which not every router can`;
    }
  return undefined;
}

/** Each once, in order. */
export const distinctPorts = (ports: readonly Port[]): readonly Port[] => ports.filter((port, at) => ports.findIndex((one) => printPort(one) === printPort(port)) === at);

/** Half of the lifetime is over, it may not be there at all, or the clock says that it was made in the future. */
export const isDue = (mapping: Mapping, now: Instant): boolean => mapping.by === undefined || now < mapping.from || now >= dueAt(mapping);

/** When it is to be renewed: after half of its lifetime, but not every second because a router grants seconds. */
export const dueAt = ({ from, until }: Pick<Mapping, 'from' | 'until'>): Instant => (until === undefined ? from + LOOK_AGAIN_MS : from + Math.max(SOONEST_MS, (until - from) / 2));

/** Gone by itself by now. A clock that was set back makes none older. */
export const isLapsed = ({ until }: Mapping, now: Instant): boolean => until !== undefined && now >= until;

/** The router has begun anew since `mapping` was made, by what it said in a reply (`now`) by the same protocol: it may not be there any more. */
export function isForgotten({ by, epochSeconds, from }: Mapping, now: Epoch): boolean {
  if (epochSeconds === undefined) return false;
  const before = { epochSeconds, elapsedMs: from };
  return by === 'pcp' ? pcpLostMappings(before, now) : by === 'nat-pmp' && natPmpLostMappings(before, now);
}

/** Not surely another one: some systems do not tell the router's hardware address. */
export const isSameRouter = (one: RouterIdentity, other: RouterIdentity): boolean =>
  one.gateway === other.gateway && (one.gatewayMac === undefined || other.gatewayMac === undefined || one.gatewayMac === other.gatewayMac);

/** What stands in the router's table at a port outside (UPnP `GetSpecificPortMappingEntry`). `off`: switched off there, so that it leads nowhere. */
export type Entry = { readonly client: string; readonly internal: number; readonly description: string; readonly off?: true };

/**
 * Whose it is. `ours`: ours to renew, replace and delete: it bears our description and leads to this machine, or to the address it had when we made it.
 * `leads-here`: another program's, but it does what is wanted. `taken`: anything else, which is left alone.
 */
export function standing(
  entry: Entry,
  wanted: Pick<Port, 'internal'>,
  own: { readonly client: IpAddress; readonly description: string; readonly remembered?: Mapping | undefined },
): 'ours' | 'leads-here' | 'taken' {
  const { client, description, remembered } = own;
  const leadsHere = entry.client === client && entry.internal === wanted.internal && !entry.off;
  // A router that keeps no descriptions has it as it was left: nothing but that tells it from another's.
  if (entry.description === '') return leadsHere && remembered?.description === '' && remembered.client === client ? 'ours' : leadsHere ? 'leads-here' : 'taken';
  const bears = entry.description === description || (remembered !== undefined && entry.description === remembered.description);
  if (bears && (entry.client === client || entry.client === remembered?.client)) return 'ours';
  return leadsHere ? 'leads-here' : 'taken';
}

/** The description by which a mapping is known as ours. Routers keep 64 characters at least; what is no plain letter is left out. */
export const describeOwner = (host: string): string => `ddns-update ${host.replace(/[^\w.-]/g, '').slice(0, 40) || 'host'}`;
