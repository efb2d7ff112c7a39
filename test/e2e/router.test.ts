/** The program behind a real router: what `detect` makes of its word, in network namespaces of our own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runAtHome } from '../servers/miniupnpd.ts';
import { program } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'ddns-update-router-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** A box whose owner says that its address is 5.6.7.8, behind a router that has `wan`. */
async function detect(wan: string, ...flags: readonly string[]): Promise<Ended> {
  const [config, starter] = [join(folder, 'config.json'), join(folder, 'starter.cjs')];
  writeFileSync(join(folder, 'address'), '5.6.7.8\n');
  writeFileSync(join(folder, 'zone'), '');
  writeFileSync(
    config,
    JSON.stringify({
      records: [{ name: 'home.example' }],
      accounts: { own: { provider: 'zonefile', file: join(folder, 'zone'), zone: 'home.example' } },
      detect: { sources: [{ router: 'auto' }, { file: join(folder, 'address') }] },
    }),
  );
  const args = [program, 'detect', '--config', config, '--state', join(folder, 'state'), ...flags];
  writeFileSync(starter, `console.log(JSON.stringify(require('node:child_process').spawnSync(process.execPath, ${JSON.stringify(args)}, { encoding: 'utf8' })));`);
  return JSON.parse(await runAtHome(starter, { wan }));
}

test('the router is a second operator over a transport of its own, and JSON says how it was asked', async () => {
  const { status, stdout, stderr } = await detect('5.6.7.8', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [four] = JSON.parse(stdout).observations;
  expect(four).toMatchObject({
    family: 4,
    verdict: 'agreed',
    address: '5.6.7.8',
    ballots: [{ source: 'router nat-pmp', operator: 'router', transport: 'router', address: '5.6.7.8' }, { transport: 'file' }],
  });
});

test('carrier-grade NAT is told in words', async () => {
  const { status, stdout } = await detect('100.64.0.9');
  expect(status).toBe(75);
  expect(stdout).toMatch(/router pcp +router +router +\d+ ms {2}special: has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address/);
  expect(stdout).toMatch(/disputed: 5\.6\.7\.8 .* has 1 of 2 independent operators; router pcp has 100\.64\.0\.9 on its outer side/);
});
