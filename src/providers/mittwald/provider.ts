/**
 * mittwald mStudio: every name is an object of its own inside of its project, and holds A and AAAA in one set, so that each change sends both back;
 * names are made when they are first written. Longer than most for that. https://developer.mittwald.de/docs/v2/reference/domain/dns-update-record-set
 */
import * as v from 'valibot';
import {
  allPages,
  api,
  defineProvider,
  fromOffset,
  type HeldSet,
  headed,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  noContent,
  optional,
  parseName,
  recordSets,
  relativeTo,
  secret,
  text,
  until,
} from '../../sdk/index.ts';

const Projects = v.array(v.object({ id: v.string() }));
const Settings = v.looseObject({ ttl: v.optional(v.looseObject({ seconds: v.optional(v.number()) })) });
/** Nothing at all: there is no such set. */
const Addresses = v.object({
  a: v.optional(v.array(v.string()), []),
  aaaa: v.optional(v.array(v.string()), []),
  settings: v.optional(Settings, { ttl: { auto: true } }),
  managedBy: v.optional(v.unknown()),
});
const NameObjects = v.array(v.object({ id: v.string(), domain: v.string(), recordSet: v.object({ combinedARecords: Addresses }) }));
const Created = v.object({ id: v.string() });
const Refusal = v.object({
  type: v.optional(v.string()),
  message: v.string(),
  validationErrors: v.optional(v.array(v.object({ message: v.optional(v.string()), path: v.optional(v.string()) }))),
});

/** One name: its id, and what its set says. */
type NameObject = { readonly id: string } & v.InferOutput<typeof Addresses>;
/** Names are shown in Unicode. */
const ascii = (domain: string): string => {
  const name = parseName(domain);
  return typeof name === 'string' ? name : domain.toLowerCase();
};
const fresh = (id: string): NameObject => ({ id, a: [], aaaa: [], settings: { ttl: { auto: true } } });

export default defineProvider({
  api: 1,
  id: 'mittwald',
  name: 'mittwald',
  reference: 'https://developer.mittwald.de/docs/v2/reference/domain/dns-update-record-set',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That TTLs from 60 to 86400 s are taken is what another program found out; others use 300 s at least.',
    'A and AAAA of one name share their TTL: the one that is written last holds for both.',
    'How long a name that is made anew is unknown to the rest of the API is not documented; it is asked for up to 30 s.',
  ],
  also: ['mStudio'],
  can: { families: [4, 6], readable: true, wildcard: false, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 300 } },
  options: {
    token: secret('API token that may read and write'),
    project: optional(text('id of the project that holds the domain, so that not all are looked through', { example: '1f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c' })),
  },
  environment: { token: ['MITTWALD_TOKEN', 'MITTWALD_API_TOKEN'] },
  credentials:
    'In mStudio open Profile, API tokens, and make one with the roles for reading and writing; note the day when it expires. It may do what its user may: invite a user of its own to the one project, and make the token ' +
    'there. Where mittwald itself manages the addresses of a name, set them to custom records in mStudio once.',
  open({ token, project, endpoint }, tools) {
    /** The last change, which all later requests wait for: what was written may be unknown elsewhere for some seconds. */
    let event: string | undefined;
    const ask = api(tools, {
      base: 'https://api.mittwald.de/v2',
      endpoint,
      headers: async () => ({ authorization: `Bearer ${token.reveal()}`, ...(event === undefined ? {} : { 'if-event-reached': event }) }),
      words: (body, { status }) =>
        status >= 400 && v.is(Refusal, body)
          ? { code: `${status} ${body.type ?? ''}`, message: [body.message, ...(body.validationErrors ?? []).map(({ path, message }) => `${path}: ${message}`)].join('; ') }
          : undefined,
      meanings: [
        { match: /^412 FailedPrecondition\b/, kind: 'unavailable', says: 'it has not carried out the last change yet' },
        {
          match: /^412 \S* .*\bCNAME\b/,
          kind: 'refused',
          says: 'the name has a CNAME record, and can have no address beside it',
          hint: 'remove the CNAME in mStudio',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
      ],
      // https://developer.mittwald.de/docs/v2/api/intro
      retryAfter: ({ headers }) => Number(headers['x-ratelimit-reset']) || undefined,
    });
    const total = (headers: Readonly<Record<string, string>>): number | undefined => (headers['x-pagination-totalcount'] === undefined ? undefined : Number(headers['x-pagination-totalcount']));
    const objects = async (within: string, cursor: string | number | undefined) => {
      const path = `/projects/${encodeURIComponent(within)}/dns-zones`;
      const { value, headers } = await ask({ path, query: { skip: cursor }, purpose: 'list the names of a project' }, headed(json(NameObjects)));
      const items = value.map(({ id, domain, recordSet }) => ({ name: ascii(domain), set: { id, ...recordSet.combinedARecords } }));
      return { ...fromOffset(items, cursor, total(headers) ?? Number(cursor ?? 0) + items.length), items };
    };
    /** What is known of names, kept up to date with every change: the two sets of a name are parts of one. */
    const known = new Map<string, NameObject>();

    return recordSets<HeldSet>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const page = project === undefined ? await ask({ path: '/projects', query: { limit: 100, skip: cursor }, purpose: 'list the projects' }, headed(json(Projects))) : undefined;
          const names: { readonly name: string; readonly id: string }[] = [];
          for (const within of page?.value.map(({ id }) => id) ?? [project ?? '']) {
            for (const { name, set } of await allPages(`the project ${within}`, (from) => objects(within, from))) names.push({ name, id: `${within}/${set.id}` });
          }
          const domains = names.filter(({ name }) => !names.some((other) => other.name !== name && relativeTo(name, other.name) !== undefined));
          return page ? { ...fromOffset(page.value, cursor, total(page.headers)), total: undefined, items: domains } : { items: domains };
        },
      },
      async list(zone, cursor) {
        const page = await objects(zone.id.split('/')[0] ?? '', cursor);
        const inside = page.items.filter(({ name }) => relativeTo(name, zone.name) !== undefined);
        for (const { name, set } of inside) known.set(name, set);
        const items = inside.flatMap(({ name, set: { a, aaaa, settings, managedBy } }) => {
          const seconds = settings.ttl?.seconds;
          const common = { name, ...(seconds === undefined ? {} : { ttl: seconds }), ...(managedBy === undefined ? {} : { locked: 'is managed by mittwald' }) };
          return [
            ...(a.length > 0 || managedBy !== undefined ? [{ ...common, type: 'A', values: a }] : []),
            ...(aaaa.length > 0 || managedBy !== undefined ? [{ ...common, type: 'AAAA', values: aaaa }] : []),
          ];
        });
        return { items, next: page.next };
      },
      async put(zone, { after }) {
        let object = known.get(after.name);
        const made = object === undefined;
        if (object === undefined) {
          const name = { name: hostOf(after.name, zone, ''), parentZoneId: zone.id.split('/')[1] };
          const { value, headers } = await ask({ method: 'POST', path: '/dns-zones', json: name, purpose: 'make a name' }, headed(json(Created)));
          event = headers['etag'] ?? event;
          object = fresh(value.id);
          known.set(after.name, object);
        }
        const settings = after.ttl === undefined ? object.settings : { ...object.settings, ttl: { seconds: after.ttl } };
        const now: NameObject = { ...object, settings, [after.type === 'A' ? 'a' : 'aaaa']: after.values };
        const body = now.a.length + now.aaaa.length === 0 ? {} : { a: now.a, aaaa: now.aaaa, settings };
        const request = { method: 'PUT', path: `/dns-zones/${encodeURIComponent(object.id)}/record-sets/a`, json: body, purpose: 'change the addresses of a name' } as const;
        const unknown = made ? { match: /^(412 FailedPrecondition|404)\b/, value: undefined } : undefined;
        const { headers } = await until(tools, { everyMs: 2000, mostMs: 30_000, purpose: 'make the new name known' }, () => ask(request, headed(noContent), unknown));
        event = headers['etag'] ?? event;
        known.set(after.name, now);
        return undefined;
      },
      concurrency: 1,
    });
  },
});
