/** Njalla: one address for all calls, records by id. https://njal.la/api/ */
import * as v from 'valibot';
import { api, defineProvider, hostOf, type Instead, json, LOOK_AGAIN_SECONDS, nameOf, onlyZone, recordsById, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const STEPS = [60, 300, 900, 3600, 10_800, 21_600, 86_400];
const INITIAL_TTL = 3600;
const Words = v.object({ code: v.optional(v.number()), message: v.optional(v.string()) });
const Refusal = v.union([v.object({ error: Words }), v.object({ Error: Words })]);
const Result = <S extends v.GenericSchema>(result: S) => v.object({ result });
const Domains = Result(v.object({ domains: v.array(v.object({ name: v.string() })) }));
const DnsRecord = v.object({ id: v.union([v.number(), v.string()]), name: v.string(), type: v.string(), content: v.optional(v.string(), ''), ttl: v.nullish(v.number()) });
const Records = Result(v.object({ records: v.array(DnsRecord) }));
const Done = Result(v.object({}));

export default defineProvider({
  api: 1,
  id: 'njalla',
  name: 'Njalla',
  reference: 'https://njal.la/api/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The TTLs that are taken are those that the web form is said to offer.', 'That a changed TTL may be sent with a changed value is what other programs do.'],
  also: ['njal.la'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: INITIAL_TTL, steps: STEPS } },
  options: {
    token: secret('API token'),
    zone: onlyZone(),
  },
  environment: { token: ['NJALLA_TOKEN'] },
  credentials:
    'At https://njal.la/settings/api/ add a token, limited to the domain that holds your names and to list-domains, list-records, add-record, edit-record and remove-record. ' +
    'Leave its list of addresses empty, because yours changes. A "Dynamic" record is another thing: that is for the provider njalla-dyndns.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://njal.la',
      endpoint,
      headers: { authorization: `Njalla ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? ('error' in body ? body.error : body.Error) : undefined),
      meanings: [
        { match: /^(401|403)\b/, kind: 'auth', says: 'it does not know this token, or the token may not do this', hint: 'check which domains, methods and addresses the token is limited to' },
        { match: /^404\b/, kind: 'refused', says: 'it has no such domain or record', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const send = <S extends v.GenericSchema>(method: string, params: object, purpose: string, schema: S, instead?: Instead<v.InferOutput<S>>) =>
      ask({ method: 'POST', path: '/api/1/', json: { method, params }, idempotent: method !== 'add-record', purpose }, json(schema), instead);
    const held = (zone: Zone, { id, name, type, content, ttl }: v.InferOutput<typeof DnsRecord>) => ({
      id: String(id),
      rawId: id,
      type,
      name: nameOf(name, zone),
      value: content,
      ...(ttl ? { ttl } : {}),
    });
    return recordsById<ReturnType<typeof held>>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { domains } = (await send('list-domains', {}, 'list the domains', Domains)).result;
          return { items: domains.map(({ name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      async list(zone) {
        const { records } = (await send('list-records', { domain: zone.id }, 'list the records', Records)).result;
        return { items: records.map((record) => held(zone, record)) };
      },
      async create(zone, { name, type, value, ttl = INITIAL_TTL }) {
        const { result } = await send('add-record', { domain: zone.id, type, name: hostOf(name, zone, '@'), content: value, ttl }, 'create a record', Result(DnsRecord));
        return held(zone, result);
      },
      async update(zone, { rawId }, { value, ttl }) {
        const { result } = await send('edit-record', { domain: zone.id, id: rawId, content: value, ttl }, 'change a record', Result(DnsRecord));
        return held(zone, result);
      },
      async remove(zone, { rawId }) {
        await send('remove-record', { domain: zone.id, id: rawId }, 'remove a record', Done, { match: /^404\b/, value: { result: {} } });
      },
      concurrency: 1,
    });
  },
});
