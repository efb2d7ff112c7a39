/** Is a certificate that somebody outside was shown this machine's, although here another is shown? Pure; where that cannot be known, it says so. */
import type { Fqdn } from './name.ts';
import type { Doubt, Leaf, Seen } from './reach.ts';
import { covers, SOME_CAME } from './reachability.ts';
import type { Instant } from './record.ts';

/** What became of one handshake with a server of this machine. */
export type Handshake =
  /** `as`: in which way it was asked. `alike`: as when it was looked at first. `nameless`: it was told no name. `other`: it was offered something else. */
  | { readonly kind: 'shown'; readonly as: 'alike' | 'nameless' | 'other'; readonly leaf: Leaf }
  /** It has nothing for those who ask in this way. */
  | { readonly kind: 'turned-away' }
  | { readonly kind: 'unheard' };

export type Shown = { readonly name: Fqdn; readonly first: Leaf; readonly again: readonly Handshake[] };
export type SeenCertificate = Extract<Seen, { readonly kind: 'certificate' }>;
export type Recognition =
  /** `leaf`: that by which visitors of the name are met. */
  { readonly kind: 'ours'; readonly leaf: Leaf } | { readonly kind: 'doubtful'; readonly doubt: Doubt } | { readonly kind: 'strange' };

/** `besides`: what others saw who looked at the same time. */
export function recognise({ name, first, again }: Shown, seen: SeenCertificate, besides: readonly Seen[], now: Instant): Recognition {
  const shown = again.filter((one) => one.kind === 'shown');
  const isOurs = ({ fingerprint256 }: Leaf | SeenCertificate): boolean => first.fingerprint256 === fingerprint256 || shown.some(({ leaf }) => leaf.fingerprint256 === fingerprint256);
  const same = shown.filter(({ leaf }) => leaf.fingerprint256 === seen.fingerprint256).sort((a, b) => Number(a.as === 'nameless') - Number(b.as === 'nameless'))[0];
  // Whoever looked without saying for whom was shown what visitors of the name are not.
  if (same !== undefined) return { kind: 'ours', leaf: same.as === 'nameless' ? first : same.leaf };
  const doubtful = (words: string, advice: string): Recognition => ({ kind: 'doubtful', doubt: { words, advice } });
  if (besides.some((one) => one.kind === 'certificate' && isOurs(one))) return doubtful(SOME_CAME, PAGE);
  if (shown.length === 0) return doubtful('what listens there did not answer when it was asked again', AGAIN);
  if (shown.some(({ as, leaf }) => as === 'alike' && leaf.fingerprint256 !== first.fingerprint256))
    return doubtful('what listens there shows different certificates from one moment to the next', PAGE);
  if (again.some(({ kind }) => kind === 'unheard')) return doubtful('what listens there did not answer in time when it was asked for all of its certificates', AGAIN);
  const isForName = (seen.names ?? []).some((one) => covers(one, name)) && (seen.validTo === undefined || seen.validTo > now);
  if (isForName) return doubtful(`what answers has another certificate for ${name}, as a proxy or load balancer in front of this machine would, and another machine too`, PAGE);
  return { kind: 'strange' };
}

const AGAIN = 'run this again';
const PAGE = 'name a port besides on which nothing listens here (verify: { ports }), and let it lead here: by a page that only this machine has it can be told';
