/** Whoever was shown another certificate outside than we were here: is it this machine's all the same? Only then all that a server has is asked for. */
import type { IpAddress } from '../core/address.ts';
import { attempt, type Failure } from '../core/failure.ts';
import type { Fqdn } from '../core/name.ts';
import { type Face, type Leaf, OFFERS, type Offer } from '../core/reach.ts';
import type { Visited } from '../core/reachability.ts';
import { type Handshake, recognise } from '../core/recognition.ts';
import type { Instant, Target } from '../core/record.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import type { Net } from '../world/world.ts';
import { type Shown, visited as visitorOf } from './identity.ts';

/** This is our own machine: whoever listens answers at once. */
const HANDSHAKE_MS = 2000;
/** Addresses of this machine, each of which may be another server's. */
const MOST_DOORS = 4;
const AT_ONCE = 8;

type Looked = { readonly door: { readonly inside: number; readonly entrances: readonly Entrance[] }; readonly visited: Visited };
type Entrance = { readonly target: Target; readonly face: Face | undefined };
type Tools = { readonly net: Net; readonly signal: AbortSignal; readonly now: () => Instant };

/** A port as it is to be judged, and what was seen there. The first of the entrances was looked at, and stands for all. */
export async function recognised<Seen extends Looked>(looked: Seen, shown: Shown, tools: Tools): Promise<Seen> {
  const { door, visited } = looked;
  const [first, ...rest] = door.entrances;
  if (visited.kind !== 'seen' || visited.sighting.kind !== 'open' || first?.face?.kind !== 'certificate') return looked;
  const { sighting } = visited;
  const { face, target } = first;
  if (sighting.seen?.kind !== 'certificate' || sighting.seen.fingerprint256 === face.leaf.fingerprint256) return looked;
  const again = await shakenWith(shown.doorsOf(door.inside).slice(0, MOST_DOORS), door.inside, target.name, tools);
  const found = recognise({ name: target.name, first: face.leaf, again }, sighting.seen, sighting.besides ?? [], tools.now());
  const withEntrances = (entrances: readonly Entrance[]): Seen => ({ ...looked, door: { ...door, entrances } });
  switch (found.kind) {
    case 'ours':
      return {
        ...withEntrances([{ target, face: { kind: 'certificate', leaf: found.leaf } }, ...rest]),
        visited: { ...visited, sighting: { ...sighting, seen: { kind: 'certificate', ...found.leaf } } },
      };
    case 'doubtful':
      return withEntrances(door.entrances.map((one) => (one.face?.kind === 'certificate' ? { ...one, face: { ...one.face, doubt: found.doubt } } : one)));
    case 'strange':
      return looked;
    default:
      return found satisfies never;
  }
}

type Question = { readonly address: IpAddress; readonly name: string; readonly as: 'alike' | 'nameless' | 'other'; readonly offer?: Offer };

/** A few side by side; all that there are, whatever becomes of the others. */
async function shakenWith(doors: readonly IpAddress[], port: number, name: Fqdn, { net, signal }: Tools): Promise<readonly Handshake[]> {
  const found: Handshake[] = [];
  await eachOf(doors.flatMap(questionsAt(visitorOf(name))), AT_ONCE, async ({ address, name: asked, as, offer }) => {
    const shaken = await attempt(async (): Promise<Leaf | undefined> => net.leaf?.({ address, port }, asked, { timeoutMs: HANDSHAKE_MS, signal, ...(offer === undefined ? {} : { offer }) }));
    found.push(shaken.kind === 'failed' ? answerIn(shaken.failure) : shaken.value === undefined ? { kind: 'unheard' } : { kind: 'shown', as, leaf: shaken.value });
  });
  return found;
}

/** Where it was looked at first, several times as then: whoever has different ones in turn shows that. */
const questionsAt =
  (name: Fqdn) =>
  (address: IpAddress, at: number): readonly Question[] => [
    ...(at === 0 ? ([1, 2, 3] as const).map(() => ({ address, name, as: 'alike' as const })) : [{ address, name, as: 'other' as const }]),
    ...OFFERS.filter((offer) => offer !== 'any').map((offer) => ({ address, name, as: 'other' as const, offer })),
    { address, name: address, as: 'nameless' },
  ];

const answerIn = ({ phase, code }: Failure): Handshake => ({ kind: phase === 'tls' && code !== 'ETIMEDOUT' && code !== 'ABORT_ERR' ? 'turned-away' : 'unheard' });
