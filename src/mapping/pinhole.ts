/**
 * Holes in the router's firewall for IPv6 by UPnP (WANIPv6FirewallControl 1). The router numbers them, but may number them anew when it is started: an old
 * number may be another's hole by now. Asked again for the same hole, it says which number that has, so nothing is done by a number that was not told a
 * moment ago. Two programs of this machine that ask for the same hole share it, which nobody can see.
 */
import { attempt } from '../core/failure.ts';
import { LIFETIME_SECONDS } from '../core/mapping.ts';
import { asBallotFailure } from '../detect/ask.ts';
import type { Endpoint } from '../detect/router/igd.ts';
import { callAction, type SoapReply } from '../detect/router/soap.ts';
import { type Asking, type Client, type Described, type Made, type Refused, type Removed, refused, type Server, type Unspoken, type Wish } from './client.ts';

type Opened = { readonly kind: 'open'; readonly firewall: Endpoint } | Unspoken;
type Called = SoapReply | Unspoken;

const PROTOCOLS = { tcp: '6', udp: '17' } as const;
const ERROR = { disabled: 702, noSuchEntry: 704 } as const;
/** Of one that is asked for to be removed at once. */
const PARTING_SECONDS = 60;

/** `server`: the router's address for IPv6. Some open holes only for the very address that asks. */
export function pinholeClient(server: Server, described: Described, { world, signal }: Asking): Client {
  let opened: Promise<Opened> | undefined;
  const open = (wish: Wish): Promise<Opened> => {
    opened ??= openFirewall(wish);
    return opened;
  };
  const call = async (service: Endpoint, action: string, args: readonly (readonly [string, string])[] = []): Promise<Called> => {
    const asked = await attempt(() => callAction(service, { action, args }, world, { timeoutMs: 2000, signal }));
    return asked.kind === 'ok' ? asked.value : { kind: 'unspoken', failure: asBallotFailure(asked.failure) };
  };
  const openFirewall = async ({ own }: Wish): Promise<Opened> => {
    const found = await described();
    if (found.kind === 'failed') return { kind: 'unspoken', failure: found.failure };
    if (found.firewall === undefined) return unspoken('lets nobody ask for its IPv6 firewall to be opened');
    const over6: Endpoint = { ...found.firewall, over6: { at: server, bind: own } };
    const first = await call(over6, 'GetFirewallStatus');
    const firewall = first.kind === 'unspoken' ? found.firewall : over6;
    const status = first.kind === 'unspoken' ? await call(firewall, 'GetFirewallStatus') : first;
    if (status.kind === 'unspoken') return status;
    if (status.kind === 'returned' && isFalse(status.values.get('FirewallEnabled'))) return unspoken(OFF);
    if (status.kind === 'returned' && isFalse(status.values.get('InboundPinholeAllowed'))) return unspoken('does not allow its IPv6 firewall to be opened: allow it in its settings');
    return { kind: 'open', firewall };
  };
  const add = async (wish: Wish, leaseSeconds: number): Promise<{ readonly kind: 'added'; readonly firewall: Endpoint; readonly uniqueId: number } | Refused | Unspoken> => {
    const line = await open(wish);
    if (line.kind !== 'open') return line;
    const reply = await call(line.firewall, 'AddPinhole', addArgs(wish, leaseSeconds));
    if (reply.kind === 'unspoken') return reply;
    if (reply.kind === 'error') return reply.code === ERROR.disabled ? unspoken(OFF) : refused(meaningOf(reply));
    const text = reply.values.get('UniqueID') ?? '';
    return /^\d{1,5}$/.test(text) && Number(text) <= 0xffff
      ? { kind: 'added', firewall: line.firewall, uniqueId: Number(text) }
      : refused('says that it opened its IPv6 firewall, but not under which number (UPnP)');
  };
  return {
    async make(wish): Promise<Made> {
      const added = await add(wish, LIFETIME_SECONDS);
      return added.kind === 'added' ? { kind: 'mapped', lifetimeSeconds: LIFETIME_SECONDS, address: wish.own, uniqueId: added.uniqueId } : added;
    },
    async remove(wish): Promise<Removed> {
      const added = await add(wish, PARTING_SECONDS);
      if (added.kind !== 'added') return added;
      const reply = await call(added.firewall, 'DeletePinhole', [['UniqueID', String(added.uniqueId)]]);
      if (reply.kind === 'unspoken') return reply;
      if (reply.kind === 'returned') return { kind: 'removed' };
      return reply.code === ERROR.noSuchEntry ? { kind: 'absent' } : { kind: 'lapsing', lifetimeSeconds: PARTING_SECONDS };
    },
  };
}

const OFF = 'says that its IPv6 firewall is off, so that there is nothing to open';
const unspoken = (detail: string): Unspoken => ({ kind: 'unspoken', failure: { kind: 'absent', detail } });
const isFalse = (text: string | undefined): boolean => text !== undefined && /^(0|false|no)$/i.test(text);

/** From everybody (no host, port 0), in the order of the service's description. */
const addArgs = ({ port, own }: Wish, leaseSeconds: number): readonly (readonly [string, string])[] => [
  ['RemoteHost', ''],
  ['RemotePort', '0'],
  ['InternalClient', own],
  ['InternalPort', String(port.internal)],
  ['Protocol', PROTOCOLS[port.protocol]],
  ['LeaseTime', String(leaseSeconds)],
];

function meaningOf({ code, words }: Extract<SoapReply, { kind: 'error' }>): string {
  const known = MEANINGS[code];
  if (known !== undefined) return `${known} (UPnP error ${code})`;
  const printable = words.replace(/[^\x20-\x7e]/g, '').slice(0, 60);
  return `does not open its IPv6 firewall (UPnP error ${code}${printable === '' ? '' : `, ${JSON.stringify(printable)}`})`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  402: 'does not take the hole in its IPv6 firewall as it is asked for',
  501: 'could not open its IPv6 firewall',
  606: 'does not allow its IPv6 firewall to be opened for this port: allow it in its settings',
  701: 'has no room for another hole in its IPv6 firewall',
  703: 'does not allow its IPv6 firewall to be opened: allow it in its settings',
  705: 'cannot open its IPv6 firewall for this protocol',
  708: 'wants to be told who may come through its IPv6 firewall, which cannot be known',
};
