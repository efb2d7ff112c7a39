/** What can tell our public address: one parsed source, and who runs it. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Witness } from '../core/ballot.ts';

type Common = { readonly id: string; readonly operator: string; readonly families: readonly Family[] };

/** `servers`: a name is looked up anew each round, a literal needs no lookup. `type`: `address` is A or AAAA, by the family asked for. */
export type DnsSource = Common & { readonly kind: 'dns'; readonly servers: readonly ServerAddress[]; readonly question: string; readonly class: 'IN' | 'CH'; readonly type: 'address' | 'TXT' };
export type StunSource = Common & { readonly kind: 'stun'; readonly servers: readonly ServerAddress[] };
/** The first URL that serves a family is asked for it. `authenticated`: `https:`. */
export type HttpsSource = Common & {
  readonly kind: 'https';
  readonly urls: readonly { readonly url: string; readonly families: readonly Family[] }[];
  readonly read: HttpsReading;
  readonly authenticated: boolean;
};
/** What the body is: one address and nothing else; JSON with the address at `path`; Cloudflare's `key=value` lines. */
export type HttpsReading = { readonly kind: 'plain' } | { readonly kind: 'json'; readonly path: readonly string[] } | { readonly kind: 'trace' };
export type InterfaceSource = Common & { readonly kind: 'interface'; readonly interface: string };
export type CommandSource = Common & { readonly kind: 'command'; readonly command: readonly string[] };
export type FileSource = Common & { readonly kind: 'file'; readonly path: string };
/** `auto`: whichever of them the router answers to. */
export type RouterSource = Common & { readonly kind: 'router'; readonly router: RouterProtocol | 'auto' };
export type RouterProtocol = 'nat-pmp' | 'pcp' | 'upnp';
export type AddressSource = Common & { readonly kind: 'address'; readonly address: IpAddress };

/** A literal address or a name, and a port. `families`: which it can serve. */
export type ServerAddress = { readonly host: string; readonly port: number; readonly families: readonly Family[] };

export type Source = DnsSource | StunSource | HttpsSource | InterfaceSource | CommandSource | FileSource | AddressSource | RouterSource;
export type DatagramSource = DnsSource | StunSource;

export const isDatagram = (source: Source): source is DatagramSource => source.kind === 'dns' || source.kind === 'stun';
export const isAuthenticated = (source: Source): boolean => (source.kind === 'https' ? source.authenticated : !isDatagram(source) && source.kind !== 'router');

/** What the rule needs to know of it. */
export const witnessOf = (source: Source): Witness => ({ source: source.id, operator: source.operator, transport: source.kind, authenticated: isAuthenticated(source) });

/** Can it tell an address of this family at all? */
export function serves(source: Source, family: Family): boolean {
  if (!source.families.includes(family)) return false;
  if (source.kind === 'https') return source.urls.some(({ families }) => families.includes(family));
  return !isDatagram(source) || source.servers.some(({ families }) => families.includes(family));
}
