/** What Route 53 says when it refuses: its two error dialects, read, and what each code means to us. Pure. */
import type { Failure } from '../../sdk/index.ts';

/** `messages`: a refused batch names every culprit in one of its own. */
export type Refusal = { readonly code: string; readonly messages: readonly string[] };

/** What was asked for, so that a missing permission can be named. */
export type Action = 'ListHostedZones' | 'GetHostedZone' | 'ListResourceRecordSets' | 'ChangeResourceRecordSets' | 'GetChange';

/**
 * Reads `<ErrorResponse><Error><Code>…` and the older `<InvalidChangeBatch><Messages><Message>…`; undefined for anything else.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html#API_ChangeResourceRecordSets_Errors
 */
export function parseRefusal(body: string): Refusal | undefined {
  const root = /^\s*(?:<\?xml[^>]*\?>\s*)?<([A-Za-z]+)[\s>]/.exec(body)?.[1];
  const messages = [...body.matchAll(/<Message>([^<]*)<\/Message>/g)].map(([, text = '']) => decode(text).trim()).filter((text) => text !== '');
  if (root === 'InvalidChangeBatch') return { code: root, messages };
  const code = /<Code>([^<]+)<\/Code>/.exec(body)?.[1]?.trim();
  return (root === 'ErrorResponse' || root === 'Response') && code !== undefined ? { code, messages } : undefined;
}

/** What was being done; `action` undefined: not by Route 53, but where credentials are had. `purpose` completes "when asked to …". `offsetMs`: by how much Amazon's clock is ahead of ours, with a refusal for the date. */
export type Context = { readonly action: Action | undefined; readonly purpose: string; readonly offsetMs: number | undefined; readonly redact: ((text: string) => string) | undefined };

/** The failure behind a refusal. */
export function failureOf({ code, messages }: Refusal, { action, purpose, offsetMs, redact }: Context): Failure {
  const words = redact === undefined ? '' : oneLine(redact(messages.join('; ')));
  const who = action === undefined ? 'AWS' : 'Route 53';
  const detail = `${who} refused to ${purpose} (${code}${words === '' ? '' : `: ${words}`})`;
  if (isClockSkew({ code, messages })) {
    return {
      kind: 'unavailable',
      detail: `${who} refused to ${purpose} because of the date of the request${describeSkew(offsetMs)} (${code})`,
      hint: 'set the clock of this machine (for example: timedatectl set-ntp true); it is tried again by itself',
    };
  }
  switch (code) {
    case 'Throttling':
    case 'ThrottlingException':
    case 'RequestLimitExceeded':
    case 'TooManyRequestsException':
      return { kind: 'throttled', detail };
    case 'PriorRequestNotComplete':
      return { kind: 'throttled', detail: `Route 53 is still at work on an earlier change of the same zone (${code})` };
    case 'AccessDenied':
    case 'AccessDeniedException':
    case 'AuthFailure':
    case 'UnauthorizedOperation':
      return {
        kind: 'auth',
        detail,
        hint:
          action === undefined
            ? 'is the role the right one, and does its trust policy allow these credentials?'
            : `allow route53:${action} in the IAM policy of these credentials; ddns-update providers route53 shows the least that is needed`,
      };
    case 'InvalidClientTokenId':
    case 'InvalidAccessKeyId':
    case 'UnrecognizedClientException':
      return { kind: 'auth', detail, hint: 'this access key does not exist (any more): check accessKeyId, and sessionToken if the credentials are temporary' };
    case 'SignatureDoesNotMatch':
    case 'InvalidSignatureException':
      return { kind: 'auth', detail, hint: 'the access key exists, but the secret access key is not the one that belongs to it' };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return { kind: 'auth', detail, hint: 'these temporary credentials have run out: get new ones (for example: aws sso login), or use a role or an access key' };
    case 'IncompleteSignature':
    case 'MissingAuthenticationToken':
      return { kind: 'auth', detail };
    case 'OptInRequired':
    case 'PendingVerification':
      return { kind: 'blocked', detail, hint: 'finish signing up for Route 53 in the AWS console' };
    case 'NoSuchHostedZone':
      return { kind: 'refused', detail, hint: 'there is no such hosted zone in this account: check zoneId and whose credentials these are' };
    case 'InternalFailure':
    case 'InternalError':
    case 'ServiceUnavailable':
      return { kind: 'unavailable', detail };
    default:
      return { kind: action === undefined ? 'auth' : 'refused', detail };
  }
}

/** The signature is refused for its date: older or younger by more than five minutes. */
export const isClockSkew = ({ code, messages }: Refusal): boolean =>
  ['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'].includes(code) ||
  ((code === 'SignatureDoesNotMatch' || code === 'InvalidSignatureException') && messages.some((text) => /signature (expired|not yet current)/i.test(text)));

function describeSkew(offsetMs: number | undefined): string {
  if (offsetMs === undefined || Math.abs(offsetMs) < 60_000) return '';
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  return `: this machine's clock is ${minutes} minute${minutes === 1 ? '' : 's'} ${offsetMs > 0 ? 'behind' : 'ahead of'} Amazon's`;
}

/** The first sentence is enough: a refused signature comes with pages of what should have been signed. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}

const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/gi, (whole, entity: string) => {
    const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[entity.toLowerCase()];
    if (named !== undefined) return named;
    const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
