/** `prepare` where a zone has several name servers: one that is behind is named, and nothing is called cheap before it has let go of the old TTL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServedZone } from '../servers/zones.ts';
import { type NameNetwork, nameNetwork, place } from './name-network.ts';

const AT = { above: '198.51.100.53', primary: '198.51.100.1', secondary: '198.51.100.2', stale: '198.51.100.3' } as const;
const HERE = '8.8.8.1';
const HOUR = 3_600_000;
type Server = keyof typeof AT;
const glue = (zone: string, servers: readonly Server[]): string => servers.map((server) => `${server}.${zone}. IN A ${AT[server]}\n`).join('');
const delegation = (zone: string, servers: readonly Server[]): string => `${servers.map((server) => `${zone}. IN NS ${server}.${zone}.\n`).join('')}${glue(zone, servers)}`;

let names: NameNetwork;
beforeAll(async () => {
  names = await nameNetwork(Object.values(AT));
  const servers = { 'home.example': ['primary', 'secondary'], 'late.example': ['primary', 'stale'] } as const;
  const zone = (name: keyof typeof servers): ServedZone => ({
    name,
    servers: servers[name].map((server) => `${server}.${name}`),
    records: `${glue(name, servers[name])}box 3600 IN A ${HERE}\n`,
    notify: [place(AT.secondary)],
  });
  const delegations = Object.entries(servers).map(([name, some]) => delegation(name, some));
  await names.serve(
    AT.above,
    [
      { name: '.', servers: ['above.example'], records: delegation('example', ['above']) },
      { name: 'example', servers: ['above.example'], records: `above IN A ${AT.above}\n${delegations.join('')}` },
    ],
    'above.example',
  );
  await names.serve(AT.primary, [zone('home.example'), zone('late.example')], 'box.home.example');
  await names.serve(AT.secondary, [{ name: 'home.example', from: place(AT.primary) }], 'box.home.example');
  await names.serve(AT.stale, [zone('late.example')], 'box.late.example');
  await names.resolve('127.0.0.1', AT.above, 'box.home.example');
});
afterAll(() => names.close());

type Report = { readonly exit: number; readonly names: readonly { readonly outcome: string; readonly was: number; readonly to: number; readonly cheapFrom: string }[] };
const prepare = (zone: string) =>
  names.run<Report>('prepare', { records: [{ name: `box.${zone}`, account: 'bind' }], accounts: { bind: { provider: 'rfc2136', server: AT.primary, zone } }, dns: { servers: ['127.0.0.1'] } }, HERE);

test('all have it within a second or two: the hour counts from then', async () => {
  const begun = Date.now();
  const { report, stderr, seconds } = await prepare('home.example');
  expect({ exit: report.exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(report.names).toMatchObject([{ outcome: 'lowered', was: 3600, to: 60 }]);
  expect(Date.parse(report.names[0]?.cheapFrom ?? '')).toBeGreaterThanOrEqual(begun + HOUR);
  expect(seconds).toBeLessThan(9);
});

test('one is behind: it is waited for a while, and the hour counts from when it was last seen so', async () => {
  const { report, seconds } = await prepare('late.example');
  const ended = Date.now();
  expect(report).toMatchObject({ exit: 0, names: [{ outcome: 'lowered', was: 3600, to: 60 }] });
  expect(seconds).toBeGreaterThan(9);
  expect(seconds).toBeLessThan(20);
  const cheap = Date.parse(report.names[0]?.cheapFrom ?? '');
  expect(cheap).toBeGreaterThan(ended + HOUR - 5000);
  expect(cheap).toBeLessThanOrEqual(ended + HOUR);
});
