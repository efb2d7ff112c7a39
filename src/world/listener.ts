/** A very small HTTP server for strangers: one short answer per connection, whatever they send and however slowly. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IpAddress, parseAddress } from '../core/address.ts';
import { Fault } from '../core/failure.ts';
import { unwrapMapped } from '../core/special.ts';
import { place } from './trouble.ts';
import type { ServedReply, ServedRequest, Serving } from './world.ts';

/** A request that is not there in whole after so long is given up. */
const REQUEST_MS = 5000;
/** Nothing takes longer to answer, and nobody longer to listen. */
const IDLE_MS = 30_000;
const HEADER_BYTES = 8192;
const CONNECTIONS = 256;

/** See `Net.serve`. `bind`: on this address alone. */
export function listen(port: number, answer: (request: ServedRequest) => Promise<ServedReply>, bind?: IpAddress): Promise<Serving> {
  const server = createServer({ maxHeaderSize: HEADER_BYTES, headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: 1000, keepAliveTimeout: 1 }, (request, response) => {
    response.on('error', () => {});
    const { method = '', url = '', socket } = request;
    const asked: ServedRequest = { method, target: url, headers: headersOf(request.headers), from: senderOf(socket.remoteAddress ?? '') };
    Promise.resolve(asked)
      .then(answer)
      .then(
        (reply) => send(response, reply),
        // What happened is told by whoever answers; a stranger need not know.
        () => send(response, { status: 500, headers: {}, body: '' }),
      );
  });
  server.maxConnections = CONNECTIONS;
  server.maxRequestsPerSocket = 1;
  server.setTimeout(IDLE_MS, (socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(port, bind, error)));
    // Without an address Node takes all of IPv6 and IPv4, or those of IPv4 where there is nothing else.
    server.listen({ port, ...(bind === undefined ? {} : { host: bind }) }, () => {
      // From here on an error is that of one connection.
      server.removeAllListeners('error').on('error', () => {});
      resolve({ port: (server.address() as AddressInfo).port, close: () => close(server) });
    });
  });
}

function send(response: ServerResponse, { status, headers, body }: ServedReply): void {
  if (response.destroyed) return;
  const always = { 'content-length': Buffer.byteLength(body), connection: 'close' };
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers, ...always }).end(body);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** An IPv4 address that arrives at a socket of both families is told in IPv6 form. */
function senderOf(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : unwrapMapped(address);
}

const headersOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]])));

function cannotListen(port: number, bind: IpAddress | undefined, error: Error): Fault {
  const code = 'code' in error ? String(error.code) : '';
  const where = bind === undefined ? `port ${port}` : place(bind, port);
  return new Fault({ kind: 'network', phase: 'connect', detail: `cannot listen on ${where}: ${WORDS[code] ?? error.message}`, ...(code === '' ? {} : { code }) }, { cause: error });
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does (EADDRINUSE)',
  EACCES: 'this user may not (EACCES); ports below 1024 are for root, or for whom the system lets',
  EADDRNOTAVAIL: 'this machine has no such address (EADDRNOTAVAIL)',
};
