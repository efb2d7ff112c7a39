/** `--trace` shows every exchange with a vendor that asks for a log-in, and neither the password nor the session that the vendor hands out. */
import { expect, onTestFinished, test } from 'vitest';
import { contract as allinkl } from '../../src/providers/allinkl/contract.ts';
import { contract as inwx } from '../../src/providers/inwx/contract.ts';
import { contract as netcup } from '../../src/providers/netcup/contract.ts';
import { contract as pihole } from '../../src/providers/pihole/contract.ts';
import type { Contract } from '../../src/testing/index.ts';
import { startVendor } from '../servers/vendor.ts';
import { HOME, openHome } from './home.ts';

const VENDORS: Readonly<Record<string, Contract>> = { allinkl, inwx, netcup, pihole };

test.each(Object.entries(VENDORS))('%s', async (id, contract) => {
  const vendor = await startVendor(contract);
  onTestFinished(vendor.close);
  const home = await openHome({ records: [{ name: 'home.example.com' }], accounts: { mine: { provider: id, endpoint: vendor.endpoint, ...contract.options } } });
  const { exit, stdout, stderr } = await home.run(['--trace']);
  expect(exit, stderr).toBe(0);
  expect(vendor.zone.records).toMatchObject([{ name: 'home.example.com', value: HOME }]);
  expect(stderr).toContain('\n< 200 (not shown: it holds a secret)\n');
  const secrets = [...contract.secretOptions.map((name) => String(contract.options[name])), ...(contract.sessions ?? [])];
  expect(secrets.length).toBeGreaterThan(1);
  for (const secret of secrets) for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) expect(`${stdout}${stderr}`).not.toContain(form);
});
