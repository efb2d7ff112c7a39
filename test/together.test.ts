/** A provider that forgets one address of a name when the other is sent alone, through whole rounds over a real connection. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load.ts';
import { redactor } from '../src/core/secret.ts';
import { type Report, round } from '../src/round.ts';
import { openWorld } from '../src/world/index.ts';
import { type Dyndns2Server, startDyndns2 } from './servers/dyndns2.ts';
import { temporaryFolder } from './support/folder.ts';

let server: Dyndns2Server;
beforeAll(async () => {
  server = await startDyndns2();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.answer({ body: 'good' });
});

const [OLD, NEW, SIX] = ['203.0.113.9', '198.51.100.77', '2001:db8::7'] as const;

/** A box that reads in two files where it is; a family whose file is not there is not observed. */
function box(families: readonly number[], provider = 'inwx-dyndns') {
  const folder = temporaryFolder();
  const real = openWorld({ servers: [], env: {}, redactor: redactor() });
  // Nowhere in particular, so that no round waits for a new network to settle.
  const world = { ...real, net: { ...real.net, network: async () => undefined } };
  const config = {
    records: [{ name: 'home.example.com', families }],
    accounts: { mine: { provider, endpoint: server.endpoint, username: 'user', password: 'secret' } },
    detect: {
      sources: ([4, 6] as const).map((family) => ({ file: `${folder}/ip${family}`, family })),
      quorum: 1,
      allow: ['203.0.113.0/24', '198.51.100.0/24', '2001:db8::/32'],
      fullEvery: '1s',
      drift: 'off',
    },
  };
  world.files.write(`${folder}/config.json`, JSON.stringify(config), { mode: 0o600 });
  const load = () => loadConfig({ config: `${folder}/config.json`, state: `${folder}/state`, names: [], options: [], ip: [] }, world, 'all');
  return {
    load,
    async at(...addresses: readonly string[]): Promise<Report> {
      for (const family of [4, 6]) {
        const address = addresses.find((one) => one.includes(':') === (family === 6));
        if (address === undefined) world.files.remove(`${folder}/ip${family}`);
        else world.files.write(`${folder}/ip${family}`, address, { mode: 0o600 });
      }
      const loaded = await load();
      if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded));
      const report = await round(loaded.config, world, { dry: false, force: false, names: [], signal: new AbortController().signal, validate: async () => loaded.problems });
      await world.net.close();
      return report;
    },
  };
}
const sent = (): readonly string[] => server.requests.map(({ url }) => url.search);

test('IPv4 moves and IPv6 stays: both are sent in one call', async () => {
  const here = box([4, 6]);
  expect((await here.at(OLD, SIX)).exit).toBe(0);
  expect((await here.at(NEW, SIX)).exit).toBe(0);
  expect(sent()).toEqual([`?myip=${OLD}&myipv6=${SIX}`, `?myip=${NEW}&myipv6=${SIX}`]);
  expect((await here.at(NEW, SIX)).exit).toBe(0);
  expect(server.requests).toHaveLength(2);
});

test('IPv6 is not found after the move: what was published of it stays', async () => {
  const here = box([4, 6]);
  await here.at(OLD, SIX);
  const { outcomes } = await here.at(NEW);
  expect(sent().at(-1)).toBe(`?myip=${NEW}&myipv6=${SIX}`);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['changed', 'changed']);
});

test('IPv6 is configured, not found and not remembered: nothing is sent, and it is said for what IPv4 waits', async () => {
  const { exit, outcomes } = await box([4, 6]).at(NEW);
  expect(server.requests).toEqual([]);
  expect(exit).toBe(69);
  expect(outcomes[0]?.step.decision).toMatchObject({ kind: 'keep', why: 'unobserved', failure: { detail: expect.stringContaining('erases the IPv6 address') } });
});

test('where it is only not known, IPv4 does not wait, and takes along what is known', async () => {
  const here = box([4, 6], 'all-inkl-dyndns');
  expect((await here.at(OLD)).exit).toBe(69);
  await here.at(OLD, SIX);
  await here.at(NEW);
  expect(sent()).toEqual([`?myip=${OLD}`, `?myip=${OLD}&myip6=${SIX}`, `?myip=${NEW}&myip6=${SIX}`]);
});

test('a service that keeps the other family gets one alone', async () => {
  const here = box([4, 6], 'strato');
  await here.at(OLD, SIX);
  await here.at(NEW, SIX);
  expect(sent().at(-1)).toBe(`?hostname=home.example.com&myip=${NEW}`);
  expect(server.requests).toHaveLength(3);
});

test('check says what one family alone would do', async () => {
  const only4 = await box([4]).load();
  expect(only4.problems.filter(({ message }) => message.includes('forgets the IPv6 address'))).toMatchObject([{ severity: 'warning' }]);
  const only6 = await box([6]).load();
  expect(only6.problems.filter(({ severity }) => severity === 'error')).toMatchObject([{ message: expect.stringContaining('only together with an IPv4 address') }]);
  expect((await box([4], 'strato').load()).problems.some(({ message }) => message.includes('forgets'))).toBe(false);
});
