/**
 * Hetzner DNS, in Hetzner's cloud API: RRsets by zone, name and type. https://docs.hetzner.cloud/reference/cloud#tag/zone-rrsets
 * Longer than most, because a new value, a new TTL and a new set are three calls, and each is only begun: what became of it is asked for afterwards.
 */
import * as v from 'valibot';
import {
  api,
  type Begun,
  beginnings,
  defineProvider,
  type HeldSet,
  heirs,
  hostOf,
  inTurn,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  onlyZone,
  orAbsent,
  partsOf,
  type Reader,
  type RecordSet,
  recordSets,
  secret,
  until,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const meta = v.object({ pagination: v.object({ next_page: v.nullish(v.number()) }) });
const Zones = v.object({ zones: v.array(v.object({ id: v.number(), name: v.string() })), meta });
const RrSet = v.object({
  name: v.string(),
  type: v.string(),
  ttl: v.nullish(v.number()),
  records: v.array(v.object({ value: v.string(), comment: v.nullish(v.string()) })),
  protection: v.optional(v.object({ change: v.optional(v.boolean()) })),
});
const RrSets = v.object({ rrsets: v.array(RrSet), meta });
const OneSet = v.object({ rrset: RrSet });
const ActionState = v.object({ id: v.number(), status: v.string(), error: v.nullish(v.object({ code: v.string(), message: v.string() })) });
const Action = v.object({ action: ActionState });
const Actions = v.object({ actions: v.array(ActionState) });
const Refusal = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

type Held = HeldSet & { readonly records: v.InferOutput<typeof RrSet>['records'] };

/** Most ids in one question. */
const MOST_ACTIONS = 25;

const stateOf = ({ status, error }: v.InferOutput<typeof ActionState>): Begun => {
  if (status === 'success') return { kind: 'done' };
  return status === 'error' ? { kind: 'failed', why: error?.message ?? 'it gave no reason' } : { kind: 'running' };
};

export default defineProvider({
  api: 1,
  id: 'hetzner',
  name: 'Hetzner',
  reference: 'https://docs.hetzner.cloud/reference/cloud#tag/zone-rrsets',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['Hetzner Cloud DNS', 'Hetzner Console', 'hetznercloud', 'hetzner_v2', 'dns.hetzner.com'],
  unverified: ['That a zone takes no further change while one is being carried out is only suggested by its list of errors; where it says so, the change is sent again for up to 30 s.'],
  // https://docs.hetzner.cloud/reference/cloud#description/rate-limiting
  rate: { requests: 3600, windowSeconds: 3600 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 2_147_483_647, initial: 3600 } },
  options: {
    token: secret('API token of the project that holds the zone, with the permission Read & Write'),
    zone: onlyZone(),
  },
  environment: { token: ['HCLOUD_TOKEN', 'HETZNER_API_TOKEN'] },
  credentials:
    'At https://console.hetzner.com open the project that holds the zone, then Security, API tokens, Generate API token with Read & Write. A token may change everything in its project and nothing outside of it, ' +
    'so move the zones into a project of their own. Tokens of the old console at dns.hetzner.com are not taken: that service was shut down in May 2026, and its zones were moved to this one.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.hetzner.cloud/v1',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? body.error : undefined),
      meanings: [
        {
          match: /^unauthorized/,
          kind: 'auth',
          says: 'it does not know this token',
          hint: 'it must be an API token of a project at https://console.hetzner.com; those of dns.hetzner.com are not taken',
        },
        { match: /^token_readonly/, kind: 'auth', says: 'the token may only read', hint: 'make one with the permission Read & Write' },
        { match: /^protected/, kind: 'refused', says: 'the record is protected against changes', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^incorrect_zone_mode/, kind: 'refused', says: 'the zone is a secondary one, whose records come from its primary server', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^locked/, kind: 'throttled', says: 'another change is still being carried out', waitSeconds: 60 },
      ],
    });
    const actions = beginnings<number>(tools, async (ids) => {
      const some = ids.slice(0, MOST_ACTIONS);
      const [only] = some;
      if (only !== undefined && some.length === 1) return new Map([[only, stateOf((await ask({ path: `/zones/actions/${only}`, purpose: 'say what became of a change' }, json(Action))).action)]]);
      const { actions } = await ask({ path: `/zones/actions?${some.map((id) => `id=${id}`).join('&')}`, query: { per_page: MOST_ACTIONS }, purpose: 'say what became of the changes' }, json(Actions));
      return new Map(actions.map((action) => [action.id, stateOf(action)]));
    });
    /** Begins one change. A zone that is busy with another is asked again and again. */
    const begin = async (set: RecordSet, method: 'POST' | 'DELETE', path: string, purpose: string, body?: object): Promise<void> => {
      const reader: Reader<v.InferOutput<typeof Action> | undefined | 'gone'> = method === 'DELETE' ? { ...json(Action), absent: () => 'gone' } : json(Action);
      const begun = await until(tools, { everyMs: 1000, mostMs: 30_000, purpose: 'end another change of the zone' }, () =>
        ask({ method, path, json: body, purpose, idempotent: method === 'DELETE' || path.includes('/actions/') }, reader, { match: /^locked/, value: undefined }),
      );
      if (begun !== 'gone') actions.note(set, begun.action.id, stateOf(begun.action));
    };
    const at = ({ id }: Zone): string => `/zones/${encodeURIComponent(id)}/rrsets`;
    const of = (zone: Zone, { name, type }: Pick<HeldSet, 'name' | 'type'>): string => `${at(zone)}/${hostOf(name, zone, '@')}/${type}`;
    const held = (zone: Zone, { name, type, ttl, records, protection }: v.InferOutput<typeof RrSet>): Held => ({
      name: nameOf(name, zone),
      type,
      values: records.map(({ value }) => value),
      records,
      ...(ttl ? { ttl } : {}),
      ...(protection?.change ? { locked: 'is protected against changes' } : {}),
    });
    const sets = recordSets<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { zones, meta } = await ask({ path: '/zones', query: { per_page: 50, page: cursor }, purpose: 'list the zones' }, json(Zones));
          return { items: zones.map(({ id, name }) => ({ name: name.toLowerCase(), id: String(id) })), next: meta.pagination.next_page ?? undefined };
        },
      }),
      async list(zone, cursor) {
        const { rrsets, meta } = await ask({ path: `${at(zone)}?type=A&type=AAAA`, query: { per_page: 100, page: cursor }, purpose: 'list the records' }, json(RrSets));
        return { items: rrsets.map((set) => held(zone, set)), next: meta.pagination.next_page ?? undefined };
      },
      async get(zone, key) {
        const found = await ask({ path: of(zone, partsOf(key)), purpose: 'show a record' }, orAbsent(json(OneSet)));
        return found && held(zone, found.rrset);
      },
      async put(zone, { after, held }) {
        const { name, type, values, ttl } = after;
        const path = of(zone, after);
        if (values.length === 0) await begin(after, 'DELETE', path, 'remove a record');
        else if (held === undefined) await begin(after, 'POST', at(zone), 'create a record', { name: hostOf(name, zone, '@'), type, ttl, records: values.map((value) => ({ value })) });
        else {
          const steps: (() => Promise<void>)[] = [];
          if (ttl !== undefined && ttl !== held.ttl) steps.push(() => begin(after, 'POST', `${path}/actions/change_ttl`, 'change a TTL', { ttl }));
          if (values.length !== held.values.length || values.some((value) => !held.values.includes(value)))
            steps.push(() => begin(after, 'POST', `${path}/actions/set_records`, 'change a record', { records: commented(values, held.records) }));
          await inTurn(`${name} ${type}`, steps);
        }
        return undefined;
      },
      concurrency: 1,
    });
    return actions.awaited(sets);
  },
});

/** New values with the comments of those that stay, or whose place they take. */
const commented = (values: RecordSet['values'], before: Held['records']): readonly object[] =>
  heirs(values, before, ({ value }) => value).map(({ value, from }) => (from?.comment ? { value, comment: from.comment } : { value }));
