/** TTLs that were lowered for a move stay low until it has happened, and go back when it is proven: by `relocate`, and unattended by `watch`. */
import { expect, it } from 'vitest';
import { type Lab, NAME, openLab, until } from '../lab/lab.ts';
import { SERVERS } from '../lab/topology.ts';
import { watch } from '../lab/watching.ts';

const [USUAL, LOW] = [5, 1];

/** What the first name server says of the TTL. */
const ttlIn = async (lab: Lab): Promise<number> => Number((await lab.shell(`ip netns exec internet dig +noall +answer @${SERVERS.authority[4]} ${NAME} A`)).split(/\s+/)[1]);

async function prepared(lab: Lab): Promise<void> {
  expect(await lab.run(['prepare', '--ttl', `${LOW}`])).toMatchObject({ exit: 0, stdout: expect.stringContaining(`TTL ${USUAL} → ${LOW}`) });
  expect(await ttlIn(lab)).toBe(LOW);
  await new Promise((resolve) => setTimeout(resolve, USUAL * 1000));
}

it('relocate puts them back, but not before the box was moved', async () => {
  const lab = await openLab();
  lab.configure({ records: [{ name: NAME, ttl: USUAL }], verify: { resolvers: [SERVERS.resolver[4]] } });
  await lab.run();
  await prepared(lab);
  expect(await lab.run(['relocate'])).toMatchObject({ exit: 0, stdout: expect.not.stringContaining('TTLs') });
  expect(await ttlIn(lab)).toBe(LOW);
  await lab.move('garage');
  await lab.forward('garage', 443, 'nowhere');
  lab.configure({ verify: { resolvers: [SERVERS.resolver[4]], ports: [443], probe: { url: await lab.probe(), insecure: true } } });
  expect(await lab.run(['relocate'])).toMatchObject({ exit: 1, stdout: expect.stringMatching(/^The TTLs that were lowered for the move stay low until all is proven: /m) });
  expect(JSON.parse((await lab.run(['relocate', '--json'])).stdout)).toMatchObject({ exit: 1, lowered: [NAME] });
  expect(await ttlIn(lab)).toBe(LOW);
  await lab.forward('garage', 443, 'box');
  expect(await lab.run(['relocate'])).toMatchObject({ exit: 0, stdout: expect.stringContaining('The TTLs that were lowered for the move are as before.') });
  expect(await ttlIn(lab)).toBe(USUAL);
  expect(lab.state()['lowered']).toBeUndefined();
});

it('watch puts them back unattended', async () => {
  const lab = await openLab();
  lab.configure({ records: [{ name: NAME, ttl: USUAL }], verify: { resolvers: [SERVERS.resolver[4]] } });
  await lab.run();
  await prepared(lab);
  const watching = await watch(lab);
  await lab.move('garage');
  await until(async () => (await ttlIn(lab)) === USUAL, 'the TTL is not put back', 30_000);
  const { exit, stdout } = await watching.end();
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringContaining('Published everywhere') });
});
