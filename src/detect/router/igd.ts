/** The gateway's connections to the internet as its UPnP description lists them (InternetGatewayDevice 1 and 2). */
import type { IpAddress } from '../../core/address.ts';
import type { BallotFailure } from '../../core/ballot.ts';
import { attempt } from '../../core/failure.ts';
import type { Deadline, Peer, World } from '../../world/world.ts';
import { asBallotFailure } from '../ask.ts';
import { atGateway } from './origin.ts';
import { findDescriptions } from './ssdp.ts';
import { MAX_XML_BYTES, readXml, textIn, within, type XmlElement } from './xml.ts';

/** `type`: the service's full name, which its actions are called by. `controlUrl`: at the gateway. */
export type Endpoint = {
  readonly type: ServiceType | typeof FIREWALL;
  readonly controlUrl: string;
  /** Called over IPv6, from this address of ours at that of the gateway, by the port and path of `controlUrl`. */
  readonly over6?: { readonly at: Pick<Peer, 'address' | 'zone'>; readonly bind: IpAddress };
};
export type Connection = Endpoint & { readonly type: ServiceType };
/** `firewall`: of IPv6, where the router lets itself be asked to open it. */
export type Connections = { readonly kind: 'found'; readonly connections: readonly Connection[]; readonly firewall?: Endpoint } | { readonly kind: 'failed'; readonly failure: BallotFailure };

/** Best first. All of them have the same actions for what is asked here. */
const TYPES = ['urn:schemas-upnp-org:service:WANIPConnection:2', 'urn:schemas-upnp-org:service:WANIPConnection:1', 'urn:schemas-upnp-org:service:WANPPPConnection:1'] as const;
type ServiceType = (typeof TYPES)[number];
const FIREWALL = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1';

const TIMEOUT_MS = 1000;
/** Lines of one router. */
const MAX_CONNECTIONS = 8;

/** Searches the gateway, and reads its descriptions until one has a connection: that one's connections, best service first. */
export async function findConnections(gateway: IpAddress<4>, world: Pick<World, 'net' | 'clock'>, deadline: Deadline): Promise<Connections> {
  const until = world.clock.elapsed() + deadline.timeoutMs;
  const described = await findDescriptions(gateway, world, deadline);
  if (described.kind === 'failed') return described;
  let failure: BallotFailure | undefined;
  for (const url of described.urls) {
    const leftMs = until - world.clock.elapsed();
    if (leftMs <= 0 || deadline.signal?.aborted) break;
    const read = await readDescription(url, gateway, world, { timeoutMs: Math.min(TIMEOUT_MS, leftMs), signal: deadline.signal });
    if (read.kind === 'found') return read;
    failure ??= read.failure;
  }
  return { kind: 'failed', failure: failure ?? { kind: 'timeout', detail: 'did not describe itself in time' } };
}

async function readDescription(url: string, gateway: IpAddress<4>, { net }: Pick<World, 'net'>, deadline: Deadline): Promise<Connections> {
  const asked = await attempt(() => net.echo({ url, family: 4, maxBytes: MAX_XML_BYTES }, deadline));
  if (asked.kind === 'failed') return { kind: 'failed', failure: asBallotFailure(asked.failure) };
  const { status, body } = asked.value;
  if (status >= 300 && status < 400) return failed('redirect', 'redirects to another place where it should describe itself, which is not followed');
  if (status !== 200) return failed('status', `answered ${status} where it should describe itself`);
  const read = readXml(body);
  if (read.kind === 'refused') return failed('nonsense', `gave a description that ${read.why}`);
  const listed = connectionsIn(read.element, url, gateway);
  if (listed.astray > 0 && listed.connections.length === 0) return failed('forged', `says that its connection is controlled at another host than ${gateway}, which is not believed`);
  const { connections, firewall } = listed;
  return connections.length > 0 ? { kind: 'found', connections, ...(firewall === undefined ? {} : { firewall }) } : failed('absent', 'speaks UPnP, but offers no connection to the internet');
}

/** `url`: where the description came from. `astray`: connections that would be controlled elsewhere than at the gateway. */
export function connectionsIn(root: XmlElement, url: string, gateway: IpAddress<4>): { readonly connections: readonly Connection[]; readonly firewall?: Endpoint; readonly astray: number } {
  const base = atGateway(textIn(root, 'URLBase'), gateway) ?? url;
  const services = devicesIn(root).flatMap((device) => within(device, 'serviceList')?.children ?? []);
  const urlOf = (row: XmlElement): string | undefined => atGateway(textIn(row, 'controlURL'), gateway, base);
  const wanted = services.flatMap((row) => {
    const type = TYPES.find((known) => known === textIn(row, 'serviceType'));
    return type === undefined ? [] : [{ type, controlUrl: urlOf(row) }];
  });
  const [firewall] = services.flatMap((row): Endpoint[] => {
    const controlUrl = textIn(row, 'serviceType') === FIREWALL ? urlOf(row) : undefined;
    return controlUrl === undefined ? [] : [{ type: FIREWALL, controlUrl }];
  });
  const connections = wanted.flatMap(({ type, controlUrl }): Connection[] => (controlUrl === undefined ? [] : [{ type, controlUrl }]));
  const distinct = connections.filter(({ type, controlUrl }, at) => connections.findIndex((one) => one.type === type && one.controlUrl === controlUrl) === at);
  const best = distinct.sort((a, b) => TYPES.indexOf(a.type) - TYPES.indexOf(b.type)).slice(0, MAX_CONNECTIONS);
  return { connections: best, ...(firewall === undefined ? {} : { firewall }), astray: wanted.length - connections.length };
}

/** All devices below, at whatever depth: WANConnectionDevice is in WANDevice is in InternetGatewayDevice. The reader bounds the depth. */
function devicesIn(element: XmlElement): readonly XmlElement[] {
  const own = [...element.children, ...(within(element, 'deviceList')?.children ?? [])].filter(({ name }) => name === 'device');
  return own.flatMap((device) => [device, ...devicesIn(device)]);
}

const failed = (kind: BallotFailure['kind'], detail: string): Connections => ({ kind: 'failed', failure: { kind, detail } });
