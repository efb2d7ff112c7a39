/** One zone: which servers the zone above and the zone itself name, at which addresses, and what is wrong about that. */
import type { IpAddress } from '../core/address.ts';
import { familyOf } from '../core/address.ts';
import { holderIn, isWithin, lameness, MOST_ADDRESSES, MOST_SERVERS, type Referral, referralIn, serversIn } from '../core/authoritative.ts';
import { attempt } from '../core/failure.ts';
import type { Standing } from '../core/proof.ts';
import { addressOf, type Message, TYPE } from '../core/wire.ts';
import { askAny, askResolvers, askServer, type Tools } from './ask.ts';

export type NameServer = Standing & { readonly addresses: readonly IpAddress[] };
export type ZoneTrouble = {
  readonly kind: 'not-delegated' | 'delegation-differs' | 'lame' | 'no-address' | 'glue-missing' | 'glue-stale' | 'broken-chain' | 'alias-loop';
  /** One sentence without a full stop. */
  readonly words: string;
};

export type Zone = {
  readonly name: string;
  /** The zone above, whose servers were asked; absent: they could not be, or serve this zone too and so never refer to it. */
  readonly above?: string;
  /** Does the zone above lead here? Undefined: as `above`. */
  readonly delegated: boolean | undefined;
  readonly servers: readonly NameServer[];
  readonly troubles: readonly ZoneTrouble[];
  /** Where a resolver answers in place of the servers: whatever it says of names of its own, with authority too, is not theirs. */
  readonly caught: ReadonlySet<IpAddress>;
  /** `chain`: the zone above vouches for its keys. `keys`: it has keys nobody vouches for. */
  readonly signed: 'no' | 'keys' | 'chain' | 'unknown';
};

/** What the zone above says. `missing`: that there is no such zone. */
export type Delegation = { readonly above: string; readonly addresses: readonly IpAddress[] } & ({ readonly kind: 'given'; readonly referral: Referral } | { readonly kind: 'missing' });

/** The zone that holds `name`, by the resolvers; undefined when they know of none. Throws Fault `network` when they do not answer, of phase `lookup` when they cannot. */
export async function holderOf(name: string, tools: Tools): Promise<string | undefined> {
  const reply = await askResolvers(name, TYPE.SOA, tools);
  const holder = reply.answers.some(({ type }) => type === TYPE.CNAME) ? undefined : holderIn(reply, name);
  return holder === '.' ? undefined : holder;
}

/** Addresses of a zone's servers, for asking any of them: by the resolvers, or by the referral that led to the zone. */
export async function seedsOf(zone: string, referral: Referral | undefined, tools: Tools): Promise<readonly IpAddress[]> {
  const named = referral?.servers ?? (await serversByResolvers(zone, tools));
  const found = await Promise.all(named.slice(0, SEEDS).map(async (server) => referral?.glue.get(server) ?? (await addressesOf(server, tools)).addresses));
  // IPv4 first: it is there more often.
  return found.flat().sort((a, b) => familyOf(a) - familyOf(b));
}

const SEEDS = 6;

async function serversByResolvers(zone: string, tools: Tools): Promise<readonly string[]> {
  const asked = await attempt(() => askResolvers(zone, TYPE.NS, tools));
  return asked.kind === 'ok' ? serversIn(asked.value.answers, zone) : [];
}

/** `sure`: the resolvers know for both families whether there is one. */
async function addressesOf(server: string, tools: Tools): Promise<{ readonly addresses: readonly IpAddress[]; readonly sure: boolean }> {
  const asked = await Promise.all([TYPE.A, TYPE.AAAA].map((type) => attempt(() => askResolvers(server, type, tools))));
  return { addresses: asked.flatMap((one) => (one.kind === 'ok' ? addressesIn(one.value) : [])), sure: asked.every(({ kind }) => kind === 'ok') };
}

const addressesIn = ({ answers }: Message): readonly IpAddress[] => answers.flatMap((record) => addressOf(record) ?? []).slice(0, MOST_ADDRESSES);

async function whatAboveSays(zone: string, tools: Tools): Promise<Delegation | undefined> {
  const found = await attempt(() => delegationOf(zone, tools));
  return found.kind === 'ok' ? found.value : undefined;
}

/** What the zone above says of `zone`, asked at its own servers; undefined where they cannot be asked or never refer to it. */
async function delegationOf(zone: string, tools: Tools): Promise<Delegation | undefined> {
  const parent = zone.includes('.') ? zone.slice(zone.indexOf('.') + 1) : undefined;
  let above = parent && (await holderOf(parent, tools));
  let referral: Referral | undefined;
  for (let hops = 0; above !== undefined && hops < MOST_CUTS; hops++) {
    const from: string = above;
    const addresses = await seedsOf(from, referral, tools);
    const refers = (one: Message): boolean => referralIn(one, zone, from) !== undefined;
    const first = await askAny(addresses, zone, TYPE.NS, (one) => lameness(one) === undefined || refers(one), tools);
    // One that lags behind does not know a new zone yet: another may.
    const reply = first === undefined || refers(first) ? first : ((await askAny(addresses, zone, TYPE.NS, refers, tools)) ?? first);
    if (reply === undefined) return undefined;
    referral = referralIn(reply, zone, from);
    if (referral === undefined) return holderIn(reply, zone) === from ? { kind: 'missing', above: from, addresses } : undefined;
    if (referral.zone === zone) return { kind: 'given', above: from, addresses, referral };
    above = referral.zone;
  }
  return undefined;
}

/** More zones than that are never above one another. */
export const MOST_CUTS = 12;

/** Servers may leave out of a datagram what does not fit; what is still missing over a connection is missing. */
async function withGlue(referral: Referral, above: string, addresses: readonly IpAddress[], tools: Tools): Promise<Referral> {
  if (needingGlue(referral).every((server) => referral.glue.has(server))) return referral;
  for (const address of addresses) {
    const whole = await attempt(() => askServer(address, referral.zone, TYPE.NS, tools, 'tcp'));
    const again = whole.kind === 'ok' ? referralIn(whole.value, referral.zone, above) : undefined;
    if (again !== undefined) return again;
  }
  return referral;
}

const needingGlue = ({ zone, servers }: Referral): readonly string[] => servers.filter((server) => isWithin(server, zone));

/** Everything about a zone. `delegation`: what is known of it already; undefined: to be asked for. */
export async function exploreZone(name: string, known: Delegation | undefined, tools: Tools): Promise<Zone> {
  const said = known ?? (await whatAboveSays(name, tools));
  const delegation = said?.kind === 'given' ? { ...said, referral: await withGlue(said.referral, said.above, said.addresses, tools) } : said;
  const referral = delegation?.kind === 'given' ? delegation.referral : undefined;
  const byAbove = referral?.servers ?? (await serversByResolvers(name, tools));
  const told = await viewsOf(name, await Promise.all(byAbove.map((server) => locate(server, name, referral, [], tools))), tools);
  const more = [...new Set(told.flatMap(({ names }) => names ?? []))].filter((server) => !byAbove.includes(server)).slice(0, MOST_SERVERS - byAbove.length);
  const rest = await Promise.all(
    more.map((server) =>
      locate(
        server,
        name,
        referral,
        told.filter(isGood).map(({ address }) => address),
        tools,
      ),
    ),
  );
  const views = [...told, ...(await viewsOf(name, rest, tools))];
  const asking = views.filter(isGood).map(({ address }) => address);
  const located = await Promise.all([...byAbove, ...more].sort().map((server) => locate(server, name, referral, asking, tools)));
  const lame = views.filter(({ lame: why }) => why !== undefined);
  // Where every one of them offers to ask others, a resolver on the way answers in their place.
  const believed = views.some(isGood) || !lame.every(({ lame: why }) => why?.recursive) ? lame : [];
  const { signed, troubles } = await signatures(name, delegation, asking, tools);
  return {
    name,
    ...(delegation === undefined ? {} : { above: delegation.above }),
    delegated: delegation && delegation.kind === 'given',
    servers: located.map(({ server, addresses }) => ({ server, addresses, above: referral && byAbove.includes(server), names: namesBy(server, views) })),
    caught: caughtIn(views),
    troubles: [
      ...delegationTroubles(name, delegation, views),
      ...believed.map(({ server, address, lame: why }): ZoneTrouble => ({ kind: 'lame', words: `${server} (${address}) is named as a server of ${name}, but ${why?.words}` })),
      ...located.flatMap((one) => one.troubles),
      ...troubles,
    ],
    signed,
  };
}

/** Whom the server at one address names for the zone, or why it does not serve it; neither: it does not answer. */
type View = { readonly server: string; readonly address: IpAddress; readonly names?: readonly string[]; readonly lame?: NonNullable<ReturnType<typeof lameness>> };

const isGood = ({ names }: View): boolean => names !== undefined;

async function viewsOf(zone: string, servers: readonly Located[], tools: Tools): Promise<readonly View[]> {
  const asked = servers.flatMap(({ server, addresses }) =>
    addresses.map(async (address): Promise<View> => {
      const reply = await attempt(() => askServer(address, zone, TYPE.NS, tools));
      if (reply.kind === 'failed') return { server, address };
      const lame = lameness(reply.value);
      return lame === undefined ? { server, address, names: serversIn(reply.value.answers, zone) } : { server, address, lame };
    }),
  );
  return Promise.all(asked);
}

/** All of a family that say anything offer to ask others, and none serves the zone. */
function caughtIn(views: readonly View[]): ReadonlySet<IpAddress> {
  const families = ([4, 6] as const).map((family) => views.filter((view) => familyOf(view.address) === family && (isGood(view) || view.lame !== undefined)));
  return new Set(families.filter((heard) => heard.every(({ lame }) => lame?.recursive)).flatMap((heard) => heard.map(({ address }) => address)));
}

function namesBy(server: string, views: readonly View[]): readonly string[] | undefined {
  const own = views.filter((view) => view.server === server && isGood(view));
  return own.length === 0 ? undefined : [...new Set(own.flatMap(({ names }) => names ?? []))].sort();
}

type Located = { readonly server: string; readonly addresses: readonly IpAddress[]; readonly troubles: readonly ZoneTrouble[] };

/** Every address under which a server may be asked: given along with the referral, and what its name says. `asking`: servers of the zone, which know a name in it best. */
async function locate(server: string, zone: string, referral: Referral | undefined, asking: readonly IpAddress[], tools: Tools): Promise<Located> {
  const glue = referral?.glue.get(server) ?? [];
  const inside = isWithin(server, zone);
  const own = inside && asking.length > 0 ? await ownAddresses(server, asking, tools) : undefined;
  const looked = own ?? (inside && glue.length > 0 ? { addresses: glue, sure: false } : await addressesOf(server, tools));
  const addresses = [...new Set([...looked.addresses, ...glue])].sort();
  const troubles: ZoneTrouble[] = [];
  if (addresses.length === 0)
    troubles.push({ kind: 'no-address', words: `${server} is named as a server of ${zone}, but ${looked.sure ? 'has no address' : 'its address could not be found from here'}` });
  if (inside && referral?.servers.includes(server) && glue.length === 0)
    troubles.push({ kind: 'glue-missing', words: `the zone above names ${server} for ${zone} without its address, which nobody else can tell` });
  const stale = glue.filter((address) => own !== undefined && !own.addresses.includes(address) && own.addresses.some((one) => familyOf(one) === familyOf(address)));
  if (stale.length > 0 && own !== undefined) troubles.push({ kind: 'glue-stale', words: `the zone above says that ${server} is at ${stale.join(', ')}, but it is at ${own.addresses.join(', ')}` });
  return { server, addresses, troubles };
}

async function ownAddresses(server: string, asking: readonly IpAddress[], tools: Tools): Promise<{ readonly addresses: readonly IpAddress[]; readonly sure: boolean } | undefined> {
  const asked = await Promise.all([TYPE.A, TYPE.AAAA].map((type) => askAny(asking, server, type, (reply) => lameness(reply) === undefined, tools)));
  return asked.every((reply) => reply === undefined)
    ? undefined
    : { addresses: asked.flatMap((reply) => (reply === undefined ? [] : addressesIn(reply))), sure: asked.every((reply) => reply !== undefined) };
}

function delegationTroubles(zone: string, delegation: Delegation | undefined, views: readonly View[]): readonly ZoneTrouble[] {
  if (delegation === undefined) return [];
  if (delegation.kind === 'missing') return [{ kind: 'not-delegated', words: `the servers of ${delegation.above} do not lead to ${zone}: only those find it who ask the right server already` }];
  const given = delegation.referral.servers.join(', ');
  const others = [...new Set(views.flatMap(({ names }) => (names === undefined || names.join(', ') === given ? [] : [names.join(', ')])))];
  return others.map((names) => {
    const by = [...new Set(views.filter((view) => view.names?.join(', ') === names).map(({ server }) => server))].join(', ');
    return { kind: 'delegation-differs', words: `${delegation.above} leads to ${given} for ${zone}, but ${by} says that its servers are ${names || 'none'}` };
  });
}

async function signatures(zone: string, delegation: Delegation | undefined, asking: readonly IpAddress[], tools: Tools): Promise<Pick<Zone, 'signed' | 'troubles'>> {
  const has = async (addresses: readonly IpAddress[], type: number): Promise<boolean | undefined> =>
    (await askAny(addresses, zone, type, (reply) => lameness(reply) === undefined, tools))?.answers.some((record) => record.type === type);
  // Nobody refers to a zone whose servers have the zone above too; resolvers know all the same who vouches for it.
  const byResolvers = async (): Promise<boolean | undefined> => {
    const asked = await attempt(() => askResolvers(zone, TYPE.DS, tools));
    return asked.kind === 'ok' ? asked.value.answers.some(({ type }) => type === TYPE.DS) : undefined;
  };
  const vouching = delegation === undefined ? byResolvers() : delegation.kind === 'given' ? has(delegation.addresses, TYPE.DS) : undefined;
  const [chain, keys] = await Promise.all([vouching, has(asking, TYPE.DNSKEY)]);
  const broken = chain === true && keys === false;
  const words = `${delegation?.above ?? 'the zone above'} vouches for keys of ${zone} that its servers do not have: whoever checks signatures cannot look up anything in it`;
  return { signed: chain ? 'chain' : keys ? 'keys' : keys === false && chain !== undefined ? 'no' : 'unknown', troubles: broken ? [{ kind: 'broken-chain', words }] : [] };
}
