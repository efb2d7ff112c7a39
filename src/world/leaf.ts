/** The certificate that a TLS server shows, as it is. */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Leaf, namesIn } from '../core/reach.ts';
import { type Phase, place, within } from './trouble.ts';
import type { Deadline, Peer } from './world.ts';

/** See `Net.leaf`. Nothing is sent after the handshake. */
export function leaf({ address, port, bind }: Peer, serverName: string, { timeoutMs, signal }: Deadline): Promise<Leaf> {
  const socket = connect({
    host: address,
    port,
    ...(bind === undefined ? {} : { localAddress: bind }),
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    // Nobody is trusted by this and no secret follows: the question is which certificate is there, and one that is expired or signed by its owner is an answer.
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  let phase: Phase = 'connect';
  const end = (): void => {
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  };
  return within<Leaf>({ who: place(address, port), timeoutMs, signal, phase: () => phase, end }, ({ done, fail }) => {
    const cutOff = (): void => fail(Object.assign(new Error('closed early'), { code: 'ECONNRESET' }));
    socket.on('connect', () => {
      phase = 'tls';
    });
    socket.on('secureConnect', () => {
      const shown = socket.getPeerX509Certificate();
      // Only ciphers without any are without a certificate, and those are not offered.
      if (shown === undefined) return cutOff();
      // A time that cannot be read counts as over.
      done({ fingerprint256: shown.fingerprint256.replaceAll(':', '').toLowerCase(), names: namesIn(shown.subjectAltName ?? ''), validTo: Date.parse(shown.validTo) || 0 });
    });
    socket.on('error', fail);
    socket.on('close', cutOff);
  });
}
