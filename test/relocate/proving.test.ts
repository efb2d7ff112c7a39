/** Which ports are looked at, and what is known of them from what we mapped earlier: on this router, and not lapsed. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { Fault } from '../../src/core/failure.ts';
import type { Mapping } from '../../src/core/mapping.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import { redactor } from '../../src/core/secret.ts';
import { type ChangeMemory, NOTHING } from '../../src/recall.ts';
import { beforeIn, describeProbe, proveOutcomes } from '../../src/relocate/proving.ts';
import type { World } from '../../src/world/world.ts';
import { address } from '../support/address.ts';

const NOW = 1_700_000_000_000;
const PUBLIC = address('198.51.100.7');
const target: Target = { name: fqdn('box.example.com'), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto' };
const desired = recordSet(target, [PUBLIC]);
/** Behind a proxy, so that no name server is asked. */
const outcome: Outcome = { step: { kind: 'create', decision: { target, kind: 'set', desired, why: 'moved' }, after: desired }, kind: 'changed', verified: 'provider', proxied: true };
const ROUTER = { gateway: '10.0.0.1', gatewayMac: '02:00:00:00:00:01' };
const mapping = (more: Partial<Mapping> = {}): Mapping => ({
  protocol: 'tcp',
  external: 443,
  internal: 8443,
  by: 'pcp',
  router: ROUTER,
  client: '10.0.0.5',
  from: NOW - 1000,
  until: NOW + 3_600_000,
  nonce: '00'.repeat(12),
  description: 'ddns-update box',
  ...more,
});

/** Something that shows no certificate listens on 8443. A probe-server on loopback says that the port is closed. */
async function proven(mappings: Readonly<Record<string, Mapping>>, url = 'http://127.0.0.1:9/') {
  const knocked: number[] = [];
  const secrets = redactor();
  const refused = new Fault({ kind: 'network', phase: 'connect', detail: 'refused' });
  const net: Partial<World['net']> = {
    interfaces: () => [{ interface: 'eth0', address: address('10.0.0.5'), bits: 24, internal: false, mac: '02:00:00:00:00:05' }],
    departure: async () => 'eth0',
    network: async () => ({ ...ROUTER, interface: 'eth0' }),
    datagram: async () => Promise.reject(refused),
    stream: async () => Promise.reject(refused),
    knock: async ({ port }) => {
      knocked.push(port);
      if (port !== 8443) throw refused;
    },
    serve: async () => Promise.reject(refused),
    echo: async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ version: 1, address: PUBLIC, port: 443, open: false, why: 'no answer in time' }) }),
  };
  const state = JSON.stringify({ ...NOTHING, mappings });
  const files = { stat: () => ({ mode: 0o100600, size: state.length, modifiedAt: 0, othersMayRead: false }), read: () => state };
  const world = {
    net,
    files,
    clock: { now: () => NOW, elapsed: () => 0, sleep: () => new Promise((resolve) => setTimeout(resolve, 1)) },
    random: () => 0.5,
    redactor: secrets,
    env: {},
    processes: {},
  } as unknown as World;
  const config = {
    stateFolder: '/state',
    detect: { policy: { allow: [], deny: [] } },
    verify: { resolvers: [], ports: [443], probe: { url, insecure: false } },
  } as unknown as Config;
  const climbs = await proveOutcomes(config, [outcome], { more: [], patienceMs: 1000, waiting: 'for-nobody', again: 'never', signal: new AbortController().signal }, world);
  const port = climbs[0]?.rungs.find(({ rung }) => rung === 'port');
  return { words: port?.words ?? '', knocked, config, redact: secrets.redact };
}
const MADE = /although the router was asked to let it in and says that it does/;

describe('a port that we mapped earlier', () => {
  test('is looked for where it leads to, and the router is not blamed', async () => {
    const { words, knocked } = await proven({ '443/tcp': mapping() });
    expect(words).toMatch(MADE);
    expect(new Set(knocked)).toEqual(new Set([8443]));
  });
  test.each([
    ['lapsed', { until: NOW - 1 }],
    ['on another router', { router: { gateway: '10.0.0.1', gatewayMac: '02:00:00:00:00:99' } }],
    ['that was asked for and never confirmed', { by: undefined }],
  ])('%s: is not there', async (_, more) => {
    const { by, ...rest } = mapping();
    const { words, knocked } = await proven({ '443/tcp': 'by' in more ? rest : { ...rest, ...(by === undefined ? {} : { by }), ...more } });
    expect(words).not.toMatch(MADE);
    expect(knocked).toContain(443);
  });
});

describe('what others may still remember', () => {
  const change = (at: number, from: readonly string[], to: string, ttl?: number): ChangeMemory => {
    const { name, type, account } = target;
    return { at, name, type, account, before: from, after: [to], why: 'moved', ...(ttl === undefined ? {} : { ttl }) };
  };
  const [HOME, GARAGE, OFFICE] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
  const told = (...changes: readonly ChangeMemory[]) => beforeIn(changes, target);
  test('is what was there before the last change', () => expect(told(change(1000, [HOME], GARAGE, 60))).toEqual({ ttl: 60, at: 1000 }));
  test('or longer before, where that was kept for longer', () => expect(told(change(1000, [HOME], GARAGE, 3600), change(61_000, [GARAGE], OFFICE, 60))).toEqual({ ttl: 3600, at: 1000 }));
  test('is not what is there again', () => expect(told(change(1000, [HOME], GARAGE, 3600), change(61_000, [GARAGE], HOME, 60))).toEqual({ ttl: 60, at: 61_000 }));
  test('is nothing where nothing was there, or only the TTL was another, or it is not known, or another name', () => {
    expect(told(change(1000, [], HOME, 3600))).toBeUndefined();
    expect(told(change(1000, [HOME], HOME, 3600))).toBeUndefined();
    expect(told(change(1000, [HOME], GARAGE))).toBeUndefined();
    expect(told({ ...change(1000, [HOME], GARAGE, 60), name: 'nas.example.com' })).toBeUndefined();
    expect(told()).toBeUndefined();
  });
  test('for as long as its name servers tell now, where nobody knows how long it was', () => {
    expect(beforeIn([change(1000, [HOME], GARAGE)], target, 300)).toEqual({ ttl: 300, at: 1000 });
    expect(beforeIn([change(1000, [HOME], GARAGE, 60)], target, 300)).toEqual({ ttl: 60, at: 1000 });
  });
});

test('the probe is named only where there is a port to look at', async () => {
  const { config } = await proven({});
  expect(await describeProbe(config, [])).toBe('your own probe-server at 127.0.0.1:9 is asked to look from outside; it learns the name, the address and the port');
  const none = { ...config, verify: { resolvers: [], ports: [], probe: { url: 'http://127.0.0.1:9/', insecure: false } } } as unknown as Config;
  expect(await describeProbe(none, [])).toBeUndefined();
  expect(await describeProbe(none, [{ protocol: 'udp', external: 443, internal: 443 }])).toBeUndefined();
  expect(await describeProbe(none, [{ protocol: 'tcp', external: 443, internal: 443 }])).toMatch(/^your own probe-server/);
});

test('a password in the URL of a probe-server is known as a secret before it is asked', async () => {
  const url = 'http://127.0.0.1:9/probe/0a1b2c3d4e5f6a7b8c9d/?key=geheim-1234&v=2';
  const { redact } = await proven({}, url);
  expect(redact(`GET ${url}&port=443 over IPv4 -> 200`)).toBe('GET http://127.0.0.1:9/probe/***/?key=***&v=2&port=443 over IPv4 -> 200');
});
