/** Who holds a name: the walk to its zone cut, and the question to every server of that zone. */
import type { IpAddress } from '../core/address.ts';
import { type Answer, aliasIn, holderIn, isBelow, lameness, readAnswer, referralIn } from '../core/authoritative.ts';
import { type Attempt, attempt, type Failure, Fault } from '../core/failure.ts';
import type { Fqdn } from '../core/name.ts';
import { isHeard, type ServerAnswer } from '../core/proof.ts';
import { partsOf, type RecordKey } from '../core/record.ts';
import { TYPE } from '../core/wire.ts';
import { askAny, askServer, type Tools } from './ask.ts';
import { type Delegation, exploreZone, holderOf, MOST_CUTS, seedsOf, type Zone, type ZoneTrouble } from './zone.ts';

/** Whose answers count for `name`: those of `servers`, for the last of `aliases` where there are any. `troubles` are those of the zone, and of the aliases.
 * `vouched`: this zone, or that of an alias on the way to it, is signed with a chain. */
export type Authority = Zone & { readonly for: Fqdn; readonly aliases: readonly string[]; readonly vouched: boolean };

/** What was learned already, by names: handed on so that a thousand names of one zone need one walk. */
export type Learned = {
  readonly zones: Map<string, Promise<Zone>>;
  readonly holders: Map<string, Promise<Attempt<string | undefined>>>;
  readonly seeds: Map<string, Promise<readonly IpAddress[]>>;
};

export const nothingLearned = (): Learned => ({ zones: new Map(), holders: new Map(), seeds: new Map() });

const MOST_ALIASES = 10;

/**
 * Walks to the zone of `name`. The resolvers are asked for the zones above it, never for the name itself: a "no" they got from a server that lags behind
 * would be kept by them. From there on the servers are asked directly, down to the cut. Throws Fault `network` when no zone can be found.
 */
export async function findAuthority(name: Fqdn, tools: Tools, learned: Learned = nothingLearned()): Promise<Authority> {
  const aliases: string[] = [];
  let vouched = false;
  for (let at: string = name; ; ) {
    const { zone, alias } = await descend(at, tools, learned);
    vouched ||= zone.signed === 'chain';
    if (alias === undefined) return { ...zone, for: name, aliases, vouched };
    if (alias === name || aliases.includes(alias) || aliases.length === MOST_ALIASES) {
      const chain = [name, ...aliases, alias].join(' → ');
      const words = aliases.length === MOST_ALIASES ? `${name} is an alias of too many others: ${chain}` : `${name} is an alias that leads back to itself: ${chain}`;
      return { ...zone, for: name, aliases, vouched, troubles: [...zone.troubles, { kind: 'alias-loop', words } satisfies ZoneTrouble] };
    }
    aliases.push(alias);
    at = alias;
  }
}

/** The zone of exactly this name, and where the name leads if it is an alias. */
async function descend(name: string, tools: Tools, learned: Learned): Promise<{ readonly zone: Zone; readonly alias: string | undefined }> {
  let at = await startingZone(name, tools, learned);
  let delegation: Delegation | undefined;
  for (let hops = 0; ; hops++) {
    const from: string = at;
    const seeds = await seedsIn(from, delegation, tools, learned);
    const reply = await askAny(seeds, name, TYPE.SOA, (one) => lameness(one) === undefined || referralIn(one, name, from) !== undefined, tools);
    const referral = reply && referralIn(reply, name, from);
    const alias = reply && aliasIn(reply, name)?.target;
    // Servers that have the zone below too never refer to it.
    const below = referral?.zone ?? (reply && alias === undefined ? holderIn(reply, name) : undefined);
    if (below === undefined || !isBelow(below, from) || hops === MOST_CUTS) return { zone: await explored(from, delegation, tools, learned), alias };
    delegation = referral && { kind: 'given', above: from, addresses: seeds, referral };
    at = below;
  }
}

/** The lowest zone above `name` that the resolvers know; that of the name itself only if there is none. */
async function startingZone(name: string, tools: Tools, learned: Learned): Promise<string> {
  const labels = name.split('.');
  let why: Failure | undefined;
  const above = labels.slice(1).map((_, at) => labels.slice(at + 1).join('.'));
  for (const one of [...above, ...(labels[0] === '*' ? [] : [name])]) {
    const asking = learned.holders.get(one) ?? attempt(() => holderOf(one, tools));
    learned.holders.set(one, asking);
    const holder = await asking;
    if (holder.kind === 'ok' && holder.value !== undefined) return holder.value;
    if (holder.kind === 'ok') continue;
    // They answer, but cannot tell: the zone above may do.
    if (holder.failure.phase !== 'lookup') throw new Fault(holder.failure);
    why ??= holder.failure;
  }
  throw new Fault({ kind: 'network', phase: 'lookup', detail: `no zone is found that ${name} could be in${why === undefined ? '' : `: ${why.detail}`}` });
}

function seedsIn(zone: string, delegation: Delegation | undefined, tools: Tools, { seeds }: Learned): Promise<readonly IpAddress[]> {
  const found = seeds.get(zone) ?? seedsOf(zone, delegation?.kind === 'given' ? delegation.referral : undefined, tools);
  seeds.set(zone, found);
  return found;
}

function explored(name: string, delegation: Delegation | undefined, tools: Tools, learned: Learned): Promise<Zone> {
  const zone = learned.zones.get(name) ?? exploreZone(name, delegation, tools);
  learned.zones.set(name, zone);
  return zone;
}

/**
 * Asks every server at every address, side by side. `keys`: of names in the authority's zone; those of the name it was found for are asked at the end of
 * its aliases. Over connections where datagrams reach nobody. Never throws: whoever does not answer is an answer too.
 */
export async function askAuthority(authority: Authority, keys: readonly RecordKey[], tools: Tools): Promise<ReadonlyMap<RecordKey, readonly ServerAnswer[]>> {
  const asked = keys.map(async (key): Promise<readonly [RecordKey, readonly ServerAnswer[]]> => {
    const { name: own, type } = partsOf(key);
    const name = own === authority.for ? (authority.aliases.at(-1) ?? own) : own;
    const everybody = (transport: 'udp' | 'tcp'): Promise<readonly ServerAnswer[]> =>
      Promise.all(
        authority.servers.flatMap(({ addresses, ...standing }) =>
          addresses.map(async (address): Promise<ServerAnswer> => {
            const reply = await attempt(() => askServer(address, name, TYPE[type], tools, transport));
            return { ...standing, address, answer: reply.kind === 'ok' ? readAnswer(reply.value, { name, type, zone: authority.name }) : unheard(reply.failure) };
          }),
        ),
      );
    const answers = await everybody('udp');
    if (!answers.some(({ answer }) => answer.kind === 'silent') || answers.some(isHeard)) return [key, answers];
    // Where nobody answers, datagrams may be what this network does not let through. A server that alone is silent is so to others as well.
    const connected = await everybody('tcp');
    return [key, connected.some(isHeard) ? connected : answers];
  });
  return new Map(await Promise.all(asked));
}

/** What the system says when it cannot even send. */
const NO_WAY_OUT = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM']);

const unheard = (failure: Failure): Answer => ({ kind: NO_WAY_OUT.has(failure.code ?? '') ? 'unasked' : 'silent', failure });
