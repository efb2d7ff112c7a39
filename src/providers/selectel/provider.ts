/**
 * Selectel DNS (version 2): RRsets by id. Longer than most, because of comments and switched-off records that must be sent again.
 * https://developers.selectel.com/docs/cloud-services/dns_api/dns_api_actual/
 */
import * as v from 'valibot';
import { apart, api, beside, defineProvider, type HeldSet, json, keystone, LOOK_AGAIN_SECONDS, noContent, onlyZone, partsOf, recordSets, secret, text, type Zone } from '../../sdk/index.ts';

const PAGE = 1000;
const INITIAL_TTL = 300;

const page = <S extends v.GenericSchema>(item: S) => v.object({ next_offset: v.nullish(v.number()), result: v.array(item) });
const Zones = page(v.object({ id: v.string(), name: v.string() }));
const RrSet = v.object({
  id: v.string(),
  name: v.string(),
  type: v.string(),
  ttl: v.optional(v.number()),
  comment: v.nullish(v.string()),
  managed_by: v.nullish(v.string()),
  records: v.optional(v.array(v.object({ content: v.string(), disabled: v.optional(v.boolean()) })), []),
});
const Refusal = v.object({ error: v.string(), description: v.nullish(v.string()) });

type Held = HeldSet & ReturnType<typeof apart> & { readonly id: string; readonly comment: string | undefined };

export default defineProvider({
  api: 1,
  id: 'selectel',
  name: 'Selectel DNS',
  reference: 'https://developers.selectel.com/docs/cloud-services/dns_api/dns_api_actual/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['Which of its words mean a name in use or a zone that is gone is not known.', 'How many requests are allowed is not published.'],
  also: ['selectelv2'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 604_800, initial: INITIAL_TTL } },
  options: {
    username: text('name of the service user', { example: 'ddns' }),
    password: secret('password of that user'),
    accountId: text('account id: the number at the top right of the control panel', { pattern: /^\d+$/, must: 'must be a number', example: '123456' }),
    project: text('name or id of the project that holds the zones', { example: 'dns' }),
    zone: onlyZone(),
  },
  environment: { username: ['SELECTELV2_USERNAME'], password: ['SELECTELV2_PASSWORD'], accountId: ['SELECTELV2_ACCOUNT_ID'], project: ['SELECTELV2_PROJECT_ID'] },
  credentials:
    'At https://my.selectel.ru/iam/users_management/users under Service users add a user with the role member in the one project that holds the zones, and nothing else. ' +
    'Zones of the older DNS (v1) must be moved first. The password does not expire.',
  open({ username, password, accountId, project, zone, endpoint }, tools) {
    const domain = { name: accountId };
    const token = keystone(tools, {
      base: 'https://cloud.api.selcloud.ru/identity/v3',
      endpoint,
      user: { name: username, domain },
      password,
      project: /^[0-9a-f]{32}$/.test(project) ? { id: project } : { name: project, domain },
    });
    const ask = api(tools, {
      base: 'https://api.selectel.ru/domains/v2',
      endpoint,
      headers: async () => ({ 'x-auth-token': await token() }),
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body.error, message: body.description ?? '' } : undefined),
      meanings: [{ match: /zone.*not.?found/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
    });
    const of = ({ id }: Zone, path = ''): string => `/zones/${encodeURIComponent(id)}/rrset${path}`;
    const held = ({ id, name, type, ttl, comment, managed_by, records }: v.InferOutput<typeof RrSet>): Held => ({
      id,
      name,
      type,
      ...apart(records),
      comment: comment ?? undefined,
      ...(ttl === undefined ? {} : { ttl }),
      ...(managed_by ? { locked: `is managed by ${managed_by}` } : {}),
    });
    const list = async (within: Zone, query: Readonly<Record<string, string | number | undefined>>) => {
      const { result, next_offset } = await ask({ path: of(within), query: { limit: PAGE, ...query }, purpose: 'list the records' }, json(page(RrSet)));
      return { items: result.map(held), next: next_offset || undefined };
    };
    return recordSets<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const query = { limit: PAGE, offset: cursor, ...(zone === undefined ? {} : { filter: `${zone.replace(/\.$/, '')}.` }) };
          const { result, next_offset } = await ask({ path: '/zones', query, purpose: 'list the zones' }, json(Zones));
          return { items: result.map(({ id, name }) => ({ name: name.toLowerCase().replace(/\.$/, ''), id })), next: next_offset || undefined };
        },
      },
      list: (within, cursor) => list(within, { offset: cursor }),
      async get(within, key) {
        const { name, type } = partsOf(key);
        const { items } = await list(within, { name: `${name}.`, rrset_types: type });
        return items.find((set) => set.name.toLowerCase() === `${name}.` && set.type === type);
      },
      async put(within, { after: { name, type, ttl, values }, held: old }) {
        const records = beside(values, old?.asleep);
        const set = { ttl: ttl ?? old?.ttl ?? INITIAL_TTL, records, ...(old?.comment === undefined ? {} : { comment: old.comment }) };
        if (old === undefined) return held(await ask({ method: 'POST', path: of(within), json: { name: `${name}.`, type, ...set }, purpose: 'create a record' }, json(RrSet)));
        const path = of(within, `/${encodeURIComponent(old.id)}`);
        if (records.length === 0) await ask({ method: 'DELETE', path, purpose: 'remove a record' }, { ...noContent, absent: () => undefined });
        else await ask({ method: 'PATCH', path, json: set, idempotent: true, purpose: 'change a record' }, noContent);
        return undefined;
      },
    });
  },
});
