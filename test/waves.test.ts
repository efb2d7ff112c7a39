/** After a move IPv6 comes late, or not at all: a round acts on IPv4 at once, and on what comes later once and for all. */
import { beforeAll, expect, test } from 'vitest';
import type { Config } from '../src/config/config.ts';
import type { Capabilities } from '../src/core/plan.ts';
import { describeOutcome } from '../src/report.ts';
import { loadEverything, type ModelBox, modelBox, modelTarget } from './support/model-box.ts';

beforeAll(loadEverything);

const [OLD4, NEW4, OLD6, NEW6] = ['203.0.113.9', '203.0.113.77', '2001:db8::9', '2001:db8::77'];
const HOME = modelTarget('home.example.com', 4);
const HOME6 = modelTarget('home.example.com', 6);

/** Published at home in both families. */
async function settledAt(can: Partial<Capabilities> = {}, config: Partial<Config> = {}): Promise<ModelBox> {
  const box = modelBox({ targets: [HOME, HOME6], can, config });
  expect((await box.run())?.exit).toBe(0);
  box.time.advance(600_000);
  box.sent.length = 0;
  return box;
}

/** Carried to the garage, where IPv6 is heard after `six` ms, or never. */
function move(box: ModelBox, six: number | 'never'): void {
  const { scene } = box;
  scene.network = { ...scene.network, gatewayMac: '00:00:5e:00:53:02' };
  scene.address[4] = NEW4;
  scene.address[6] = six === 'never' ? undefined : NEW6;
  if (typeof six === 'number') scene.delay[6] = six;
}
const values = (box: ModelBox): readonly string[] => [...box.zone.values()].flatMap((set) => set.values).sort();
/** What each call sent, and how many ms after `from`. */
const calls = (box: ModelBox, from: number): readonly (readonly [number, readonly string[]])[] => box.sent.map(({ at, changes }) => [at - from, changes.flatMap(({ after }) => after.values)]);

test.each([true, false])('IPv6 comes four seconds late: IPv4 is written within a second, IPv6 when it is known, and both are told (readable: %s)', async (readable) => {
  const box = await settledAt({ readable });
  move(box, 4000);
  const from = box.time.now();
  const report = await box.run();
  expect(report?.exit).toBe(0);
  const [first, second, ...more] = calls(box, from);
  expect([first?.[1], second?.[1], more]).toEqual([[NEW4], [NEW6], []]);
  expect(first?.[0]).toBeLessThan(1000);
  expect(second?.[0]).toBeLessThan(6000);
  expect(report?.outcomes.map(({ kind, step }) => [step.decision.target.family, kind])).toEqual([
    [4, 'changed'],
    [6, 'changed'],
  ]);
  expect(report?.observations.map(({ family, kind }) => [family, kind])).toEqual([
    [4, 'agreed'],
    [6, 'agreed'],
  ]);
  box.sent.length = 0;
  expect((await box.run())?.exit).toBe(0);
  expect(box.sent).toEqual([]);
});

test('IPv6 is dead: IPv4 is written within a second and told as changed; IPv6 gets its ten seconds, stays as it is, and is told', async () => {
  const box = await settledAt();
  move(box, 'never');
  const from = box.time.now();
  const report = await box.run();
  expect(calls(box, from)).toEqual([[expect.any(Number), [NEW4]]]);
  expect(calls(box, from)[0]?.[0]).toBeLessThan(1000);
  expect(box.time.now() - from).toBeGreaterThanOrEqual(10_000);
  expect(report?.exit).toBe(69);
  expect(report?.outcomes.map(({ kind }) => kind)).toEqual(['changed', 'kept']);
  expect(report?.news.map(({ kind }) => kind)).toEqual(['changed', 'failing']);
  expect(values(box)).toEqual([OLD6, NEW4].sort());
});

test('both come at once: one call', async () => {
  const box = await settledAt();
  move(box, 20);
  await box.run();
  expect(box.sent.map(({ changes }) => changes.flatMap(({ after }) => after.values))).toEqual([[NEW4, NEW6]]);
});

test('where one sent alone would erase the other, and the other was never published, both are waited for', async () => {
  const box = modelBox({ targets: [HOME, HOME6], can: { together: 'needed', readable: false } });
  move(box, 4000);
  const from = box.time.now();
  expect((await box.run())?.exit).toBe(0);
  expect(calls(box, from)).toEqual([[expect.any(Number), [NEW4, NEW6]]]);
});

test('where one sent alone would erase the other, what was published of it goes along at once, and the new one follows', async () => {
  const box = await settledAt({ together: 'needed', readable: false });
  move(box, 4000);
  const from = box.time.now();
  const report = await box.run();
  expect(report?.exit).toBe(0);
  expect(calls(box, from).map(([, sent]) => sent)).toEqual([
    [NEW4, OLD6],
    [NEW4, NEW6],
  ]);
  expect(calls(box, from)[0]?.[0]).toBeLessThan(1000);
  expect(values(box)).toEqual([NEW6, NEW4].sort());
  expect(report?.outcomes.map((outcome) => describeOutcome(outcome))).toEqual([expect.stringContaining(NEW4 as string), expect.stringContaining(NEW6 as string)]);
  box.sent.length = 0;
  expect((await box.run())?.exit).toBe(0);
  expect(box.sent).toEqual([]);
});

test('where it is only safer, both are sent in both calls, and IPv4 does not wait', async () => {
  const box = await settledAt({ together: 'safer', readable: false });
  move(box, 4000);
  const from = box.time.now();
  expect((await box.run())?.exit).toBe(0);
  expect(calls(box, from).map(([, sent]) => sent)).toEqual([
    [NEW4, OLD6],
    [NEW4, NEW6],
  ]);
  expect(calls(box, from)[0]?.[0]).toBeLessThan(1000);
});

test('force sends everything once, however late the second family is', async () => {
  for (const can of [{ readable: false }, { readable: false, together: 'safer' as const }]) {
    const box = await settledAt(can);
    box.scene.delay[6] = 2000;
    expect((await box.run({ force: true }))?.exit).toBe(0);
    const sent = box.sent.flatMap(({ changes }) => changes.flatMap(({ after }) => after.values));
    expect([...sent].sort()).toEqual([OLD6, OLD4].sort());
  }
});

test.each([
  { kind: 'network', phase: 'connect', detail: 'no route to host' },
  { kind: 'network', phase: 'reply', detail: 'cut off' },
  { kind: 'gibberish', detail: 'it is HTML' },
] as const)('what failed at first is not tried again in the same round ($kind $phase), and what may have come true is not undone', async (failure) => {
  for (const can of [{}, { readable: false, together: 'safer' as const }]) {
    const box = await settledAt(can);
    move(box, 4000);
    box.scene.refuse = [failure];
    const report = await box.run();
    expect(report?.exit).not.toBe(0);
    const sent = box.sent.flatMap(({ changes }) => changes.flatMap(({ after }) => after.values));
    expect(sent.filter((value) => value === NEW4)).toHaveLength(1);
    expect(sent).not.toContain(OLD4);
    box.time.advance(3_600_000);
    expect((await box.run())?.exit).toBe(0);
    expect(values(box)).toEqual([NEW6, NEW4].sort());
  }
});

test('an account that asks to wait is not asked about the second family', async () => {
  const box = await settledAt();
  move(box, 4000);
  box.scene.refuse = [{ kind: 'throttled', detail: 'slow down', retryAfterSeconds: 60 }];
  expect((await box.run())?.exit).toBe(75);
  expect(box.sent).toHaveLength(1);
  box.time.advance(120_000);
  expect((await box.run())?.exit).toBe(0);
  expect(values(box)).toEqual([NEW6, NEW4].sort());
});

test('a dry run looks once, at everything', async () => {
  const box = await settledAt();
  move(box, 4000);
  const changes = box.disk.changes();
  const report = await box.run({ dry: true });
  expect(report?.outcomes.map(({ kind, step }) => [kind, step.kind])).toEqual([
    ['planned', 'replace'],
    ['planned', 'replace'],
  ]);
  expect([box.sent.length, box.disk.changes()]).toEqual([0, changes]);
});

test('killed anywhere between the waves, nothing is lost or doubled', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let step = 0; step < 12; step++) {
      const box = await settledAt();
      move(box, 4000);
      box.disk.killAt(step, when);
      await box.run();
      box.disk.calm();
      for (const set of box.zone.values()) expect(set.values).toHaveLength(1);
      box.time.advance(30_000);
      expect((await box.run())?.exit).toBe(0);
      expect(values(box)).toEqual([NEW6, NEW4].sort());
      box.sent.length = 0;
      await box.run();
      expect(box.sent).toEqual([]);
    }
    for (let call = 0; call < 2; call++) {
      const box = await settledAt({ readable: false });
      move(box, 4000);
      box.scene.refuse = [...Array.from({ length: call }, () => undefined), `killed-${when}`];
      expect(await box.run()).toBeUndefined();
      box.scene.refuse = [];
      expect((await box.run())?.exit).toBe(0);
      expect(values(box)).toEqual([NEW6, NEW4].sort());
    }
  }
});

test('nobody wants to know any more between the waves: what was written is told, nothing else is begun', async () => {
  const box = await settledAt();
  move(box, 'never');
  const wanted = new AbortController();
  const going = box.run({ wanted: wanted.signal });
  // After every step that anything of this world makes: its time flies.
  const look = (): void => void (box.sent.length === 1 ? wanted.abort() : setImmediate(look));
  look();
  const report = await going;
  expect(report?.outcomes.map(({ kind, step }) => [kind, step.decision.target.family])).toEqual([['changed', 4]]);
  expect(report?.news.map(({ kind }) => kind)).toEqual(['changed']);
  expect(values(box)).toEqual([OLD6, NEW4].sort());
  expect(box.state().targets['model * home.example.com A']?.set?.values).toEqual([NEW4]);
});
