/**
 * The roads of the story: which socket on loopback an address of it leads to, as seen from the box, and as seen from the internet. What is sent is sent
 * for real, and whatever an address does not lead to is not sent at all, so that nothing leaves this machine.
 */
import { type Family, familyOf, type IpAddress, parseAddress } from '../core/address.ts';
import { Fault } from '../core/failure.ts';
import { PORT_MAPPING_PORT } from '../core/nat-pmp.ts';
import { type Listening, LOOPBACK } from '../world/loopback.ts';
import type { EchoRequest, Net, Peer, ServedReply, ServedRequest, Serving } from '../world/world.ts';
import { known, type Place } from './places.ts';
import { RESOLVER } from './resolver.ts';
import type { Router } from './router.ts';

export type Roads = {
  /** From where the box is plugged in, and as if its ports were those of its own. */
  readonly box: Net;
  /** From anywhere else. */
  readonly internet: Net;
  /** Name servers and resolvers, by address: who answers at port 53. */
  readonly dns: Map<string, Listening>;
  /** Web servers in the internet, by name. */
  readonly web: Map<string, Served>;
};
/** A port of the story, and the sockets on loopback that stand for it. */
export type Served = { readonly [F in Family]?: Serving | undefined };

type Ground = { readonly place: () => Place; readonly router: Router; readonly families: readonly Family[] };

/** `outer`: that of this machine. */
export function buildRoads(outer: Net, { place, router, families }: Ground): Roads {
  const dns: Roads['dns'] = new Map();
  const web: Roads['web'] = new Map();
  /** What listens at the box, by the port of the story. */
  const box = new Map<number, Served>();

  const nameServer = ({ address, port }: Peer): Peer => to(4, port === 53 ? dns.get(address)?.port : undefined, address);
  /** The box itself is asked at any of its own addresses. */
  const own = ({ address, port }: Peer): Peer => {
    if (address !== place().lan && address !== LOOPBACK[4] && address !== LOOPBACK[6]) throw nowhere(address);
    const family = familyOf(address);
    return to(family, box.get(port)?.[family]?.port, address);
  };
  /** From the internet through the router, which forwards over IPv4 what it was told to, and lets IPv6 pass. */
  const front = ({ address, port }: Peer): Peer => {
    const family = familyOf(address);
    if (place().portal || address !== place().address[family]) throw nowhere(address);
    const inside = family === 6 ? port : router.inside(port);
    return to(family, inside === undefined ? undefined : box.get(inside)?.[family]?.port, address);
  };

  const nobody = {
    http: async (): Promise<never> => Promise.reject(nowhere('a provider')),
    lookup: async (host: string): Promise<never> => Promise.reject(nowhere(host)),
    stream: async ({ address }: Peer): Promise<never> => Promise.reject(nowhere(address)),
    interfaces: () => [],
    network: async () => undefined,
    close: async () => {},
  };
  const internet: Net = {
    ...nobody,
    datagram: async (peer, ...rest) => outer.datagram(nameServer(peer), ...rest),
    echo: async (request, wait) => {
      const { hostname, port } = new URL(request.url);
      return outer.echo(towards(request, front({ address: literal(hostname), port: Number(port || 80) })), wait);
    },
    knock: async (peer, wait) => need(outer.knock)(front(peer), wait),
    leaf: async (peer, ...rest) => need(outer.leaf)(front(peer), ...rest),
  };
  return {
    dns,
    web,
    internet,
    box: {
      ...nobody,
      network: async () => place().network,
      interfaces: () => [{ interface: place().network.interface, address: place().lan, bits: 24, internal: false, mac: '02:00:00:00:00:20' }],
      resolvers: async () => [{ address: known(RESOLVER, 4), port: 53 }],
      datagram: async (peer, ...rest) => {
        // Services that tell the box its address: they are asked where they are.
        if (isLoopback(peer.address)) return outer.datagram(peer, ...rest);
        if (place().portal) throw nowhere(peer.address);
        const isRouter = peer.address === place().network.gateway && peer.port === PORT_MAPPING_PORT;
        return outer.datagram(isRouter ? to(4, router.listening.port, peer.address) : nameServer(peer), ...rest);
      },
      echo: async (request, wait) => {
        const { hostname } = new URL(request.url);
        // A portal answers in the place of every web server; those of the demo do that for it.
        return outer.echo(towards(request, to(request.family, web.get(hostname)?.[request.family]?.port, hostname)), wait);
      },
      knock: async (peer, wait) => need(outer.knock)(own(peer), wait),
      leaf: async (peer, ...rest) => need(outer.leaf)(own(peer), ...rest),
      serve: async (port, answer) => {
        const served = await serveOnLoopback(outer, families, answer);
        box.set(port, served);
        const close = async (): Promise<void> => {
          if (box.get(port) === served) box.delete(port);
          await closeServed(served);
        };
        return { port, close };
      },
    },
  };
}

/** Answers on loopback, on a port of each family that the system chooses. */
export async function serveOnLoopback({ serve }: Pick<Net, 'serve'>, families: readonly Family[], answer: (request: ServedRequest) => Promise<ServedReply>): Promise<Served> {
  const served: { [F in Family]?: Serving } = {};
  try {
    for (const family of families) served[family] = await need(serve)(0, answer, known(LOOPBACK[family], family));
    return served;
  } catch (thrown) {
    await closeServed(served);
    throw thrown;
  }
}

export const closeServed = async (served: Served): Promise<void> => void (await Promise.all(Object.values(served).map((one) => one?.close())));

const isLoopback = (host: string): boolean => host === LOOPBACK[4] || host === LOOPBACK[6];

/** Where nobody listens a connection is refused, by this machine or by the router in front of it. */
function to(family: Family, port: number | undefined, asked: string): Peer {
  if (port === undefined) throw new Fault({ kind: 'network', phase: 'connect', code: 'ECONNREFUSED', detail: `nobody listens at ${asked}` });
  return { address: known(LOOPBACK[family], family), port };
}

function towards(request: EchoRequest, { address, port }: Peer): EchoRequest {
  const url = new URL(request.url);
  url.hostname = familyOf(address) === 6 ? `[${address}]` : address;
  url.port = String(port);
  return { url: url.href, family: request.family, maxBytes: request.maxBytes };
}

function literal(hostname: string): IpAddress {
  const address = parseAddress(hostname.replace(/^\[|\]$/g, ''));
  if (address === undefined) throw nowhere(hostname);
  return address;
}

const nowhere = (where: string): Fault => new Fault({ kind: 'network', phase: 'connect', code: 'EHOSTUNREACH', detail: `no road of the demo leads to ${where}` });

function need<T>(method: T | undefined): T {
  if (method === undefined) throw new TypeError('this world has no servers');
  return method;
}
