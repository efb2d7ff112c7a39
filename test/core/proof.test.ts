/** Laws of the proof: it says no more than the servers said, whatever the order in which they said it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyOf, type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Answer } from '../../src/core/authoritative.ts';
import { fqdn } from '../../src/core/name.ts';
import { describeProof, judge, type Proof, type ServerAnswer, type Standing } from '../../src/core/proof.ts';
import { recordSet } from '../../src/core/record.ts';

const at = (text: string): IpAddress => parseAddress(text) as IpAddress;
const [NEW, OLD, BESIDE] = ['8.8.8.1', '8.8.8.2', '8.8.8.3'].map(at) as [IpAddress, IpAddress, IpAddress];
const home = { name: fqdn('home.example.net'), type: 'A' } as const;
const wanted = recordSet(home, [NEW], 60);
const failure = { kind: 'network', detail: '9.9.9.2:53 did not answer within 1.5 s', phase: 'reply', code: 'ETIMEDOUT' } as const;

const has: Answer = { kind: 'holds', values: [NEW], ttl: 60 };
const stale: Answer = { kind: 'holds', values: [OLD], ttl: 300 };
const lame: Answer = { kind: 'lame', words: 'refuses to answer for it (REFUSED)', recursive: false };
const resolver: Answer = { kind: 'lame', words: 'answers without authority', recursive: true };
const silent: Answer = { kind: 'silent', failure };
const unasked: Answer = { kind: 'unasked', failure };
const others: readonly Answer[] = [
  stale,
  { kind: 'holds', values: [NEW, BESIDE], ttl: 60 },
  { kind: 'absent', ttl: 60 },
  { kind: 'alias', target: 'other.example.org' },
  { kind: 'delegated', zone: 'home.example.net' },
  lame,
  resolver,
  silent,
  unasked,
];

const ALONE = { above: undefined, names: undefined };
const SERVERS = ['ns1.example.net', 'ns2.example.net', 'ns3.example.net', 'ns4.example.net'];
const anyStanding: fc.Arbitrary<Omit<Standing, 'server'>> = fc.record({ above: fc.constantFrom(true, false, undefined), names: fc.option(fc.subarray(SERVERS), { nil: undefined }) });
/** Several servers, each at up to three addresses of both families; who names it, and whom it names, is one fact per server. */
const anyAnswers: fc.Arbitrary<readonly ServerAnswer[]> = fc
  .tuple(
    fc.array(anyStanding, { minLength: 4, maxLength: 4 }),
    fc.array(
      fc.tuple(fc.nat(3), fc.constantFrom('9.9.9.1', '9.9.9.2', '2620:fe::1').map(at), fc.oneof({ weight: 3, arbitrary: fc.constant(has) }, { weight: 1, arbitrary: fc.constantFrom(...others) })),
      { maxLength: 8 },
    ),
  )
  .map(([standings, all]) => all.map(([server, address, answer]) => ({ ...(standings[server] ?? ALONE), server: SERVERS[server] ?? '', address, answer })));
const anyDelegated = fc.constantFrom(true, false, undefined);
const judged = (answers: readonly ServerAnswer[], delegated: boolean | undefined = true): Proof => judge(wanted, answers, { delegated });

const heard = ({ answer }: ServerAnswer): boolean => answer.kind !== 'silent' && answer.kind !== 'unasked';
const good = ({ answer }: ServerAnswer): boolean => answer.kind === 'holds' && answer.values.join() === NEW;

describe('laws', () => {
  test('the order of the answers does not matter', () => {
    fc.assert(
      fc.property(
        anyAnswers.chain((answers) => fc.tuple(fc.constant(answers), fc.shuffledSubarray([...answers], { minLength: answers.length }))),
        anyDelegated,
        ([answers, shuffled], delegated) => {
          const kinds = ({ kind, servers }: Proof): unknown => ({ kind, servers: servers.map((one) => [one.server, one.kind]) });
          expect(kinds(judged(shuffled, delegated))).toEqual(kinds(judged(answers, delegated)));
        },
      ),
    );
  });

  test('proven: whoever answered said it, somebody did, and every server that can be asked was heard', () => {
    fc.assert(
      fc.property(anyAnswers, anyDelegated, (answers, delegated) => {
        fc.pre(judged(answers, delegated).kind === 'proven');
        expect(delegated).not.toBe(false);
        expect(answers.some(good)).toBe(true);
        expect(answers.filter((one) => one.answer.kind === 'holds' || one.answer.kind === 'absent' || one.answer.kind === 'alias' || one.answer.kind === 'delegated').every(good)).toBe(true);
        const isCaught = (family: number): boolean => {
          const all = answers.filter((one) => heard(one) && familyOf(one.address) === family);
          return new Set(all.map(({ address }) => address)).size > 1 && all.every(({ answer }) => answer === resolver);
        };
        const heardFamilies = new Set(
          answers
            .filter(heard)
            .map(({ address }) => familyOf(address))
            .filter((family) => !isCaught(family)),
        );
        for (const server of SERVERS) {
          const own = answers.filter((one) => one.server === server && one.answer.kind !== 'unasked' && heardFamilies.has(familyOf(one.address)));
          expect(own.length === 0 || own.some(good)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('nothing is known where nobody was heard, or where all who were offer to ask others', () => {
    fc.assert(
      fc.property(anyAnswers, anyDelegated, (answers, delegated) => {
        const nothing = answers.filter(heard).every(({ answer }) => answer.kind === 'lame' && answer.recursive);
        expect(judged(answers, delegated).kind === 'unknown').toBe(nothing);
      }),
    );
  });

  test('what one more server says wrong is never proof, nor taken for nothing', () => {
    fc.assert(
      fc.property(anyAnswers, anyDelegated, fc.constantFrom(...others.slice(0, 5)), (answers, delegated, wrong) => {
        const more = judged([...answers, { server: 'ns9.example.net', above: true, names: undefined, address: at('9.9.9.9'), answer: wrong }], delegated);
        expect(['not-yet', 'wrong-delegation']).toContain(more.kind);
        expect(more.servers.find(({ server }) => server === 'ns9.example.net')?.kind).toBe('stale');
      }),
    );
  });

  test('not yet: some server says otherwise; wrong delegation: some server has it', () => {
    fc.assert(
      fc.property(anyAnswers, anyDelegated, (answers, delegated) => {
        const { kind, servers } = judged(answers, delegated);
        if (kind === 'not-yet') expect(servers.some((one) => one.kind === 'stale')).toBe(true);
        if (kind === 'wrong-delegation') expect(servers.some((one) => one.kind === 'has')).toBe(true);
        if (kind === 'lame' || kind === 'silent') expect(servers.some((one) => one.kind === 'stale')).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('every verdict has words that name a server or say why there is none', () => {
    fc.assert(
      fc.property(anyAnswers, anyDelegated, (answers, delegated) => {
        const proof = judged(answers, delegated);
        const words = describeProof(proof);
        const { kind } = proof;
        if (kind !== 'proven') expect(words).toMatch(/ns\d\.example\.net|cannot tell from here|does not lead/);
        expect(words).not.toMatch(/undefined|NaN|: $/);
      }),
    );
  });
});

const ns = (server: number): string => `ns${server}.example.net`;

describe('verdicts', () => {
  const check = (
    name: string,
    answers: readonly (readonly [server: number, answer: Answer, more?: { readonly names?: readonly number[]; readonly address?: string }])[],
    kind: Proof['kind'],
    words: string,
    delegated: boolean | undefined = true,
  ): void => {
    test(name, () => {
      const proof = judged(
        answers.map(([server, answer, { names, address = `9.9.9.${server}` } = {}]) => ({ server: ns(server), above: delegated, names: names?.map(ns), address: at(address), answer })),
        delegated,
      );
      expect(proof.kind).toBe(kind);
      expect(describeProof(proof)).toBe(words);
    });
  };
  check(
    'all have it',
    [
      [1, has],
      [2, has],
    ],
    'proven',
    'all 2 name servers have it',
  );
  check(
    'one stale secondary',
    [
      [1, has],
      [2, stale],
      [3, has],
    ],
    'not-yet',
    'one of 3 name servers is behind: ns2.example.net says 8.8.8.2',
  );
  check('not there at all', [[1, { kind: 'absent', ttl: 60 }]], 'not-yet', 'no name server that the zone above leads to has it: ns1.example.net has no A record of that name');
  check(
    'an alias of something held elsewhere',
    [
      [1, has],
      [2, { kind: 'alias', target: 'other.example.org' }],
    ],
    'not-yet',
    'one of 2 name servers is behind: ns2.example.net says that the name is an alias of other.example.org',
  );
  check(
    'a server that does not serve the zone',
    [
      [1, has],
      [2, lame],
    ],
    'lame',
    'one of 2 name servers does not serve the zone: ns2.example.net (9.9.9.2) refuses to answer for it (REFUSED)',
  );
  check(
    'a dead server',
    [
      [1, has],
      [2, silent],
    ],
    'silent',
    'one of 2 name servers does not answer: ns2.example.net (9.9.9.2:53 did not answer within 1.5 s)',
  );
  check(
    'the zone above leads to the old servers',
    [
      [1, stale, { names: [1] }],
      [2, has, { names: [2, 3] }],
      [3, has, { names: [2, 3] }],
    ],
    'wrong-delegation',
    'the zone above leads to servers that do not have it: ns1.example.net says 8.8.8.2',
  );
  check('the zone above leads nowhere', [[1, has]], 'wrong-delegation', 'the servers of the zone have it, but the zone above does not lead to them', false);
  check('nobody', [], 'unknown', 'cannot tell from here: no name server of the zone can be asked');
  check(
    'a resolver on the way',
    [
      [1, resolver],
      [2, resolver],
    ],
    'unknown',
    'cannot tell from here: something on the way answers in place of the name servers',
  );
  check(
    'a resolver on the way, over IPv4 alone',
    [
      [1, resolver],
      [1, has, { address: '2620:fe::1' }],
      [2, resolver],
    ],
    'proven',
    'one of 2 name servers has it; ns2.example.net cannot be asked from here',
  );
  check(
    'one server that is a resolver, and others that are none',
    [
      [1, resolver],
      [2, has, { address: '2620:fe::2' }],
    ],
    'lame',
    'one of 2 name servers does not serve the zone: ns1.example.net (9.9.9.1) answers without authority',
  );
  check(
    'a server over IPv6, and no IPv6 here',
    [
      [1, has],
      [2, unasked, { address: '2620:fe::2' }],
    ],
    'proven',
    'one of 2 name servers has it; ns2.example.net cannot be asked from here',
  );
  check(
    'servers over IPv6, one that is behind, and no IPv6 here',
    [
      [1, has],
      [2, stale],
      [3, unasked, { address: '2620:fe::3' }],
      [4, unasked, { address: '2620:fe::4' }],
    ],
    'not-yet',
    'one of 4 name servers is behind: ns2.example.net says 8.8.8.2; ns3.example.net, ns4.example.net cannot be asked from here',
  );
  check(
    'a server over IPv6, another that has nothing, and no IPv6 here',
    [
      [1, { kind: 'absent', ttl: 60 }],
      [2, unasked, { address: '2620:fe::2' }],
    ],
    'not-yet',
    'no name server that can be asked from here has it: ns1.example.net has no A record of that name; ns2.example.net cannot be asked from here',
  );
  check(
    'IPv6 that leads nowhere',
    [
      [1, has],
      [1, silent, { address: '2620:fe::1' }],
      [2, has],
      [2, silent, { address: '2620:fe::2' }],
    ],
    'proven',
    'all 2 name servers have it',
  );
});

test('what shall not be there is proven by its absence', () => {
  const none = recordSet(home, []);
  const answers = (answer: Answer): readonly ServerAnswer[] => [{ server: 'ns1.example.net', ...ALONE, address: at('9.9.9.1'), answer }];
  expect(judge(none, answers({ kind: 'absent' }), { delegated: undefined }).kind).toBe('proven');
  expect(judge(none, answers(stale), { delegated: undefined }).kind).toBe('not-yet');
});

test('whoever tells thousands of addresses fills no screen with them', () => {
  const values = Array.from({ length: 2000 }, (_, index) => at(`9.8.${index >> 8}.${index & 255}`));
  const words = describeProof(judged([{ server: 'ns1.example.net', ...ALONE, address: at('9.9.9.1'), answer: { kind: 'holds', values, ttl: 60 } }]));
  expect(words).toMatch(/^no name server has it: ns1\.example\.net says 9\.8\.0\.0, .* and 1992 more$/);
  expect(words.length).toBeLessThan(200);
});
