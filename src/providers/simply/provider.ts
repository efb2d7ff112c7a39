/** Simply.com: one record per value, in the DNS of a product. https://www.simply.com/docs/api/ */
import * as v from 'valibot';
import { api, basic, defineProvider, flatWalk, hostOf, json, LOOK_AGAIN_SECONDS, looseText, nameOf, onlyZone, recordsById, secret, text, zonesOr } from '../../sdk/index.ts';

const INITIAL_TTL = 3600;
const DnsRecord = v.object({ record_id: looseText, name: v.string(), ttl: v.nullish(v.number()), data: v.string(), type: v.string(), priority: v.optional(v.unknown()) });
const Records = v.object({ records: v.array(DnsRecord) });
const Done = v.object({ status: v.literal(200) });
const Answer = v.object({ status: v.number(), message: v.optional(v.string(), '') });

export default defineProvider({
  api: 1,
  id: 'simply',
  name: 'Simply.com',
  reference: 'https://www.simply.com/docs/api/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The TTL range of 60 to 86400 s is what other programs use.',
    'That the domain itself is written as "@" is what its listings show.',
    'A product for a domain below another one is not looked for: name it as zone.',
  ],
  also: ['UnoEuro'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: INITIAL_TTL } },
  options: {
    account: text('account name', { example: 'S123456' }),
    key: secret('API key'),
    zone: onlyZone(),
  },
  environment: { account: ['SIMPLY_ACCOUNT_NAME'], key: ['SIMPLY_API_KEY'] },
  credentials:
    'In the control panel (https://www.simply.com/controlpanel/) open Account, API access, and copy the account name (S and a number) and the API key. ' +
    'The key may change everything in the account and cannot be limited to one domain.',
  open({ account, key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.simply.com/2',
      endpoint,
      headers: { authorization: basic(account, key.reveal()) },
      words: (body) => (v.is(Answer, body) && body.status !== 200 ? { code: body.status, message: body.message } : undefined),
      meanings: [
        { match: /Invalid account authorization/, kind: 'auth', says: 'it does not take this account and API key' },
        { match: /^404 Unknown or invalid product/, kind: 'refused', says: 'the account has no such domain', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const of = (id: string, record = ''): string => `/my/products/${encodeURIComponent(id)}/dns/records/${record}`;
    return recordsById(tools, {
      zones: zonesOr(
        zone,
        flatWalk(async (name) => {
          const records = await ask({ path: of(name), purpose: 'look for a domain' }, { ...json(v.nullable(Records)), absent: () => null }, { match: /^404 Unknown or invalid product/, value: null });
          return records === null ? undefined : { name, id: name };
        }),
      ),
      async list(zone) {
        const { records } = await ask({ path: of(zone.id), purpose: 'list the records' }, json(Records));
        return {
          items: records.map(({ record_id: id, name: host, data: value, ttl, priority, type }) => ({
            id,
            host,
            type,
            priority,
            name: nameOf(host, zone),
            value,
            ...(ttl ? { ttl } : {}),
          })),
        };
      },
      async create(zone, { name, type, value, ttl = INITIAL_TTL }) {
        await ask({ method: 'POST', path: of(zone.id), json: { type, name: hostOf(name, zone, '@'), data: value, priority: 0, ttl }, purpose: 'create a record' }, json(Done));
        return undefined;
      },
      async update(zone, { id, type, host, value, ttl = INITIAL_TTL, priority }, patch) {
        const record = { type, name: host, data: patch.value ?? value, priority: priority ?? 0, ttl: patch.ttl ?? ttl };
        await ask({ method: 'PUT', path: of(zone.id, `${id}/`), json: record, purpose: 'change a record' }, json(Done));
        return undefined;
      },
      async remove(zone, { id }) {
        await ask({ method: 'DELETE', path: of(zone.id, `${id}/`), purpose: 'remove a record' }, json(Done), { match: /^404 Unknown DNS record/, value: { status: 200 } });
      },
    });
  },
});
