/** One vendor's API as a function: where it is, how a request proves who sends it, and what the vendor's own words for "no" mean. */
import { type Failure, type FailureKind, LOOK_AGAIN_SECONDS } from '../core/failure.ts';
import type { HttpReply } from '../world/world.ts';
import { type Asked, call, classify, jsonIn, looksLikeHtml, type Reader, type Request, type Rules, type Sign } from './http.ts';
import type { Tools } from './provider.ts';

export type Api = {
  /** Scheme, host and path that every path of a request follows. */
  readonly base: string;
  /** Of the account; see `atEndpoint`. */
  readonly endpoint?: string | undefined;
  /** Sent with every request; lower-case names. A function may log in first. */
  readonly headers?: Readonly<Record<string, string>> | (() => Promise<Readonly<Record<string, string>>>);
  readonly sign?: Sign;
  /**
   * The vendor's own words of refusal in an answer, whatever its status; undefined: there are none. `body`: parsed JSON, the text itself where
   * it is none. Words with a status of success are a refusal.
   */
  readonly words?: (body: unknown, reply: HttpReply) => Words | undefined;
  /** What they mean; the first that matches. What none matches means what its status means. */
  readonly meanings?: readonly Meaning[];
  readonly retryAfter?: Rules['retryAfter'];
};

export type Words = { readonly code?: string | number | undefined; readonly message?: string | undefined };

/** Words to look for: tried on `code message`, so anchor a code. An answer of 429 or 5xx is about the vendor's state, whatever it says, unless its `status` is named here. */
type Matching = { readonly match: RegExp; readonly status?: number };

export type Meaning = Matching & {
  readonly kind: FailureKind;
  /** What it means, as a clause: `the token is not known`. Default: the vendor's own words. */
  readonly says?: string;
  readonly hint?: string;
  readonly waitSeconds?: number;
  readonly lookAgainSeconds?: number;
};

/** Signatures hold a time: what a vendor says where it is too far from its own. Looked at again without a change of the config, because it will be the clock that changes. */
export const wrongClock = (match: RegExp): Meaning => ({
  match,
  kind: 'auth',
  says: 'the time in the signature is too far from its own: the clock of this machine is wrong',
  hint: 'set the clock, best by NTP; the provider is asked again within the hour',
  lookAgainSeconds: LOOK_AGAIN_SECONDS,
});

/** A refusal that is none: it says so already, there is nothing to list. */
export type Instead<T> = Matching & { readonly value: T };

export type ApiRequest = Omit<Request, 'url' | 'refusal' | 'retryAfter' | 'sign'> & {
  /** With a leading slash. Values put into it are encoded by the caller, those of `query` are not. */
  readonly path: string;
};

/** Sends one request. Throws Fault of the kind that the vendor's words, else the status, mean. */
export type Ask = <T>(request: ApiRequest, reader: Reader<T>, instead?: Instead<T>) => Promise<T>;

export function api(tools: Tools, { base, endpoint, headers, sign, words, meanings = [], retryAfter }: Api): Ask {
  const root = atEndpoint(base, endpoint);
  const said = (reply: HttpReply): string | undefined => {
    const found = looksLikeHtml(reply) ? undefined : words?.((jsonIn(reply) ?? { value: reply.body }).value, reply);
    return found && `${found.code ?? ''} ${found.message ?? ''}`.trim();
  };
  return async (request, reader, instead) => {
    const url = `${root}${request.path}`;
    const asked: Asked = { ...request, host: new URL(url).host, clock: tools.clock, ...(tools.redact ? { redact: tools.redact } : {}), ...(retryAfter ? { retryAfter } : {}) };
    const refusal = (reply: HttpReply): Failure | undefined => {
      const text = said(reply);
      if (text === undefined) return undefined;
      const meaning = meanings.find((one) => isMeant(one, text, reply));
      const byStatus = classify(reply, asked);
      if (meaning) return failureOf(meaning, text, asked, byStatus);
      if (reply.status === 404 && reader.absent) return undefined;
      return byStatus ?? { kind: 'refused', detail: sentence(asked, ownWords(text, asked)) };
    };
    return call(
      tools,
      { ...request, url, headers: { ...(typeof headers === 'function' ? await headers() : headers), ...request.headers }, refusal, ...(sign ? { sign } : {}), ...(retryAfter ? { retryAfter } : {}) },
      {
        ...reader,
        ...(instead
          ? {
              instead: (reply: HttpReply) => {
                const text = said(reply);
                return text !== undefined && isMeant(instead, text, reply) ? { value: instead.value } : undefined;
              },
            }
          : {}),
      },
    );
  };
}

/** Where an API is reached: `endpoint` with a path is all of it; without one it takes the place of scheme, host and port, and the vendor's own path stays. No final slash. */
export function atEndpoint(base: string, endpoint: string | undefined): string {
  const { pathname } = new URL(base);
  const root = endpoint === undefined ? base : new URL(endpoint).pathname === '/' ? `${new URL(endpoint).origin}${pathname}` : endpoint;
  return root.replace(/\/+$/, '');
}

const isMeant = ({ match, status }: Matching, text: string, reply: HttpReply): boolean =>
  (status === undefined ? reply.status < 500 && reply.status !== 429 : status === reply.status) && match.test(text);

function failureOf({ kind, says, hint, waitSeconds, lookAgainSeconds }: Meaning, text: string, asked: Asked, byStatus: Failure | undefined): Failure {
  const wait = byStatus?.retryAfterSeconds ?? waitSeconds;
  return {
    kind,
    detail: sentence(asked, says ?? ownWords(text, asked)),
    ...(kind === 'gibberish' ? { phase: 'reply' as const } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(wait === undefined ? {} : { retryAfterSeconds: wait }),
    ...(lookAgainSeconds === undefined ? {} : { lookAgainSeconds }),
  };
}

const sentence = ({ host, purpose }: Asked, why: string): string => `${host} was asked to ${purpose}${why === '' ? ', and refused' : `: ${why}`}`;

/** Left out where they cannot be cleaned, because they may repeat a secret. */
const ownWords = (text: string, { redact }: Asked): string => (redact?.(text) ?? '').replace(/[\p{C}\s]+/gu, ' ').slice(0, 200);
