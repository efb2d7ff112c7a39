/**
 * Harbour DNS: whole record sets, one at a time. Its peculiarity: a set has a revision, and is only changed by who names the one that
 * is there (`If-Match`), so that two machines cannot overwrite each other unseen.
 *
 * The vendor is made up. Everything that is not peculiar to it comes from the SDK: paging, zones, retries, limits, what a status means.
 */
import { api, defineProvider, hostOf, json, nameOf, noContent, optional, recordSets, secret, text, v, zonesOr } from 'ddns-update/sdk';

const PAGE = 200;

const Zones = v.object({ zones: v.array(v.object({ name: v.string() })), next: v.nullish(v.string()) });
const Set = v.object({ host: v.string(), type: v.string(), values: v.array(v.string()), ttl: v.number(), revision: v.number(), note: v.nullish(v.string()) });
const Sets = v.object({ sets: v.array(Set), next: v.nullish(v.string()) });
const Refusal = v.object({ error: v.string(), message: v.optional(v.string()) });

export default defineProvider({
  api: 1,
  id: 'ddns-update-provider-example',
  name: 'Harbour DNS',
  reference: 'https://harbour-dns.example/docs/api',
  checked: '2026-11-22',
  evidence: 'documented',
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 300 } },
  // At most 4 requests at a time and 1200 in a minute: kept to, so that Harbour need not say so.
  rate: { concurrent: 4, requests: 1200, windowSeconds: 60 },
  options: {
    token: secret('API token with the right "edit records" for the zone'),
    zone: optional(text('name of the zone, where the token may not list zones', { example: 'example.com' })),
  },
  environment: { token: ['HARBOUR_TOKEN'] },
  credentials: 'At https://harbour-dns.example/tokens choose New Token, the right "edit records", and only the zone that holds your names.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.harbour-dns.example/v1',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      // {"error":"bad_token","message":"..."}: what the words mean, where the status does not say it.
      words: (body) => (v.is(Refusal, body) ? { code: body.error, message: body.message } : undefined),
      meanings: [
        { match: /^bad_token/, kind: 'auth', says: 'it does not know this token' },
        { match: /^revision/, kind: 'conflict', says: 'somebody else changed the set meanwhile' },
      ],
    });
    /** @param {string} zoneName */
    const sets = (zoneName) => `/zones/${encodeURIComponent(zoneName)}/sets`;
    /**
     * @param {string} zoneName
     * @param {v.InferOutput<typeof Set>} set
     */
    const held = (zoneName, { host, type, values, ttl, revision, note }) => ({ name: nameOf(host, { name: zoneName }), type, values, ttl, revision, note });

    return recordSets(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { zones, next } = await ask({ path: '/zones', query: { after: cursor, limit: PAGE }, purpose: 'list the zones' }, json(Zones));
          return { items: zones.map(({ name }) => ({ name: name.toLowerCase(), id: name })), next: next ?? undefined };
        },
      }),
      async list({ id, name }, cursor) {
        const page = await ask({ path: sets(id), query: { after: cursor, limit: PAGE }, purpose: 'list the record sets' }, json(Sets));
        return { items: page.sets.map((set) => held(name, set)), next: page.next ?? undefined };
      },
      async put({ id, name }, { after, held: before }) {
        const path = `${sets(id)}/${encodeURIComponent(hostOf(after.name, { name }, '@'))}/${after.type}`;
        // 0: there is none yet.
        const headers = { 'if-match': `"${before?.revision ?? 0}"` };
        if (after.values.length === 0) {
          await ask({ method: 'DELETE', path, headers, purpose: 'remove a record set' }, { ...noContent, absent: () => undefined });
          return undefined;
        }
        // What is not ours to change goes back as it came.
        const body = { values: after.values, ttl: after.ttl ?? before?.ttl, note: before?.note ?? undefined };
        return held(name, await ask({ method: 'PUT', path, headers, json: body, idempotent: false, purpose: 'change a record set' }, json(Set)));
      },
    });
  },
});
