/** `fetch` for the SDKs of vendors, over our own network, and the way back for what went wrong in it. */
import { attempt, type Failure, Fault } from '../core/failure.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import { exchange } from './http.ts';
import type { Tools } from './provider.ts';

/** Raised inside the `fetch` that is handed to a vendor's SDK: SDKs keep it as `cause`. `faultIn` finds it again. */
class FetchTrouble extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    // Not the Fault's own words: SDKs look for "timed out" in them and then forget the cause.
    super('no usable answer');
    this.fault = fault;
  }
}

/** The Fault that a `fetch` of `asFetch` raised, however deep the SDK has wrapped it. */
export function faultIn(thrown: unknown): Fault | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof FetchTrouble) return at.fault;
  }
  return undefined;
}

/**
 * `fetch` over our Net, for vendors' SDKs: trace, proxy, limits and fakes work alike. `check` sees every reply before the SDK does; its
 * Failure is thrown, so that the SDK never reads what is not the API's own. Only request headers named in `headers` are passed
 * on; `contentType` is what the SDK is told that a checked reply is.
 */
export const asFetch =
  (
    tools: Pick<Tools, 'net' | 'clock' | 'signal'>,
    options: { readonly check: (reply: HttpReply, request: HttpRequest) => Failure | undefined; readonly headers: readonly string[]; readonly contentType: string; readonly maxBytes?: number },
  ): typeof fetch =>
  async (input, init) => {
    const given = new Headers(init?.headers);
    const headers = Object.fromEntries(options.headers.flatMap((name) => (given.has(name) ? [[name, given.get(name) ?? '']] : [])));
    const request: HttpRequest = {
      method: (init?.method?.toUpperCase() ?? 'GET') as HttpRequest['method'],
      url: input instanceof Request ? input.url : String(input),
      headers,
      ...(typeof init?.body === 'string' ? { body: init.body } : {}),
      maxBytes: options.maxBytes ?? 32 * 1024 * 1024,
    };
    const sent = await attempt(() => exchange(tools, request));
    const failure = sent.kind === 'failed' ? sent.failure : options.check(sent.value, request);
    if (sent.kind === 'failed' || failure) throw new FetchTrouble(new Fault(failure as Failure));
    const { status, body } = sent.value;
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers: { ...sent.value.headers, 'content-type': options.contentType } });
  };
