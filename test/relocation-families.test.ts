/** A relocation where one family is missing: the other is not held up, whatever the provider can tell. */
import { beforeAll, expect, it } from 'vitest';
import { type Progress, type Relocation, relocate } from '../src/relocate/relocate.ts';
import { loadEverything, type ModelBox, modelBox, modelTarget } from './support/model-box.ts';

beforeAll(loadEverything);

const NAME = 'home.example.com';
const OLD = '2001:db8::9';

/** What it comes to, how long it took on the clock of that world, and when which address was told to be published. */
async function relocated(
  box: ModelBox,
  longestMs = 300_000,
): Promise<{ readonly relocation: Relocation; readonly ms: number; readonly early: readonly { readonly ms: number; readonly told: string }[] }> {
  const done: Relocation[] = [];
  const began = box.time.elapsed();
  const early: { readonly ms: number; readonly told: string }[] = [];
  const tell = (progress: Progress): void => {
    if (progress.kind !== 'publishing' || progress.soFar === undefined) return;
    const told = progress.soFar.outcomes.flatMap(({ kind, step }) => (kind === 'changed' && 'after' in step ? step.after.values : [])).join();
    early.push({ ms: box.time.elapsed() - began, told });
  };
  await box.run({}, box.config.targets, async (config, world, { signal, validate }) => {
    const relocation = await relocate(config, { names: [], map: [], more: [], signal, longestMs, validate, tell }, world, () => 'then');
    done.push(relocation);
    return relocation.report;
  });
  const [relocation] = done;
  if (relocation === undefined) throw new TypeError('it did not end');
  return { relocation, ms: box.time.elapsed() - began, early };
}

it.each([
  ['can be asked', true],
  ['cannot be asked', false],
])('a provider that %s: the first time as long as IPv6 may take to come, from then on at once', async (_, readable) => {
  const box = modelBox({ targets: [modelTarget(NAME, 4), modelTarget(NAME, 6)], can: { readable } });
  expect((await box.run())?.exit).toBe(0);
  box.scene.address = { 4: '203.0.113.77', 6: undefined };
  box.scene.network = { gateway: '192.168.8.1', gatewayMac: '00:00:5e:00:53:08', interface: 'eth0' };
  for (const atMost of [30_000, 15_000, 15_000]) {
    const { relocation, ms } = await relocated(box);
    expect(ms).toBeLessThan(atMost);
    expect(relocation.exit).toBe(69);
    expect(relocation.climbs.find(({ target }) => target.family === 6)?.rungs).toMatchObject([
      { rung: 'provider', state: 'failed', words: expect.stringContaining(`it was last published as ${OLD}, where this machine is no longer`) },
    ]);
    expect(relocation.climbs.find(({ target }) => target.family === 4)?.wanted?.values).toEqual(['203.0.113.77']);
  }
  expect(box.zone.get(`${NAME}/A`)?.values).toEqual(['203.0.113.77']);
  expect(box.zone.get(`${NAME}/AAAA`)?.values).toEqual([OLD]);
});

it('what is published of one family is told while the other is still looked for', async () => {
  const box = modelBox({ targets: [modelTarget(NAME, 4), modelTarget(NAME, 6)], can: { readable: true } });
  expect((await box.run())?.exit).toBe(0);
  box.scene.address = { 4: '203.0.113.77', 6: undefined };
  box.scene.network = { gateway: '192.168.8.1', gatewayMac: '00:00:5e:00:53:08', interface: 'eth0' };
  const { early, ms } = await relocated(box);
  expect(early.map(({ told }) => told)).toEqual(['203.0.113.77']);
  expect(ms - (early[0]?.ms ?? ms)).toBeGreaterThan(5_000);
});

it('a provider that takes both together is sent the old one along, and that is not taken for the truth', async () => {
  const box = modelBox({ targets: [modelTarget(NAME, 4), modelTarget(NAME, 6)], can: { readable: false, together: 'needed' } });
  expect((await box.run())?.exit).toBe(0);
  box.scene.address = { 4: '203.0.113.77', 6: undefined };
  box.scene.network = { gateway: '192.168.8.1', gatewayMac: '00:00:5e:00:53:08', interface: 'eth0' };
  for (const _ of ['sent along', 'kept']) {
    const { relocation } = await relocated(box);
    expect(box.zone.get(`${NAME}/AAAA`)?.values).toEqual([OLD]);
    expect(relocation.verdict).toMatchObject({ words: expect.stringContaining(`it was last published as ${OLD}, where this machine is no longer: there is no IPv6 here`), cause: { type: 'AAAA' } });
  }
});

it('the one that was sent along is right where IPv6 is what it was, though nobody knew at first', async () => {
  const box = modelBox({ targets: [modelTarget(NAME, 4), modelTarget(NAME, 6)], can: { together: 'needed' } });
  expect((await box.run())?.exit).toBe(0);
  box.scene.address = { 4: '203.0.113.77', 6: OLD };
  box.scene.delay = { 4: 20, 6: 2_000 };
  const { relocation } = await relocated(box);
  expect(box.sent.at(-1)?.changes.map(({ after }) => after.values)).toEqual([['203.0.113.77'], [OLD]]);
  expect(relocation.report.exit).toBe(0);
  expect(relocation.climbs.map(({ wanted, rungs }) => [wanted?.values, rungs[0]?.state])).toEqual([
    [['203.0.113.77'], 'proven'],
    [[OLD], 'proven'],
  ]);
});

const ACCOUNTS = { model: { name: 'model', provider: 'model', options: {} }, other: { name: 'other', provider: 'model', options: {} } };
const SILENT = { kind: 'network', phase: 'connect', detail: 'could not be connected to within 20 s' } as const;
const twoAccounts = (): ModelBox => modelBox({ targets: [modelTarget(NAME, 4), modelTarget('nas.example.com', 4, { account: 'other' })], config: { accounts: ACCOUNTS } });

it('what was changed while another provider kept silent is told as changed, though a later round finds it as it should be', async () => {
  const box = twoAccounts();
  box.scene.refuse = [undefined, SILENT];
  const { relocation, early } = await relocated(box);
  expect(early.map(({ told }) => told)).toEqual(['203.0.113.9']);
  expect(relocation.report.outcomes.map(({ kind }) => kind)).toEqual(['changed', 'changed']);
});

it('a provider that keeps silent gets no more than half of the time, where another name is published and is to be proven', async () => {
  const box = twoAccounts();
  box.scene.writeMs = 20_000;
  box.scene.refuse = [undefined, SILENT, SILENT, SILENT];
  const { relocation } = await relocated(box, 60_000);
  expect(relocation.report.outcomes.map(({ kind }) => kind).sort()).toEqual(['changed', 'failed']);
  expect(box.sent).toHaveLength(2);
});
