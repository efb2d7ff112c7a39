/** What Cloudflare's error codes mean, and what a token lacks. https://developers.cloudflare.com/fundamentals/api/reference/ */
import * as v from 'valibot';
import { type Asked, classify, type Failure, type FailureKind, gibberish, type HttpReply, type HttpRequest, LOOK_AGAIN_SECONDS } from '../../sdk/index.ts';

/** Every answer has this around it, errors too. */
const Envelope = v.object({
  success: v.boolean(),
  errors: v.optional(
    v.nullable(v.array(v.object({ code: v.number(), message: v.optional(v.string(), ''), error_chain: v.optional(v.array(v.object({ code: v.number(), message: v.optional(v.string(), '') }))) }))),
  ),
});

type Meaning = { readonly kind: FailureKind; readonly says: string; readonly hint?: string; readonly lookAgainSeconds?: number };
const NEW_TOKEN = 'make a token with Zone > DNS > Edit and Zone > Zone > Read for this zone at https://dash.cloudflare.com/profile/api-tokens, and put it into the config';

const MEANING: Readonly<Record<number, Meaning>> = {
  971: { kind: 'throttled', says: 'Cloudflare asks for fewer requests' },
  1000: { kind: 'auth', says: 'Cloudflare does not know this token', hint: NEW_TOKEN },
  6003: { kind: 'auth', says: 'the token is malformed', hint: 'copy the token again: a part is missing, or blanks or quotes came with it' },
  6111: { kind: 'auth', says: 'the token is malformed', hint: 'copy the token again: a part is missing, or blanks or quotes came with it' },
  9109: { kind: 'auth', says: 'Cloudflare does not accept this token', hint: NEW_TOKEN },
  10000: { kind: 'auth', says: 'this token is not allowed to do that', hint: NEW_TOKEN },
  10001: { kind: 'auth', says: 'Cloudflare could not authenticate the request', hint: NEW_TOKEN },
  7000: { kind: 'refused', says: 'Cloudflare does not know this zone id' },
  7003: { kind: 'refused', says: 'Cloudflare does not know this zone id' },
  1038: { kind: 'refused', says: 'Cloudflare does not let domains under .cf, .ga, .gq, .ml and .tk be changed by its API' },
  81044: { kind: 'conflict', says: 'the record is gone: somebody removed it after it was read' },
  81053: { kind: 'refused', says: 'another record (a CNAME?) of this name is in the way', hint: 'remove the CNAME of this name, or choose another name', lookAgainSeconds: LOOK_AGAIN_SECONDS },
  81054: { kind: 'refused', says: 'a CNAME of this name is in the way', hint: 'remove the CNAME of this name, or choose another name', lookAgainSeconds: LOOK_AGAIN_SECONDS },
  81057: { kind: 'refused', says: 'the record exists already' },
  81058: { kind: 'refused', says: 'the identical record exists already' },
};

export const IDENTICAL: readonly number[] = [81057, 81058];
export const GONE: readonly number[] = [81044];

const codes = new WeakMap<Failure, readonly number[]>();
/** Does this Failure carry one of Cloudflare's codes? */
export const hasCode = (failure: Failure, wanted: readonly number[]): boolean => (codes.get(failure) ?? []).some((code) => wanted.includes(code));

/** What is wrong with a reply; undefined: it is Cloudflare's own, and a success. Nothing else ever reaches the SDK. */
export function refusal(reply: HttpReply, request: HttpRequest, tools: Pick<Asked, 'clock' | 'redact'>): Failure | undefined {
  const url = new URL(request.url);
  const asked: Asked = { host: url.host, purpose: purposeOf(request.method, url), clock: tools.clock, ...(tools.redact ? { redact: tools.redact } : {}), retryAfter };
  const envelope = envelopeOf(reply.body);
  const errors = (envelope?.errors ?? []).flatMap((error) => [...(error.error_chain ?? []), error]);
  const meaning = errors.flatMap(({ code }) => MEANING[code] ?? [])[0];
  const byStatus = classify(reply, asked);
  // A gateway's 5xx or a throttle stays what it is, whatever its body says.
  if (meaning && byStatus?.kind !== 'unavailable' && byStatus?.kind !== 'throttled') {
    const { kind, says, ...more } = meaning;
    const detail = `${asked.host} was asked to ${asked.purpose}: ${says} (${errors.map(({ code }) => code).join(', ')})`;
    return noted({ kind, detail, ...more }, errors);
  }
  if (byStatus) return noted(byStatus, errors);
  if (envelope?.success) return undefined;
  if (envelope === undefined) return gibberish(asked, reply, 'is not in the form of its API');
  return noted(
    {
      kind: 'refused',
      detail: `${asked.host} refused to ${asked.purpose}${tools.redact ? `: ${tools.redact(errors.map(({ code, message }) => `${code} ${message}`).join('; ')).slice(0, 200)}` : ''}`,
    },
    errors,
  );
}

function noted(failure: Failure, errors: readonly { readonly code: number }[]): Failure {
  codes.set(
    failure,
    errors.map(({ code }) => code),
  );
  return failure;
}

function envelopeOf(body: string): v.InferOutput<typeof Envelope> | undefined {
  try {
    const parsed = v.safeParse(Envelope, JSON.parse(body));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** `Ratelimit: "default";r=0;t=30`: seconds until the window begins anew. */
function retryAfter({ headers }: HttpReply): number | undefined {
  const seconds = /;\s*t=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function purposeOf(method: string, { pathname }: URL): string {
  if (pathname.endsWith('/user/tokens/verify')) return 'check the token';
  if (pathname.endsWith('/zones')) return 'list the zones';
  if (pathname.endsWith('/dns_records/batch')) return 'change records in a batch';
  if (pathname.endsWith('/dns_records')) return method === 'POST' ? 'create a record' : 'list the records';
  if (pathname.includes('/dns_records/')) return method === 'DELETE' ? 'remove a record' : 'change a record';
  return 'show the zone';
}
