/**
 * IONOS hosting: records, written as whole sets in one call. https://developer.hosting.ionos.com/docs/dns
 * Longer than most, because that call answers nothing, so that the zone may have to be read again, and cannot make a set go.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  inSets,
  json,
  LOOK_AGAIN_SECONDS,
  markedNothing,
  type Put,
  partsOf,
  recordSets,
  replacing,
  rereading,
  type SetOfRecords,
  secret,
  text,
  type Zone,
} from '../../sdk/index.ts';

const MOST_RECORDS = 500;
const Zones = v.array(v.object({ id: v.string(), name: v.string() }));
const ZoneRecord = v.object({ id: v.string(), name: v.string(), type: v.string(), content: v.optional(v.string(), ''), ttl: v.nullish(v.number()), disabled: v.optional(v.boolean()) });
const Records = v.object({ records: v.optional(v.array(ZoneRecord), []) });
const Refusal = v.pipe(v.array(v.object({ code: v.optional(v.string()), message: v.optional(v.string()) })), v.minLength(1));

type Held = SetOfRecords<HeldRecord>;

export default defineProvider({
  api: 1,
  id: 'ionos',
  name: 'IONOS',
  reference: 'https://developer.hosting.ionos.com/docs/dns',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'What the call that changes many records answers is not published: where that does not even say that it is JSON, the zone is read again afterwards.',
    'How many records one call may hold is not published: 500 are sent at most.',
    'The TTL range of 60 to 86400 s is what other programs use.',
  ],
  also: ['1&1', 'IONOS hosting'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 3600 }, batch: MOST_RECORDS },
  options: {
    prefix: text('public prefix of the API key', { example: '1d6ca576716247008df7208bbe28fc44' }),
    secret: secret('secret part of the API key'),
  },
  environment: { prefix: ['IONOS_PREFIX'], secret: ['IONOS_SECRET'] },
  credentials:
    'At https://developer.hosting.ionos.com/keys make a key and copy its public prefix and its secret, which is shown once. A key may change everything in the account and cannot be limited to one domain. ' +
    'This is for domains at IONOS hosting, not for zones of IONOS Cloud.',
  open({ prefix, secret, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.hosting.ionos.com/dns/v1',
      endpoint,
      headers: { accept: 'application/json', 'x-api-key': `${prefix}.${secret.reveal()}` },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body[0]?.code, message: body[0]?.message } : undefined),
      meanings: [
        { match: /^(UNAUTHORIZED|FORBIDDEN)\b/, kind: 'auth', says: 'the API key is not known or not allowed to do this' },
        { match: /CNAME/, kind: 'refused', hint: 'remove the CNAME of this name', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    /** What says that it is JSON is its own, even where it says nothing. */
    const taken = markedNothing();
    const of = ({ id }: Zone): string => `/zones/${encodeURIComponent(id)}`;
    const send = async (zone: Zone, puts: readonly Put<Held>[]) => {
      const body = puts.flatMap(({ after: { name, type, values, ttl }, held }) => values.map((content) => ({ name, type, content, ttl: ttl ?? held?.ttl ?? 3600, prio: 0, disabled: false })));
      await ask({ method: 'PATCH', path: of(zone), json: body, idempotent: true, purpose: `change ${puts.length} record sets` }, taken);
      return puts.map(() => undefined);
    };
    return rereading(
      recordSets<Held>(tools, {
        concurrency: 1,
        zones: {
          kind: 'list',
          async list() {
            const zones = await ask({ path: '/zones', purpose: 'list the zones' }, json(Zones));
            return { items: zones.map(({ id, name }) => ({ id, name: name.toLowerCase() })) };
          },
        },
        async list(zone, _cursor, keys) {
          const [names, types] = [new Set(keys.map((key) => partsOf(key).name)), new Set(keys.map((key) => partsOf(key).type))];
          const query = { recordName: names.size === 1 ? [...names][0] : undefined, recordType: types.size === 1 ? [...types][0] : undefined };
          const { records } = await ask({ path: of(zone), query, purpose: 'list the records' }, json(Records));
          const items = inSets<HeldRecord>(
            records.map(
              ({ content: value, ttl, disabled, ...record }): HeldRecord => ({
                ...record,
                value,
                ...(ttl ? { ttl } : {}),
                ...(disabled ? { locked: 'is switched off: delete it or switch it on at IONOS' } : {}),
              }),
            ),
          );
          return { items };
        },
        ...replacing<Held, HeldRecord>({
          most: MOST_RECORDS,
          send,
          recordsOf: ({ records }) => records,
          remove: (zone, { id }) => ask({ method: 'DELETE', path: `${of(zone)}/records/${encodeURIComponent(id)}`, purpose: 'remove a record' }, { ...taken, absent: () => undefined }),
        }),
      }),
      taken.isDoubtful,
    );
  },
});
