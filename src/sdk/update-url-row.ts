/** A service that takes updates by URL, as a row of data: what to send, how it logs in, what its answers mean. */
import * as v from 'valibot';
import type { Family } from '../core/address.ts';
import type { Capabilities } from '../core/plan.ts';
import { placeholders } from './template.ts';

/** What can be put into a template of a row; `{ip}` is the address of the family that is sent, `{sub}` the name within `{zone}`, `@` at its apex; those that end in 6 are asked for where IPv6 is sent. */
export const PLACEHOLDERS = [
  'host',
  'hosts',
  'label',
  'labels',
  'sub',
  'subEmpty',
  'zone',
  'type',
  'ip',
  'ip4',
  'ip6',
  'username',
  'password',
  'token',
  'token6',
  'md5Password',
  'id',
  'id6',
  'server',
  'updateUrl',
  'updateUrl6',
] as const;

const pattern = v.pipe(
  v.string(),
  v.check((source) => isPattern(source), 'must be a regular expression'),
);
const template = v.pipe(
  v.string(),
  v.check((text) => placeholders(text).every((name) => (PLACEHOLDERS as readonly string[]).includes(name)), 'has a placeholder that is not known'),
);
const urlTemplate = v.pipe(template, v.regex(/^(https?:\/\/|\{updateUrl6?\})/, 'must begin with http://, https:// or {updateUrl}'));
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1));
const kind = v.picklist(['auth', 'blocked', 'refused', 'throttled', 'unavailable']);

/** What an answer of the service's own means; the kinds are those of Failure. */
const meaning = v.strictObject({
  /** Regular expression, case ignored, `^` and `$` at every line. With `answers: dyndns2` it is tried on each line. */
  match: pattern,
  kind,
  waitSeconds: v.optional(seconds),
  /** `auth` that may as well mean this one name: believed to be about the login only when no other name was taken. */
  orName: v.optional(v.boolean()),
  /** An answer that means this, as the service gives it or would. */
  example: v.optional(v.string()),
});

/** The schema of a row. Every part is a fact about the service; the words are ours. */
export const updateUrlRow = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
    title: v.string(),
    /** Who runs it, where several rows belong to one vendor. */
    vendor: v.optional(v.string()),
    /** Other words people look for: brands, former names, what other programs call it. */
    also: v.optional(v.array(v.string()), []),
    website: v.string(),
    /** What goes into each option, as the end of a sentence; or one sentence for all of them. */
    login: v.union([v.string(), v.record(v.string(), v.string())]),
    /** Option → environment variables that the service's own tools use, before those of the rule. */
    environment: v.optional(v.record(v.string(), v.array(v.string())), {}),
    /** The page or source the facts were read from, when, and how sure they are. */
    reference: v.string(),
    checked: v.pipe(v.string(), v.isoDate()),
    evidence: v.picklist(['official', 'documented', 'unverified']),
    /** What is only suggested by others, one sentence each. */
    unverified: v.optional(v.array(v.string()), []),
    /** For an A record alone. */
    urlV4: urlTemplate,
    /** For an AAAA record alone. Absent: IPv4 only, or, with `urlBoth`, only together with an A record. */
    urlV6: v.optional(urlTemplate),
    /** For both at once. Absent: two calls. */
    urlBoth: v.optional(urlTemplate),
    /** What becomes of the other family when one is sent alone. With `erased` and `unknown` both are sent together where both are configured. */
    otherFamily: v.optional(v.picklist(['kept', 'erased', 'unknown']), 'kept'),
    /** Templates of another form for the zone's own name. */
    atApex: v.optional(v.strictObject({ urlV4: v.optional(urlTemplate), urlV6: v.optional(urlTemplate), urlBoth: v.optional(urlTemplate), body: v.optional(template) })),
    /** A body of another form for an AAAA record alone. */
    forV6: v.optional(v.strictObject({ body: template })),
    /** Whom an account stands for: the names that are sent, one single record whatever it is called, or all that it has there. */
    holds: v.optional(v.picklist(['names', 'one', 'all']), 'names'),
    /** No address is sent: it stores the one that the request comes from. */
    sender: v.optional(v.boolean(), false),
    auth: v.picklist(['basic', 'query', 'path', 'bearer', 'header', 'form', 'none']),
    /** Of Basic authentication. */
    basicUser: v.optional(template, '{username}'),
    method: v.optional(v.picklist(['GET', 'POST', 'PUT', 'PATCH']), 'GET'),
    /** Lower-case names. */
    headers: v.optional(v.record(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)), template), {}),
    /** Sent as a form unless `headers` has another content-type. */
    body: v.optional(template),
    /** Several names in one call, in place of `{hosts}`, `{labels}` and `{sub}`. */
    multiHost: v.optional(
      v.strictObject({
        separator: v.string(),
        /** How each name is written, where that is more than the name. */
        each: v.optional(template),
        max: v.optional(seconds),
        /** `each`: one line per name, in order. `all`: one answer for all of them. */
        answer: v.picklist(['each', 'all']),
        /** Names of different zones cannot share a call. */
        sameZone: v.optional(v.boolean(), false),
      }),
    ),
    /** Names it holds all end so; `{labels}` are the names without it. */
    under: v.optional(v.string()),
    /** The shared answer words of dyndns2, after `errors`. Absent: only the row's own patterns. */
    answers: v.optional(v.literal('dyndns2')),
    /** A header that tells more than the body, where it is there. */
    answerHeader: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/))),
    /** Regular expression on the whole body without blanks at its ends (with `answers`: on a line), case ignored; `^`: any body. May hold `{ip}`. Needs status 2xx. */
    success: pattern,
    noChange: v.optional(pattern),
    /** Finds, in its first group, the addresses that the answer says are stored now. */
    stored: v.optional(pattern),
    errors: v.optional(v.array(meaning), []),
    /** Statuses that mean more than HTTP says, whatever the body. */
    statuses: v.optional(v.record(v.pipe(v.string(), v.regex(/^[1-5]\d\d$/)), v.picklist(['success', 'noChange', ...kind.options])), {}),
    /** Answers that mean success and no change, as the service gives them or would; `{ip}` and `{host}` stand for what was sent. */
    examples: v.optional(v.strictObject({ success: v.string(), noChange: v.optional(v.string()) })),
    /** Answers are web pages, and `success` is meant to be found in one. */
    html: v.optional(v.boolean(), false),
    /** It may redirect to another host of its own domain; such redirects alone are followed. */
    redirects: v.optional(v.boolean(), false),
    minIntervalSeconds: v.optional(seconds),
    /** A name lapses unless it is sent again within this many days. */
    refreshDays: v.optional(seconds),
    wildcard: v.optional(v.boolean(), false),
    /** May the zone's own name be sent? */
    apex: v.optional(v.boolean(), true),
    /** As the service wants it; `{product}` `{version}` `{contact}` are ours. */
    userAgent: v.optional(v.string()),
    /** `likely`: https is tried, and nothing else. `none`: plain http, which the user must have allowed. */
    tls: v.optional(v.picklist(['documented', 'likely', 'none']), 'documented'),
    /** `listed`: known from other programs only. `legacy`: old, may be gone. `dead`: refused, with `notes` as the reason. */
    status: v.picklist(['active', 'listed', 'legacy', 'dead']),
    notes: v.optional(v.string()),
  }),
  v.check(({ auth, body }) => (auth === 'form') === (body !== undefined && /\{(password|token|md5Password)\}/.test(body)), 'auth: form and a secret in the body go together'),
  v.check(({ otherFamily, urlV6, urlBoth }) => otherFamily !== 'erased' || urlV6 === undefined || urlBoth !== undefined, 'otherFamily: erased needs urlBoth'),
  v.check(({ otherFamily, urlV6, urlBoth }) => urlBoth === undefined || urlV6 !== undefined || otherFamily === 'erased', 'urlBoth needs urlV6, or otherFamily: erased where no AAAA can be sent alone'),
  v.check(({ urlV4, urlV6, tls }) => [urlV4, urlV6 ?? urlV4].every((url) => url.startsWith('http:') === (tls === 'none') || url.startsWith('{')), 'tls: none and http:// go together'),
  v.check((row) => row.sender !== sendsAddress(row), 'sender and a place for the address exclude each other'),
  v.check(({ noChange, examples }) => examples === undefined || (noChange === undefined) === (examples.noChange === undefined), 'noChange and its example go together'),
);

function sendsAddress({
  urlV4,
  body,
  headers,
  multiHost,
}: {
  readonly urlV4: string;
  readonly body?: string | undefined;
  readonly headers: object;
  readonly multiHost?: { readonly each?: string | undefined } | undefined;
}): boolean {
  return placeholders([urlV4, body, multiHost?.each, ...Object.values(headers)].join(' ')).some((name) => /^ip[46]?$/.test(name)) || urlV4.includes('{updateUrl}');
}

/** As it is written, and as it is read: defaults filled in. */
export type UpdateUrlRowInput = v.InferInput<typeof updateUrlRow>;
export type UpdateUrlRow = v.InferOutput<typeof updateUrlRow>;

/** The row, checked; a bad one is a defect of ours. */
export const parseRow = (row: UpdateUrlRowInput): UpdateUrlRow => v.parse(updateUrlRow, row);

/** Names that one call takes; where no limit is known, as many as are prudent. */
export const namesPerCall = ({ multiHost }: Pick<UpdateUrlRow, 'multiHost'>): number => (multiHost === undefined ? 1 : Math.min(multiHost.max ?? MOST_NAMES, MOST_NAMES));
const MOST_NAMES = 50;

/** Families the row has a way to send. */
export const familiesOf = ({ urlV6, urlBoth }: Pick<UpdateUrlRow, 'urlV6' | 'urlBoth'>): readonly Family[] => (urlV6 === undefined && urlBoth === undefined ? [4] : [4, 6]);

/** What a service can do, from its row. */
export const capabilitiesOf = (row: UpdateUrlRow, families = familiesOf(row)): Capabilities => ({
  families,
  readable: false,
  wildcard: row.wildcard,
  apex: row.apex,
  values: 'one',
  ttl: 'fixed',
  ...(row.multiHost === undefined ? {} : { batch: namesPerCall(row) }),
  ...(row.minIntervalSeconds === undefined ? {} : { minIntervalSeconds: row.minIntervalSeconds }),
  ...(row.refreshDays === undefined ? {} : { refreshDays: row.refreshDays }),
  ...(row.urlBoth === undefined || row.otherFamily === 'kept' ? {} : { together: row.otherFamily === 'erased' ? ('needed' as const) : ('safer' as const) }),
  ...(row.holds === 'one' ? { names: 'one' as const } : {}),
  ...(row.sender ? { sender: true as const } : {}),
  ...(row.under === undefined ? {} : { under: row.under }),
});

/** Every template of a row, and so every placeholder it needs a value for. */
export const templatesOf = (row: UpdateUrlRow): readonly string[] =>
  [
    row.urlV4,
    row.urlV6,
    row.urlBoth,
    row.body,
    row.multiHost?.each,
    ...Object.values(row.atApex ?? {}),
    row.forV6?.body,
    ...Object.values(row.headers),
    row.auth === 'basic' ? `${row.basicUser}{password}` : undefined,
    row.auth === 'bearer' ? '{token}' : undefined,
  ].filter((text) => text !== undefined);

/** What goes into the options, as sentences for people. */
export const loginOf = ({ login }: Pick<UpdateUrlRow, 'login'>): string =>
  typeof login === 'string'
    ? login
    : Object.entries(login)
        .map(([option, text]) => `${option} is ${text}`)
        .join('; ');

function isPattern(source: string): boolean {
  try {
    new RegExp(source.replaceAll('{ip}', ''), 'i');
    return true;
  } catch {
    return false;
  }
}
