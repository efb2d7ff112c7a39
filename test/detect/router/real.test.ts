/** NAT-PMP, PCP and whatever is answered, against a real router, miniupnpd: as Debian ships it, in network namespaces of our own. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Ballot } from '../../../src/core/ballot.ts';
import { type Home, runAtHome } from '../../servers/miniupnpd.ts';
import { bundle } from '../../support/bundle.ts';
import { ONCE_MORE } from '../../support/once-more.ts';

const WAN = '5.6.7.8';
let child: string;
beforeAll(async () => {
  child = await bundle(fileURLToPath(new URL('children/router.ts', import.meta.url)));
});

type Way = 'nat-pmp' | 'pcp' | 'upnp' | 'auto';
const ask = async (home: Home): Promise<{ readonly ballots: Readonly<Record<Way, Ballot>>; readonly log: string }> => JSON.parse(await runAtHome(child, home));
const says = (address: string, by: Way): object => ({ kind: 'address', address, source: `router ${by}` });
const fails = (kind: string, by: Way, words: RegExp): object => ({ kind: 'failed', source: `router ${by}`, failure: { kind, detail: expect.stringMatching(words) } });

test('all ways lead to its address, and the mapping of PCP is gone at once', async () => {
  const { ballots, log } = await ask({ wan: WAN });
  expect(ballots).toMatchObject({ 'nat-pmp': says(WAN, 'nat-pmp'), pcp: says(WAN, 'pcp'), upnp: says(WAN, 'upnp'), auto: says(WAN, 'nat-pmp') });
  const made = [...log.matchAll(/PCP MAP: added mapping UDP (\d+)->192\.168\.7\.10:(\d+)/g)].map(([, external, internal]) => [external, internal]);
  const removed = [...log.matchAll(/PCP: UDP port (\d+) mapping removed/g)].map(([, port]) => port);
  expect(made).toHaveLength(1);
  expect(removed).toEqual([made[0]?.[1]]);
});

const PORT = 'udp dport 5351';
const walled = (verdict: string, what: string): Home => ({ wan: WAN, router: [`nft 'table inet wall { chain in { type filter hook input priority 0; ${what} ${verdict}; }; }'`] });

test('a router that does not speak NAT-PMP or PCP', ONCE_MORE, async () => {
  const { ballots } = await ask(walled('reject', PORT));
  expect(ballots).toMatchObject({ 'nat-pmp': fails('network', 'nat-pmp', /nothing listens there/), pcp: fails('network', 'pcp', /nothing listens there/), auto: says(WAN, 'upnp') });
  expect(ballots.auto.ms).toBeLessThan(2500);
});

test('one that drops it without a word', ONCE_MORE, async () => {
  const { ballots } = await ask(walled('drop', PORT));
  expect(ballots).toMatchObject({ 'nat-pmp': fails('timeout', 'nat-pmp', /did not answer/), pcp: fails('timeout', 'pcp', /did not answer/), auto: says(WAN, 'upnp') });
  expect(ballots.auto.ms).toBeLessThan(2500);
});

test('one without UPnP', async () => {
  const { ballots } = await ask(walled('drop', 'udp dport 1900'));
  expect(ballots).toMatchObject({ 'nat-pmp': says(WAN, 'nat-pmp'), upnp: fails('timeout', 'upnp', /UPnP/), auto: says(WAN, 'nat-pmp') });
});

describe('lines that are none of its own', () => {
  test.each<[string, string, RegExp]>([
    ['carrier-grade NAT', '100.64.0.9', /has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address/],
    ['double NAT', '192.168.0.2', /has 192\.168\.0\.2 on its outer side: a private address.*\(double NAT\)/],
  ])('%s', async (_, wan, words) => {
    const { ballots } = await ask({ wan });
    expect(ballots).toMatchObject({
      'nat-pmp': fails('down', 'nat-pmp', /result 3, network failure.*or it stands behind another NAT/),
      pcp: fails('special', 'pcp', words),
      upnp: fails('down', 'upnp', /behind another router or carrier-grade NAT/),
      auto: fails('special', 'pcp', words),
    });
  });
  test('a line that is down', async () => {
    const { ballots } = await ask({ wan: WAN, router: ['ip addr flush dev wan0', 'ip link set wan0 down'] });
    expect(ballots).toMatchObject({
      'nat-pmp': fails('down', 'nat-pmp', /its line is down/),
      pcp: fails('down', 'pcp', /NETWORK_FAILURE.*its line is down/),
      auto: fails('down', 'upnp', /says that its line is down \(UPnP: Disconnected\)/),
    });
  });
  test('one that has another address by now', async () => {
    const { ballots } = await ask({ wan: WAN, router: ['ip addr flush dev wan0', 'ip addr add 5.6.9.9/24 dev wan0'] });
    expect(ballots).toMatchObject({ 'nat-pmp': says('5.6.9.9', 'nat-pmp'), pcp: says('5.6.9.9', 'pcp'), upnp: says('5.6.9.9', 'upnp') });
  });
});

test('where a VPN has taken the default route, its other end is not asked', async () => {
  const box = [
    'ip link add tun0 type veth peer name far0',
    'ip addr add 10.8.0.2/24 dev tun0',
    'ip link set far0 up',
    'ip link set tun0 up',
    'ip route add 0.0.0.0/1 via 10.8.0.1',
    'ip route add 128.0.0.0/1 via 10.8.0.1',
  ];
  const { ballots } = await ask({ wan: WAN, box });
  expect(ballots.auto).toMatchObject(fails('refused', 'auto', /leads into tun0, which looks like a VPN, and 10\.8\.0\.1 is the tunnel's other end/));
});
