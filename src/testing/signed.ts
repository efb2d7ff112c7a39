/** How a fake checks a signature of the AWS kind: made anew from the request as it came, by other code than the adapter's. */
import { createHash, createHmac } from 'node:crypto';
import type { HttpRequest } from '../world/world.ts';

const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Lower-case hex of SHA-256. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** Lower-case hex of HMAC-SHA256 under the last of the keys that `parts` lead to, beginning with `secret`. */
export const hmacSha256 = (secret: string, parts: readonly string[], text: string): string => {
  let key: string | Buffer = secret;
  for (const part of parts) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(text).digest('hex');
};

/** The parts of `authorization` by name: `Credential`, `SignedHeaders`, `Signature`. */
export const authorizationParts = ({ headers }: HttpRequest): Readonly<Record<string, string>> =>
  Object.fromEntries([...(headers['authorization'] ?? '').matchAll(/(\w+)=([^, ]+)/g)].map(([, name = '', value = '']) => [name, value]));

/** The canonical request. `path`: as it is signed; `value`: how values of headers are written. */
export function canonicalOf(request: HttpRequest, { path, value = (text) => text }: { readonly path?: string; readonly value?: (text: string) => string } = {}): string {
  const { pathname, search, host } = new URL(request.url);
  const pairs = [...new URLSearchParams(search)].map(([name, text]) => `${encode(name)}=${encode(text)}`);
  const signed = authorizationParts(request)['SignedHeaders'] ?? '';
  const lines = signed.split(';').map((name) => `${name}:${value(name === 'host' ? host : (request.headers[name] ?? ''))}`);
  return [request.method, path ?? pathname, pairs.sort().join('&'), ...lines, '', signed, sha256(request.body ?? '')].join('\n');
}
