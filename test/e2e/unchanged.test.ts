/** What the shortest way through may never skip: another config, another network, another clock, anything due, anything not understood. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plainFlags } from '../../src/unchanged.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { GARAGE, HOME, openHome } from './home.ts';

const ZONE = '$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 900 604800 60\n@ IN NS ns1\nhome 60 IN A 203.0.113.200\n';

async function open() {
  const home = await openHome({ records: [], accounts: {} });
  const file = `${home.folder}/zone`;
  writeFileSync(file, ZONE);
  const configure = (record: Readonly<Record<string, unknown>> = {}): void =>
    home.configure({ records: [{ name: 'home.example.com', ...record }], accounts: { zone: { provider: 'zonefile', file } } });
  configure();
  const statePath = `${home.stateFolder}/state.json`;
  return {
    home,
    configure,
    published: () => /^home (\d+) IN A (\S+)/m.exec(readFileSync(file, 'utf8'))?.slice(1).join(' '),
    edit: (change: (state: Record<string, unknown>) => unknown) => writeFileSync(statePath, JSON.stringify(change(JSON.parse(readFileSync(statePath, 'utf8'))))),
    asked: async (args: readonly string[] = []) => {
      const before = { datagrams: home.datagrams(), web: home.witnesses.web.requests.length };
      const ended = await home.run(args);
      return { ended, datagrams: home.datagrams() - before.datagrams, web: home.witnesses.web.requests.length - before.web };
    },
  };
}

const FULL = { web: 1 };
const QUICK = { datagrams: 2, web: 0 };

describe('after a round that left everything settled', ONCE_MORE, () => {
  it('two datagrams are enough, and nobody is told', async () => {
    const { asked } = await open();
    expect(await asked()).toMatchObject(FULL);
    expect(await asked()).toMatchObject({ ...QUICK, ended: { exit: 0, stdout: '', stderr: '' } });
    expect(await asked(['run', '-q'])).toMatchObject(QUICK);
  });

  it('another address is heard, and what was heard counts in the full ballot', async () => {
    const { home, asked, published } = await open();
    await asked();
    home.moveTo(GARAGE);
    const moved = await asked();
    expect(moved).toMatchObject(FULL);
    // The first answer that differs ends the glance; who had not answered by then is asked again.
    expect(moved.datagrams).toBeLessThanOrEqual(3);
    expect(published()).toBe(`60 ${GARAGE}`);
    expect(await asked()).toMatchObject(QUICK);
  });

  it('a changed config is heeded, and so is its way back', async () => {
    const { configure, asked, published } = await open();
    await asked();
    configure({ ttl: 120 });
    await asked();
    expect(published()).toBe(`120 ${HOME}`);
    configure({ ttl: 60 });
    await asked();
    expect(published()).toBe(`60 ${HOME}`);
    configure({ ttl: 120 });
    await asked();
    expect(published()).toBe(`120 ${HOME}`);
  });

  it('an error in the config is an error at once', async () => {
    const { configure, asked } = await open();
    await asked();
    configure({ tll: 120 });
    expect((await asked()).ended).toMatchObject({ exit: 78, stderr: expect.stringContaining('did you mean "ttl"?') });
  });

  it.each([
    ['another gateway', (state: Record<string, unknown>) => ({ ...state, network: { gateway: '192.168.77.1', interface: 'eth9' } })],
    [
      'a clock before the round that settled it',
      (state) => ({ ...state, settled: { ...(state['settled'] as object), from: Date.now() + 1e6 }, families: { 4: { address: HOME, fullAt: Date.now() + 1e6 } } }),
    ],
    ['something that is due', (state) => ({ ...state, settled: { ...(state['settled'] as object), until: Date.now() - 1 }, families: { 4: { address: HOME, fullAt: 1 } } })],
    ['a part that is damaged', (state) => ({ ...state, targets: 7 })],
    ['a settled part that is damaged', (state) => ({ ...state, settled: { ...(state['settled'] as object), sources: ['x'] } })],
  ] satisfies readonly (readonly [string, (state: Record<string, unknown>) => unknown])[])('%s leads to a full ballot', async (_, change) => {
    const { edit, asked, published } = await open();
    await asked();
    edit(change);
    expect(await asked()).toMatchObject({ ...FULL, ended: { exit: 0 } });
    expect(published()).toBe(`60 ${HOME}`);
    expect(await asked()).toMatchObject(QUICK);
  });

  it('whoever asks for more gets more', async () => {
    const { asked } = await open();
    await asked();
    expect((await asked(['-v'])).ended.stdout).toContain('home.example.com A unchanged');
    expect(JSON.parse((await asked(['--json'])).ended.stdout)).toMatchObject({ exit: 0, outcomes: [{ outcome: 'kept' }] });
    expect(await asked(['--force'])).toMatchObject(FULL);
    expect((await asked(['home.example.com', '-v'])).ended.stdout).toContain('unchanged');
    expect((await asked(['nobody.example.com'])).ended.exit).toBe(64);
  });
});

describe('the flags of cron', () => {
  it.each([
    [[], {}],
    [['run'], {}],
    [['-c', 'a', '--state', 'b', '-q'], { config: 'a', state: 'b' }],
    [['run', '--config=a=b', '--no-color', '--quiet'], { config: 'a=b' }],
  ] as const)('%j', (argv, flags) => expect(plainFlags(argv)).toEqual(flags));

  it.each([
    [['plan']],
    [['home.example.com']],
    [['-c']],
    [['--config', '-q']],
    [['--config=']],
    [['-v']],
    [['--json']],
    [['--ip', '1.2.3.4']],
    [['--force']],
    [['-qv']],
    [['--state', 'a', 'b']],
    [['run', 'run']],
  ])('%j is left to the program', (argv) => expect(plainFlags(argv)).toBeUndefined());
});
