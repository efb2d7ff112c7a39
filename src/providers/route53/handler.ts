/** Our Net in the place of Amazon's HTTP handler, so that trace, limits, proxies and fakes work as for every provider; refusals become Faults here. */
import type { Route53ClientConfig } from '@aws-sdk/client-route-53';
import { classify, exchange, Fault, gibberish, type HttpReply, type Tools } from '../../sdk/index.ts';
import { type Action, failureOf, isClockSkew, parseRefusal, type Refusal } from './refusal.ts';

type RequestHandler = NonNullable<Route53ClientConfig['requestHandler']>;

/** What Amazon's SDK hands over: signed, with its path and query in parts. */
type SignedRequest = {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** A refusal in Route 53's own words. `offsetMs`: it was for the date of the signature, and Amazon's clock is ahead of ours by so much. */
export class RefusedFault extends Fault {
  readonly refusal: Refusal;
  readonly offsetMs: number | undefined;
  constructor(refusal: Refusal, context: Parameters<typeof failureOf>[1], offsetMs: number | undefined) {
    super(failureOf(refusal, context));
    this.refusal = refusal;
    this.offsetMs = offsetMs;
  }
}

/** A page of 300 sets is some 100 kB, but a set may have hundreds of values. */
const MAX_BYTES = 16 * 1024 * 1024;

export function handlerOver(tools: Tools): RequestHandler {
  const handler = {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy() {},
    async handle(request: SignedRequest) {
      // Both follow from URL and body, and are signed in exactly the form in which Net sends them.
      const { host: _host, 'content-length': _length, ...headers } = request.headers;
      const body = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : typeof request.body === 'string' ? request.body : undefined;
      for (const secret of [headers['x-amz-security-token'] ?? '', ...(body?.match(EXCHANGED) ?? [])]) tools.learn?.(secret);
      const reply = await exchange(tools, {
        method: request.method === 'POST' ? 'POST' : 'GET',
        url: urlOf(request),
        headers: { ...headers, 'user-agent': tools.userAgent },
        ...(body === undefined ? {} : { body }),
        ...(isOfRoute53(request) ? {} : { confidential: true }),
        maxBytes: MAX_BYTES,
      });
      const refused = faultIn(reply, request, tools);
      if (refused) throw refused;
      return { response: { statusCode: reply.status, headers: { ...reply.headers }, body: new TextEncoder().encode(reply.body) } };
    },
  };
  // The SDK's type has more overloads than it calls: `handle`, `metadata` and `destroy` are all of the protocol.
  return handler as unknown as RequestHandler;
}

/** Amazon's SDK asks others through the same handler: those that give temporary credentials for a role, a web identity or a log-in. */
const isOfRoute53 = ({ path }: SignedRequest): boolean => path.includes('/2013-04-01/');

/** What is given for such credentials: as a form to STS, as JSON to the log-in. */
const EXCHANGED = /(?<=\bWebIdentityToken=)[^&]+|(?<="refreshToken":")[^"]+/g;

/** Path and query in the very form that was signed (RFC 3986). */
function urlOf({ protocol, hostname, port, path, query = {} }: SignedRequest): string {
  const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = Object.entries(query).flatMap(([name, value]) => [value ?? ''].flat().map((one) => `${encode(name)}=${encode(one)}`));
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${pairs.length === 0 ? '' : `?${pairs.sort().join('&')}`}`;
}

/** What the SDK must not read: refusals, and whatever is no answer of Route 53. */
function faultIn(reply: HttpReply, request: SignedRequest, tools: Tools): Fault | undefined {
  const [action, purpose] = purposeOf(request);
  // The log-in speaks JSON, and Amazon's SDK says by itself what is wrong with it.
  if (action === undefined && /^\s*\{/.test(reply.body)) return undefined;
  const refusal = reply.status >= 200 && reply.status < 300 ? undefined : parseRefusal(reply.body);
  if (refusal !== undefined) {
    const answeredAt = Date.parse(reply.headers['date'] ?? '');
    const offsetMs = isClockSkew(refusal) && !Number.isNaN(answeredAt) ? answeredAt - tools.clock.now() : undefined;
    return new RefusedFault(refusal, { action, purpose, offsetMs, redact: tools.redact }, offsetMs);
  }
  const asked = { host: request.hostname, purpose, clock: tools.clock, ...(tools.redact ? { redact: tools.redact } : {}) };
  const failure = classify(reply, asked);
  // A refusal of Route 53 says so in its own words: one without them is somebody else's, and says nothing about the name.
  if (failure) return new Fault(failure.kind === 'refused' || failure.kind === 'conflict' ? gibberish(asked, reply, 'has no error of the API in it') : failure);
  return isWhole(reply.body) ? undefined : new Fault(gibberish(asked, reply, 'is not XML of the API, or is cut short'));
}

/** Every answer has one root element named `…Response`, and it is closed. */
const isWhole = (body: string): boolean => /^\s*(?:<\?xml[^>]*\?>\s*)?<(\w+Response)[\s>][\s\S]*<\/\1>\s*$/.test(body);

function purposeOf(request: SignedRequest): readonly [action: Action | undefined, purpose: string] {
  const { method, path } = request;
  if (!isOfRoute53(request)) return [undefined, 'give temporary credentials'];
  const zone = /\/hostedzone\/([^/]+)/.exec(path)?.[1];
  if (path.includes('/change/')) return ['GetChange', 'say how far a change has come'];
  if (zone === undefined) return ['ListHostedZones', 'list the hosted zones'];
  if (!/\/rrset\/?$/.test(path)) return ['GetHostedZone', `show the hosted zone ${zone}`];
  return method === 'POST' ? ['ChangeResourceRecordSets', `change records in the hosted zone ${zone}`] : ['ListResourceRecordSets', `list the records of the hosted zone ${zone}`];
}
