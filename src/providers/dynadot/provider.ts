/**
 * Dynadot's REST API: records without ids, added to and removed from a domain many at a time, every request signed. Longer than most, because
 * the list of records has two names and its values have two, depending on whom one asks. https://www.dynadot.com/domain/api-document
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  hmac,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  nameOf,
  onlyZone,
  recordsByValue,
  secret,
  untilEmpty,
  uuid,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const Domains = v.object({ code: looseNumber, data: v.nullish(v.object({ domain_info_list: v.nullish(v.array(v.object({ domain_name: v.string() }))) })) });
/** Kept whole: only what is the same in every field is removed. */
const Shown = v.looseObject({ sub_host: v.nullish(v.string()), record_type: v.string(), record_value1: v.nullish(v.string()), value1: v.nullish(v.string()) });
const List = v.nullish(v.array(Shown));
const Settings = v.object({ dns_main_list: List, dns_sub_list: List, sub_list: List, ttl: v.nullish(looseNumber) });
const Records = v.object({ code: looseNumber, data: v.nullish(v.object({ ...Settings.entries, glue_info: v.nullish(Settings) })) });
const Done = v.object({ code: looseNumber, message: v.nullish(v.string()) });
const Refusal = v.object({ code: looseNumber, message: v.nullish(v.string()), error: v.nullish(v.union([v.string(), v.object({ description: v.nullish(v.string()) })])) });

type Held = HeldRecord & { readonly shown: v.InferOutput<typeof Shown> };

/** `X-Signature` of a request. `path`: with its query, as it is sent. */
export const dynadotSignature = ({
  key,
  secret: with_,
  path,
  requestId,
  body,
}: {
  readonly key: string;
  readonly secret: string;
  readonly path: string;
  readonly requestId: string;
  readonly body: string;
}): string => hmac('sha256', with_, [key, path, requestId, body].join('\n')).toString('base64');

export default defineProvider({
  api: 1,
  id: 'dynadot',
  name: 'Dynadot',
  reference: 'https://www.dynadot.com/domain/api-document',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: [
    'The form of answers and requests is put together from other programs, which do not agree on the name of the list of records: it is written under the name it is read under.',
    'The time to live belongs to the whole domain and is sent as it is read.',
    'How many records one call takes is not published; 100 are sent.',
  ],
  // The vendor takes one request of an account at a time.
  rate: { concurrent: 1 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed', batch: 100 },
  options: {
    key: secret('API key'),
    secret: secret('API secret'),
    zone: onlyZone(),
  },
  environment: { key: ['DYNADOT_API_KEY'], secret: ['DYNADOT_API_SECRET'] },
  credentials:
    'At https://www.dynadot.com/account/domain/setting/api.html unlock the API: it shows a production key and a secret, good for the whole account. Leave the list of allowed addresses empty: ' +
    'your address changes. The domain must use Dynadot DNS. Where that is too much power, the dynamic DNS password of one domain will do: see dynadot-ddns.',
  open({ key, secret: apiSecret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dynadot.com/restful/v2',
      endpoint,
      headers: { accept: 'application/json', authorization: `Bearer ${key.reveal()}` },
      sign(request) {
        const { pathname, search } = new URL(request.url);
        const requestId = uuid(tools);
        const signature = dynadotSignature({ key: key.reveal(), secret: apiSecret.reveal(), path: pathname + search, requestId, body: request.body ?? '' });
        return { ...request, headers: { ...request.headers, 'x-request-id': requestId, 'x-signature': signature } };
      },
      words(body) {
        if (!v.is(Refusal, body) || Number(body.code) < 400) return undefined;
        const why = typeof body.error === 'string' ? body.error : body.error?.description;
        return { code: body.code, message: [body.message, why].filter(Boolean).join(': ') };
      },
      meanings: [
        {
          match: /main dns/i,
          kind: 'refused',
          says: 'the domain has no DNS settings there yet',
          hint: 'choose Dynadot DNS for it and set an address for the domain itself, once, by hand',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
        { match: /signature/i, kind: 'auth', says: 'the API secret is wrong' },
        { match: /^40[13]\b/, kind: 'auth', hint: 'check the key, and that the list of allowed addresses is empty' },
        { match: /^404\b/, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^429\b/, kind: 'throttled', waitSeconds: 60 },
        { match: /^5\d\d\b/, kind: 'unavailable' },
      ],
    });
    const path = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/records`;
    /** What the last listing of each domain looked like. */
    const seen = new Map<string, { readonly subs: 'dns_sub_list' | 'sub_list'; readonly ttl: number | undefined }>();
    const body = (zone: Zone, shown: readonly v.InferOutput<typeof Shown>[]) => {
      const [main, subs] = [shown.filter(({ sub_host }) => !sub_host), shown.filter(({ sub_host }) => sub_host)];
      return { ...(main.length === 0 ? {} : { dns_main_list: main }), ...(subs.length === 0 ? {} : { [seen.get(zone.id)?.subs ?? 'sub_list']: subs }) };
    };
    return recordsByValue<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { data } = await ask({ path: '/domains', query: { page_size: 100, page: cursor ?? 1, status: 'all' }, purpose: 'list the domains' }, json(Domains));
          return untilEmpty(
            (data?.domain_info_list ?? []).map(({ domain_name }) => ({ name: domain_name.toLowerCase(), id: domain_name })),
            cursor,
          );
        },
      }),
      async list(zone) {
        const { data } = await ask({ path: path(zone), purpose: 'list the records' }, json(Records));
        const settings = data?.glue_info ?? data;
        seen.set(zone.id, { subs: data?.glue_info || settings?.dns_sub_list ? 'dns_sub_list' : 'sub_list', ttl: settings?.ttl || undefined });
        const shown = [...(settings?.dns_main_list ?? []), ...(settings?.dns_sub_list ?? settings?.sub_list ?? [])];
        return {
          items: shown.map((one, at) => ({
            id: String(at),
            name: nameOf(one.sub_host ?? '', zone),
            type: one.record_type.toUpperCase(),
            value: one.record_value1 ?? one.value1 ?? '',
            shown: one,
          })),
        };
      },
      add(zone, records) {
        const ttl = seen.get(zone.id)?.ttl;
        const shown = records.map(({ name, type, value }) => {
          const host = hostOf(name, zone, '');
          return { ...(host === '' ? {} : { sub_host: host }), record_type: type, record_value1: value };
        });
        const settings = { ...body(zone, shown), ...(ttl === undefined ? {} : { ttl }), add_dns_to_current_setting: true };
        return ask({ method: 'POST', path: path(zone), json: settings, purpose: 'add records' }, json(Done));
      },
      remove(zone, records) {
        const shown = records.map((record) => record.shown);
        return ask({ method: 'DELETE', path: path(zone), json: body(zone, shown), purpose: 'remove records' }, json(Done));
      },
      size: 100,
    });
  },
});
