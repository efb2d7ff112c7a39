/** Records that somebody else changes, as the program finds them at the next full ballot: in a network of its own, with BIND as the name servers and the provider. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ServedZone } from '../servers/zones.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { program } from '../support/program.ts';
import { type NameNetwork, nameNetwork, place } from './name-network.ts';

const AT = { above: '198.51.100.53', primary: '198.51.100.1', secondary: '198.51.100.2', stale: '198.51.100.3', nobody: '198.51.100.4', elsewhere: '198.51.100.5' } as const;
const [OURS, THEIRS, SIBLING, FORMERLY] = ['8.8.8.1', '8.8.8.66', '8.8.8.77', '8.8.8.9'] as const;
type Server = keyof typeof AT;
const glue = (zone: string, servers: readonly Server[]): string => servers.map((server) => `${server}.${zone}. IN A ${AT[server]}\n`).join('');
const delegation = (zone: string, servers: readonly Server[]): string => `${servers.map((server) => `${zone}. IN NS ${server}.${zone}.\n`).join('')}${glue(zone, servers)}`;
const zoneOf = (zone: string, servers: readonly Server[], records: string): ServedZone => ({
  name: zone,
  servers: servers.map((server) => `${server}.${zone}`),
  records: `${glue(zone, servers)}${records}`,
  notify: [place(AT.secondary)],
});

let names: NameNetwork;

beforeAll(async () => {
  names = await nameNetwork(Object.values(AT).filter((address) => address !== AT.nobody));
  const good: readonly Server[] = ['primary', 'secondary'];
  const zones = {
    /** Both servers are good. */
    home: zoneOf('home.example', good, `ready IN A ${OURS}\n`),
    /** `stale` never hears of a change. */
    late: zoneOf('late.example', ['primary', 'stale'], `box 60 IN A ${FORMERLY}\n`),
    /** The zone above leads to a server that nobody runs. */
    dead: zoneOf('dead.example', ['primary'], ''),
    /** The zone above leads to somebody else's server. */
    stolen: zoneOf('stolen.example', ['primary'], ''),
  };
  await names.serve(
    AT.above,
    [
      { name: '.', servers: ['above.example'], records: delegation('example', ['above']) },
      {
        name: 'example',
        servers: ['above.example'],
        records: `above IN A ${AT.above}\n${delegation('home.example', good)}${delegation('late.example', ['primary', 'stale'])}${delegation('dead.example', ['nobody'])}${delegation('stolen.example', ['elsewhere'])}`,
      },
    ],
    'above.example',
  );
  await names.serve(AT.primary, Object.values(zones), 'ready.home.example');
  await names.serve(AT.secondary, [{ name: 'home.example', from: place(AT.primary) }], 'ready.home.example');
  await names.serve(AT.stale, [zones.late], 'box.late.example');
  await names.serve(AT.elsewhere, [zoneOf('stolen.example', ['elsewhere'], `box 60 IN A ${THEIRS}\n`)], 'box.stolen.example');
  await names.resolve('127.0.0.1', AT.above, 'ready.home.example');
});
afterAll(() => names.close());

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(names.folder, 'home-'));
});

type Outcome = {
  readonly decision: { readonly kind: string; readonly why: string };
  readonly step: { readonly kind: string };
  readonly outcome: string;
  readonly failure?: { readonly kind: string; readonly detail: string };
};
type Parts = { readonly drift?: string; readonly sharing?: string; readonly families?: readonly number[]; readonly flags?: readonly string[]; readonly resolver?: string };
const DRY = ['plan'] as const;

const arguments_ = (flags: readonly string[]): readonly string[] => [process.execPath, program, ...flags, '--ip', OURS, '--config', join(home, 'config.json'), '--state', join(home, 'state')];

/** One round with a full ballot: an address that is given is one. */
async function round(name: string, { drift, flags = [], resolver = '127.0.0.1', ...record }: Parts = {}) {
  const zone = name.split('.').slice(-2).join('.');
  const config = {
    records: [{ name, ttl: 60, ...record }],
    accounts: { own: { provider: 'rfc2136', server: AT.primary, zone } },
    dns: { servers: [resolver] },
    ...(drift === undefined ? {} : { drift }),
  };
  writeFileSync(join(home, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  const from = performance.now();
  const { exit, stdout, stderr } = await names.execute(arguments_([...flags, '--json']));
  const [outcome] = (JSON.parse(stdout) as { readonly outcomes: readonly Outcome[] }).outcomes;
  if (outcome === undefined) throw new Error(stdout);
  return { exit, stderr, outcome, said: `${outcome.decision.kind} ${outcome.decision.why}: ${outcome.outcome}`, seconds: (performance.now() - from) / 1000 };
}
/** The same without `--json`, as cron would call it. */
const mail = async (): Promise<{ readonly exit: number; readonly text: string }> => {
  const { exit, stdout, stderr } = await names.execute(arguments_([]));
  return { exit, text: stdout + stderr };
};

/** By hand, at the provider. */
const byHand = async (...lines: readonly string[]): Promise<void> => {
  const { exit, stderr } = await names.execute(['nsupdate', '-t', '5'], `server ${AT.primary}\n${lines.join('\n')}\nsend\n`);
  if (exit !== 0) throw new Error(stderr);
};
/** Waits until a server says so, in whatever order. */
async function says(server: Server, name: string, ...values: readonly string[]): Promise<void> {
  let told = '';
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    told = (await names.ask(AT[server], name)).split('\n').sort().join(' ');
    if (told === [...values].sort().join(' ')) return;
  }
  throw new Error(`${server} says "${told}" of ${name}, not "${values.join(' ')}"`);
}

describe('restore', () => {
  test('a record that somebody changed is put back at the next full ballot, and that is told', async () => {
    expect((await round('box.home.example')).said).toBe('set first: changed');
    await says('secondary', 'box.home.example', OURS);
    expect((await round('box.home.example')).said).toBe('keep unchanged: kept');

    await byHand('update delete box.home.example A', `update add box.home.example 60 A ${THEIRS}`);
    await says('secondary', 'box.home.example', THEIRS);
    expect(await round('box.home.example', { flags: DRY })).toMatchObject({ said: 'set drift: planned', exit: 0 });
    const { exit, text } = await mail();
    expect({ exit, text }).toEqual({ exit: 0, text: expect.stringMatching(/^.*box\.home\.example A 8\.8\.8\.66 → 8\.8\.8\.1, put back \(confirmed by the provider\)\n$/) });
    await says('primary', 'box.home.example', OURS);
    await says('secondary', 'box.home.example', OURS);
    expect(await round('box.home.example')).toMatchObject({ said: 'keep unchanged: kept', exit: 0, stderr: '' });
    expect(JSON.parse(readFileSync(join(home, 'state/state.json'), 'utf8')).changes).toMatchObject([{ why: 'first' }, { why: 'drift', before: [THEIRS], after: [OURS] }]);
  });

  test('one that somebody deleted is made again', async () => {
    await round('gone.home.example');
    await says('secondary', 'gone.home.example', OURS);
    await byHand('update delete gone.home.example A');
    await says('secondary', 'gone.home.example', '');
    expect(await round('gone.home.example')).toMatchObject({ said: 'set drift: changed', exit: 0, outcome: { step: { kind: 'create' } } });
    await says('primary', 'gone.home.example', OURS);
  });

  test('one that became an alias of something else is not overwritten blindly: what stands in the way is told', async () => {
    await round('alias.home.example');
    await says('secondary', 'alias.home.example', OURS);
    await byHand(`update add other.home.example 60 A ${THEIRS}`, 'update delete alias.home.example A', 'update add alias.home.example 60 CNAME other.home.example');
    await says('secondary', 'other.home.example', THEIRS);
    const { said, exit, outcome } = await round('alias.home.example');
    expect(said).toBe('set drift: failed');
    expect(exit).not.toBe(0);
    expect(outcome.failure?.detail).toMatch(/CNAME|alias/i);
    expect(await names.ask(AT.primary, 'alias.home.example')).toContain('other.home.example.');
  });

  test('somebody else’s address beside ours stays, and costs the provider no question; with replace it goes', async () => {
    await round('pool.home.example');
    await byHand(`update add pool.home.example 60 A ${SIBLING}`);
    await says('secondary', 'pool.home.example', OURS, SIBLING);
    expect((await round('pool.home.example')).said).toBe('keep unchanged: kept');
    expect((await round('pool.home.example', { sharing: 'own' })).said).toBe('keep unchanged: kept');
    await says('primary', 'pool.home.example', OURS, SIBLING);
    expect((await round('pool.home.example', { sharing: 'replace' })).said).toBe('set drift: changed');
    await says('primary', 'pool.home.example', OURS);
  });

  test('among several of others, ours is put back and theirs stay', async () => {
    await byHand(`update add crowd.home.example 60 A ${SIBLING}`);
    await round('crowd.home.example', { sharing: 'own' });
    await says('secondary', 'crowd.home.example', OURS, SIBLING);
    await byHand(`update delete crowd.home.example A ${OURS}`);
    await says('secondary', 'crowd.home.example', SIBLING);
    expect((await round('crowd.home.example', { sharing: 'own' })).said).toBe('set drift: changed');
    await says('primary', 'crowd.home.example', OURS, SIBLING);
  });

  test('another TTL is nobody’s business', async () => {
    await round('slow.home.example');
    await byHand('update delete slow.home.example A', `update add slow.home.example 3600 A ${OURS}`);
    expect((await round('slow.home.example')).said).toBe('keep unchanged: kept');
  });
});

describe('report', () => {
  test('nothing is changed; it is told once and not again within the hour, the exit code stays, and the recovery is told', async () => {
    const report = { drift: 'report' };
    await round('told.home.example', report);
    await byHand('update delete told.home.example A', `update add told.home.example 60 A ${THEIRS}`);
    await says('secondary', 'told.home.example', THEIRS);
    const first = await mail();
    expect(first.exit).toBe(1);
    expect(first.text).toMatch(/told\.home\.example A own: its name servers say 8\.8\.8\.66, not 8\.8\.8\.1 as published \(drift: report leaves it so; ddns-update --force puts it back\)\n$/);
    expect(await mail()).toEqual({ exit: 1, text: '' });
    expect(await round('told.home.example', report)).toMatchObject({ exit: 1, said: 'keep drift: kept', outcome: { failure: { kind: 'drift' } } });
    await says('primary', 'told.home.example', THEIRS);

    await byHand('update delete told.home.example A', `update add told.home.example 60 A ${OURS}`);
    await says('secondary', 'told.home.example', OURS);
    expect(await mail()).toEqual({ exit: 0, text: expect.stringMatching(/told\.home\.example A own.*: recovered\n$/) });
    expect(await mail()).toEqual({ exit: 0, text: '' });
  });

  test('--force puts it back, and so does a config that says restore', async () => {
    await round('forced.home.example', { drift: 'report' });
    await byHand('update delete forced.home.example A');
    await says('secondary', 'forced.home.example', '');
    expect(await round('forced.home.example', { drift: 'report' })).toMatchObject({ exit: 1, said: 'keep drift: kept' });
    expect(await round('forced.home.example', { drift: 'off' })).toMatchObject({ exit: 0, said: 'keep unchanged: kept' });
    expect(await round('forced.home.example', { drift: 'report' })).toMatchObject({ exit: 1, said: 'keep drift: kept' });
    expect(await round('forced.home.example', { drift: 'report', flags: ['--force'] })).toMatchObject({ exit: 0, said: 'set forced: changed' });
    await says('secondary', 'forced.home.example', OURS);
    await byHand('update delete forced.home.example A');
    await says('secondary', 'forced.home.example', '');
    expect(await round('forced.home.example', { drift: 'restore' })).toMatchObject({ exit: 0, said: 'set drift: changed' });
  });

  test('relocate leaves it so as well, and puts it back when the config no longer says report', async () => {
    await round('moved.home.example', { drift: 'report' });
    await byHand('update delete moved.home.example A');
    await says('secondary', 'moved.home.example', '');
    expect(await round('moved.home.example', { drift: 'report' })).toMatchObject({ said: 'keep drift: kept' });
    const flags = ['relocate', '--timeout', '8'];
    expect(await round('moved.home.example', { drift: 'report', flags })).toMatchObject({ said: 'keep drift: kept' });
    expect(await round('moved.home.example', { flags })).toMatchObject({ said: 'set confirm: changed' });
    await says('primary', 'moved.home.example', OURS);
  });
});

describe('is no drift', () => {
  test('a server that is behind, as long as another has it', async () => {
    await round('box.late.example');
    expect(await names.ask(AT.stale, 'box.late.example')).toBe(FORMERLY);
    expect(await round('box.late.example')).toMatchObject({ exit: 0, said: 'keep unchanged: kept' });
  });

  test('silence: of servers that nobody runs, and of resolvers', ONCE_MORE, async () => {
    await round('box.dead.example');
    await byHand('update delete box.dead.example A');
    const dead = await round('box.dead.example');
    expect(dead).toMatchObject({ exit: 0, stderr: '', said: 'keep unchanged: kept' });
    expect(dead.seconds).toBeLessThan(8);
    await round('box.home.example');
    await byHand('update delete box.home.example A');
    await says('secondary', 'box.home.example', '');
    for (const resolver of [AT.elsewhere, '127.0.0.9']) expect(await round('box.home.example', { resolver })).toMatchObject({ exit: 0, stderr: '', said: 'keep unchanged: kept' });
  });

  test('a domain that leads to somebody else’s servers, where the provider has what it should: it is asked, and left alone', async () => {
    await round('box.stolen.example');
    expect(await round('box.stolen.example')).toMatchObject({ exit: 0, said: 'set drift: already' });
    expect(await round('box.stolen.example', { drift: 'report' })).toMatchObject({ exit: 0, said: 'set look: already' });
  });

  test('anything, with drift: off', async () => {
    await round('off.home.example');
    await byHand('update delete off.home.example A');
    await says('secondary', 'off.home.example', '');
    expect(await round('off.home.example', { drift: 'off' })).toMatchObject({ exit: 0, said: 'keep unchanged: kept' });
    await says('primary', 'off.home.example', '');
  });
});
