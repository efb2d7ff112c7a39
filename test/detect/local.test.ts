/** Sources on this machine: an interface, a file, a command, the user's own word. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Family, type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Ballot } from '../../src/core/ballot.ts';
import { askCommand } from '../../src/detect/command.ts';
import { askAddress, askFile } from '../../src/detect/file.ts';
import { askInterface } from '../../src/detect/interface.ts';
import type { InterfaceAddress } from '../../src/world/world.ts';
import { realWorld } from '../servers/world.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const policy = { allow: [], deny: [] };
const wait = { timeoutMs: 3000 };
const folder = mkdtempSync(join(tmpdir(), 'ddns-local-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const summary = (ballot: Ballot): string => (ballot.kind === 'address' ? ballot.address : `${ballot.failure.kind}: ${ballot.failure.detail}`);

describe('interface', () => {
  const flags = { temporary: false, deprecated: false, tentative: false, permanent: false };
  const row = (address: string, more: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
    interface: 'wan',
    address: ip(address),
    bits: 24,
    internal: false,
    mac: '',
    ...(address.includes(':') ? { flags } : {}),
    ...more,
  });
  const check = (name: string, rows: readonly InterfaceAddress[], family: Family, expected: RegExp, published?: string): void => {
    test(name, async () => {
      const asked = { policy, published: published === undefined ? undefined : ip(published) };
      const ballot = await askInterface({ kind: 'interface', id: 'wan', operator: 'wan', families: [4, 6], interface: 'wan' }, family, asked, realWorld({ interfaces: rows }), wait);
      expect(ballot).toMatchObject({ authenticated: true, transport: 'interface' });
      expect(summary(ballot)).toMatch(expected);
    });
  };
  check('the first public IPv4 address', [row('192.168.1.10'), row('5.6.7.8'), row('5.6.7.9')], 4, /^5\.6\.7\.8$/);
  check('only private ones: the reason is told', [row('192.168.1.10')], 4, /^special: told 192\.168\.1\.10: a private address/);
  check('carrier-grade NAT', [row('100.64.0.9')], 4, /^special: .*carrier-grade NAT/);
  check('another interface is not looked at', [row('5.6.7.8', { interface: 'lan' })], 4, /^absent: there is no interface wan that is up/);
  check('no address of the family', [row('5.6.7.8')], 6, /^absent: wan has no IPv6 address/);
  check('the lasting IPv6 address', [row('2600::7', { flags: { ...flags, temporary: true } }), row('2600::9')], 6, /^2600::9$/);
  check('the published IPv6 address', [row('2600::8'), row('2600::9')], 6, /^2600::9$/, '2600::9');
  check('temporary IPv6 addresses alone', [row('fe80::1'), row('2600::7', { flags: { ...flags, temporary: true } })], 6, /^absent: .*temporary.*2600::7/);
  check('unique local IPv6 alone', [row('fe80::1'), row('fd00::1')], 6, /^special: told fd00::1: a unique local/);
});

describe('file', () => {
  const check = (name: string, content: string | undefined, expected: RegExp): void => {
    test(name, async () => {
      const path = join(folder, name.replaceAll(' ', '-'));
      if (content !== undefined) writeFileSync(path, content);
      expect(summary(await askFile({ kind: 'file', id: 'f', operator: 'f', families: [4], path }, 4, { policy }, realWorld(), wait))).toMatch(expected);
    });
  };
  check('an address and a line end', '5.6.7.8\n', /^5\.6\.7\.8$/);
  check('no file', undefined, /^absent: there is no file/);
  check('an empty file', '', /^nonsense: gave an empty answer/);
  check('prose', 'my address is 5.6.7.8', /^nonsense: .*no address/);
  check('two addresses', '5.6.7.8\n5.6.7.9\n', /^nonsense: /);
  check('the other family', '2600::1', /^absent: has an IPv6 address only/);
  test('a folder', async () => expect(summary(await askFile({ kind: 'file', id: 'f', operator: 'f', families: [4], path: folder }, 4, { policy }, realWorld(), wait))).toMatch(/^refused: /));
});

describe('command', () => {
  const check = (name: string, command: readonly string[], expected: RegExp): void => {
    test(name, async () => expect(summary(await askCommand({ kind: 'command', id: 'c', operator: 'c', families: [4], command }, 4, { policy }, realWorld(), { timeoutMs: 2000 }))).toMatch(expected));
  };
  const node = (script: string): readonly string[] => [process.execPath, '-e', script];
  check('prints the address', node('console.log(" 5.6.7.8 ")'), /^5\.6\.7\.8$/);
  check('fails', node('console.log("5.6.7.8"); process.exit(3)'), /^refused: .*exit code 3/);
  check('prints more', node('console.log("5.6.7.8\\nand more")'), /^nonsense: /);
  check('does not exist', [join(folder, 'missing')], /^refused: /);
  check('hangs', node('setInterval(() => {}, 1000)'), /^refused: /);
  check('prints without end', node('setInterval(() => console.log("5.6.7.8"), 0)'), /^refused: /);
});

test('the word of the user', async () => {
  const ask = (family: Family): Promise<Ballot> => askAddress({ kind: 'address', id: 'a', operator: 'a', families: [4, 6], address: ip('5.6.7.8') }, family, { policy }, realWorld(), wait);
  expect(summary(await ask(4))).toBe('5.6.7.8');
  expect(summary(await ask(6))).toMatch(/^absent: /);
});
