/** NIC.RU DNS-master: records in XML that are made and removed, never changed, and served after a commit; longer than most for the log-in and the XML. https://www.nic.ru/help/api-dns-hostinga_3643.html */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, handedOut, hostOf, json, nameOf, publishing, type Reader, recordsById, secret, text, type Zone } from '../../sdk/index.ts';

const Token = v.object({ access_token: v.string() });
const Refusal = v.object({ error: v.string(), error_description: v.optional(v.string()) });

/** The whole text of an answer that says success; parts are taken from it by `inside`. */
const success: Reader<string> = {
  read: ({ body }) =>
    /<status>\s*success\s*<\/status>/.test(body) && /<\/response>\s*$/.test(body)
      ? { kind: 'read', value: body }
      : { kind: 'gibberish', why: body === '' ? 'is empty' : 'is not one that the API gives' },
};
const inside = (body: string, tag: string): string | undefined => new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(body)?.[1];
const attribute = (tag: string, name: string): string => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '';

export default defineProvider({
  api: 1,
  id: 'nicru',
  name: 'NIC.RU (RU-CENTER)',
  reference: 'https://www.nic.ru/help/api-dns-hostinga_3643.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'How addresses stand in a record is what other programs read and write; the recorded answers show other types.',
    'Which TTLs are taken is not documented; a record without one has that of its zone.',
    'What is answered when a record is removed that is gone already is not known.',
  ],
  also: ['RU-CENTER', 'DNS-master'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 3600 } },
  options: {
    username: text('number of the contract, with /NIC-D at its end', { example: '371/NIC-D' }),
    password: secret('password for administration, or a technical password'),
    clientId: text('identifier of the application', { example: '5f0c1e9d8b7a6f5e' }),
    clientSecret: secret('secret of the application'),
    service: text('id of the DNS service that holds the zones', { example: 'DP1712345678' }),
  },
  environment: { username: ['NICRU_USER'], password: ['NICRU_PASSWORD'], clientId: ['NICRU_SERVICE_ID'], clientSecret: ['NICRU_SECRET'], service: ['NICRU_SERVICE_NAME'] },
  credentials:
    'At https://www.nic.ru/manager/oauth.cgi?step=oauth.app_register register an application: it has an identifier and a secret. User name is the number of the contract; use its technical password, which may do less. ' +
    'The id of the service stands at https://www.nic.ru/manager/services.cgi. A commit publishes all that is pending in the zone, also what you began by hand.',
  open({ username, password, clientId, clientSecret, service, endpoint }, tools) {
    const enter = api(tools, {
      base: 'https://api.nic.ru',
      endpoint,
      words: (body) => (v.is(Refusal, body) ? { code: body.error, message: body.error_description } : undefined),
      meanings: [{ match: /^(invalid_(grant|client)|unauthorized_client)/, kind: 'auth', says: 'contract, password and application do not belong together' }],
    });
    const token = handedOut(tools, async () => {
      const form = { grant_type: 'password', username, password: password.reveal(), scope: '.+:/dns-master/.+', client_id: clientId, client_secret: clientSecret.reveal() };
      return (await enter({ method: 'POST', path: '/oauth/token', form, idempotent: true, confidential: true, purpose: 'log in' }, json(Token))).access_token;
    });
    const ask = api(tools, {
      base: 'https://api.nic.ru/dns-master',
      endpoint,
      headers: async () => ({ authorization: `Bearer ${await token()}`, accept: 'text/xml' }),
      words(body) {
        const [, code, message] = (typeof body === 'string' && /<error code="(\d+)">([^<]*)</.exec(body)) || [];
        return code === undefined ? undefined : { code, message };
      },
      meanings: [
        { match: /^4097\b|access token/i, kind: 'auth', says: 'it does not take the log-in' },
        { match: /^40(98|99)\b|access denied/i, kind: 'auth', says: 'the contract or the application may not do this' },
      ],
    });
    const of = ({ id }: Zone, rest: string): string => `/services/${encodeURIComponent(service)}/zones/${encodeURIComponent(id)}/${rest}`;
    const { begun, over } = publishing(tools, (zone) => ask({ method: 'POST', path: of(zone, 'commit'), idempotent: true, purpose: 'publish the zone' }, success));
    const records = (zone: Zone, body: string): readonly HeldRecord[] =>
      [...body.matchAll(/(<rr\s[^>]*>)(.*?)<\/rr>/gs)].map(([, open = '', rr = '']) => {
        const type = inside(rr, 'type') ?? '';
        const ttl = Number(inside(rr, 'ttl') ?? 0);
        return { id: attribute(open, 'id'), name: nameOf(inside(rr, 'name') ?? '', zone), type, value: inside(rr, type.toLowerCase()) ?? '', ...(ttl > 0 ? { ttl } : {}) };
      });
    return over(
      recordsById(tools, {
        zones: {
          kind: 'list',
          async list() {
            const body = await ask({ path: `/services/${encodeURIComponent(service)}/zones`, purpose: 'list the zones' }, success);
            const names = [...body.matchAll(/<zone\s[^>]*>/g)].map(([tag]) => attribute(tag, 'name'));
            return { items: names.map((name) => ({ name: name.toLowerCase(), id: name })) };
          },
        },
        list: async (zone) => ({ items: records(zone, await ask({ path: of(zone, 'records'), purpose: 'list the records' }, success)) }),
        async create(zone, { name, type, value, ttl }) {
          begun(zone);
          const tag = type.toLowerCase();
          const rr = `<rr><name>${hostOf(name, zone, '@')}</name>${ttl === undefined ? '' : `<ttl>${ttl}</ttl>`}<type>${type}</type><${tag}>${value}</${tag}></rr>`;
          const body = `<?xml version="1.0" encoding="UTF-8" ?><request><rr-list>${rr}</rr-list></request>`;
          // Sent twice it would make two.
          const request = { method: 'PUT', path: of(zone, 'records'), headers: { 'content-type': 'text/xml' }, body, idempotent: false, purpose: 'create a record' } as const;
          return records(zone, await ask(request, success)).find((record) => record.type === type && record.value === value);
        },
        async remove(zone, { id }) {
          begun(zone);
          const request = { method: 'DELETE', path: of(zone, `records/${encodeURIComponent(id)}`), idempotent: false, purpose: 'remove a record' } as const;
          await ask(request, { ...success, absent: () => '' }, { match: /record not found/i, value: '' });
        },
        concurrency: 1,
      }),
    );
  },
});
