/** A box is carried between routers, in networks of its own, with the built program and real name servers: the right address is published, never a wrong one. */
import { expect, it } from 'vitest';
import { type Lab, NAME, openLab, PORTAL, TTL_SECONDS, until } from '../lab/lab.ts';
import { ADDRESSES, type Spot } from '../lab/topology.ts';

const { home, garage, cgnat } = ADDRESSES;
const QUIET = { exit: 0, stdout: '', stderr: '' };

/** All that the zone ever said of the box, in order. */
const everPublished = (lab: Lab, type: 'A' | 'AAAA' = 'A'): readonly string[] => lab.history().flatMap((one) => (one.kind === 'added' && one.type === type ? [one.value] : []));

/** The visitor reaches the box there, as soon as the caches have forgotten. */
const reachedAt = (lab: Lab, spot: Spot): Promise<number> =>
  until(
    async () => {
      const visit = (await lab.visit())[4];
      return visit.addresses.join() === ADDRESSES[spot].seen[4] && visit.found.join() === 'the box';
    },
    `the visitor does not reach the box at ${ADDRESSES[spot].seen[4]}`,
    (TTL_SECONDS + 5) * 1000,
  );

it('is published once, and then nothing is said and nothing is sent to the name server', async () => {
  const lab = await openLab();
  expect(await lab.run()).toMatchObject({ exit: 0, stdout: `${NAME} A ${home.seen[4]} (confirmed by the provider)\n`, stderr: '' });
  expect(await lab.published()).toEqual([home.seen[4]]);
  const [before, written] = [await lab.asked(), lab.history().length];
  expect(await lab.run()).toEqual(QUIET);
  const after = await lab.asked();
  expect(after.north + after.centre + after.east - before.north - before.centre - before.east).toBe(2);
  expect([after.south, after.west]).toEqual([before.south, before.west]);
  expect(lab.history()).toHaveLength(written);
  await reachedAt(lab, 'home');
});

it('is carried to the garage and back: one round publishes, and the visitor finds it when the cache has forgotten', async () => {
  const lab = await openLab();
  await lab.run();
  await reachedAt(lab, 'home');
  for (const [from, to] of [
    ['home', 'garage'],
    ['garage', 'home'],
  ] as const) {
    const moved = Date.now();
    await lab.move(to);
    expect(await lab.run()).toEqual({ exit: 0, stdout: `${NAME} A ${ADDRESSES[from].seen[4]} → ${ADDRESSES[to].seen[4]} (confirmed by the provider)\n`, stderr: '' });
    expect(await lab.published()).toEqual([ADDRESSES[to].seen[4]]);
    expect((lab.history().at(-1)?.at ?? Number.POSITIVE_INFINITY) - moved).toBeLessThan(5000);
    await reachedAt(lab, to);
    expect(await lab.run()).toEqual(QUIET);
  }
});

it('the line gets another address', async () => {
  const lab = await openLab();
  await lab.run();
  await lab.renumber('home', '198.51.100.88');
  expect((await lab.run()).exit).toBe(0);
  expect(await lab.published()).toEqual(['198.51.100.88']);
});

it('a captive portal: nothing is published, and the portal is named, until it lets the box out', async () => {
  const lab = await openLab();
  await lab.run();
  await lab.portal('garage', 'on');
  await lab.move('garage');
  const met = await lab.run();
  expect(met).toMatchObject({ exit: 75, stdout: '' });
  expect(met.stderr).toContain('a captive portal seems to answer in the place of others: log in to this network first');
  expect(met.stderr).toContain(PORTAL);
  expect(await lab.published()).toEqual([home.seen[4]]);
  await lab.portal('garage', 'off');
  expect((await lab.run()).exit).toBe(0);
  expect(everPublished(lab)).toEqual([home.seen[4], garage.seen[4]]);
});

it('carrier-grade NAT: what the world sees is published, and whoever asks the router is told that nobody can reach it', async () => {
  const lab = await openLab();
  await lab.run();
  await lab.mapper('cgnat');
  await lab.move('cgnat');
  const silent = await lab.run();
  expect(silent).toMatchObject({ exit: 0, stderr: '' });
  expect(silent.stdout).toContain(`→ ${cgnat.seen[4]}`);
  lab.addSources([{ router: 'auto' }]);
  const { exit, stdout } = await lab.run(['detect']);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/agreed: 203\.0\.113\.77, .*; but router pcp has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address .* nothing can reach this box over IPv4/);
  expect((await lab.visit())[4]).toEqual({ addresses: [cgnat.seen[4]], found: [expect.stringContaining('ECONNREFUSED')] });
});

it('a router that tells its address is a witness like others', async () => {
  const lab = await openLab();
  await lab.renumber('home', '5.6.7.8');
  await lab.mapper('home');
  lab.addSources([{ router: 'auto' }]);
  expect((await lab.run(['-v'])).stdout).toContain('IPv4 agreed: 5.6.7.8, by centre, east, north, router, south, west\n');
  expect(await lab.published()).toEqual(['5.6.7.8']);
});

it('a silent line: nothing changes, and the next round over a line that speaks says so', async () => {
  const lab = await openLab();
  await lab.run();
  await lab.silence('home', 'on');
  const met = await lab.run();
  expect(met).toMatchObject({ exit: 69, stdout: '' });
  expect(met.stderr).toContain('the line seems to be down');
  await lab.silence('home', 'off');
  expect(await lab.run()).toEqual({ exit: 0, stdout: 'IPv4: recovered\n', stderr: '' });
  expect(everPublished(lab)).toEqual([home.seen[4]]);
});

it('plugged in nowhere: that is said at once', async () => {
  const lab = await openLab();
  await lab.run();
  await lab.unplug();
  const met = await lab.run();
  expect(met.exit).toBe(69);
  expect(met.stderr).toContain('this machine has no route for this family');
  await lab.move('garage');
  await lab.run();
  expect(everPublished(lab)).toEqual([home.seen[4], garage.seen[4]]);
});

const LIE = '198.51.100.66';

it.each(['north', 'centre', 'east', 'south', 'west'] as const)('%s lies: its lie is never published, and no move is missed', async (liar) => {
  const lab = await openLab();
  await lab.order({ operator: liar, tell: LIE });
  for (const spot of ['home', 'garage'] as const) {
    await lab.move(spot);
    expect((await lab.run()).exit).toBe(0);
    await lab.run();
  }
  expect(everPublished(lab)).toEqual([home.seen[4], garage.seen[4]]);
});

it('one operator lies and another is dead: moves are found all the same', async () => {
  const lab = await openLab();
  await lab.order({ operator: 'south', tell: LIE });
  await lab.order({ operator: 'east', mode: 'silent' });
  for (const spot of ['home', 'garage'] as const) {
    await lab.move(spot);
    expect((await lab.run()).exit).toBe(0);
  }
  expect(everPublished(lab)).toEqual([home.seen[4], garage.seen[4]]);
});

it('two operators tell the same lie: nothing is published before one of them repents', async () => {
  const lab = await openLab();
  await lab.run();
  for (const operator of ['north', 'south'] as const) await lab.order({ operator, tell: LIE });
  await lab.move('garage');
  expect(await lab.run()).toMatchObject({ exit: 75, stderr: expect.stringContaining(LIE) });
  await lab.order({ operator: 'south', tell: 'truth' });
  expect((await lab.run()).exit).toBe(0);
  expect(everPublished(lab)).toEqual([home.seen[4], garage.seen[4]]);
});

it('IPv6 comes seconds after IPv4: its record is neither deleted nor made wrong', async () => {
  const lab = await openLab({ ipv6: true });
  expect((await lab.run()).exit).toBe(0);
  await lab.move('garage', { ipv6AfterMs: 3500 });
  expect((await lab.run()).exit).toBe(0);
  expect(everPublished(lab)).toEqual([home.seen[4], garage.seen[4]]);
  expect(everPublished(lab, 'AAAA')).toEqual([home.seen[6], garage.seen[6]]);
  expect((await lab.visit())[6]).toEqual({ addresses: [garage.seen[6]], found: ['the box'] });
});

it('where there is no IPv6, its record stays, and IPv4 does not wait for ever', async () => {
  const lab = await openLab({ ipv6: true });
  await lab.run();
  await lab.move('cgnat');
  expect((await lab.run()).exit).toBe(69);
  expect(everPublished(lab)).toEqual([home.seen[4], cgnat.seen[4]]);
  expect(await lab.published('AAAA')).toEqual([home.seen[6]]);
});

it('ten moves in a row over lines that lose every twentieth packet: none is missed, and nothing wrong is published', async () => {
  const lab = await openLab();
  await lab.run();
  await Promise.all([lab.loss('home', 5), lab.loss('garage', 5)]);
  const spots = Array.from({ length: 10 }, (_, step) => (step % 2 === 0 ? 'garage' : 'home'));
  for (const spot of spots) {
    await lab.move(spot);
    expect((await lab.run()).exit).toBe(0);
    expect(await lab.published()).toEqual([ADDRESSES[spot].seen[4]]);
  }
  expect(everPublished(lab)).toEqual(['home', ...spots].map((spot) => ADDRESSES[spot as Spot].seen[4]));
});

it('the first questions about names are lost: they are asked again soon, and nobody waits for their answers at the end', async () => {
  const lab = await openLab();
  await lab.run();
  const lossy = 'type filter hook prerouting priority -300; iifname "lan0" ip daddr 192.168.50.1 udp dport 53 limit rate 1/hour burst 3 packets drop;';
  await lab.shell(`ip netns exec garage nft 'table inet lossy { chain first { ${lossy} }; }'`);
  const moved = Date.now();
  await lab.move('garage');
  expect((await lab.run()).exit).toBe(0);
  expect(Date.now() - moved).toBeLessThan(5000);
  expect(await lab.published()).toEqual([garage.seen[4]]);
});
