/** Witnesses that lie, hang or talk nonsense: nothing wrong is ever published, and the verdict says who lied. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EchoMode } from '../servers/echo.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { GARAGE, HOME, openHome } from './home.ts';

const ZONE = `$ORIGIN example.com.
$TTL 300
@ IN SOA ns1 admin 2026010101 3600 900 604800 60
@ IN NS ns1
home 60 IN A 203.0.113.200 ; the box
`;
const LIE = '198.51.100.66';

async function open() {
  const home = await openHome({ records: [{ name: 'home.example.com' }], accounts: { zone: { provider: 'zonefile', file: 'zone' } } });
  const file = `${home.folder}/zone`;
  writeFileSync(file, ZONE);
  home.configure({ records: [{ name: 'home.example.com' }], accounts: { zone: { provider: 'zonefile', file } } });
  return { home, published: () => /^home .* A (\S+)/m.exec(readFileSync(file, 'utf8'))?.[1] };
}

describe('one lying source', () => {
  it.each(['dns', 'stun', 'web', 'trace'] as const)('%s lies: its lie is never published, and it is named', async (liar) => {
    const { home, published } = await open();
    home.witnesses[liar].tell = LIE;
    const first = await home.run(['-v']);
    expect(published()).toBe(HOME);
    expect(first.exit).toBe(0);
    expect(first.stdout).toContain(`(${LIE})`);
    for (let round = 0; round < 3; round++) {
      await home.run();
      expect(published()).toBe(HOME);
    }
    home.moveTo(GARAGE);
    home.witnesses[liar].tell = LIE;
    await home.run();
    expect(published()).toBe(GARAGE);
  });

  const MODES: readonly EchoMode[] = ['html-200', 'page-of-100-kb', '502-with-address', 'redirect', 'hang', '100-mb', 'cut-short', 'two-addresses', 'reset', 'empty', 'no-http', 'drip'];
  it.each(MODES)('an echo service that does this: %s', ONCE_MORE, async (mode) => {
    const { home, published } = await open();
    home.witnesses.web.mode = mode;
    home.witnesses.web.tell = LIE;
    const began = Date.now();
    expect((await home.run()).exit).toBe(0);
    expect(Date.now() - began).toBeLessThan(8000);
    expect(published()).toBe(HOME);
  });
});

describe('no agreement', () => {
  it('keeps the record as it is when witnesses disagree, and says who says what', async () => {
    const { home, published } = await open();
    home.witnesses.web.tell = LIE;
    home.witnesses.stun.tell = LIE;
    const ended = await home.run();
    expect(ended.exit).toBe(75);
    expect(published()).toBe('203.0.113.200');
    const detect = await home.run(['detect']);
    expect(detect.exit).toBe(75);
    expect(detect.stdout).toMatch(/disputed/);
    expect(detect.stdout).toContain(LIE);
  });

  it('keeps the record when nobody answers, names the portal, and tells cron once', async () => {
    const { home, published } = await open();
    await home.run();
    home.witnesses.dns.mode = 'silent';
    home.witnesses.stun.mode = 'silent';
    home.witnesses.web.mode = 'html-200';
    home.witnesses.trace.mode = 'html-200';
    const ended = await home.run();
    expect(ended.exit).toBe(69);
    expect(ended.stderr).toMatch(/captive portal/);
    expect(await home.run()).toMatchObject({ exit: 69, stdout: '', stderr: '' });
    expect(published()).toBe(HOME);
  });

  it.each(['100.64.3.4', '192.168.1.5', '10.0.0.1', '127.0.0.1', '192.0.0.2', '198.18.0.9', '169.254.1.1'])('all say %s: it is refused with a reason', async (special) => {
    const { home, published } = await open();
    home.moveTo(special);
    const ended = await home.run();
    expect(ended.exit).toBe(69);
    expect(ended.stderr).toContain(special);
    expect(published()).toBe('203.0.113.200');
  });
});

describe('an unchanged round', ONCE_MORE, () => {
  it('sends two datagrams, writes nothing, says nothing', async () => {
    const { home } = await open();
    await home.run();
    const state = readFileSync(`${home.stateFolder}/state.json`, 'utf8');
    const before = home.datagrams();
    const requests = home.witnesses.web.requests.length;
    expect(await home.run()).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(home.datagrams() - before).toBe(2);
    expect(home.witnesses.web.requests.length).toBe(requests);
    expect(readFileSync(`${home.stateFolder}/state.json`, 'utf8')).toBe(state);
  });
});
