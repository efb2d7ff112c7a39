/** HTTP with providers, on undici: connections live for one round, proxies of the environment are honoured, redirects are not followed, everything has an end. */
import type { LookupAddress, LookupOptions, lookup as systemLookup } from 'node:dns';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { type Failure, Fault } from '../core/failure.ts';
import type { Deadline, HttpReply, HttpRequest, Net, World } from './world.ts';

export type HttpOptions = Pick<World, 'env' | 'trace'> & {
  /** Sent where the request has none of its own. */
  readonly userAgent?: string;
  /** Replaces the system's resolvers for hosts and proxies. */
  readonly lookup?: Net['lookup'];
};

/** `close` ends every connection; what is sent afterwards opens new ones. */
export function openHttp(options: HttpOptions): { readonly http: Net['http']; close(): Promise<void> } {
  let agent: EnvHttpProxyAgent | undefined;
  return {
    async http(request, wait) {
      const host = hostOf(request);
      agent ??= openAgent(options);
      return send(agent, request, wait, { ...options, host });
    },
    async close() {
      const open = agent;
      agent = undefined;
      await open?.destroy();
    },
  };
}

function openAgent({ env, lookup }: HttpOptions): EnvHttpProxyAgent {
  const connect = { timeout: 10_000, ...(lookup ? { lookup: asNodeLookup(lookup) } : {}) };
  return new EnvHttpProxyAgent({
    httpProxy: proxyIn(env, 'http_proxy'),
    httpsProxy: proxyIn(env, 'https_proxy'),
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    connect,
    proxyTls: connect,
    connections: 8,
    pipelining: 1,
    // The total deadline of each request is ours.
    headersTimeout: 0,
    bodyTimeout: 0,
    autoSelectFamily: true,
  });
}

/** A proxy's URL; as elsewhere, `host:port` means `http://host:port`. Empty: none, which keeps undici from looking by itself. */
function proxyIn(env: HttpOptions['env'], name: 'http_proxy' | 'https_proxy'): string {
  const value = env[name] || env[name.toUpperCase()] || '';
  const url = value === '' || value.includes('://') ? value : `http://${value}`;
  if (url !== '' && !URL.canParse(url)) throw new Fault({ kind: 'config', detail: `the environment variable ${name} holds no URL of a proxy`, hint: `correct or unset ${name}` });
  return url;
}

/** One exchange. Until the request is written to a connected socket nothing can have happened; from then on it may have (`phase: 'reply'`). */
function send(agent: Dispatcher, request: HttpRequest, { timeoutMs, signal }: Deadline, { host, trace, userAgent }: HttpOptions & { readonly host: string }): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const url = new URL(request.url);
    const headers = { ...(userAgent === undefined ? {} : { 'user-agent': userAgent }), ...request.headers };
    const body: Buffer[] = [];
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let replied: Readonly<Record<string, string>> = {};
    let size = 0;
    let over = false;

    const end = (work: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      work();
    };
    const fail = (error: Error, failure: Failure) =>
      end(() => {
        trace(`< ${request.method} ${host}: ${failure.detail}`);
        reject(new Fault(failure, { cause: error }));
        controller?.abort(error);
      });
    const phase = () => (controller ? 'reply' : 'connect');
    const abort = () => fail(new Error('aborted'), { kind: 'network', phase: phase(), detail: `${host}: given up ${controller ? 'while waiting for its answer' : 'before it was reached'}` });
    const timer = setTimeout(
      () => fail(new Error('timeout'), { kind: 'network', phase: phase(), detail: `${host} ${controller ? 'did not answer' : 'could not be reached'} within ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) return abort();

    trace(`> ${request.method} ${request.url}`);
    trace(`> ${printHeaders(headers)}`);
    if (request.body !== undefined) trace(`> ${request.body}`);
    agent.dispatch(
      { origin: url.origin, path: `${url.pathname}${url.search}`, method: request.method, headers, body: request.body ?? null },
      {
        onRequestStart(started) {
          // Given up while it was waiting for a connection: it must not be sent any more.
          if (over) return started.abort(new Error('given up'));
          controller = started;
        },
        onResponseStart(_controller, statusCode, raw) {
          status = statusCode;
          replied = Object.fromEntries(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value ?? '')]));
        },
        onResponseData(_controller, chunk) {
          size += chunk.length;
          if (size > request.maxBytes) fail(new Error('too long'), { kind: 'network', phase: 'reply', detail: `${host} answered with more than ${request.maxBytes} bytes` });
          else body.push(chunk);
        },
        onResponseEnd() {
          end(() => {
            const reply = { status, headers: replied, body: Buffer.concat(body).toString('utf8') };
            trace(`< ${status} ${printHeaders(replied)}`);
            if (reply.body !== '') trace(`< ${reply.body}`);
            // undici frees a connection one turn of the event loop later: what is sent next shall find it.
            setImmediate(() => setImmediate(resolve, reply));
          });
        },
        onResponseError(_controller, error) {
          fail(error, failureOf(error, host, controller !== undefined));
        },
      },
    );
  });
}

/** The host for messages, after the check that secrets will not travel in the clear. */
function hostOf({ url, insecure }: HttpRequest): string {
  const { protocol, hostname, host } = new URL(url);
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && (loopback || insecure))) return host;
  throw new Fault({
    kind: 'config',
    detail: `${protocol}//${host} is not encrypted: credentials would travel in the clear`,
    hint: 'use https:, or say insecure: true where the provider offers that option',
  });
}

function failureOf(error: Error, host: string, sent: boolean): Failure {
  const { code = '', message } = innermost(error);
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return { kind: 'network', phase: 'lookup', detail: `${host} could not be looked up (${code})` };
  if (!sent && isTls(code, message)) return { kind: 'network', phase: 'tls', detail: `no trustworthy TLS connection with ${host}: ${message}` };
  if (!sent) return { kind: 'network', phase: 'connect', detail: `${host} could not be reached (${code || message})` };
  return { kind: 'network', phase: 'reply', detail: `the connection with ${host} broke before its answer was complete (${code || message})` };
}

const isTls = (code: string, message: string): boolean =>
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO|CRL_|INVALID_)/.test(code) || /secure TLS connection|certificate/i.test(message);

/** What Node said, below what undici wraps around it; of several attempts (happy eyeballs) the first. */
function innermost(error: Error): { readonly code?: string; readonly message: string } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return innermost(error.errors[0]);
  if (error.cause instanceof Error && (code === undefined || code.startsWith('UND_ERR'))) return innermost(error.cause);
  return code === undefined ? { message: error.message } : { code, message: error.message };
}

/** Values of headers that carry credentials are not shown, whatever they are. */
const printHeaders = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${/auth|token|key|cookie|secret|signature|credential|password/i.test(name) ? '***' : value}`)
    .join('; ');

/** `Net.lookup` in the form that node:net wants. */
function asNodeLookup(lookup: Net['lookup']): typeof systemLookup {
  const adapted = (hostname: string, options: LookupOptions, callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void): void => {
    const family = options.family === 4 || options.family === 6 ? options.family : undefined;
    lookup(hostname, family, { timeoutMs: 5000 }).then(
      (addresses) => {
        const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
        const [first] = found;
        if (first === undefined) callback(Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), '');
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(Object.assign(new Error(`no address for ${hostname}`, { cause: error }), { code: 'ENOTFOUND' }), ''),
    );
  };
  return adapted as typeof systemLookup;
}
