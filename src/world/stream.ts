/** One exchange over TCP or TLS, over a connection of its own. */
import { connect as connectTcp, isIP } from 'node:net';
import { type Phase, place, tooLongFault, within } from './trouble.ts';
import type { Deadline, Peer } from './world.ts';

/** See `Net.stream`. The peer closing before `done` is satisfied is a cut-off reply. */
export async function stream<T>(
  peer: Peer,
  payload: Uint8Array,
  done: (received: Uint8Array) => T | undefined,
  wait: Deadline & { readonly maxBytes: number; readonly serverName?: string },
): Promise<T> {
  const options = { host: peer.address, port: peer.port, ...(peer.bind === undefined ? {} : { localAddress: peer.bind }) };
  const { serverName } = wait;
  const tls = serverName === undefined ? undefined : await import('node:tls');
  let phase: Phase = 'connect';
  const socket = tls === undefined || serverName === undefined ? connectTcp(options) : tls.connect({ ...options, ...(isIP(serverName) === 0 ? { servername: serverName } : {}) });
  const who = place(peer.address, peer.port);
  const end = (): void => {
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  };
  return within<T>({ who, timeoutMs: wait.timeoutMs, signal: wait.signal, phase: () => phase, end }, (settle) => {
    let received: Uint8Array = new Uint8Array(0);
    const send = (): void => {
      phase = 'reply';
      socket.write(payload);
    };
    socket.on('connect', () => {
      if (tls === undefined) send();
      else phase = 'tls';
    });
    socket.on('secureConnect', send);
    socket.on('error', settle.fail);
    socket.on('close', () => settle.fail(Object.assign(new Error('closed early'), { code: 'ECONNRESET' })));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > wait.maxBytes) return settle.fail(tooLongFault(who, wait.maxBytes));
      try {
        const value = done(received);
        if (value !== undefined) settle.done(value);
      } catch (thrown) {
        settle.fail(thrown);
      }
    });
  });
}
