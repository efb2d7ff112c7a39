/** What a caller of the probe-server wants looked at: parsed strictly, and never another machine than its own. Pure. */
import { type IpAddress, parseAddress } from '../core/address.ts';
import { type Fqdn, parseName } from '../core/name.ts';
import { isPagePath } from '../core/own-page.ts';
import type { Look } from '../core/reach.ts';
import { unwrapMapped } from '../core/special.ts';
import type { ServedRequest } from '../world/world.ts';

/** Where and how closely; `address` is the caller's. */
export type Asked = { readonly address: IpAddress; readonly port: number; readonly name?: Fqdn; readonly as: Look['as'] };
/** `nothing`: no question, just somebody who wonders what this is. `wrong`: `words` is a sentence without a full stop. */
export type Reading = { readonly kind: 'look'; readonly asked: Asked } | { readonly kind: 'nothing' } | { readonly kind: 'wrong'; readonly status: 400 | 405; readonly words: string };

/** `own`: addresses of the machine that we run on. `self`: it may be looked at too. `proxy`: a proxy on it passes requests on, and says whose they are. */
export type Place = { readonly own: readonly IpAddress[]; readonly self: boolean; readonly proxy: boolean };

const KEYS = ['port', 'as', 'name', 'path'] as const;

/** `GET /?port=443&as=certificate&name=box.example`; the path does not matter, because proxies keep it or not. */
export function readAsked(request: ServedRequest, place: Place): Reading {
  if (request.method !== 'GET') return { kind: 'wrong', status: 405, words: `${request.method} is not answered, only GET` };
  const at = request.target.indexOf('?');
  if (at < 0) return { kind: 'nothing' };
  const given = [...new URLSearchParams(request.target.slice(at + 1))];
  const stranger = given.find(([key]) => !KEYS.some((one) => one === key));
  if (stranger !== undefined) return wrong(`there is no parameter ${shown(stranger[0])}, only ${KEYS.join(', ')}`);
  if (new Set(given.map(([key]) => key)).size < given.length) return wrong('a parameter is given twice');
  const what = readWhat(new Map(given));
  if ('words' in what) return wrong(what.words);
  const caller = callerOf(request, place);
  return typeof caller === 'string' ? { kind: 'look', asked: { address: caller, ...what } } : wrong(caller.words);
}

type Wrong = { readonly words: string };

function readWhat(given: ReadonlyMap<string, string>): Omit<Asked, 'address'> | Wrong {
  const digits = given.get('port') ?? '';
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) return { words: 'port is a number from 1 to 65535' };
  const text = given.get('name');
  const name = text === undefined ? undefined : parseName(text);
  if (typeof name === 'object' || name?.startsWith('*')) return { words: 'name is the full name of a host' };
  const path = given.get('path');
  const about = { port, ...(name === undefined ? {} : { name }) };
  switch (given.get('as')) {
    case 'connection':
      return { ...about, as: { kind: 'connection' } };
    case 'certificate':
      return name === undefined ? { words: 'a certificate is that of a name: say which' } : { ...about, as: { kind: 'certificate' } };
    case 'page':
      return path !== undefined && isPagePath(path) ? { ...about, as: { kind: 'page', path } } : { words: 'path is /.well-known/ddns-update/ and 32 hexadecimal digits, for no other page is fetched' };
    default:
      return { words: 'as is connection, certificate or page' };
  }
}

/**
 * Whose request it is, which is who is looked at. Where there is one, a proxy on our own machine says it in the last entry of X-Forwarded-For, which is its own; nobody else's is believed, because a
 * tunnel that ends here would pass on whatever its callers write there. Our own machine is left alone unless it was allowed: a proxy that keeps silent about its callers would open its inside to all of them.
 */
function callerOf({ from, headers }: ServedRequest, { own, self, proxy }: Place): IpAddress | Wrong {
  const direct = parseAddress(from);
  if (direct === undefined) return { words: `${shown(from)} is an address that nobody can connect back to` };
  if (!isOwn(direct, own)) return direct;
  const forwarded = proxy ? headers['x-forwarded-for'] : undefined;
  if (forwarded === undefined)
    return self
      ? direct
      : { words: `the request came from this very machine (${direct}): behind a proxy that says in X-Forwarded-For whose it is, start probe-server with --proxy; for a trial there is --self` };
  const parsed = parseAddress(forwarded.slice(forwarded.lastIndexOf(',') + 1).trim());
  if (parsed === undefined) return { words: 'the last entry of X-Forwarded-For is no address' };
  const told = unwrapMapped(parsed);
  return self || !isOwn(told, own) ? told : { words: `the proxy says that the request came from this very machine (${told}): of several in a row the first must be believed by the next` };
}

/** A connection to the unspecified address ends at home too. */
const isOwn = (address: IpAddress, own: readonly IpAddress[]): boolean => /^(127|0)\./.test(address) || address === '::1' || address === '::' || own.includes(address);

const wrong = (words: string): Reading => ({ kind: 'wrong', status: 400, words });

/** Letters of strangers, few and harmless. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?'));
