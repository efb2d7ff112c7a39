/** Whom name lookups go to: what the config says, else what this machine says. */
import { getServers } from 'node:dns';
import { expect, test } from 'vitest';
import { resolvers } from '../../src/world/resolvers.ts';

test('those of the config, with the port of DNS where none is given', async () => {
  expect(await resolvers(['127.0.0.1:5300', '9.9.9.9', '2620:fe::fe', '[2620:fe::9]:5353'])).toEqual([
    { address: '127.0.0.1', port: 5300 },
    { address: '9.9.9.9', port: 53 },
    { address: '2620:fe::fe', port: 53 },
    { address: '2620:fe::9', port: 5353 },
  ]);
});

test('what is no address that can be sent to is left out', async () => expect(await resolvers(['fe80::1%eth0', 'dns.example:53', ''])).toEqual([]));

test('those of the system otherwise', async () => {
  const system = getServers().filter((text) => !text.includes('%'));
  const found = await resolvers([]);
  expect(found).toHaveLength(system.length);
  expect(found.every(({ address }, at) => system[at]?.includes(address))).toBe(true);
});
