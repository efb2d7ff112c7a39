/** Hostinger: record sets of a domain, many in one call. https://developers.hostinger.com/#tag/dns-zone */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, hostOf, inTurn, json, LOOK_AGAIN_SECONDS, manySets, nameOf, onlyZone, type Put, recordSets, secret, type Zone, zonesOr } from '../../sdk/index.ts';

/** A free domain that nobody has claimed yet has no name. */
const Domains = v.array(v.object({ domain: v.nullish(v.string()) }));
const Sets = v.array(
  v.object({
    name: v.string(),
    type: v.string(),
    ttl: v.nullish(v.number()),
    records: v.array(v.object({ content: v.string(), is_disabled: v.nullish(v.boolean()) })),
  }),
);
const Done = v.object({ message: v.string() });
const Refusal = v.object({ message: v.optional(v.string()), error: v.optional(v.string()), errors: v.optional(v.record(v.string(), v.array(v.string()))) });

export default defineProvider({
  api: 1,
  id: 'hostinger',
  name: 'Hostinger',
  reference: 'https://developers.hostinger.com/#tag/dns-zone',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['No range of TTLs is published, so any is sent.', 'How many requests a minute are allowed is not published.', 'How many record sets one call takes is not published; 100 are sent.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 14_400 }, batch: 100 },
  options: {
    token: secret('API token'),
    zone: onlyZone(),
  },
  environment: { token: ['HOSTINGER_API_TOKEN'] },
  credentials:
    'In hPanel open your profile, Account information, API, or https://hpanel.hostinger.com/profile/api, and choose New token; pick an expiry and note the day. ' +
    'A token is good for the whole account: it cannot be limited to DNS or to one domain.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://developers.hostinger.com/api',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body, { status }) => {
        if (status < 400 || !v.is(Refusal, body)) return undefined;
        const details = Object.values(body.errors ?? {}).flat();
        return { code: status, message: details.length > 0 ? details.join(' ') : (body.message ?? body.error) };
      },
      meanings: [
        { match: /^401\b/, kind: 'auth', says: 'it does not know this token, or the token has expired' },
        { match: /^404\b/, status: 404, kind: 'refused', says: 'there is no such domain in this account', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const path = ({ id }: Zone): string => `/dns/v1/zones/${encodeURIComponent(id)}`;
    const set = (zone: Zone, { after: { name, type, values, ttl: wanted }, held }: Put<HeldSet>, ttl = wanted ?? held?.ttl) => ({
      name: hostOf(name, zone, '@'),
      type,
      ...(ttl === undefined ? {} : { ttl }),
      records: values.map((content) => ({ content })),
    });
    const change = async (zone: Zone, puts: readonly Put<HeldSet>[]) => {
      const [gone, there] = [puts.filter(({ after }) => after.values.length === 0), puts.filter(({ after }) => after.values.length > 0)];
      const remove = { filters: gone.map((put) => ({ name: hostOf(put.after.name, zone, '@'), type: put.after.type })) };
      // `overwrite` is about sets of the same name and type alone.
      const write = { overwrite: true, zone: there.map((put) => set(zone, put)) };
      await inTurn(zone.name, [
        there.length > 0 && (() => ask({ method: 'PUT', path: path(zone), json: write, purpose: 'change records' }, json(Done))),
        gone.length > 0 && (() => ask({ method: 'DELETE', path: path(zone), json: remove, purpose: 'remove records' }, json(Done))),
      ]);
    };
    return recordSets(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const domains = await ask({ path: '/domains/v1/portfolio', purpose: 'list the domains' }, json(Domains));
          return { items: domains.flatMap(({ domain }) => (domain ? [{ name: domain.toLowerCase(), id: domain }] : [])) };
        },
      }),
      async list(zone) {
        const sets = await ask({ path: path(zone), purpose: 'list the records' }, json(Sets));
        return {
          items: sets.map(({ name, type, ttl, records }) => ({
            name: nameOf(name, zone),
            type,
            values: records.filter(({ is_disabled }) => !is_disabled).map(({ content }) => content),
            ...(ttl ? { ttl } : {}),
            ...(records.some(({ is_disabled }) => is_disabled) ? { locked: 'has a disabled record, which a new value would remove' } : {}),
          })),
        };
      },
      ...manySets([{ most: 100, of: () => 1 }], change),
      concurrency: 1,
    });
  },
});
