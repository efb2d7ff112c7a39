/** A box is carried to where its router has no public address of its own: relocate and verify ask the router, and say what that means, whether ports are configured or not. */
import { describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../lab/lab.ts';
import { ADDRESSES, SERVERS, type Spot } from '../lab/topology.ts';

const { home, cgnat, annex } = ADDRESSES;
const resolvers = [SERVERS.resolver[4]];
const CARRIER = `the router has ${cgnat.wan.address} on its outer side, which the internet provider shares among its customers \\(carrier-grade NAT\\)`;
const FRONT = `the router has ${annex.wan.address} on its outer side, a private address, so it stands behind another router \\(double NAT\\), which must pass on what comes`;
const ASK = 'use IPv6 or a tunnel, or ask the internet provider for a public address';
const PASS = `have the router in front pass .* on to ${annex.wan.address}; if that one is the internet provider's, ask for a public address, or use IPv6 or a tunnel`;

const carried = async (spot: Spot, config: Readonly<Record<string, unknown>>): Promise<Lab> => {
  const lab = await openLab();
  lab.configure(config);
  await lab.mapper(spot);
  await lab.run();
  await lab.move(spot);
  return lab;
};
const NOT_PROVEN = { exit: 1 };

describe.each([
  ['cgnat', 'carrier-grade NAT', { unlooked: `nobody gets through over IPv4: ${CARRIER}`, unasked: `nobody gets through to port 443 of ${cgnat.seen[4]}: ${CARRIER}`, next: `.*${ASK}` }],
  [
    'annex',
    'double NAT',
    {
      unlooked: `whether anybody gets through over IPv4 cannot be told from inside: ${FRONT}`,
      unasked: `whether port 443 of ${annex.seen[4]} is open cannot be told from inside: from here it does not answer, .*; ${FRONT}`,
      next: PASS,
    },
  ],
] as const)('%s', (spot, what, { unlooked, unasked, next }) => {
  it.each([
    ['without ports', { resolvers }, unlooked],
    ['with a port that nobody looks at from outside', { resolvers, ports: [443] }, unasked],
  ] as const)(`${what} is named %s`, async (_, verify, words) => {
    const lab = await carried(spot, { verify });
    const sentence = new RegExp(`^Published, but ${words}\\.\nNext: ${next}\\.$`, 'm');
    expect(await lab.run(['relocate', '--timeout', '15'])).toMatchObject({ ...NOT_PROVEN, stderr: expect.stringMatching(sentence) });
    expect(await lab.run(['verify'])).toMatchObject({ ...NOT_PROVEN, stdout: expect.stringMatching(sentence) });
    expect(lab.everPublished()).toEqual([home.seen[4], ADDRESSES[spot].seen[4]]);
  });
});

it('double NAT where the router in front passes it on: that is seen from outside, and nothing is held against it', async () => {
  const lab = await carried('annex', {});
  const passing = `chain pre { type nat hook prerouting priority -100; iifname "wan0" tcp dport 443 dnat ip to ${annex.wan.address}; }`;
  await lab.shell(`ip netns exec carrier nft 'table ip passing { ${passing}; }'`);
  lab.configure({ verify: { resolvers, ports: [443], probe: { url: await lab.probe(), insecure: true } } });
  const { exit, stdout } = await lab.run(['relocate', '--timeout', '15']);
  expect(stdout).toContain('Reachable for everyone.');
  expect(exit).toBe(0);
});

it('with the router among the sources an address that the carrier shares is not published, unless the config allows it', async () => {
  const lab = await carried('cgnat', {});
  // One that needs no permission: what the config allows is meant.
  const shared = '5.6.7.8';
  const translated = `chain post { type nat hook postrouting priority 90; oifname "wan0" snat to ${shared}; }`;
  await lab.shell(`ip -n carrier addr add ${shared}/32 dev lo\nip -n internet route add ${shared}/32 via ${cgnat.seen[4]}\nip netns exec carrier nft 'table ip shared { ${translated}; }'`);
  lab.addSources([{ router: 'auto' }]);
  const { exit, stdout, stderr } = await lab.run();
  expect({ exit, stdout }).toEqual({ exit: 75, stdout: '' });
  expect(stderr).toMatch(
    new RegExp(
      `${shared} is not this line's own: router pcp has ${cgnat.wan.address} on its outer side: a carrier-grade NAT address .*if the names shall point there all the same, add ${shared} to detect.allow`,
    ),
  );
  expect(await lab.published()).toEqual([home.seen[4]]);
});
