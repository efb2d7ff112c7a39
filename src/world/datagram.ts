/** One question and its answer as datagrams, from a connected socket of its own. On the hot path: loads `node:dgram` and nothing else. */
import type { Socket } from 'node:dgram';
import { type Phase, place, within } from './trouble.ts';
import type { Deadline, Peer } from './world.ts';

/** See `Net.datagram`. A connected socket hears only its peer, and learns of it when nothing listens there. */
export async function datagram(peer: Peer, payload: Uint8Array, accept: (reply: Uint8Array) => boolean, wait: Deadline & { readonly repeatMs?: number | readonly number[] }): Promise<Uint8Array> {
  // Not import(), whose bundled form would need a file more.
  const { createSocket } = process.getBuiltinModule('node:dgram');
  // Peers are literals: without this Node would load its whole resolver.
  const socket = createSocket({ type: peer.address.includes(':') ? 'udp6' : 'udp4', lookup: (address, _options, callback) => callback(null, address, 0) });
  const address = zoned(peer);
  let sent = 0;
  let repeat: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(repeat);
    closeSocket(socket);
  };
  const phase = (): Phase => (sent > 0 ? 'reply' : 'connect');
  return within<Uint8Array>({ who: place(peer.address, peer.port), timeoutMs: wait.timeoutMs, signal: wait.signal, phase, end }, ({ done, fail }) => {
    const pauses = typeof wait.repeatMs === 'number' ? [wait.repeatMs] : (wait.repeatMs ?? []);
    const send = (): void => {
      const pause = pauses[sent++];
      socket.send(payload, (error) => error && fail(error));
      if (pause !== undefined) repeat = setTimeout(send, pause);
    };
    socket.on('error', (error) => {
      // Nothing listens there, so nothing can have been done there; unless an earlier one arrived.
      if ('code' in error && error.code === 'ECONNREFUSED' && sent === 1) sent = 0;
      fail(error);
    });
    // Between its binding and its connecting a socket hears everybody.
    let from = '';
    socket.on('message', (reply, { address, port }) => {
      if (port === peer.port && address === from && accept(reply)) done(reply);
    });
    socket.on('connect', () => {
      from = socket.remoteAddress().address;
      send();
    });
    if (peer.bind === undefined) socket.connect(peer.port, address);
    else socket.bind({ address: peer.bind, port: peer.bindPort ?? 0, exclusive: true }, () => socket.connect(peer.port, address));
  });
}

/** As sockets take it (RFC 4007 section 11). */
export const zoned = ({ address, zone }: Pick<Peer, 'address' | 'zone'>): string => (zone === undefined ? address : `${address}%${zone}`);

/** Whatever state it is in. */
export function closeSocket(socket: Socket): void {
  socket.removeAllListeners();
  // What the system still has to say about a closed question interests nobody.
  socket.on('error', () => {});
  try {
    socket.close();
  } catch {
    // It never opened.
  }
}
