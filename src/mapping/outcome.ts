/** What became of the ports that were asked for, and of a whole run. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Failure } from '../core/failure.ts';
import type { Mapping, Port } from '../core/mapping.ts';

/** What became of one port in one family. `family` 6: a hole in the router's firewall. */
export type MapOutcome = { readonly port: Port; readonly family: Family } & (
  | { readonly kind: 'made' | 'renewed'; readonly mapping: Mapping; readonly address?: IpAddress }
  /** Another program's mapping does what is wanted, and is left alone. */
  | { readonly kind: 'leads-here'; readonly by: string }
  | { readonly kind: 'taken'; readonly by?: string }
  | { readonly kind: 'removed' }
  /** Nothing of ours was there. `perhaps`: what was asked for once, and may be there, because the router is as silent as it was then. */
  | { readonly kind: 'absent'; readonly perhaps?: Mapping }
  /** `lapsing`: it could not be removed, but ends soon. `left-behind`: where it was made cannot be asked from here any more. Both end at `until`, or never. */
  | { readonly kind: 'lapsing'; readonly mapping: Mapping }
  /** `here`: on this very router, for an address that this machine no longer has. */
  | { readonly kind: 'left-behind'; readonly mapping: Mapping; readonly here?: true }
  /** `mapping`: what is there still, as far as is remembered, because it could not be removed. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly mapping?: Mapping }
);

/** `useless`: why a mapping on this router brings nobody here. `notes`: what could not be, and is no failure of anything. */
export type MapReport = { readonly outcomes: readonly MapOutcome[]; readonly useless?: string; readonly notes: readonly string[]; readonly warnings: readonly string[] };
