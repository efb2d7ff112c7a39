/** The shapes: zones, pages, batches, and one true result per change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayBeApplied } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import {
  allPages,
  attempt,
  type Change,
  type Failure,
  Fault,
  flatWalk,
  type HeldRecord,
  type HeldSet,
  type IpAddress,
  keyOf,
  pack,
  parseAddress,
  perName,
  type RecordSet,
  type RecordSets,
  type RecordsById,
  recordSet,
  recordSets,
  recordsById,
  sendAll,
  type WriteResult,
  type Zone,
  type Zones,
} from '../../src/sdk/index.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const set = (name: string, values: readonly string[], ttl?: number): RecordSet => recordSet({ name: fqdn(name), type: 'A' }, values.map(ip), ttl);
const change = (name: string, before: readonly string[], after: readonly string[], ttl?: number): Change => ({ key: keyOf(set(name, after)), before: set(name, before), after: set(name, after, ttl) });
const fault = (kind: Failure['kind'], more: Partial<Failure> = {}) => new Fault({ kind, detail: `it is ${kind}`, ...more });
const kinds = (results: readonly WriteResult[]): readonly string[] => results.map((result) => (result.kind === 'failed' ? result.failure.kind : 'written'));
const settings = (list: readonly Zone[] = []) => {
  const zones = { list };
  return { zones, tools: toolsIn(fakeWorld(), { account: 'home', zones }) };
};

describe('what is no address', () => {
  const [mine, spoilt] = [keyOf(set('home.example.com', [])), keyOf(set('bad.example.com', []))];
  const zones = { kind: 'given', zones: [{ name: 'example.com', id: 'z' }] } as const;
  const values = new Map([
    ['home.example.com', '203.0.113.1'],
    ['bad.example.com', 'parked'],
  ]);
  const shown = (name: string, value = values.get(name) ?? '') => ({ id: name, name, type: 'A', value, values: [value], ttl: 300 });
  const shapes = {
    recordsById: () =>
      recordsById<HeldRecord>(settings().tools, {
        zones,
        list: async () => ({ items: [...values.keys()].map((name) => shown(name)) }),
        create: async () => undefined,
        update: async (_, { name }, { value = '' }) => shown(name, name === 'home.example.com' ? value : 'parked'),
        remove: async () => {},
      }),
    recordSets: () =>
      recordSets<HeldSet>(settings().tools, {
        zones,
        list: async () => ({ items: [...values.keys()].map((name) => shown(name)) }),
        put: async (_, { after: { name, values } }) => shown(name, name === 'home.example.com' ? values[0] : 'parked'),
      }),
  };

  it.each(['recordsById', 'recordSets'] as const)('stands in the way of its own name alone: %s', async (shape) => {
    const provider = shapes[shape]();
    const found = await provider.read?.([mine, spoilt]);
    expect(found?.get(mine)).toEqual(set('home.example.com', ['203.0.113.1'], 300));
    expect(found?.get(spoilt)).toMatchObject({ kind: 'gibberish', detail: expect.stringContaining('"parked", which is no such address') });
    expect(kinds(await provider.write([change('bad.example.com', [], ['198.51.100.7']), change('home.example.com', ['203.0.113.1'], ['198.51.100.7'])]))).toEqual(['gibberish', 'written']);
  });

  it.each(['recordsById', 'recordSets'] as const)('in an answer to what was sent makes nobody say that it was not: %s', async (shape) => {
    values.set('bad.example.com', '203.0.113.2');
    const results = await shapes[shape]().write([change('bad.example.com', ['203.0.113.2'], ['198.51.100.7']), change('home.example.com', ['203.0.113.1'], ['198.51.100.7'])]);
    values.set('bad.example.com', 'parked');
    expect(kinds(results)).toEqual(['gibberish', 'written']);
    expect(results[0]).toMatchObject({ failure: { detail: expect.not.stringContaining('not sent') } });
  });
});

describe('pages', () => {
  const pages = (items: readonly number[], size: number, total?: number) => async (cursor: string | number | undefined) => {
    const from = Number(cursor ?? 0);
    return { items: items.slice(from, from + size), ...(from + size < items.length ? { next: from + size } : {}), ...(total === undefined ? {} : { total }) };
  };

  it('are read to the end, whatever their size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), async (items, size) => {
        expect(await allPages('it', pages(items, size, items.length))).toEqual(items);
      }),
    );
  });

  it('that stop early or never end are an error, not a short list', async () => {
    expect((await attempt(() => allPages('it', pages([1, 2, 3], 10, 4)))).kind).toBe('failed');
    expect((await attempt(() => allPages('it', async () => ({ items: [], next: 'again' })))).kind).toBe('failed');
  });
});

describe('batches', () => {
  it('are packed in order, within every limit, as few as a greedy packer makes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 50 }), fc.integer({ min: 1, max: 5 }), (weights, most) => {
        const groups = pack(weights, [
          { most, of: () => 1 },
          { most: 12, of: (weight) => weight },
        ]);
        expect(groups.flat()).toEqual(weights);
        for (const group of groups) expect(group.length <= most && group.reduce((a, b) => a + b, 0) <= 12).toBe(true);
      }),
    );
  });

  it('one bad entry does not take the others down', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat({ max: 199 }), { maxLength: 4 }), async (count, bad) => {
        let calls = 0;
        const refuse = (entries: readonly number[]) => {
          calls++;
          if (entries.some((entry) => bad.includes(entry))) throw fault('refused');
          return entries.map((entry) => entry * 2);
        };
        const entries = Array.from({ length: count }, (_, at) => at);
        const results = await sendAll(entries, {
          single: async (entry) => refuse([entry])[0] as number,
          batch: { limits: [{ most: 200, of: () => 1 }], send: async (some) => refuse(some) },
          concurrency: 4,
        });
        for (const [at, result] of results.entries())
          expect(result).toEqual(bad.includes(at) ? { kind: 'failed', failure: { kind: 'refused', detail: 'it is refused' } } : { kind: 'sent', value: at * 2 });
        expect(calls).toBeLessThanOrEqual(1 + bad.length * 20);
      }),
      { numRuns: 40 },
    );
  });

  it('where every batch is refused, single calls are made after a few', async () => {
    let batches = 0;
    const entries = Array.from({ length: 400 }, (_, at) => at);
    const results = await sendAll(entries, {
      single: async (entry) => entry,
      batch: {
        limits: [{ most: 200, of: () => 1 }],
        async send() {
          batches++;
          throw fault('refused');
        },
      },
      concurrency: 4,
    });
    expect(results.every(({ kind }) => kind === 'sent')).toBe(true);
    expect(batches).toBeLessThanOrEqual(32);
  });

  it.each([
    ['network', { phase: 'reply' }],
    ['unavailable', {}],
    ['throttled', { retryAfterSeconds: 60 }],
    ['auth', {}],
    ['blocked', {}],
  ] as const)('after %s nothing more is sent, and what was not sent is surely not applied', async (kind, more) => {
    const sent: number[] = [];
    const results = await sendAll([1, 2, 3, 4, 5, 6], {
      single: async (entry) => entry,
      batch: {
        limits: [{ most: 2, of: () => 1 }],
        async send(some) {
          sent.push(...some);
          if (some.includes(3)) throw fault(kind, more);
          return some;
        },
      },
      concurrency: 1,
    });
    expect(sent).toEqual([1, 2, 3, 4]);
    expect(results.map(({ kind: one }) => one)).toEqual(['sent', 'sent', 'failed', 'failed', 'failed', 'failed']);
    for (const result of results.slice(4)) expect(result.kind === 'failed' && mayBeApplied(result.failure)).toBe(false);
  });

  it('only what is alike goes together, what is like nothing goes alone, and each gets its own result', async () => {
    const sent: (readonly string[])[] = [];
    const results = await sendAll(['a1', 'b1', 'x', 'a2', 'b2', 'y', 'a3'], {
      single: async (entry) => {
        sent.push([entry]);
        return entry.toUpperCase();
      },
      batch: {
        limits: [{ most: 2, of: () => 1 }],
        alike: (entry) => (entry.length === 2 ? entry[0] : undefined),
        async send(some) {
          sent.push(some);
          return some.map((entry) => entry.toUpperCase());
        },
      },
      concurrency: 1,
    });
    expect(sent).toEqual([['a1', 'a2'], ['a3'], ['b1', 'b2'], ['x'], ['y']]);
    expect(results.map((result) => (result.kind === 'sent' ? result.value : result.failure))).toEqual(['A1', 'B1', 'X', 'A2', 'B2', 'Y', 'A3']);
  });

  it.each([
    ['whose fate is unknown', 'gibberish', {}],
    ['that was refused after some of it was done', 'refused', { partly: true }],
  ] as const)('a batch %s is not sent again', async (_which, kind, more) => {
    let calls = 0;
    const results = await sendAll([1, 2, 3], {
      single: async (entry) => entry,
      batch: {
        limits: [],
        async send() {
          calls++;
          throw fault(kind, more);
        },
      },
      concurrency: 1,
    });
    expect(calls).toBe(1);
    for (const result of results) expect(result.kind === 'failed' && mayBeApplied(result.failure)).toBe(true);
  });
});

/** A vendor of records by id in memory, that writes down what it was asked for. */
function vendor(records: HeldRecord[], zones: readonly Zone[] = [{ name: 'example.com', id: 'z1' }], more: Partial<RecordsById<HeldRecord>> = {}) {
  const asked: string[] = [];
  const calls: RecordsById<HeldRecord> = {
    zones: {
      kind: 'list',
      async list() {
        asked.push('zones');
        return { items: zones };
      },
    },
    async list(zone) {
      asked.push(`list ${zone.id}`);
      if (!zones.some(({ id }) => id === zone.id)) throw fault('refused');
      return { items: records.filter(({ name }) => name.endsWith(zone.name)) };
    },
    async create(_zone, { name, type, value, ttl = 300 }) {
      asked.push(`create ${value}`);
      const record = { id: String(records.length + 100), name, type, value, ttl };
      records.push(record);
      return record;
    },
    async update(_zone, record, patch) {
      asked.push(`update ${record.id} ${JSON.stringify(patch)}`);
      const at = records.indexOf(record);
      const next = { ...record, ...patch };
      records[at] = next;
      return next;
    },
    async remove(_zone, record) {
      asked.push(`remove ${record.id}`);
      records.splice(records.indexOf(record), 1);
    },
    ...more,
  };
  return { asked, calls, records };
}
const held = (id: string, name: string, value: string, more: Partial<HeldRecord> = {}): HeldRecord => ({ id, name, type: 'A', value, ttl: 300, ...more });

describe('records by id', () => {
  it('a replaced value is an update of its record; siblings are not touched; the listing of the survey serves the write', async () => {
    const { asked, calls } = vendor([held('1', 'a.example.com', '192.0.2.1'), held('2', 'a.example.com', '192.0.2.9', { ttl: 60 })]);
    const provider = recordsById(settings().tools, calls);
    const found = await provider.read?.([keyOf(set('a.example.com', []))]);
    expect(found?.get(keyOf(set('a.example.com', [])))).toEqual(set('a.example.com', ['192.0.2.1', '192.0.2.9'], 60));
    const results = await provider.write([change('a.example.com', ['192.0.2.1', '192.0.2.9'], ['192.0.2.2', '192.0.2.9'], 60)]);
    expect(results).toEqual([{ kind: 'written', stored: set('a.example.com', ['192.0.2.2', '192.0.2.9'], 60) }]);
    expect(asked).toEqual(['zones', 'list z1', 'update 1 {"value":"192.0.2.2"}']);
  });

  it('any set becomes any other, with no more calls than records that differ', async () => {
    const values = fc.uniqueArray(
      fc.integer({ min: 1, max: 9 }).map((n) => `192.0.2.${n}`),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(values, values, async (before, after) => {
        const { asked, calls, records } = vendor([held('s', 'stranger.example.com', '203.0.113.1'), ...before.map((value, at) => held(String(at), 'a.example.com', value))]);
        const [result] = await recordsById(settings().tools, calls).write([change('a.example.com', before, after)]);
        expect(result?.kind).toBe('written');
        expect(
          records
            .filter(({ name }) => name === 'a.example.com')
            .map(({ value }) => value)
            .sort(),
        ).toEqual([...after].sort());
        expect(records.find(({ id }) => id === 's')).toEqual(held('s', 'stranger.example.com', '203.0.113.1'));
        const same = before.filter((value) => after.includes(value)).length;
        expect(asked.length - 2).toBe(Math.max(before.length, after.length) - same);
      }),
    );
  });

  it('a TTL is sent only where it differs from what the set has', async () => {
    const { asked, calls } = vendor([held('1', 'a.example.com', '192.0.2.1', { ttl: 300 })]);
    await recordsById(settings().tools, calls).write([change('a.example.com', ['192.0.2.1'], ['192.0.2.1'], 60)]);
    expect(asked.at(-1)).toBe('update 1 {"ttl":60}');
  });

  it('what somebody else changed in between is a conflict, what is already so is done', async () => {
    const { asked, calls } = vendor([held('1', 'a.example.com', '192.0.2.7'), held('2', 'b.example.com', '192.0.2.2')]);
    const results = await recordsById(settings().tools, calls).write([change('a.example.com', ['192.0.2.1'], ['192.0.2.2']), change('b.example.com', ['192.0.2.1'], ['192.0.2.2'])]);
    expect(kinds(results)).toEqual(['conflict', 'written']);
    expect(asked).toEqual(['zones', 'list z1']);
  });

  it('locked records are refused by name, others go on', async () => {
    const { calls } = vendor([held('1', 'a.example.com', '192.0.2.1', { locked: 'is made by a tunnel' }), held('2', 'b.example.com', '192.0.2.1')]);
    const results = await recordsById(settings().tools, calls).write([change('a.example.com', ['192.0.2.1'], ['192.0.2.2']), change('b.example.com', ['192.0.2.1'], ['192.0.2.2'])]);
    expect(kinds(results)).toEqual(['refused', 'written']);
    expect(results[0]).toMatchObject({ failure: { detail: expect.stringContaining('is made by a tunnel') } });
  });

  it('what was half done is not called failed', async () => {
    const { calls } = vendor([held('1', 'a.example.com', '192.0.2.1'), held('2', 'a.example.com', '192.0.2.3')], undefined, { remove: async () => Promise.reject(fault('refused')) });
    const [result] = await recordsById(settings().tools, calls).write([change('a.example.com', ['192.0.2.1', '192.0.2.3'], ['192.0.2.2'])]);
    expect(result?.kind === 'failed' && mayBeApplied(result.failure)).toBe(true);
  });

  it('an answer that shows something else than was asked for is no success', async () => {
    const { calls } = vendor([held('1', 'a.example.com', '192.0.2.1')], undefined, { update: async (_zone, record) => record });
    expect(kinds(await recordsById(settings().tools, calls).write([change('a.example.com', ['192.0.2.1'], ['192.0.2.2'])]))).toEqual(['gibberish']);
  });

  it('a record that holds no address is not overwritten unread', async () => {
    const { calls } = vendor([held('1', 'a.example.com', 'parked')]);
    const key = keyOf(set('a.example.com', []));
    expect((await recordsById(settings().tools, calls).read?.([key]))?.get(key)).toMatchObject({ kind: 'gibberish' });
  });
});

describe('zones', () => {
  const zones: readonly Zone[] = [
    { name: 'example.com', id: 'z1' },
    { name: 'lab.example.com', id: 'z2' },
    { name: 'example.net', id: 'z3' },
  ];

  it('the longest suffix wins, a name outside of all is told what can be seen, the others go on', async () => {
    const { asked, calls } = vendor([], zones);
    const results = await recordsById(settings().tools, calls).write([
      change('a.lab.example.com', [], ['192.0.2.1']),
      change('lab.example.org', [], ['192.0.2.1']),
      change('b.example.com', [], ['192.0.2.2']),
    ]);
    expect(kinds(results)).toEqual(['written', 'refused', 'written']);
    expect(results[1]).toMatchObject({ failure: { detail: 'lab.example.org: home has no zone for this name', hint: expect.stringContaining('lab.example.com'), lookAgainSeconds: 3600 } });
    expect(asked).toEqual(['zones', 'list z2', 'create 192.0.2.1', 'list z1', 'create 192.0.2.2']);
  });

  it('are remembered, so that they are not asked for again', async () => {
    const { zones: memory, tools } = settings();
    const first = vendor([], zones);
    await recordsById(tools, first.calls).write([change('a.example.com', [], ['192.0.2.1'])]);
    expect(memory.list).toEqual(zones);
    const second = vendor([], zones);
    await recordsById(tools, second.calls).write([change('a.example.com', [], ['192.0.2.1'])]);
    expect(second.asked).toEqual(['list z1', 'create 192.0.2.1']);
  });

  it('a remembered id that the provider does not know is dropped and asked for once more', async () => {
    const { zones: memory, tools } = settings([{ name: 'example.com', id: 'old' }]);
    const { asked, calls } = vendor([], [{ name: 'example.com', id: 'new' }]);
    expect(kinds(await recordsById(tools, calls).write([change('a.example.com', [], ['192.0.2.1'])]))).toEqual(['written']);
    expect(asked).toEqual(['list old', 'zones', 'list new', 'create 192.0.2.1']);
    expect(memory.list).toEqual([{ name: 'example.com', id: 'new' }]);
  });

  it('a refusal by a zone that is still the same is told, not tried for ever', async () => {
    const { tools } = settings([{ name: 'example.com', id: 'z1' }]);
    const { asked, calls } = vendor([], undefined, {
      async list() {
        asked.push('list');
        throw fault('refused');
      },
    });
    expect(kinds(await recordsById(tools, calls).write([change('a.example.com', [], ['192.0.2.1'])]))).toEqual(['refused']);
    expect(asked).toEqual(['list', 'zones']);
  });

  it('what was written stays written, even if zones cannot be asked for again', async () => {
    const { tools } = settings([
      { name: 'example.com', id: 'z1' },
      { name: 'example.net', id: 'gone' },
    ]);
    const { calls } = vendor([], undefined, { zones: { kind: 'list', list: async () => Promise.reject(fault('network', { phase: 'connect' })) } });
    expect(kinds(await recordsById(tools, calls).write([change('a.example.com', [], ['192.0.2.1']), change('a.example.net', [], ['192.0.2.1'])]))).toEqual(['written', 'refused']);
  });

  it('a failed listing is never "no records": nothing is created', async () => {
    for (const kind of ['network', 'gibberish', 'unavailable', 'throttled'] as const) {
      const { asked, calls } = vendor([], undefined, { list: async () => Promise.reject(fault(kind, kind === 'network' ? { phase: 'reply' } : {})) });
      const [result] = await recordsById(settings().tools, calls).write([change('a.example.com', [], ['192.0.2.1'])]);
      expect(asked).toEqual(['zones']);
      expect(result?.kind).toBe('failed');
      if (kind === 'network') expect(result?.kind === 'failed' && mayBeApplied(result.failure)).toBe(false);
    }
  });

  it('can be walked to, each suffix asked for once', async () => {
    const asked: string[] = [];
    const { tools } = settings();
    const { calls } = vendor([], zones, {
      zones: {
        kind: 'walk',
        async find(name) {
          asked.push(name);
          return zones.find((zone) => zone.name === name);
        },
      },
    });
    const provider = recordsById(tools, calls);
    await provider.write([change('a.b.example.com', [], ['192.0.2.1']), change('c.b.example.com', [], ['192.0.2.1']), change('*.lab.example.com', [], ['192.0.2.1'])]);
    expect(asked).toEqual(['a.b.example.com', 'b.example.com', 'example.com', 'c.b.example.com', 'lab.example.com']);
  });

  it('that never lie below one another are walked to once for all their names', async () => {
    const asked: string[] = [];
    const flat = flatWalk(async (name) => {
      asked.push(name);
      return zones.find((zone) => zone.name === name);
    });
    const { calls } = vendor([], zones, { zones: flat });
    const wanted = ['a.b.example.com', 'c.b.example.com', 'd.example.com', 'a.example.net'];
    const results = await recordsById(settings().tools, calls).write(wanted.map((name) => change(name, [], ['192.0.2.1'])));
    expect(kinds(results)).toEqual(wanted.map(() => 'written'));
    expect(asked).toEqual(['a.b.example.com', 'b.example.com', 'example.com', 'a.example.net', 'example.net']);
  });

  it('trouble with one does not stop the others; trouble with the line does', async () => {
    for (const [kind, expected] of [
      ['auth', ['auth', 'written']],
      ['gibberish', ['gibberish', 'written']],
      ['throttled', ['throttled', 'throttled']],
      ['network', ['network', 'network']],
    ] as const) {
      const base = vendor([], zones);
      const { calls } = vendor([], zones, { list: async (zone, cursor, keys) => (zone.id === 'z1' ? Promise.reject(fault(kind)) : base.calls.list(zone, cursor, keys)) });
      expect(kinds(await recordsById(settings().tools, calls).write([change('a.example.com', [], ['192.0.2.1']), change('a.example.net', [], ['192.0.2.1'])])), kind).toEqual(expected);
    }
  });
});

describe('record sets', () => {
  function sets(there: HeldSet[], more: Partial<RecordSets<HeldSet>> = {}) {
    const asked: string[] = [];
    const calls: RecordSets<HeldSet> = {
      zones: { kind: 'given', zones: [{ name: 'example.com', id: 'z1' }] },
      async list() {
        asked.push('list');
        return { items: there };
      },
      async get(_zone, key) {
        asked.push(`get ${key}`);
        return there.find(({ name, type }) => `${name}/${type}` === key);
      },
      async put(_zone, { after, held: before }) {
        asked.push(`put ${after.name} ${after.values.join(',')} over ${before?.values.join(',') ?? 'nothing'}`);
        return { ...after, values: after.values };
      },
      ...more,
    };
    return { asked, provider: recordSets(settings().tools, calls) };
  }

  it('few are got one by one, many are listed, and what is already so is not put', async () => {
    const { asked, provider } = sets([{ name: 'a.example.com', type: 'A', values: ['192.0.2.1'], ttl: 300 }]);
    await provider.write([change('a.example.com', ['192.0.2.1'], ['192.0.2.2']), change('b.example.com', [], ['192.0.2.3'])]);
    expect(asked).toEqual(['get a.example.com/A', 'get b.example.com/A', 'put a.example.com 192.0.2.2 over 192.0.2.1', 'put b.example.com 192.0.2.3 over nothing']);
    const many = sets([]);
    await many.provider.write(['a', 'b', 'c', 'd'].map((label) => change(`${label}.example.com`, [], [])));
    expect(many.asked).toEqual(['list']);
  });

  it('special sets are left alone with a reason, rivals are a conflict', async () => {
    const { asked, provider } = sets([
      { name: 'a.example.com', type: 'A', values: [], locked: 'is an alias' },
      { name: 'b.example.com', type: 'A', values: ['192.0.2.7'] },
    ]);
    const results = await provider.write([change('a.example.com', [], ['192.0.2.2']), change('b.example.com', ['192.0.2.1'], ['192.0.2.2'])]);
    expect(kinds(results)).toEqual(['refused', 'conflict']);
    expect(asked.filter((one) => one.startsWith('put'))).toEqual([]);
  });

  it('a thousand go in batches within the weights', async () => {
    const sizes: number[] = [];
    const { provider } = sets([], {
      batch: {
        limits: [{ most: 1000, of: ({ after }) => 2 * after.values.length }],
        async send(_zone, puts) {
          sizes.push(puts.length);
          return puts.map(({ after }) => after);
        },
      },
    });
    const results = await provider.write(Array.from({ length: 1000 }, (_, at) => change(`h${at}.example.com`, [], ['192.0.2.1'])));
    expect(results.every(({ kind }) => kind === 'written')).toBe(true);
    expect(sizes).toEqual([500, 500]);
  });
});

describe('per name', () => {
  const six = recordSet({ name: fqdn('a.example.com'), type: 'AAAA' }, [ip('2001:db8::1')]);

  it('both families of a name go together, results stay in order, one bad name does not stop the others', async () => {
    const asked: string[] = [];
    const provider = perName({
      async write(name, sets) {
        asked.push(`${name} ${sets.flatMap(({ values }) => values).join(' ')}`);
        if (name === 'b.example.com') throw fault('refused');
        return undefined;
      },
    });
    const results = await provider.write([change('a.example.com', [], ['192.0.2.1']), change('b.example.com', [], ['192.0.2.2']), { key: keyOf(six), after: six }]);
    expect(asked).toEqual(['a.example.com 192.0.2.1 2001:db8::1', 'b.example.com 192.0.2.2']);
    expect(kinds(results)).toEqual(['written', 'refused', 'written']);
    expect(provider.read).toBeUndefined();
  });

  it('an answer that shows another address is no success', async () => {
    const provider = perName({ write: async () => [set('a.example.com', ['127.0.0.1'])] });
    expect(kinds(await provider.write([change('a.example.com', [], ['192.0.2.1'])]))).toEqual(['gibberish']);
  });

  it('is read where it can be', async () => {
    const provider = perName({ read: async (name) => (name === 'a.example.com' ? [six] : []), write: async () => undefined });
    const found = await provider.read?.([keyOf(six), keyOf(set('a.example.com', [])), keyOf(set('b.example.com', []))]);
    expect([...(found?.values() ?? [])]).toEqual([six, undefined, undefined]);
  });
});

it('a name outside of the zone that the config names is told so, and not that the credentials see no other', async () => {
  const outside = keyOf(set('home.example.org', []));
  const hint = async (zones: Zones): Promise<string | undefined> => {
    const provider = recordsById<HeldRecord>(settings().tools, {
      zones,
      list: async () => ({ items: [] }),
      create: async () => undefined,
      update: async () => undefined,
      remove: async () => {},
    });
    const found = (await provider.read?.([outside]))?.get(outside);
    return found && 'kind' in found ? found.hint : undefined;
  };
  const own = { name: 'example.com', id: 'z' };
  expect(await hint({ kind: 'given', zones: [own] })).toBe('the config says that the zone is example.com');
  expect(await hint({ kind: 'list', list: async () => ({ items: [own] }) })).toBe('these credentials can see example.com');
});
