/** An HTTP echo service on loopback that can misbehave in every way real ones have. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** `tell`: what it says; changeable while it runs. */
export type EchoMode =
  | 'plain'
  | 'json'
  | 'trace'
  | 'html-200'
  | 'html-plain-type'
  | 'page-of-100-kb'
  | '502-with-address'
  | 'redirect'
  | 'hang'
  | 'hang-in-body'
  | 'drip'
  | '100-mb'
  | 'cut-short'
  | 'two-addresses'
  | 'reset'
  | 'empty'
  | 'no-http'
  | 'flaky';

export type EchoServer = {
  readonly port: number;
  readonly url: string;
  mode: EchoMode;
  tell: string;
  requests: IncomingMessage[];
  peers: (string | undefined)[];
  bytesSent: () => number;
  close: () => Promise<void>;
};

/** Listens on `port` of `host`, an ephemeral one unless it is given; over TLS when `tls` is given. */
export async function echoServer(options: { readonly mode?: EchoMode; readonly tell: string; readonly host?: string; readonly port?: number; readonly tls?: ServerOptions }): Promise<EchoServer> {
  const host = options.host ?? '127.0.0.1';
  let sent = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    state.requests.push(request);
    state.peers.push(request.socket.remoteAddress);
    request.socket.on('close', () => {
      sent += request.socket.bytesWritten;
    });
    reply(state, request, response);
  };
  const server = options.tls ? createSecureServer(options.tls, answer) : createServer(answer);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  const state: EchoServer = {
    port,
    url: `${options.tls ? 'https' : 'http'}://${shown}:${port}/`,
    mode: options.mode ?? 'plain',
    tell: options.tell,
    requests: [],
    peers: [],
    bytesSent: () => sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

function reply(state: EchoServer, request: IncomingMessage, response: ServerResponse): unknown {
  const text = (status: number, body: string, type = 'text/plain', headers: Record<string, string> = {}): ServerResponse => {
    response.writeHead(status, { 'content-type': type, ...headers });
    return response.end(body);
  };
  const { tell } = state;
  switch (state.mode) {
    case 'plain':
      return text(200, `${tell}\n`, 'text/plain', { 'set-cookie': '__cf_bm=1.0.1.1-abc', server: 'nginx/1.2.3.4' });
    case 'json':
      return text(200, JSON.stringify({ ip: tell, query: { address: tell } }), 'application/json');
    case 'trace':
      return text(200, `fl=1f1\nh=${request.headers.host ?? ''}\nip=${tell}\nts=1.2\nvisit_scheme=https\nwarp=off\ngateway=off\n`);
    case 'html-200':
      return text(200, `<!doctype html><html><body>Please log in. Your address is ${tell}</body></html>`, 'text/html; charset=utf-8');
    case 'html-plain-type':
      return text(200, `\n <html>${tell}</html>`);
    case 'page-of-100-kb':
      return text(200, `<html>${'x'.repeat(100_000)}</html>`, 'text/html');
    case '502-with-address':
      return text(502, `${tell}\n`);
    case 'redirect':
      return text(302, `${tell}\n`, 'text/plain', { location: 'http://portal.example/login' });
    case 'hang':
      return;
    case 'hang-in-body':
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '20' });
      response.write(tell);
      return;
    case 'drip': {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const timer = setInterval(() => response.write(' '), 50);
      request.socket.on('close', () => clearInterval(timer));
      return;
    }
    case '100-mb': {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': String(100 * 1024 * 1024) });
      const chunk = Buffer.alloc(64 * 1024, '1');
      const pump = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pump);
      response.on('error', () => {});
      pump();
      return;
    }
    case 'cut-short':
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '50' });
      response.write(tell);
      setTimeout(() => request.socket.destroy(), 20);
      return;
    case 'two-addresses':
      return text(200, `${tell}, 9.9.9.10\n`);
    case 'reset':
      request.socket.destroy();
      return;
    case 'empty':
      return text(200, '');
    case 'no-http':
      request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      return;
    case 'flaky':
      if (state.requests.length % 2 === 1) request.socket.destroy();
      else text(200, tell);
      return;
    default:
      state.mode satisfies never;
  }
}
