/** A box with `watch` in it is carried between routers: how long it takes until the name servers and visitors know. */
import { expect, it } from 'vitest';
import { NAME, openLab, TTL_SECONDS, until } from '../lab/lab.ts';
import { ADDRESSES } from '../lab/topology.ts';
import { publishedAt, reachedAt, watch } from '../lab/watching.ts';
import { ONCE_MORE } from '../support/once-more.ts';

/** From being plugged in until every name server of the zone answers with the new address. */
const MOST_MS = 5000;

it('to the garage and back: within five seconds every name server has it, and the visitor comes in as soon as the caches forget', ONCE_MORE, async () => {
  const lab = await openLab();
  await watch(lab);
  await publishedAt(lab, 'home', Date.now());
  await reachedAt(lab, 'home');
  for (const spot of ['garage', 'home'] as const) {
    const moved = Date.now();
    await lab.move(spot);
    const published = await publishedAt(lab, spot, moved);
    console.log(`${spot}: at every name server after ${published} ms`);
    expect(published).toBeLessThan(MOST_MS);
    await reachedAt(lab, spot);
    expect(Date.now() - moved).toBeLessThan(TTL_SECONDS * 1000 + MOST_MS);
  }
  expect(lab.everPublished()).toEqual([ADDRESSES.home.seen[4], ADDRESSES.garage.seen[4], ADDRESSES.home.seen[4]]);
});

it('IPv6 comes two seconds late: IPv4 does not wait for it, and its record is never deleted', ONCE_MORE, async () => {
  const lab = await openLab({ ipv6: true });
  const watching = await watch(lab);
  for (const type of ['A', 'AAAA'] as const) await publishedAt(lab, 'home', Date.now(), type);
  for (const spot of ['garage', 'home'] as const) {
    const moved = Date.now();
    await lab.move(spot, { ipv6AfterMs: 2000 });
    const [four, six] = await Promise.all([publishedAt(lab, spot, moved), publishedAt(lab, spot, moved, 'AAAA')]);
    console.log(`${spot}: at every name server after ${four} ms, over IPv6, which came after 2 s, after ${six} ms`);
    expect(four).toBeLessThan(MOST_MS);
    expect(six).toBeLessThan(2000 + MOST_MS);
  }
  const { home, garage } = ADDRESSES;
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4], home.seen[4]]);
  expect(lab.everPublished('AAAA')).toEqual([home.seen[6], garage.seen[6], home.seen[6]]);
  expect(await watching.end()).toMatchObject({ exit: 0, stderr: '' });
});

it('a move while the name server was being asked: nobody waits for the answer that went to the old place', ONCE_MORE, async () => {
  const lab = await openLab();
  // Connections come about, but nothing is said over them.
  const mute = 'type filter hook forward priority -20; iifname "wan0" ip saddr 198.18.0.53 tcp sport 53 meta length > 100 drop;';
  await lab.shell(`ip netns exec home nft 'table inet mute { chain muted { ${mute} }; }'`);
  await watch(lab);
  await until(async () => Object.values(await lab.asked()).some((times) => times > 0), 'no witness is asked');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(lab.everPublished()).toEqual([]);
  const moved = Date.now();
  await lab.move('garage');
  expect(await publishedAt(lab, 'garage', moved)).toBeLessThan(MOST_MS);
  expect(lab.everPublished()).toEqual([ADDRESSES.garage.seen[4]]);
});

it('the line gets another address behind the same router, which says so: nobody waits for the next round', ONCE_MORE, async () => {
  const lab = await openLab();
  await lab.mapper('home');
  const watching = await watch(lab, ['-v', '--interval', '1h']);
  await publishedAt(lab, 'home', Date.now());
  const renumbered = Date.now();
  await lab.renumber('home', '198.51.100.88');
  await until(async () => (await lab.published()).join() === '198.51.100.88', 'the new address is not published', 20_000);
  expect(Date.now() - renumbered).toBeLessThan(MOST_MS);
  expect((await watching.end()).stdout).toContain(`a round, because the router announced an address\n${NAME} A ${ADDRESSES.home.seen[4]} → 198.51.100.88`);
});
