/** `watch` behind a real router, miniupnpd: it makes the mappings of the config beside its first round, and makes them anew when the router was started anew and says so. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { OWN6, runAtHome } from '../servers/miniupnpd.ts';
import { bundle } from '../support/bundle.ts';
import { temporaryFolder } from '../support/folder.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { program } from '../support/program.ts';

test('mapped and opened at the start, told once, and back when the router was started anew', ONCE_MORE, async () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/address`, '5.6.7.8\n');
  writeFileSync(`${folder}/zone`, '$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 900 604800 60\n@ IN NS ns1\n');
  const config = {
    records: [{ name: 'home.example.com' }],
    accounts: { zone: { provider: 'zonefile', file: `${folder}/zone` } },
    detect: { sources: [{ file: `${folder}/address` }] },
    router: { map: [8443] },
    drift: 'off',
  };
  writeFileSync(`${folder}/config.json`, JSON.stringify(config), { mode: 0o600 });
  const child = await bundle(fileURLToPath(new URL('../mapping/children/watch.ts', import.meta.url)));
  const printed = await runAtHome(child, { wan: '5.6.7.8', six: true, router: [`cat >steps <<'STEPS'\n${JSON.stringify({ program, folder })}\nSTEPS`] });
  const { made, told, gone, again, exit, out, err } = JSON.parse(printed);
  expect({ made, told, gone, again, exit }).toEqual({ made: expect.any(Number), told: expect.any(Number), gone: true, again: expect.any(Number), exit: 0 });
  // That one source alone is believed is said of the config, and nothing else is.
  expect(String(err).trim().split('\n')).toEqual([expect.stringContaining('one alone is believed')]);
  expect(again).toBeLessThan(10_000);
  expect(
    String(out)
      .split('\n')
      .filter((line) => line.includes('8443')),
  ).toEqual([
    expect.stringMatching(/^8443\/tcp mapped: 5\.6\.7\.8:8443 → 192\.168\.7\.10:8443 \(pcp, until /),
    expect.stringMatching(new RegExp(`^8443/tcp over IPv6 opened: \\[${OWN6}\\]:8443 \\(pcp, until `)),
  ]);
});
