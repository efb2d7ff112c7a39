/** One HTTP exchange with an echo service or a router: fresh connection, forced family, no proxy, no redirects, one deadline over everything. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Family, IpAddress } from '../core/address.ts';
import { zoned } from './datagram.ts';
import { type Phase, place, tooLongFault, within } from './trouble.ts';
import type { Deadline, EchoRequest, HttpReply } from './world.ts';

export type EchoTools = { readonly userAgent: string; readonly lookup: (host: string, family: Family | undefined, wait: Deadline) => Promise<readonly IpAddress[]> };

/** See `Net.echo`. */
export async function echo({ url, family, bind, at, maxBytes, post }: EchoRequest, { timeoutMs, signal }: Deadline, tools: EchoTools): Promise<HttpReply> {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  // An agent of its own: Node's global one may be told by the environment to use a proxy, and keeps sockets that hang after a move.
  const agent = secure ? new TlsAgent({ keepAlive: false, maxCachedSessions: 0 }) : new PlainAgent({ keepAlive: false });
  const port = Number(target.port || (secure ? 443 : 80));
  const who = place(at?.address ?? target.hostname.replace(/^\[(.*)\]$/, '$1'), port);
  let phase: Phase = 'lookup';
  const byName: LookupFunction = (host, options, callback) => {
    tools.lookup(host, family, { timeoutMs, signal }).then(
      (addresses) => {
        const first = addresses[0];
        if (options.all)
          callback(
            null,
            addresses.map((address) => ({ address, family })),
          );
        else callback(null, first ?? '', family);
      },
      (thrown) => callback(thrown, '', family),
    );
  };
  const request = (secure ? secureRequest : plainRequest)(target, {
    agent,
    family,
    lookup: byName,
    ...(bind === undefined ? {} : { localAddress: bind }),
    ...(at === undefined ? {} : { hostname: zoned(at) }),
    method: post === undefined ? 'GET' : 'POST',
    headers: {
      'user-agent': tools.userAgent,
      accept: 'text/plain, application/json;q=0.9, */*;q=0.1',
      'accept-encoding': 'identity',
      connection: 'close',
      ...(at === undefined ? {} : { host: place(at.address, port) }),
      ...post?.headers,
    },
  });
  const end = (): void => {
    request.removeAllListeners();
    request.on('error', () => {});
    request.destroy();
    agent.destroy();
  };
  return within<HttpReply>({ who, timeoutMs, signal, phase: () => phase, end }, ({ done, fail }) => {
    request.on('error', fail);
    request.on('socket', (socket) => {
      if (target.hostname.startsWith('[') || /^[\d.]+$/.test(target.hostname)) phase = 'connect';
      socket.on('lookup', (error) => {
        if (!error) phase = 'connect';
      });
      socket.on('connect', () => {
        phase = secure ? 'tls' : 'reply';
      });
      socket.on('secureConnect', () => {
        phase = 'reply';
      });
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => done({ status: response.statusCode ?? 0, headers: headersOf(response), body: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8') });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) judgeable(response) ? finish() : fail(tooLongFault(who, maxBytes));
      });
      response.on('error', fail);
      response.on('end', () => (response.complete ? finish() : fail(Object.assign(new Error('cut short'), { code: 'ECONNRESET' }))));
    });
    request.end(post?.body);
  });
}

/** Does the head alone say that the body is no answer? */
const judgeable = ({ statusCode, headers }: IncomingMessage): boolean => statusCode !== 200 || /html/i.test(headers['content-type'] ?? '');

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]])));
