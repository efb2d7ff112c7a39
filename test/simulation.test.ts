/** Weeks of rounds on a simulated machine: wandering addresses, liars, providers in all weathers, jumping clocks, full disks, and kills at every step. */
import { beforeAll, expect, test } from 'vitest';
import type { Config } from '../src/config/config.ts';
import { type Family, type IpAddress, parseAddress } from '../src/core/address.ts';
import { Fault, HANDLING } from '../src/core/failure.ts';
import { fqdn } from '../src/core/name.ts';
import type { Target } from '../src/core/record.ts';
import { redactor } from '../src/core/secret.ts';
import { addressRecord, decodeMessage, encodeMessage, message } from '../src/core/wire.ts';
import type { DnsSource, HttpsSource } from '../src/detect/source.ts';
import { parseState } from '../src/parse-state.ts';
import { contract as cloudflare } from '../src/providers/cloudflare/contract.ts';
import { contract as http } from '../src/providers/http/contract.ts';
import { type Report, round } from '../src/round.ts';
import type { FakeRecord, FakeZone } from '../src/testing/contract.ts';
import { WEATHERS, type Weather } from '../src/testing/weather.ts';
import type { HttpReply, HttpRequest, Net, Network, World } from '../src/world/world.ts';
import { SEED } from './support/seed.ts';
import { begin, type Chance, chanceOf, type Life, mortal, simulatedDisk, simulatedProcesses, simulatedTime } from './support/simulated.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STATE = '/var/lib/ddns-update';

const SEEDS = Array.from({ length: 12 }, (_, at) => SEED + at);
const STEPS = 60;

const target = (name: string, family: Family, account: string, more: Partial<Target> = {}): Target => ({
  name: fqdn(name),
  type: family === 4 ? 'A' : 'AAAA',
  family,
  account,
  ttl: 'auto',
  sharing: 'auto',
  ...more,
});

const HOME = target('home.example.com', 4, 'readable');
const HOME6 = target('home.example.com', 6, 'readable', { ttl: 120 });
/** Shared with others, who publish an address of their own under the same name. */
const SHARED = target('pool.example.com', 4, 'readable', { sharing: 'own' });
const BLIND = target('nas.example.com', 4, 'blind');
const TARGETS = [HOME, HOME6, SHARED, BLIND];
const STRANGER = '93.184.215.14';

const dns = (id: string, last: number): DnsSource => ({
  kind: 'dns',
  id,
  operator: id,
  families: [4, 6],
  servers: [
    { host: `93.184.220.${last}`, port: 53, families: [4] },
    { host: `2a02:2e0:1::${last}`, port: 53, families: [6] },
  ],
  question: 'whoami.test',
  class: 'IN',
  type: 'address',
});
const https = (id: string): HttpsSource => ({
  kind: 'https',
  id,
  operator: id,
  families: [4, 6],
  urls: [{ url: `https://${id}.test/`, families: [4, 6] }],
  read: { kind: 'plain' },
  authenticated: true,
});
const SOURCES = [dns('one', 1), dns('two', 2), https('three'), https('four'), https('five')];

const config: Config = {
  path: undefined,
  digest: 'simulated',
  targets: TARGETS,
  accounts: {
    readable: { name: 'readable', provider: 'cloudflare', options: cloudflare.options },
    blind: { name: 'blind', provider: 'http', options: http.options },
  },
  detect: { sources: SOURCES, listed: true, quorum: 2, fullEveryMs: HOUR, policy: { allow: [], deny: [] }, given: new Map() },
  drift: 'restore',
  dns: { servers: [] },
  verify: undefined,
  stateFolder: STATE,
};

/** Loaded before time is simulated: reading modules takes real time. */
beforeAll(async () => {
  await Promise.all([
    import('../src/accounts.ts'),
    import('../src/apply.ts'),
    import('../src/config/identity.ts'),
    import('../src/detect/detect.ts'),
    import('../src/lock.ts'),
    import('../src/providers/cloudflare/provider.ts'),
    import('../src/providers/http/provider.ts'),
    import('../src/record.ts'),
    import('../src/survey.ts'),
    import('../src/verify/drift.ts'),
    import('../src/verify/verify.ts'),
    import('cloudflare'),
    import('conf'),
  ]);
});

/** A world in which everything can go wrong, and the means to let it. */
function simulate(chance: Chance) {
  const time = simulatedTime(Date.UTC(2026, 0, 5));
  const disk = simulatedDisk(time.now);
  const living = new Set<Life>();
  const processes = simulatedProcesses(living);
  const bystander = { name: 'www.example.com', type: 'A', value: '93.184.215.99', ttl: 300 };
  const zoneWith = (records: readonly Omit<FakeRecord, 'id'>[]): FakeZone => {
    let ids = 0;
    const nextId = (): string => (++ids).toString(16).padStart(32, '0');
    return { id: 'f'.repeat(32), name: 'example.com', records: records.map((record) => ({ ...record, id: nextId() })), nextId };
  };
  const zones = { readable: zoneWith([bystander, { name: SHARED.name, type: 'A', value: STRANGER, ttl: 300 }]), blind: zoneWith([]) };
  const apis = { readable: cloudflare.api?.(zones.readable, { pageSize: 100 }), blind: http.api?.(zones.blind, { pageSize: 100 }) };

  const scene = {
    truth: { 4: parseAddress('93.184.216.1') as IpAddress, 6: parseAddress('2a02:2e0:5::1') as IpAddress },
    /** They tell the same lie; enough honest ones are left to contradict two. */
    liars: new Set<string>(),
    dead: new Set<string>(),
    line: true,
    weather: undefined as Weather | undefined,
    /** How many requests pass before the weather strikes, and for how many it lasts. */
    strikes: { after: 0, lasts: 0 },
    network: { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0' } as Network | undefined,
    /** Request before or after which the process is killed. */
    killAtRequest: undefined as { left: number; readonly when: 'before' | 'after' } | undefined,
    requests: 0,
    /** Requests that ask for a change. */
    mutations: 0,
  };

  const unreachable = (): Fault => new Fault({ kind: 'network', phase: 'connect', detail: 'no route to host', code: 'ENETUNREACH' });
  const told = (operator: string, family: Family): IpAddress => {
    if (!scene.line || scene.dead.has(operator)) throw unreachable();
    return scene.liars.has(operator) ? (parseAddress(family === 4 ? '93.184.216.250' : '2a02:2e0:5::250') as IpAddress) : scene.truth[family];
  };

  function netOf(life: Life): Net {
    const net: Net = {
      datagram: async (peer, payload, accept) => {
        const source = SOURCES.find((one) => one.kind === 'dns' && one.servers.some(({ host }) => host === peer.address));
        const query = decodeMessage(payload);
        const [question] = query?.questions ?? [];
        if (source === undefined || query === undefined || question === undefined) throw unreachable();
        const address = told(source.operator, peer.address.includes(':') ? 6 : 4);
        const reply = encodeMessage(message({ id: query.id, response: true, questions: [question], answers: [addressRecord(question.name, address, 0)] }));
        if (!accept(reply)) throw new Fault({ kind: 'network', phase: 'reply', detail: 'no reply that fits' });
        return reply;
      },
      echo: async ({ url, family }) => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: `${told(new URL(url).hostname.replace('.test', ''), family)}\n` }),
      stream: () => Promise.reject(unreachable()),
      http: (request) => provider(request, life),
      lookup: () => Promise.reject(unreachable()),
      interfaces: () => [],
      network: async () => scene.network,
      close: async () => {},
    };
    return mortal(net, life);
  }

  async function provider(request: HttpRequest, life: Life): Promise<HttpReply> {
    const api = request.url.includes('ddns.example.net') ? apis.blind : apis.readable;
    scene.requests++;
    if (request.method !== 'GET') scene.mutations++;
    if (!scene.line) throw unreachable();
    const struck = scene.killAtRequest !== undefined && scene.killAtRequest.left-- <= 0 ? scene.killAtRequest.when : undefined;
    if (struck !== undefined) scene.killAtRequest = undefined;
    if (struck === 'before') life.kill();
    const deliver = async (): Promise<HttpReply> => api?.(request) as HttpReply;
    if (struck === 'before') return deliver().then(() => Promise.reject(unreachable()));
    const { weather, strikes } = scene;
    if (weather !== undefined && strikes.after-- <= 0 && strikes.lasts-- > 0) {
      return weather.strike({ request, deliver, wait: time.advance, abort: () => {}, secrets: [] });
    }
    const reply = await deliver();
    if (struck === 'after') life.kill();
    return reply;
  }

  /** One process that makes one round; undefined: it was killed. */
  async function run(): Promise<Report | undefined> {
    const life = begin();
    living.add(life);
    const secrets = redactor();
    const world: World = { clock: time.clock(life), net: netOf(life), files: disk.files(life), processes: processes(life), env: {}, random: chance.random, redactor: secrets, trace: () => {} };
    const request = { dry: false, force: false, names: [], signal: new AbortController().signal, validate: async () => [] };
    try {
      return await Promise.race([round(config, world, request), life.died.then(() => undefined)]);
    } finally {
      life.dead = true;
      living.delete(life);
    }
  }

  const valuesOf = ({ account, name, type }: Target): readonly string[] =>
    zones[account as 'readable'].records.filter((record) => record.name === name && record.type === type).map(({ value }) => parseAddress(value) ?? value);

  return {
    time,
    disk,
    scene,
    run: (together = 1) => time.until(Promise.all(Array.from({ length: together }, run))),
    valuesOf,
    bystanderIsWell: () => zones.readable.records.filter(({ name }) => name === bystander.name).length === 1,
  };
}
type Simulation = ReturnType<typeof simulate>;

const PASSING = WEATHERS.filter(({ title, kinds }) => title !== 'aborted' && kinds.every((kind) => HANDLING[kind].retry !== 'changed'));

/** What may be under a name of ours: only what is true now, or was there before the round. */
function snapshot({ valuesOf }: Simulation): ReadonlyMap<Target, readonly string[]> {
  return new Map(TARGETS.map((one) => [one, valuesOf(one)]));
}

function assertNoLie(simulation: Simulation, before: ReadonlyMap<Target, readonly string[]>): void {
  for (const [one, values] of snapshot(simulation)) {
    for (const value of values) expect([...(before.get(one) ?? []), simulation.scene.truth[one.family]]).toContain(value);
    if (one !== SHARED) expect(values.length).toBeLessThanOrEqual(1);
  }
  expect(simulation.valuesOf(SHARED)).toContain(STRANGER);
  expect(simulation.bystanderIsWell()).toBe(true);
}

function assertStateParses({ disk }: Simulation): void {
  const text = disk.read(`${STATE}/state.json`);
  if (text !== undefined) expect(parseState(text)).toBeTypeOf('object');
  expect(disk.paths().filter((path) => path.includes('unusable'))).toEqual([]);
}

function assertAllTrue({ valuesOf, scene }: Simulation): void {
  for (const one of TARGETS) expect([one.name, one.type, ...valuesOf(one)].sort()).toEqual([one.name, one.type, scene.truth[one.family], ...(one === SHARED ? [STRANGER] : [])].sort());
}

/** Something happens, most of it bad. */
function upset({ scene, time, disk }: Simulation, { chance, below, pick }: Chance): void {
  if (chance(0.3)) scene.truth[4] = parseAddress(`93.184.216.${1 + below(5)}`) as IpAddress;
  if (chance(0.2)) scene.truth[6] = parseAddress(`2a02:2e0:5::${1 + below(5)}`) as IpAddress;
  if (chance(0.2))
    scene.network = pick([undefined, { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0' }, { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:02', interface: 'eth0' }]);
  scene.liars = new Set(chance(0.3) ? [pick(SOURCES).operator, pick(SOURCES).operator] : []);
  scene.dead = new Set(chance(0.3) ? [pick(SOURCES).operator, ...(scene.liars.size > 1 ? [] : [pick(SOURCES).operator])] : []);
  scene.line = !chance(0.1);
  scene.weather = chance(0.4) ? pick(PASSING) : undefined;
  scene.strikes = { after: below(4), lasts: 1 + below(6) };
  scene.killAtRequest = chance(0.15) ? { left: below(6), when: pick(['before', 'after']) } : undefined;
  disk.calm();
  if (chance(0.3)) disk.killAt(below(8), pick(['before', 'after']));
  else if (chance(0.1)) disk.fail(pick(['full', 'read-only']));
  if (chance(0.05)) time.jump(pick([-400 * DAY, -2 * HOUR, 2 * HOUR, 400 * DAY]));
  time.advance(chance(0.2) ? below(30) * HOUR : 5 * MINUTE);
}

function calm({ scene, time, disk }: Simulation): void {
  Object.assign(scene, { liars: new Set(), dead: new Set(), line: true, weather: undefined, killAtRequest: undefined });
  disk.calm();
  // Every pause that passes by itself is over.
  time.advance(25 * HOUR);
}

test.each(SEEDS)('seed %i: no lie, no loss, no duplicate, no wedge', async (seed) => {
  const chance = chanceOf(seed);
  const simulation = simulate(chance);
  const { disk, scene, run } = simulation;
  for (let step = 0; step < STEPS; step++) {
    upset(simulation, chance);
    const before = snapshot(simulation);
    const reports = await run(chance.chance(0.15) ? 2 : 1);
    assertNoLie(simulation, before);
    assertStateParses(simulation);
    for (const report of reports) {
      expect(report?.failures.filter(({ kind }) => kind === 'defect') ?? []).toEqual([]);
      // Nobody else changes anything here: success is the truth about the records.
      if (report?.exit === 0 && reports.length === 1) assertAllTrue(simulation);
    }
    if (!chance.chance(0.2)) continue;

    calm(simulation);
    const [healed] = await run();
    expect({ exit: healed?.exit, failures: healed?.failures }).toEqual({ exit: 0, failures: [] });
    assertAllTrue(simulation);
    const [requests, changes] = [scene.requests, disk.changes()];
    await run();
    expect([scene.requests, disk.changes()]).toEqual([requests, changes]);
  }
});

test.each(PASSING.map(({ title }) => title))('trouble that lasts a day costs few questions: %s', async (title) => {
  const simulation = simulate(chanceOf(1));
  const { scene, time, run } = simulation;
  scene.weather = WEATHERS.find((weather) => weather.title === title);
  scene.strikes = { after: 0, lasts: Number.POSITIVE_INFINITY };
  for (let minutes = 0; minutes < 24 * 60; minutes += 5) {
    await run();
    time.advance(5 * MINUTE);
  }
  // An hour apart, but for the first few, and a few requests for each of two accounts; a provider that names a shorter time is asked as it wishes.
  expect(scene.requests).toBeLessThan(title.includes('Retry-After') ? 24 * 12 * 4 + 1 : 24 * 12);
  expect(scene.requests).toBeGreaterThan(0);
});

test('a provider that says stop is not asked again, until its account is another', async () => {
  const simulation = simulate(chanceOf(1));
  const { scene, time, run } = simulation;
  scene.weather = WEATHERS.find(({ title }) => title === '401');
  scene.strikes = { after: 0, lasts: Number.POSITIVE_INFINITY };
  const [first] = await run();
  expect(first?.exit).toBe(HANDLING.auth.exit);
  const asked = scene.requests;
  for (let hour = 0; hour < 48; hour++) {
    time.advance(HOUR);
    scene.truth[4] = parseAddress(`93.184.216.${1 + (hour % 5)}`) as IpAddress;
    const [report] = await run();
    expect([report?.exit, scene.requests]).toEqual([HANDLING.auth.exit, asked]);
  }
});

test('carried to another network, it does not wait for what failed in the old one', async () => {
  const simulation = simulate(chanceOf(1));
  const { scene, time, run } = simulation;
  scene.weather = WEATHERS.find(({ title }) => title === '500');
  scene.strikes = { after: 0, lasts: Number.POSITIVE_INFINITY };
  for (let times = 0; times < 12; times++) {
    await run();
    time.advance(HOUR);
  }
  await run();
  scene.weather = undefined;
  const [waiting] = await run();
  expect(waiting?.exit).toBe(HANDLING.unavailable.exit);
  scene.network = { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:02', interface: 'eth0' };
  scene.truth[4] = parseAddress('93.184.216.5') as IpAddress;
  const [moved] = await run();
  expect(moved?.exit).toBe(0);
  assertAllTrue(simulation);
});

test('what the config no longer names is forgotten when the state is written next, three months later', async () => {
  const simulation = simulate(chanceOf(1));
  const { disk, time, scene, run } = simulation;
  await run();
  const keys = (): readonly string[] => Object.keys(JSON.parse(disk.read(`${STATE}/state.json`) ?? '{}').targets);
  const state = JSON.parse(disk.read(`${STATE}/state.json`) ?? '{}');
  const old = Object.values(state.targets)[0];
  disk.put(`${STATE}/state.json`, JSON.stringify({ ...state, targets: { ...state.targets, 'gone * old.example.com A': old } }));
  scene.truth[4] = parseAddress('93.184.216.3') as IpAddress;
  time.advance(80 * DAY);
  await run();
  expect(keys()).toHaveLength(TARGETS.length + 1);
  scene.truth[4] = parseAddress('93.184.216.4') as IpAddress;
  time.advance(11 * DAY);
  await run();
  expect(keys()).toHaveLength(TARGETS.length);
});
