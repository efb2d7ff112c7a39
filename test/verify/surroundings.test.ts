/** What a router's own outer address proves for whoever comes from the internet, and what is known where there is no router. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Ballot, BallotFailure } from '../../src/core/ballot.ts';
import { askSurroundings, lineTrouble } from '../../src/verify/surroundings.ts';
import { routerWorld } from '../servers/router-world.ts';
import { line, upnpRouter } from '../servers/upnp-router.ts';
import { realWorld } from '../servers/world.ts';
import { address } from '../support/address.ts';
import { ONCE_MORE } from '../support/once-more.ts';

const PUBLIC = address('198.51.100.7');
const WITNESS = { source: 'the router', operator: 'router', transport: 'router', ms: 1 } as const;
const says = (text: string): Ballot => ({ ...WITNESS, kind: 'address', address: address(text) }) as Ballot;
const fails = (failure: BallotFailure): Ballot => ({ ...WITNESS, kind: 'failed', failure }) as Ballot;

describe('nobody gets through', () => {
  test.each<[string, Ballot, string | RegExp]>([
    [
      'carrier-grade NAT',
      fails({ kind: 'special', range: 'cgnat', told: address('100.64.0.9'), detail: 'has 100.64.0.9' }),
      /^the router has 100\.64\.0\.9 on its outer side, .*\(carrier-grade NAT\)$/,
    ],
    ['an address that is not the one the world sees', says('203.0.113.9'), /^the router's own address is 203\.0\.113\.9, not 198\.51\.100\.7: /],
    ['a line that is down', fails({ kind: 'down', detail: 'says that its line is down' }), 'the router says that its line is down'],
  ])('%s', (_, ballot, words) => expect(lineTrouble(ballot, PUBLIC)).toMatch(words));
});

describe('nothing is proven', () => {
  test.each<[string, Ballot]>([
    ['the very address', says('198.51.100.7')],
    ['another router in front, which may pass on what comes', fails({ kind: 'special', range: 'private', told: address('192.168.178.20'), detail: 'has a private address' })],
    ['no answer', fails({ kind: 'timeout', detail: 'does not answer' })],
    ['nonsense', fails({ kind: 'nonsense', detail: 'talks nonsense' })],
  ])('%s', (_, ballot) => expect(lineTrouble(ballot, PUBLIC)).toBeUndefined());
  test('an address, where none was published', () => expect(lineTrouble(says('203.0.113.9'), undefined)).toBeUndefined());
});

const policy = { allow: [], deny: [] };
test.each([
  ['there is no router', async () => realWorld()],
  ['the router answers nothing', () => routerWorld({})],
])('%s: no news, and no error', async (_, open) => {
  const words = await askSurroundings(PUBLIC, [80, 443], policy, await open(), new AbortController().signal);
  expect([words.line, words.behind, words.mappedTo(443), words.leadsHere(443)]).toEqual([undefined, undefined, undefined, false]);
});
test('time is up: it ends at once', ONCE_MORE, async () => {
  const from = performance.now();
  const words = await askSurroundings(PUBLIC, [443], policy, await routerWorld({}), AbortSignal.abort());
  expect(words.line).toBeUndefined();
  expect(performance.now() - from).toBeLessThan(2000);
});

describe('whom the table of the router names', () => {
  const table = async (client: string, internal: string, own?: string) => {
    const internet = line('198.51.100.7');
    const entry = { NewInternalPort: internal, NewInternalClient: client, NewEnabled: '1', NewPortMappingDescription: 'web', NewLeaseDuration: '0' };
    const router = await upnpRouter({ lines: [{ ...internet, says: { ...internet.says, GetSpecificPortMappingEntry: entry } }] });
    onTestFinished(() => router.close());
    const world = await routerWorld({ upnp: router });
    const second = own === undefined ? [] : [{ interface: 'wlan0', address: address(own), bits: 8, internal: false, mac: '' }];
    const net = { ...world.net, interfaces: () => [...world.net.interfaces(), ...second] };
    const { mappedTo, mappedInside, leadsHere } = await askSurroundings(PUBLIC, [443], policy, { ...world, net }, new AbortController().signal);
    return [mappedTo(443), mappedInside(443), leadsHere(443)];
  };
  test('another machine', async () => expect(await table('127.0.0.9', '443')).toEqual(['127.0.0.9:443 ("web")', undefined, false]));
  test('this one', async () => expect(await table('127.0.0.1', '443')).toEqual([undefined, undefined, true]));
  test('this one by another of its addresses', async () => expect(await table('127.0.0.8', '443', '127.0.0.8')).toEqual([undefined, undefined, true]));
  test('this one by another of its addresses, at another port', async () => expect(await table('127.0.0.8', '8443', '127.0.0.8')).toEqual([undefined, 8443, false]));
  test('this one at another port, which is no other machine', async () => expect(await table('127.0.0.1', '8443')).toEqual([undefined, 8443, false]));
});

describe('where IPv4 leads', () => {
  const through = async (interface_: string, own: string) => {
    const world = await routerWorld({});
    const net = { ...world.net, departure: async () => interface_, interfaces: () => [{ interface: interface_, address: address(own), bits: 24, internal: false, mac: '' }] };
    return (await askSurroundings(PUBLIC, [], policy, { ...world, net }, new AbortController().signal)).tunnel;
  };
  test('into a VPN: its exit is not this line', async () => expect(await through('wg0', '10.9.0.2')).toBe('wg0'));
  test('into a VPN that gives this machine the address itself', async () => expect(await through('wg0', PUBLIC)).toBeUndefined());
  test('to the router', async () => expect(await through('eth0', '192.168.1.10')).toBeUndefined());
});
