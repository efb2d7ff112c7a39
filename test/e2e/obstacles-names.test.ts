/** The box is carried elsewhere, and something is amiss with its name: the verdict names exactly that. */
import { expect, it } from 'vitest';
import { NAME } from '../lab/lab.ts';
import { PARKED } from '../lab/names.ts';
import { ADDRESSES, SERVERS } from '../lab/topology.ts';
import { expectObstacle, openProvingLab } from '../lab/verdicts.ts';

const cause = (rung: string, state: string): object => ({ cause: { name: NAME, type: 'A', rung, state } });
const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

it('the zone above leads to a stray beside the right name servers', async () => {
  const lab = await openProvingLab({ delegation: 'stray' });
  await lab.move('garage');
  await expectObstacle(lab, 'a wrong delegation', { verdict: { kind: 'published', ...cause('authoritative', 'failed') }, exits: [1, 1], next: new RegExp(`says ${PARKED}[\\s\\S]*Next: .*registrar`) });
});

it('the zone above leads to wrong name servers alone', async () => {
  const lab = await openProvingLab({ delegation: 'wrong' });
  await lab.move('garage');
  await expectObstacle(lab, 'a wrong delegation', {
    verdict: { kind: 'published', ...cause('authoritative', 'pending') },
    exits: [1, 1],
    next: new RegExp(`says ${PARKED}[\\s\\S]*Next: .*registrar`),
  });
});

it('one name server keeps what it had', async () => {
  const lab = await openProvingLab();
  await lab.run();
  await lab.stale('on');
  await lab.move('garage');
  await expectObstacle(lab, 'a server that is behind', { verdict: { kind: 'published', ...cause('authoritative', 'pending') }, exits: [1, 1], next: /ns2\.home\.example says 198\.51\.100\.7/ });
});

it('somebody asked too early, and a cache remembers that there is nothing', async () => {
  const lab = await openProvingLab({ negativeSeconds: 300 });
  expect((await lab.visit())[4].addresses).toEqual([]);
  await expectObstacle(lab, 'a cache', {
    verdict: {
      kind: 'turning',
      words: expect.stringMatching(/^reachable; .* until \d\d:\d\d$/),
      until: expect.stringMatching(MOMENT),
      cause: { rung: 'caches', until: expect.stringMatching(MOMENT) },
    },
    exits: [0, 0],
    next: /passes by itself/,
  });
});

it('a cache remembers the old address', async () => {
  const lab = await openProvingLab();
  lab.configure({ records: [{ name: NAME, ttl: 300, families: [4] }] });
  await lab.run();
  expect((await lab.visit())[4].addresses).toEqual([ADDRESSES.home.seen[4]]);
  await lab.move('garage');
  await expectObstacle(lab, 'a cache', { verdict: { kind: 'turning', ...cause('caches', 'pending') }, exits: [0, 0], next: /passes by itself/ });
  expect(await lab.shell(`ip netns exec visitor dig +short @${SERVERS.resolver[4]} ${NAME} A`)).toBe(`${ADDRESSES.home.seen[4]}\n`);
});
