/** From a row, an account and one call to the request: what is put where, and how it logs in. */
import { createHash } from 'node:crypto';
import { familyOf, type IpAddress } from '../core/address.ts';
import { type Fqdn, relativeTo } from '../core/name.ts';
import { redactor, Secret } from '../core/secret.ts';
import type { HttpRequest } from '../world/world.ts';
import type { Tools } from './provider.ts';
import { fill, oneLine, type Place, placeholders, type Values } from './template.ts';
import { templatesOf, type UpdateUrlRow } from './update-url-row.ts';

/** What the user configured for a row. A password is taken for a token, and a token for a password, where only the other is asked for. */
export type UpdateUrlAccount = {
  readonly row: UpdateUrlRow;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Lower-case; for rows that want names relative to it. */
  readonly zone?: string | undefined;
  /** Values of further placeholders. */
  readonly more?: Readonly<Record<string, string | Secret | undefined>>;
  /** Takes the place of scheme, host and port of every URL of the row; a path goes before theirs. */
  readonly endpoint?: string | undefined;
  /** Plain http beyond loopback is allowed. */
  readonly insecure?: boolean | undefined;
};

/** One call: these names get these addresses. */
export type Call = { readonly names: readonly Fqdn[]; readonly sent: readonly IpAddress[] };

/** Enough for an answer of 50 names; more is not an answer. */
const MAX_BYTES = 64 * 1024;

/** Why this account cannot be used as it is configured; one sentence. */
export function accountProblem(account: UpdateUrlAccount): string | undefined {
  const { row, username } = account;
  if (row.status === 'dead') return `${row.title} is no longer there${row.notes === undefined ? '' : `: ${row.notes}`}`;
  const values = accountValues(account);
  const ours = new Set(['host', 'hosts', 'label', 'labels', 'type', 'ip', 'ip4', 'ip6']);
  const needed = new Set(templatesOf(row).flatMap(placeholders));
  if (row.auth === 'basic') needed.add('password');
  if (row.auth === 'bearer') needed.add('token');
  if (needed.has('sub') || needed.has('subEmpty')) needed.add('zone');
  const missing = [...needed].filter((name) => !ours.has(name) && !name.startsWith('sub') && !values[name]);
  if (missing.length > 0) return `${row.title} needs ${missing.join(' and ')}: ${row.login}`;
  if (row.auth === 'basic' && username?.includes(':')) return `${row.title}: a user name cannot hold a colon`;
  if (row.tls === 'none' && !account.insecure && account.endpoint === undefined)
    return `${row.title} can only be reached without encryption, so the password would be sent in the open; insecure: true allows that`;
  return undefined;
}

/** The request for one call, ready to be sent. Throws Fault `config` when a value cannot be put where it belongs. */
export function requestFor(account: UpdateUrlAccount, tools: Tools, { names, sent }: Call): HttpRequest {
  const { row, zone } = account;
  const [ip4, ip6] = ([4, 6] as const).map((family) => sent.find((address) => familyOf(address) === family));
  const template = (sent.length > 1 ? row.urlBoth : ip6 === undefined ? row.urlV4 : row.urlV6) ?? row.urlV4;
  const [first] = names;
  const within = zone === undefined || first === undefined ? undefined : relativeTo(first, zone);
  const under = row.under === undefined ? '' : `.${row.under}`;
  const values: Values = {
    ...accountValues(account),
    host: row.multiHost === undefined ? first : names,
    hosts: names,
    label: first?.split('.')[0],
    labels: names.map((name) => (under !== '' && name.endsWith(under) ? name.slice(0, -under.length) : name)),
    sub: within === '' ? '@' : within,
    subEmpty: within,
    type: ip4 === undefined ? 'AAAA' : 'A',
    ip: sent[0],
    ip4,
    ip6,
  };
  const separator = row.multiHost?.separator ?? ',';
  const headers = Object.fromEntries(Object.entries(row.headers).map(([name, text]) => [name, fill(text, values, 'header')]));
  const type = headers['content-type'] ?? 'application/x-www-form-urlencoded';
  const place: Place = /json/i.test(type) ? 'json' : /urlencoded/i.test(type) ? 'form' : 'text';
  return {
    method: row.method,
    url: urlOf(template, values, separator, account.endpoint),
    headers: { accept: '*/*', 'user-agent': agentOf(row, tools), ...(row.body === undefined ? {} : { 'content-type': type }), ...authorizationOf(row, values), ...headers },
    ...(row.body === undefined ? {} : { body: fill(row.body, values, place, separator) }),
    maxBytes: MAX_BYTES,
    ...(account.insecure ? { insecure: true } : {}),
  };
}

function urlOf(template: string, values: Values, separator: string, endpoint: string | undefined): string {
  // A URL that the user pasted is taken as it is; everything else is data and stays in its place.
  const pasted = template.replace(/^\{(updateUrl6?)\}/, (_, name: string) => String(values[name]));
  const url = new URL(fill(pasted, values, 'url', separator));
  if (endpoint === undefined) return url.href;
  const base = new URL(endpoint);
  return new URL(`${base.pathname.replace(/\/$/, '')}${url.pathname}${url.search}`, base.origin).href;
}

function authorizationOf(row: UpdateUrlRow, values: Values): Readonly<Record<string, string>> {
  if (row.auth === 'bearer') return { authorization: `Bearer ${oneLine(String(values['token']))}` };
  if (row.auth !== 'basic') return {};
  const user = row.basicUser.replace(/\{(\w+)\}/g, (_, name: string) => String([values[name]].flat()[0]));
  return { authorization: `Basic ${Buffer.from(`${user}:${String(values['password'])}`).toString('base64')}` };
}

/** Values of all placeholders that do not change from call to call. */
function accountValues({ username, password, token, zone, more }: UpdateUrlAccount): Values {
  const secret = (password ?? token)?.reveal();
  const further = Object.entries(more ?? {}).map(([name, value]) => [name, value instanceof Secret || (typeof value === 'object' && 'reveal' in value) ? (value as Secret).reveal() : value]);
  return {
    ...Object.fromEntries(further),
    username,
    password: secret,
    token: (token ?? password)?.reveal(),
    zone,
    ...(secret === undefined ? {} : { md5Password: createHash('md5').update(secret).digest('hex') }),
  };
}

/** Takes this account's secrets out of text, in every form they travel in. */
export function cleaner(account: UpdateUrlAccount, tools: Tools): (text: string) => string {
  const own = redactor();
  const { password, token, more } = account;
  for (const value of [password, token, ...Object.values(more ?? {})]) if (typeof value === 'object') own.learn(value);
  const { md5Password } = accountValues(account);
  if (typeof md5Password === 'string') own.learn(new Secret(md5Password));
  return (text) => own.redact(tools.redact?.(text) ?? text);
}

/** The row's format of User-Agent, with our name, version and address in it. */
function agentOf({ userAgent }: UpdateUrlRow, tools: Tools): string {
  if (userAgent === undefined) return tools.userAgent;
  const [, product = 'ddns-update', version = '0', contact = ''] = /^([^/\s]+)\/(\S+)(?:\s+\(\+?([^)]*)\))?/.exec(tools.userAgent) ?? [];
  return userAgent.replaceAll('{product}', product).replaceAll('{version}', version).replaceAll('{contact}', contact).trim();
}
