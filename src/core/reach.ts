/** What this machine shows at a port, and what somebody outside saw there. Pure data; what it proves is in ladder.ts. */
import type { Family, IpAddress } from './address.ts';
import type { Fqdn } from './name.ts';
import type { Instant } from './record.ts';

/** The leaf of a TLS server. `fingerprint256`: SHA-256 over its DER form, 64 hexadecimal digits in lower case. `names`: of its subject alternative names, those of DNS, in lower case. */
export type Leaf = { readonly fingerprint256: string; readonly names: readonly string[]; readonly validTo: Instant };

/** " for a.example, b.example and others": names of a certificate, a stranger's too, for one line of a terminal; empty for none. */
export const printNames = (names: readonly string[] | undefined): string =>
  names === undefined || names.length === 0 ? '' : ` for ${names.slice(0, 3).map(tame).join(', ')}${names.length > 3 ? ' and others' : ''}`;
const tame = (name: string): string => name.slice(0, 253).replace(/[^\x21-\x7e]/g, '?');

/** Of the names of a certificate one for a whole domain, if there is one: such a certificate is often copied to several machines, such as the one before this. */
export const wildcardOf = (names: readonly string[]): string | undefined => names.find((name) => name.startsWith('*.'));

/**
 * What a client of TLS offers, by which a server that has several certificates chooses among them: a version, and the kinds of key that it takes. `any`: all that there is;
 * `http`: and says that it wants HTTP (ALPN), without which some servers do not talk, or show another.
 */
export const OFFERS = ['any', 'http', 'tls1.3-ecdsa', 'tls1.3-rsa', 'tls1.3-eddsa', 'tls1.2-ecdsa', 'tls1.2-rsa'] as const;
export type Offer = (typeof OFFERS)[number];

/** A page that only this machine has, for the time of a proof: a GET of `path` (`/.well-known/ddns-update/TOKEN`) is answered with `nonce` and nothing else. */
export type Page = { readonly path: string; readonly nonce: string };

/** What this machine itself shows at a port of its own. */
export type Face =
  /** Nothing listened there: we do, for the time of the proof. */
  | { readonly kind: 'page'; readonly page: Page }
  /** A TLS server of this machine. `doubt`: why what answers may be this machine although it is not this certificate that is seen. */
  | { readonly kind: 'certificate'; readonly leaf: Leaf; readonly doubt?: Doubt }
  /** Something listens that cannot be told from another machine's. */
  | { readonly kind: 'service' }
  /** Nothing that others could reach listens, and we may not either. `words`: why, as a clause. `advice`: what to do, where it is not to start something. */
  | { readonly kind: 'nothing'; readonly words: string; readonly advice?: string };

/** `words`, `advice`: clauses without a full stop. */
export type Doubt = { readonly words: string; readonly advice: string };

/** What somebody outside is asked to look at. `port`: outside. `as`: how closely. */
export type Look = {
  readonly name: Fqdn;
  readonly family: Family;
  readonly address: IpAddress;
  readonly port: number;
  readonly as: { readonly kind: 'connection' } | { readonly kind: 'certificate' } | { readonly kind: 'page'; readonly path: string };
};

/** What answered there, where the one who looked came so far. */
export type Seen =
  | { readonly kind: 'page'; readonly status: number; readonly body: string }
  /** `names`, `validTo`: where the one who looked tells them. */
  | ({ readonly kind: 'certificate' } & Pick<Leaf, 'fingerprint256'> & Partial<Leaf>);

/** What one that looked from outside says. `words`: a clause without a full stop. */
export type Sighting =
  /** `seen`: by most. `besides`: what the others saw. `words`: where not all who looked connect, or see the same ("2 of 3 places outside connect"). `unread`: why one who would have read more could not. */
  | { readonly kind: 'open'; readonly seen?: Seen; readonly besides?: readonly Seen[]; readonly words?: string; readonly unread?: string }
  /** Refused, or no answer in time. */
  | { readonly kind: 'closed'; readonly words: string }
  /** It could not look, or looked at another address: nothing is known. */
  | { readonly kind: 'unknown'; readonly words: string };

/** Services that look from outside, by their ids in a config. */
export const PUBLIC_PROBES = ['globalping', 'letsdebug', 'portchecker', 'check-host'] as const;
export type PublicProbe = (typeof PUBLIC_PROBES)[number];
/** Who is asked to look from outside: nobody, a service, or a probe-server of the user's own. */
export type ProbeChoice = 'none' | PublicProbe | { readonly url: string; readonly insecure: boolean };

/** The names among a certificate's alternatives, as Node and Globalping print them: of `DNS:a.example, IP Address:127.0.0.1, DNS:"odd, text"` the names; what stands in quotes is none. */
export const namesIn = (alternatives: string): readonly string[] =>
  [...alternatives.matchAll(/([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)].flatMap(([, kind, value = '']) => (kind === 'DNS' && !value.startsWith('"') ? [value.toLowerCase()] : []));
