/** HTTP with providers, on undici: connections live for one round, proxies of the environment are honoured, redirects are not followed, everything has an end. */
import type { LookupAddress, LookupOptions, lookup as systemLookup } from 'node:dns';
import { setFlagsFromString } from 'node:v8';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Family } from '../core/address.ts';
import { Fault } from '../core/failure.ts';
import { networkFault, tooLongFault, within } from './trouble.ts';
import type { Deadline, HttpReply, HttpRequest, Net, World } from './world.ts';

export type HttpOptions = Pick<World, 'env' | 'trace'> & {
  /** Sent where the request has none of its own. */
  readonly userAgent?: string;
  /** Replaces the system's resolvers for hosts and proxies. */
  readonly lookup?: Net['lookup'];
};

/** `close` ends every connection; what is sent afterwards opens new ones. */
export function openHttp(options: HttpOptions): { readonly http: Net['http']; close(): Promise<void> } {
  const agents = new Map<Family | 'any', Dispatcher>();
  return {
    async http(request, wait) {
      const host = hostOf(request);
      const way = request.direct ?? 'any';
      const agent = agents.get(way) ?? (way === 'any' ? openAgent(options) : openDirect(options, way));
      agents.set(way, agent);
      return send(agent, request, wait, { ...options, host });
    },
    async close() {
      const open = [...agents.values()];
      agents.clear();
      await Promise.all(open.map((agent) => agent.destroy()));
    },
  };
}

/** Past every proxy, over one family. */
function openDirect({ lookup }: HttpOptions, family: Family): Dispatcher {
  setFlagsFromString('--liftoff-only');
  return new Agent({
    connect: { timeout: 10_000, family, ...(lookup ? { lookup: asNodeLookup(lookup) } : {}) },
    connections: 8,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    autoSelectFamily: false,
  });
}

function openAgent({ env, lookup }: HttpOptions): EnvHttpProxyAgent {
  // undici parses HTTP in WebAssembly. V8 would optimise it in the background for 30 MiB, and no round lives long enough to gain by that.
  setFlagsFromString('--liftoff-only');
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
async function send(agent: Dispatcher, request: HttpRequest, { timeoutMs, signal }: Deadline, { host, trace, userAgent }: HttpOptions & { readonly host: string }): Promise<HttpReply> {
  const url = new URL(request.url);
  const headers = { ...(userAgent === undefined ? {} : { 'user-agent': userAgent }), ...request.headers };
  let controller: Dispatcher.DispatchController | undefined;
  let over = false;
  trace(`> ${request.method} ${request.url}`);
  trace(`> ${printHeaders(headers)}`);
  if (request.body !== undefined) trace(`> ${request.body}`);
  const end = () => {
    over = true;
    controller?.abort(new Error('over'));
  };
  const reply = await within<HttpReply>({ who: host, timeoutMs, signal, phase: () => (controller ? 'reply' : 'connect'), end }, ({ done, fail }) => {
    const body: Buffer[] = [];
    let size = 0;
    let status = 0;
    let replied: HttpReply['headers'] = {};
    agent.dispatch(
      { origin: url.origin, path: `${url.pathname}${url.search}`, method: request.method, headers, body: request.body ?? null },
      {
        onRequestStart(started) {
          // Given up while it was waiting for a connection: it must not be sent any more.
          if (over) return started.abort(new Error('over'));
          controller = started;
        },
        onResponseStart(_controller, statusCode, raw) {
          status = statusCode;
          replied = Object.fromEntries(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value ?? '')]));
        },
        onResponseData(_controller, chunk) {
          size += chunk.length;
          if (size > request.maxBytes) fail(tooLongFault(host, request.maxBytes));
          else body.push(chunk);
        },
        onResponseEnd() {
          // undici frees a connection one turn of the event loop later: what is sent next shall find it.
          setImmediate(() => setImmediate(done, { status, headers: replied, body: Buffer.concat(body).toString('utf8') }));
        },
        onResponseError(_controller, error) {
          fail(faultOf(error, host, controller !== undefined));
        },
      },
    );
  }).catch((thrown: unknown) => {
    trace(`< ${request.method} ${host}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    throw thrown;
  });
  if (request.confidential) trace(`< ${reply.status} (not shown: it holds a secret)`);
  else {
    trace(`< ${reply.status} ${printHeaders(reply.headers)}`);
    if (reply.body !== '') trace(`< ${reply.body}`);
  }
  return reply;
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

function faultOf(error: Error, who: string, sent: boolean): Fault {
  const cause = innermost(error);
  if (cause.name === 'HTTPParserError') return new Fault({ kind: 'gibberish', phase: 'reply', detail: `${who} did not answer in HTTP` }, { cause });
  if (sent) return networkFault(cause, { who, phase: 'reply' });
  const code = 'code' in cause ? String(cause.code) : '';
  return networkFault(cause, { who, phase: code === 'ENOTFOUND' || code.startsWith('EAI_') ? 'lookup' : /secure TLS connection|certificate/i.test(cause.message) ? 'tls' : 'connect' });
}

/** What Node said, below what undici wraps around it; of several attempts (happy eyeballs) the first. */
function innermost(error: Error): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return innermost(error.errors[0]);
  const wrapped = !('code' in error) || String(error.code).startsWith('UND_ERR');
  return wrapped && error.cause instanceof Error && !(error instanceof Fault) ? innermost(error.cause) : error;
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
      (error: Error) => callback(error, ''),
    );
  };
  return adapted as typeof systemLookup;
}
