/** The full ballot over real sockets: liars, the dead, the slow, and what an agreement must still be checked for. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Family, type IpAddress, parseAddress } from '../../src/core/address.ts';
import { describeObservation, type Observation } from '../../src/core/observe.ts';
import { type Detecting, detect } from '../../src/detect/detect.ts';
import type { Source } from '../../src/detect/source.ts';
import { type WhoamiServer, whoamiServer } from '../servers/dns-whoami.ts';
import { type EchoMode, type EchoServer, echoServer } from '../servers/echo.ts';
import { detectConfig, dnsSource, httpsSource, prefixes, stunSource } from '../servers/sources.ts';
import { type StunServer, stunServer } from '../servers/stun.ts';
import { type Made, realWorld } from '../servers/world.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const HERE = '5.6.7.8';
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;

type Scene = { readonly echoes: readonly EchoServer[]; readonly dns: WhoamiServer; readonly stun: StunServer; readonly sources: readonly Source[] };
let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** Three echo services, a name server and a STUN server of five operators, all honest at first. */
async function scene(tell = HERE, host = '127.0.0.1'): Promise<Scene> {
  const echoes = await Promise.all([0, 1, 2].map(() => echoServer({ tell, host })));
  const dns = await whoamiServer({ tell, host });
  const stun = await stunServer({ tell, host });
  closing.push(...echoes.map(({ close }) => close), dns.close, stun.close);
  const families: readonly Family[] = [host.includes(':') ? 6 : 4];
  const sources: readonly Source[] = [
    ...echoes.map(({ url }, at) => httpsSource(url, { id: `echo${at}`, operator: `echo${at}`, families })),
    dnsSource(dns, { families }),
    stunSource(stun, { families }),
  ];
  return { echoes, dns, stun, sources };
}

async function hold(
  sources: readonly Source[],
  more: { asked?: Partial<Detecting>; made?: Made; family?: Family; allow?: readonly string[]; given?: IpAddress } = {},
): Promise<Observation & { took: number }> {
  const family = more.family ?? 4;
  const from = performance.now();
  const asked: Detecting = { published: new Map(), early: new Map(), newNetwork: false, patience: 'decide', signal: new AbortController().signal, ...more.asked };
  const config = detectConfig(sources, { policy: { allow: prefixes(...(more.allow ?? [])), deny: [] }, given: more.given === undefined ? new Map() : new Map([[family, more.given]]) });
  const seen = (await detect(config, [family], asked, realWorld(more.made))).get(family);
  if (seen === undefined) throw new Error('no observation');
  return { ...seen, took: performance.now() - from };
}

test('all agree', ONCE_MORE, async () => {
  const seen = await hold((await scene()).sources);
  expect(seen).toMatchObject({ kind: 'agreed', address: HERE });
  expect(seen.ballots.map(({ source }) => source)).toEqual(['echo0', 'echo1', 'echo2', 'dns', 'stun']);
  expect(seen.took).toBeLessThan(1000);
});

describe('one liar of three echo services, in any place, is outvoted and named', () => {
  for (const place of [0, 1, 2]) {
    test(`place ${place}`, async () => {
      const { echoes, sources } = await scene();
      (echoes[place] as EchoServer).tell = '6.6.6.6';
      const seen = await hold(sources, { asked: { patience: 'all' } });
      expect(seen).toMatchObject({ kind: 'agreed', address: HERE });
      expect(describeObservation(seen)).toContain(`against echo${place} (6.6.6.6)`);
    });
  }
});

describe('one echo service that misbehaves changes nothing', ONCE_MORE, () => {
  const check = (mode: EchoMode): void => {
    test(mode, async () => {
      const { echoes, sources } = await scene();
      (echoes[0] as EchoServer).mode = mode;
      (echoes[0] as EchoServer).tell = '6.6.6.6';
      const seen = await hold(sources);
      expect(seen).toMatchObject({ kind: 'agreed', address: HERE });
      expect(seen.took).toBeLessThan(2500);
    });
  };
  for (const mode of ['html-200', '502-with-address', 'redirect', 'hang', '100-mb', 'cut-short', 'two-addresses', 'reset'] as const) check(mode);
});

test('liars in the other family change nothing', async () => {
  const { echoes, sources } = await scene();
  for (const echo of echoes.slice(0, 1)) echo.tell = '2600::6';
  expect(await hold(sources)).toMatchObject({ kind: 'agreed', address: HERE });
});

test('UDP alone, lying in concert, is disputed', async () => {
  const { dns, stun, sources } = await scene();
  dns.tell = '6.6.6.6';
  stun.tell = '6.6.6.6';
  const seen = await hold(sources);
  expect(seen).toMatchObject({ kind: 'disputed' });
  expect(seen.kind === 'disputed' && seen.why).toMatch(/6\.6\.6\.6/);
});

test('where UDP is dead, three operators over HTTPS are enough, once it is known to be dead', ONCE_MORE, async () => {
  const { dns, stun, sources } = await scene();
  dns.mode = 'silent';
  stun.mode = 'silent';
  const seen = await hold(sources);
  expect(seen).toMatchObject({ kind: 'agreed', address: HERE });
  expect(seen.took).toBeGreaterThan(1400);
  expect(seen.took).toBeLessThan(2600);
});

test('a captive portal is named', async () => {
  const { echoes, dns, stun, sources } = await scene();
  for (const echo of echoes) echo.mode = 'html-200';
  dns.mode = 'nxdomain';
  stun.mode = 'silent';
  const seen = await hold(sources, { asked: { patience: 'all' } });
  expect(seen.kind === 'silent' && seen.why).toMatch(/captive portal/);
});

test('carrier-grade NAT is named', async () => {
  const { sources } = await scene('100.64.0.9');
  const seen = await hold(sources);
  expect(seen.kind === 'silent' && seen.why).toMatch(/100\.64\.0\.9: a carrier-grade NAT/);
});

test('only what is allowed of the special ranges is agreed on', async () => {
  const { sources } = await scene('203.0.113.9');
  expect(await hold(sources)).toMatchObject({ kind: 'silent' });
  expect(await hold(sources, { allow: ['203.0.113.0/24'] })).toMatchObject({ kind: 'agreed', address: '203.0.113.9' });
});

test('the slow are not awaited when the rule is satisfied, unless all are wanted', ONCE_MORE, async () => {
  const { echoes, sources } = await scene();
  (echoes[2] as EchoServer).mode = 'hang';
  const quick = await hold(sources);
  expect(quick.took).toBeLessThan(1200);
  expect(quick.ballots.find(({ source }) => source === 'echo2')).toMatchObject({ kind: 'failed', failure: { kind: 'unawaited' } });
  const patient = await hold(sources, { asked: { patience: 'all' } });
  expect(patient.ballots.find(({ source }) => source === 'echo2')).toMatchObject({ kind: 'failed', failure: { kind: 'timeout' } });
  expect(patient.took).toBeGreaterThan(4000);
});

test('who has answered the glance is not asked again, who was not heard is', async () => {
  const { dns, stun, sources } = await scene();
  const early = new Map([
    [
      4 as const,
      [
        { source: 'dns', operator: 'dns-operator', transport: 'dns' as const, authenticated: false, ms: 9, kind: 'address' as const, address: ip(HERE) },
        { source: 'stun', operator: 'stun-operator', transport: 'stun' as const, authenticated: false, ms: 400, kind: 'failed' as const, failure: { kind: 'timeout' as const, detail: 'slow' } },
      ],
    ],
  ]);
  expect(await hold(sources, { asked: { early } })).toMatchObject({ kind: 'agreed' });
  expect([dns.received.length, stun.received.length]).toEqual([0, 1]);
});

test('an address given by hand asks nobody', async () => {
  const { echoes, dns, sources } = await scene();
  expect(await hold(sources, { given: ip('9.8.7.6') })).toMatchObject({ kind: 'agreed', address: '9.8.7.6', ballots: [{ transport: 'address' }] });
  expect(echoes[0]?.requests.length).toBe(0);
  expect(dns.received).toHaveLength(0);
});

test('no source for a family is silence with a reason', async () => {
  const { sources } = await scene();
  const seen = await hold(sources, { family: 6 });
  expect(seen.kind === 'silent' && seen.why).toMatch(/no source is configured/);
});

test('the end of the command ends the ballot', ONCE_MORE, async () => {
  const { echoes, dns, stun, sources } = await scene();
  for (const echo of echoes) echo.mode = 'hang';
  dns.mode = 'silent';
  stun.mode = 'silent';
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  const seen = await hold(sources, { asked: { signal: controller.signal, patience: 'all' } });
  expect(seen.kind).toBe('silent');
  expect(seen.took).toBeLessThan(1000);
});

test('one family that hangs does not keep the other from its verdict', async () => {
  const four = await scene();
  const six = await scene('2600::1', '::1');
  for (const echo of six.echoes) echo.mode = 'reset';
  six.dns.mode = 'two-texts';
  six.stun.mode = 'error';
  const asked: Detecting = { published: new Map(), early: new Map(), newNetwork: false, patience: 'decide', signal: new AbortController().signal };
  const seen = await detect(detectConfig([...four.sources, ...six.sources]), [4, 6], asked, realWorld());
  expect(seen.get(4)).toMatchObject({ kind: 'agreed', address: HERE });
  expect(seen.get(6)).toMatchObject({ kind: 'silent' });
});

describe('on a new network', ONCE_MORE, () => {
  test('a family that is missing is asked again until it has settled', async () => {
    const { echoes, dns, stun, sources } = await scene();
    for (const echo of echoes) echo.mode = 'reset';
    dns.mode = 'silent';
    stun.mode = 'silent';
    setTimeout(() => {
      for (const echo of echoes) echo.mode = 'plain';
      dns.mode = 'right';
      stun.mode = 'right';
    }, 2500);
    const seen = await hold(sources.slice(0, 4), { asked: { newNetwork: true } });
    expect(seen).toMatchObject({ kind: 'agreed', address: HERE });
  });
  test('an answer that had to be refused is not waited upon', async () => {
    const { sources } = await scene('192.168.1.10');
    const seen = await hold(sources, { asked: { newNetwork: true } });
    expect(seen.kind).toBe('silent');
    expect(seen.took).toBeLessThan(3000);
  });
});

describe('what all agree on is still refused', () => {
  const row = { interface: 'eth0', address: ip('100.64.7.7'), bits: 10, internal: false, mac: '' };
  test('when it is the exit of a VPN', async () => {
    const { sources } = await scene();
    const seen = await hold(sources, { made: { network: { gateway: '10.8.0.1', interface: 'tun0' } } });
    expect(seen.kind === 'disputed' && seen.why).toMatch(/tun0 leads, which looks like a VPN.*detect\.allow/);
    expect(await hold(sources, { made: { network: { gateway: '10.8.0.1', interface: 'tun0' } }, allow: [`${HERE}/32`] })).toMatchObject({ kind: 'agreed' });
  });
  test('when this box itself stands behind carrier-grade NAT', async () => {
    const { sources } = await scene();
    const seen = await hold(sources, { made: { network: { gateway: '100.64.0.1', interface: 'eth0' }, interfaces: [row] } });
    expect(seen.kind === 'disputed' && seen.why).toMatch(/eth0 itself has 100\.64\.7\.7, a carrier-grade NAT/);
  });
  test('not when another interface than the one to the internet has such an address', async () => {
    const { sources } = await scene();
    expect(await hold(sources, { made: { network: { gateway: '192.168.1.1', interface: 'eth0' }, interfaces: [{ ...row, interface: 'tailscale0' }] } })).toMatchObject({ kind: 'agreed' });
  });
});

describe('IPv6', () => {
  const flags = { temporary: false, deprecated: false, tentative: false, permanent: false };
  const row = (address: string, more = {}) => ({ interface: 'eth0', address: ip(address), bits: 64, internal: false, mac: '', flags: { ...flags, ...more } });
  test('a temporary address is refused though all agree on it', async () => {
    const { sources } = await scene('2600::7', '::1');
    const seen = await hold(sources, { family: 6, made: { interfaces: [row('2600::7', { temporary: true })] } });
    expect(seen.kind === 'silent' && seen.why).toMatch(/temporary \(RFC 8981\) address of eth0/);
  });
  test('the lasting address is asked from where the system has a choice, and the system chooses where it cannot be', async () => {
    const { dns, sources } = await scene('2600::9', '::1');
    const seen = await hold(sources, { family: 6, made: { interfaces: [row('2600::7', { temporary: true }), row('2600::9')] } });
    expect(seen).toMatchObject({ kind: 'agreed', address: '2600::9' });
    expect(dns.peers[0]?.address).toBe('::1');
  });
});

test('sources on this machine vote too', async () => {
  const { sources } = await scene();
  const file: Source = { kind: 'file', id: 'file', operator: 'file', families: [4], path: '/nonexistent/address' };
  const command: Source = { kind: 'command', id: 'command', operator: 'command', families: [4], command: [process.execPath, '-e', `console.log("${HERE}")`] };
  const wan: Source = { kind: 'interface', id: 'wan', operator: 'wan', families: [4], interface: 'ppp0' };
  const made = { interfaces: [{ interface: 'ppp0', address: ip(HERE), bits: 32, internal: false, mac: '' }] };
  const seen = await hold([...sources, file, command, wan], { made, asked: { patience: 'all' } });
  expect(seen).toMatchObject({ kind: 'agreed', address: HERE });
  expect(Object.fromEntries(seen.ballots.slice(5).map(({ source, kind }) => [source, kind]))).toEqual({ file: 'failed', command: 'address', wan: 'address' });
});
