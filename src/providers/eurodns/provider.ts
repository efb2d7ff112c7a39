/**
 * EuroDNS: the whole zone with its forwards in one document. Longer than most, because it is read again right before it is put, and checked by the
 * vendor in between. https://docapi.eurodns.com/
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  Fault,
  flatWalk,
  type HeldRecord,
  heirs,
  hostOf,
  inSets,
  json,
  LOOK_AGAIN_SECONDS,
  manySets,
  nameOf,
  noContent,
  onlyZone,
  orAbsent,
  recordSets,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const Line = v.looseObject({ type: v.string(), host: v.string(), rdata: v.nullish(v.string()), ttl: v.nullish(v.number()), locked: v.nullish(v.boolean()), isDynDns: v.nullish(v.boolean()) });
/** Kept whole: what is not put again is gone. */
const Document = v.looseObject({ name: v.string(), records: v.array(Line) });
const Trouble = v.object({ messages: v.nullish(v.array(v.string())), message: v.nullish(v.string()), severity: v.nullish(v.string()) });
const Troubles = v.nullish(v.array(Trouble));
const Checked = v.object({ report: v.nullish(v.object({ isValid: v.nullish(v.boolean()), recordErrors: Troubles, zoneErrors: Troubles, urlForwardErrors: Troubles, mailForwardErrors: Troubles })) });
const Refusal = v.object({ errors: v.array(v.object({ code: v.string(), title: v.nullish(v.string()) })) });

type Shown = v.InferOutput<typeof Line>;
type Held = HeldRecord & { readonly shown: Shown };

export default defineProvider({
  api: 1,
  id: 'eurodns',
  name: 'EuroDNS',
  reference: 'https://docapi.eurodns.com/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The exchanges are the vendor’s own examples, as one other program keeps them; its pages were not read.',
    'The API puts a zone as a whole: a change that somebody else makes within the same second is lost. The vendor’s own dynamic DNS (eurodns-dyndns) touches one name only.',
    'That a name without a zone is answered with 404 is not documented; with `zone` in the config it is not asked for.',
  ],
  can: {
    families: [4, 6],
    readable: true,
    wildcard: true,
    apex: true,
    values: 'many',
    ttl: { min: 600, max: 604_800, initial: 3600, steps: [600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 604_800] },
    batch: 1000,
  },
  options: {
    app: text('application id', { example: 'my-app' }),
    key: secret('API key'),
    zone: onlyZone(),
  },
  environment: { app: ['EURODNS_APP_ID'], key: ['EURODNS_API_KEY'] },
  credentials:
    'At https://my.eurodns.com open your account, API users, create one with the right to manage DNS zones only, and note its application id and API key. ' +
    'If you limit it to addresses, your next address will be refused.',
  open({ app, key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://rest-api.eurodns.com',
      endpoint,
      headers: { accept: 'application/json', 'x-app-id': app, 'x-api-key': key.reveal() },
      words: (body) => (v.is(Refusal, body) ? { code: body.errors[0]?.code, message: body.errors.map(({ title }) => title ?? '').join('; ') } : undefined),
      meanings: [{ match: /^(INVALID_(API_KEY|APP)|UNAUTHORI[SZ]ED|FORBIDDEN)/i, kind: 'auth', says: 'it does not know this application id and key, or this address may not use them' }],
    });
    const path = (name: string, more = ''): string => `/dns-zones/${encodeURIComponent(name)}${more}`;
    const read = async (name: string) => {
      const found = await ask({ path: path(name), purpose: 'show the zone' }, orAbsent(json(Document)));
      if (found === undefined) throw new Fault({ kind: 'refused', detail: `${name} is no zone of this account`, lookAgainSeconds: LOOK_AGAIN_SECONDS });
      return found;
    };
    const held = (zone: Zone, shown: Shown, at: number): Held => ({
      id: String(at),
      name: nameOf(shown.host, zone),
      type: shown.type,
      value: shown.rdata ?? '',
      ...(shown.ttl ? { ttl: shown.ttl } : {}),
      ...(shown.locked ? { locked: 'is locked by the vendor' } : {}),
      ...(shown.isDynDns ? { locked: 'is kept by the vendor’s own dynamic DNS' } : {}),
      shown,
    });
    return recordSets(tools, {
      zones: zonesOr(
        zone,
        flatWalk(async (name) => (await ask({ path: path(name), purpose: 'look for the zone' }, orAbsent(json(Document)))) && { name, id: name }),
      ),
      list: async (zone) => ({ items: inSets((await read(zone.id)).records.map((shown, at) => held(zone, shown, at))) }),
      ...manySets([], async (zone, puts) => {
        const { report: _, ...document } = await read(zone.id);
        let records: readonly Shown[] = document.records;
        for (const { after } of puts) {
          const own = records.filter(({ host, type }) => nameOf(host, zone) === after.name && type === after.type);
          const fresh = { type: after.type, host: hostOf(after.name, zone, '@') };
          const made = heirs(after.values, own, ({ rdata }) => rdata).map(({ value, from }) => ({ ...fresh, ...from, rdata: value, ttl: after.ttl ?? from?.ttl ?? 3600 }));
          records = [...records.filter((line) => !own.includes(line)), ...made];
        }
        const wanted = { ...document, records };
        const { report } = await ask({ method: 'POST', path: path(zone.id, '/check'), json: wanted, purpose: 'check the zone', idempotent: true }, json(Checked));
        if (report?.isValid === false) throw new Fault({ kind: 'refused', detail: `${zone.name}: the zone would not be valid: ${wordsOf(report)}` });
        // Sent again it would undo what others have changed since.
        await ask({ method: 'PUT', path: path(zone.id), json: wanted, purpose: 'put the zone', idempotent: false }, noContent);
      }),
      concurrency: 1,
    });
  },
});

const wordsOf = ({ recordErrors, zoneErrors, urlForwardErrors, mailForwardErrors }: NonNullable<v.InferOutput<typeof Checked>['report']>): string =>
  [recordErrors, zoneErrors, urlForwardErrors, mailForwardErrors]
    .flatMap((troubles) => troubles ?? [])
    .flatMap(({ messages, message }) => [...(messages ?? []), ...(message ? [message] : [])])
    .join('; ')
    .slice(0, 200);
