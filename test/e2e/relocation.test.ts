/** A box is carried between routers, in networks of its own, with the built program and real name servers: the right address is published, never a wrong one. */
import { expect, it } from 'vitest';
import { NAME, openLab } from '../lab/lab.ts';
import { ADDRESSES } from '../lab/topology.ts';
import { reachedAt } from '../lab/watching.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const { home, garage, cgnat } = ADDRESSES;
const QUIET = { exit: 0, stdout: '', stderr: '' };

it('is published once, and then nothing is said and nothing is sent to the name server', ONCE_MORE, async () => {
  const lab = await openLab();
  expect(await lab.run()).toMatchObject({ exit: 0, stdout: `${NAME} A ${home.seen[4]} (confirmed by the provider)\n`, stderr: '' });
  expect(await lab.published()).toEqual([home.seen[4]]);
  const [before, written] = [await lab.asked(), lab.history().length];
  expect(await lab.run()).toEqual(QUIET);
  const after = await lab.asked();
  expect(after.north + after.centre + after.east - before.north - before.centre - before.east).toBe(2);
  expect([after.south, after.west, after.coast, after.island]).toEqual([before.south, before.west, before.coast, before.island]);
  expect(lab.history()).toHaveLength(written);
  await reachedAt(lab, 'home');
});

it('is carried to the garage and back: one round publishes, and the visitor finds it when the cache has forgotten', ONCE_MORE, async () => {
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

it('carrier-grade NAT: what the world sees is published, and whoever asks the router is told that nobody can reach it', ONCE_MORE, async () => {
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
  expect((await lab.visit())[4]).toMatchObject({ addresses: [cgnat.seen[4]], found: [expect.stringContaining('ECONNREFUSED')] });
});

it('a router that tells its address is a witness like others', async () => {
  const lab = await openLab();
  await lab.renumber('home', '5.6.7.8');
  await lab.mapper('home');
  lab.addSources([{ router: 'auto' }]);
  expect((await lab.run(['-v'])).stdout).toContain('IPv4 agreed: 5.6.7.8, by centre, coast, east, island, north, router, south, west\n');
  expect(await lab.published()).toEqual(['5.6.7.8']);
});

it('IPv6 comes seconds after IPv4: its record is neither deleted nor made wrong', ONCE_MORE, async () => {
  const lab = await openLab({ ipv6: true });
  expect((await lab.run()).exit).toBe(0);
  await lab.move('garage', { ipv6AfterMs: 3500 });
  expect((await lab.run()).exit).toBe(0);
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4]]);
  expect(lab.everPublished('AAAA')).toEqual([home.seen[6], garage.seen[6]]);
  expect((await lab.visit())[6]).toEqual({ addresses: [garage.seen[6]], found: ['the box'], secure: ['the box'] });
});

it('where there is no IPv6, its record stays, and IPv4 does not wait for ever', async () => {
  const lab = await openLab({ ipv6: true });
  await lab.run();
  await lab.move('cgnat');
  expect((await lab.run()).exit).toBe(69);
  expect(lab.everPublished()).toEqual([home.seen[4], cgnat.seen[4]]);
  expect(await lab.published('AAAA')).toEqual([home.seen[6]]);
});
