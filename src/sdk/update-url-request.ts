/** From a row, an account and one call to the request: what is put where, and how it logs in. */
import { createHash } from 'node:crypto';
import { type Family, familyOf, type IpAddress } from '../core/address.ts';
import { type Fqdn, relativeTo } from '../core/name.ts';
import { redactor, Secret } from '../core/secret.ts';
import type { HttpRequest } from '../world/world.ts';
import type { Tools } from './provider.ts';
import { fill, oneLine, type Place, placeholders, type Values } from './template.ts';
import { familiesOf, loginOf, templatesOf, type UpdateUrlRow } from './update-url-row.ts';

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
  const needed = neededBy(row);
  const missing = needed.filter((name) => !values[name] && !values[twinOf(name)]);
  if (missing.length > 0) return `${row.title} needs ${missing.join(' and ')}: ${loginOf(row)}`;
  if (row.auth === 'basic' && username?.includes(':')) return `${row.title}: a user name cannot hold a colon`;
  if (row.tls === 'none' && !account.insecure && account.endpoint === undefined)
    return `${row.title} can only be reached without encryption, so the password would be sent in the open; insecure: true allows that`;
  return undefined;
}

/** What is wrong with a URL that the user pasted; one sentence. It is a secret, so nobody may have looked at it before the account is opened. */
export function pastedProblem({ more, insecure }: UpdateUrlAccount): string | undefined {
  for (const name of ['updateUrl', 'updateUrl6']) {
    const given = more?.[name];
    if (typeof given !== 'object') continue;
    const url = given.reveal();
    if (!URL.canParse(url) || !/^https?:\/\/[^@]*$/.test(url.split(/[?#]/)[0] ?? '')) return `${name} must be a URL such as https://host.example/path, without a user or password in it`;
    if (url.startsWith('http:') && !insecure && !isLoopback(new URL(url).hostname)) return `${name} is plain http, so everything would be sent in the open: use https`;
  }
  return undefined;
}

const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** What a row wants to be configured: its placeholders that do not follow from the name and the address. `md5Password` is made of the password, a name within the zone needs the zone. */
export function neededBy(row: UpdateUrlRow): readonly string[] {
  const used = templatesOf(row)
    .flatMap(placeholders)
    .map((name) => (name === 'md5Password' ? 'password' : name.startsWith('sub') ? 'zone' : name));
  return [...new Set(used)].filter((name) => !PER_CALL.has(name));
}

/** Names of one zone can share a call, and nothing else tells which these are. */
export const optionalZone = (row: UpdateUrlRow): boolean => row.multiHost?.sameZone === true && !neededBy(row).some((name) => name === 'zone' || name === 'username');

const PER_CALL = new Set(['host', 'hosts', 'label', 'labels', 'type', 'ip', 'ip4', 'ip6']);

/** What is only asked for where a family is sent stands in for what is asked for the other: `token` and `token6`. A twin that no row uses is never configured. */
const twinOf = (name: string): string => (name.endsWith('6') ? name.slice(0, -1) : `${name}6`);

/** The families this account can send, which may follow from what is configured. */
export function accountFamilies(account: UpdateUrlAccount): readonly Family[] {
  const needed = neededBy(account.row);
  const values = accountValues(account);
  const apart = needed.find((name) => name.endsWith('6'));
  return familiesOf(account.row).filter((family) => apart === undefined || values[family === 6 ? apart : twinOf(apart)] !== undefined);
}

/** The request for one call, ready to be sent. Throws Fault `config` when a value cannot be put where it belongs. */
export function requestFor(account: UpdateUrlAccount, tools: Tools, { names, sent }: Call): HttpRequest {
  const { row, zone } = account;
  const [ip4, ip6] = ([4, 6] as const).map((family) => sent.find((address) => familyOf(address) === family));
  const [first] = names;
  const within = names.map((name) => (zone === undefined ? undefined : relativeTo(name, zone)));
  const isApex = within[0] === '';
  const { urlV4, urlV6, urlBoth, body } = { ...row, ...(ip4 === undefined ? row.forV6 : {}), ...(isApex ? row.atApex : {}) };
  const under = row.under === undefined ? '' : `.${row.under}`;
  const several = row.multiHost !== undefined;
  const values: Values = {
    ...accountValues(account),
    host: several ? names : first,
    hosts: names,
    label: first?.split('.')[0],
    labels: names.map((name) => (under !== '' && name.endsWith(under) ? name.slice(0, -under.length) : name)),
    sub: several ? within.map((sub) => sub || '@') : within[0] === '' ? '@' : within[0],
    subEmpty: several ? within.filter((sub) => sub !== undefined) : within[0],
    type: ip4 === undefined ? 'AAAA' : 'A',
    ip: sent[0],
    ip4,
    ip6,
  };
  const separator = row.multiHost?.separator ?? ',';
  const headers = Object.fromEntries(Object.entries(row.headers).map(([name, text]) => [name, fill(text, values, 'header')]));
  const type = headers['content-type'] ?? 'application/x-www-form-urlencoded';
  const place: Place = /json/i.test(type) ? 'json' : /xml/i.test(type) ? 'xml' : /urlencoded/i.test(type) ? 'form' : 'text';
  const template = (sent.length > 1 ? urlBoth : ip6 === undefined ? urlV4 : urlV6) ?? row.urlV4;
  const ours = written(row, template, values, { names, isApex });
  return {
    method: row.method,
    url: urlOf(ours, values, separator, account.endpoint),
    headers: { accept: '*/*', 'user-agent': agentOf(row, tools), ...(body === undefined ? {} : { 'content-type': type }), ...authorizationOf(row, values), ...headers },
    ...(body === undefined ? {} : { body: fill(body, values, place, separator) }),
    maxBytes: MAX_BYTES,
    ...(account.insecure ? { insecure: true } : {}),
    ...(row.sender && sent[0] !== undefined ? { direct: familyOf(sent[0]) } : {}),
  };
}

/** The template with what no placeholder can say: names that are more than the name, and the empty name of the apex. */
function written({ multiHost }: UpdateUrlRow, template: string, values: Values, { names, isApex }: { readonly names: readonly Fqdn[]; readonly isApex: boolean }): string {
  const each = multiHost?.each;
  const named = each === undefined ? template : template.replaceAll('{hosts}', names.map((host) => fill(each, { ...values, host }, 'url')).join(multiHost?.separator));
  return isApex ? named.replaceAll('{subEmpty}', '') : named;
}

function urlOf(template: string, values: Values, separator: string, endpoint: string | undefined): string {
  const url = new URL(joined(template, values, separator));
  if (endpoint === undefined) return url.href;
  const base = new URL(endpoint);
  return new URL(`${base.pathname.replace(/\/$/, '')}${url.pathname}${url.search}`, base.origin).href;
}

/** A URL that the user pasted is taken as it is; everything else is data and stays in its place. */
function joined(template: string, values: Values, separator: string): string {
  const [whole = '', name = ''] = /^\{(updateUrl6?)\}/.exec(template) ?? [];
  const pasted = name === '' ? '' : String(values[name]);
  const rest = fill(template.slice(whole.length), values, 'url', separator);
  return name === '' || rest === '' ? pasted + rest : `${pasted.replace(/[?&]$/, '')}${pasted.includes('?') ? '&' : '?'}${rest.slice(1)}`;
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
  for (const name of ['updateUrl', 'updateUrl6']) for (const part of partsOf(more?.[name])) own.learn(new Secret(part));
  const { md5Password } = accountValues(account);
  if (typeof md5Password === 'string') own.learn(new Secret(md5Password));
  return (text) => own.redact(tools.redact?.(text) ?? text);
}

/** What is secret in a URL that the user pasted: every value of its query, and long words of its path. */
function partsOf(pasted: string | Secret | undefined): readonly string[] {
  const text = typeof pasted === 'object' ? pasted.reveal() : (pasted ?? '');
  if (!URL.canParse(text)) return [];
  const { pathname, searchParams } = new URL(text);
  const words = pathname.split('/').flatMap((word) => [word, new URLSearchParams(`w=${word.replaceAll('+', '%2B')}`).get('w') ?? '']);
  return [...searchParams.values(), ...words].filter((part) => part.length >= 8);
}

/** The row's format of User-Agent, with our name, version and address in it. */
function agentOf({ userAgent }: UpdateUrlRow, tools: Tools): string {
  if (userAgent === undefined) return tools.userAgent;
  const [, product = 'ddns-update', version = '0', contact = ''] = /^([^/\s]+)\/(\S+)(?:\s+\(\+?([^)]*)\))?/.exec(tools.userAgent) ?? [];
  return userAgent.replaceAll('{product}', product).replaceAll('{version}', version).replaceAll('{contact}', contact).trim();
}
