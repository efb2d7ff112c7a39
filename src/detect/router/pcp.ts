/**
 * Asks the router by PCP (RFC 6887) for its external address. It has no question for that alone: a mapping tells it. The one made here leads to
 * a port that is ours while we ask, to a socket that hears nobody but the router; it is deleted at once, and lapses by itself in two minutes.
 */
import type { IpAddress } from '../../core/address.ts';
import { decodeMapReply, describePcpResult, encodeMapRequest, PCP_RESULT, type PcpMapping, type PcpReply } from '../../core/pcp.ts';
import type { Deadline, Outlook } from '../../world/world.ts';
import { failed, type Told, told } from '../ask.ts';
import { askGateway, type Unheard } from './exchange.ts';
import type { Router } from './gateway.ts';
import { sinceStart } from './nat-pmp.ts';

/** Section 8.1.1: 3 s at first, then doubled, each spread by a tenth. */
const INITIAL_PAUSE_MS = 3000;
/** The least that the RFC recommends a router to grant (section 15). */
const LIFETIME_SECONDS = 120;
/** Dynamic ports (RFC 6335 section 6). */
const PORTS = { first: 49_152, count: 16_384 } as const;
/** A port that somebody else uses: this many times another one is tried. */
const TRIES = 3;
/** A deletion that is not heard does no harm. */
const DELETE_MS = 500;
/** One to a router that has said nothing is sent, and not waited for. */
const PARTING_MS = 50;
const DELETE_PAUSES_MS: readonly number[] = [250];

type Heard = Exclude<PcpReply, { kind: 'nonsense' }> | Unheard;

/** `nat-pmp`: it speaks only that. */
export async function pcpExternalAddress({ gateway, own }: Pick<Router, 'gateway' | 'own'>, world: Outlook, deadline: Deadline): Promise<Told | { readonly kind: 'nat-pmp' }> {
  if (own === undefined) return failed('absent', 'cannot be asked by PCP: this machine does not tell its own address in the network of the router');
  const spread = 0.9 + 0.2 * world.random();
  const pauses = [INITIAL_PAUSE_MS * spread, 2 * INITIAL_PAUSE_MS * spread];
  const nonce = Uint8Array.from({ length: 12 }, () => Math.floor(world.random() * 256));
  let mapping: PcpMapping;
  let reply: Heard;
  let tries = 0;
  do {
    mapping = { nonce, protocol: 'udp', internalPort: PORTS.first + Math.floor(world.random() * PORTS.count) };
    reply = await ask(mapping, { lifetimeSeconds: LIFETIME_SECONDS, pauses }, { gateway, own }, world, deadline);
  } while (++tries < TRIES && reply.kind === 'unheard' && reply.failure.code === 'EADDRINUSE');
  if (mayBeMade(reply)) await ask(mapping, { lifetimeSeconds: 0, pauses: DELETE_PAUSES_MS }, { gateway, own }, world, { timeoutMs: reply.kind === 'mapped' ? DELETE_MS : PARTING_MS });
  return asTold(reply);
}

function ask(
  mapping: PcpMapping,
  { lifetimeSeconds, pauses }: { readonly lifetimeSeconds: number; readonly pauses: readonly number[] },
  { gateway, own }: { readonly gateway: IpAddress; readonly own: IpAddress },
  world: Outlook,
  deadline: Deadline,
): Promise<Heard> {
  const payload = encodeMapRequest(mapping, { client: own, externalPort: lifetimeSeconds === 0 ? 0 : mapping.internalPort, lifetimeSeconds });
  return askGateway(gateway, { payload, decode: (bytes) => decodeMapReply(bytes, mapping), pauses, from: { bind: own, bindPort: mapping.internalPort } }, world, deadline);
}

/** Also when no answer was heard: the question may have been. */
const mayBeMade = (reply: Heard): boolean =>
  reply.kind === 'mapped' || (reply.kind === 'unheard' && (reply.failure.kind === 'timeout' || reply.failure.kind === 'nonsense' || reply.failure.code === 'ABORT_ERR'));

function asTold(reply: Heard): Told | { readonly kind: 'nat-pmp' } {
  switch (reply.kind) {
    case 'mapped':
      return told(reply.address);
    case 'nat-pmp':
      return reply;
    case 'error':
      return refusedBy(reply);
    case 'unheard':
      return { kind: 'failed', failure: reply.failure };
    default:
      return reply satisfies never;
  }
}

function refusedBy({ result, address, epochSeconds }: PcpReply & { readonly kind: 'error' }): Told {
  const by = `PCP ${describePcpResult(result)}`;
  if (result === PCP_RESULT.networkFailure) return failed('down', `has no address of its own to give (${by}): its line is down${sinceStart(epochSeconds)}, or it stands behind another NAT`);
  if (result === PCP_RESULT.addressMismatch) return failed('refused', `sees this machine under another address than its own (${by}): a second NAT stands between the two`);
  return failed('refused', `gives no mapping, and so does not tell its address (${by})`, address === undefined || address === '0.0.0.0' ? {} : { told: address });
}
