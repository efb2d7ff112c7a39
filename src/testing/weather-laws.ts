/** Every weather at every exchange of a good round: the Failure has the right name, nothing lies, and the next round heals it. */
import { strict as assert } from 'node:assert';
import { attempt, Fault, mayBeApplied } from '../core/failure.ts';
import { keyOf, type RecordSet } from '../core/record.ts';
import type { Contract } from './contract.ts';
import type { Law } from './laws.ts';
import { scenery } from './scenery.ts';
import { type AnyManifest, assertNoSecrets, type Round, round, type Stage, sorted, stage, truth } from './stage.ts';
import { WEATHERS, type Weather } from './weather.ts';

export const weatherLaws = (manifest: AnyManifest, contract: Contract): readonly Law[] =>
  WEATHERS.filter(({ http, title }) => (!http || contract.api !== undefined) && contract.weather?.[title]?.length !== 0).flatMap((weather) =>
    (['once', 'from then on'] as const).map(
      (lasting): Law => ({
        title: `weather: ${weather.title}, ${lasting}, at every exchange`,
        async run() {
          for (const begin of ['cold', 'with what an earlier round remembers'] as const) {
            const good = await storm(manifest, contract, weather, { at: Number.POSITIVE_INFINITY, lasting, begin });
            assert.deepEqual(good.failures, []);
            for (let at = 0; at < good.exchanges; at++) await storm(manifest, contract, weather, { at, lasting, begin });
          }
        },
      }),
    ),
  );

type When = { readonly at: number; readonly lasting: 'once' | 'from then on'; readonly begin: 'cold' | 'with what an earlier round remembers' };

async function storm(manifest: AnyManifest, contract: Contract, weather: Weather, when: When): Promise<{ readonly exchanges: number } & Pick<Round, 'failures'>> {
  const { records, wanted } = scenery(stage(manifest, contract), contract);
  let calm = true;
  let from = 0;
  let aborted = false;
  const on: Stage = stage(manifest, contract, {
    records,
    intercept({ index, request, deliver }) {
      if (calm) return undefined;
      if (aborted) return Promise.reject(new Fault({ kind: 'network', phase: 'connect', detail: 'given up before the host was reached' }));
      if (index < from + when.at || (when.lasting === 'once' && index > from + when.at)) return undefined;
      const abort = () => {
        aborted = true;
        on.abort();
      };
      return weather.strike({ request: request ?? { method: 'GET', url: 'other:', headers: {}, maxBytes: 0 }, deliver, wait: on.world.advance, abort, secrets: on.secrets });
    },
  });
  const where = `${weather.title} ${when.lasting} at exchange ${when.at + 1}, ${when.begin}`;
  const before = new Map(wanted.map((set) => [keyOf(set), truth(on.zone, set)]));
  const others = () => on.zone.records.filter((record) => !wanted.some((set) => set.name === record.name && set.type === record.type));
  const strangers = structuredClone(others());

  const earlier = await on.open({ cold: true });
  if (when.begin !== 'cold') await earlier.read?.(wanted.map(keyOf));
  from = on.exchanges();
  calm = false;
  const provider = await on.open({ cold: when.begin === 'cold' });
  const done = await round(provider, wanted);
  const exchanges = on.exchanges() - from;
  // Weather over a log-out is nobody's trouble.
  await attempt(async () => provider.close?.());
  const allowed = contract.weather?.[weather.title] ?? weather.kinds;
  for (const failure of done.failures) assert.ok(allowed.includes(failure.kind), `${where}: called ${failure.kind} (${failure.detail}), expected ${allowed.join(' or ')}`);
  if (when.lasting === 'from then on' && Number.isFinite(when.at)) assert.ok(done.failures.length > 0, `${where}: passed unnoticed`);
  assertNoSecrets(on, done.failures);
  honest(where, on, done, wanted, before);

  calm = true;
  const healed = await round(await on.open(), wanted);
  assert.deepEqual(healed.failures, [], `${where}: the next round did not heal it`);
  for (const set of wanted) assert.deepEqual(truth(on.zone, set), sorted(set), `${where}: after the next round ${set.name} ${set.type} is wrong`);
  assert.deepEqual(others(), strangers, `${where}: a stranger's record was touched`);
  return { exchanges, failures: done.failures };
}

/** Written means written; failed means that nothing happened, unless the Failure admits that it may have. */
function honest(where: string, on: Stage, { changes, results }: Round, wanted: readonly RecordSet[], before: ReadonlyMap<string, readonly string[]>): void {
  for (const [at, change] of changes.entries()) {
    const result = results[at];
    const now = truth(on.zone, change.after);
    if (result?.kind === 'written') assert.deepEqual(now, sorted(change.after), `${where}: ${change.key} is called written and is not`);
    else if (result && !mayBeApplied(result.failure))
      assert.deepEqual(now, before.get(change.key), `${where}: ${change.key} is called failed (${result.failure.kind}: ${result.failure.detail}), but it changed`);
  }
  if (results.length > 0) return;
  for (const set of wanted) assert.deepEqual(truth(on.zone, set), before.get(keyOf(set)), `${where}: nothing was written, but ${set.name} ${set.type} changed`);
}
