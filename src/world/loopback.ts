/** Servers of our own on loopback, on ports that the system chooses: for the demo. Nothing outside this machine can reach them. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Family } from '../core/address.ts';
import { Fault } from '../core/failure.ts';
import type { HttpReply } from './world.ts';

export type Listening = { readonly host: string; readonly port: number; readonly close: () => Promise<void> };

export const LOOPBACK: { readonly [F in Family]: string } = { 4: '127.0.0.1', 6: '::1' };

/** Answers every datagram that has an answer, as soon as it has one; an answer that fails is none. Throws Fault `network` where this machine has no loopback of that family. */
export function listenDatagrams(family: Family, answer: (query: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>): Promise<Listening> {
  const host = LOOPBACK[family];
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  let isOpen = true;
  socket.on('message', (query, from) => {
    Promise.resolve(query)
      .then(answer)
      .then(
        (reply) => {
          if (reply !== undefined && isOpen) socket.send(reply, from.port, from.address);
        },
        () => {},
      );
  });
  const close = (): Promise<void> => {
    isOpen = false;
    return new Promise((done) => void socket.close(() => done()));
  };
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => reject(notHere(host, error)));
    socket.bind(0, host, () => {
      // From here on an error is that of one answer, and the asker will ask again.
      socket.removeAllListeners('error').on('error', () => {});
      resolve({ host, port: socket.address().port, close });
    });
  });
}

/** Answers every request; where there is no answer, the request hangs until the asker gives up. Throws like `listenDatagrams`. */
export function listenHttp(family: Family, answer: () => HttpReply | undefined): Promise<Listening> {
  const host = LOOPBACK[family];
  const server = createServer((_request, response) => {
    const reply = answer();
    if (reply !== undefined) response.writeHead(reply.status, { ...reply.headers, connection: 'close' }).end(reply.body);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(notHere(host, error)));
    server.listen(0, host, () =>
      resolve({
        host,
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      }),
    );
  });
}

const notHere = (host: string, error: Error): Fault => new Fault({ kind: 'network', phase: 'connect', detail: `cannot listen on ${host} (${error.message})` }, { cause: error });
