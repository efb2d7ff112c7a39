/** UPnP IGD against routers that mean well: every version and form they come in, and what they say when there is no address. */
import { afterEach, describe, expect, test } from 'vitest';
import { admit } from '../../../src/core/ballot.ts';
import type { Told } from '../../../src/detect/ask.ts';
import { upnpExternalAddress } from '../../../src/detect/router/upnp.ts';
import { type Behaviour, description, found, IGD, IP1, IP2, type Line, line, PPP1, returned, soapError, type UpnpRouter, upnpRouter, worldOf } from '../../servers/upnp-router.ts';
import { ONCE_MORE } from '../../support/once-more.ts';

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
async function ask(behaviour: Behaviour, timeoutMs = 4000): Promise<{ readonly said: Told; readonly router: UpnpRouter }> {
  const router = await started(behaviour);
  return { said: await upnpExternalAddress(router.host, worldOf(router), { timeoutMs }), router };
}
const address = (text: string): Told => ({ kind: 'told', address: text }) as Told;
const failure = (kind: string, words: RegExp): unknown => ({ kind: 'failed', failure: { kind, detail: expect.stringMatching(words) } });

describe('an address', ONCE_MORE, () => {
  test.each([IP1, IP2, PPP1])('of a connection of type %s', async (type) => {
    const { said, router } = await ask({ lines: [line('5.6.7.8', { type })] });
    expect(said).toEqual(address('5.6.7.8'));
    expect(router.requests).toEqual(['GET /desc.xml', 'POST /ctl/ip GetStatusInfo', 'POST /ctl/ip GetExternalIPAddress']);
  });

  test('asked for as UPnP wants it', async () => {
    const { router } = await ask({ lines: [line('5.6.7.8')] });
    const call = router.posts[1];
    expect(call?.headers).toMatchObject({ soapaction: `"${IP1}#GetExternalIPAddress"`, 'content-type': 'text/xml; charset="utf-8"', 'content-length': String(call?.body.length) });
    expect(call?.raw).toContain('SOAPAction');
    expect(call?.body).toContain(`<s:Body><u:GetExternalIPAddress xmlns:u="${IP1}"></u:GetExternalIPAddress></s:Body>`);
    expect(router.searches).toContain(`M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${IGD}\r\n\r\n`);
  });

  test.each<[string, string]>([
    ['private: there is another router in front', '192.168.0.2'],
    ['of the carrier', '100.64.250.247'],
  ])('that is %s, is told and never admitted', async (_, text) => {
    const { said } = await ask({ lines: [line(text)] });
    expect(said).toEqual(address(text));
    const witness = { source: 'router', operator: 'router', transport: 'router', authenticated: false } as const;
    expect(said.kind === 'told' && admit(witness, said.address, { family: 4, policy: { allow: [], deny: [] }, ms: 1 })).toMatchObject({ kind: 'failed', failure: { kind: 'special', told: text } });
  });

  test.each<[string, Behaviour]>([
    ['with blanks around it', { lines: [line(' 5.6.7.8\n')] }],
    ['of a router that calls being connected "Up"', { lines: [line('5.6.7.8', { status: 'Up' })] }],
    ['of a router that does not know its state', { lines: [{ ...line('5.6.7.8'), says: { GetStatusInfo: 401, GetExternalIPAddress: { NewExternalIPAddress: '5.6.7.8' } } }] }],
    [
      'under a control URL of its own',
      { lines: [line('5.6.7.8', { url: 'ctl/ip' })], describe: (lines) => description(lines).replace('>ctl/ip<', '> ctl/ip\n<'), http: rerouted('/ctl/ip', 'ctl/ip') },
    ],
    ['with other prefixes and a byte order mark', { lines: [line('5.6.7.8')], describe: (lines) => `\uFEFF${description(lines).replace(/<(\/?)(?=[a-zA-Z])/g, '<$1d:')}` }],
    [
      'from a device in a device in a device',
      {
        lines: [line('5.6.7.8')],
        describe: (lines) =>
          description(lines)
            .replace(/<device>/, '<device><deviceType>urn:x:device:Box:1</deviceType><deviceList><device>')
            .replace(/<\/device><\/root>/, '</device></deviceList></device></root>'),
      },
    ],
    [
      'from a root device that has the service itself',
      {
        lines: [line('5.6.7.8')],
        describe: ([first]) =>
          description([]).replace(
            '</serviceList>',
            `${
              /<service>.*WANIP.*?<\/service>/.exec(
                description([first as Line])
                  .split('WANConnectionDevice:1')
                  .at(-1) ?? '',
              )?.[0]
            }</serviceList>`,
          ),
      },
    ],
    ['below URLBase', { lines: [line('5.6.7.8')], describe: (lines, base) => description(lines, `<URLBase>${base}/</URLBase>`) }],
    ['although URLBase leads nowhere', { lines: [line('5.6.7.8')], describe: (lines) => description(lines, '<URLBase>http://0.0.0.0/</URLBase>') }],
    ['although the first answer is of another device', { lines: [line('5.6.7.8')], ssdp: (_, base) => [found(`${base}/tv.xml`, { st: 'upnp:rootdevice' }), found(`${base}/desc.xml`)] }],
    ['although another device of it calls itself a gateway', { lines: [line('5.6.7.8')], ssdp: (_, base) => [found(`${base}/tv.xml`), found(`${base}/desc.xml`)] }],
    ['from a search that was only answered as root device', { lines: [line('5.6.7.8')], ssdp: (target, base) => (target === 'upnp:rootdevice' ? [found(`${base}/desc.xml`, { st: target })] : []) }],
  ])('%s', async (_, behaviour) => expect((await ask(behaviour)).said).toEqual(address('5.6.7.8')));

  test('of the line that is connected, among several', async () => {
    const lines = [line('5.6.7.1', { url: '/a', status: 'Disconnected' }), line('5.6.7.2', { url: '/b', type: PPP1 }), line('5.6.7.3', { url: '/c', status: 'Connecting' })];
    expect((await ask({ lines })).said).toEqual(address('5.6.7.2'));
  });

  test('of the line that has one, among several that are connected', async () => {
    const refusing = { ...line('', { url: '/b' }), says: { GetStatusInfo: { NewConnectionStatus: 'Connected' }, GetExternalIPAddress: 501 } };
    expect((await ask({ lines: [line('', { url: '/a' }), refusing, line('5.6.7.8', { url: '/c', type: PPP1 })] })).said).toEqual(address('5.6.7.8'));
  });

  test('by the newest service of several for one line', async () => {
    const { said, router } = await ask({ lines: [line('5.6.7.3', { type: PPP1, url: '/c' }), line('5.6.7.2', { url: '/b' }), line('5.6.7.1', { type: IP2, url: '/a' })] });
    expect(said).toEqual(address('5.6.7.1'));
    expect(router.requests.at(-1)).toBe('POST /a GetExternalIPAddress');
  });

  test('a description that was announced many times is fetched once', async () => {
    const { router } = await ask({ lines: [line('5.6.7.8')], ssdp: (_, base) => [found(`${base}/desc.xml`), found(`${base}/desc.xml`), found(`${base}/desc.xml`)] });
    expect(router.requests.filter((request) => request.startsWith('GET'))).toHaveLength(1);
  });

  test('a search that got lost is repeated', async () => {
    let lost = 0;
    const { said } = await ask({ lines: [line('5.6.7.8')], ssdp: (_, base) => (++lost > 6 ? [found(`${base}/desc.xml`)] : []) });
    expect(said).toEqual(address('5.6.7.8'));
  });

  test('of the gateway that hears only the group', async () => {
    const router = await started({ lines: [line('5.6.7.8')] });
    const deaf = await started({ ssdp: () => [] });
    const world = worldOf({ ...deaf, host: router.host }, [router]);
    expect(await upnpExternalAddress(router.host, world, { timeoutMs: 4000 })).toEqual(address('5.6.7.8'));
  });
});

describe('no address', ONCE_MORE, () => {
  test.each<[string, Behaviour, unknown]>([
    ['the line is down', { lines: [line('5.6.7.8', { status: 'Disconnected' })] }, failure('down', /line is down \(UPnP: Disconnected\)/)],
    ['all lines are down', { lines: [line('', { status: 'Unconfigured' }), line('', { url: '/b', status: 'Connecting' })] }, failure('down', /line is down \(UPnP: Unconfigured, Connecting\)/)],
    ['it is empty although the line is up', { lines: [line('')] }, failure('down', /its line is up, so it is behind another router or carrier-grade NAT/)],
    ['it is 0.0.0.0', { lines: [line('0.0.0.0')] }, failure('down', /no public address/)],
    ['it is empty and the state unknown', { lines: [line('', { status: 'Perhaps' })] }, failure('down', /its line is down, or it is behind another router/)],
    ['it is no address', { lines: [line('<b>5.6.7.8</b>')] }, failure('down', /no public address/)],
    ['it is a name', { lines: [line('box.example')] }, failure('nonsense', /told "box.example", which is no IPv4 address/)],
    ['it is of IPv6', { lines: [line('2001:db8::1')] }, failure('nonsense', /no IPv4 address/)],
    ['it is missing', { lines: [{ ...line(''), says: { GetStatusInfo: { NewConnectionStatus: 'Connected' }, GetExternalIPAddress: {} } }] }, failure('nonsense', /without an address/)],
    ['the action is unknown', { lines: [{ ...line(''), says: {} }] }, failure('refused', /UPnP error 401, "Invalid Action"/)],
    ['the action fails', { lines: [{ ...line(''), says: { GetExternalIPAddress: 501 } }] }, failure('refused', /UPnP error 501\): is its line down/)],
    ['it is not allowed', { lines: [{ ...line(''), says: { GetExternalIPAddress: 606 } }] }, failure('refused', /UPnP error 606\): allow UPnP/)],
    ['there is another error', { lines: [{ ...line(''), says: { GetExternalIPAddress: 714 } }] }, failure('refused', /UPnP error 714, "Some Reason"/)],
    ['an error comes with 200', { lines: [line('')], http: answering(200, soapError(606)) }, failure('refused', /UPnP error 606/)],
    ['the answer is to another action', { lines: [line('')], http: answering(200, returned(IP1, 'GetStatusInfo', { NewConnectionStatus: 'Connected' })) }, failure('nonsense', /another kind/)],
    [
      'the words of an error are an attack on the terminal',
      { lines: [line('')], http: answering(500, soapError(402, `\u001b[31m${'x'.repeat(500)}`)) },
      failure('refused', /UPnP error 402, "\[31mx{56}"\)$/),
    ],
    ['the answer is a page', { lines: [line('')], http: answering(200, '<html><p>log in</html>') }, failure('nonsense', /tags that do not match when asked for GetExternalIPAddress/)],
    ['the answer is 404', { lines: [line('')], http: answering(404, 'no') }, failure('nonsense', /answered 404 when asked for GetExternalIPAddress/)],
    ['there is no connection', { lines: [] }, failure('absent', /speaks UPnP, but offers no connection/)],
    ['it is a media server', { ssdp: (_, base) => [found(`${base}/tv.xml`, { st: 'upnp:rootdevice' })] }, failure('status', /answered 404 where it should describe itself/)],
    ['nobody answers', { ssdp: () => [] }, failure('timeout', /does not answer by UPnP at 127\.0\.0\.1 \(is UPnP switched on/)],
  ])('because %s', async (_, behaviour, expected) => expect((await ask(behaviour)).said).toEqual(expected));

  test.each(['fe80::1', '0.0.0.0', 'router.lan', ''])('a gateway %j is not asked', async (gateway) => {
    const router = await started({ lines: [line('5.6.7.8')] });
    expect(await upnpExternalAddress(gateway, worldOf(router), { timeoutMs: 1000 })).toEqual(failure('absent', /needs a gateway with an IPv4 address/));
    expect(router.searches).toEqual([]);
  });

  test('when time is over, whatever was going on', async () => {
    for (const timeoutMs of [1, 30, 300]) {
      const from = performance.now();
      const { said } = await ask({ lines: [line('5.6.7.8')], http: () => true }, timeoutMs);
      expect(said).toEqual({ kind: 'failed', failure: expect.objectContaining({ kind: 'timeout' }) });
      expect(performance.now() - from).toBeLessThan(timeoutMs + 300);
    }
  });

  test('when nobody waits for it any more', async () => {
    const router = await started({ lines: [line('5.6.7.8')], http: () => true });
    const controller = new AbortController();
    const asked = upnpExternalAddress(router.host, worldOf(router), { timeoutMs: 4000, signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    const from = performance.now();
    expect((await asked).kind).toBe('failed');
    expect(performance.now() - from).toBeLessThan(700);
  });
});

/** Every call of an action is answered so. */
function answering(status: number, body: string): NonNullable<Behaviour['http']> {
  return (request, response) => {
    if (request.method !== 'POST') return false;
    response.writeHead(status).end(body);
    return true;
  };
}

/** A path is taken for what the line's own control URL says. */
function rerouted(path: string, url: string): NonNullable<Behaviour['http']> {
  return (request) => {
    if (request.url === path) request.url = url;
    return false;
  };
}
