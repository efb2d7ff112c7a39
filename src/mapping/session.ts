/** One run at one router: makes and removes single mappings there by whichever way is spoken, and keeps the memory of them in step. */
import type { IpAddress } from '../core/address.ts';
import type { Failure } from '../core/failure.ts';
import { describeOwner, isLapsed, isSameRouter, LIFETIME_SECONDS, type Mapping, type MappingProtocol, type Port, portKey, type RouterIdentity } from '../core/mapping.ts';
import type { Instant } from '../core/record.ts';
import { looksLikeContainer, type Router } from '../detect/router/gateway.ts';
import type { Remembering } from '../record.ts';
import type { World } from '../world/world.ts';
import type { Made, Removed, Wish } from './client.ts';
import { natPmpClient } from './nat-pmp.ts';
import { pcpClient } from './pcp.ts';
import { upnpClient } from './upnp.ts';

/** What became of one port. */
export type MapOutcome = { readonly port: Port } & (
  | { readonly kind: 'made' | 'renewed'; readonly mapping: Mapping; readonly address?: IpAddress }
  /** Another program's mapping does what is wanted, and is left alone. */
  | { readonly kind: 'leads-here'; readonly by: string }
  | { readonly kind: 'taken'; readonly by?: string }
  | { readonly kind: 'removed' | 'absent' }
  /** It was made on a router that this machine is no longer behind, where it lapses at this time, or never. */
  | { readonly kind: 'left-behind'; readonly mapping: Mapping }
  | { readonly kind: 'failed'; readonly failure: Failure }
);
export type Session = {
  readonly remembered: () => readonly Mapping[];
  readonly isHere: (mapping: Mapping) => boolean;
  /** What is there already and not ours, as far as the router can be asked; not looked for where we remember one of our own. */
  readonly others: (port: Port) => Promise<MapOutcome | undefined>;
  /** Remembers, before anybody is asked, by what each of these would be known as ours. */
  readonly intend: (ports: readonly Port[]) => void;
  readonly make: (port: Port) => Promise<MapOutcome>;
  readonly remove: (port: Port) => Promise<MapOutcome>;
};

const PROTOCOLS: readonly MappingProtocol[] = ['pcp', 'nat-pmp', 'upnp'];
const NAMES: Readonly<Record<MappingProtocol, string>> = { pcp: 'PCP', 'nat-pmp': 'NAT-PMP', upnp: 'UPnP' };

/** `own`: our address that mappings lead to. */
export type Place = { readonly router: Router; readonly own: IpAddress; readonly identity: RouterIdentity };

export function sessionAt({ router, own, identity }: Place, memory: Remembering, signal: AbortSignal, world: World): Session {
  const asking = { router, world, signal };
  const upnp = upnpClient(asking);
  const clients = { pcp: pcpClient(asking), 'nat-pmp': natPmpClient(asking), upnp };
  const description = describeOwner(world.processes.host?.() ?? '');
  /** Why each that is not spoken here is not: asked once in a run. */
  const unspoken = new Map<MappingProtocol, string>();

  const table = (): Readonly<Record<string, Mapping>> => memory.state.mappings ?? {};
  const at = (port: Port): Mapping | undefined => table()[portKey(port)];
  const isHere = (mapping: Mapping): boolean => isSameRouter(mapping.router, identity);
  const here = (port: Port): Mapping | undefined => {
    const mapping = at(port);
    return mapping !== undefined && isHere(mapping) ? mapping : undefined;
  };
  const remember = (change: Readonly<Record<string, Mapping | undefined>>): void => {
    const mappings = withChanges(table(), change, world.clock.now());
    const { mappings: _, ...rest } = memory.state;
    memory.save(Object.keys(mappings).length === 0 ? rest : { ...rest, mappings });
  };
  const wishFor = (port: Port): Wish => {
    const remembered = here(port);
    return { port, own, description, remembered, nonce: isSamePlace(remembered, port, own) ? remembered.nonce : nonceOf(world) };
  };
  const intended = ({ port, nonce }: Wish): Mapping => ({
    ...pick(port),
    router: identity,
    client: own,
    from: world.clock.now(),
    until: world.clock.now() + LIFETIME_SECONDS * 1000,
    nonce,
    description,
  });

  /** The one that was answered last time first; those that are not spoken are not asked again. */
  const order = (first: MappingProtocol | undefined): readonly MappingProtocol[] => [...new Set([...(first === undefined ? [] : [first]), ...PROTOCOLS])].filter((by) => !unspoken.has(by));

  const make = async (port: Port): Promise<MapOutcome> => {
    const wish = wishFor(port);
    let no: string | undefined;
    for (const by of order(wish.remembered?.by)) {
      if (signal.aborted) break;
      const made: Made = await clients[by].make(wish);
      switch (made.kind) {
        case 'mapped': {
          const from = world.clock.now();
          const mapping: Mapping = {
            ...pick(port),
            by,
            router: identity,
            client: own,
            from,
            ...(made.lifetimeSeconds === undefined ? {} : { until: from + made.lifetimeSeconds * 1000 }),
            nonce: wish.nonce,
            description: made.description ?? description,
          };
          remember({ [portKey(port)]: mapping });
          return { port, kind: wish.remembered?.by === undefined ? 'made' : 'renewed', mapping, ...(made.address === undefined ? {} : { address: made.address }) };
        }
        case 'leads-here':
          remember({ [portKey(port)]: undefined });
          return { port, kind: 'leads-here', by: made.by };
        case 'taken': {
          const another = made.by === undefined ? await upnp.others(wish) : made;
          remember({ [portKey(port)]: undefined });
          return { port, kind: 'taken', ...(another?.by === undefined ? {} : { by: another.by }) };
        }
        case 'refused':
          no ??= made.why;
          break;
        case 'unspoken':
          unspoken.set(by, made.failure.detail);
          break;
        default:
          made satisfies never;
      }
    }
    if (no !== undefined) return { port, kind: 'failed', failure: { kind: 'refused', detail: `the router ${no}` } };
    return { port, kind: 'failed', failure: silence() };
  };

  const remove = async (port: Port): Promise<MapOutcome> => {
    const mapping = at(port);
    const forget = (): void => remember({ [portKey(port)]: undefined });
    if (mapping !== undefined && !isHere(mapping)) {
      forget();
      return { port, kind: 'left-behind', mapping };
    }
    const wish = wishFor(port);
    // What nobody remembers can only be told as ours by its description; with NAT-PMP any program on this machine is the owner.
    const ways: readonly MappingProtocol[] = mapping === undefined ? ['upnp'] : mapping.by === undefined ? ['pcp', 'upnp'] : [mapping.by];
    let no: string | undefined;
    let done: 'removed' | 'absent' | undefined;
    for (const by of ways.filter((way) => !unspoken.has(way))) {
      const removed: Removed = await clients[by].remove(wish);
      if (removed.kind === 'unspoken') unspoken.set(by, removed.failure.detail);
      else if (removed.kind === 'refused') no ??= removed.why;
      // Another's is there: ours is not.
      else done = removed.kind === 'removed' ? 'removed' : (done ?? 'absent');
    }
    if (done !== undefined || mapping === undefined) {
      if (mapping !== undefined) forget();
      return { port, kind: done ?? 'absent' };
    }
    return { port, kind: 'failed', failure: no === undefined ? silence() : { kind: 'refused', detail: `the router ${no}` } };
  };

  const silence = (): Failure => {
    const said = [...unspoken].map(([by, detail]) => `${NAMES[by]}: ${detail}`).join('; ');
    const container = looksLikeContainer(router.gateway, world) ? '; in a container the gateway is the host, not the router: give it the network of the host (--network host)' : '';
    return { kind: 'network', detail: `the router ${router.gateway} lets nobody map ports: switch on PCP, NAT-PMP or UPnP there, or forward the port by hand (${said})${container}` };
  };

  return {
    remembered: () => Object.values(table()),
    isHere,
    others: async (port) => {
      const another = here(port) === undefined ? await upnp.others(wishFor(port)) : undefined;
      return another === undefined ? undefined : { port, ...another };
    },
    intend: (ports) => remember(Object.fromEntries(ports.filter((port) => !isSamePlace(here(port), port, own)).map((port) => [portKey(port), intended(wishFor(port))]))),
    make,
    remove,
  };
}

const pick = ({ protocol, external, internal }: Port): Port => ({ protocol, external, internal });

/** Its nonce is good for this one too: the same ports at the same address of ours. */
const isSamePlace = (mapping: Mapping | undefined, { internal }: Port, own: IpAddress): mapping is Mapping => mapping !== undefined && mapping.internal === internal && mapping.client === own;

const nonceOf = ({ random }: World): string =>
  Array.from({ length: 12 }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');

/** What has lapsed is forgotten on the way. */
function withChanges(table: Readonly<Record<string, Mapping>>, change: Readonly<Record<string, Mapping | undefined>>, now: Instant): Readonly<Record<string, Mapping>> {
  const rows = Object.entries({ ...table, ...change }).flatMap(([key, mapping]) => (mapping === undefined || isLapsed(mapping, now) ? [] : [[key, mapping] as const]));
  return Object.fromEntries(rows);
}
