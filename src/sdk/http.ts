/** HTTP with a provider's API: no request without a reader for its reply, and one place that says what a status means. */
import type { GenericSchema, InferOutput } from 'valibot';
import { safeParse } from 'valibot';
import { attempt, type Failure, Fault } from '../core/failure.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import type { Tools } from './provider.ts';

/** What a reader made of a reply. `gibberish`: this is not what the provider's own protocol would say; `why` completes "but it ...". */
export type Reading<T> = { readonly kind: 'read'; readonly value: T } | { readonly kind: 'gibberish'; readonly why: string };

/** Reads the reply of a success (2xx). `absent`: what a 404 means; without it a 404 is a refusal. `instead`: asked before anything else, for a refusal that is none. */
export type Reader<T> = { readonly read: (reply: HttpReply) => Reading<T>; readonly absent?: () => T; readonly instead?: (reply: HttpReply) => { readonly value: T } | undefined };

/** One request. At most one of `json`, `form` and `body`. */
export type Request = {
  /** Default GET. */
  readonly method?: HttpRequest['method'];
  readonly url: string | URL;
  /** Added to the URL; undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Undefined values are left out. */
  readonly form?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: string;
  /** What for, as it completes "Example DNS could not ...": `list the zones`. No secrets. */
  readonly purpose: string;
  /** May it be sent twice without harm? Default: GET, HEAD, PUT, DELETE. Such a request is repeated once when the network fails. */
  readonly idempotent?: boolean;
  /** Plain `http:` beyond loopback is refused unless the adapter says so here, because its user did. */
  readonly insecure?: boolean;
  /** The reply holds a secret: it is not traced. What is read from it goes through `handedOut` or `tools.learn`. */
  readonly confidential?: boolean;
  /** Makes of the finished request the one that goes over the wire, anew for every attempt: signatures hold a time and a nonce. */
  readonly sign?: Sign;
  /** Default 15 s. */
  readonly timeoutMs?: number;
  /** Default 32 MiB. */
  readonly maxBytes?: number;
} & Rules;

/** Adds what proves who sends it; must leave method, URL and body as they are unless the proof goes there. */
export type Sign = (request: HttpRequest) => HttpRequest | Promise<HttpRequest>;

/** Where a provider differs from HTTP's own words. */
export type Rules = {
  /** The provider's own way of saying no, whatever the status; asked first. Undefined: nothing peculiar. Sees replies of anybody, also pages of a captive portal. */
  readonly refusal?: (reply: HttpReply) => Failure | undefined;
  /** Seconds to wait, from a header of the provider's own; asked for 429 and 5xx after `Retry-After`. */
  readonly retryAfter?: (reply: HttpReply) => number | undefined;
};

type Callers = Pick<Tools, 'net' | 'clock' | 'signal' | 'userAgent'> & { readonly redact?: Tools['redact'] };

/** Sends one request and reads its reply. Throws Fault, with the kind `classify` gives. */
export async function call<T>(tools: Callers, request: Request, reader: Reader<T>): Promise<T> {
  const url = new URL(request.url);
  for (const [name, value] of given(request.query ?? {})) url.searchParams.set(name, value);
  const [body, type] = bodyOf(request);
  const reply = await exchange(
    tools,
    {
      method: request.method ?? 'GET',
      url: url.href,
      headers: { accept: '*/*', ...(type === undefined ? {} : { 'content-type': type }), 'user-agent': tools.userAgent, ...request.headers },
      ...(body === undefined ? {} : { body }),
      maxBytes: request.maxBytes ?? 32 * 1024 * 1024,
      ...(request.insecure ? { insecure: true } : {}),
      ...(request.confidential ? { confidential: true } : {}),
    },
    request,
  );
  const asked = { ...request, host: url.host, clock: tools.clock, ...(tools.redact ? { redact: tools.redact } : {}) };
  const instead = reader.instead?.(reply);
  if (instead) return instead.value;
  const failure = request.refusal?.(reply);
  if (failure) throw new Fault(failure);
  if (reply.status === 404 && reader.absent) return reader.absent();
  const refused = classify(reply, asked);
  if (refused) throw new Fault(refused);
  const reading = reader.read(reply);
  if (reading.kind === 'gibberish') throw new Fault(gibberish(asked, reply, reading.why));
  return reading.value;
}

/** What `classify` and `gibberish` say it about. `redact` absent: the provider's own words are left out, because they may repeat a secret. */
export type Asked = { readonly host: string; readonly purpose: string; readonly clock: Tools['clock']; readonly redact?: Tools['redact'] } & Omit<Rules, 'refusal'>;

/** The one place that says what a status means; undefined: a success, to be read. */
export function classify(reply: HttpReply, asked: Asked): Failure | undefined {
  const { status } = reply;
  const said = `${asked.host} answered ${status} when asked to ${asked.purpose}${excerpt(reply, asked)}`;
  if (status >= 200 && status < 300) return undefined;
  if (status === 401 || status === 403) return { kind: 'auth', detail: said };
  if (status === 407) return { kind: 'network', phase: 'connect', detail: `the proxy asks for credentials on the way to ${asked.host}` };
  if (status === 409 || status === 412) return { kind: 'conflict', detail: said };
  if (status === 429) return { kind: 'throttled', detail: said, ...wait(reply, asked) };
  if (status === 408 || (status >= 500 && status !== 511)) return { kind: 'unavailable', detail: said, ...wait(reply, asked) };
  if (status >= 400 && status < 500) return { kind: 'refused', detail: said };
  return gibberish(asked, reply, status === 511 ? 'asks to log in to this network' : status < 400 ? 'redirects elsewhere' : 'is no answer of HTTP');
}

/** A reply that is not the provider's own protocol. `why` completes "but the answer ...". */
export const gibberish = (asked: Pick<Asked, 'host' | 'purpose'>, reply: HttpReply, why: string): Failure => ({
  kind: 'gibberish',
  phase: 'reply',
  detail: `${asked.host} was asked to ${asked.purpose}, but the answer (status ${reply.status}) ${looksLikeHtml(reply) ? 'is a web page' : why}`,
});

const bodies = new WeakMap<HttpReply, { readonly value: unknown } | 'none'>();

/** The body as JSON; undefined: it is none. A reply is parsed once, whoever asks: its words of refusal and what it says are looked for one after the other. */
export function jsonIn(reply: HttpReply): { readonly value: unknown } | undefined {
  const found = bodies.get(reply) ?? parsed(reply.body);
  bodies.set(reply, found);
  return found === 'none' ? undefined : found;
}

function parsed(body: string): { readonly value: unknown } | 'none' {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return 'none';
  }
}

/** The body is JSON of this form. Keys the schema does not name are allowed: providers add some every year. */
export const json = <S extends GenericSchema>(schema: S): Reader<InferOutput<S>> => ({
  read(reply) {
    const found = jsonIn(reply);
    if (found === undefined) return { kind: 'gibberish', why: reply.body === '' ? 'is empty' : 'is not JSON or is cut short' };
    const parsed = safeParse(schema, found.value);
    if (parsed.success) return { kind: 'read', value: parsed.output };
    const path = parsed.issues[0].path?.map(({ key }) => String(key)).join('.');
    return { kind: 'gibberish', why: `has not the form of the API${path ? `: ${path} is missing or of another kind` : ''}` };
  },
});

/** The whole body, without blanks at its ends, matches: anchor the pattern. Web pages never do. */
export const matching = (pattern: RegExp): Reader<RegExpExecArray> => ({
  read(reply) {
    const match = looksLikeHtml(reply) ? null : pattern.exec(reply.body.trim());
    return match ? { kind: 'read', value: match } : { kind: 'gibberish', why: reply.body === '' ? 'is empty' : 'is not one that the API gives' };
  },
});

/** A 404 means that there is none: undefined. */
export const orAbsent = <T>(reader: Reader<T>): Reader<T | undefined> => ({ read: reader.read, absent: () => undefined });

/** With the headers of the reply, for what a vendor says there. */
export const headed = <T>({ read }: Reader<T>): Reader<{ readonly value: T; readonly headers: HttpReply['headers'] }> => ({
  read(reply) {
    const reading = read(reply);
    return reading.kind === 'read' ? { kind: 'read', value: { value: reading.value, headers: reply.headers } } : reading;
  },
});

/** Where the next page is, from `Link: <URL>; rel="next"` (RFC 8288); undefined: this was the last. */
export const nextLink = (headers: HttpReply['headers']): string | undefined => /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(headers['link'] ?? '')?.[1];

/** The cookies that a reply sets, as a request sends them back (RFC 6265 section 4.2); empty: none. */
export const cookiesIn = (headers: HttpReply['headers']): string =>
  (headers['set-cookie'] ?? '')
    .split(/,\s*(?=[^\s;,=]+=)/)
    .map((cookie) => cookie.replace(/;.*/s, '').trim())
    .filter((cookie) => cookie.includes('='))
    .join('; ');

/** The status alone tells, and there is nothing in the body: 204, or a 2xx without content. */
export const nothing: Reader<void> = { read: ({ body }) => (body.trim() === '' ? { kind: 'read', value: undefined } : { kind: 'gibberish', why: 'should be empty and is not' }) };

/** 204 and no other success: for calls whose whole answer that is, so that an empty answer of somebody else is not taken for it. */
export const noContent: Reader<void> = { read: (reply) => (reply.status === 204 ? nothing.read(reply) : { kind: 'gibberish', why: 'should be 204 No Content' }) };

/** A success of which no more is known than its status: nothing, or JSON of any form. Where that is the answer to a write, `rereading` tells it from somebody else's empty answer. */
export const anyJson: Reader<void> = {
  read(reply) {
    if (reply.body.trim() === '') return nothing.read(reply);
    return jsonIn(reply) === undefined ? { kind: 'gibberish', why: 'is not JSON or is cut short' } : { kind: 'read', value: undefined };
  },
};

/** Some vendors call their JSON a web page too: what begins as JSON does is none. */
export const looksLikeHtml = ({ headers, body }: HttpReply): boolean =>
  (/\btext\/html\b/i.test(headers['content-type'] ?? '') && !/^\s*[{[]/.test(body)) || /^\s*(<!doctype html|<html[\s>])/i.test(body);

/** Sends, and within the round repeats only what cannot do harm: an idempotent request once when the network fails, any request once when the provider asks for 5 s or less. */
export async function exchange(tools: Pick<Tools, 'net' | 'clock' | 'signal'>, request: HttpRequest, rules: Pick<Request, 'idempotent' | 'timeoutMs' | 'sign'> = {}): Promise<HttpReply> {
  const idempotent = rules.idempotent ?? ['GET', 'HEAD', 'PUT', 'DELETE'].includes(request.method);
  const send = async () => tools.net.http((await rules.sign?.(request)) ?? request, { timeoutMs: rules.timeoutMs ?? 15_000, signal: tools.signal });
  const first = await attempt(send);
  if (first.kind === 'failed') {
    if (!idempotent || first.failure.kind !== 'network' || tools.signal.aborted) throw new Fault(first.failure);
    return send();
  }
  const seconds = first.value.status === 429 ? retryAfterSeconds(first.value, tools.clock) : undefined;
  if (seconds === undefined || seconds > LONGEST_WAIT_SECONDS) return first.value;
  await tools.clock.sleep(seconds * 1000, tools.signal);
  return tools.signal.aborted ? first.value : send();
}

const LONGEST_WAIT_SECONDS = 5;

/** `Retry-After` in seconds or as an HTTP date (RFC 9110 section 10.2.3). */
export function retryAfterSeconds({ headers }: HttpReply, clock: Pick<Tools['clock'], 'now'>): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - clock.now()) / 1000));
}

/** Seconds until the moment that a header of the vendor's own names in seconds since 1970; for `retryAfter`. */
export const resetAt =
  (clock: Pick<Tools['clock'], 'now'>, header: string): NonNullable<Rules['retryAfter']> =>
  ({ headers }) => {
    const seconds = Math.ceil(Number(headers[header]) - clock.now() / 1000);
    return seconds > 0 ? seconds : undefined;
  };

const given = (fields: Readonly<Record<string, string | number | undefined>>): [string, string][] =>
  Object.entries(fields).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));

function bodyOf({ json: value, form, body }: Request): readonly [body: string | undefined, type: string | undefined] {
  if (value !== undefined) return [JSON.stringify(value), 'application/json'];
  if (form !== undefined) return [new URLSearchParams(given(form)).toString(), 'application/x-www-form-urlencoded'];
  return [body, undefined];
}

function wait(reply: HttpReply, asked: Asked): { readonly retryAfterSeconds?: number } {
  const seconds = retryAfterSeconds(reply, asked.clock) ?? asked.retryAfter?.(reply);
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

/** The provider's own words, if they are words, on one line and short. */
function excerpt(reply: HttpReply, { redact }: Asked): string {
  if (redact === undefined || looksLikeHtml(reply)) return '';
  // Secrets go before anything is cut, so that no half of one is left.
  const words = redact(reply.body)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return words === '' ? '' : `: ${words.length > 200 ? `${words.slice(0, 200)}...` : words}`;
}
