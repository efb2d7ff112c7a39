/** Asks an HTTP echo service, and reads its answer by rules of which each was once a wrong address published by somebody. */
import { type Family, parseAddress } from '../core/address.ts';
import { attempt, Fault } from '../core/failure.ts';
import type { HttpReply } from '../world/world.ts';
import { type Asker, ballotOf, failed, isUnheard, type Told, told } from './ask.ts';
import type { HttpsReading, HttpsSource } from './source.ts';

const MAX_BYTES = 4096;

/** Over a fresh connection of the family, and once more when it was not heard. */
export const askHttps: Asker<HttpsSource> = (source, family, asked, world, deadline) =>
  ballotOf(source, family, asked, world, async () => {
    const url = source.urls.find(({ families }) => families.includes(family))?.url;
    if (url === undefined) return failed('absent', `has no address to ask over IPv${family}`);
    const from = world.clock.elapsed();
    const request = { url, family, maxBytes: MAX_BYTES };
    const bound = asked.bind === undefined ? request : { ...request, bind: asked.bind };
    const first = await attempt(() => world.net.echo(bound, { timeoutMs: Math.ceil(deadline.timeoutMs / 2), signal: deadline.signal }));
    if (first.kind === 'ok') return answerOf(first.value, { url, read: source.read, family });
    if (!isUnheard(first.failure) || deadline.signal?.aborted) throw new Fault(first.failure);
    const timeoutMs = Math.max(1, deadline.timeoutMs - (world.clock.elapsed() - from));
    const again = await world.net.echo(first.failure.phase === 'connect' ? request : bound, { timeoutMs, signal: deadline.signal });
    return answerOf(again, { url, read: source.read, family });
  });

/** The address in a reply: status 200, no page, and the whole body is what it should be. Headers are never searched. */
export function answerOf({ status, headers, body }: HttpReply, { url, read, family }: { readonly url: string; readonly read: HttpsReading; readonly family: Family }): Told {
  const { host, hostname } = new URL(url);
  if (status >= 300 && status < 400) return failed('redirect', `answered ${status}, a redirect${placeOf(headers['location'])}: a login page of this network, or the service has moved`);
  if (status !== 200) return failed('status', `answered ${status}, not 200${status === 429 ? ' (asked too often)' : status === 511 ? ' (log in to this network first)' : ''}`);
  if (/html/i.test(headers['content-type'] ?? '') || /^\s*</.test(body)) return failed('html', 'answered with a web page where an address is due');
  switch (read.kind) {
    case 'plain':
      return readPlain(trimmed(body), family);
    case 'json':
      return readJson(body, read.path, family);
    case 'trace':
      return readTrace(body, [host, hostname], family);
    default:
      return read satisfies never;
  }
}

/** ASCII white space alone: anything else around an address is not an address. */
const trimmed = (text: string): string => text.replace(/^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g, '');
const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);

function placeOf(location: string | undefined): string {
  const host = location !== undefined && URL.canParse(location) ? new URL(location).host : '';
  return host === '' ? '' : ` to ${host}`;
}

export function readPlain(text: string, family: Family): Told {
  const address = parseAddress(text, family);
  if (address !== undefined) return told(address);
  const other = parseAddress(text);
  if (other !== undefined) return failed('nonsense', `told ${other}, but was asked for IPv${family}`, { told: other });
  const several = text.split(/[\s,;]+/).filter((part) => parseAddress(part) !== undefined).length > 1;
  return failed('nonsense', several ? `told more than one address: ${shown(text)}` : text === '' ? 'gave an empty answer' : `answered ${shown(text)}, which is no address`);
}

function readJson(body: string, path: readonly string[], family: Family): Told {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return failed('nonsense', `answered ${shown(trimmed(body))}, which is not JSON`);
  }
  for (const key of path) value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? readPlain(value, family) : failed('nonsense', `has no text at ${path.join('.')} of its answer`);
}

/** Every line is `key=value`. `h=1.1.1.1` is a host that looks like an address: only `ip` counts, and only once. */
function readTrace(body: string, hosts: readonly string[], family: Family): Told {
  const rows = body.split('\n').map((line) => line.split('='));
  const values = (key: string): readonly string[] => rows.flatMap(([name, ...value]) => (name === key ? [trimmed(value.join('='))] : []));
  const [ip, ...more] = values('ip');
  const [host] = values('h');
  const [warp] = values('warp');
  if (ip === undefined || more.length > 0) return failed('nonsense', ip === undefined ? 'has no line ip= in its answer' : 'has more than one line ip= in its answer');
  if (host === undefined || !hosts.includes(host)) return failed('nonsense', `answered for the host ${shown(host ?? '')}, which was not asked`);
  if (warp !== undefined && warp !== 'off') {
    const address = parseAddress(ip);
    return failed('special', `told ${shown(ip)} through Cloudflare WARP (warp=${warp}): that is the tunnel's exit, not this line`, address === undefined ? {} : { told: address });
  }
  return readPlain(ip, family);
}
