/** P3 and P4: has every published address looked at from outside, port by port, and finds out whose machine answers there. */
import { type Family, familyOf, type IpAddress } from '../core/address.ts';
import { attempt } from '../core/failure.ts';
import type { Rung } from '../core/ladder.ts';
import { type Face, type Look, type Sighting, wildcardOf } from '../core/reach.ts';
import { type Doorway, rungsOf, type Surroundings, unreached, type Visited } from '../core/reachability.ts';
import type { Target } from '../core/record.ts';
import type { AddressPolicy } from '../core/special.ts';
import { SWITCHED_OFF } from '../mapping/upnp.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import { USER_AGENT } from '../version.ts';
import type { World } from '../world/world.ts';
import { type Mirror, reachable, type Shown, showFace, visited } from './identity.ts';
import type { Probe } from './probes/probe.ts';
import { recognised } from './recognised.ts';
import { askSurroundings, NOTHING_SAID, type RouterWords } from './surroundings.ts';

export type OutsideOptions = {
  /** Ports on the internet's side, and where each leads to on this machine. */
  readonly ports: readonly { readonly outside: number; readonly inside: number }[];
  /** Who looks. Absent: nobody is asked, and connections from inside are all there is. */
  readonly probe?: Probe;
  readonly policy: AddressPolicy;
  /** What became of a port that the router was asked for. */
  readonly asked: (port: number, family: Family) => Surroundings['asked'];
  /** A port that is found closed is looked at once more: a mapping that was just made takes a moment. */
  readonly again: 'once-more' | 'never';
  /** What becomes of a port of this machine where nothing listens: see `Mirror`. */
  readonly vacant?: Mirror['vacant'];
};

/** Where one target leads to. `ours`: to this machine, not to another behind the same router. */
export type Destination = { readonly target: Target; readonly address: IpAddress; readonly ours: boolean };

const AGAIN_MS = 5000;
const FROM_HERE_MS = 3000;
/** This is our own machine: whoever listens answers at once. */
const HERE_MS = 1000;
/** Looks, and knocks at our own door. */
const AT_ONCE = 8;

/**
 * The rungs of every target, in the order of the ports; each address and port is looked at once, whatever number of names lead there. Where no port was to
 * be looked at, there is a rung only if the router says that nobody can get through, or that another router decides that. Never throws.
 */
export async function lookOutside(destinations: readonly Destination[], options: OutsideOptions, world: World, signal: AbortSignal): Promise<ReadonlyMap<Target, readonly Rung[]>> {
  const { ports, policy, asked } = options;
  const found = new Map<Target, readonly Found[]>();
  const add = (target: Target, some: readonly Rung[], isAlike = false): void => void found.set(target, [...(found.get(target) ?? []), ...some.map((rung) => ({ rung, isAlike }))]);
  const first4 = destinations.find(({ address, ours }) => familyOf(address) === 4 && ours)?.address;
  const surroundings = async (closed: readonly number[]): Promise<RouterWords> => (first4 === undefined ? NOTHING_SAID : askSurroundings(first4, closed, policy, world, signal));
  if (ports.length === 0) {
    const rung = unreached(await surroundings([]));
    for (const { target } of destinations) if (rung !== undefined && target.family === 4) add(target, [rung]);
    return withoutNeedless(found);
  }
  const names = [...new Set(destinations.filter(({ ours }) => ours).map(({ target }) => target.name))];
  const { vacant = options.probe === undefined ? 'leave' : 'serve' } = options;
  const shown = await showFace({ ports: names.length === 0 ? [] : ports.map(({ inside }) => inside), names, vacant }, { net: world.net, clock: world.clock, signal });
  try {
    const looked: { readonly door: Door; readonly visited: Visited }[] = [];
    await eachOf(doorsOf(destinations, ports, shown), AT_ONCE, async (door) => {
      const one = { door, visited: await visit(door, options, world, signal) };
      looked.push(await recognised(one, shown, { net: world.net, signal, now: world.clock.now }));
    });
    const isOpen = (port: number, family: Family): boolean => looked.some(({ door, visited: one }) => door.port === port && door.family === family && isSeen(one, 'open'));
    const deaf = await deafOf(
      looked.flatMap(({ door, visited: one }) => (isSeen(one, 'open') ? [] : [door.inside])),
      world,
      signal,
    );
    const judged = ({ line, tunnel, behind, mappedTo, mappedInside, leadsHere }: RouterWords) =>
      looked.flatMap(({ door: { entrances, ...door }, visited: one }) => {
        const { family, port, inside } = door;
        const around: Surroundings = {
          deaf: deaf(inside, family),
          asked: asked(port, family) ?? (family === 4 && (mappedInside(port) === inside || leadsHere(port)) ? 'made' : undefined),
          otherFamilyOpen: isOpen(port, family === 4 ? 6 : 4),
          ...(family === 4 ? { line, tunnel, behind, mappedTo: leadingTo(mappedTo(port), one), mappedInside: mappedInside(port) === inside ? undefined : mappedInside(port) } : {}),
        };
        const first = entrances[0]?.face;
        return entrances.map(({ target, face }) => ({
          target,
          port,
          isAlike: face?.kind === 'service',
          rungs: rungsOf({ ...door, name: target.name, face }, asSeen(one, first, face), around, world.clock.now()),
        }));
      });
    const plain = judged(NOTHING_SAID);
    const isTold = looked.some(({ door: { entrances } }) => entrances.some(({ face }) => face?.kind === 'certificate' && wildcardOf(face.leaf.names) !== undefined));
    const isTroubled = isTold || plain.some(({ rungs }) => rungs.some(({ state }) => state !== 'proven'));
    const all = isTroubled ? judged(await surroundings(ports.map(({ outside }) => outside))) : plain;
    for (const { outside } of ports) for (const { target, rungs, isAlike } of all.filter(({ port }) => port === outside)) add(target, rungs, isAlike);
    return withoutNeedless(found);
  } finally {
    await shown.close();
  }
}

/** What is switched off in the router's table leads nobody anywhere: of a port that is open it tells nothing. */
const leadingTo = (mapped: string | undefined, visited: Visited): string | undefined => (isSeen(visited, 'open') && mapped?.endsWith(SWITCHED_OFF) ? undefined : mapped);
const isSeen = (visited: Visited, kind: Sighting['kind']): boolean => visited.kind === 'seen' && visited.sighting.kind === kind;

/** For whom what listens on a port of this machine does not: of its own addresses that others may reach, which answer? Asked while a page of ours, if there is one, is still served. */
async function deafOf(ports: readonly number[], { net }: World, signal: AbortSignal): Promise<(port: number, family: Family) => Surroundings['deaf']> {
  const answering = new Map<string, boolean>();
  const key = (port: number, family: Family): string => `${port} ${family}`;
  const knocks = [...new Set(ports)].flatMap((port) => reachable(net).map(({ address }) => ({ address, port })));
  await eachOf(knocks, AT_ONCE, async (peer) => {
    const knocked = await attempt(async () => net.knock?.(peer, { timeoutMs: HERE_MS, signal }));
    const one = key(peer.port, familyOf(peer.address));
    answering.set(one, answering.get(one) === true || (net.knock !== undefined && knocked.kind === 'ok'));
  });
  return (port, family) => {
    if (signal.aborted || answering.get(key(port, family)) !== false) return undefined;
    return answering.get(key(port, family === 4 ? 6 : 4)) === true ? 'this-family' : 'everybody';
  };
}

/** One port of one address, and all names that lead there, with what this machine shows to whoever comes by each. */
type Door = Omit<Doorway, 'name' | 'face'> & { readonly entrances: readonly { readonly target: Target; readonly face: Face | undefined }[] };

function doorsOf(destinations: readonly Destination[], ports: OutsideOptions['ports'], shown: Shown): readonly Door[] {
  const addresses = [...new Set(destinations.map(({ address }) => address))];
  return addresses.flatMap((address) =>
    ports.map(({ outside: port, inside }): Door => {
      const entrances = destinations
        .filter((one) => one.address === address)
        .map(({ target, ours }) => ({ target, face: ours ? shown.faceOf(target.name, inside) : undefined }))
        // The first stands for all: one that can be told from other machines, where there is one.
        .sort((a, b) => Number(b.face !== undefined) - Number(a.face !== undefined));
      return { family: familyOf(address), address, port, inside, entrances };
    }),
  );
}

async function visit({ family, address, port, entrances }: Door, { probe, again }: OutsideOptions, { net, clock, random }: World, signal: AbortSignal): Promise<Visited> {
  if (probe === undefined) {
    const knocked = await attempt(async () => net.knock?.({ address, port }, { timeoutMs: FROM_HERE_MS, signal }));
    return { kind: 'unasked', fromHere: net.knock !== undefined && knocked.kind === 'ok', own: net.interfaces().some((own) => own.address === address) };
  }
  const [first] = entrances;
  if (first === undefined) throw new TypeError(`nobody is led to ${address}`);
  const look: Look = { name: visited(first.target.name), family, address, port, as: closeness(first.face) };
  const seen = (sighting: Sighting, advice?: string): Visited => ({ kind: 'seen', by: probe.title, sighting, ...(advice === undefined ? {} : { advice }) });
  const cannot = probe.cannot(look);
  if (cannot !== undefined) return seen({ kind: 'unknown', words: cannot });
  const once = async (): Promise<Visited> => {
    const looked = signal.aborted ? undefined : await attempt(() => probe.look(look, { clock, net, random, signal, userAgent: USER_AGENT }));
    if (looked?.kind === 'ok') return seen(looked.value);
    return looked === undefined || signal.aborted
      ? seen({ kind: 'unknown', words: 'there was no time left to look' }, LATER)
      : seen({ kind: 'unknown', words: looked.failure.detail }, looked.failure.hint ?? probe.otherwise);
  };
  const sighting = await once();
  if (again === 'never' || !isSeen(sighting, 'closed')) return sighting;
  await clock.sleep(AGAIN_MS, signal);
  const later = await once();
  // Who could not look a second time does not undo what he saw before.
  return isSeen(later, 'unknown') ? sighting : later;
}

const LATER = 'the same again, to its end; --timeout gives it more time';

function closeness(face: Face | undefined): Look['as'] {
  switch (face?.kind) {
    case 'page':
      return { kind: 'page', path: face.page.path };
    case 'certificate':
      return { kind: 'certificate' };
    default:
      return { kind: 'connection' };
  }
}

/** What is known of the first name's machine is known of another's that leads to the same port: its own certificate is what its visitors are shown. */
function asSeen(one: Visited, first: Face | undefined, face: Face | undefined): Visited {
  if (one.kind === 'unasked' || one.sighting.kind !== 'open' || first?.kind !== 'certificate' || face?.kind !== 'certificate') return one;
  const { seen } = one.sighting;
  if (seen?.kind !== 'certificate' || seen.fingerprint256 !== first.leaf.fingerprint256) return one;
  return { ...one, sighting: { ...one.sighting, seen: { ...seen, fingerprint256: face.leaf.fingerprint256 } } };
}

/** `isAlike`: what listens there shows nothing by which machines differ. */
type Found = { readonly rung: Rung; readonly isAlike: boolean };

/** Once it is proven at one port whose machine this is, another port that can show nothing is no doubt; what was seen at another one is. */
const withoutNeedless = (found: ReadonlyMap<Target, readonly Found[]>): ReadonlyMap<Target, readonly Rung[]> =>
  new Map(
    [...found].map(([target, all]) => {
      const isProven = all.some(({ rung: { rung, state } }) => rung === 'identity' && state === 'proven');
      return [target, all.flatMap(({ rung, isAlike }) => (isProven && isAlike && rung.rung === 'identity' && rung.state === 'unknown' ? [] : [rung]))];
    }),
  );
