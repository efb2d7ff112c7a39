/** Mistakes on the command line: one line that says what is wrong, the exit code for usage, and with --json one document that says the same. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from '../support/program.ts';

const home = mkdtempSync(join(tmpdir(), 'ddns-update-mistakes-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const asked = (args: readonly string[]) => run(args, { cwd: home, env: { HOME: home } });

const MISTAKES: readonly (readonly [readonly string[], RegExp])[] = [
  [['--jsno'], /unknown option '--jsno'/],
  [['--timeout', 'abc'], /--timeout .*'abc' is invalid\. It takes seconds/],
  [['--timeout', '0'], /--timeout .*'0' is invalid/],
  [['--config'], /argument missing/],
  [['rnu'], /"rnu" is not a full name: it has no domain; did you mean "run"\?/],
  [['frobnicate'], /"frobnicate" is not a full name: .*--help lists the commands/],
  [[''], /^a name is empty/],
  [['check', 'extra'], /too many arguments/],
  [['detect', '--force'], /unknown option '--force'/],
  [['--ip', '300.1.1.1'], /^--ip 300\.1\.1\.1: is not an IP address/],
  [['--option', 'a=b'], /^--option belongs to --provider/],
  [['a.example.com', '--provider', 'clodflare'], /did you mean "cloudflare"\?/],
  [['a.example.com', '--provider', 'cloudflare', '--option', 'token'], /^--option takes KEY=VALUE/],
  [['--provider', 'cloudflare'], /^--provider cloudflare needs the names/],
  [['providers', 'nosuch'], /^"nosuch" is not a provider we know/],
];

test.each(MISTAKES)('%j', async (args, sentence) => {
  const { exit, stdout, stderr } = await asked(args);
  expect({ exit, stdout }).toEqual({ exit: 64, stdout: '' });
  expect(stderr).toMatch(sentence);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
});

test.each(MISTAKES.filter(([args]) => args[0] !== '--config'))('%j --json', async (args) => {
  const { exit, stdout } = await asked(['--json', ...args]);
  expect(exit).toBe(64);
  expect(JSON.parse(stdout)).toEqual({ version: 1, failures: [{ kind: 'usage', detail: expect.any(String) }], exit: 64 });
});

test('what `providers` says to type is not taken for a secret', async () => {
  const { exit, stdout } = await asked(['providers', 'http']);
  expect(exit).toBe(0);
  expect(stdout).not.toContain('***');
});

test('a word that only one provider knows leads to its page', async () => {
  const { stdout } = await asked(['providers', 'Duck', 'DNS']);
  expect(stdout).toContain('provider: duckdns');
});

test('an address that nobody on the internet could reach is taken, with a warning', async () => {
  writeFileSync(join(home, 'zone'), '$ORIGIN home.example.\n@ 300 IN SOA ns1 host 1 3600 600 86400 60\n@ 300 IN NS ns1\n');
  const { exit, stdout, stderr } = await asked(['plan', 'box.home.example', '--provider', 'zonefile', '--option', 'file=zone', '--ip', '10.0.0.1']);
  expect({ exit, stdout, stderr }).toEqual({
    exit: 0,
    stdout: 'box.home.example A 10.0.0.1 would be created\n',
    stderr: 'warning: --ip 10.0.0.1 is taken as you say, although it is a private address\n',
  });
});
