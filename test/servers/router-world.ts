/** The real network with a default gateway made up: its port for NAT-PMP and PCP, and its UPnP, are fakes on loopback. */
import { parseAddress } from '../../src/core/address.ts';
import type { World } from '../../src/world/world.ts';
import type { PortMapper } from './port-mapper.ts';
import { freePort } from './ports.ts';
import { type UpnpRouter, worldOf } from './upnp-router.ts';
import { type Made, realWorld } from './world.ts';

const LOOPBACK = parseAddress('127.0.0.1', 4);
const PORT = 5351;
const AT_HOME: Made = {
  network: { gateway: '127.0.0.1', interface: 'lo' },
  interfaces: LOOPBACK === undefined ? [] : [{ interface: 'lo', address: LOOPBACK, bits: 8, internal: true, mac: '' }],
};

/** `mapper` or `upnp` left out: nothing listens there. What goes to any other port of the gateway goes there as it is. */
export async function routerWorld({ mapper, upnp, ...made }: Made & { readonly mapper?: Pick<PortMapper, 'port'>; readonly upnp?: UpnpRouter }): Promise<World> {
  const world = realWorld({ ...AT_HOME, ...made });
  const port = mapper?.port ?? (await freePort());
  const shut = await freePort();
  const { search } = upnp === undefined ? world.net : worldOf(upnp).net;
  return {
    ...world,
    net: {
      ...world.net,
      datagram: (peer, ...rest) => world.net.datagram(peer.port === PORT ? { ...peer, port } : peer, ...rest),
      search: (question, ...rest) =>
        search === undefined
          ? Promise.reject(new Error('the real network can search'))
          : search(upnp === undefined ? { ...question, messages: question.messages.map(({ to, payload }) => ({ to: { address: LOOPBACK ?? to.address, port: shut }, payload })) } : question, ...rest),
    },
  };
}
