/**
 * Technitium DNS Server: one record per value, named by its address. Longer than most, because the fate of every request is in its body, and what hangs on a
 * record must be sent again with a change. https://github.com/TechnitiumSoftware/DnsServer/blob/master/APIDOCS.md
 */
import * as v from 'valibot';
import { api, defineProvider, eachOf, type HeldRecord, json, LOOK_AGAIN_SECONDS, onlyZone, partsOf, type Reader, recordsById, reserved, secret, type Zone, zonesOr } from '../../sdk/index.ts';

/** Names up to which each is asked for; beyond, the whole zone is one request. */
const ASKED_SINGLY = 3;
const INITIAL_TTL = 3600;

const DnsRecord = v.object({
  name: v.string(),
  type: v.string(),
  ttl: v.optional(v.number()),
  disabled: v.optional(v.boolean()),
  comments: v.nullish(v.string()),
  expiryTtl: v.nullish(v.number()),
  rData: v.optional(v.object({ ipAddress: v.optional(v.string()) })),
});
const ok = <S extends v.GenericSchema>(response: S) => json(v.object({ status: v.literal('ok'), response }));
const Zones = v.object({ zones: v.array(v.object({ name: v.string(), type: v.optional(v.string()), internal: v.optional(v.boolean()) })) });
const Records = v.object({ records: v.array(DnsRecord) });
const Added = v.object({ addedRecord: DnsRecord });
const Updated = v.object({ updatedRecord: DnsRecord });
const Refusal = v.object({ status: v.pipe(v.string(), v.notValue('ok')), errorMessage: v.optional(v.string()) });

/** `kept`: what an update would clear if it were not sent again. */
type Held = HeldRecord & { readonly kept: Readonly<Record<string, string>> };

export default defineProvider({
  api: 1,
  id: 'technitium',
  name: 'Technitium DNS Server',
  reference: 'https://github.com/TechnitiumSoftware/DnsServer/blob/master/APIDOCS.md',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The range of its TTLs is not published.', 'Its words for a missing right or zone are known from use.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 604_800, initial: INITIAL_TTL } },
  options: {
    token: secret('API token of a user who may view and modify the zone'),
    zone: onlyZone('home.example'),
  },
  environment: { token: ['TECHNITIUM_API_TOKEN'] },
  example: { endpoint: 'https://dns.home.arpa:53443', token: { env: 'TECHNITIUM_API_TOKEN' } },
  credentials:
    'Give the server as endpoint, such as http://192.168.1.2:5380 (with insecure: true) or better its https address. Under Administration, Users make a user; in the permissions of the one zone let it view, modify and delete; ' +
    'log in as that user and choose Create API Token in the menu. The token does not expire.',
  open({ token, zone, endpoint }, tools) {
    const call = api(tools, {
      base: 'http://127.0.0.1:5380/api',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? { code: body.status, message: body.errorMessage } : undefined),
      meanings: [
        { match: /^invalid-token/, kind: 'auth', says: 'it does not know this token, or its session has expired', hint: 'make an API token, which does not expire' },
        { match: /^2fa-required/, kind: 'auth', says: 'it asks for a second factor', hint: 'use an API token, which needs none' },
        { match: /Access was denied/i, kind: 'auth', says: 'the user of this token lacks a right', hint: 'let it view, modify and delete in the permissions of this zone' },
        { match: /No such (authoritative )?zone/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /CNAME/, kind: 'refused', hint: 'a CNAME of the same name stands in the way: remove it', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    /** As a form, and the token in it too: servers before version 15 know no header. */
    const ask = <T>(path: string, form: Readonly<Record<string, string>>, purpose: string, reader: Reader<T>, idempotent = false): Promise<T> =>
      call({ method: 'POST', path, form: { token: token.reveal(), ...form }, idempotent, purpose }, reader);
    const held = ({ name, type, ttl, disabled = false, comments, expiryTtl, rData }: v.InferOutput<typeof DnsRecord>): Held => ({
      id: `${name} ${type} ${rData?.ipAddress}`,
      name: name.toLowerCase(),
      type,
      value: rData?.ipAddress ?? '',
      ...(ttl === undefined ? {} : { ttl }),
      ...reserved({ disabled, everybody: [] }),
      kept: { ...(comments ? { comments } : {}), ...(expiryTtl ? { expiryTtl: String(expiryTtl) } : {}) },
    });
    const list = async (within: Zone, of: Readonly<Record<string, string>>): Promise<readonly Held[]> => {
      const { response } = await ask('/zones/records/get', { zone: within.id, ...of }, 'list the records', ok(Records), true);
      return response.records.filter(({ type }) => type === 'A' || type === 'AAAA').map(held);
    };
    const one = (within: Zone, { name, type, value }: Pick<HeldRecord, 'name' | 'type' | 'value'>) => ({ zone: within.id, domain: name, type, ipAddress: value });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { response } = await ask('/zones/list', {}, 'list the zones', ok(Zones), true);
          // Copies of other servers' zones cannot be changed.
          const own = response.zones.filter(({ type = 'Primary', internal }) => !internal && (type === 'Primary' || type === 'Forwarder'));
          return { items: own.map(({ name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      async list(within, _cursor, keys) {
        const names = [...new Set(keys.map((key) => partsOf(key).name))];
        if (names.length > ASKED_SINGLY) return { items: await list(within, { domain: within.name, listZone: 'true' }) };
        const items: Held[] = [];
        await eachOf(names, names.length, async (domain) => void items.push(...(await list(within, { domain }))));
        return { items };
      },
      async create(within, { ttl = INITIAL_TTL, ...record }) {
        return held((await ask('/zones/records/add', { ...one(within, record), ttl: String(ttl) }, 'create a record', ok(Added))).response.addedRecord);
      },
      async update(within, record, { value = record.value, ttl = record.ttl ?? INITIAL_TTL }) {
        const form = { ...one(within, record), newIpAddress: value, ttl: String(ttl), ...record.kept };
        return held((await ask('/zones/records/update', form, 'change a record', ok(Updated))).response.updatedRecord);
      },
      async remove(within, record) {
        await ask('/zones/records/delete', one(within, record), 'remove a record', json(v.object({ status: v.literal('ok') })));
      },
    });
  },
});
