/** Pinholes on a real router, miniupnpd: as Debian ships it, in network namespaces of our own. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { GATEWAY, OWN6, runAtHome } from '../servers/miniupnpd.ts';
import { bundle } from '../support/bundle.ts';
import { inRouter, type Step } from './steps.ts';

let child: string;
beforeAll(async () => {
  child = await bundle(fileURLToPath(new URL('children/map.ts', import.meta.url)));
});

type Town = { readonly router?: readonly string[]; readonly config?: readonly string[]; readonly box?: readonly string[] };
/** What each step told. */
async function at({ router = [], config = [], box = [] }: Town, steps: readonly Step[]): Promise<readonly unknown[]> {
  const printed = await runAtHome(child, { wan: '5.6.7.8', six: true, config, router: [...router, `cat >steps <<'STEPS'\n${JSON.stringify(steps)}\nSTEPS`], box });
  return JSON.parse(printed).told;
}
const RULES = inRouter('nft list chain inet filter miniupnpd');
const STATE: Step = { shell: 'cat /run/state/state.json' };
/** As nftables prints it where it knows no name for what miniupnpd compares: the destination address. */
const OPEN = /th dport 8443 @nh,192,128 0x2001067c123400070000000000000010 @nh,48,8 0x6 accept/;
const OPENED = { protocol: 'tcp', external: 8443, internal: 8443, family: 6, router: GATEWAY, client: OWN6, address: OWN6 };
const of = (exit: number, notes: readonly unknown[], ...ports: readonly object[]): unknown => ({ version: 1, exit, notes, ports: ports.map((port) => expect.objectContaining(port)) });
const wall = (what: string): string => `nft 'table inet wall { chain in { type filter hook input priority 0; ${what}; }; }'`;
const NO_PCP6 = 'meta nfproto ipv6 udp dport 5351 reject';

describe.each([
  ['pcp', {}],
  ['upnp', { router: [wall(NO_PCP6)] }],
] as const)('by %s', (by, town) => {
  test('a port is opened beside its mapping, kept open by a second run, remembered, and closed', async () => {
    const told = await at(town, [{ run: ['8443'] }, RULES, STATE, { run: ['8443'] }, RULES, { run: ['--remove'] }, RULES, STATE]);
    expect(told[0]).toEqual(of(0, [], { family: 4, outcome: 'made' }, { ...OPENED, by, outcome: 'made' }));
    expect(told[1]).toMatch(OPEN);
    const { mappings } = JSON.parse(String(told[2]));
    expect(mappings).toMatchObject({ '8443/tcp': { by: 'pcp', epochSeconds: expect.any(Number) }, '8443/tcp over IPv6': { by, family: 6, client: OWN6 } });
    if (by === 'upnp') expect(mappings['8443/tcp over IPv6'].uniqueId).toEqual(expect.any(Number));
    expect(told[3]).toEqual(of(0, [], { family: 4, outcome: 'renewed' }, { ...OPENED, by, outcome: 'renewed' }));
    expect(String(told[4]).match(new RegExp(OPEN, 'g'))).toHaveLength(1);
    expect(told[5]).toEqual(of(0, [], { family: 4, outcome: 'removed' }, { family: 6, outcome: 'removed' }));
    expect(told[6]).not.toMatch(/accept/);
    expect(JSON.parse(String(told[7]))).not.toHaveProperty('mappings');
  });
});

test('a router that does not take back by PCP what it renewed by it is asked to let it end soon', async () => {
  const told = await at({ router: [wall('udp dport 1900 drop')] }, [{ run: ['8443/udp'] }, { run: ['8443/udp'] }, { run: ['--remove'] }, STATE]);
  expect(told[0]).toEqual(of(0, [], { family: 4 }, { family: 6, outcome: 'made', by: 'pcp' }));
  const [, six] = (told[2] as { readonly ports: readonly { readonly outcome: string; readonly until: string }[] }).ports;
  expect(told[2]).toEqual(of(0, [], { family: 4, outcome: 'removed' }, { family: 6, outcome: 'lapsing' }));
  expect(Date.parse(six?.until ?? '') - Date.now()).toBeLessThan(130_000);
  expect(JSON.parse(String(told[3]))).not.toHaveProperty('mappings');
});

test('a router that opens no pinholes makes the mapping, and says the rest in one line for all ports', async () => {
  const told = await at({ router: [wall(NO_PCP6)], config: ['force_igd_desc_v1=yes'] }, [{ run: ['8443', '8444'] }, RULES]);
  const words = `the router opens no IPv6 pinholes: if it has a firewall for IPv6, let the port through to ${OWN6} there by hand`;
  expect(told[0]).toEqual(of(0, [expect.stringContaining(words)], { family: 4, external: 8443, outcome: 'made' }, { family: 4, external: 8444, outcome: 'made' }));
  expect((told[0] as { readonly notes: readonly string[] }).notes[0]).toMatch(/UPnP: lets nobody ask for its IPv6 firewall to be opened\)$/);
  expect(told[1]).not.toMatch(/@nh,192,128/);
});

test('a port that is another one outside is mapped, and none is opened for it, since IPv6 translates nothing', async () => {
  const told = await at({}, [{ run: ['9443:8443'] }, RULES]);
  expect(told[0]).toEqual(of(0, [expect.stringMatching(/^no pinhole for 9443:8443\/tcp: IPv6 translates no ports/)], { family: 4, external: 9443, outcome: 'made' }));
  expect(told[1]).not.toMatch(/@nh,192,128/);
});

test('on a line with IPv6 alone the port is opened, and that nothing is mapped is no failure', async () => {
  const told = await at({ box: ['ip route del default'] }, [{ run: ['8443'] }, RULES, { run: ['--remove'] }, RULES]);
  expect(told[0]).toEqual(of(0, [expect.stringMatching(/^no mapping over IPv4: there is no router to ask/)], { ...OPENED, router: 'fe80::1', outcome: 'made' }));
  expect(told[1]).toMatch(OPEN);
});

test('without a lasting public address of its own nothing is opened, and nothing said', async () => {
  const told = await at({ box: [`ip -6 addr change ${OWN6}/64 dev eth0 preferred_lft 0 valid_lft 300`] }, [{ run: ['8443'] }, RULES]);
  expect(told[0]).toEqual(of(0, [], { family: 4, outcome: 'made' }));
  expect(told[1]).not.toMatch(/@nh,192,128/);
});

test("what an address of before had opened is left to lapse, and another machine's is never touched", async () => {
  const other = '2001:67c:1234:7::20';
  const told = await at({}, [{ run: ['8443'] }, { shell: `ip -6 addr del ${OWN6}/64 dev eth0; ip -6 addr add ${other}/64 dev eth0 nodad` }, { run: ['8443'] }, RULES, { run: ['--remove'] }, RULES]);
  expect(told[2]).toEqual(of(0, [], { family: 4 }, { family: 6, outcome: 'made', client: other }));
  expect(told[3]).toMatch(/0x2001067c123400070000000000000020/);
  expect(told[4]).toEqual(of(0, [], { family: 4, outcome: 'removed' }, { family: 6, outcome: 'removed' }));
  expect(told[5]).toMatch(OPEN);
  expect(told[5]).not.toMatch(/0x2001067c123400070000000000000020/);
});
