/** Asks the router for its own address on the internet's side: the one way to learn that the line itself is down, shared, or not the one that is used. */
import type { Family } from '../../core/address.ts';
import type { Ballot, BallotFailure } from '../../core/ballot.ts';
import { type AddressPolicy, refusal } from '../../core/special.ts';
import type { Deadline, World } from '../../world/world.ts';
import { type Asked, ballotOf, failed, type Told } from '../ask.ts';
import type { RouterProtocol, RouterSource } from '../source.ts';
import { findRouter, looksLikeContainer, type Router } from './gateway.ts';
import { natPmpExternalAddress } from './nat-pmp.ts';
import { pcpExternalAddress } from './pcp.ts';
import { upnpExternalAddress } from './upnp.ts';

/** `by` is absent where several were asked and none has anything to tell. `instead`: how to ask it for what it says it speaks; `auto` does so by itself. */
type Heard = { readonly by?: RouterProtocol | undefined; readonly told: Told; readonly instead?: string };
type Asking = { readonly router: Router; readonly policy: AddressPolicy; readonly world: World };

/** In `auto`: silence of NAT-PMP for so long brings UPnP in, and after this much PCP takes its place. */
const HEDGE_MS = 300;
const NAT_PMP_MS = 1250;

/** Its ballot names the protocol that was answered in the place of `auto`. */
export async function askRouter(source: RouterSource, family: Family, asked: Asked, world: World, deadline: Deadline): Promise<Ballot> {
  let by: RouterProtocol | undefined;
  const ballot = await ballotOf(source, family, asked, world, async () => {
    const router = await findRouter(world);
    if (router.kind === 'failed') return router;
    const heard = await ask(source.router, { router, policy: asked.policy, world }, deadline);
    by = heard.by;
    const { told, instead } = heard;
    return told.kind === 'failed' && instead !== undefined && source.router !== 'auto'
      ? { ...told, failure: { ...told.failure, detail: `${told.failure.detail}: say ${instead}, or { router: auto }` } }
      : told;
  });
  return by === undefined || source.router !== 'auto' ? ballot : { ...ballot, source: `router ${by}` };
}

async function ask(protocol: RouterSource['router'], asking: Asking, deadline: Deadline): Promise<Heard> {
  switch (protocol) {
    case 'nat-pmp':
      return askNatPmp(asking, deadline);
    case 'pcp':
      return askPcp(asking, deadline);
    case 'upnp':
      return askUpnp(asking, deadline);
    case 'auto':
      return askAny(asking, deadline);
    default:
      return protocol satisfies never;
  }
}

async function askNatPmp({ router, policy, world }: Asking, deadline: Deadline): Promise<Heard> {
  const answer = await natPmpExternalAddress(router.gateway, world, deadline);
  if (answer.kind !== 'pcp') return { by: 'nat-pmp', told: judged(answer, { policy, router, world }) };
  return { by: 'nat-pmp', instead: '{ router: pcp }', told: failed('refused', 'speaks PCP, not NAT-PMP') };
}

async function askPcp({ router, policy, world }: Asking, deadline: Deadline): Promise<Heard> {
  const answer = await pcpExternalAddress(router, world, deadline);
  if (answer.kind !== 'nat-pmp') return { by: 'pcp', told: judged(answer, { policy, router, world }) };
  return { by: 'pcp', instead: '{ router: nat-pmp }', told: failed('refused', 'speaks NAT-PMP, not PCP') };
}

async function askUpnp({ router, policy, world }: Asking, deadline: Deadline): Promise<Heard> {
  return { by: 'upnp', told: judged(await upnpExternalAddress(router.gateway, world, deadline), { policy, router, world }) };
}

/** First what opens nothing: NAT-PMP. PCP where that is not spoken, or says that it knows no address; UPnP where neither is heard soon. */
async function askAny(asking: Asking, deadline: Deadline): Promise<Heard> {
  const { clock } = asking.world;
  const until = clock.elapsed() + deadline.timeoutMs;
  const over = new AbortController();
  const end = (): void => over.abort();
  if (deadline.signal?.aborted) end();
  deadline.signal?.addEventListener('abort', end);
  const left = (): Deadline => ({ timeoutMs: Math.max(1, until - clock.elapsed()), signal: over.signal });
  const onPort = askOnPort(asking, left);
  const upnp = Promise.race([onPort, clock.sleep(HEDGE_MS, over.signal)]).then((heard) => (heard !== undefined && isConclusive(heard) ? heard : askUpnp(asking, left())));
  const first = await Promise.race([onPort, upnp]);
  const both = isConclusive(first) ? [first] : await Promise.all([onPort, upnp]);
  deadline.signal?.removeEventListener('abort', end);
  end();
  return both.find(isConclusive) ?? mostTelling(both);
}

/** NAT-PMP and PCP, which share a port: where nobody listens on it, neither is spoken. */
async function askOnPort(asking: Asking, left: () => Deadline): Promise<Heard> {
  const whole = left();
  const natPmp = await askNatPmp(asking, { ...whole, timeoutMs: Math.min(NAT_PMP_MS, whole.timeoutMs) });
  const isShut = natPmp.told.kind === 'failed' && natPmp.told.failure.kind === 'network';
  if (isConclusive(natPmp) || isShut) return natPmp;
  const pcp = await askPcp(asking, left());
  return isConclusive(pcp) || natPmp.instead !== undefined ? pcp : mostTelling([natPmp, pcp]);
}

/** It told an address, whether that can be published or not. */
const isConclusive = ({ told }: Heard): boolean => told.kind === 'told' || told.failure.kind === 'special';

/** The most telling first; of several such the one that was asked last, which tells most. Of what tells nothing, all is told. */
const TELLING: readonly BallotFailure['kind'][] = ['down', 'refused'];

function mostTelling(all: readonly Heard[]): Heard {
  const failures = [...new Set(all)].flatMap(({ by, told }) => (told.kind === 'failed' ? [{ by, told, failure: told.failure }] : []));
  for (const kind of TELLING) {
    const found = failures.findLast(({ failure }) => failure.kind === kind);
    if (found !== undefined) return found;
  }
  const [first, ...others] = failures;
  if (first === undefined) throw new TypeError('nothing was heard, nor unheard');
  const details = [...new Set(failures.map(({ failure }) => failure.detail))];
  return { ...(others.length === 0 ? { by: first.by } : {}), told: { kind: 'failed', failure: { ...first.failure, detail: details.join('; ') } } };
}

/** What a router says of itself is not what an echo says of us: an address that cannot be published tells what sort of line it is. */
function judged(told: Told, { policy, router, world }: Asking): Told {
  const address = told.kind === 'told' ? told.address : told.failure.told;
  const refusedAs = address === undefined ? undefined : refusal(address, policy);
  if (address === '0.0.0.0' && told.kind === 'told') return failed('down', 'has no address on its outer side: its line is down');
  if (address !== undefined && refusedAs !== undefined) {
    const reason = refusedAs.kind === 'private' ? DOUBLE_NAT : refusedAs.reason;
    return { kind: 'failed', failure: { kind: 'special', detail: `has ${address} on its outer side: ${reason}`, range: refusedAs.kind, told: address } };
  }
  const isSilent = told.kind === 'failed' && (told.failure.kind === 'timeout' || told.failure.kind === 'network');
  return isSilent && looksLikeContainer(router.gateway, world) ? { kind: 'failed', failure: { ...told.failure, detail: `${told.failure.detail}; ${CONTAINER}` } } : told;
}

const DOUBLE_NAT = 'a private address, so it stands behind another router (double NAT), or behind the NAT of its provider: nothing reaches this box over IPv4 unless that one passes it on';
const CONTAINER = 'in a container the gateway is the host, not the router: give it the network of the host (--network host)';
