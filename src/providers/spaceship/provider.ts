/** Spaceship: records without ids, saved and removed many at a time. https://docs.spaceship.dev/#tag/DNS-records */
import * as v from 'valibot';
import { api, defineProvider, fromOffset, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, nameOf, noContent, onlyZone, recordsByValue, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Domains = v.object({ items: v.array(v.object({ name: v.string() })), total: v.number() });
const Records = v.object({
  items: v.array(v.object({ type: v.string(), name: v.string(), address: v.optional(v.string()), ttl: v.nullish(v.number()), group: v.nullish(v.object({ type: v.nullish(v.string()) })) })),
  total: v.number(),
});
const Refusal = v.object({ detail: v.string(), data: v.nullish(v.array(v.object({ field: v.nullish(v.string()), details: v.nullish(v.string()) }))) });

export default defineProvider({
  api: 1,
  id: 'spaceship',
  name: 'Spaceship',
  reference: 'https://docs.spaceship.dev/#tag/DNS-records',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'How many records one call takes is taken from the size of a page, 500.',
    'That saving a record leaves other addresses of its name alone is known from other programs.',
    'How many requests are allowed is not known here.',
  ],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 3600, initial: 3600 }, batch: 500 },
  options: {
    key: secret('API key'),
    secret: secret('API secret that was shown with the key'),
    zone: onlyZone(),
  },
  environment: { key: ['SPACESHIP_API_KEY'], secret: ['SPACESHIP_API_SECRET'] },
  credentials:
    'At https://www.spaceship.com/application/api-manager/ choose New API key with the scopes dnsrecords:read and dnsrecords:write, and domains:read unless you give `zone`. ' +
    'Copy key and secret: the secret is shown once. A key cannot be limited to one domain.',
  open({ key, secret: apiSecret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://spaceship.dev/api/v1',
      endpoint,
      headers: { 'x-api-key': key.reveal(), 'x-api-secret': apiSecret.reveal() },
      words(body, { status, headers }) {
        if (status < 400 || !v.is(Refusal, body)) return undefined;
        const details = (body.data ?? []).map(({ field, details: why }) => `${field ?? ''}: ${why ?? ''}`);
        return { code: headers['spaceship-error-code'] ?? status, message: [body.detail, ...details].join('; ') };
      },
      meanings: [{ match: /^/, status: 404, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
    });
    const path = ({ id }: Zone): string => `/dns/records/${encodeURIComponent(id)}`;
    return recordsByValue(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { items, total } = await ask({ path: '/domains', query: { take: 100, skip: cursor ?? 0 }, purpose: 'list the domains' }, json(Domains));
          return fromOffset(
            items.map(({ name }) => ({ name: name.toLowerCase(), id: name })),
            cursor,
            total,
          );
        },
      }),
      async list(zone, cursor) {
        const { items, total } = await ask({ path: path(zone), query: { take: 500, skip: cursor ?? 0, orderBy: 'name' }, purpose: 'list the records' }, json(Records));
        const held = items.map(
          ({ type, name, address = '', ttl, group }, at): HeldRecord => ({
            id: `${Number(cursor ?? 0) + at}`,
            name: nameOf(name, zone),
            type,
            value: address,
            ...(ttl ? { ttl } : {}),
            ...(group?.type && group.type !== 'custom' ? { locked: 'belongs to a product of Spaceship' } : {}),
          }),
        );
        return fromOffset(held, cursor, total);
      },
      add(zone, records) {
        const items = records.map(({ name, type, value, ttl }) => ({ type, name: hostOf(name, zone, '@'), address: value, ...(ttl === undefined ? {} : { ttl }) }));
        return ask({ method: 'PUT', path: path(zone), json: { force: true, items }, purpose: 'save records' }, noContent);
      },
      remove(zone, records) {
        const items = records.map(({ name, type, value }) => ({ type, name: hostOf(name, zone, '@'), address: value }));
        return ask({ method: 'DELETE', path: path(zone), json: items, purpose: 'remove records' }, noContent);
      },
      size: 500,
    });
  },
});
