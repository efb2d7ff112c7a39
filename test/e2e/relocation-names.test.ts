/** Names and zones that are unlike most: name servers over IPv6 alone, a zone above that does not know all servers, wildcards, aliases. With real name servers. */
import { expect, it } from 'vitest';
import { NAME, openLab } from '../lab/lab.ts';
import { ADDRESSES, SERVERS } from '../lab/topology.ts';

const { home, garage } = ADDRESSES;
const RESOLVERS = { verify: { resolvers: [SERVERS.resolver[4]], ports: [] } };

it('a name server with an IPv6 address alone, which the zone above does not know: all that can be asked is proven, what cannot is said', async () => {
  const third = `@ IN NS ns3\nns3 IN AAAA ${SERVERS.secondary[6]}\n`;
  const four = await openLab({ records: third });
  four.configure(RESOLVERS);
  expect((await four.run()).exit).toBe(0);
  const told = await four.run(['verify']);
  expect(told.stdout).toMatch(
    /name servers yes +2 of 3 name servers have it; ns3\.home\.example cannot be asked from here; but example leads to ns1\.home\.example, ns2\.home\.example for home\.example/,
  );
  expect(told.exit).toBe(0);
  const both = await openLab({ records: third, ipv6: true });
  both.configure(RESOLVERS);
  expect((await both.run()).exit).toBe(0);
  expect((await both.run(['verify'])).stdout).toContain('all 3 name servers have it; but example leads to');
});

it('a name that only a wildcard provides gets a record of its own, and the wildcard is left alone', async () => {
  const lab = await openLab({ records: `* 2 IN A ${home.seen[4]}\n` });
  lab.configure(RESOLVERS);
  const before = await lab.run(['verify']);
  expect(before).toMatchObject({ exit: 1, stdout: expect.stringContaining('Not published because the provider has no such record.\nNext: ddns-update relocate') });
  await lab.move('garage');
  expect(await lab.run(['relocate', '--timeout', '20'])).toMatchObject({ exit: 0, stderr: '' });
  expect(await lab.published()).toEqual([garage.seen[4]]);
  expect(lab.history().filter(({ name }) => name !== NAME)).toEqual([]);
});

it('an alias: it is said where it leads, and nothing is written beside it', async () => {
  const lab = await openLab({ records: 'alias 60 IN CNAME box\n' });
  lab.configure({ ...RESOLVERS, records: [{ name: 'alias.home.example', families: [4] }] });
  for (const command of ['verify', 'relocate'])
    expect(await lab.run([command, '--timeout', '10'])).toMatchObject({ exit: 76, stdout: expect.stringContaining('alias.home.example is an alias (CNAME to box.home.example)') });
  expect(lab.history()).toEqual([]);
});
