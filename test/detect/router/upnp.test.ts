/** UPnP IGD against routers that mean well: every version and form they come in, and what they say when there is no address. */
import { afterEach, expect, test } from 'vitest';
import type { Told } from '../../../src/detect/ask.ts';
import { upnpExternalAddress } from '../../../src/detect/router/upnp.ts';
import { type Behaviour, IP1, IP2, line, PPP1, type UpnpRouter, upnpRouter, worldOf } from '../../servers/upnp-router.ts';

let routers: UpnpRouter[] = [];
afterEach(async () => {
  await Promise.all(routers.map((router) => router.close()));
  routers = [];
});
async function started(behaviour: Behaviour): Promise<UpnpRouter> {
  const router = await upnpRouter(behaviour);
  routers.push(router);
  return router;
}
async function ask(behaviour: Behaviour): Promise<{ readonly said: Told; readonly router: UpnpRouter }> {
  const router = await started(behaviour);
  return { said: await upnpExternalAddress(router.host, worldOf(router), { timeoutMs: 4000 }), router };
}
const address = (text: string): unknown => ({ kind: 'told', address: text });

test.each([IP1, IP2, PPP1])('the address of a connection of type %s', async (type) => {
  const { said, router } = await ask({ lines: [line('5.6.7.8', { type })] });
  expect(said).toEqual(address('5.6.7.8'));
  expect(router.requests).toEqual(['GET /desc.xml', 'POST /ctl/ip GetStatusInfo', 'POST /ctl/ip GetExternalIPAddress']);
});

test('a call as UPnP wants it', async () => {
  const { router } = await ask({ lines: [line('5.6.7.8')] });
  const call = router.posts[1];
  expect(call?.headers).toMatchObject({ soapaction: `"${IP1}#GetExternalIPAddress"`, 'content-type': 'text/xml; charset="utf-8"', 'content-length': String(call?.body.length) });
  expect(call?.raw).toContain('SOAPAction');
  expect(call?.body).toContain(`<s:Body><u:GetExternalIPAddress xmlns:u="${IP1}"></u:GetExternalIPAddress></s:Body>`);
});
