/** Finding the gateway's UPnP description (SSDP, UPnP Device Architecture 2.0 section 1.3): who is asked, and which answers are believed. */
import type { IpAddress } from '../../core/address.ts';
import type { BallotFailure } from '../../core/ballot.ts';
import { attempt } from '../../core/failure.ts';
import type { Deadline, World } from '../../world/world.ts';
import { asBallotFailure } from '../ask.ts';
import { atGateway } from './origin.ts';

/** `urls`: where the gateway says that it describes itself, best first; every one of them is at the gateway. */
export type Descriptions = { readonly kind: 'found'; readonly urls: readonly string[] } | { readonly kind: 'failed'; readonly failure: BallotFailure };

const GROUP = '239.255.255.250' as IpAddress<4>;
const PORT = 1900;
/** Of which anybody may send any number: beyond these none is considered. */
const MAX_ANSWERS = 10;
/** An answer is a few hundred bytes. */
const MAX_BYTES = 4096;
const TIMEOUT_MS = 1500;

/** Best first. */
const KINDS = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
] as const;

/**
 * Asks the gateway itself, which opens the way back through a firewall on this machine, and the multicast group, where it must listen.
 * Answers of any other host are dropped, and so are those of the gateway that lead elsewhere.
 */
export async function findDescriptions(gateway: IpAddress<4>, { net }: Pick<World, 'net'>, deadline: Deadline): Promise<Descriptions> {
  if (net.search === undefined) return failed('absent', 'UPnP cannot be spoken from here');
  const { search } = net;
  const believed = new Map<string, number>();
  const strangers = new Set<string>();
  let misled = 0;
  const hear = (bytes: Uint8Array, from: string): boolean => {
    if (from !== gateway) {
      if (strangers.size < MAX_ANSWERS) strangers.add(from);
      return false;
    }
    const answer = decodeAnswer(bytes);
    if (answer === undefined || believed.size >= MAX_ANSWERS) return believed.size >= MAX_ANSWERS;
    const url = atGateway(answer.location, gateway);
    if (url === undefined) {
      misled++;
      return false;
    }
    believed.set(url, Math.min(answer.rank, believed.get(url) ?? KINDS.length));
    return answer.rank < KINDS.length;
  };
  const to = [GROUP, gateway].map((address) => ({ address, port: PORT }));
  const messages = [...KINDS.flatMap((kind) => to.map((peer) => ({ to: peer, payload: encodeSearch(kind) }))), { to: { address: gateway, port: PORT }, payload: encodeSearch('upnp:rootdevice') }];
  const timeoutMs = Math.max(1, Math.min(TIMEOUT_MS, deadline.timeoutMs));
  const asked = await attempt(() => search({ by: gateway, messages, hops: 2, repeatMs: 500, lingerMs: 50 }, hear, { timeoutMs, signal: deadline.signal }));
  if (believed.size > 0) return { kind: 'found', urls: [...believed].sort(([, a], [, b]) => a - b).map(([url]) => url) };
  if (misled > 0) return failed('forged', `says that it is described at another host than ${gateway}, which is not believed`);
  if (asked.kind === 'failed' && asked.failure.code !== 'ETIMEDOUT') return { kind: 'failed', failure: asBallotFailure(asked.failure) };
  const others = strangers.size === 0 ? '' : `, only ${[...strangers].slice(0, 3).join(', ')} does, which is not the gateway`;
  return failed('timeout', `does not answer by UPnP at ${gateway}${others} (is UPnP switched on in the router?)`);
}

/** `rank`: place among `KINDS`, or their number for any other device. */
export type Answer = { readonly location: string; readonly rank: number };

/** HTTP over UDP; carriage returns and a blank line at the end are demanded by some. `MX`: answers may be put off so many seconds. */
export const encodeSearch = (target: string): Uint8Array => Buffer.from(`M-SEARCH * HTTP/1.1\r\nHOST: ${GROUP}:${PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${target}\r\n\r\n`, 'latin1');

/** What is no answer to a search, or leaves open where it leads to, is undefined. */
export function decodeAnswer(bytes: Uint8Array): Answer | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const [head = '', ...lines] = Buffer.from(bytes).toString('latin1').split(/\r?\n/);
  if (!/^HTTP\/1\.[01] 200(?: |$)/.test(head)) return undefined;
  const end = lines.indexOf('');
  const headers = lines.slice(0, end < 0 ? undefined : end).map((line) => /^([\w-]+)[ \t]*:(.*)$/.exec(line));
  const values = (name: string): readonly string[] => headers.flatMap((header) => (header?.[1]?.toLowerCase() === name ? [(header[2] ?? '').trim()] : []));
  const [location, ...more] = values('location');
  if (location === undefined || more.length > 0) return undefined;
  const said = [...values('st'), ...values('usn').map((usn) => usn.replace(/^uuid:[^:]*::/, ''))];
  const rank = KINDS.findIndex((kind) => said.includes(kind));
  return { location, rank: rank < 0 ? KINDS.length : rank };
}

const failed = (kind: BallotFailure['kind'], detail: string): Descriptions => ({ kind: 'failed', failure: { kind, detail } });
