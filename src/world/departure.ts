/** Through which interface this machine reaches the internet. Asks the kernel alone: connecting a datagram socket sends nothing. */
import { createSocket } from 'node:dgram';
import type { Family } from '../core/address.ts';
import { interfaces } from './interfaces.ts';

/** Somewhere on the internet that no split tunnel has a route of its own for: root name server A, https://www.iana.org/domains/root/servers */
const AFAR = { 4: '198.41.0.4', 6: '2001:503:ba3e::2:30' } as const;

/** See `Net.departure`. Rules that send everything into a tunnel (as wg-quick sets them) do not show in the routing table; here they do. */
export function departure(family: Family): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', lookup: (address, _options, callback) => callback(null, address, family) });
    const end = (local: string | undefined): void => {
      socket.removeAllListeners();
      socket.close();
      resolve(interfaces().find(({ address }) => address === local)?.interface);
    };
    socket.on('error', () => end(undefined));
    socket.connect(9, AFAR[family], () => end(socket.address().address.replace(/%.*$/, '')));
  });
}
