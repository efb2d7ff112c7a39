/** Network errors of Node in plain words, as Faults with the phase that was reached. */
import { setMaxListeners } from 'node:events';
import { BROKEN_OFF, Fault } from '../core/failure.ts';

export type Phase = 'lookup' | 'connect' | 'tls' | 'reply';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection: nothing listens there',
  ECONNRESET: 'cut the connection off',
  EPIPE: 'cut the connection off',
  ENETUNREACH: 'cannot be reached: there is no route to it',
  EHOSTUNREACH: 'cannot be reached: the way to it ends',
  ENETDOWN: 'cannot be reached: the network is down',
  EADDRNOTAVAIL: 'cannot be asked: this machine has no address to ask it from',
  EAFNOSUPPORT: 'cannot be asked: this machine does not have this address family',
  EACCES: 'cannot be asked: this machine does not allow it',
  EPERM: 'cannot be asked: a firewall on this machine forbids it',
  EMSGSIZE: 'cannot be asked: the message is too large for a datagram',
  ENOTFOUND: 'could not be looked up: the resolver knows no such name',
  ENODATA: 'has no address of this family',
  EAI_AGAIN: 'could not be looked up: no name server answered',
  ESERVFAIL: 'could not be looked up: the name server failed',
  EREFUSED: 'could not be looked up: the name server refused',
};

/** Said of the name server, not of the host. */
const LOOKUP_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'could not be looked up: no name server listens where it should',
  ETIMEOUT: 'could not be looked up: no name server answered',
  ETIMEDOUT: 'could not be looked up: no name server answered',
  ENETUNREACH: 'could not be looked up: there is no route to the name server',
};

const NO_TLS = 'does not speak TLS there';

const TLS_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'shows a certificate that has expired (is the clock of this machine right?)',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet (is the clock of this machine right?)',
  CERT_REVOKED: 'shows a certificate that was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows the certificate of another host: something on the way answers in its place',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'shows a certificate of an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'shows a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'shows a certificate of an unknown authority',
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ECONNRESET: 'broke off while TLS was being set up',
};

/** The Fault for `thrown`, which happened to `who` (`host:port`) in `phase`. What is a Fault already stays as it is. */
export function networkFault(thrown: unknown, { who, phase }: { readonly who: string; readonly phase: Phase }): Fault {
  if (thrown instanceof Fault) return thrown;
  const code = codeOf(thrown);
  const words =
    (phase === 'tls' ? TLS_WORDS[code] : phase === 'lookup' ? LOOKUP_WORDS[code] : undefined) ?? WORDS[code] ?? TLS_WORDS[code] ?? (code.startsWith('ERR_SSL_') ? 'broke TLS off' : undefined);
  if (code.startsWith('HPE_')) return new Fault({ kind: 'gibberish', detail: `${who} did not answer in HTTP (${code})`, phase: 'reply', code }, { cause: thrown });
  const inTls = phase === 'tls' || code.startsWith('ERR_SSL_') || (code in TLS_WORDS && !(code in WORDS));
  const detail = words === undefined ? `${who}: ${thrown instanceof Error ? thrown.message : String(thrown)}` : `${who} ${words} (${code})`;
  return new Fault({ kind: 'network', detail, phase: inTls ? 'tls' : phase, ...(code === '' ? {} : { code }) }, { cause: thrown });
}

/** Our own deadline, or a caller that no longer waits, has ended it. */
export const timeoutFault = (who: string, phase: Phase, timeoutMs: number): Fault =>
  new Fault({ kind: 'network', detail: `${who} ${PENDING[phase]} within ${timeoutMs < 1000 ? `${Math.round(timeoutMs)} ms` : `${Math.round(timeoutMs / 100) / 10} s`}`, phase, code: 'ETIMEDOUT' });

/** Says nothing about `who`. */
export const abortFault = (who: string, phase: Phase): Fault => new Fault({ kind: 'network', detail: `${who} was no longer waited for`, phase, code: BROKEN_OFF, hint: GIVEN_UP });
const GIVEN_UP = 'the program was to end, its time was up, or the box is elsewhere now';

export const tooLongFault = (who: string, maxBytes: number): Fault =>
  new Fault({ kind: 'gibberish', detail: `${who} sent more than ${maxBytes} bytes, far more than an answer has`, phase: 'reply', code: 'EMSGSIZE' });

const PENDING: { readonly [P in Phase]: string } = {
  lookup: 'could not be looked up',
  connect: 'could not be connected to',
  tls: 'did not finish setting up TLS',
  reply: 'did not answer',
};

const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '');

/** `1.2.3.4:53`, `[2001:db8::1]:53`, `example.com:53`. */
export const place = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Runs `work` until it settles, its time is over or `signal` aborts, whichever is first; then `end` is called, once, in every case.
 * `phase` is asked when time is over.
 */
export function within<T>(
  { who, timeoutMs, signal, phase, end }: { readonly who: string; readonly timeoutMs: number; readonly signal?: AbortSignal | undefined; readonly phase: () => Phase; readonly end: () => void },
  work: (settle: { readonly done: (value: T) => void; readonly fail: (thrown: unknown) => void }) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const finish = (act: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      clearImmediate(last);
      signal?.removeEventListener('abort', aborted);
      end();
      act();
    };
    const fail = (thrown: unknown): void => finish(() => reject(networkFault(thrown, { who, phase: phase() })));
    const aborted = (): void => fail(abortFault(who, phase()));
    const late = (): void => fail(timeoutFault(who, phase(), timeoutMs));
    let last: NodeJS.Immediate | undefined;
    // Timers come before what has arrived: after a standstill the answer may lie there unread.
    const timer = setTimeout(() => {
      last = setImmediate(late);
    }, timeoutMs);
    if (signal?.aborted) return aborted();
    // Dozens may wait under one signal; Node would take eleven for a leak, and say so on stderr.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener('abort', aborted);
    try {
      work({ done: (value) => finish(() => resolve(value)), fail });
    } catch (thrown) {
      fail(thrown);
    }
  });
}
