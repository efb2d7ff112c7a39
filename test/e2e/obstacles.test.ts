/** The box is carried to where one thing stands in the way of its visitors: the verdict names exactly that. Routers, machines and ports; see obstacles-names.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { ADDRESSES, type Spot } from '../lab/topology.ts';
import { expectObstacle, type Obstacle, openProvingLab } from '../lab/verdicts.ts';

const NOT_PROVEN = [1, 1];
/** Nothing is known that could be published: it may pass. */
const WAIT = [75, 75];
const atPort = (rung: 'port' | 'identity', type = 'A'): object => ({ kind: 'published', cause: { name: 'box.home.example', type, rung, port: 443, state: 'failed' } });

type Case = {
  readonly obstacle: Obstacle;
  /** What is so in the garage, and whither the box is carried if it is elsewhere. */
  readonly arrange: (lab: Lab) => Promise<unknown>;
  readonly to?: Spot;
  readonly expected: Parameters<typeof expectObstacle>[2];
};
const cases: readonly Case[] = [
  { obstacle: 'carrier-grade NAT', arrange: (lab) => lab.mapper('cgnat'), to: 'cgnat', expected: { verdict: atPort('port'), exits: NOT_PROVEN, next: /Next: .*a public address/ } },
  { obstacle: 'a second router in front', arrange: (lab) => lab.mapper('annex'), to: 'annex', expected: { verdict: atPort('port'), exits: NOT_PROVEN } },
  { obstacle: 'a closed port', arrange: (lab) => lab.forward('garage', 443, 'nowhere'), expected: { verdict: atPort('port'), exits: NOT_PROVEN, next: /Next: .*relocate --map 443/ } },
  { obstacle: 'another machine', arrange: (lab) => lab.forward('garage', 443, 'neighbour'), expected: { verdict: atPort('identity'), exits: NOT_PROVEN, next: /Next: let the router/ } },
  {
    obstacle: 'the certificate of another host',
    arrange: (lab) => lab.show({ http: 'on', https: 'wrong-host' }),
    expected: { verdict: atPort('identity'), exits: NOT_PROVEN, next: /Next: .*certificate for box\.home\.example/ },
  },
];

describe('published, but', () => {
  it.each(cases)('$obstacle', async ({ obstacle, arrange, to = 'garage', expected }) => {
    const lab = await openProvingLab();
    await arrange(lab);
    await lab.run();
    await lab.move(to);
    await expectObstacle(lab, obstacle, expected);
    expect(lab.everPublished()).toEqual([ADDRESSES.home.seen[4], ADDRESSES[to].seen[4]]);
  });

  it('IPv6 is firewalled while IPv4 is fine', async () => {
    const lab = await openProvingLab({ ipv6: true });
    await lab.firewall6('garage', 'on');
    await lab.run();
    await lab.move('garage');
    await expectObstacle(lab, 'a firewall for IPv6', { verdict: atPort('port', 'AAAA'), exits: NOT_PROVEN, next: /Next: allow port 443 over IPv6/ });
  });
});

describe('not published, because', () => {
  it('a captive portal', async () => {
    const lab = await openProvingLab();
    await lab.run();
    await lab.portal('garage', 'on');
    await lab.move('garage');
    await expectObstacle(lab, 'a captive portal', { verdict: { kind: 'unpublished' }, exits: WAIT, next: /log in to this network first/ });
    expect(lab.everPublished()).toEqual([ADDRESSES.home.seen[4]]);
  });

  it('a VPN is up', async () => {
    const lab = await openProvingLab();
    await lab.run();
    await lab.vpn('on');
    await lab.move('garage');
    await expectObstacle(lab, 'a VPN', { verdict: { kind: 'unpublished' }, exits: WAIT, next: /tun0 leads/ });
    expect(lab.everPublished()).toEqual([ADDRESSES.home.seen[4]]);
  });
});
