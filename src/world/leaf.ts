/** The certificate that a TLS server shows, as it is. */
import { isIP } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { attempt, Fault } from '../core/failure.ts';
import { type Leaf, namesIn, type Offer } from '../core/reach.ts';
import { elapsedMs } from './clock.ts';
import { type Phase, place, within } from './trouble.ts';
import type { Deadline, Peer } from './world.ts';

const ALL = 'DEFAULT@SECLEVEL=0';
/** Of TLS 1.3, where those of PKCS #1 can sign certificates only, and so exclude no server whose own was signed by RSA (RFC 8446 section 4.2.3). */
const signedBy = (...algorithms: readonly string[]): ConnectionOptions => ({ minVersion: 'TLSv1.3', sigalgs: [...algorithms, 'RSA+SHA256', 'RSA+SHA384', 'RSA+SHA512'].join(':') });
/** Before TLS 1.3 it is the cipher that says which key signs. */
const old = (ciphers: string): ConnectionOptions => ({ minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` });

const OFFERED: { readonly [O in Offer]: ConnectionOptions } = {
  any: { minVersion: 'TLSv1', ciphers: ALL },
  http: { minVersion: 'TLSv1', ciphers: ALL, ALPNProtocols: ['h2', 'http/1.1'] },
  'tls1.3-ecdsa': signedBy('ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512'),
  'tls1.3-rsa': signedBy('rsa_pss_rsae_sha256', 'rsa_pss_rsae_sha384', 'rsa_pss_rsae_sha512', 'rsa_pss_pss_sha256', 'rsa_pss_pss_sha384', 'rsa_pss_pss_sha512'),
  'tls1.3-eddsa': signedBy('ed25519', 'ed448'),
  'tls1.2-ecdsa': old('aECDSA'),
  'tls1.2-rsa': old('aRSA'),
};

/** See `Net.leaf`. Nothing is sent after the handshake. */
export async function leaf(peer: Peer, serverName: string, { offer, ...wait }: Deadline & { readonly offer?: Offer }): Promise<Leaf> {
  if (offer !== undefined) return shake(peer, serverName, offer, wait);
  const from = elapsedMs();
  const first = await attempt(() => shake(peer, serverName, 'any', wait));
  if (first.kind === 'ok') return first.value;
  const { phase, code = '' } = first.failure;
  const timeoutMs = Math.max(1, wait.timeoutMs - (elapsedMs() - from));
  const second = phase === 'tls' && TURNED_AWAY.test(code) ? await attempt(() => shake(peer, serverName, 'http', { ...wait, timeoutMs })) : first;
  if (second.kind === 'ok') return second.value;
  throw new Fault(first.failure);
}

/** An alert of TLS, or no word at all. */
const TURNED_AWAY = /ALERT|UNRECOGNIZED_NAME|^ECONNRESET$/;

function shake({ address, port, bind }: Peer, serverName: string, offer: Offer, { timeoutMs, signal }: Deadline): Promise<Leaf> {
  const socket = connect({
    host: address,
    port,
    ...(bind === undefined ? {} : { localAddress: bind }),
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    // Nobody is trusted by this and no secret follows: the question is which certificate is there, and one that is expired or signed by its owner is an answer.
    rejectUnauthorized: false,
    ...OFFERED[offer],
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
