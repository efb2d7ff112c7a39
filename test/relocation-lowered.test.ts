/** A relocation after `prepare` where the line comes late: every name is one name, however often its round was held. */
import { beforeAll, expect, it } from 'vitest';
import { type Relocation, relocate } from '../src/relocate/relocate.ts';
import { loadEverything, modelBox, modelTarget } from './support/model-box.ts';

beforeAll(loadEverything);

const NAME = 'home.example.com';

it('rounds in vain leave nothing behind that stands in the way of the one that published', async () => {
  const box = modelBox({ targets: [modelTarget(NAME, 4), modelTarget(`nas.${NAME}`, 4)] });
  expect((await box.run())?.exit).toBe(0);
  expect((await box.run({ ttls: { kind: 'lower', seconds: 60 } }))?.exit).toBe(0);
  box.scene.address = { 4: undefined, 6: undefined };
  box.scene.network = { gateway: '192.168.8.1', gatewayMac: '00:00:5e:00:53:08', interface: 'eth0' };
  const done: Relocation[] = [];
  let inVain = 0;
  await box.run({}, box.config.targets, async (config, world, { signal, validate }) => {
    const tell = (progress: { readonly kind: string; readonly failure?: unknown }): void => {
      if (progress.kind !== 'publishing' || progress.failure === undefined) return;
      inVain++;
      if (inVain === 2) box.scene.address = { 4: '203.0.113.77', 6: undefined };
    };
    const relocation = await relocate(config, { names: [], map: [], more: [], signal, longestMs: 300_000, validate, tell }, world, () => 'then');
    done.push(relocation);
    return relocation.report;
  });
  expect(inVain).toBe(2);
  expect(done[0]?.climbs.map(({ target, wanted }) => [target.name, wanted?.values])).toEqual([
    [NAME, ['203.0.113.77']],
    [`nas.${NAME}`, ['203.0.113.77']],
  ]);
});
