/** HTTP with providers, against real servers on loopback: how far a request came is told truly, and nothing is believed or shown that must not be. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { attempt, type Failure, Fault } from '../../src/core/failure.ts';
import { type HttpOptions, openHttp } from '../../src/world/http.ts';
import type { HttpReply, HttpRequest } from '../../src/world/world.ts';
import { freePort } from '../servers/ports.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const cleanups: (() => undefined | Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function listen<S extends Server>(server: S): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
/** No resolver need be asked to know that: a label has 63 letters at most. */
const NOBODY = `${'a'.repeat(64)}.invalid`;
const serve = (answer: RequestListener): Promise<number> => listen(createServer(answer));
/** Hands over raw connections: what HTTP libraries do not let a server do. */
const raw = (work: (socket: Socket) => void): Promise<number> => listen(createTcpServer(work));

function client(
  env: Readonly<Record<string, string>> = {},
  options: Partial<HttpOptions> = {},
): {
  readonly traced: string[];
  ask(request: Partial<HttpRequest> & { readonly url: string }, wait?: { timeoutMs?: number; signal?: AbortSignal }): Promise<HttpReply>;
  close(): Promise<void>;
} {
  const traced: string[] = [];
  const { http, close } = openHttp({ env, trace: (line) => void traced.push(line), userAgent: 'ddns-update/test', ...options });
  cleanups.push(close);
  return { traced, close, ask: (request, wait = {}) => http({ method: 'GET', headers: {}, maxBytes: 10_000, ...request }, { timeoutMs: 2000, ...wait }) };
}

async function failureOf(work: Promise<unknown>): Promise<Pick<Failure, 'kind' | 'phase'>> {
  const done = await attempt(() => work);
  if (done.kind === 'ok') throw new Error('it did not fail');
  const { kind, phase } = done.failure;
  return phase === undefined ? { kind } : { kind, phase };
}

describe('how far a request came', () => {
  it('nobody listens: connect', async () => {
    const port = await freePort();
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }))).toEqual({ kind: 'network', phase: 'connect' });
  });

  it('a name that does not exist: lookup', async () => {
    const failure = await failureOf(client().ask({ url: `https://${NOBODY}/` }));
    expect(failure).toEqual({ kind: 'network', phase: 'lookup' });
  });

  it('names are asked of the resolver that was given, and its failure is told', async () => {
    const port = await serve((_request, response) => response.end('found'));
    const asked: string[] = [];
    const lookup: HttpOptions['lookup'] = async (host) => {
      asked.push(host);
      if (host !== 'dns.example') throw new Fault({ kind: 'network', phase: 'lookup', detail: `${host} could not be looked up` });
      return [parseAddress('127.0.0.1') as IpAddress];
    };
    const { ask } = client({}, { lookup });
    expect((await ask({ url: `http://dns.example:${port}/`, insecure: true })).body).toBe('found');
    expect(await failureOf(ask({ url: 'https://other.example/' }))).toEqual({ kind: 'network', phase: 'lookup' });
    expect(asked).toEqual(['dns.example', 'other.example']);
  });

  it('reset after the request arrived: reply, so that a write may have happened', async () => {
    const port = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await failureOf(client().ask({ method: 'POST', body: '{}', url: `http://127.0.0.1:${port}/` }))).toEqual({ kind: 'network', phase: 'reply' });
  });

  it('silence after the request: reply, at the deadline', ONCE_MORE, async () => {
    const port = await serve(() => {});
    const from = performance.now();
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }, { timeoutMs: 200 }))).toEqual({ kind: 'network', phase: 'reply' });
    expect(performance.now() - from).toBeLessThan(1000);
  });

  it('a body that drips does not outlive the deadline', ONCE_MORE, async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }, { timeoutMs: 300 }))).toEqual({ kind: 'network', phase: 'reply' });
  });

  it('cut short of its content-length: reply', async () => {
    const port = await raw((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')));
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }))).toEqual({ kind: 'network', phase: 'reply' });
  });

  it('an answer that is no HTTP: gibberish', async () => {
    const port = await raw((socket) => socket.once('data', () => socket.end('good 203.0.113.7\r\n')));
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }))).toEqual({ kind: 'gibberish', phase: 'reply' });
  });

  it('more bytes than allowed: the reading ends', async () => {
    let written = 0;
    const port = await serve((_request, response) => {
      const more = () => {
        while (written < 100_000_000 && response.write(Buffer.alloc(65_536, 'x'))) written += 65_536;
      };
      response.on('drain', more).on('error', () => {});
      more();
    });
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }))).toEqual({ kind: 'gibberish', phase: 'reply' });
    expect(written).toBeLessThan(50_000_000);
  });

  it('given up before and while', ONCE_MORE, async () => {
    const port = await serve(() => {});
    const gone = AbortSignal.abort();
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }, { signal: gone }))).toEqual({ kind: 'network', phase: 'connect' });
    const going = new AbortController();
    setTimeout(() => going.abort(), 100);
    expect(await failureOf(client().ask({ url: `http://127.0.0.1:${port}/` }, { signal: going.signal }))).toEqual({ kind: 'network', phase: 'reply' });
  });

  it('what was given up while waiting for a connection is never sent', ONCE_MORE, async () => {
    const seen: string[] = [];
    const port = await serve(({ url = '' }) => void seen.push(url));
    const { ask } = client();
    const busy = Array.from({ length: 8 }, (_, at) => attempt(() => ask({ url: `http://127.0.0.1:${port}/busy${at}` }, { timeoutMs: 600 })));
    expect(await failureOf(ask({ method: 'POST', url: `http://127.0.0.1:${port}/late` }, { timeoutMs: 150 }))).toEqual({ kind: 'network', phase: 'connect' });
    await Promise.all(busy);
    expect(seen).toHaveLength(8);
    expect(seen).not.toContain('/late');
  });

  it('a certificate of nobody: tls', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ddns-http-'));
    cleanups.push(async () => rmSync(folder, { recursive: true }));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost', '-days', '1', '-keyout', 'key.pem', '-out', 'cert.pem'], {
      cwd: folder,
      stdio: 'ignore',
    });
    let asked = 0;
    const port = await listen(createTlsServer({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }, () => void asked++) as unknown as Server);
    expect(await failureOf(client().ask({ url: `https://127.0.0.1:${port}/` }))).toEqual({ kind: 'network', phase: 'tls' });
    expect(asked).toBe(0);
  });
});

describe('what it does not do', () => {
  it('follow redirects', async () => {
    let asked = 0;
    const port = await serve((_request, response) => {
      asked++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await client().ask({ url: `http://127.0.0.1:${port}/` })).status).toBe(302);
    expect(asked).toBe(1);
  });

  it('send credentials in the clear, unless told to', async () => {
    expect(await failureOf(client().ask({ url: 'http://dns.example.net/' }))).toEqual({ kind: 'config' });
    expect((await failureOf(client().ask({ url: `http://${NOBODY}/`, insecure: true }))).kind).toBe('network');
  });

  it('show credentials in the trace', async () => {
    const port = await serve((_request, response) => response.setHeader('set-cookie', 'session=s3cret').end('done'));
    const { ask, traced } = client();
    await ask({ method: 'POST', url: `http://127.0.0.1:${port}/path`, headers: { authorization: 'Bearer s3cret', 'x-api-key': 's3cret', accept: '*/*' }, body: 'the body' });
    expect(traced.join('\n')).not.toContain('s3cret');
    expect(traced.join('\n')).toMatch(/> POST http:\/\/127\.0\.0\.1:\d+\/path\n> .*accept: \*\/\*.*\n> the body\n< 200 .*\n< done/);
  });

  it('show a reply that holds a secret', async () => {
    const port = await serve((_request, response) => response.setHeader('x-session', 's3cret').end('{"sid":"s3cret"}'));
    const { ask, traced } = client();
    const { headers, body } = await ask({ method: 'POST', url: `http://127.0.0.1:${port}/login`, confidential: true });
    expect([headers['x-session'], body]).toEqual(['s3cret', '{"sid":"s3cret"}']);
    expect(traced.join('\n')).not.toContain('s3cret');
    expect(traced.at(-1)).toBe('< 200 (not shown: it holds a secret)');
  });

  it('use a connection of an earlier round', async () => {
    const connections = new Set<Socket>();
    const port = await serve((request, response) => {
      connections.add(request.socket);
      response.end('ok');
    });
    const { ask, close } = client();
    await ask({ url: `http://127.0.0.1:${port}/` });
    await ask({ url: `http://127.0.0.1:${port}/` });
    expect(connections.size).toBe(1);
    await close();
    await ask({ url: `http://127.0.0.1:${port}/` });
    expect(connections.size).toBe(2);
  });
});

describe('proxies of the environment', () => {
  async function proxy(): Promise<{ readonly port: number; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createServer();
    server.on('connect', ({ url = '' }: { url?: string }, socket: Socket) => {
      asked.push(url);
      const [host = '', port] = url.split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    });
    return { port: await listen(server), asked };
  }

  it('are used, and left out where no_proxy says so', async () => {
    const { port: proxyPort, asked } = await proxy();
    const port = await serve((request, response) => response.end(request.headers['user-agent'] ?? ''));
    const env = { http_proxy: `http://127.0.0.1:${proxyPort}` };
    expect((await client(env).ask({ url: `http://127.0.0.1:${port}/` })).body).toBe('ddns-update/test');
    expect(asked).toEqual([`127.0.0.1:${port}`]);
    await client({ ...env, no_proxy: '127.0.0.1' }).ask({ url: `http://127.0.0.1:${port}/` });
    expect(asked).toHaveLength(1);
  });

  it('may be written without a scheme; what is no URL is named, not its content', async () => {
    const { port: proxyPort, asked } = await proxy();
    const port = await serve((_request, response) => response.end());
    await client({ HTTP_PROXY: `127.0.0.1:${proxyPort}` }).ask({ url: `http://127.0.0.1:${port}/` });
    expect(asked).toHaveLength(1);
    const done = await attempt(() => client({ https_proxy: 'http://user:s3cret@:x:y' }).ask({ url: 'https://127.0.0.1:1/' }));
    expect(done.kind === 'failed' && done.failure).toMatchObject({ kind: 'config', detail: 'the environment variable https_proxy holds no URL of a proxy' });
  });

  it('that are down fail before anything was sent', async () => {
    const port = await serve((_request, response) => response.end());
    expect(await failureOf(client({ http_proxy: 'http://127.0.0.1:1' }).ask({ url: `http://127.0.0.1:${port}/` }))).toEqual({ kind: 'network', phase: 'connect' });
  });
});
