/** `status` tells what is the matter now, from disk only. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openHome } from './home.ts';

const NAME = 'box.home.example';
const KEY = `zone home.example ${NAME} A`;
const set = { name: NAME, type: 'A', values: ['203.0.113.9'], ttl: 60 };
const AT = Date.now() - 600_000;

const trouble = (kind: string, detail: string, minutesLater: number) => ({
  failure: { kind, detail },
  since: AT + minutesLater * 60_000,
  notedAt: AT + minutesLater * 60_000,
  count: 1,
  until: kind === 'auth' ? 'changed' : AT,
  digest: 'of then',
});
const UNREACHED = 'ns1.home.example did not answer within 3 s';
const REFUSED = 'ns1.home.example does not accept the key';

test.each([
  { own: trouble('network', UNREACHED, 0), account: trouble('auth', REFUSED, 5), tells: REFUSED, exit: 77 },
  { own: trouble('network', UNREACHED, 5), account: trouble('auth', REFUSED, 0), tells: UNREACHED, exit: 69 },
])('of what stopped a name and what stopped its account it tells what came last: $tells', async ({ own, account, tells, exit }) => {
  const home = await openHome({
    records: [{ name: NAME }],
    accounts: { zone: { provider: 'rfc2136', server: '127.0.0.1:5300', zone: 'home.example', key: { name: 'ddns', algorithm: 'hmac-sha256', secret: 'c2VjcmV0' } } },
  });
  mkdirSync(home.stateFolder);
  const state = { version: 1, families: {}, accounts: { zone: { identity: '', trouble: account } }, targets: { [KEY]: { set, confirmedAt: AT, trouble: own } }, changes: [], told: {} };
  writeFileSync(`${home.stateFolder}/state.json`, JSON.stringify(state));
  const told = await home.run(['status']);
  expect(told).toMatchObject({ exit, stderr: '' });
  expect(told.stdout).toContain(` - ${tells}, since `);
});
