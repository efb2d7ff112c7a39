/** NS1 (IBM NS1 Connect): RRsets by zone, full name and type, whose answers may carry metadata: longer than most, because that is read and sent back. https://developer.ibm.com/apis/catalog/ns1--ibm-ns1-connect-api */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, heirs, json, onlyZone, orAbsent, partsOf, type RecordSet, recordSets, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Zones = v.array(v.object({ zone: v.string(), secondary: v.nullish(v.object({ enabled: v.nullish(v.boolean()) })) }));
const common = { domain: v.string(), type: v.string(), ttl: v.nullish(v.number()), link: v.nullish(v.string()) };
/** As the listing of a zone shows it. Tier 1: nothing but addresses. */
const Short = v.object({ ...common, short_answers: v.optional(v.array(v.unknown()), []), tier: v.nullish(v.number()) });
const ZoneRecords = v.object({ records: v.optional(v.array(Short), []) });
const Answer = v.looseObject({ answer: v.array(v.unknown()), id: v.optional(v.unknown()) });
const Full = v.object({ ...common, answers: v.array(Answer) });
const Refusal = v.object({ message: v.string() });

/** `answers`: with their metadata; absent: there may be some that the listing does not show. */
type Held = HeldSet & { readonly answers?: v.InferOutput<typeof Full>['answers'] };

const held = ({ domain, type, ttl, link }: v.InferOutput<typeof Full> | v.InferOutput<typeof Short>, answers: readonly unknown[]): Held => ({
  name: domain,
  type,
  values: answers.map(String),
  ...(ttl ? { ttl } : {}),
  ...(link ? { locked: `is linked to ${link}` } : {}),
  ...(answers.every((one) => typeof one === 'string') ? {} : { locked: 'takes its addresses from a data feed' }),
});
const full = (record: v.InferOutput<typeof Full>): Held => ({
  ...held(
    record,
    record.answers.map(({ answer }) => answer[0]),
  ),
  answers: record.answers,
});
const short = (record: v.InferOutput<typeof Short>): Held => ({
  ...held(record, record.short_answers),
  ...(record.tier === 1 ? { answers: record.short_answers.map((one) => ({ answer: [one] })) } : {}),
});

export default defineProvider({
  api: 1,
  id: 'ns1',
  name: 'NS1',
  reference: 'https://developer.ibm.com/apis/catalog/ns1--ibm-ns1-connect-api',
  checked: '2026-11-22',
  evidence: 'documented',
  also: ['IBM NS1 Connect', 'nsone'],
  unverified: ['The range of TTLs is not published.', 'The limit of 300 changes in 5 minutes is what the headers of recorded answers say; new records are allowed 100 in 200 s there.'],
  rate: { requests: 300, windowSeconds: 300 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 3600 } },
  options: {
    key: secret('API key that may view and manage the zone'),
    zone: onlyZone(),
  },
  environment: { key: ['NS1_API_KEY', 'NS1_APIKEY'] },
  credentials:
    'At https://my.nsone.net choose Account, Users & Teams, API Keys, Add: give it View zones and Manage zones under DNS and nothing else, and list the zones that hold your names under Zones to allow. ' +
    'Leave the list of IP addresses empty, because yours changes.',
  open({ key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.nsone.net/v1',
      endpoint,
      headers: { 'x-nsone-key': key.reveal() },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? body : undefined),
      meanings: [
        { match: /^Unauthorized/i, kind: 'auth', says: 'it does not know this key, or the key may not be used from this address', hint: 'does the key exist, and is its list of IP addresses empty?' },
        { match: /^zone not found/i, kind: 'refused', says: 'there is no such zone' },
        { match: /^record already exists/i, kind: 'conflict' },
      ],
      retryAfter: ({ headers }) => Number(headers['x-ratelimit-period']) || undefined,
    });
    const at = ({ id }: Zone): string => `/zones/${encodeURIComponent(id)}`;
    const of = (zone: Zone, { name, type }: Pick<RecordSet, 'name' | 'type'>): string => `${at(zone)}/${name}/${type}`;
    const get = async (zone: Zone, set: Pick<RecordSet, 'name' | 'type'>): Promise<Held | undefined> => {
      const record = await ask({ path: of(zone, set), purpose: 'show a record' }, orAbsent(json(Full)));
      return record && full(record);
    };
    return recordSets<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const zones = await ask({ path: '/zones', purpose: 'list the zones' }, json(Zones));
          return { items: zones.filter(({ secondary }) => !secondary?.enabled).map(({ zone: name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      list: async (zone) => ({ items: (await ask({ path: at(zone), purpose: 'list the records' }, json(ZoneRecords))).records.map(short) }),
      get: (zone, key) => get(zone, partsOf(key)),
      async put(zone, { after, held }) {
        const { name, type, values, ttl } = after;
        const path = of(zone, after);
        if (values.length === 0) {
          await ask({ method: 'DELETE', path, purpose: 'remove a record' }, { ...json(v.object({})), absent: () => ({}) });
          return undefined;
        }
        if (held === undefined) {
          const body = { zone: zone.id, domain: name, type, ttl, answers: values.map((value) => ({ answer: [value] })) };
          return full(await ask({ method: 'PUT', path, json: body, idempotent: false, purpose: 'create a record' }, json(Full)));
        }
        const answers = held.answers ?? (await get(zone, after))?.answers ?? [];
        return full(await ask({ method: 'POST', path, json: { ttl, answers: answered(values, answers) }, idempotent: true, purpose: 'change a record' }, json(Full)));
      },
    });
  },
});

/** Answers that stay, as they are; what comes takes over the metadata of what goes, but not its id. */
const answered = (values: RecordSet['values'], before: NonNullable<Held['answers']>): readonly object[] =>
  heirs(values, before, ({ answer }) => answer[0]).map(({ value, from, stays }) => {
    const { id: _not, ...rest } = from ?? {};
    return { ...(stays ? from : rest), answer: [value] };
  });
