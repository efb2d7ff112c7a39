/** The rule: a liar can delay a change, never cause one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { admit, type Ballot, type BallotFailure, type Witness } from '../../src/core/ballot.ts';
import { canOutvoteLiar, demandsOf, describeObservation, dissenters, looksLikePortal, observe } from '../../src/core/observe.ts';
import { witnessOf } from '../../src/detect/source.ts';
import { CATALOGUE, DEFAULT_SOURCES } from '../../src/detect/sources.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const TRUTH = ip('5.6.7.8');
const LIES = ['6.6.6.6', '7.7.7.7', '11.11.11.11'].map(ip);
const ROUTER: Witness = witnessOf({ kind: 'router', router: 'auto', id: 'router auto', operator: 'router', families: [4] });
const MIX: readonly Witness[] = [...DEFAULT_SOURCES.flatMap((id) => (CATALOGUE[id] === undefined ? [] : [witnessOf(CATALOGUE[id])])), ROUTER];

const says = (witness: Witness, address: IpAddress): Ballot => ({ ...witness, ms: 1, kind: 'address', address });
const fails = (witness: Witness, kind: BallotFailure['kind']): Ballot => ({ ...witness, ms: 1, kind: 'failed', failure: { kind, detail: kind } });
const untimely = (witness: Witness): Ballot => ({ ...witness, ms: 1, kind: 'failed', failure: { kind: 'tls', detail: 'expired', code: 'CERT_HAS_EXPIRED' } });
const unnamed = (witness: Witness, code = 'ETIMEDOUT'): Ballot => ({ ...witness, ms: 1, kind: 'failed', failure: { kind: 'lookup', detail: 'could not be looked up', code } });
const failure = fc.constantFrom<BallotFailure['kind']>('timeout', 'network', 'lookup', 'tls', 'status', 'redirect', 'html', 'nonsense', 'forged', 'refused', 'special', 'down', 'absent', 'unawaited');

/** Witnesses of at least two operators, and a quorum of at least two. */
const panel = fc
  .record({ witnesses: fc.subarray([...MIX], { minLength: 2 }), quorum: fc.integer({ min: 2, max: 4 }) })
  .filter(({ witnesses }) => new Set(witnesses.map(({ operator }) => operator)).size > 1);

const ballotsOf = (witnesses: readonly Witness[], tell: (witness: Witness) => fc.Arbitrary<Ballot>): fc.Arbitrary<Ballot[]> =>
  fc.tuple(...witnesses.map(tell)).chain((ballots) => fc.shuffledSubarray(ballots, { minLength: ballots.length }));
const honest = (witness: Witness): fc.Arbitrary<Ballot> => fc.oneof({ weight: 3, arbitrary: fc.constant(says(witness, TRUTH)) }, { weight: 1, arbitrary: failure.map((kind) => fails(witness, kind)) });
const lying = (witness: Witness): fc.Arbitrary<Ballot> =>
  fc.oneof(
    fc.constantFrom(TRUTH, ...LIES).map((address) => says(witness, address)),
    failure.map((kind) => fails(witness, kind)),
  );

describe('laws', () => {
  test('the order of the ballots does not matter', () => {
    const cases = panel.chain(({ witnesses, quorum }) =>
      ballotsOf(witnesses, lying).chain((ballots) =>
        fc.record({ ballots: fc.constant(ballots), other: fc.shuffledSubarray(ballots, { minLength: ballots.length }), demands: fc.constant(demandsOf(witnesses, quorum)) }),
      ),
    );
    fc.assert(
      fc.property(cases, ({ ballots, other, demands }) => {
        const { ballots: _, ...one } = observe(4, ballots, demands);
        const { ballots: __, ...two } = observe(4, other, demands);
        expect(two).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  test('one lying operator never causes a wrong address, whatever its sources say and whoever else is silent', () => {
    const cases = panel.chain(({ witnesses, quorum }) =>
      fc
        .constantFrom(...witnesses.map(({ operator }) => operator))
        .chain((liar) => fc.record({ ballots: ballotsOf(witnesses, (witness) => (witness.operator === liar ? lying(witness) : honest(witness))), demands: fc.constant(demandsOf(witnesses, quorum)) })),
    );
    fc.assert(
      fc.property(cases, ({ ballots, demands }) => {
        const seen = observe(4, ballots, demands);
        if (seen.kind === 'agreed') expect(seen.address).toBe(TRUTH);
      }),
      { numRuns: 2000 },
    );
  });

  test('whoever forges every datagram on the way causes no wrong address, as long as TLS is among the witnesses', () => {
    const cases = panel
      .filter(({ witnesses }) => witnesses.some(({ authenticated }) => authenticated))
      .chain(({ witnesses, quorum }) =>
        fc.record({ ballots: ballotsOf(witnesses, (witness) => (witness.authenticated ? honest(witness) : lying(witness))), demands: fc.constant(demandsOf(witnesses, quorum)) }),
      );
    fc.assert(
      fc.property(cases, ({ ballots, demands }) => {
        const seen = observe(4, ballots, demands);
        if (seen.kind === 'agreed') expect(seen.address).toBe(TRUTH);
      }),
      { numRuns: 2000 },
    );
  });

  test('nothing is agreed that a quorum of distinct operators did not say', () => {
    const cases = panel.chain(({ witnesses, quorum }) => fc.record({ ballots: ballotsOf(witnesses, lying), demands: fc.constant(demandsOf(witnesses, quorum)) }));
    fc.assert(
      fc.property(cases, ({ ballots, demands }) => {
        const seen = observe(4, ballots, demands);
        if (seen.kind !== 'agreed') return;
        const operators = new Set(ballots.flatMap((ballot) => (ballot.kind === 'address' && ballot.address === seen.address ? [ballot.operator] : [])));
        expect(operators.size).toBeGreaterThanOrEqual(2);
        expect(operators.size).toBeGreaterThanOrEqual(demands.operators);
      }),
      { numRuns: 1000 },
    );
  });

  test('what is agreed against dissent is agreed without it too', () => {
    const cases = panel.chain(({ witnesses, quorum }) => fc.record({ ballots: ballotsOf(witnesses, lying), demands: fc.constant(demandsOf(witnesses, quorum)) }));
    fc.assert(
      fc.property(cases, ({ ballots, demands }) => {
        const seen = observe(4, ballots, demands);
        if (seen.kind !== 'agreed') return;
        const against = dissenters(seen);
        const without = observe(
          4,
          ballots.filter((ballot) => !against.some(({ source }) => source === ballot.source)),
          demands,
        );
        expect(without).toMatchObject({ kind: 'agreed', address: seen.address });
      }),
      { numRuns: 1000 },
    );
  });

  test('a failure more does not bring about an agreement, unless it says that UDP is dead', () => {
    const cases = panel.chain(({ witnesses, quorum }) => fc.record({ ballots: ballotsOf(witnesses, lying), demands: fc.constant(demandsOf(witnesses, quorum)), kind: failure }));
    const extra: Witness = { source: 'extra', operator: 'extra', transport: 'https', authenticated: true };
    fc.assert(
      fc.property(cases, ({ ballots, demands, kind }) => {
        expect(observe(4, [...ballots, fails(extra, kind)], demands).kind === 'agreed').toBe(observe(4, ballots, demands).kind === 'agreed');
      }),
    );
  });

  test('the word of the router alone changes nothing, whatever is listed and demanded, and whoever else is silent', () => {
    const cases = fc
      .record({ witnesses: fc.subarray([...MIX]).map((others) => [...new Set([...others, ROUTER])]), quorum: fc.integer({ min: 1, max: 4 }), upnp: fc.boolean() })
      .chain(({ witnesses, quorum, upnp }) => {
        const routers = [ROUTER, ...(upnp ? [{ ...ROUTER, source: 'router upnp' }] : [])];
        const others = witnesses.filter(({ operator }) => operator !== ROUTER.operator);
        const silent = fc.tuple(...others.map((witness) => failure.map((kind) => fails(witness, kind))));
        return silent.map((failures) => ({ ballots: [...failures, ...routers.map((router) => says(router, LIE))], demands: demandsOf([...others, ...routers], quorum) }));
      });
    fc.assert(
      fc.property(cases, ({ ballots, demands }) => {
        expect(observe(4, ballots, demands).kind).toBe('disputed');
      }),
      { numRuns: 1000 },
    );
  });

  test('demands are never more than the witnesses can meet', () => {
    fc.assert(
      fc.property(
        fc.subarray([...MIX], { minLength: 1 }).filter((witnesses) => witnesses.some(({ transport }) => transport !== 'router')),
        fc.integer({ min: 1, max: 9 }),
        (witnesses, quorum) => {
          expect(
            observe(
              4,
              witnesses.map((witness) => says(witness, TRUTH)),
              demandsOf(witnesses, quorum),
            ),
          ).toMatchObject({ kind: 'agreed', address: TRUTH });
        },
      ),
    );
  });
});

const A: Witness = { source: 'a', operator: 'a', transport: 'https', authenticated: true };
const B: Witness = { source: 'b', operator: 'b', transport: 'https', authenticated: true };
const C: Witness = { source: 'c', operator: 'c', transport: 'https', authenticated: true };
const D: Witness = { source: 'd', operator: 'd', transport: 'dns', authenticated: false };
const S: Witness = { source: 's', operator: 's', transport: 'stun', authenticated: false };
const ALL = [A, B, C, D, S];
const [LIE = TRUTH, OTHER = TRUTH] = LIES;

describe('cases', () => {
  const check = (name: string, ballots: readonly Ballot[], expected: string, witnesses: readonly Witness[] = ALL, quorum = 2): void => {
    test(name, () => expect(describeObservation(observe(4, ballots, demandsOf(witnesses, quorum)))).toMatch(new RegExp(expected)));
  };
  check('HTTPS and DNS agree', [says(A, TRUTH), says(D, TRUTH)], '^agreed: 5.6.7.8, by a, d$');
  check('two HTTPS alone are one transport', [says(A, TRUTH), says(B, TRUTH), says(D, LIE)], '^disputed: .*1 of 2 kinds of transport; d says 6.6.6.6');
  check('three HTTPS where UDP is dead', [says(A, TRUTH), says(B, TRUTH), says(C, TRUTH), fails(D, 'timeout'), fails(S, 'network')], '^agreed: 5.6.7.8, by a, b, c$');
  check('three HTTPS where DNS is intercepted and STUN blocked', [says(A, TRUTH), says(B, TRUTH), says(C, TRUTH), fails(D, 'forged'), fails(S, 'timeout')], '^agreed: 5.6.7.8');
  check('two HTTPS where UDP is dead are not enough', [says(A, TRUTH), says(B, TRUTH), fails(C, 'status'), fails(D, 'timeout'), fails(S, 'timeout')], '^disputed: ');
  check('three HTTPS while UDP is still awaited', [says(A, TRUTH), says(B, TRUTH), says(C, TRUTH), fails(D, 'unawaited')], '^disputed: ');
  check('three HTTPS where UDP told an address that had to be refused', [says(A, TRUTH), says(B, TRUTH), says(C, TRUTH), fails(D, 'special')], '^disputed: ');
  check('UDP alone is never enough', [says(D, TRUTH), says(S, TRUTH)], '^disputed: .*no authenticated source');
  check('an authenticated dissenter against two', [says(A, TRUTH), says(D, TRUTH), says(B, LIE)], '^disputed: .*contradicted by an authenticated source; b says 6.6.6.6');
  check(
    'an authenticated dissenter against three of two thirds',
    [says(A, TRUTH), says(C, TRUTH), says(D, TRUTH), says(S, TRUTH), says(B, LIE)],
    '^agreed: 5.6.7.8, by a, c, d, s; against b \\(6.6.6.6\\)$',
  );
  check('a datagram that dissents delays nobody', [says(A, TRUTH), says(B, TRUTH), says(S, TRUTH), says(D, LIE)], '^agreed: 5.6.7.8, by a, b, s; against d');
  check('two sources of one operator are one witness', [says(A, TRUTH), says({ ...D, operator: 'a' }, TRUTH)], '^disputed: .*1 of 2 independent operators');
  check('an operator that says two things says nothing', [says(A, TRUTH), says({ ...D, operator: 'a' }, LIE), says(S, TRUTH)], '^disputed: ');
  check('an authenticated liar among three listed', [says(A, TRUTH), says(B, TRUTH), says(C, LIE)], '^agreed: 5.6.7.8, by a, b; against c \\(6.6.6.6\\)$', [A, B, C]);
  check('an authenticated liar among two listed', [says(A, TRUTH), says(B, LIE)], '^disputed: ', [A, B]);
  check('three voices, three addresses', [says(A, TRUTH), says(B, LIE), says(D, OTHER)], '^disputed: ');
  check('nobody', [], '^silent: no source is configured');
  check('the line is down', [fails(A, 'timeout'), fails(D, 'network')], '^silent: no source could be reached');
  check('time was up', [fails(A, 'unawaited'), fails(D, 'timeout')], '^silent: time was up before');
  check('no route', [fails(A, 'absent'), fails(D, 'absent')], '^silent: this machine has no route');
  check('no route, and so no name server', [fails(A, 'lookup'), fails(D, 'absent')], '^silent: this machine has no route');
  check('names cannot be looked up', [fails(A, 'lookup'), fails(D, 'timeout')], '^silent: no source could be reached');
  check('a captive portal', [fails(A, 'tls'), fails(B, 'html'), fails(D, 'timeout')], '^silent: a captive portal');
  check('a portal beside one answer', [fails(A, 'tls'), fails(B, 'redirect'), says(D, TRUTH)], '^disputed: .*captive portal');
  check(
    'name servers that do not answer',
    [unnamed(A), unnamed(B, 'EAI_AGAIN'), says(D, TRUTH), says(S, TRUTH)],
    '^disputed: .*no authenticated source; the names of several sources could not be looked up',
  );
  check('names without an address of this family', [unnamed(A, 'ENODATA'), unnamed(B, 'ENOTFOUND'), says(D, TRUTH), says(S, TRUTH)], '^disputed: .*no authenticated source$');
  check('one name alone', [unnamed(A), says(D, TRUTH), says(S, TRUTH)], '^disputed: .*no authenticated source$');
  check('a wrong clock', [untimely(A), untimely(B), fails(D, 'timeout')], '^silent: .*the clock of this machine');
  check('the router beside one that is authenticated', [says(A, TRUTH), says(ROUTER, TRUTH), fails(D, 'timeout')], '^agreed: 5.6.7.8, by a, router$');
  check('the router alone, though nothing else is listed', [says(ROUTER, TRUTH)], "^disputed: 5.6.7.8 \\(router\\) is the router's word alone", [ROUTER], 1);
  check('the router by two protocols is one witness', [says(ROUTER, TRUTH), says({ ...ROUTER, source: 'router upnp' }, TRUTH)], '^disputed: .*1 of 2 independent operators');
  check('a router that knows of no public address, though all agree', [says(A, TRUTH), says(D, TRUTH), fails(ROUTER, 'down')], '^agreed: 5.6.7.8, by a, d; but router auto down$');
  check('a router that knows why too few agree', [says(A, TRUTH), fails(ROUTER, 'special')], '^disputed: .*1 of 2 independent operators; router auto special$');
  check('a router whose line is down', [fails(A, 'timeout'), fails(D, 'network'), fails(ROUTER, 'down')], '^silent: no source could be reached: the line seems to be down; router auto down$');
  check(
    'a router whose line is shared, and nobody else heard',
    [fails(A, 'timeout'), fails(ROUTER, 'special')],
    '^silent: no source could be reached: the line seems to be down; router auto special$',
  );
  check('one listed source is believed', [says(A, TRUTH)], '^agreed: ', [A]);
  const [X, Y, Z] = [A, B, C].map((witness): Witness => ({ ...witness, authenticated: false })) as [Witness, Witness, Witness];
  check('nobody authenticated is listed: two against one', [says(X, TRUTH), says(Y, TRUTH), says(Z, LIE)], '^agreed: 5.6.7.8, by a, b; against c', [X, Y, Z]);
  check('nobody authenticated is listed: two against two', [says(X, TRUTH), says(D, TRUTH), says(Y, LIE), says(S, LIE)], '^disputed: .*as many as it takes', [X, Y, D, S]);
  check('one against one where one is enough', [says(X, TRUTH), says(Y, LIE)], '^disputed: ', [X, Y], 1);
  check('a quorum of three', [says(A, TRUTH), says(D, TRUTH)], '^disputed: .*2 of 3 independent operators', ALL, 3);
  check('the user alone', [says({ source: 'me', operator: 'me', transport: 'address', authenticated: true }, TRUTH)], '^agreed: ', [
    { source: 'me', operator: 'me', transport: 'address', authenticated: true },
  ]);
});

test('a liar is named as a dissenter', () => {
  const seen = observe(4, [says(A, TRUTH), says(C, TRUTH), says(D, TRUTH), says(S, TRUTH), says(B, LIE)], demandsOf(ALL, 2));
  expect(dissenters(seen).map(({ source }) => source)).toEqual(['b']);
});

test('one odd page is no captive portal', () => expect(looksLikePortal([fails(A, 'html'), fails(B, 'status')])).toBe(false));

test('who can outvote a liar', () => {
  expect(canOutvoteLiar(MIX, 2)).toBe(true);
  expect(canOutvoteLiar([A, D], 2)).toBe(false);
  expect(canOutvoteLiar([A], 1)).toBe(false);
});

describe('admission', () => {
  const check = (told: string, family: 4 | 6, expected: string | RegExp): void => {
    const ballot = admit(A, ip(told), { family, policy: { allow: [], deny: [] }, ms: 3 });
    if (typeof expected === 'string') expect(ballot).toMatchObject({ kind: 'address', address: expected });
    else expect(ballot.kind === 'failed' ? ballot.failure.detail : '').toMatch(expected);
  };
  test('a public address', () => check('5.6.7.8', 4, '5.6.7.8'));
  test('a mapped one is unwrapped', () => check('::ffff:5.6.7.8', 4, '5.6.7.8'));
  test('the other family', () => check('2600::1', 4, /asked for IPv4/));
  test('carrier-grade NAT', () => check('100.64.0.9', 4, /carrier-grade NAT/));
  test('documentation', () => check('2001:db8::1', 6, /documentation/));
  test('an address of the echo operator', () => check('104.28.0.1', 4, /Cloudflare's own/));
});
