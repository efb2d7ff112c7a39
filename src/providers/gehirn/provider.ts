/** Gehirn DNS: RRsets by id in the version of a zone that is active now. https://support.gehirn.jp/apidocs/dns/records.html */
import * as v from 'valibot';
import { api, basic, defineProvider, type HeldSet, json, LOOK_AGAIN_SECONDS, nameOf, putById, type RecordSet, recordSets, secret, text, type Zone } from '../../sdk/index.ts';

const INITIAL_TTL = 3600;
const OneZone = v.object({ id: v.string(), name: v.string(), current_version_id: v.string() });
const RrSet = v.object({
  id: v.string(),
  name: v.string(),
  type: v.string(),
  ttl: v.nullish(v.number()),
  enable_alias: v.nullish(v.boolean()),
  alias_to: v.nullish(v.string()),
  records: v.nullish(v.array(v.object({ address: v.optional(v.string()) })), []),
});
const Refusal = v.object({ code: v.number(), description: v.optional(v.string()) });

type Held = HeldSet & { readonly id: string };

export default defineProvider({
  api: 1,
  id: 'gehirn',
  name: 'Gehirn DNS',
  reference: 'https://support.gehirn.jp/apidocs/dns/records.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['What is answered to a version that must not be edited is not documented.', 'How many requests are allowed is not published.'],
  also: ['Gehirn Infrastructure Services', 'gehirnwebservices'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 30, max: 2_147_483_647, initial: INITIAL_TTL } },
  options: { tokenId: text('token of the API key', { example: '5f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c' }), tokenSecret: secret('secret of the API key') },
  environment: { tokenId: ['GEHIRN_TOKEN_ID'], tokenSecret: ['GEHIRN_TOKEN_SECRET'] },
  credentials:
    'In the control panel at https://gis.gehirn.jp make an API key with DNS, general management, zones: read, and DNS, domains, the one zone that holds your names: full access. The secret is shown once. The version ' +
    'of the zone that is active must be one that may be edited.',
  open({ tokenId, tokenSecret, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.gis.gehirn.jp/dns/v1',
      endpoint,
      headers: { authorization: basic(tokenId, tokenSecret.reveal()) },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body.code, message: body.description } : undefined),
      meanings: [{ match: /\b(editable|preset)\b/i, kind: 'refused', hint: 'make the active version of the zone one that may be edited', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
    });
    /** The active version of each zone; asked for in every round, because it changes when another one is applied. */
    const versions = new Map<string, string>();
    const of = async ({ id }: Zone, path = ''): Promise<string> => {
      const version = versions.get(id) ?? (await ask({ path: `/zones/${encodeURIComponent(id)}`, purpose: 'show the zone' }, json(OneZone))).current_version_id;
      versions.set(id, version);
      return `/zones/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}/records${path}`;
    };
    const held = (zone: Zone, { id, name, type, ttl, enable_alias, alias_to, records }: v.InferOutput<typeof RrSet>): Held => ({
      id,
      name: nameOf(name, zone),
      type,
      values: (records ?? []).map(({ address }) => address ?? ''),
      ...(ttl ? { ttl } : {}),
      ...(enable_alias ? { locked: `is an alias of ${alias_to}` } : {}),
    });
    const body = ({ name, type, values }: RecordSet, ttl: number) => ({ name: `${name}.`, type, enable_alias: false, ttl, records: values.map((address) => ({ address })) });
    return recordSets<Held>(tools, {
      zones: {
        kind: 'list',
        async list() {
          const zones = await ask({ path: '/zones', purpose: 'list the zones' }, json(v.array(OneZone)));
          for (const { id, current_version_id } of zones) versions.set(id, current_version_id);
          return { items: zones.map(({ id, name }) => ({ name: name.toLowerCase().replace(/\.$/, ''), id })) };
        },
      },
      list: async (zone) => ({ items: (await ask({ path: await of(zone), purpose: 'list the records' }, json(v.array(RrSet)))).map((set) => held(zone, set)) }),
      ...putById<Held>({
        create: async (zone, after) => held(zone, await ask({ method: 'POST', path: await of(zone), json: body(after, after.ttl ?? INITIAL_TTL), purpose: 'create a record' }, json(RrSet))),
        async change(zone, { id, ttl }, after) {
          const request = { method: 'PUT', path: await of(zone, `/${encodeURIComponent(id)}`), json: body(after, after.ttl ?? ttl ?? INITIAL_TTL), purpose: 'change a record' } as const;
          return held(zone, await ask(request, json(RrSet)));
        },
        remove: async (zone, { id }) =>
          ask({ method: 'DELETE', path: await of(zone, `/${encodeURIComponent(id)}`), purpose: 'remove a record' }, { ...json(v.object({ id: v.string() })), absent: () => ({ id }) }),
      }),
    });
  },
});
