/** What the ways of mapping a port, and of opening one in a firewall, have in common: what each is asked, and what may be heard. */
import type { IpAddress } from '../core/address.ts';
import type { BallotFailure } from '../core/ballot.ts';
import type { Mapping, Port } from '../core/mapping.ts';
import type { Connections } from '../detect/router/igd.ts';
import type { Peer, World } from '../world/world.ts';

/** `own`: this machine's address that the mapping is to lead to. `nonce`, `description`: what makes it ours. `remembered`: as we left it. */
export type Wish = { readonly port: Port; readonly own: IpAddress; readonly nonce: string; readonly description: string; readonly remembered: Mapping | undefined };

/** It speaks this, and says no: `why` goes on from "the router". */
export type Refused = { readonly kind: 'refused'; readonly why: string };
/** It does not speak this, or is not heard. */
export type Unspoken = { readonly kind: 'unspoken'; readonly failure: BallotFailure };

export type Made =
  /** `lifetimeSeconds`: absent where it stays until it is deleted. `address`: the router's, on the internet's side. */
  | {
      readonly kind: 'mapped';
      readonly lifetimeSeconds?: number;
      readonly address?: IpAddress;
      readonly description?: string;
      readonly uniqueId?: number;
      /** See `Mapping`. */
      readonly epochSeconds?: number;
    }
  /** Another program's mapping does what is wanted. */
  | { readonly kind: 'leads-here'; readonly by: string }
  | { readonly kind: 'taken'; readonly by?: string }
  | Refused
  | Unspoken;

export type Removed =
  | { readonly kind: 'removed' }
  | { readonly kind: 'absent' }
  /** It is not taken back, but made to end by itself after so long. */
  | { readonly kind: 'lapsing'; readonly lifetimeSeconds: number }
  | { readonly kind: 'taken'; readonly by?: string }
  | Refused
  | Unspoken;

/** Neither throws. Nothing that is not ours is replaced or deleted. */
export type Client = { readonly make: (wish: Wish) => Promise<Made>; readonly remove: (wish: Wish) => Promise<Removed> };

export type Asking = { readonly world: World; readonly signal: AbortSignal };
/** Where the router is asked: its address, and of a link-local one which link is meant. */
export type Server = Pick<Peer, 'address' | 'zone'>;
/** What the gateway describes of itself by UPnP; read once in a run, when it is wanted. */
export type Described = () => Promise<Connections>;

export const refused = (why: string): Refused => ({ kind: 'refused', why });
/** A router may grant for ever; what we remember is bounded. */
export const boundedLifetime = (seconds: number): number => Math.min(seconds, 7 * 24 * 3600);
