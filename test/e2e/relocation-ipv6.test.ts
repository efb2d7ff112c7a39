/** A box with both families is carried to where there is no IPv6: IPv4 is published and proven, and what is left of IPv6 is named, with what to do about it. */
import { expect, it } from 'vitest';
import { type Lab, NAME, openLab } from '../lab/lab.ts';
import { KEY } from '../lab/names.ts';
import { ADDRESSES, SERVERS } from '../lab/topology.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const { home, garage, cgnat } = ADDRESSES;
const LEFT = `it was last published as ${home.seen[6]}, where this machine is no longer: there is no IPv6 here`;
const NEXT = `take 6 out of families and delete the AAAA record of ${NAME} at the provider, or wait until there is IPv6`;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** For people: what is left, and nothing else, and on a line of its own what to do. */
const SENTENCE = new RegExp(`^Published\\b.*, but .*${escaped(`${NAME} AAAA`)}.*: ${escaped(LEFT)}\\.\nNext: ${escaped(NEXT)}\\.$`, 'm');

const open = async (): Promise<Lab> => {
  const lab = await openLab({ ipv6: true });
  lab.configure({ verify: { resolvers: [SERVERS.resolver[4]] } });
  await lab.run();
  return lab;
};
type Told = { readonly names: readonly { readonly type: string; readonly state: string; readonly proofs: readonly { readonly rung: string; readonly state: string }[] }[]; readonly verdict: object };
const statesOf = ({ names }: Told): unknown => names.map(({ type, state, proofs }) => [type, state, proofs.map(({ rung, state }) => `${rung} ${state}`)]);
const PROVEN = ['A', 'proven', ['provider proven', 'authoritative proven', 'caches proven']];

it('relocate to where there is no IPv6: IPv4 goes on as if alone, and the verdict of relocate and verify names the address that is left', ONCE_MORE, async () => {
  const lab = await open();
  const moved = Date.now();
  await lab.move('cgnat');
  const first = await lab.run(['relocate', '--timeout', '60']);
  expect(first).toMatchObject({ exit: 69, stderr: expect.stringMatching(SENTENCE) });
  expect(first.stdout).toMatch(new RegExp(`^ +provider +no +${escaped(`${NAME} A ${home.seen[4]} → ${cgnat.seen[4]}; but ${NAME} AAAA: ${LEFT}`)}$`, 'm'));
  // Told while IPv6 was still looked for.
  expect(first.stdout).toMatch(new RegExp(`^ +provider +yes +${escaped(`${NAME} A ${home.seen[4]} → ${cgnat.seen[4]}`)} \\((\\d+ ms|[1-4] s)\\)$`, 'm'));
  expect(first.stdout).toMatch(/^ +name servers +yes .*all 2 name servers have it/m);
  expect((lab.history().at(-1)?.at ?? Number.POSITIVE_INFINITY) - moved).toBeLessThan(5000);
  const again = Date.now();
  const second = await lab.run(['relocate', '--json', '--timeout', '60']);
  expect(Date.now() - again).toBeLessThan(8000);
  const document: Told = JSON.parse(second.stdout);
  expect(statesOf(document)).toEqual([PROVEN, ['AAAA', 'failed', ['provider failed']]]);
  expect(document.verdict).toMatchObject({ kind: 'published', words: expect.stringContaining(LEFT), next: NEXT, cause: { type: 'AAAA', rung: 'provider', state: 'failed' } });
  const looked = await lab.run(['verify']);
  expect(looked).toMatchObject({ exit: 69, stdout: expect.stringMatching(SENTENCE) });
  expect(statesOf(JSON.parse((await lab.run(['verify', '--json'])).stdout))).toEqual(statesOf(document));
  expect(lab.everPublished('AAAA')).toEqual([home.seen[6]]);
  expect(lab.everPublished()).toEqual([home.seen[4], cgnat.seen[4]]);
});

it('what it says to do next ends it: without 6 among the families and with that record gone all is proven, and not before', ONCE_MORE, async () => {
  const lab = await open();
  await lab.move('cgnat');
  await lab.run(['relocate', '--timeout', '60']);
  lab.configure({ records: [{ name: NAME, ttl: 2, families: [4] }] });
  const left = await lab.run(['relocate', '--timeout', '60']);
  expect(left).toMatchObject({ exit: 1, stdout: expect.stringContaining(`visitors over IPv6 are led to ${home.seen[6]}, by an AAAA record`) });
  const update = [`server ${SERVERS.authority[4]}`, `update delete ${NAME} AAAA`, 'send'].join('\\n');
  await lab.shell(`printf '${update}\\n' | ip netns exec internet nsupdate -y ${KEY.algorithm}:${KEY.name}:${KEY.secret}`);
  const { exit, stdout } = await lab.run(['relocate', '--timeout', '60']);
  expect(stdout).toContain('Published everywhere');
  expect(exit).toBe(0);
  expect(await lab.run()).toEqual({ exit: 0, stdout: '', stderr: '' });
});

it('so does waiting: where there is IPv6 again, its record is right again', async () => {
  const lab = await open();
  await lab.move('cgnat');
  expect((await lab.run(['relocate', '--timeout', '60'])).exit).toBe(69);
  await lab.move('garage');
  const { exit, stdout } = await lab.run(['relocate', '--timeout', '60']);
  expect(stdout).toContain('Published everywhere');
  expect(exit).toBe(0);
  expect(lab.everPublished('AAAA')).toEqual([home.seen[6], garage.seen[6]]);
});

it('at home without IPv6 the address is as wrong, and it comes back by itself', async () => {
  const lab = await open();
  await lab.move('home', { ipv6AfterMs: 60_000 });
  expect((await lab.run(['relocate', '--timeout', '60'])).stderr).toMatch(SENTENCE);
  await lab.move('home');
  expect((await lab.run(['relocate', '--timeout', '60'])).exit).toBe(0);
  expect(lab.everPublished('AAAA')).toEqual([home.seen[6]]);
});

it('plugged in nowhere, nobody is told to give up a family', async () => {
  const lab = await open();
  await lab.unplug();
  const { exit, stdout, stderr } = await lab.run(['relocate', '--timeout', '3']);
  expect(exit).toBe(69);
  expect(`${stdout}${stderr}`).toMatch(/^Not published because /m);
  expect(`${stdout}${stderr}`).not.toContain('out of families');
});
