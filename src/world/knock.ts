/** Opens a TCP connection and closes it: does anything listen there? */
import { connect } from 'node:net';
import { place, within } from './trouble.ts';
import type { Deadline, Peer } from './world.ts';

/** See `Net.knock`. Not a byte is sent. */
export function knock({ address, port, bind }: Peer, { timeoutMs, signal }: Deadline): Promise<void> {
  const socket = connect({ host: address, port, ...(bind === undefined ? {} : { localAddress: bind }) });
  const end = (): void => {
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  };
  return within<void>({ who: place(address, port), timeoutMs, signal, phase: () => 'connect', end }, ({ done, fail }) => {
    socket.on('connect', () => done());
    socket.on('error', fail);
  });
}
