/** Amazon Route 53: RRsets in hosted zones, changed in all-or-nothing batches, through Amazon's own SDK. Longer than most: zones of one name, sets with a policy, and waiting until all name servers have a change. */
import {
  allPages,
  defineProvider,
  type Failure,
  Fault,
  flag,
  type HeldSet,
  keyOf,
  optional,
  type Provider,
  type Put,
  partsOf,
  printSet,
  type RecordKey,
  recordSets,
  secret,
  type Tools,
  text,
  type Zone,
  type ZoneMemory,
} from '../../sdk/index.ts';
import type { Calls, HostedZone, Start } from './client.ts';
import { elementsOf, heldSet, INITIAL_TTL, MOST, unescapeName, weigh } from './sets.ts';

const POLL_MS = 5000;

export default defineProvider({
  api: 1,
  id: 'route53',
  name: 'Amazon Route 53',
  reference: 'https://docs.aws.amazon.com/Route53/latest/APIReference/',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['AWS', 'Amazon Web Services'],
  // It takes five requests a second from one AWS account, whoever sends them.
  rate: { concurrent: 1, spacingMs: 200 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 2_147_483_647, initial: INITIAL_TTL }, batch: 500 },
  options: {
    accessKeyId: optional(text('id of an access key; without it the credentials are found as every AWS tool finds them', { example: 'AKIAIOSFODNN7EXAMPLE' })),
    secretAccessKey: optional(secret('the secret that belongs to accessKeyId')),
    sessionToken: optional(secret('for temporary credentials')),
    profile: optional(text('a profile of ~/.aws/config or ~/.aws/credentials', { example: 'dns' })),
    region: optional(text('only for partitions of their own, such as China; everywhere else Route 53 has one endpoint', { example: 'cn-northwest-1' })),
    zoneId: optional(
      text('the hosted zone; needed where two hosted zones have the same name', {
        pattern: /^(\/hostedzone\/)?[A-Z0-9]{1,32}$/,
        must: 'must be the id of a hosted zone, such as Z1D633PJN98FT9',
        example: 'Z1D633PJN98FT9',
      }),
    ),
    private: optional(flag('true: names are in private hosted zones; without it only public ones are considered')),
  },
  problems: ({ accessKeyId, secretAccessKey }) =>
    (accessKeyId === undefined) === (secretAccessKey === undefined)
      ? []
      : [`accessKeyId and secretAccessKey belong together, and ${accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey'} is missing`],
  environment: { accessKeyId: ['AWS_ACCESS_KEY_ID'], secretAccessKey: ['AWS_SECRET_ACCESS_KEY'], sessionToken: ['AWS_SESSION_TOKEN'], profile: ['AWS_PROFILE'] },
  credentials: [
    'Without options the default chain of AWS is used: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, SSO, web identity, container and instance roles.',
    'For an access key of its own: IAM, Users, Create user, attach a policy, then Security credentials, Create access key.',
    'The policy needs route53:ListHostedZones on * (with zoneId instead: route53:GetHostedZone on that zone), route53:ListResourceRecordSets and route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone/ID,',
    'and route53:GetChange on arn:aws:route53:::change/* to wait until all name servers have a change.',
    'ChangeResourceRecordSets can be narrowed by the condition keys route53:ChangeResourceRecordSetsNormalizedRecordNames (your names), RecordTypes (A, AAAA) and Actions (CREATE, DELETE).',
  ].join(' '),
  async open(options, given) {
    const { openClient } = await import('./client.ts');
    const wanted = { zoneId: options.zoneId?.replace('/hostedzone/', ''), private: options.private ?? false };
    const tools = { ...given, zones: zonesWorthRemembering(wanted, given.zones) };
    return account(openClient(options, tools), wanted, tools);
  },
});

type Wanted = { readonly zoneId: string | undefined; readonly private: boolean };

function account(calls: Calls, wanted: Wanted, tools: Tools): Provider {
  /** Changes of this round that may not have reached every name server yet. */
  const underWay = new Set<string>();
  /** Sets that the last reading showed to be more than values and a TTL. */
  const locked = new Map<string, Failure>();

  const hold = (set: HeldSet): HeldSet => {
    if (set.locked !== undefined) locked.set(`${set.name}/${set.type}`, lockedFailure(set, set.locked));
    return set;
  };
  const get = async (zone: Zone, key: RecordKey): Promise<HeldSet | undefined> => {
    const { name, type } = partsOf(key);
    const { sets } = await calls.page(idOf(zone), { name: `${name}.`, type }, 1);
    const [first] = sets.map(heldSet);
    return first?.name === name && first.type === type ? hold(first) : undefined;
  };
  const change = async (zone: Zone, puts: readonly Put<HeldSet>[]): Promise<Failure | undefined> => {
    const answer = await calls.change(idOf(zone), puts.flatMap(elementsOf));
    if (answer.kind === 'refused') return answer.failure;
    underWay.add(answer.id);
    return undefined;
  };

  const provider = recordSets<HeldSet>(tools, {
    zones: { kind: 'list', list: async () => ({ items: await zonesOf(calls, wanted, tools) }) },
    get,
    async list(zone, cursor) {
      const { sets, next } = await calls.page(idOf(zone), cursor === undefined ? undefined : (JSON.parse(String(cursor)) as Start), 300);
      return { items: sets.map((set) => hold(heldSet(set))), next: next && JSON.stringify(next) };
    },
    async put(zone, put) {
      const refusal = await change(zone, [put]);
      if (refusal === undefined) return undefined;
      // Route 53 words its reasons for people; whether somebody else was faster is read off the set itself.
      const now = await get(zone, keyOf(put.after));
      if (sameText(now?.values, put.after.values)) return now;
      if (sameText(now?.values, put.held?.values) && now?.ttl === put.held?.ttl && now?.locked === undefined) throw new Fault(refusal);
      throw new Fault({ kind: 'conflict', detail: `${printSet(put.after)} was not written: somebody else changed ${put.after.name} since it was read` });
    },
    batch: {
      limits: [
        { most: MOST.records, of: (put) => weigh(elementsOf(put)).records },
        { most: MOST.characters, of: (put) => weigh(elementsOf(put)).characters },
      ],
      async send(zone, puts) {
        const refusal = await change(zone, puts);
        if (refusal !== undefined) throw new Fault(refusal);
        return puts.map(() => undefined);
      },
    },
    // Route 53 refuses a change while another one of the same zone is being carried out.
    concurrency: 1,
  });

  return {
    async read(keys) {
      for (const key of keys) locked.delete(key);
      const found = await provider.read?.(keys);
      return new Map(keys.map((key) => [key, locked.get(key) ?? found?.get(key)]));
    },
    write: provider.write,
    async settled(timeoutMs) {
      const until = tools.clock.elapsed() + timeoutMs;
      for (;;) {
        for (const id of underWay) if (await calls.isInSync(id)) underWay.delete(id);
        if (underWay.size === 0) return true;
        if (tools.signal.aborted || tools.clock.elapsed() + POLL_MS > until) return false;
        await tools.clock.sleep(POLL_MS, tools.signal);
      }
    },
  };
}

const lockedFailure = ({ name, type }: HeldSet, why: string): Failure => ({
  kind: 'refused',
  detail: `${name} ${type} is left alone: this record set ${why}, so what it answers is decided at Route 53`,
  hint: 'take the name out of the config, or make it a simple record at Route 53',
});

const sameText = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.length === b.length && [...a].sort().join(' ') === [...b].sort().join(' ');

/** The zones that names may be in: the one asked for, or all public (or all private) ones, each name once. */
async function zonesOf(calls: Calls, wanted: Wanted, tools: Tools): Promise<readonly Zone[]> {
  if (wanted.zoneId !== undefined) return [zoneFrom(await calls.zone(wanted.zoneId))];
  const all = await allPages(`the hosted zones of ${tools.account}`, async (cursor) => {
    const { zones, next } = await calls.zones(cursor === undefined ? undefined : String(cursor));
    return { items: zones, next };
  });
  const ids = new Map<string, string[]>();
  for (const { name, id } of all.filter(({ Config }) => (Config?.PrivateZone ?? false) === wanted.private).map(zoneFrom)) ids.set(name, [...(ids.get(name) ?? []), id]);
  return [...ids].map(([name, some]) => ({ name, id: some.join(SEVERAL) }));
}

const zoneFrom = ({ Id = '', Name = '' }: HostedZone): Zone => ({ name: unescapeName(Name).toLowerCase(), id: Id.replace('/hostedzone/', '') });

/** Between the ids of hosted zones that share a name; no id has it. */
const SEVERAL = ' or ';

function idOf({ name, id }: Zone): string {
  if (!id.includes(SEVERAL)) return id;
  throw new Fault({ kind: 'config', detail: `several hosted zones are called ${name}: ${id}`, hint: 'say which one with zoneId' });
}

/** Not zones of another zoneId, and none at all while a name is ambiguous: the next round shall see when that has been settled. */
const zonesWorthRemembering = (wanted: Wanted, memory: ZoneMemory): ZoneMemory => ({
  get: () => memory.get().filter(({ id }) => wanted.zoneId === undefined || wanted.zoneId === id),
  set: (zones) => memory.set(zones.some(({ id }) => id.includes(SEVERAL)) ? [] : zones),
});
