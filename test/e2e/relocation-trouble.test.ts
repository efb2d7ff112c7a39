/** A box is carried into trouble: portals, dead lines, liars. Nothing wrong is published, what it met is named, and it recovers by itself. */
import { expect, it } from 'vitest';
import { openLab, PORTAL } from '../lab/lab.ts';
import { ADDRESSES } from '../lab/topology.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const { home, garage } = ADDRESSES;

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
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4]]);
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
  expect(lab.everPublished()).toEqual([home.seen[4]]);
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
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4]]);
});

const LIE = '198.51.100.66';

it.each(['north', 'centre', 'east', 'south', 'west', 'coast', 'island'] as const)('%s lies: its lie is never published, and no move is missed', async (liar) => {
  const lab = await openLab();
  await lab.order({ operator: liar, tell: LIE });
  for (const spot of ['home', 'garage'] as const) {
    await lab.move(spot);
    expect((await lab.run()).exit).toBe(0);
    await lab.run();
  }
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4]]);
});

it('one operator lies and another is dead: moves are found all the same', async () => {
  const lab = await openLab();
  await lab.order({ operator: 'south', tell: LIE });
  await lab.order({ operator: 'west', mode: 'hang' });
  for (const spot of ['home', 'garage'] as const) {
    await lab.move(spot);
    expect((await lab.run()).exit).toBe(0);
  }
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4]]);
});

it('three operators of seven tell the same lie: nothing is published before one of them repents', async () => {
  const lab = await openLab();
  await lab.run();
  for (const operator of ['north', 'south', 'west'] as const) await lab.order({ operator, tell: LIE });
  await lab.move('garage');
  expect(await lab.run()).toMatchObject({ exit: 75, stderr: expect.stringContaining(LIE) });
  await lab.order({ operator: 'south', tell: 'truth' });
  expect((await lab.run()).exit).toBe(0);
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4]]);
});

it('the first questions about names are lost: they are asked again soon, and nobody waits for their answers at the end', ONCE_MORE, async () => {
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
