/** A process of its own, in a network of its own: prints what the router says over UPnP. */
import { upnpExternalAddress } from '../../../../src/detect/router/upnp.ts';
import { openClock } from '../../../../src/world/clock.ts';
import { openNet } from '../../../../src/world/net.ts';
import { GATEWAY } from '../../../servers/miniupnpd.ts';

const world = { net: openNet({ servers: [], env: {}, trace: () => {} }), clock: openClock() };
console.log(JSON.stringify(await upnpExternalAddress(GATEWAY, world, { timeoutMs: 5000 })));
