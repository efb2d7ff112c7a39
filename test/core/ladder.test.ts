/** What the ladder claims, and that it never claims more than was seen. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authoritativeRung, type CacheAnswer, cachesRung, ledElsewhere, providerRung, type Rung, type RungState, stateOf } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import { type RecordSet, recordSet } from '../../src/core/record.ts';
import { address } from '../support/address.ts';

const NOW = 1_700_000_000_000;
const [NEW, OLD] = [address('198.51.100.7'), address('203.0.113.9')];
const wanted = recordSet({ name: fqdn('home.example.com'), type: 'A' }, [NEW], 300);
const ttl = fc.integer({ min: 1, max: 86_400 });
const resolver = fc.constantFrom('1.1.1.1', '8.8.8.8', '9.9.9.9');
const answer: fc.Arbitrary<CacheAnswer> = fc.oneof(
  fc.record({ resolver, kind: fc.constant('holds' as const), values: fc.constantFrom([NEW], [OLD], [OLD, NEW]), ttl }),
  fc.record({ resolver, kind: fc.constant('absent' as const), ttl }),
  fc.record({ resolver, kind: fc.constant('silent' as const), failure: fc.constant({ kind: 'network' as const, detail: 'no answer' }) }),
);
const isNew = (one: CacheAnswer): boolean => one.kind === 'holds' && one.values.length === 1 && one.values[0] === NEW;

describe('the provider', () => {
  const target = { name: wanted.name, type: 'A', family: 4, account: 'own', ttl: 300, sharing: 'auto' } as const;
  const replaced = (before: RecordSet): ReturnType<typeof providerRung> =>
    providerRung({ kind: 'planned', step: { kind: 'replace', before, after: wanted, decision: { kind: 'set', why: 'forced', target, desired: wanted } } });
  it('that has the address with another TTL has published it', () =>
    expect(replaced(recordSet(wanted, [NEW], 60))).toEqual({ wanted, rung: { rung: 'provider', state: 'proven', words: 'the provider says so, with a TTL of 60 s where 300 s are wanted' } }));
  it('that was not asked, for nobody knows the address: what to do next is told', () => {
    const kept = (published?: RecordSet): ReturnType<typeof providerRung> => {
      const failure = { kind: 'silent', detail: 'no IPv4 address found: a captive portal seems to answer' } as const;
      return providerRung({ kind: 'kept', step: { kind: 'keep', decision: { kind: 'keep', why: 'unobserved', target, failure, ...(published === undefined ? {} : { published }) } } });
    };
    for (const { rung } of [kept(), kept(wanted)])
      expect(rung).toMatchObject({ state: 'unknown', words: expect.stringContaining('captive portal'), advice: expect.stringMatching(/, then ddns-update relocate again, which tries until it is$/) });
  });
  it('that has another address has not', () => expect(replaced(recordSet(wanted, [OLD], 300))).toMatchObject({ wanted, rung: { state: 'failed', words: `the provider says ${OLD}` } }));
});

describe('caches', () => {
  it('law: proven only if somebody answered, and nobody with anything else', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 9 }), (answers) => {
        const { state } = cachesRung(wanted, answers, NOW);
        const heard = answers.filter(({ kind }) => kind !== 'silent');
        expect(state).toBe(heard.length === 0 ? 'unknown' : heard.every(isNew) ? 'proven' : 'pending');
      }),
    );
  });

  it('law: everybody has switched when the longest-lived old answer is over, no sooner', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 9 }), (answers) => {
        const rung = cachesRung(wanted, answers, NOW);
        const old = answers.flatMap((one) => (one.kind === 'silent' || isNew(one) ? [] : [one.ttl]));
        expect(rung.until).toBe(rung.state === 'pending' ? NOW + Math.max(...old) * 1000 : undefined);
      }),
    );
  });

  it('law: while the old value may be remembered by whoever was not asked, it is not proven, and everybody has switched no sooner', () => {
    const before = fc.record({ ttl, at: fc.integer({ min: NOW - 90_000_000, max: NOW + 90_000_000 }) });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 9 }), before, (answers, was) => {
        const [rung, alone] = [cachesRung(wanted, answers, NOW, was), cachesRung(wanted, answers, NOW)];
        const over = Math.min(was.at, NOW) + was.ttl * 1000;
        if (alone.state === 'unknown' || over <= NOW) expect(rung).toEqual(alone);
        else expect(rung).toMatchObject({ state: 'pending', until: Math.max(over, alone.until ?? 0) });
      }),
    );
  });
  it('says that others may still be told the old value, and until when', () => {
    const answers: readonly CacheAnswer[] = [{ resolver: '1.1.1.1', kind: 'holds', values: [NEW], ttl: 300 }];
    expect(cachesRung(wanted, answers, NOW, { ttl: 600, at: NOW - 100_000 })).toEqual({
      rung: 'caches',
      state: 'pending',
      words: '1.1.1.1 has it; who asked others before may be told the old one until then',
      until: NOW + 500_000,
    });
    expect(cachesRung(wanted, answers, NOW + 500_000, { ttl: 600, at: NOW - 100_000 })).toEqual({ rung: 'caches', state: 'proven', words: '1.1.1.1 has it' });
  });
  it('a record that was taken away is gone where resolvers say so, and still there where they do not', () => {
    const none = recordSet(wanted, []);
    const [gone, held]: readonly CacheAnswer[] = [
      { resolver: '1.1.1.1', kind: 'absent', ttl: 60 },
      { resolver: '8.8.8.8', kind: 'holds', values: [OLD], ttl: 20 },
    ];
    expect(cachesRung(none, gone === undefined ? [] : [gone], NOW)).toEqual({ rung: 'caches', state: 'proven', words: '1.1.1.1 says that there is no such record, as it should' });
    expect(
      cachesRung(
        none,
        [gone, held].flatMap((one) => one ?? []),
        NOW,
      ),
    ).toMatchObject({ state: 'pending', words: '8.8.8.8 says 203.0.113.9 for another 20 s', until: NOW + 20_000 });
  });

  it('what does not end by itself is not awaited: a resolver that blocks the name, or never finds it', () => {
    const fresh: CacheAnswer = { resolver: '1.1.1.1', kind: 'holds', values: [NEW], ttl: 300 };
    const blocked: CacheAnswer = { resolver: '9.9.9.9', kind: 'absent', ttl: 0 };
    const nowhere: CacheAnswer = { resolver: '9.9.9.9', kind: 'holds', values: [address('0.0.0.0')], ttl: 300 };
    const failing: CacheAnswer = { resolver: '9.9.9.9', kind: 'silent', failure: { kind: 'network', phase: 'lookup', code: 'SERVFAIL', detail: 'x' } };
    for (const [one, words] of [
      [blocked, /^9\.9\.9\.9 says that there is no such record, as one that blocks names does/],
      [nowhere, /^9\.9\.9\.9 says 0\.0\.0\.0, /],
      [failing, /^9\.9\.9\.9 fails to find it \(SERVFAIL\)/],
    ] as const) {
      expect(cachesRung(wanted, [fresh, one, one], NOW)).toMatchObject({ state: 'unknown', words: expect.stringMatching(words) });
      // One of its machines has it: what the other said was so for a moment.
      expect(cachesRung(wanted, [fresh, one, { ...fresh, resolver: '9.9.9.9' }], NOW).state).not.toBe('unknown');
    }
    expect(cachesRung(recordSet(wanted, []), [blocked], NOW).state).toBe('proven');
  });
  it('tells of each resolver once, by what lasts longest', () => {
    const told = cachesRung(
      wanted,
      [
        { resolver: '8.8.8.8', kind: 'holds', values: [OLD], ttl: 20 },
        { resolver: '8.8.8.8', kind: 'holds', values: [OLD], ttl: 240 },
        { resolver: '9.9.9.9', kind: 'absent', ttl: 60 },
        { resolver: '1.1.1.1', kind: 'holds', values: [NEW], ttl: 300 },
      ],
      NOW,
    );
    expect(told).toEqual({ rung: 'caches', state: 'pending', words: '8.8.8.8 says 203.0.113.9 for another 240 s; 9.9.9.9 says that there is no such record for another 60 s', until: NOW + 240_000 });
  });
});

it('law: the whole is proven only if every rung is, and what does not pass outweighs what does', () => {
  const states: readonly RungState[] = ['failed', 'unknown', 'pending', 'proven'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...states), { minLength: 1, maxLength: 3 }), (some) => {
      const rungs = some.map((state): Rung => ({ rung: 'caches', state, words: '' }));
      expect(stateOf({ rungs })).toBe(states.find((state) => some.includes(state)));
    }),
  );
  expect(stateOf({ rungs: [] })).toBe('unknown');
});

describe('visitors over the other family', () => {
  const target = { name: wanted.name, type: 'A', family: 4, account: 'own', ttl: 300, sharing: 'auto' } as const;
  const [ours, strange] = [address('2001:db8::7'), address('2001:db8::99')];
  it('are led here by an address of this machine, and nowhere by none', () =>
    expect([ledElsewhere(target, [ours], [ours], []), ledElsewhere(target, [], [], [strange])]).toEqual([
      { remarks: [], doubts: [] },
      { remarks: [], doubts: [] },
    ]));
  it('are led elsewhere by any other, which may be meant so', () =>
    expect(ledElsewhere(target, [ours, strange], [ours], [ours])).toEqual({
      remarks: ['visitors over IPv6 are led to 2001:db8::99, by an AAAA record that the config does not name'],
      doubts: [],
    }));
  it('by one that was left behind, that is not meant', () =>
    expect(ledElsewhere({ ...target, family: 6, type: 'AAAA' }, [OLD], [ours], [OLD])).toMatchObject({
      remarks: [],
      doubts: [{ state: 'unknown', words: expect.stringMatching(/IPv4 are led to 203\.0\.113\.9, .*keeps it no longer$/) }],
    }));
});

describe('name servers', () => {
  const proof = { kind: 'proven', servers: [{ server: 'ns1.example.net', above: true, names: ['ns1.example.net'], kind: 'has', words: 'has it' }] } as const;
  const troubles = [1, 2, 3, 4].map((nth) => `ns${nth + 1}.example.net is named as a server of example.net, but has no address`);

  it('that all have it are told with what is wrong about the zone, which does not keep it from being proven', () => {
    expect(authoritativeRung(proof)).toEqual({ rung: 'authoritative', state: 'proven', words: 'the only name server has it' });
    expect(authoritativeRung({ ...proof, troubles: troubles.slice(0, 1) })).toEqual({ rung: 'authoritative', state: 'proven', words: `the only name server has it; but ${troubles[0]}` });
    expect(authoritativeRung({ ...proof, troubles }).words).toBe(`the only name server has it; but ${troubles[0]}; ${troubles[1]}; and 2 more things are wrong with the zone`);
  });
  it.each([
    ['one of several that does not serve the zone is to be taken out', proof.servers, /^see that every name server serves the zone, or take those out/],
    [
      'where none does that the zone above leads to, the right ones are to be named',
      [],
      /^no server that the zone above leads to serves the zone: name the name servers of the provider at the registrar$/,
    ],
  ])('%s', (_, good, advice) => {
    const lame = { server: 'ns.former.example', above: true, names: undefined, kind: 'lame', words: '(192.0.2.1) refuses to answer for it (REFUSED)' } as const;
    expect(authoritativeRung({ kind: 'lame', servers: [...good, lame] })).toMatchObject({ state: 'failed', advice: expect.stringMatching(advice) });
  });
});
