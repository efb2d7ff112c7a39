/** The laws every provider keeps, whatever it is: each is a title and a function that throws AssertionError where it is broken. */
import { strict as assert } from 'node:assert';
import { fqdn } from '../core/name.ts';
import { misfit } from '../core/plan.ts';
import { familyOfType, keyOf, type RecordSet } from '../core/record.ts';
import type { Contract, FakeRecord } from './contract.ts';
import { documentedLaws } from './documented.ts';
import { bystanders, NEW, NEW6, OLD, OLD6, SIBLING, scenery, seedTtl } from './scenery.ts';
import { type AnyManifest, assertNoSecrets, round, type Stage, setFor, sorted, stage, truth } from './stage.ts';
import { weatherLaws } from './weather-laws.ts';

export type Law = { readonly title: string; readonly run: () => Promise<void> };

export const laws = (manifest: AnyManifest, contract: Contract): readonly Law[] => [
  ...ordinaryLaws(manifest, contract).map(({ title, run }) => ({ title, run: async () => run() })),
  ...documentedLaws(manifest, contract),
  ...weatherLaws(manifest, contract),
];

const strangers = (stage: Stage, wanted: readonly RecordSet[]): readonly FakeRecord[] =>
  stage.zone.records.filter((record) => !wanted.some((set) => set.name === record.name && set.type === record.type));

function ordinaryLaws(manifest: AnyManifest, contract: Contract): readonly { readonly title: string; readonly run: () => Promise<void> }[] {
  const dressed = (pageSize?: number) => {
    const bare = stage(manifest, contract);
    const { records, wanted } = scenery(bare, contract);
    return { ...stage(manifest, contract, { records, ...(pageSize === undefined ? {} : { pageSize }) }), wanted };
  };
  const agrees = (on: Stage, wanted: readonly RecordSet[]) => {
    for (const set of wanted) assert.deepEqual(truth(on.zone, set), sorted(set), `${set.name} ${set.type} is not what it was to become`);
  };
  const fine = async (on: Stage, wanted: readonly RecordSet[]) => {
    const done = await round(await on.open(), wanted);
    assert.deepEqual(done.failures, [], 'a round in good weather failed');
    assertNoSecrets(on, done);
    return done;
  };
  const { can, name } = stage(manifest, contract);
  const list: { readonly title: string; readonly run: () => Promise<void> }[] = [
    {
      title: 'what is written is there, and is read again',
      async run() {
        const on = dressed();
        const { results } = await fine(on, on.wanted);
        agrees(on, on.wanted);
        for (const [at, result] of results.entries()) {
          if (result.kind === 'written' && result.stored)
            assert.ok(
              on.wanted.some((set) => keyOf(set) === keyOf(result.stored as RecordSet) && sorted(set).join() === sorted(result.stored as RecordSet).join()),
              `result ${at} shows a set that was not asked for`,
            );
        }
        const provider = await on.open();
        if (!can.readable) return assert.equal(provider.read, undefined, '`can` says that it cannot be read, but it has a read()');
        assert.ok(provider.read, '`can` says that it can be read, but it has no read()');
        const found = await provider.read(on.wanted.map(keyOf));
        for (const set of on.wanted) {
          const there = found.get(keyOf(set));
          assert.ok(there && !('kind' in there), `${keyOf(set)} is not read again`);
          assert.deepEqual(sorted(there), sorted(set));
        }
      },
    },
    {
      title: 'twice is once',
      async run() {
        const on = dressed();
        const first = await fine(on, on.wanted);
        const after = structuredClone(on.zone.records);
        if (first.changes.length > 0) {
          const provider = await on.open();
          for (const result of await provider.write(first.changes)) assert.equal(result.kind, 'written', `the same change again: ${result.kind === 'failed' ? result.failure.detail : ''}`);
          for (const result of await provider.write(first.changes))
            assert.equal(result.kind, 'written', `the same change for the third time, on the same account: ${result.kind === 'failed' ? result.failure.detail : ''}`);
        }
        assert.deepEqual(on.zone.records, after, 'the same change again altered something');
      },
    },
    {
      title: 'bystanders stay as they are',
      async run() {
        const on = dressed();
        const before = structuredClone(strangers(on, on.wanted));
        await fine(on, on.wanted);
        assert.deepEqual(strangers(on, on.wanted), before, 'records of others were touched');
      },
    },
    {
      title: 'one request budget',
      async run() {
        const on = dressed();
        const provider = await on.open({ cold: true });
        await round(provider, on.wanted.slice(0, 1));
        await provider.close?.();
        assert.ok(on.exchanges() <= contract.budget.one, `one changed record took ${on.exchanges()} requests, ${contract.budget.one} are allowed`);
      },
    },
    {
      title: 'no secret in trace, results or errors',
      async run() {
        const on = dressed();
        const provider = await on.open({ cold: true });
        const done = await round(provider, on.wanted);
        await provider.close?.();
        assertNoSecrets(on, done);
        const sent = JSON.stringify(on.world.requests);
        if (on.sessions.length > 0)
          assert.ok(
            on.sessions.some((session) => sent.includes(session)),
            'of the sessions that the contract names none is sent',
          );
      },
    },
    {
      title: 'what it cannot do is refused before any request, what it can do is done',
      async run() {
        const target = (of: string, type: 'A' | 'AAAA') => ({ name: fqdn(of), type, family: familyOfType(type), account: 'test', ttl: 'auto' as const, sharing: 'auto' as const });
        const plain = can.families.includes(4) ? ('A' as const) : ('AAAA' as const);
        const value = (type: 'A' | 'AAAA') => [type === 'A' ? NEW : NEW6];
        const cases: { readonly set: RecordSet; readonly able: boolean }[] = [
          { set: setFor(name(1), 'A', value('A')), able: can.families.includes(4) },
          { set: setFor(name(1), 'AAAA', value('AAAA')), able: can.families.includes(6) },
        ];
        if (!contract.names) cases.push({ set: setFor(`*.${contract.zone}`, plain, value(plain)), able: can.wildcard });
        if (!contract.names && can.apex) cases.push({ set: setFor(contract.zone, plain, value(plain)), able: true });
        if (can.ttl === 'fixed') cases.push({ set: setFor(name(1), plain, value(plain), 300), able: false });
        else
          for (const [ttl, able] of [
            [can.ttl.min, true],
            [can.ttl.max, true],
            [can.ttl.min - 1, false],
            [can.ttl.max + 1, false],
            ...(can.ttl.steps ? [[can.ttl.min + 1, can.ttl.steps.includes(can.ttl.min + 1)] as const] : []),
          ] as const)
            cases.push({ set: setFor(name(1), plain, value(plain), ttl), able });
        for (const { set, able } of cases) {
          const why = misfit({ target: target(set.name, set.type), desired: set }, can);
          assert.equal(why === undefined, able, `${set.name} ${set.type} ttl ${set.ttl}: ${why ?? 'is not refused'}`);
          if (!able) continue;
          const on = dressed();
          const other = set.type === 'A' ? ('AAAA' as const) : ('A' as const);
          // One address would erase the other: a round sends both.
          await fine(on, can.together === 'needed' && can.families.length > 1 ? [set, setFor(set.name, other, value(other))] : [set]);
          agrees(on, [set]);
          if (set.ttl !== undefined && contract.extra?.['proxied'] !== true)
            for (const record of on.zone.records.filter((one) => one.name === set.name && one.type === set.type)) assert.equal(record.ttl, set.ttl, 'the TTL is not the one asked for');
        }
      },
    },
  ];
  if (can.readable) {
    list.push(
      {
        title: 'a new value keeps TTL and whatever else hangs on the record',
        async run() {
          const on = dressed();
          const before = on.zone.records.filter(({ value }) => value === OLD || value === OLD6);
          await fine(on, on.wanted);
          for (const old of before.filter(({ name }) => name === on.name(1))) {
            const now = on.zone.records.find((record) => record.name === old.name && record.type === old.type);
            assert.equal(now?.ttl, old.ttl, 'the TTL changed');
            assert.deepEqual(now?.extra, old.extra, 'what hung on the record is lost');
          }
        },
      },
      {
        title: 'a name that is not there is read as absent, and a name outside of its zones is refused',
        async run() {
          const on = dressed();
          const absent = setFor(contract.names ? on.name(1) : `nothing.${contract.zone}`, 'A', [NEW]);
          const provider = await on.open();
          assert.ok(provider.read);
          if (!contract.names) assert.equal((await provider.read([keyOf(absent)])).get(keyOf(absent)), undefined);
          const outside = setFor('host.elsewhere.invalid', can.families.includes(4) ? 'A' : 'AAAA', [can.families.includes(4) ? NEW : NEW6]);
          const { failures } = await round(await on.open(), [outside]);
          if (contract.anyName) return assert.deepEqual(failures, [], 'a name was refused, but any can be written');
          assert.equal(failures.length, 1, 'a name of nobody was accepted');
          assert.ok(['refused', 'config'].includes(failures[0]?.kind ?? ''), `it was called ${failures[0]?.kind}`);
        },
      },
    );
    if (contract.api && !contract.names) {
      list.push({
        title: 'a listing of many pages is read to its end',
        async run() {
          const on = dressed(3);
          assert.ok(on.zone.records.length > 9);
          const before = structuredClone(strangers(on, on.wanted));
          await fine(on, on.wanted);
          agrees(on, on.wanted);
          assert.deepEqual(strangers(on, on.wanted), before);
        },
      });
    }
    if (can.values === 'many' && can.families.includes(4)) {
      list.push({
        title: 'values that shall go are removed, values that shall come are created',
        async run() {
          const base = { name: name(1), type: 'A', ttl: seedTtl(can.ttl) };
          const many = stage(manifest, contract, { records: [...bystanders(contract), { ...base, value: OLD }, { ...base, value: SIBLING }, { ...base, value: '203.0.113.50' }] });
          const one = setFor(name(1), 'A', [NEW]);
          await fine(many, [one]);
          agrees(many, [one]);
          const three = setFor(name(1), 'A', [NEW, SIBLING, '203.0.113.51']);
          await fine(many, [three]);
          agrees(many, [three]);
        },
      });
      list.push({
        title: 'a set that somebody else changed in between is a conflict, not overwritten',
        async run() {
          const on = stage(manifest, contract, { records: [{ name: name(1), type: 'A', value: SIBLING, ttl: seedTtl(can.ttl) }] });
          const [result] = await (await on.open()).write([{ key: keyOf(setFor(name(1), 'A', [NEW])), before: setFor(name(1), 'A', [OLD]), after: setFor(name(1), 'A', [NEW]) }]);
          assert.equal(result?.kind, 'failed', 'another host’s value was overwritten unread');
          assert.equal(result.kind === 'failed' && result.failure.kind, 'conflict');
          assert.deepEqual(truth(on.zone, setFor(name(1), 'A', [NEW])), [SIBLING]);
        },
      });
    }
  }
  const { thousand } = contract.budget;
  if (thousand !== undefined) {
    list.push({
      title: 'a thousand changed records of one zone are within the request budget',
      async run() {
        const many = Array.from({ length: 1000 }, (_, at) => `h${at + 1}.${contract.zone}`);
        const type = can.families.includes(4) ? 'A' : 'AAAA';
        const on = stage(manifest, contract, { records: many.map((one) => ({ name: one, type, value: type === 'A' ? OLD : OLD6, ttl: seedTtl(can.ttl) })) });
        const wanted = many.map((one) => setFor(one, type, [type === 'A' ? NEW : NEW6]));
        const provider = await on.open({ cold: true });
        let done = await round(provider, wanted);
        // Where the provider allows fewer in a window, the next rounds go on with what is left.
        for (let rounds = 1; rounds < 50 && done.failures.some(({ kind }) => kind === 'throttled'); rounds++) {
          on.world.advance(Math.max(...done.failures.map(({ retryAfterSeconds = 60 }) => retryAfterSeconds)) * 1000);
          done = await round(provider, wanted);
        }
        await provider.close?.();
        assert.deepEqual(done.failures, []);
        agrees(on, wanted);
        assert.ok(on.exchanges() <= thousand, `it took ${on.exchanges()} requests, ${thousand} are allowed`);
      },
    });
  }
  return list;
}
