/** The contract of any service that is a row of data: a fake that does what the row says, so that the suite runs over every row. */

import { parseAddress } from '../core/address.ts';
import { neededBy, optionalZone } from '../sdk/update-url-request.ts';
import { namesPerCall, type UpdateUrlRow } from '../sdk/update-url-row.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import type { Contract, Documented, FakeZone } from './contract.ts';
import { NEW, NEW6 } from './scenery.ts';

/** What the fake accepts; every one of them has characters that must be encoded. */
const GATEWAY = { updateUrl: 'https://gateway.example.net/a/?q=s3cret%20Key+one', updateUrl6: 'https://gateway.example.net/aaaa/?q=s3cret%20Key+two' };
const VALUES: Readonly<Record<string, string>> = { password: 'p4ss:w0rd/with&odd=chars', token: 't0ken/with&odd=chars', token6: 't0ken6/with&odd=chars', id: '12345', id6: '12346', ...GATEWAY };
const SECRETS = ['password', 'token', 'token6', 'updateUrl', 'updateUrl6'];

/**
 * The service of `row` as a pure fake over `zone`: it knows what was sent only by the row's templates, read backwards, checks the login, keeps
 * one address per name and family, and answers with the row's own examples. `documented`: exchanges copied from the service's pages.
 */
export function updateUrlContract(row: UpdateUrlRow, documented: readonly Documented[] = []): Contract {
  const zone = row.under ?? 'example.com';
  const values: Readonly<Record<string, string>> = { ...VALUES, zone, username: row.multiHost?.sameZone ? zone : 'box@example.com' };
  const needed = neededBy(row);
  return {
    options: { ...(optionalZone(row) ? { zone } : {}), ...Object.fromEntries(needed.map((name) => [name, values[name] ?? ''])), ...(row.tls === 'none' ? { insecure: true } : {}) },
    secretOptions: needed.filter((name) => SECRETS.includes(name)),
    zone,
    ...(row.holds === 'names' ? {} : { names: [`h1.${zone}`] }),
    api: (held) => (request) => answer(row, held, values, request),
    budget: { one: 1, ...(row.multiHost === undefined ? {} : { thousand: Math.ceil(1000 / namesPerCall(row)) }) },
    documented,
  };
}

type Heard = { readonly names: readonly string[]; readonly addresses: readonly string[] };

function answer(row: UpdateUrlRow, zone: FakeZone, values: Readonly<Record<string, string>>, request: HttpRequest): HttpReply {
  const heard = read(row, zone, values, request);
  if (heard === 'elsewhere') return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><title>404</title></html>' };
  if (heard === 'stranger') return refusal(row, 'auth', 401, 'badauth');
  const { names, addresses } = heard;
  if (names.some((name) => name !== zone.name && !name.endsWith(`.${zone.name}`))) return refusal(row, 'refused', 404, 'nohost');
  const before = zone.records;
  for (const name of names) for (const address of addresses) put(zone, name, address);
  if (row.otherFamily === 'erased' && addresses.length === 1) {
    const other = addresses[0]?.includes(':') ? 'A' : 'AAAA';
    zone.records = zone.records.filter((record) => record.type !== other || !names.includes(record.name));
  }
  const [status] = Object.entries(row.statuses).find(([, means]) => means === 'success') ?? [];
  if (status !== undefined) return plain('', Number(status));
  const isSame = (name: string): boolean => zone.records.every((one) => one.name !== name || before.includes(one));
  const line = (some: readonly string[]): string =>
    ((some.every(isSame) ? row.examples?.noChange : undefined) ?? row.examples?.success ?? 'good {ip}').replaceAll('{ip}', addresses.join()).replaceAll('{host}', some.join());
  return plain(row.multiHost?.answer === 'each' ? names.map((name) => line([name])).join('\n') : line(names));
}

const plain = (body: string, status = 200): HttpReply => ({ status, headers: { 'content-type': 'text/plain' }, body });

/** The row's own words for it, where it has some. */
function refusal(row: UpdateUrlRow, kind: 'auth' | 'refused', status: number, word: string): HttpReply {
  const own = row.errors.find((error) => error.kind === kind && error.example !== undefined);
  const [means] = Object.entries(row.statuses).find(([, meaning]) => meaning === kind) ?? [];
  return own?.example !== undefined ? plain(own.example) : means !== undefined ? plain('', Number(means)) : plain(row.answers === 'dyndns2' ? word : '', status);
}

function put(zone: FakeZone, name: string, value: string): void {
  const type = value.includes(':') ? 'AAAA' : 'A';
  const isOurs = (record: FakeZone['records'][number]) => record.name === name && record.type === type;
  const [before, ...more] = zone.records.filter(isOurs);
  if (before?.value === value && more.length === 0) return;
  zone.records = [...zone.records.filter((record) => !isOurs(record)), { id: before?.id ?? zone.nextId(), name, type, value, ttl: before?.ttl ?? 60 }];
}

/** What a request says, by the row's templates read backwards. `stranger`: the login is not the one. */
function read(row: UpdateUrlRow, zone: FakeZone, values: Readonly<Record<string, string>>, request: HttpRequest): Heard | 'elsewhere' | 'stranger' {
  if (request.method !== row.method) return 'elsewhere';
  for (const at of [row.atApex, {}]) {
    if (at === undefined) continue;
    const { urlV4, urlV6, urlBoth, body, forV6 } = { ...row, ...at };
    for (const [families, template, content] of [
      ['both', urlBoth, body],
      ['4', urlV4, body],
      ['6', urlV6, forV6?.body ?? body],
    ] as const) {
      const found = template === undefined ? undefined : backwards(row, template, request.url);
      if (found === undefined) continue;
      const inBody = content === undefined ? {} : taken(content, request.body ?? '', row.headers['content-type'] === 'text/xml' ? 'xml' : 'url');
      const inHeaders = Object.entries(row.headers).map(([name, text]) => taken(text, request.headers[name] ?? '', 'plain'));
      if (inBody === undefined || inHeaders.includes(undefined)) continue;
      const all: Readonly<Record<string, readonly string[]>> = Object.assign({}, found, inBody, ...inHeaders);
      const { ip, ip4 = ip, ip6 = ip } = all;
      // Something else in the place of an address is what another template says.
      if (!row.sender && ((families !== '6' && !isOf(4, ip4)) || (families !== '4' && !isOf(6, ip6)))) continue;
      if (!knows(all, values) || !isLoggedIn(row, values, all, request)) return 'stranger';
      return { names: namesIn(row, zone, all), addresses: addressesIn(row, all, request) };
    }
  }
  return 'elsewhere';
}

const isOf = (family: 4 | 6, texts: readonly string[] | undefined): boolean => texts?.every((text) => parseAddress(text, family) !== undefined) === true;

function backwards(row: UpdateUrlRow, template: string, url: string): Readonly<Record<string, readonly string[]>> | undefined {
  const [whole = '', name = ''] = /^\{(updateUrl6?)\}/.exec(template) ?? [];
  if (name !== '') return taken(`${new URL(VALUES[name] ?? '').href}&${template.slice(whole.length + 1)}`, url, 'url');
  const each = row.multiHost?.each;
  if (each === undefined) return taken(template, url, 'url');
  const pairs = taken(template.replace('{hosts}', '{hosts*}'), url, 'url')?.['hosts*']?.[0]?.split(row.multiHost?.separator ?? '&');
  const read = pairs?.map((pair) => taken(each, pair, 'url'));
  if (read === undefined || read.includes(undefined)) return undefined;
  return { host: read.flatMap((one) => one?.['host'] ?? []), ip: read[0]?.['ip'] ?? [] };
}

/** The values of the placeholders of `template` in `text`; undefined: it is another text. */
function taken(template: string, text: string, place: 'url' | 'xml' | 'plain'): Readonly<Record<string, readonly string[]>> | undefined {
  const names: string[] = [];
  const inner = { url: '([^/?&#]*)', xml: '([^<]*)', plain: '(.*)' }[place];
  const source = template
    .split(/(\{[a-zA-Z0-9*]+\})/)
    .map((part) => {
      const [, name] = /^\{([a-zA-Z0-9*]+)\}$/.exec(part) ?? [];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(name);
      return name.endsWith('*') ? '(.*)' : inner;
    })
    .join('');
  const match = new RegExp(`^${source}$`).exec(text);
  if (match === null) return undefined;
  const decode = { url: decodeURIComponent, xml: (one: string) => one.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))), plain: (one: string) => one }[place];
  return Object.fromEntries(names.map((name, at) => [name, [name.endsWith('*') ? (match[at + 1] ?? '') : decode(match[at + 1] ?? '')]]));
}

const MD5 = 'md5Password';
/** Whatever is not about the name or the address must be what the account has. */
const knows = (heard: Readonly<Record<string, readonly string[]>>, values: Readonly<Record<string, string>>): boolean =>
  Object.entries(heard).every(([name, [value]]) => (name === MD5 ? /^[0-9a-f]{32}$/.test(value ?? '') : values[name] === undefined || values[name] === value));

function isLoggedIn(row: UpdateUrlRow, values: Readonly<Record<string, string>>, heard: Readonly<Record<string, readonly string[]>>, { headers }: HttpRequest): boolean {
  if (row.auth === 'bearer') return headers['authorization'] === `Bearer ${values['token']}`;
  if (row.auth !== 'basic') return true;
  const user = row.basicUser === '{host}' ? heard['host']?.[0] : values['username'];
  return headers['authorization'] === `Basic ${btoa(`${user}:${values['password']}`)}`;
}

function namesIn(row: UpdateUrlRow, zone: FakeZone, heard: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const split = (texts: readonly string[]): readonly string[] => texts.flatMap((text) => (row.multiHost === undefined ? [text] : text.split(row.multiHost.separator)));
  const full = (sub: string): string => (sub === '' || sub === '@' ? zone.name : `${sub}.${zone.name}`);
  if (row.holds !== 'names') return [`h1.${zone.name}`];
  const whole = heard['host'] ?? heard['hosts'];
  if (whole !== undefined) return split(whole);
  return split(heard['sub'] ?? heard['subEmpty'] ?? heard['labels'] ?? heard['label'] ?? ['']).map(full);
}

/** Who sends no address is at home where the suite's box is. */
function addressesIn(row: UpdateUrlRow, heard: Readonly<Record<string, readonly string[]>>, { direct }: HttpRequest): readonly string[] {
  if (row.sender) return [direct === 6 ? NEW6 : NEW];
  return ['ip', 'ip4', 'ip6'].flatMap((name) => heard[name] ?? []).map((text) => parseAddress(text) ?? text);
}
