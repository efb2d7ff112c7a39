/** The router as one witness among others, over real sockets: what its word does to the verdict, and that a glance never asks it. */
import { afterEach, describe, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../../src/core/address.ts';
import { describeObservation, type Observation } from '../../../src/core/observe.ts';
import { detect } from '../../../src/detect/detect.ts';
import { glance } from '../../../src/detect/glance.ts';
import type { Source } from '../../../src/detect/source.ts';
import { type WhoamiServer, whoamiServer } from '../../servers/dns-whoami.ts';
import { type EchoServer, echoServer } from '../../servers/echo.ts';
import { type Manner, type PortMapper, portMapper } from '../../servers/port-mapper.ts';
import { routerWorld } from '../../servers/router-world.ts';
import { detectConfig, dnsSource, httpsSource, prefixes } from '../../servers/sources.ts';
import type { Made } from '../../servers/world.ts';

const HERE = '5.6.7.8';
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const ROUTER: Source = { kind: 'router', router: 'auto', id: 'router auto', operator: 'router', families: [4] };

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

type Scene = { readonly router: PortMapper; readonly echo: EchoServer; readonly dns: WhoamiServer; readonly sources: { readonly echo: Source; readonly dns: Source; readonly router: Source } };

/** An echo service and a name server that tell the truth, and a router that tells `wan`. */
async function scene(wan: string, manner: Partial<Manner> = {}): Promise<Scene> {
  const [echo, dns, router] = await Promise.all([echoServer({ tell: HERE }), whoamiServer({ tell: HERE, host: '127.0.0.1' }), portMapper(wan, manner)]);
  closing.push(echo.close, dns.close, router.close);
  return { router, echo, dns, sources: { echo: httpsSource(echo.url, { id: 'echo', operator: 'echo', families: [4] }), dns: dnsSource(dns, { families: [4] }), router: ROUTER } };
}

async function hold(router: PortMapper, sources: readonly Source[], { allow = [], ...made }: Made & { readonly allow?: readonly string[] } = {}): Promise<Observation> {
  const asked = { published: new Map(), early: new Map(), newNetwork: false, patience: 'all' as const, signal: new AbortController().signal };
  const config = detectConfig(sources, { policy: { allow: prefixes(...allow), deny: [] } });
  const seen = (await detect(config, [4], asked, await routerWorld({ mapper: router, ...made }))).get(4);
  if (seen === undefined) throw new Error('no observation');
  return seen;
}

test('a router that says the same makes the second operator and the second transport', async () => {
  const { router, sources } = await scene(HERE);
  const seen = await hold(router, [sources.echo, sources.router]);
  expect(describeObservation(seen)).toBe('agreed: 5.6.7.8, by echo, router');
  expect(seen.ballots[1]).toMatchObject({ source: 'router nat-pmp', transport: 'router', operator: 'router' });
});

test('a router that says another public address holds the change, and the verdict says why', async () => {
  const { router, sources } = await scene('9.8.7.6');
  const all = [sources.echo, sources.dns, sources.router];
  expect(describeObservation(await hold(router, all))).toBe(
    "disputed: 5.6.7.8 is what the world sees, but the router's own address is 9.8.7.6 (router nat-pmp): a VPN, carrier-grade NAT or a second line is in use; if the names shall point there all the same, add 5.6.7.8 to detect.allow",
  );
  expect(await hold(router, all, { allow: [`${HERE}/32`] })).toMatchObject({ kind: 'agreed', address: HERE });
});

test('a router behind carrier-grade NAT holds it too', async () => {
  const { router, sources } = await scene('100.64.0.9');
  expect(describeObservation(await hold(router, [sources.echo, sources.dns, sources.router]))).toMatch(
    /^disputed: 5\.6\.7\.8 is not this line's own: router nat-pmp has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address.*detect\.allow/,
  );
});

test('a router behind another one does not, for that one may pass on what comes; it is told', async () => {
  const { router, sources } = await scene('192.168.178.20');
  expect(describeObservation(await hold(router, [sources.echo, sources.dns, sources.router]))).toMatch(
    /^agreed: 5\.6\.7\.8, by dns-operator, echo; but router nat-pmp has 192\.168\.178\.20 on its outer side: a private address.*double NAT/,
  );
});

test('a router that is silent, or talks nonsense, changes nothing', async () => {
  for (const manner of [
    { natPmp: 'silent', pcp: 'silent' },
    { natPmp: 'silent', pcp: 'silent', first: () => [Buffer.from('nonsense')] },
  ] as const) {
    const { router, sources } = await scene(HERE, manner);
    expect(describeObservation(await hold(router, [sources.echo, sources.dns, sources.router]))).toBe('agreed: 5.6.7.8, by dns-operator, echo');
  }
});

test('on a new network, a router that has its say at once does not cut short the time that the others have to settle', async () => {
  const { router, sources, echo, dns } = await scene('192.168.178.20');
  echo.mode = 'reset';
  dns.mode = 'silent';
  setTimeout(() => {
    echo.mode = 'plain';
    dns.mode = 'right';
  }, 2500);
  const asked = { published: new Map(), early: new Map(), newNetwork: true, patience: 'decide' as const, signal: new AbortController().signal };
  const seen = await detect(detectConfig([sources.echo, sources.dns, sources.router]), [4], asked, await routerWorld({ mapper: router }));
  expect(seen.get(4)).toMatchObject({ kind: 'agreed', address: HERE });
});

describe('a router that lies', () => {
  test('alone, changes nothing', async () => {
    const { router, sources } = await scene('6.6.6.6');
    expect(describeObservation(await hold(router, [sources.router]))).toBe("disputed: 6.6.6.6 (router) is the router's word alone");
  });
  test('by all it speaks, is still one', async () => {
    const { router, sources } = await scene('6.6.6.6');
    const twice: Source = { kind: 'router', router: 'pcp', id: 'router pcp', operator: 'router', families: [4] };
    const seen = await hold(router, [sources.router, twice, sources.dns]);
    expect(seen.kind).toBe('disputed');
    expect(seen.ballots.filter(({ transport }) => transport === 'router')).toMatchObject([{ address: '6.6.6.6' }, { address: '6.6.6.6' }]);
  });
  test('in concert with whoever forges datagrams, meets the authenticated source', async () => {
    const { router, sources } = await scene('6.6.6.6');
    const dns = await whoamiServer({ tell: '6.6.6.6', host: '127.0.0.1' });
    closing.push(dns.close);
    expect(await hold(router, [sources.echo, dnsSource(dns, { families: [4] }), sources.router])).toMatchObject({ kind: 'disputed' });
  });
});

describe('a VPN', () => {
  const tunnel = { network: { gateway: '10.8.0.1', interface: 'tun0' } };
  test('as the default route is named, and its other end is not asked', async () => {
    const { router, sources } = await scene(HERE);
    const seen = await hold(router, [sources.echo, sources.dns, sources.router], tunnel);
    expect(describeObservation(seen)).toMatch(/^disputed: 5\.6\.7\.8 is where tun0 leads, which looks like a VPN/);
    expect(seen.ballots[2]).toMatchObject({ kind: 'failed', failure: { kind: 'refused', detail: expect.stringMatching(/tun0, which looks like a VPN/) } });
    expect(router.received).toEqual([]);
  });
  test('that leaves the default route alone, as WireGuard does: the router tells the address of the line', async () => {
    const { router, sources } = await scene('9.8.7.6');
    const world = await routerWorld({ mapper: router });
    const asked = { published: new Map(), early: new Map(), newNetwork: false, patience: 'all' as const, signal: new AbortController().signal };
    const seen = await detect(detectConfig([sources.echo, sources.dns, sources.router]), [4], asked, { ...world, net: { ...world.net, departure: async () => 'wg0' } });
    expect(describeObservation(seen.get(4) as Observation)).toMatch(/^disputed: 5\.6\.7\.8 is where wg0 leads.*not this line \(which has 9\.8\.7\.6, says the router\)/);
  });
});

describe('a glance', () => {
  const look = async (router: PortMapper, sources: readonly Source[]) =>
    (await glance({ sources, policy: { allow: [], deny: [] } }, new Map([[4, ip(HERE)]]), await routerWorld({ mapper: router }))).get(4);
  test('never asks the router, be it the only one that could be asked', async () => {
    const { router, sources } = await scene(HERE);
    expect(await look(router, [sources.router, sources.dns])).toMatchObject({ kind: 'same' });
    expect(await look(router, [sources.router, sources.echo])).toEqual({ kind: 'open', ballots: [] });
    expect(router.received).toEqual([]);
  });
});
