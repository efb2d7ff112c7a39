/** One run at one router, in one family: makes and removes single mappings there by whichever way is spoken, and keeps the memory of them in step. */
import { type Family, type IpAddress, parseAddress } from '../core/address.ts';
import type { Epoch } from '../core/epoch.ts';
import type { Failure } from '../core/failure.ts';
import { describeOwner, isForgotten, isLapsed, isSameRouter, LIFETIME_SECONDS, type Mapping, type MappingProtocol, type Port, portKey, type RouterIdentity } from '../core/mapping.ts';
import type { Instant } from '../core/record.ts';
import type { Remembering } from '../record.ts';
import type { World } from '../world/world.ts';
import type { Client, Made, Removed, Wish } from './client.ts';
import type { MapOutcome } from './outcome.ts';

export type Session = {
  /** Of this family. */
  readonly remembered: () => readonly Mapping[];
  readonly isHere: (mapping: Mapping) => boolean;
  /** By what was heard in this run, the router does not have it any more, though it does not lapse yet. */
  readonly isForgotten: (port: Port) => boolean;
  /** What is there already and not ours, as far as the router can be asked; not looked for where we remember one of our own. */
  readonly others: (port: Port) => Promise<MapOutcome | undefined>;
  /** Remembers, before anybody is asked, by what each of these would be known as ours. */
  readonly intend: (ports: readonly Port[]) => void;
  readonly make: (port: Port) => Promise<MapOutcome>;
  readonly remove: (port: Port) => Promise<MapOutcome>;
};

/** Best first. */
export type Ways = { readonly [By in MappingProtocol]?: Client };
export type Place = {
  readonly family: Family;
  readonly identity: RouterIdentity;
  /** Our address that mappings lead to; undefined: none can be made. */
  readonly own: IpAddress | undefined;
  readonly ways: Ways;
  /** What somebody else has at a port outside; undefined also where that cannot be learnt. */
  readonly others?: (wish: Wish) => Promise<Extract<Made, { kind: 'leads-here' | 'taken' }> | undefined>;
  /** No way is spoken; `said`: why each is not. */
  readonly silence: (said: string) => string;
};
type Reach = { readonly memory: Remembering; readonly signal: AbortSignal; readonly world: World };

const NAMES: Readonly<Record<MappingProtocol, string>> = { pcp: 'PCP', 'nat-pmp': 'NAT-PMP', upnp: 'UPnP' };

export function sessionAt({ family, identity, own: ours, ways, others, silence: inWords }: Place, { memory, signal, world }: Reach): Session {
  const description = describeOwner(world.processes.host?.() ?? '');
  /** Why each that is not spoken here is not: asked once in a run. */
  const unspoken = new Map<MappingProtocol, string>();
  const heard = new Map<MappingProtocol, Epoch>();
  /** As each was left, where the memory of what is intended now took its place: it may lead to an address that was ours then. */
  const before = new Map<string, Mapping>();

  const table = (): Readonly<Record<string, Mapping>> => memory.state.mappings ?? {};
  const keyOf = (port: Port): string => portKey(port, family);
  const at = (port: Port): Mapping | undefined => table()[keyOf(port)];
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
  const wishFor = (port: Port, own: IpAddress): Wish => {
    // Whoever is carried away and comes back within its lifetime finds the mapping that bears the old number.
    return { port, own, description, remembered: before.get(keyOf(port)) ?? here(port), nonce: at(port)?.nonce ?? nonceOf(world) };
  };
  const asked = ({ port, own, nonce }: Wish): Omit<Mapping, 'until'> => ({
    ...pick(port),
    ...(family === 6 ? { family } : {}),
    router: { ...here(port)?.router, ...identity },
    client: own,
    from: world.clock.now(),
    nonce,
    description,
  });
  const intended = (wish: Wish): Mapping => ({ ...asked(wish), until: world.clock.now() + LIFETIME_SECONDS * 1000 });
  const failed = (port: Port, failure: Failure): MapOutcome => ({ port, family, kind: 'failed', failure });
  // Whoever was not asked to the end has said nothing of what the router lets anybody do.
  const silence = (): Failure =>
    signal.aborted
      ? { kind: 'network', phase: 'reply', detail: 'the router was not asked to the end: the program was to end, or its time was up' }
      : { kind: 'network', detail: inWords([...unspoken].map(([by, detail]) => `${NAMES[by]}: ${detail}`).join('; ')) };
  const refusal = (why: string): Failure => ({ kind: 'refused', detail: `the router ${why}` });

  /** The one that was answered last time first; those that are not spoken are not asked again. */
  const order = (first: MappingProtocol | undefined): readonly (readonly [MappingProtocol, Client])[] =>
    PROTOCOLS.flatMap((by) => (ways[by] === undefined || unspoken.has(by) ? [] : [[by, ways[by]] as const])).sort(([a], [b]) => Number(b === first) - Number(a === first));

  const kept = (wish: Wish, by: MappingProtocol, { lifetimeSeconds, description: theirs, uniqueId, epochSeconds }: Extract<Made, { kind: 'mapped' }>): Mapping => {
    const row = asked(wish);
    if (epochSeconds !== undefined) heard.set(by, { epochSeconds, elapsedMs: row.from });
    return {
      ...row,
      by,
      ...(lifetimeSeconds === undefined ? {} : { until: row.from + lifetimeSeconds * 1000 }),
      ...(theirs === undefined ? {} : { description: theirs }),
      ...(uniqueId === undefined ? {} : { uniqueId }),
      ...(epochSeconds === undefined ? {} : { epochSeconds }),
    };
  };

  const make = async (port: Port): Promise<MapOutcome> => {
    if (ours === undefined) return failed(port, silence());
    const wish = wishFor(port, ours);
    const kind = here(port)?.by === undefined ? 'made' : 'renewed';
    let no: string | undefined;
    for (const [by, client] of order(wish.remembered?.by)) {
      if (signal.aborted) break;
      const made = await client.make(wish);
      switch (made.kind) {
        case 'mapped': {
          const mapping = kept(wish, by, made);
          remember({ [keyOf(port)]: mapping });
          return { port, family, kind, mapping, ...(made.address === undefined ? {} : { address: made.address }) };
        }
        case 'leads-here':
          remember({ [keyOf(port)]: undefined });
          return { port, family, kind: 'leads-here', by: made.by };
        case 'taken': {
          const another = made.by === undefined ? await others?.(wish) : made;
          remember({ [keyOf(port)]: undefined });
          return { port, family, kind: 'taken', ...(another?.by === undefined ? {} : { by: `${another.by}${isOfBefore(another.by, wish) ? BEFORE : ''}` }) };
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
    return failed(port, no === undefined ? silence() : refusal(no));
  };

  /** What nobody remembers can only be told as ours by its description; with NAT-PMP any program on this machine is the owner. A pinhole may be taken back by either way. */
  const waysBack = (mapping: Mapping | undefined, isOurs: boolean): readonly (readonly [MappingProtocol, Client])[] =>
    order(mapping?.by).filter(([by]) =>
      !isOurs ? by === 'upnp' : family === 6 ? mapping !== undefined : mapping === undefined ? by === 'upnp' : mapping.by === undefined ? by !== 'nat-pmp' : by === mapping.by,
    );

  const remove = async (port: Port): Promise<MapOutcome> => {
    const mapping = at(port);
    const isOurs = mapping === undefined || world.net.interfaces().some(({ address }) => address === mapping.client);
    const own = mapping !== undefined && (family === 6 || isOurs) ? parseAddress(mapping.client) : ours;
    // PCP and NAT-PMP take back what leads to whoever asks, and say that they did where there is nothing.
    const isBeyond = !isOurs && (family === 6 || mapping?.by === 'pcp' || mapping?.by === 'nat-pmp');
    const forget = (): void => remember({ [keyOf(port)]: undefined });
    if (mapping !== undefined && (!isHere(mapping) || own === undefined || isBeyond)) {
      forget();
      return mapping.by === undefined ? { port, family, kind: 'absent' } : { port, family, kind: 'left-behind', mapping, ...(isHere(mapping) ? { here: true } : {}) };
    }
    let isSilent = false;
    let no: string | undefined;
    let done: 'removed' | 'absent' | undefined;
    let lapsing: Mapping | undefined;
    for (const [by, client] of waysBack(mapping, isOurs)) {
      if (own === undefined) break;
      const removed: Removed = await client.remove(wishFor(port, own));
      if (removed.kind === 'unspoken') {
        unspoken.set(by, removed.failure.detail);
        // By UPnP it is looked up first who is there at all.
        isSilent ||= by === 'pcp' && removed.failure.kind === 'timeout';
      } else if (removed.kind === 'refused') no ??= removed.why;
      else if (removed.kind === 'lapsing') lapsing = mapping && { ...mapping, until: world.clock.now() + removed.lifetimeSeconds * 1000 };
      // Another's is there: ours is not.
      else done = removed.kind === 'removed' ? 'removed' : (done ?? 'absent');
      if (family === 6 && done === 'removed') break;
    }
    if (done === undefined && lapsing !== undefined) {
      forget();
      return { port, family, kind: 'lapsing', mapping: lapsing };
    }
    if (done !== undefined || mapping === undefined) {
      if (mapping !== undefined) forget();
      return { port, family, kind: done ?? 'absent' };
    }
    if (mapping.by === undefined && !signal.aborted) {
      // It was asked for, and nobody has ever said that it is there.
      if (!isSilent) forget();
      return { port, family, kind: 'absent', ...(isSilent ? { perhaps: mapping } : {}) };
    }
    return { port, family, kind: 'failed', failure: no === undefined ? silence() : refusal(no), mapping };
  };

  return {
    remembered: () => Object.values(table()).filter((mapping) => (mapping.family ?? 4) === family),
    isHere,
    isForgotten: (port) => {
      const mapping = here(port);
      const now = mapping?.by === undefined ? undefined : heard.get(mapping.by);
      return mapping !== undefined && now !== undefined && isForgotten(mapping, now);
    },
    others: async (port) => {
      const another = ours === undefined || here(port) !== undefined ? undefined : await others?.(wishFor(port, ours));
      // What leads here may be what we made when we were here before; by our number that shows.
      return another === undefined || (another.kind === 'leads-here' && at(port) !== undefined) ? undefined : { port, family, ...another };
    },
    intend: (ports) => {
      if (ours === undefined) return;
      const now = world.clock.now();
      // One that has lapsed by our clock would be forgotten, and its number with it, by which a router with another time knows it still.
      const stands = (mapping: Mapping | undefined): boolean => mapping !== undefined && !isLapsed(mapping, now);
      const fresh = ports.filter((port) => !stands(here(port)) || !isSamePlace(here(port), port, ours));
      for (const port of fresh) {
        const row = here(port);
        if (row?.by !== undefined) before.set(keyOf(port), row);
      }
      remember(Object.fromEntries(fresh.map((port) => [keyOf(port), intended(wishFor(port, ours))])));
    },
    make,
    remove,
  };
}

const PROTOCOLS: readonly MappingProtocol[] = ['pcp', 'nat-pmp', 'upnp'];

const pick = ({ protocol, external, internal }: Port): Port => ({ protocol, external, internal });

/** Behind whoever has a port, where that is the address that this machine had when it made the mapping. */
const BEFORE = ", as this machine's address was before";
const isOfBefore = (by: string, { own, remembered }: Wish): boolean => remembered?.by !== undefined && remembered.client !== own && by.startsWith(`${remembered.client}:${remembered.internal}`);

/** What is remembered says of this one too by what it would be known as ours. */
const isSamePlace = (mapping: Mapping | undefined, { internal }: Port, own: IpAddress): boolean => mapping !== undefined && mapping.internal === internal && mapping.client === own;

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
