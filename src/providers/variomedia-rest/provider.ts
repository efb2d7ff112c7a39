/** Variomedia's customer API: records are made and removed, never changed, by jobs that are waited for, which makes it longer than most. https://api.variomedia.de/docs/dns-records.html */
import * as v from 'valibot';
import { api, defineProvider, Fault, type HeldRecord, hostOf, inTurn, json, onlyZone, recordsById, secret, until, type Zone, zonesOr } from '../../sdk/index.ts';

const Links = v.optional(v.object({ next: v.nullish(v.string()) }));
const Domains = v.object({ data: v.array(v.object({ id: v.string() })), links: Links });
const Line = v.object({
  id: v.string(),
  attributes: v.object({ record_type: v.string(), fqdn_ace: v.optional(v.string()), fqdn: v.string(), data: v.nullish(v.string(), ''), ttl: v.nullish(v.number()) }),
});
const Lines = v.object({ data: v.array(Line), links: Links });
const Job = v.object({
  data: v.object({ id: v.string(), type: v.literal('queue-job'), attributes: v.object({ status: v.string() }), links: v.optional(v.object({ 'dns-record': v.optional(v.string()) })) }),
});
const Refusal = v.object({ errors: v.array(v.object({ id: v.nullish(v.string()), title: v.nullish(v.string()) })) });

export default defineProvider({
  api: 1,
  id: 'variomedia-rest',
  name: 'Variomedia (REST API)',
  vendor: 'Variomedia',
  reference: 'https://api.variomedia.de/docs/dns-records.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The form of a listing is that of its single records; whether it has pages is not documented, a next page that is named is read.',
    'Whether a record can stand beside another that differs in nothing but its TTL is not documented.',
    'What a job is called that has failed is not documented: whatever is neither pending nor done is taken for it.',
  ],
  also: ['variomedia'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 300, max: 86_400, initial: 300 } },
  options: {
    token: secret('API token'),
    zone: onlyZone(),
  },
  environment: { token: ['VARIOMEDIA_API_TOKEN'] },
  credentials:
    'Ask the customer support of Variomedia for an API token for your contact; it may do what that contact may, so a contact of its own can do less harm. Records with the tag "base" are set back when the tariff ' +
    'changes unless "Update-Schutz" is on for the domain. Where one name is enough, provider: variomedia needs a password for that alone.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.variomedia.de',
      endpoint,
      headers: { authorization: `token ${token.reveal()}`, accept: 'application/vnd.variomedia.v1+json' },
      words: (body) => (v.is(Refusal, body) ? { code: body.errors[0]?.id ?? '', message: body.errors.map(({ title }) => title).join('; ') } : undefined),
      meanings: [{ match: /^unauthorized/, kind: 'auth', says: 'it does not know this token, or the token may not do this' }],
    });
    const show = async (id: string): Promise<string> => (await ask({ path: `/queue-jobs/${encodeURIComponent(id)}`, purpose: 'show a job' }, json(Job))).data.attributes.status;
    /** Nothing has happened before the job is done; whatever goes wrong from then on, it may still be. Undefined: there is nothing to do. */
    const carriedOut = async (what: string, begin: () => Promise<v.InferOutput<typeof Job> | undefined>): Promise<void> => {
      let job: v.InferOutput<typeof Job> | undefined;
      const start = async (): Promise<void> => {
        job = await begin();
      };
      const wait = async (): Promise<void> => {
        if (job === undefined) return;
        const { id, attributes } = job.data;
        let { status } = attributes;
        await until(tools, { everyMs: 1000, mostMs: 30_000, purpose: `carry out the job to ${what}` }, async () => {
          if (status === 'pending') status = await show(id);
          return status === 'pending' ? undefined : true;
        });
        if (status !== 'done') throw new Fault({ kind: 'unavailable', detail: `Variomedia took the job, and then called it "${status.slice(0, 40)}"` });
      };
      await inTurn(what, [start, wait]);
    };
    const next = (links: v.InferOutput<typeof Links>): string | undefined => (links?.next ? new URL(links.next).search : undefined);
    const held = ({ id, attributes: { record_type, fqdn, fqdn_ace, data, ttl } }: v.InferOutput<typeof Line>): HeldRecord => ({
      id,
      type: record_type,
      name: fqdn_ace ?? fqdn,
      value: data,
      ...(ttl ? { ttl } : {}),
    });
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { data, links } = await ask({ path: `/domains${cursor ?? ''}`, purpose: 'list the domains' }, json(Domains));
          return { items: data.map(({ id }) => ({ name: id.toLowerCase(), id })), next: next(links) };
        },
      }),
      async list({ id }: Zone, cursor) {
        const { data, links } = await ask({ path: `/dns-records${cursor ?? `?filter[domain]=${encodeURIComponent(id)}`}`, purpose: 'list the records' }, json(Lines));
        return { items: data.map(held), next: next(links) };
      },
      async create(within, { name, type, value, ttl }) {
        const attributes = { record_type: type, name: hostOf(name, within, ''), domain: within.id, data: value, ttl };
        const headers = { 'content-type': 'application/vnd.api+json' };
        const request = { method: 'POST', path: '/dns-records', headers, json: { data: { type: 'dns-record', attributes } }, purpose: 'create a record' } as const;
        await carriedOut(`create ${name} ${type}`, () => ask(request, json(Job)));
        return undefined;
      },
      remove: (_within, { id, name, type }) =>
        carriedOut(`remove ${name} ${type}`, () => ask({ method: 'DELETE', path: `/dns-records/${encodeURIComponent(id)}`, purpose: 'remove a record' }, { ...json(Job), absent: () => undefined })),
    });
  },
});
