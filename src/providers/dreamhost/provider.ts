/** DreamHost: one listing of the whole account; a record is added or removed, never changed. https://help.dreamhost.com/hc/en-us/articles/217555707-DNS-API-commands */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, json, LOOK_AGAIN_SECONDS, onlyZone, type Reader, recordsByValue, secret, uuid, zonesOr } from '../../sdk/index.ts';

const Listing = v.object({
  result: v.literal('success'),
  data: v.array(
    v.object({
      zone: v.nullish(v.string(), ''),
      record: v.string(),
      type: v.string(),
      value: v.nullish(v.string(), ''),
      comment: v.nullish(v.string()),
      editable: v.nullish(v.union([v.string(), v.number()])),
    }),
  ),
});
const Done = v.object({ result: v.literal('success'), data: v.unknown() });
const Refusal = v.object({ result: v.literal('error'), data: v.unknown(), reason: v.optional(v.string()) });

type Held = HeldRecord & { readonly comment?: string };

export default defineProvider({
  api: 1,
  id: 'dreamhost',
  name: 'DreamHost',
  reference: 'https://help.dreamhost.com/hc/en-us/articles/217555707-DNS-API-commands',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['How many commands an hour are allowed is not published.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
  options: {
    key: secret('API key for the functions dns-list_records, dns-add_record and dns-remove_record'),
    zone: onlyZone(),
  },
  environment: { key: ['DREAMHOST_API_KEY'] },
  credentials:
    'At https://panel.dreamhost.com/?tree=home.api tick dns-list_records, dns-add_record and dns-remove_record, nothing else, and choose "Generate a new API Key now". ' +
    'A key is not said to expire and is good for all domains of the account.',
  open({ key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dreamhost.com',
      endpoint,
      words: (body) => (v.is(Refusal, body) ? { code: String(body.data), message: body.reason } : undefined),
      meanings: [
        { match: /^(invalid_api_key|api_key_missing|no_key|no_such_key)/, kind: 'auth', says: 'it does not know this key' },
        {
          match: /^(this_key_cannot_access_this_cmd|key_cannot|no_permission)/,
          kind: 'auth',
          says: 'the key may not do this',
          hint: 'make a key for dns-list_records, dns-add_record and dns-remove_record',
        },
        { match: /^slow_down_bucko/, kind: 'throttled', says: 'too many commands were sent (slow_down_bucko)', waitSeconds: 3600 },
        { match: /^internal_error/, kind: 'unavailable' },
        { match: /^(no_such_zone|not_editable|CNAME_)/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    /** Commands that change something are GET too. No `unique_id` may be used twice. */
    const command = <T>(cmd: string, query: Readonly<Record<string, string | undefined>>, purpose: string, reader: Reader<T>, same?: { readonly match: RegExp; readonly value: T }) =>
      ask({ path: '/', query: { key: key.reveal(), cmd, ...query, unique_id: uuid(tools), format: 'json' }, purpose, idempotent: cmd === 'dns-list_records' }, reader, same);
    const listed = async () => (await command('dns-list_records', {}, 'list the records', json(Listing))).data;
    return recordsByValue<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        list: async () => ({ items: [...new Set((await listed()).flatMap((one) => (one.zone === '' ? [] : [one.zone.toLowerCase()])))].map((name) => ({ name, id: name })) }),
      }),
      async list({ name }) {
        const here = (await listed()).filter((one) => one.zone.toLowerCase() === name);
        return {
          items: here.map(({ record, type, value, comment, editable }) => ({
            id: `${record} ${type} ${value}`,
            name: record,
            type,
            value,
            ...(comment ? { comment } : {}),
            ...(String(editable) === '0' ? { locked: 'belongs to a service of DreamHost; set the domain to DNS only in the panel' } : {}),
          })),
        };
      },
      async add(_, records) {
        for (const { name, type, value, replaces } of records) {
          const same = { match: /^record_already_exists/, value: { result: 'success' as const, data: 'record_already_exists' } };
          await command('dns-add_record', { record: name, type, value, comment: replaces?.comment }, 'add a record', json(Done), same);
        }
      },
      async remove(_, records) {
        for (const { name, type, value } of records) {
          const gone = { match: /^no_such_(record|value)/, value: { result: 'success' as const, data: 'no_such_record' } };
          await command('dns-remove_record', { record: name, type, value }, 'remove a record', json(Done), gone);
        }
      },
      size: 1,
    });
  },
});
