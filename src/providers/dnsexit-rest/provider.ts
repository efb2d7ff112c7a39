/** DNSExit's JSON API: cannot be asked what is there, but takes many updates of a domain in one call. https://dnsexit.com/dns/dns-api/ */
import * as v from 'valibot';
import { api, type Change, defineProvider, hostOf, json, secret, sendAll, text, type WriteResult } from '../../sdk/index.ts';

const MOST = 100;
const Answer = v.object({ code: v.number(), message: v.optional(v.string(), ''), details: v.optional(v.array(v.string()), []) });

export default defineProvider({
  api: 1,
  id: 'dnsexit-rest',
  name: 'DNSExit (JSON API)',
  vendor: 'DNSExit',
  reference: 'https://dnsexit.com/dns/dns-api/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'How many updates one call takes is not documented; 100 are sent at most.',
    'Whether an update makes a record that is not there yet, and whether it replaces several of one name, is not documented.',
    'Which TTL a record gets where none is named is not documented. TTLs are minutes there: others are rounded.',
  ],
  also: ['dnsexit'],
  can: {
    families: [4, 6],
    readable: false,
    wildcard: true,
    apex: true,
    values: 'one',
    ttl: { min: 60, max: 86_400, initial: 300 },
    batch: MOST,
    // The page asks for this of updates of addresses.
    minIntervalSeconds: 240,
  },
  options: { key: secret('API key of the account'), zone: text('name of the domain', { example: 'example.com' }) },
  environment: { key: ['DNSEXIT_API_KEY'] },
  credentials:
    'At https://dnsexit.com log in, open Settings, DNS API Key, and make a key. It may change every domain of the account and cannot be limited. For several domains write an account for each. ' +
    'Where IPv4 alone is enough, provider: dnsexit asks for less.',
  open({ key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dnsexit.com/dns',
      endpoint,
      headers: { apikey: key.reveal() },
      words: (body) => (v.is(Answer, body) && body.code !== 0 ? { code: body.code, message: [body.message, ...(body.details ?? [])].join('; ') } : undefined),
      // https://dnsexit.com/dns/dns-api/#server-reply
      meanings: [
        { match: /^1\b/, kind: 'unavailable', says: 'it carried out a part of the updates only' },
        { match: /^2\b/, kind: 'auth', says: 'it does not know this API key' },
        { match: /not supported/i, kind: 'refused' },
        { match: /^[67]\b/, kind: 'unavailable' },
      ],
    });
    const domain = zone.toLowerCase().replace(/\.$/, '');
    const send = async (changes: readonly Change[]): Promise<readonly WriteResult[]> => {
      for (const { after } of changes) hostOf(after.name, { name: domain }, '');
      const update = changes.flatMap(({ after: { type, name, values, ttl } }) =>
        values.map((content) => ({ type, name, content, ...(ttl === undefined ? {} : { ttl: Math.max(1, Math.round(ttl / 60)) }) })),
      );
      const gone = changes.flatMap(({ after: { type, name, values } }) => (values.length === 0 ? [{ type, name }] : []));
      const body = { domain, ...(update.length > 0 ? { update } : {}), ...(gone.length > 0 ? { delete: gone } : {}) };
      await ask({ method: 'POST', path: '/', json: body, idempotent: true, purpose: 'update records' }, json(Answer));
      return changes.map(() => ({ kind: 'written' }));
    };
    return {
      async write(changes) {
        const answers = await sendAll<Change, WriteResult>(changes, {
          single: async (change) => (await send([change]))[0] ?? { kind: 'written' },
          batch: { limits: [{ most: MOST, of: () => 1 }], send },
          concurrency: 1,
        });
        return answers.map((answer) => (answer.kind === 'sent' ? answer.value : answer));
      },
    };
  },
});
