/** What a look from outside is said to prove, whose fault a closed port is, and whom a certificate is for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RungState } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Face, Leaf, Seen, Sighting } from '../../src/core/reach.ts';
import { covers, type Doorway, rungsOf, type Surroundings, type Visited } from '../../src/core/reachability.ts';
import { address } from '../support/address.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const NAME = fqdn('home.example.com');
const NONCE = 'n0nce';
const leaf = (names: readonly string[] = [NAME], days = 60, fingerprint = 'a'): Leaf => ({ fingerprint256: fingerprint.repeat(64), names, validTo: NOW + days * DAY });
const PAGE: Face = { kind: 'page', page: { path: '/.well-known/ddns-update/x', nonce: NONCE } };
const SERVICE: Face = { kind: 'service' };
const NOTHING: Face = { kind: 'nothing', words: 'nothing listens on port 8443' };
const certificate = (...of: Parameters<typeof leaf>): Face => ({ kind: 'certificate', leaf: leaf(...of) });

const door = (face: Face | undefined, more: Partial<Doorway> = {}): Doorway => ({ name: NAME, family: 4, address: address('198.51.100.7'), port: 443, inside: 443, face, ...more });
const V6 = { family: 6, address: address('2001:db8::7') } as const;
const saw = (sighting: Sighting, advice?: string): Visited => ({ kind: 'seen', by: 'Somebody', sighting, ...(advice === undefined ? {} : { advice }) });
const open = (seen?: Seen): Visited => saw({ kind: 'open', ...(seen === undefined ? {} : { seen }) });
const CLOSED = saw({ kind: 'closed', words: 'no answer in time' });
const body = (text: string, status = 200): Visited => open({ kind: 'page', status, body: text });
const shows = (one: Leaf): Visited => open({ kind: 'certificate', ...one });
const [INSIDE, SILENT, ITSELF]: readonly Visited[] = [true, false, true].map((fromHere, at) => ({ kind: 'unasked', fromHere, own: at === 2 }));

type Expected = readonly [state: RungState, words: string | RegExp, advice?: string | RegExp];
function check(what: string, doorway: Doorway, visited: Visited | undefined, around: Partial<Surroundings>, ...expected: readonly Expected[]): void {
  test(what, () => {
    if (visited === undefined) throw new TypeError('nobody visited');
    const rungs = rungsOf(doorway, visited, { otherFamilyOpen: false, ...around }, NOW);
    expect(rungs.map(({ rung, port }) => `${rung} ${port}`)).toEqual(['port 443', 'identity 443'].slice(0, expected.length));
    for (const [at, [state, words, advice]] of expected.entries()) {
      expect(rungs[at]?.state).toBe(state);
      expect(rungs[at]?.words).toMatch(words);
      if (advice === undefined) expect(rungs[at]?.advice).toBeUndefined();
      else expect(rungs[at]?.advice).toMatch(advice);
    }
  });
}
const OPEN: Expected = ['proven', 'Somebody reaches port 443 of 198.51.100.7'];

describe('whose fault a closed port is', () => {
  const ROUTER = 'the router does not forward port 443 to this machine, or a firewall stands in the way';
  check('nobody says', door(SERVICE), CLOSED, {}, ['failed', ROUTER, /^forward port 443 to this machine in the router, or let us ask it to: ddns-update relocate --map 443$/]);
  check('a port that is another one here', door(SERVICE, { inside: 8443 }), CLOSED, {}, ['failed', ROUTER, /^forward port 443 to port 8443 of this machine .* --map 443:8443$/]);
  check('nothing listens: neither router nor line are blamed', door(NOTHING, { inside: 8443 }), CLOSED, { line: 'CGNAT', mappedTo: '192.168.1.20' }, [
    'failed',
    /: nothing listens on port 8443$/,
    'start what is to answer on port 8443',
  ]);
  check('it listens for this machine alone', door({ ...NOTHING, advice: 'let it listen' }), CLOSED, {}, ['failed', NOTHING.words, 'let it listen']);
  check('so does a server with a certificate', door(certificate()), CLOSED, { deaf: 'everybody' }, [
    'failed',
    /: what listens on port 443 here does so for this machine alone$/,
    /^let it listen on all addresses/,
  ]);
  check('it listens over IPv4 alone: no firewall is blamed', door(certificate(), V6), CLOSED, { deaf: 'this-family', otherFamilyOpen: true }, [
    'failed',
    /, while over IPv4 it is open: what listens on port 443 here does so over IPv4 alone$/,
    'let it listen over IPv6 too ([::])',
  ]);
  check('and over IPv6 alone', door(SERVICE), CLOSED, { deaf: 'this-family', line: undefined }, ['failed', /does so over IPv6 alone$/, 'let it listen over IPv4 too (0.0.0.0)']);
  check('carrier-grade NAT', door(PAGE), CLOSED, { line: 'the provider shares the address', mappedTo: '192.168.1.20' }, [
    'failed',
    /: the provider shares the address$/,
    /^nothing reaches this line over IPv4/,
  ]);
  check('carrier-grade NAT, and IPv6 works', door(PAGE), CLOSED, { line: 'the provider shares the address', otherFamilyOpen: true }, [
    'failed',
    /, while over IPv6 it is open: the provider shares the address$/,
    /^only visitors with IPv6 come in: for the others use a tunnel, or ask the internet provider for a public address$/,
  ]);
  check('mapped to another machine', door(PAGE), CLOSED, { mappedTo: '192.168.1.20' }, ['failed', 'mapped it to 192.168.1.20, not to this machine', /^remove that mapping/]);
  check('mapped to another port of this machine', door(PAGE), CLOSED, { mappedInside: 8443 }, [
    'failed',
    /: the router has mapped it to port 8443 of this machine, not to port 443$/,
    'remove that mapping in the router, then ddns-update relocate --map 443; or say that it is meant so: router: { map: ["443:8443"] }',
  ]);
  check('which IPv6 has no use for', door(PAGE, V6), CLOSED, { mappedInside: 8443 }, ['failed', /a firewall lets no IPv6 in/, /^allow port 443/]);
  const FRONT = /: the router has 192\.168\.178\.20 on its outer side, a private address, so it stands behind another router \(double NAT\), which must pass on what comes/;
  const behind = address('192.168.178.20');
  check('double NAT', door(PAGE), CLOSED, { behind }, [
    'failed',
    FRONT,
    /^have the router in front pass port 443 on to 192\.168\.178\.20; if that one is the internet provider's, ask for a public address/,
  ]);
  check('double NAT, and the inner router says that it lets it in', door(SERVICE), CLOSED, { behind, asked: 'made' }, ['failed', FRONT, /^have the router in front/]);
  check('double NAT, and the inner router does not let it in', door(SERVICE), CLOSED, { behind, asked: { why: 'it says no' } }, [
    'failed',
    /\(double NAT\), which must pass on what comes; the router was asked: it says no$/,
    /^have the router in front/,
  ]);
  check('double NAT, and the router in front passes it on', door(PAGE), body(NONCE), { behind }, OPEN, ['proven', /^it is this machine/]);
  check('double NAT has nothing to do with IPv6', door(PAGE, V6), CLOSED, { behind }, ['failed', /a firewall lets no IPv6 in/, /^allow port 443/]);
  const EXIT = /198\.51\.100\.7 is where wg0 leads, which looks like a VPN: that is the tunnel's exit, not this line/;
  check('a VPN: its other end is no router of ours', door(PAGE), CLOSED, { tunnel: 'wg0' }, ['failed', EXIT, /^switch the VPN off, or lead ddns-update past it, then ddns-update relocate$/]);
  check('a VPN whose other end passes it on', door(PAGE), body(NONCE), { tunnel: 'wg0' }, OPEN, ['proven', /^it is this machine/]);
  check('a VPN, and what answers at its other end', door(certificate()), shows(leaf([NAME], 60, 'b')), { tunnel: 'wg0' }, OPEN, ['failed', EXIT, /^switch the VPN off/]);
  check('a VPN of IPv4 has nothing to do with IPv6', door(PAGE, V6), CLOSED, { tunnel: 'wg0' }, ['failed', /a firewall lets no IPv6 in/, /^allow port 443/]);
  check('a VPN, and nothing listens here', door(NOTHING), CLOSED, { tunnel: 'wg0' }, ['failed', /: nothing listens on port 8443$/, /^start/]);
  check('a VPN, and nobody outside was asked', door(PAGE), SILENT, { tunnel: 'wg0' }, ['unknown', EXIT, /^switch the VPN off/]);
  check('IPv6 is closed, IPv4 is open', door(PAGE, V6), CLOSED, { otherFamilyOpen: true }, [
    'failed',
    "while over IPv4 it is open: a firewall lets no IPv6 in, most likely the router's",
    /^allow port 443 over IPv6/,
  ]);
  check('IPv6 has nothing to do with the line and the table of IPv4', door(PAGE, V6), CLOSED, { line: 'CGNAT', mappedTo: '192.168.1.20' }, ['failed', /a firewall lets no IPv6 in/, /^allow port 443/]);
  check('the router says that it lets it in: it is not asked again', door(SERVICE, { inside: 8443 }), CLOSED, { asked: 'made' }, [
    'failed',
    /a firewall of this machine stands in the way/,
    /^see whether a firewall of this machine blocks port 8443/,
  ]);
  check('the router was asked, and does not', door(SERVICE), CLOSED, { asked: { why: 'it says no' } }, [
    'failed',
    `${ROUTER}; the router was asked: it says no`,
    /^forward port 443 to this machine in the router$/,
  ]);
  check('another machine behind the router: nothing is known of it', door(undefined, V6), CLOSED, {}, [
    'failed',
    /: a firewall lets nobody in, or nothing listens there on that machine$/,
    /of this machine|that it listens on port 443/,
  ]);
});

describe('where nobody outside was asked', () => {
  check('it answers through the router', door(SERVICE), INSIDE, {}, ['unknown', 'from here it answers, through the router; that is a good sign and no proof', /telephone/]);
  check('it does not', door(SERVICE), SILENT, {}, ['unknown', 'from here it does not answer, which says nothing', /probe/]);
  check('the address is our own: what answers did not come through anything', door(SERVICE, V6), ITSELF, {}, ['unknown', 'from here it answers, but that is this machine itself', /probe/]);
  check('nothing listens: that is known', door(NOTHING), SILENT, {}, [
    'failed',
    'nobody gets through to port 443 of 198.51.100.7: nothing listens on port 8443',
    'start what is to answer on port 443',
  ]);
  check('carrier-grade NAT: that is known', door(SERVICE), INSIDE, { line: 'the provider shares it' }, [
    'failed',
    'nobody gets through to port 443 of 198.51.100.7: the provider shares it',
    /IPv6 or a tunnel/,
  ]);
  check('double NAT proves nothing by itself: the router in front may pass it on', door(SERVICE), INSIDE, { behind: address('192.168.178.20') }, [
    'unknown',
    /^whether port 443 of 198\.51\.100\.7 is open cannot be told from inside: .*\(double NAT\), which must pass on what comes$/,
    /^have the router in front pass port 443 on to 192\.168\.178\.20/,
  ]);
  check('it is mapped to another machine: so is that', door(SERVICE), INSIDE, { mappedTo: '192.168.1.20' }, ['failed', 'mapped it to 192.168.1.20', /remove/]);
});

test('one that could not look is no fault of the port, and what to do about it is told', () => {
  const blind: Sighting = { kind: 'unknown', words: 'connection refused' };
  const around = { otherFamilyOpen: true, line: 'CGNAT', mappedTo: '192.168.1.20' };
  expect(rungsOf(door(PAGE), saw(blind, 'is the url right?'), around, NOW)).toEqual([
    { rung: 'port', port: 443, state: 'unknown', words: 'Somebody could not tell whether port 443 of 198.51.100.7 is open: connection refused', advice: 'is the url right?' },
  ]);
  expect(rungsOf(door(PAGE), saw(blind), around, NOW)).toMatchObject([{ state: 'unknown', advice: expect.stringContaining('telephone') }]);
});

describe('whose machine answers', () => {
  check('the page with the nonce', door(PAGE), body(`${NONCE}\n`), {}, OPEN, ['proven', 'it is this machine that answers on port 443; for the proof only, for nothing of yours listens there']);
  check('a page with another body', door(PAGE), body(`x${NONCE}`), {}, OPEN, [
    'failed',
    'another machine answers on port 443: it does not know what this one says there',
    'let the router forward it to this machine',
  ]);
  for (const status of [404, 301, 302, 401, 500]) check(`status ${status}, whatever it says`, door(PAGE), body(NONCE, status), {}, OPEN, ['failed', 'another machine answers', /router/]);
  check(
    'most see another page, and some ours',
    door(PAGE),
    saw({ kind: 'open', seen: { kind: 'page', status: 200, body: 'hello' }, besides: [{ kind: 'page', status: 200, body: NONCE }] }),
    {},
    OPEN,
    ['unknown', 'of those who looked some came to this machine and most to another', /load balancer/],
  );
  check('a certificate where we serve a page', door(PAGE), shows(leaf()), { mappedTo: '192.168.1.20' }, OPEN, ['failed', /by the router's own table it leads to 192\.168\.1\.20$/, /router/]);
  const UNTOLD = /^whether it is this machine that answers on port 443 cannot be told: /;
  check('another port of this machine: whose answer that is cannot be told', door(PAGE), body('x'), { mappedInside: 8443 }, OPEN, [
    'unknown',
    'it does not know what this one says there; but the router has mapped it to port 8443 of this machine',
    /^remove that mapping .* router: \{ map: \["443:8443"\] \}$/,
  ]);
  for (const [face, saw] of [
    [PAGE, body('x')],
    [certificate(), shows(leaf(['nas.example.com'], 60, 'b'))],
    [NOTHING, open()],
  ] as const)
    check(`a router that says that it leads here (${face.kind}): no machine is blamed`, door(face), saw, { asked: 'made' }, OPEN, [
      'unknown',
      UNTOLD,
      /^see whether a firewall of this machine leads port 443 on to another port or machine/,
    ]);
  check('unless its table says otherwise', door(PAGE), body('x'), { asked: 'made', mappedTo: '192.168.1.20' }, OPEN, ['failed', /leads to 192\.168\.1\.20$/, /router/]);
  check('a firewall that lets it in over IPv6 translates nothing', door(PAGE, V6), body('x'), { asked: 'made' }, ['proven', '2001:db8::7'], ['failed', /^another machine answers/, /^find out/]);
  check('one who would have read more was told nothing', door(PAGE), saw({ kind: 'open', unread: 'there is no answer' }), {}, OPEN, [
    'unknown',
    /cannot be told: from outside it connects, but there is no answer$/,
    /what else answers at this address/,
  ]);
  check('the one who looks only connects', door(PAGE), open(), {}, OPEN, ['unknown', 'Somebody only connects, so whose machine answers on port 443 is not known', /reads what answers/]);
  check(
    'over IPv6 no router forwards',
    door(PAGE, V6),
    body('no'),
    { mappedTo: '192.168.1.20' },
    ['proven', '2001:db8::7'],
    ['failed', /what this one says there$/, /^find out which machine has 2001:db8::7/],
  );
  check('our certificate', door(certificate()), shows(leaf()), {}, OPEN, ['proven', /^it is this machine that answers on port 443, by its certificate$/]);
  check('another one', door(certificate()), shows(leaf(['nas.example.com'], 60, 'b')), {}, OPEN, ['failed', 'its certificate for nas.example.com is not one that this machine shows', /router/]);
  const DOUBTED: Face = { kind: 'certificate', leaf: leaf(), doubt: { words: 'it is gone', advice: 'look again' } };
  check('another one, which may be ours', door(DOUBTED), shows(leaf([NAME], 60, 'b')), {}, OPEN, [
    'unknown',
    'whether it is this machine that answers on port 443 cannot be told: it is gone',
    /^look again$/,
  ]);
  check('unless the router leads elsewhere', door(DOUBTED), shows(leaf([NAME], 60, 'b')), { mappedTo: '192.168.1.20' }, OPEN, ['failed', 'it leads to 192.168.1.20', /router/]);
  check('ours, of another host', door(certificate(['nas.example.com'])), shows(leaf()), {}, OPEN, [
    'failed',
    'but with the certificate of another host: for nas.example.com, not for home.example.com',
    'give its server a certificate for home.example.com',
  ]);
  check('ours, without a name', door(certificate([])), shows(leaf()), {}, OPEN, ['failed', 'of another host: it names none, not for home.example.com', /certificate/]);
  check('ours, expired', door(certificate([NAME], -1)), shows(leaf()), {}, OPEN, ['failed', 'but its certificate ended on 2026-05-31', /renew/]);
  check('ours, to end in less than a fortnight', door(certificate([NAME], 13)), shows(leaf()), {}, OPEN, ['proven', 'by its certificate, which ends on 2026-06-14']);
  check('ours, to end in more', door(certificate([NAME], 15)), shows(leaf()), {}, OPEN, ['proven', /by its certificate$/]);
  check("a stranger's, with names that would move a cursor", door(certificate()), shows(leaf(['\x1b[2J\nok'], 60, 'b')), {}, OPEN, [
    'failed',
    /^another machine answers on port 443: its certificate for \?\[2J\?ok is not one that this machine shows$/,
    /./,
  ]);
  check('ours, with a wildcard, which the machine before may have as well', door(certificate(['*.example.com'])), shows(leaf()), {}, OPEN, [
    'proven',
    'by its certificate; it is for *.example.com, so that another machine may have it too',
  ]);
  check('ours, but the port leads to another machine, which may have the same', door(certificate()), shows(leaf()), { mappedTo: '192.168.1.20' }, OPEN, [
    'unknown',
    /by the router's own table the port leads to 192\.168\.1\.20, which may have the same$/,
    /--map 443/,
  ]);
  check('our page, whatever the table of the router says', door(PAGE), body(NONCE), { mappedTo: '192.168.1.20' }, OPEN, ['proven', /it is this machine/]);
  check('a page where we have a certificate: that was not looked at', door(certificate()), body('hello'), {}, OPEN, ['unknown', 'not known', /probe/]);
  check('a service that shows nothing', door(SERVICE), open(), {}, OPEN, ['unknown', 'shows nothing by which this machine could be told from another', /TLS/]);
  check('nothing listens here, and yet somebody answers', door(NOTHING), open(), {}, OPEN, ['failed', 'another machine answers on port 443: here nothing listens on port 8443', /router/]);
  check('another machine behind the same router: that it is open is all there is to prove', door(undefined, V6), open(), {}, ['proven', '2001:db8::7']);
});

describe('whom a certificate covers', () => {
  const yes: readonly (readonly [string, string])[] = [
    ['home.example.com', 'home.example.com'],
    ['*.example.com', 'home.example.com'],
    ['*.example.com', '*.example.com'],
  ];
  const no: readonly (readonly [string, string])[] = [
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.home.example.com'],
    ['*.com', 'home.example.com'],
    ['*', 'com'],
    ['home.example.com', '*.example.com'],
    ['*.home.example.com', '*.example.com'],
    ['example.com', 'home.example.com'],
    ['*.', 'home.example.com'],
  ];
  test.each(yes)('%s covers %s', (pattern, name) => expect(covers(pattern, name)).toBe(true));
  test.each(no)('%s does not cover %s', (pattern, name) => expect(covers(pattern, name)).toBe(false));
});

test('law: a machine is proven only by what it alone has; a port only by one outside; what is in doubt never blames anybody', () => {
  const sighting: fc.Arbitrary<Sighting> = fc.oneof(
    fc.constantFrom<Sighting>({ kind: 'closed', words: 'refused' }, { kind: 'unknown', words: 'blind' }, { kind: 'open' }),
    fc.record({ status: fc.constantFrom(200, 301, 404), text: fc.constantFrom(NONCE, 'other') }).map(({ status, text }): Sighting => ({ kind: 'open', seen: { kind: 'page', status, body: text } })),
    fc.constantFrom('a', 'b').map((print): Sighting => ({ kind: 'open', seen: { kind: 'certificate', ...leaf([NAME], 60, print) } })),
  );
  const visit: fc.Arbitrary<Visited> = fc.oneof(
    sighting.map((one) => saw(one)),
    fc.record({ kind: fc.constant('unasked' as const), fromHere: fc.boolean(), own: fc.boolean() }),
  );
  const face = fc.constantFrom<Face | undefined>(PAGE, SERVICE, NOTHING, certificate(), certificate(['other.test']), certificate([NAME], -1), undefined);
  const around: fc.Arbitrary<Surroundings> = fc.record(
    {
      otherFamilyOpen: fc.boolean(),
      line: fc.constant('CGNAT'),
      tunnel: fc.constant('wg0'),
      mappedTo: fc.constant('192.168.1.20'),
      mappedInside: fc.constant(8443),
      asked: fc.constantFrom('made' as const, { why: 'no' }),
      deaf: fc.constantFrom('this-family' as const, 'everybody' as const),
    },
    { requiredKeys: ['otherFamilyOpen'] },
  );
  fc.assert(
    fc.property(face, visit, around, fc.boolean(), (own, visited, surroundings, six) => {
      const [first, second, ...rest] = rungsOf(door(own, six ? V6 : {}), visited, surroundings, NOW);
      expect(rest).toEqual([]);
      const seen = visited.kind === 'seen' && visited.sighting.kind === 'open' ? visited.sighting.seen : undefined;
      expect(first?.state === 'proven').toBe(visited.kind === 'seen' && visited.sighting.kind === 'open');
      if (visited.kind === 'seen' && visited.sighting.kind === 'unknown') expect(first?.words).not.toMatch(/router|firewall|CGNAT/);
      expect(second === undefined).toBe(first?.state !== 'proven' || own === undefined);
      if (second?.state === 'proven')
        expect(
          (own?.kind === 'page' && seen?.kind === 'page' && seen.body === NONCE && seen.status === 200) ||
            (own?.kind === 'certificate' && seen?.kind === 'certificate' && seen.fingerprint256 === own.leaf.fingerprint256),
        ).toBe(true);
      for (const one of [first, second]) if (one !== undefined && one.state !== 'proven') expect(one.advice).toBeTruthy();
    }),
  );
});
