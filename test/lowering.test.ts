/** Laws of TTLs that are lowered for a move, for providers of every kind, and whatever happens in between. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../src/core/failure.ts';
import type { Capabilities } from '../src/core/plan.ts';
import { recordSet } from '../src/core/record.ts';
import { address, loadEverything, type ModelBox, modelBox, modelTarget } from './support/model-box.ts';

beforeAll(loadEverything);

const STEPS = [60, 300, 600, 1800, 3600] as const;
const ttlCan = fc.oneof(
  fc.constant('fixed' as const),
  fc.constantFrom(1, 60, 300, 600).chain((min) => fc.constantFrom(600, 3600, 86_400).map((max) => ({ min, max, initial: 600 }))),
  fc.constant({ min: 60, max: 3600, initial: 300, steps: STEPS }),
);
const able: fc.Arbitrary<Partial<Capabilities>> = fc.record({
  ttl: ttlCan,
  readable: fc.boolean(),
  values: fc.constantFrom('one' as const, 'many' as const),
});
const joint = fc.constantFrom(undefined, 'needed' as const, 'safer' as const);

type Setup = {
  readonly can: Partial<Capabilities>;
  readonly mute: boolean;
  readonly configured: readonly (number | 'auto')[];
  readonly there: readonly (number | undefined)[];
  readonly proxied: boolean;
  readonly seconds: number;
};

const taken = ({ ttl }: Partial<Capabilities>, seconds: number): number => {
  if (ttl === 'fixed' || ttl === undefined) return 120;
  const { min, max } = ttl;
  return 'steps' in ttl && ttl.steps ? (ttl.steps.find((step) => step >= seconds) ?? 3600) : Math.min(max, Math.max(min, seconds));
};

const setup: fc.Arbitrary<Setup> = fc
  .record({
    able,
    together: joint,
    mute: fc.boolean(),
    configured: fc.tuple(...[0, 1, 2].map(() => fc.option(fc.constantFrom(30, 60, 300, 3600), { nil: 'auto' as const }))),
    there: fc.tuple(...[0, 1, 2].map(() => fc.option(fc.constantFrom(20, 60, 299, 300, 1800, 3600, 86_400), { nil: undefined }))),
    proxied: fc.boolean(),
    seconds: fc.constantFrom(1, 60, 120, 300, 3600),
  })
  .map(({ able, together, mute, configured, there, proxied, seconds }) => ({
    can: {
      ...able,
      ...(together === undefined ? {} : { together }),
    },
    mute: mute && seconds === 60,
    configured: configured.map((ttl) => (ttl === 'auto' || able.ttl === 'fixed' ? ('auto' as const) : taken(able, ttl))),
    there: there.map((ttl) => (ttl === undefined ? undefined : taken(able, ttl))),
    proxied: proxied && seconds === 300,
    seconds,
  }));

/** Two addresses of one name and one of another, at home for a while. */
async function atHome({ can, mute, configured, there, proxied }: Setup): Promise<ModelBox> {
  const names = [
    ['home.example.com', 4],
    ['home.example.com', 6],
    ['nas.example.com', 4],
  ] as const;
  const box = modelBox({ can, mute, targets: names.map(([name, family], at) => modelTarget(name, family, { ttl: configured[at] ?? 'auto' })) });
  names.forEach(([name, family], at) => {
    const ttl = there[at];
    const target = modelTarget(name, family);
    if (ttl !== undefined)
      box.put(`${name}/${target.type}`, { ...recordSet(target, [address(family === 4 ? '203.0.113.200' : '2001:db8::200')], ttl), ...(proxied && at === 2 ? { proxied: true } : {}) });
  });
  expect((await box.run())?.exit).toBe(0);
  box.time.advance(2 * 86_400_000);
  return box;
}

const lower = (box: ModelBox, seconds: number) => box.run({ ttls: { kind: 'lower', seconds } });
const restore = (box: ModelBox) => box.run({ ttls: { kind: 'restore' } });
const lowered = (box: ModelBox) => Object.entries(box.state().lowered ?? {});
const plain = (zone: ModelBox['zone']) => [...zone].map(([key, { values, ttl }]) => `${key} ${ttl} ${values.join(' ')}`).sort();

/** What others may still keep: the longest of what was served in place of what is lowered. */
function assertNoOverclaim(box: ModelBox): void {
  const state = box.state();
  for (const [key, { to, cheapFrom }] of lowered(box)) {
    if (state.targets[key]?.pending !== undefined) continue;
    const [name, type] = key.split(' ').slice(-2);
    expect(box.zone.get(`${name}/${type}`)?.ttl).toBeLessThanOrEqual(to);
    for (const row of box.history) if (row.key === `${name}/${type}` && row.ttl > to) expect(cheapFrom).toBeGreaterThanOrEqual(row.until + row.ttl * 1000);
  }
}

const RUNS = { numRuns: 120 };

test('law: lowered and put back, everything is as it was, for every provider', async () => {
  await fc.assert(
    fc.asyncProperty(setup, async (given) => {
      const box = await atHome(given);
      const before = plain(box.zone);
      expect((await lower(box, given.seconds))?.exit).toBe(0);
      assertNoOverclaim(box);
      box.time.advance(86_400_000);
      expect((await box.run())?.exit).toBe(0);
      expect((await restore(box))?.exit).toBe(0);
      expect(plain(box.zone)).toEqual(before);
      expect(lowered(box)).toEqual([]);
      const writes = box.sent.length;
      expect((await box.run())?.exit).toBe(0);
      expect(box.sent.length).toBe(writes);
    }),
    RUNS,
  );
});

test('law: no TTL is ever raised, and what can be lowered is as low as was asked and the provider takes', async () => {
  await fc.assert(
    fc.asyncProperty(setup, async (given) => {
      const box = await atHome(given);
      const before = box.snapshot();
      const report = await lower(box, given.seconds);
      for (const [key, set] of box.zone) {
        expect(set.values).toEqual(before.get(key)?.values);
        expect(set.ttl ?? 0).toBeLessThanOrEqual(before.get(key)?.ttl ?? 0);
        const hopeless = [...(report?.unlowerable ?? [])].some(([target]) => key === `${target.name}/${target.type}`);
        if (hopeless) expect(set.ttl).toBe(before.get(key)?.ttl);
        else expect(set.ttl ?? 0).toBeLessThanOrEqual(taken(given.can, given.seconds));
      }
      const isOurs = given.can.ttl !== 'fixed' && given.can.readable;
      if (!isOurs) expect(report?.unlowerable?.size).toBe(3);
    }),
    RUNS,
  );
});

test('law: twice is once; no other round, not even a forced one, changes a TTL meanwhile; a move takes the low TTL along', async () => {
  await fc.assert(
    fc.asyncProperty(setup, async (given) => {
      const box = await atHome(given);
      await lower(box, given.seconds);
      const [zone, writes, rows] = [plain(box.zone), box.sent.length, lowered(box)];
      box.time.advance(60_000);
      expect((await lower(box, given.seconds))?.exit).toBe(0);
      expect((await box.run())?.exit).toBe(0);
      expect((await box.run({ names: [modelTarget('nas.example.com', 4).name] }))?.exit).toBe(0);
      if (given.can.readable) expect((await box.run({ force: true }))?.exit).toBe(0);
      expect(plain(box.zone)).toEqual(zone);
      expect(box.sent.length).toBe(writes);
      expect(lowered(box)).toEqual(rows);
      const ttls = [...box.zone].map(([key, { ttl }]) => `${key} ${ttl}`).sort();
      Object.assign(box.scene.address, { 4: '203.0.113.77', 6: '2001:db8::77' });
      box.scene.network = { ...box.scene.network, gatewayMac: '00:00:5e:00:53:02' };
      expect((await box.run())?.exit).toBe(0);
      expect([...box.zone].map(([key, { ttl }]) => `${key} ${ttl}`).sort()).toEqual(ttls);
      expect([...box.zone.values()].flatMap(({ values }) => values).sort()).toEqual(['2001:db8::77', '203.0.113.77', '203.0.113.77']);
    }),
    RUNS,
  );
});

test('law: killed at any step of lowering or putting back, a round later nothing is half done, no moment is promised too early, and all comes back', async () => {
  const strike = fc.record({
    at: fc.nat(14),
    when: fc.constantFrom('before' as const, 'after' as const),
    where: fc.constantFrom('disk' as const, 'write' as const),
    next: fc.constantFrom('lower' as const, 'run' as const),
  });
  await fc.assert(
    fc.asyncProperty(setup, strike, strike, async (given, first, second) => {
      const box = await atHome(given);
      const before = plain(box.zone);
      const killed = async (work: () => Promise<unknown>, { at, when, where }: typeof first): Promise<void> => {
        if (where === 'disk') box.disk.killAt(at, when);
        else box.scene.refuse = [...Array.from({ length: at % 3 }, () => undefined), `killed-${when}`];
        await work();
        box.disk.calm();
        box.scene.refuse = [];
        box.time.advance(90_000);
      };
      await killed(() => lower(box, given.seconds), first);
      expect((await (first.next === 'lower' ? lower(box, given.seconds) : box.run()))?.exit).toBe(0);
      assertNoOverclaim(box);
      for (const { pending } of Object.values(box.state().targets)) expect(pending).toBeUndefined();
      await killed(() => restore(box), second);
      expect((await box.run())?.exit).toBe(0);
      assertNoOverclaim(box);
      expect((await restore(box))?.exit).toBe(0);
      expect(plain(box.zone)).toEqual(before);
      expect(lowered(box)).toEqual([]);
    }),
    { numRuns: 250 },
  );
});

test('law: a TTL that is refused, or not answered for, never keeps a name from being updated', async () => {
  const failures: readonly Failure[] = [
    { kind: 'refused', detail: 'a TTL of 60 is not taken' },
    { kind: 'network', phase: 'connect', detail: 'no route to host' },
    { kind: 'network', phase: 'reply', detail: 'cut off' },
    { kind: 'unavailable', detail: 'it is 500' },
    { kind: 'gibberish', detail: 'it is HTML' },
  ];
  await fc.assert(
    fc.asyncProperty(setup, fc.constantFrom(...failures), fc.boolean(), async (given, failure, moved) => {
      const box = await atHome(given);
      const before = plain(box.zone);
      box.scene.refuse = [failure];
      await lower(box, given.seconds);
      box.scene.refuse = [];
      box.time.advance(2 * 3_600_000);
      if (moved) Object.assign(box.scene.address, { 4: '203.0.113.77', 6: '2001:db8::77' });
      expect((await box.run())?.exit).toBe(0);
      assertNoOverclaim(box);
      const values = [...box.zone.values()].flatMap((set) => set.values).sort();
      if (moved) expect(values).toEqual(['2001:db8::77', '203.0.113.77', '203.0.113.77']);
      expect((await restore(box))?.exit).toBe(0);
      if (!moved) expect(plain(box.zone)).toEqual(before);
      expect(lowered(box)).toEqual([]);
    }),
    RUNS,
  );
});

describe('what may change meanwhile', () => {
  const home = modelTarget('home.example.com', 4);
  const at = async (ttl: number, more = {}): Promise<ModelBox> => {
    const box = modelBox({ targets: [home], ...more });
    box.put('home.example.com/A', recordSet(home, [address('203.0.113.200')], ttl));
    await box.run();
    return box;
  };
  const ttl = (box: ModelBox): number | undefined => box.zone.get('home.example.com/A')?.ttl;

  test('a name that left the config is remembered as lowered as long as it is remembered at all', async () => {
    const box = await at(3600);
    await lower(box, 60);
    const others = [modelTarget('nas.example.com', 4)];
    await box.run({}, others);
    expect(lowered(box)).toHaveLength(1);
    box.time.advance(91 * 86_400_000);
    await box.run({}, others);
    expect(lowered(box)).toEqual([]);
  });

  test('the config is changed: what it says holds as soon as it is lower, and when all comes back', async () => {
    const box = await at(3600);
    await lower(box, 60);
    await box.run({}, [{ ...home, ttl: 900 }]);
    expect(ttl(box)).toBe(60);
    await box.run({}, [{ ...home, ttl: 30 }]);
    expect(ttl(box)).toBe(30);
    await box.run({ ttls: { kind: 'restore' } }, [{ ...home, ttl: 900 }]);
    expect(ttl(box)).toBe(900);
    expect(lowered(box)).toEqual([]);
  });

  test('the provider takes other TTLs from now on: the name is still updated', async () => {
    const box = await at(3600);
    await lower(box, 60);
    box.scene.can = { ...box.scene.can, ttl: { min: 300, max: 7200, initial: 600 } };
    box.scene.address[4] = '203.0.113.77';
    expect((await box.run())?.exit).toBe(0);
    expect(ttl(box)).toBe(300);
    const writes = box.sent.length;
    box.time.advance(2 * 3_600_000);
    expect((await box.run())?.exit).toBe(0);
    expect(box.sent.length).toBe(writes);
    expect((await restore(box))?.exit).toBe(0);
    expect(ttl(box)).toBe(3600);
  });

  test('paused for what it refused, an account is not asked for the sake of a TTL', async () => {
    const box = await at(3600);
    box.scene.refuse = [{ kind: 'auth', detail: 'wrong token' }];
    box.scene.address[4] = '203.0.113.77';
    expect((await box.run())?.exit).toBe(77);
    const writes = box.sent.length;
    expect((await lower(box, 60))?.exit).toBe(77);
    expect(box.sent.length).toBe(writes);
    expect(lowered(box)).toEqual([]);
  });

  test('a move that does not wait until it is cheap: what was there before may be kept as long as before', async () => {
    const box = await at(3600);
    await lower(box, 60);
    box.time.advance(600_000);
    box.scene.address[4] = '203.0.113.77';
    await box.run();
    const seconds = box.state().changes.at(-1)?.ttl ?? 0;
    expect(seconds).toBeGreaterThan(2990);
    expect(seconds).toBeLessThanOrEqual(3000);
    box.time.advance(3_600_000);
    box.scene.address[4] = '203.0.113.9';
    await box.run();
    expect(box.state().changes.at(-1)).toMatchObject({ before: ['203.0.113.77'], after: ['203.0.113.9'], ttl: 60 });
  });

  test('a round that ends what a killed one began tells of the TTL, not of an address', async () => {
    const box = await at(3600);
    box.scene.refuse = ['killed-before'];
    await lower(box, 60);
    expect((await box.run())?.news.map(({ line }) => line)).toEqual(['home.example.com A 203.0.113.9: TTL 3600 → 60 (accepted)']);
    expect(ttl(box)).toBe(60);
  });

  test('lower still: the longer of both times counts, and the first TTL is the one that comes back', async () => {
    const box = await at(3600);
    await lower(box, 600);
    const [[, first] = []] = lowered(box);
    box.time.advance(60_000);
    await lower(box, 60);
    expect(lowered(box).map(([, row]) => row)).toMatchObject([{ was: 3600, to: 60, cheapFrom: first?.cheapFrom }]);
    await restore(box);
    expect(ttl(box)).toBe(3600);
  });

  test('what could not be put back, and is then lowered again, stays low, and comes back', async () => {
    const box = await at(3600);
    await lower(box, 60);
    box.scene.refuse = [{ kind: 'network', phase: 'connect', detail: 'no route to host' }];
    expect((await restore(box))?.exit).toBe(69);
    box.time.advance(3_600_000);
    expect((await lower(box, 60))?.exit).toBe(0);
    expect((await box.run())?.exit).toBe(0);
    expect(ttl(box)).toBe(60);
    expect((await restore(box))?.exit).toBe(0);
    expect(ttl(box)).toBe(3600);
  });

  test('a name that is new begins low, and is cheap at once: nobody keeps anything of it', async () => {
    const box = modelBox({ targets: [home] });
    await lower(box, 60);
    expect(ttl(box)).toBe(60);
    const [[, row] = []] = lowered(box);
    expect(row).toMatchObject({ was: 300, to: 60 });
    expect(row?.cheapFrom).toBeLessThanOrEqual(box.time.now());
    await restore(box);
    expect(ttl(box)).toBe(300);
  });

  test('lowered by hand below what the config says: it stays so until it is put back', async () => {
    const box = modelBox({ targets: [{ ...home, ttl: 900 }] });
    await box.run();
    box.put('home.example.com/A', recordSet(home, [address('203.0.113.9')], 30));
    expect((await lower(box, 60))?.exit).toBe(0);
    expect((await box.run())?.exit).toBe(0);
    expect(ttl(box)).toBe(30);
    assertNoOverclaim(box);
    await restore(box);
    expect(ttl(box)).toBe(900);
  });

  test('a record that somebody deleted is made again with the low TTL, and gets its own back', async () => {
    const box = await at(3600);
    await lower(box, 60);
    box.put('home.example.com/A', undefined);
    await box.run({ force: true });
    expect(ttl(box)).toBe(60);
    await restore(box);
    expect(ttl(box)).toBe(3600);
  });

  test('where another address is sent along, it is not lost when one of the two alone is lowered or put back', async () => {
    const six = modelTarget('home.example.com', 6, { ttl: 60 });
    const box = modelBox({ targets: [home, six], can: { together: 'needed' } });
    await box.run();
    expect((await lower(box, 60))?.exit).toBe(0);
    expect([...box.zone.values()].map(({ ttl }) => ttl)).toEqual([60, 60]);
    expect((await restore(box))?.exit).toBe(0);
    expect([...box.zone.values()].map(({ ttl }) => ttl).sort()).toEqual([300, 60]);
    expect([...box.zone.keys()].sort()).toEqual(['home.example.com/A', 'home.example.com/AAAA']);
  });
});
