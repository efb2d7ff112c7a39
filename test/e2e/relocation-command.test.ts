/** One command after the box was carried elsewhere: `relocate` publishes, proves and says that everyone gets in; there, back home, again, and beside `watch`. */
import { expect, it } from 'vitest';
import { TTL_SECONDS } from '../lab/lab.ts';
import { ADDRESSES } from '../lab/topology.ts';
import { judged, openProvingLab } from '../lab/verdicts.ts';
import { reachedAt, watch } from '../lab/watching.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const { home, garage } = ADDRESSES;
const REACHABLE = { last: 'Reachable for everyone.\n', verdict: { kind: 'reachable', words: 'reachable for everyone' }, exits: [0, 0] };

it('to the garage and back home: reachable for everyone, and the visitor is in', ONCE_MORE, async () => {
  const lab = await openProvingLab();
  expect(await judged(lab)).toEqual(REACHABLE);
  for (const spot of ['garage', 'home'] as const) {
    await reachedAt(lab, spot === 'home' ? 'garage' : 'home');
    const moved = Date.now();
    await lab.move(spot);
    const { exit, stdout } = await lab.run(['relocate']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ {2}IPv4 .*\n {2}provider .*→.*\n[\s\S]*^Reachable for everyone\.\n$/m);
    await reachedAt(lab, spot);
    expect(Date.now() - moved).toBeLessThan((TTL_SECONDS + 5) * 1000);
  }
  expect(lab.everPublished()).toEqual([home.seen[4], garage.seen[4], home.seen[4]]);
});

it('again and again: nothing is written that is there already', async () => {
  const lab = await openProvingLab();
  for (let time = 0; time < 3; time++) expect((await lab.run(['relocate'])).exit).toBe(0);
  expect(lab.everPublished()).toEqual([home.seen[4]]);
});

it('over both families, though IPv6 comes late', ONCE_MORE, async () => {
  const lab = await openProvingLab({ ipv6: true });
  await lab.run(['relocate']);
  await lab.move('garage', { ipv6AfterMs: 2000 });
  expect(await judged(lab, { timeoutSeconds: 30 })).toEqual(REACHABLE);
  expect(await lab.visit()).toEqual({
    4: { addresses: [garage.seen[4]], found: ['the box'], secure: ['the box'] },
    6: { addresses: [garage.seen[6]], found: ['the box'], secure: ['the box'] },
  });
});

it('a port where nothing of its own listens: a page proves whose machine it is', async () => {
  const lab = await openProvingLab();
  await lab.show({ http: 'off', https: 'off' });
  expect(await judged(lab)).toEqual(REACHABLE);
});

it('while `watch` runs: both do the same, and neither twice', async () => {
  const lab = await openProvingLab();
  const watching = await watch(lab);
  for (const spot of ['garage', 'home', 'garage'] as const) {
    await lab.move(spot);
    expect(await lab.run(['relocate'])).toMatchObject({ exit: 0, stdout: expect.stringMatching(/Reachable for everyone\.\n$/) });
  }
  expect(await watching.end()).toMatchObject({ exit: 0, stderr: '' });
  expect(lab.everPublished().slice(-3)).toEqual([garage.seen[4], home.seen[4], garage.seen[4]]);
});

it('a closed port is opened when asked to', ONCE_MORE, async () => {
  const lab = await openProvingLab();
  // miniupnpd takes addresses of documentation for private ones.
  await lab.renumber('garage', '5.6.7.8');
  await lab.mapper('garage');
  await lab.forward('garage', 443, 'nowhere');
  await lab.run();
  await lab.move('garage');
  expect(await lab.run(['relocate'])).toMatchObject({ exit: 1, stderr: expect.stringMatching(/does not forward port 443[\s\S]*Next: .*--map 443/) });
  expect(await lab.run(['relocate', '--map', '443'])).toMatchObject({ exit: 0, stdout: expect.stringMatching(/Reachable for everyone\.\n$/) });
  expect((await lab.visit())[4]).toMatchObject({ addresses: ['5.6.7.8'], secure: ['the box'] });
});
