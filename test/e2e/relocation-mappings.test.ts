/** A box with `watch` in it is carried between routers that let nobody in unless asked: the visitor finds it at both, over both families, by what it asked for itself. */
import { expect, it } from 'vitest';
import { type Lab, openLab, until } from '../lab/lab.ts';
import { ADDRESSES, type Spot } from '../lab/topology.ts';
import { watch } from '../lab/watching.ts';

/** miniupnpd takes those of the laboratory, which are for documentation, for none of the internet. */
const LINES = { home: '5.6.7.8', garage: '9.10.11.12' } as const;

/** Nobody has forwarded anything, and what comes in over IPv6 was asked for. */
async function shut(lab: Lab, spot: keyof typeof LINES): Promise<void> {
  await lab.renumber(spot, LINES[spot]);
  for (const port of [80, 443]) await lab.forward(spot, port, 'nowhere');
  await lab.firewall6(spot, 'on');
  await lab.mapper(spot);
}

const isLetIn = (lab: Lab, spot: Spot) => async (): Promise<boolean> => {
  const visit = await lab.visit();
  const at = { 4: LINES[spot === 'home' ? 'home' : 'garage'], 6: ADDRESSES[spot].seen[6] };
  return ([4, 6] as const).every((family) => visit[family].addresses.join() === at[family] && [...visit[family].found, ...visit[family].secure].join() === 'the box,the box');
};

/** Of every mapping that is remembered. */
const gatewaysIn = (state: { readonly mappings?: Readonly<Record<string, { readonly by?: string; readonly router: { readonly gateway: string } }>> }): readonly string[] =>
  Object.values(state.mappings ?? {}).map(({ by, router }) => (by === undefined ? 'only asked for' : router.gateway));

it('from home to the garage and back', async () => {
  const lab = await openLab({ ipv6: true });
  await shut(lab, 'home');
  await shut(lab, 'garage');
  expect(await isLetIn(lab, 'home')()).toBe(false);
  lab.configure({ router: { map: [80, 443] } });
  const watching = await watch(lab);
  for (const spot of ['home', 'garage', 'home'] as const) {
    if (lab.everPublished().length > 0) await lab.move(spot);
    await until(isLetIn(lab, spot), `the visitor is not let in at ${spot}`, 20_000);
    await until(async () => gatewaysIn(lab.state()).join() === Array(4).fill(`${ADDRESSES[spot].lan}.1`).join(), `not all that is remembered is of ${spot}`, 5000);
  }
  const { exit, stdout, stderr } = await watching.end();
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout.match(/^(80|443)\/tcp mapped: /gm)).toHaveLength(6);
  expect(stdout.match(/^(80|443)\/tcp over IPv6 opened: /gm)).toHaveLength(6);
});
