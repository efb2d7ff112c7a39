/** What vendors' request signatures are made of: digests, canonical requests as in AWS Signature Version 4 and its many kin, and JSON Web Tokens. */
import { constants, createHash, createHmac, createPrivateKey, type KeyObject, sign as signWith } from 'node:crypto';
import { Fault } from '../core/failure.ts';
import type { Secret } from '../core/secret.ts';
import type { HttpRequest } from '../world/world.ts';
import { percentEncode } from './template.ts';

export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512';

export const digest = (algorithm: Digest, text: string | Uint8Array): Buffer => createHash(algorithm).update(text).digest();
export const hmac = (algorithm: Digest, key: string | Uint8Array, text: string): Buffer => createHmac(algorithm, key).update(text).digest();
/** HTTP Basic authentication (RFC 7617), in UTF-8. */
export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
/** A key derived step by step: each part is authenticated with the key before it. */
export const derivedKey = (algorithm: Digest, key: string, parts: readonly string[]): Buffer => parts.reduce<Buffer>((last, part) => hmac(algorithm, last, part), Buffer.from(key));

/** `a=1&b=2`, sorted by key, both sides encoded by RFC 3986. Undefined values are left out. */
export const canonicalQuery = (query: URLSearchParams | Readonly<Record<string, string | number | undefined>>): string =>
  [...(query instanceof URLSearchParams ? query : Object.entries(query))]
    .flatMap(([key, value]) => (value === undefined ? [] : [`${percentEncode(key)}=${percentEncode(String(value))}`]))
    .sort()
    .join('&');

export type Canonical = {
  readonly method: string;
  readonly path: string;
  readonly query: string /** Lower-case names; all of them are signed. */;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyHash: string;
};

/** The six lines that are hashed and signed, and the list of the headers in them. */
export function canonicalRequest({ method, path, query, headers, bodyHash }: Canonical): { readonly text: string; readonly signedHeaders: string } {
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join('');
  const signedHeaders = names.join(';');
  return { text: [method, path, query, lines, signedHeaders, bodyHash].join('\n'), signedHeaders };
}

/** `2026-01-02T03:04:05Z`, and the same without dashes and colons. */
export const utcSeconds = (now: number): string => new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
export const utcCompact = (now: number): string => utcSeconds(now).replace(/[-:]/g, '');

/** A private key in PEM. Throws Fault `auth` where it is none. `what` completes "... is no private key": `privateKey`. */
export function privateKey(pem: Secret, what: string): KeyObject {
  try {
    return createPrivateKey(pem.reveal().replaceAll('\\n', '\n'));
  } catch {
    throw new Fault({ kind: 'auth', detail: `${what} is no private key in PEM form`, hint: 'copy the whole of it again, from -----BEGIN to END-----' });
  }
}

/** A signed token (RFC 7519, RFC 7515). `RS256`: RSASSA-PKCS1-v1_5; `PS256`: RSASSA-PSS with a salt as long as the digest (RFC 7518 section 3.5). */
export function jsonWebToken(
  algorithm: 'RS256' | 'PS256',
  key: KeyObject,
  { header = {}, claims }: { readonly header?: Readonly<Record<string, unknown>>; readonly claims: Readonly<Record<string, unknown>> },
): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: algorithm, typ: 'JWT', ...header })}.${part(claims)}`;
  const padding = algorithm === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return `${text}.${signWith('sha256', Buffer.from(text), { key, ...padding }).toString('base64url')}`;
}

/** A form in the order of its names, and behind it a last field: `field` of the MD5 of all that and the secret, in lower-case hex. */
export function signedForm(form: Readonly<Record<string, string | number | undefined>>, secret: Secret, field: (hex: string) => string): string {
  const fields = canonicalQuery(form);
  return `${fields}&${field(digest('md5', `${fields}${secret.reveal()}`).toString('hex'))}`;
}

/** How one of the kin of AWS Signature Version 4 differs from the others. */
export type Signature = {
  /** First line of what is signed, first word of the header. */
  readonly algorithm: string;
  /** Added to the request, signed or not. */
  readonly headers: Readonly<Record<string, string>>;
  /** The header that says the digest of the body, where the vendor wants one. */
  readonly bodyHashIn?: string;
  /** Names of the signed headers; `host` is always among them. */
  readonly signed: readonly string[];
  /** The lines between the algorithm and the digest of the canonical request: time, scope. */
  readonly facts: readonly string[];
  readonly key: string | Uint8Array;
  /** Who signs, as it begins the header: `Credential=AKID/scope`. */
  readonly credential: string;
  /** Between the parts of the header; default `, `. */
  readonly separator?: string;
  /** The path as it is signed; default: as it is sent. */
  readonly path?: string;
  /** How values of headers are written in what is signed; default: as they are sent. */
  readonly value?: (text: string) => string;
};

/** The request with the header `authorization` over its method, path, query, body and signed headers. */
export function signRequest(request: HttpRequest, signature: Signature): HttpRequest {
  const { algorithm, bodyHashIn, facts, key, credential, separator = ', ', value = (text) => text } = signature;
  const url = new URL(request.url);
  const bodyHash = digest('sha256', request.body ?? '').toString('hex');
  const headers = { ...request.headers, ...signature.headers, ...(bodyHashIn === undefined ? {} : { [bodyHashIn]: bodyHash }) };
  const all: Readonly<Record<string, string>> = { ...headers, host: url.host };
  const { text, signedHeaders } = canonicalRequest({
    method: request.method,
    path: signature.path ?? url.pathname,
    query: canonicalQuery(url.searchParams),
    headers: Object.fromEntries(['host', ...signature.signed].map((name) => [name, value(all[name] ?? '')])),
    bodyHash,
  });
  const stringToSign = [algorithm, ...facts, digest('sha256', text).toString('hex')].join('\n');
  const parts = [credential, `SignedHeaders=${signedHeaders}`, `Signature=${hmac('sha256', key, stringToSign).toString('hex')}`];
  return { ...request, headers: { ...headers, authorization: `${algorithm} ${parts.join(separator)}` } };
}
