/** What `prepare` tells of each name: one line, and a row of the document. */
import { beforeAll, expect, test } from 'vitest';
import { rowJson, rowsOf, summary } from '../src/commands/prepared-rows.ts';
import type { Failure } from '../src/core/failure.ts';
import { recordSet } from '../src/core/record.ts';
import { keyIn } from '../src/prepared.ts';
import type { Lowered } from '../src/recall.ts';
import type { Report } from '../src/round.ts';
import { address, loadEverything, type ModelBox, type ModelOptions, modelBox, modelTarget } from './support/model-box.ts';

beforeAll(loadEverything);

const HOME = modelTarget('home.example.com', 4);
const NAS = modelTarget('nas.example.com', 4);

async function settledAt(ttl: number, options: Partial<ModelOptions> = {}): Promise<ModelBox> {
  const box = modelBox({ targets: [HOME], ...options });
  box.put('home.example.com/A', recordSet(HOME, [address('203.0.113.200')], ttl));
  expect((await box.run())?.exit).toBe(0);
  return box;
}

async function told(box: ModelBox, kind: 'lower' | 'restore', { seconds = 60, changed = {} }: { readonly seconds?: number; readonly changed?: Partial<Report> } = {}) {
  const lowered = (): Readonly<Record<string, Lowered>> => box.state().lowered ?? {};
  const before = lowered();
  const report = { ...(await box.run({ ttls: kind === 'lower' ? { kind, seconds } : { kind } })), ...changed } as Report;
  const prepared = {
    before,
    after: lowered(),
    keyOf: keyIn(box.config),
    unlowerable: report.unlowerable ?? new Map(),
    lingering: report.lingering ?? new Map(),
    now: box.time.now(),
  };
  const rows = rowsOf(report.outcomes, kind, prepared);
  return { rows, lines: rows.map(({ text }) => text), outcomes: rows.map(({ outcome }) => outcome), sum: summary(rows, box.time.now()), json: rows.map(rowJson) };
}

test('lowered, low already, put back, as before', async () => {
  const box = await settledAt(3600);
  const first = await told(box, 'lower');
  expect(first.lines).toEqual([expect.stringMatching(/^home\.example\.com A TTL 3600 → 60; the move is cheap from \d\d:\d\d \(in 60 min\) on$/)]);
  expect(first.json).toEqual([{ name: 'home.example.com', type: 'A', account: 'model', outcome: 'lowered', was: 3600, to: 60, cheapFrom: expect.stringMatching(/^2026-01-05T01:0/) }]);
  expect((await told(box, 'lower')).lines).toEqual([expect.stringMatching(/A TTL is 60 already, lowered from 3600; the move is cheap from .* \(in 60 min\) on$/)]);
  box.time.advance(3_700_000);
  const later = await told(box, 'lower');
  expect(later.lines).toEqual(['home.example.com A TTL is 60 already, lowered from 3600; the move is cheap']);
  expect(later.outcomes).toEqual(['low']);
  const back = await told(box, 'restore');
  expect([back.lines, back.outcomes]).toEqual([['home.example.com A TTL 60 → 3600'], ['restored']]);
});

test('another day is named', async () => {
  expect((await told(await settledAt(86_400), 'lower')).lines).toEqual([expect.stringMatching(/TTL 86400 → 60; the move is cheap from 2026-01-\d\d \d\d:\d\d \(in 24 h\) on$/)]);
  expect((await told(await settledAt(604_800, { can: { ttl: { min: 1, max: 1e6, initial: 300 } } }), 'lower')).lines).toEqual([expect.stringMatching(/from 2026-01-1\d .* \(in 7 days\) on$/)]);
});

test('the address moves in the same breath', async () => {
  const box = await settledAt(3600);
  box.scene.address[4] = '203.0.113.77';
  expect((await told(box, 'lower')).lines).toEqual([expect.stringMatching(/^home\.example\.com A 203\.0\.113\.9 → 203\.0\.113\.77, TTL 3600 → 60; the move is cheap from/)]);
  box.scene.address[4] = '203.0.113.9';
  expect((await told(box, 'restore')).lines).toEqual(['home.example.com A 203.0.113.77 → 203.0.113.9, TTL 60 → 3600']);
});

test('what is as low as it gets, or not ours to choose', async () => {
  expect((await told(await settledAt(60), 'lower')).lines).toEqual(['home.example.com A TTL is 60 already']);
  expect((await told(await settledAt(600, { can: { ttl: { min: 600, max: 3600, initial: 600 } } }), 'lower')).lines).toEqual(['home.example.com A TTL is 600 already']);
  const fixed = await told(await settledAt(120, { can: { ttl: 'fixed' } }), 'lower');
  expect(fixed.lines).toEqual(['home.example.com A its TTL cannot be chosen: model decides it itself']);
  expect(fixed.json).toEqual([{ name: 'home.example.com', type: 'A', account: 'model', outcome: 'not-ours', why: 'decided' }]);
  expect((await told(await settledAt(300, { can: { readable: false } }), 'lower')).lines).toEqual(['home.example.com A its TTL cannot be lowered: model cannot be asked what it is']);
  expect((await told(await settledAt(300, { mute: true }), 'lower')).lines).toEqual(['home.example.com A its TTL cannot be lowered: model does not tell what it is']);
  const box = modelBox({ targets: [HOME] });
  box.put('home.example.com/A', { ...recordSet(HOME, [address('203.0.113.9')], 300), proxied: true });
  await box.run();
  expect((await told(box, 'lower')).lines).toEqual(['home.example.com A is proxied: visitors are told the addresses of the proxy, which stay as they are; there is nothing to lower']);
});

test.each<[Failure, string, string]>([
  [{ kind: 'auth', detail: 'wrong token' }, 'failed', 'home.example.com A not lowered: wrong token (correct the credentials; this account is not asked again until they change)'],
  [{ kind: 'unavailable', detail: 'it is down' }, 'unconfirmed', 'home.example.com A could not confirm that its TTL was lowered: it is down (nothing to do: it is tried again later)'],
])('what went wrong: %j', async (failure, outcome, line) => {
  const box = await settledAt(3600);
  box.scene.refuse = [failure];
  const { lines, outcomes, sum } = await told(box, 'lower');
  expect([lines, outcomes, sum]).toEqual([[line], [outcome], undefined]);
});

test('not put back yet: it is said that later rounds try again, and they do', async () => {
  const box = await settledAt(3600);
  await told(box, 'lower');
  box.scene.refuse = [{ kind: 'network', phase: 'connect', detail: 'no route to host' }];
  const { lines } = await told(box, 'restore');
  expect(lines).toEqual(['home.example.com A TTL not put back yet: no route to host (is this machine online, and is the server up?); later rounds try again']);
  box.time.advance(3_600_000);
  expect((await box.run())?.exit).toBe(0);
  expect(box.zone.get('home.example.com/A')?.ttl).toBe(3600);
});

test('a name server that is behind is named', async () => {
  const box = await settledAt(3600);
  const { lines } = await told(box, 'lower', { changed: { lingering: new Map([[box.config.targets[0] ?? HOME, { until: 1, ttl: 3600, server: 'ns2.example.com' }]]) } });
  expect(lines[0]).toMatch(/on$/);
  const outcomes = (await box.run({ ttls: { kind: 'lower', seconds: 60 } }))?.outcomes ?? [];
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('nothing came of it');
  const late = rowsOf(outcomes, 'lower', {
    before: {},
    after: box.state().lowered ?? {},
    keyOf: keyIn(box.config),
    unlowerable: new Map(),
    lingering: new Map([[outcome.step.decision.target, { until: 1, ttl: 3600, server: 'ns2.example.com' }]]),
    now: box.time.now(),
  });
  expect(late[0]?.text).toMatch(/ on, at the earliest: the name server ns2\.example\.com still says 3600$/);
});

test('of several names the last one counts, and whom it does not cover is not claimed', async () => {
  const box = modelBox({ targets: [HOME, NAS, modelTarget('low.example.com', 4)] });
  box.put('home.example.com/A', recordSet(HOME, [address('203.0.113.9')], 3600));
  box.put('nas.example.com/A', recordSet(NAS, [address('203.0.113.9')], 1800));
  box.put('low.example.com/A', recordSet(modelTarget('low.example.com', 4), [address('203.0.113.9')], 30));
  await box.run();
  const { sum } = await told(box, 'lower');
  expect(sum?.text).toMatch(/^2 of 3: the move is cheap from .* \(in 60 min\) on$/);
});
