/** What the demo claims of a scene, and what was found instead where it is not so. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Ballot } from '../core/ballot.ts';
import { type Rung, stateOf } from '../core/ladder.ts';
import { typeOf } from '../core/record.ts';
import type { Relocation } from '../relocate/relocate.ts';
import type { Report } from '../round.ts';
import { OPERATORS } from './echoes.ts';
import { HANDWRITTEN } from './name-server.ts';
import { LIE, type Place, PORT } from './places.ts';
import type { Stage, Told } from './stage.ts';

/** One thing that must be so, and what was found. */
export type Proof = { readonly claim: string; readonly held: boolean; readonly found: string };
/** `before`: every file before the scene. `relocation`: where the scene is one. */
export type Evidence = { readonly stage: Stage; readonly report: Report; readonly before: string; readonly relocation?: Relocation };

const proof = (claim: string, held: boolean, found: string): Proof => ({ claim, held, found });

const allOf = ({ families }: Stage, of: Place['address']): readonly IpAddress[] => families.map((family) => of[family]);
const asked = (stage: Stage, whom: 'name-server' | 'resolver'): Promise<readonly Told[]> => Promise.all(stage.families.map((family) => stage.lookup(whom, typeOf(family))));

async function says({ stage }: Evidence, whom: 'name-server' | 'resolver', place: Place['address']): Promise<{ readonly text: string; readonly held: boolean; readonly found: string }> {
  const wanted = allOf(stage, place);
  const found = (await asked(stage, whom)).flatMap(({ addresses }) => addresses);
  return { text: wanted.join(' and '), held: found.join() === wanted.join(), found: found.join(', ') || 'no address' };
}

/** The name server itself, asked by DNS. */
export async function answers(evidence: Evidence, place: Place['address']): Promise<Proof> {
  const { text, held, found } = await says(evidence, 'name-server', place);
  return proof(`its name server answers ${text}`, held, found);
}

/** Those who ask a resolver that held the old address a moment ago. */
export async function strangersTold(evidence: Evidence, place: Place['address']): Promise<Proof> {
  const { held, found } = await says(evidence, 'resolver', place);
  return proof('so does the resolver of strangers', held, found);
}

/** By the name server: how long others may keep what it says. */
export async function lasts({ stage }: Evidence, seconds: number): Promise<Proof> {
  const found = (await asked(stage, 'name-server')).map(({ ttl }) => ttl);
  return proof(
    `its TTL is ${seconds} s`,
    found.every((ttl) => ttl === seconds),
    `${found.join(', ')} s`,
  );
}

/** The liar had its say, or came too late to have one; either way its address is not the one agreed on. */
export function liarDisbelieved({ report, stage }: Evidence): Proof {
  const believed = report.observations.map((seen) => ('address' in seen ? seen.address : seen.kind));
  const ballotsOf = (family: Family): readonly Ballot[] => report.observations.find((seen) => seen.family === family)?.ballots ?? [];
  const spoke = stage.families.every((family) =>
    ballotsOf(family).some((ballot) => ballot.operator === OPERATORS.liar && (ballot.kind === 'address' ? ballot.address === LIE[family] : ballot.failure.kind === 'unawaited')),
  );
  return proof('the liar is not believed', spoke && !believed.some((address) => address === LIE[4] || address === LIE[6]), believed.join(', '));
}

/** What an unchanged round costs. */
export function free({ stage, report, before }: Evidence): readonly Proof[] {
  const { datagrams, requests } = stage.heard();
  const most = 2 * stage.families.length;
  const isSame = stage.files() === before;
  return [
    proof(
      `2 datagrams${stage.families.length === 2 ? ' per address family' : ''} at most, no HTTP request`,
      datagrams > 0 && datagrams <= most && requests === 0,
      `${datagrams} datagrams, ${requests} requests`,
    ),
    proof('no file written, nothing said', isSame && report.news.length === 0, isSame ? `${report.news.length} lines` : 'files differ'),
  ];
}

export function portalNamed({ report }: Evidence): Proof {
  const whys = report.observations.map((seen) => ('why' in seen ? seen.why : `${seen.kind} ${seen.address}`));
  return proof('the captive portal is named', whys.length > 0 && whys.every((why) => why.includes('captive portal')), whys.join('; '));
}

export const handwrittenStands = ({ stage }: Evidence): Proof =>
  proof('what was written into its zone by hand stands as it was', stage.zone().includes(HANDWRITTEN), stage.zone().includes(HANDWRITTEN) ? 'every letter' : 'it was changed');

const LADDER: readonly Rung['rung'][] = ['provider', 'authoritative', 'caches', 'port', 'identity'];

/** Every rung, of every record. */
export function climbed({ relocation, stage }: Evidence): Proof {
  const climbs = relocation?.climbs ?? [];
  const whole = climbs.length === stage.families.length && climbs.every((climb) => stateOf(climb) === 'proven' && LADDER.every((rung) => climb.rungs.some((one) => one.rung === rung)));
  return proof(
    'every rung is proven, from the provider to the machine',
    whole && relocation?.verdict.kind === 'reachable',
    [relocation?.verdict.words ?? 'no relocation', ...climbs.flatMap(({ target, rungs }) => rungs.map(({ rung, state }) => `${target.type} ${rung} ${state}`))].join('; '),
  );
}

/** It is the port, over IPv4, that stands in the way; and the verdict says what to do. */
export function closedPortNamed({ relocation }: Evidence): Proof {
  const verdict = relocation?.verdict;
  const isNamed = verdict?.kind === 'published' && verdict.cause?.rung === 'port' && verdict.cause.type === 'A' && verdict.cause.state === 'failed' && verdict.next?.includes(`--map ${PORT}`) === true;
  return proof('the verdict names the closed port, and what to do', isNamed, verdict === undefined ? 'no relocation' : `${verdict.words}${verdict.next === undefined ? '' : `; ${verdict.next}`}`);
}

export function exits({ report, relocation }: Evidence, exit: number): Proof {
  const found = relocation?.exit ?? report.exit;
  return proof(`exit code ${exit}`, found === exit, `${found}${report.failures.map(({ detail }) => `, ${detail}`).join('')}`);
}
