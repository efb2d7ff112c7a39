/** A service that takes updates by URL, as a row of data: what to send, how it logs in, what its answers mean. */
import * as v from 'valibot';
import type { Capabilities } from '../core/plan.ts';
import { placeholders } from './template.ts';

/** What can be put into a template of a row; `{ip}` is the address of the family that is sent, `{sub}` the name within `{zone}`, `@` at its apex. */
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
  'md5Password',
  'id',
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

/** What an answer of the service's own means; the kinds are those of Failure. */
const meaning = v.strictObject({
  /** Regular expression, case ignored, `^` and `$` at every line. With `answers: dyndns2` it is tried on each line. */
  match: pattern,
  kind: v.picklist(['auth', 'blocked', 'refused', 'throttled', 'unavailable']),
  waitSeconds: v.optional(seconds),
  /** `auth` that may as well mean this one name: believed to be about the login only when no other name was taken. */
  orName: v.optional(v.boolean()),
});

/** The schema of a row. Every part is a fact about the service; the words are ours. */
export const updateUrlRow = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
    title: v.string(),
    website: v.string(),
    /** What goes into username, password and token: one sentence or two. */
    login: v.string(),
    /** The page or source the facts were read from, when, and how sure they are. */
    reference: v.string(),
    checked: v.pipe(v.string(), v.isoDate()),
    evidence: v.picklist(['official', 'documented', 'unverified']),
    /** For an A record alone. */
    urlV4: urlTemplate,
    /** For an AAAA record alone. Absent: IPv4 only. */
    urlV6: v.optional(urlTemplate),
    /** For both at once. Absent: two calls. */
    urlBoth: v.optional(urlTemplate),
    /** `erased`: a call for one family alone makes the service forget the other one, so it is not sent. */
    otherFamily: v.optional(v.picklist(['kept', 'erased']), 'kept'),
    auth: v.picklist(['basic', 'query', 'path', 'bearer', 'header', 'form', 'none']),
    /** Of Basic authentication. */
    basicUser: v.optional(template, '{username}'),
    method: v.optional(v.picklist(['GET', 'POST', 'PUT', 'PATCH']), 'GET'),
    /** Lower-case names. */
    headers: v.optional(v.record(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)), template), {}),
    /** Sent as a form unless `headers` has another content-type. */
    body: v.optional(template),
    /** Several names in one call, in place of `{hosts}` and `{labels}`. */
    multiHost: v.optional(
      v.strictObject({
        separator: v.string(),
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
    /** Regular expression on the whole body without blanks at its ends (with `answers`: on a line), case ignored; `^`: any body. May hold `{ip}`. Needs status 2xx. */
    success: pattern,
    noChange: v.optional(pattern),
    /** Finds, in its first group, the addresses that the answer says are stored now. */
    stored: v.optional(pattern),
    errors: v.optional(v.array(meaning), []),
    /** Answers are web pages, and `success` is meant to be found in one. */
    html: v.optional(v.boolean(), false),
    minIntervalSeconds: v.optional(seconds),
    /** A name lapses unless it is sent again within this many days. */
    refreshDays: v.optional(seconds),
    wildcard: v.optional(v.boolean(), false),
    /** As the service wants it; `{product}` `{version}` `{contact}` are ours. */
    userAgent: v.optional(v.string()),
    /** `likely`: https is tried, and nothing else. `none`: plain http, which the user must have allowed. */
    tls: v.optional(v.picklist(['documented', 'likely', 'none']), 'documented'),
    /** `listed`: known from other programs only. `dead`: refused, with `notes` as the reason. */
    status: v.picklist(['active', 'listed', 'legacy', 'dead']),
    notes: v.optional(v.string()),
  }),
  v.check(({ auth, body }) => (auth === 'form') === (body !== undefined && /\{(password|token|md5Password)\}/.test(body)), 'auth: form and a secret in the body go together'),
  v.check(({ otherFamily, urlV6, urlBoth }) => otherFamily === 'kept' || urlV6 === undefined || urlBoth !== undefined, 'otherFamily: erased needs urlBoth'),
  v.check(({ urlV6, urlBoth }) => urlBoth === undefined || urlV6 !== undefined, 'urlBoth needs urlV6'),
);

/** As it is written, and as it is read: defaults filled in. */
export type UpdateUrlRowInput = v.InferInput<typeof updateUrlRow>;
export type UpdateUrlRow = v.InferOutput<typeof updateUrlRow>;

/** The row, checked; a bad one is a defect of ours. */
export const parseRow = (row: UpdateUrlRowInput): UpdateUrlRow => v.parse(updateUrlRow, row);

/** Names that one call takes; where no limit is known, as many as are prudent. */
export const namesPerCall = ({ multiHost }: Pick<UpdateUrlRow, 'multiHost'>): number => (multiHost === undefined ? 1 : Math.min(multiHost.max ?? MOST_NAMES, MOST_NAMES));
const MOST_NAMES = 50;

/** What a service can do, from its row. */
export const capabilitiesOf = (row: UpdateUrlRow): Capabilities => ({
  families: row.urlV6 === undefined ? [4] : [4, 6],
  readable: false,
  wildcard: row.wildcard,
  apex: true,
  values: 'one',
  ttl: 'fixed',
  ...(row.multiHost === undefined ? {} : { batch: namesPerCall(row) }),
  ...(row.minIntervalSeconds === undefined ? {} : { minIntervalSeconds: row.minIntervalSeconds }),
  ...(row.refreshDays === undefined ? {} : { refreshDays: row.refreshDays }),
});

/** Every template of a row, and so every placeholder it needs a value for. */
export const templatesOf = (row: UpdateUrlRow): readonly string[] =>
  [row.urlV4, row.urlV6, row.urlBoth, row.body, ...Object.values(row.headers), row.auth === 'basic' ? row.basicUser : undefined].filter((text) => text !== undefined);

function isPattern(source: string): boolean {
  try {
    new RegExp(source.replaceAll('{ip}', ''), 'i');
    return true;
  } catch {
    return false;
  }
}
