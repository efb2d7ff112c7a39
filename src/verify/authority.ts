/** Who holds a name: the walk to its zone cut, and the question to every server of that zone. */
import type { IpAddress } from '../core/address.ts';
import { type Answer, aliasIn, holderIn, isBelow, lameness, readAnswer, referralIn } from '../core/authoritative.ts';
import { type Attempt, attempt, type Failure, Fault } from '../core/failure.ts';
import type { Fqdn } from '../core/name.ts';
import { isHeard, type ServerAnswer } from '../core/proof.ts';
import { partsOf, type RecordKey } from '../core/record.ts';
import { type Message, TYPE } from '../core/wire.ts';
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
 * Walks to the zone of `name`. The resolvers are asked for the zones far above it, not for the name itself: a "no" they got from a server that lags behind
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
  const seen = await walk(name, await startingZone(name, tools, learned), tools, learned);
  const hidden = seen.isKnown ? undefined : await hiddenZone(name, seen.zone, tools, learned);
  const { zone, delegation, alias } = hidden === undefined ? seen : await walk(name, hidden, tools, learned);
  return { zone: await explored(zone, delegation, tools, learned), alias };
}

/** `isKnown`: some server of the zone knows the name. */
type Walked = { readonly zone: string; readonly delegation: Delegation | undefined; readonly alias: string | undefined; readonly isKnown: boolean };

/** From zone to zone, as their servers refer to each other. */
async function walk(name: string, start: string, tools: Tools, learned: Learned): Promise<Walked> {
  let at = start;
  let delegation: Delegation | undefined;
  for (let hops = 0; ; hops++) {
    const from: string = at;
    const seeds = await seedsIn(from, delegation, tools, learned);
    const isUsable = (one: Message): boolean => lameness(one) === undefined || referralIn(one, name, from) !== undefined;
    const first = await askAny(seeds, name, TYPE.SOA, isUsable, tools);
    // One that lags behind does not know a new name yet: another may.
    const reply = first === undefined || knows(first, name) ? first : ((await askAny(seeds, name, TYPE.SOA, (one) => isUsable(one) && knows(one, name), tools)) ?? first);
    const referral = reply && referralIn(reply, name, from);
    const alias = reply && aliasIn(reply, name)?.target;
    // Servers that have the zone below too never refer to it.
    const below = referral?.zone ?? (reply && alias === undefined ? holderIn(reply, name) : undefined);
    if (below === undefined || !isBelow(below, from) || hops === MOST_CUTS) return { zone: from, delegation, alias, isKnown: reply !== undefined && knows(reply, name) };
    delegation = referral && { kind: 'given', above: from, addresses: seeds, referral };
    at = below;
  }
}

const NO_SUCH_NAME = 3;
const knows = (reply: Message, name: string): boolean => reply.rcode !== NO_SUCH_NAME || aliasIn(reply, name) !== undefined;

/** All names above this one, the lowest first. */
const above = (name: string): readonly string[] => {
  const labels = name.split('.');
  return labels.slice(1).map((_, at) => labels.slice(at + 1).join('.'));
};

/** Names of so many labels are there before anybody thinks of a name in them. */
const SURELY_THERE = 2;

/**
 * The lowest zone above `name` that the resolvers can safely be asked for: that of a name that may come into being along with `name` is not, because the
 * "no" of a server that lags behind would be kept, and would count for everything below (RFC 8020). Of the name itself only if there is no other.
 */
async function startingZone(name: string, tools: Tools, learned: Learned): Promise<string> {
  let why: Failure | undefined;
  for (const one of [...above(name).filter((ancestor) => ancestor.split('.').length <= SURELY_THERE), ...(name.startsWith('*.') ? [] : [name])]) {
    const holder = await holderIfTold(one, tools, learned);
    if (holder.kind === 'ok' && holder.value !== undefined) return holder.value;
    if (holder.kind === 'ok') continue;
    // They answer, but cannot tell: the zone above may do.
    if (holder.failure.phase !== 'lookup') throw new Fault(holder.failure);
    why ??= holder.failure;
  }
  throw new Fault({ kind: 'network', phase: 'lookup', detail: `no zone is found that ${name} could be in${why === undefined ? '' : `: ${why.detail}`}` });
}

/** A zone below `zone`, and above or at the name, of which only the resolvers know: one for the inside of a network. */
async function hiddenZone(name: string, zone: string, tools: Tools, learned: Learned): Promise<string | undefined> {
  for (const one of above(name).filter((ancestor) => isBelow(ancestor, zone))) {
    const holder = await holderIfTold(one, tools, learned);
    if (holder.kind === 'ok' && holder.value !== undefined) return isBelow(holder.value, zone) ? holder.value : undefined;
  }
  return undefined;
}

function holderIfTold(name: string, tools: Tools, { holders }: Learned): Promise<Attempt<string | undefined>> {
  const asking = holders.get(name) ?? attempt(() => holderOf(name, tools));
  holders.set(name, asking);
  return asking;
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
            if (reply.kind === 'failed') return { ...standing, address, answer: unheard(reply.failure) };
            const said = readAnswer(reply.value, { name, type, zone: authority.name });
            const isAside = authority.caught.has(address) && reply.value.recursionAvailable && said.kind !== 'lame';
            return { ...standing, address, answer: isAside ? { kind: 'lame', words: 'answers in place of the server', recursive: true } : said };
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
