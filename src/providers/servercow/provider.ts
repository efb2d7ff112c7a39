/** Servercow: RRsets by name and type, all at one address. https://cp.servercow.de/client/plugin/support_manager/knowledgebase/view/34/dns-api-v1/7/ */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, hostOf, json, nameOf, recordSets, secret, text, zonesOr } from '../../sdk/index.ts';

const INITIAL_TTL = 120;
const RrSets = v.array(v.object({ name: v.string(), type: v.string(), ttl: v.optional(v.number()), content: v.union([v.string(), v.array(v.string())]) }));
const Done = v.object({ message: v.literal('ok') });
const Refusal = v.object({ error: v.string() });

export default defineProvider({
  api: 1,
  id: 'servercow',
  name: 'Servercow',
  reference: 'https://cp.servercow.de/client/plugin/support_manager/knowledgebase/view/34/dns-api-v1/7/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The listing was recorded; the forms of changes are those that other programs use.',
    'The TTL range of 20 to 86400 s is a guess from what is seen in use.',
    'The words for a wrong user or password are not known: what sounds like them is taken for them.',
  ],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 20, max: 86_400, initial: INITIAL_TTL } },
  options: {
    username: text('name of the DNS API user', { example: 'my-user' }),
    password: secret('its password'),
    zone: text('name of the domain: the API has no list of them', { example: 'example.com' }),
  },
  environment: { username: ['SERVERCOW_USERNAME'], password: ['SERVERCOW_PASSWORD'] },
  credentials:
    'At https://cp.servercow.de choose Domains, the domain, DNS, API users and make one for this domain alone. It may change every record of the domain. ' +
    'Names in several domains need an account in the config for each of them.',
  open({ username, password, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.servercow.de/dns/v1/domains',
      endpoint,
      headers: { 'x-auth-username': username, 'x-auth-password': password.reveal() },
      words: (body) => (v.is(Refusal, body) ? { message: body.error } : undefined),
      meanings: [{ match: /auth|login|credential|password|permission/i, kind: 'auth', says: 'it does not take this user and password for this domain' }],
    });
    return recordSets(tools, {
      zones: zonesOr(zone, { kind: 'given', zones: [] }),
      async list(zone) {
        const sets = await ask({ path: `/${encodeURIComponent(zone.id)}`, purpose: 'list the records' }, json(RrSets));
        return { items: sets.map(({ name, type, ttl, content }): HeldSet => ({ name: nameOf(name, zone), type, values: [content].flat(), ...(ttl === undefined ? {} : { ttl }) })) };
      },
      async put(zone, { after: { name, type, values, ttl }, held }) {
        const path = `/${encodeURIComponent(zone.id)}`;
        const which = { type, name: hostOf(name, zone, '') };
        if (values.length === 0) await ask({ method: 'DELETE', path, json: which, purpose: 'remove a record' }, json(Done));
        else {
          const set = { ...which, content: values.length === 1 ? values[0] : values, ttl: ttl ?? held?.ttl ?? INITIAL_TTL };
          await ask({ method: 'POST', path, json: set, idempotent: true, purpose: 'change a record' }, json(Done));
        }
        return undefined;
      },
    });
  },
});
