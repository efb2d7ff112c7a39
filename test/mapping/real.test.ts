/** Mappings on a real router, miniupnpd: as Debian ships it, in network namespaces of our own. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { GATEWAY, runAtHome } from '../servers/miniupnpd.ts';
import { bundle } from '../support/bundle.ts';
import { inRouter, type Step } from './steps.ts';

const WAN = '5.6.7.8';
const OWN = '192.168.7.10';
const OTHER = '192.168.7.20';
let child: string;
beforeAll(async () => {
  child = await bundle(fileURLToPath(new URL('children/map.ts', import.meta.url)));
});

type Town = { readonly wan?: string; readonly router?: readonly string[]; readonly config?: readonly string[] };
/** What each step told. */
async function at({ wan = WAN, router = [], config = [] }: Town, steps: readonly Step[]): Promise<readonly unknown[]> {
  const printed = await runAtHome(child, { wan, config, router: [...router, `cat >steps <<'STEPS'\n${JSON.stringify(steps)}\nSTEPS`], box: [`ip addr add ${OTHER}/24 dev eth0`] });
  return JSON.parse(printed).told;
}
const MAPPED = { protocol: 'tcp', external: 8443, internal: 8443, router: GATEWAY, client: OWN };
const of = (exit: number, ...ports: readonly object[]): unknown => ({ version: 1, exit, notes: [], ports: ports.map((port) => expect.objectContaining(port)) });
const RULES = inRouter('nft list table inet filter');
const LEADS_HERE = /th dport 8443 dnat ip to 192\.168\.7\.10:8443/;

const wall = (what: string): readonly string[] => [`nft 'table inet wall { chain in { type filter hook input priority 0; ip saddr ${OWN} ${what}; }; }'`];
const WAYS: readonly (readonly [way: string, town: Town])[] = [
  ['pcp', {}],
  ['nat-pmp', { router: wall('udp dport 5351 @th,64,8 2 drop') }],
  ['upnp', { router: wall('udp dport 5351 reject') }],
  ['upnp', { router: wall('udp dport 5351 reject'), config: ['force_igd_desc_v1=yes'] }],
];

describe.each(WAYS)('by %s', (by, town) => {
  test('a mapping is made, kept by a second run, and removed', async () => {
    const told = await at(town, [{ run: ['8443'] }, RULES, { run: ['8443'] }, RULES, { run: ['--remove'] }, RULES, { run: ['--remove', '8443'] }]);
    expect(told[0]).toEqual(of(0, { ...MAPPED, by, outcome: 'made' }));
    expect(told[1]).toMatch(LEADS_HERE);
    expect(told[2]).toEqual(of(0, { ...MAPPED, by, outcome: 'renewed' }));
    expect(told[3]).toMatch(LEADS_HERE);
    expect(told[4]).toEqual(of(0, { outcome: 'removed' }));
    expect(told[5]).not.toMatch(/8443/);
    expect(told[6]).toEqual(of(0, { outcome: 'absent' }));
  });

  test("another's is left alone, named, and nothing else is opened instead", async () => {
    const told = await at(town, [{ from: OTHER, port: 8443 }, { run: ['8443'] }, RULES, { run: ['--remove', '8443'] }, RULES]);
    expect(told[1]).toEqual(of(76, { outcome: 'taken', holder: expect.stringContaining(`${OTHER}:8443`) }));
    expect(told[3]).toEqual(of(0, { outcome: 'absent' }));
    for (const rules of [told[2], told[4]]) {
      expect(rules).toMatch(/th dport 8443 dnat ip to 192\.168\.7\.20:8443/);
      expect(String(rules).match(/dnat/g)).toHaveLength(1);
    }
  });
});

describe('without UPnP, which would tell who has a port', () => {
  test.each([
    ['pcp', 'udp dport 1900 drop'],
    ['nat-pmp', 'udp dport 1900 drop; ip saddr 192.168.7.10 udp dport 5351 @th,64,8 2 drop'],
  ])('what %s assigns in the place of a port that is taken is given back', async (_, walls) => {
    const told = await at({ router: wall(walls) }, [{ from: OTHER, port: 8443 }, { run: ['8443'] }, RULES]);
    expect(told[1]).toEqual(of(76, { protocol: 'tcp', external: 8443, internal: 8443, outcome: 'taken' }));
    expect(told[2]).toMatch(/dnat ip to 192\.168\.7\.20:8443/);
    expect(String(told[2]).match(/dnat/g)).toHaveLength(1);
  });
});

test('another port outside, and UDP', async () => {
  const told = await at({}, [{ run: ['9443:8443', '9000/udp'] }, RULES]);
  expect(told[0]).toEqual(of(0, { external: 9443, internal: 8443, outcome: 'made' }, { protocol: 'udp', external: 9000, internal: 9000, outcome: 'made' }));
  expect(told[1]).toMatch(/0x6 th dport 9443 dnat ip to 192\.168\.7\.10:8443/);
  expect(told[1]).toMatch(/0x11 th dport 9000 dnat ip to 192\.168\.7\.10:9000/);
});

test('a router that speaks none of the three', async () => {
  const [told] = await at({ router: wall('udp dport {1900, 5351} drop') }, [{ run: ['8443', '8444'] }]);
  const words = /^the router 192\.168\.7\.1 lets nobody map ports: switch on PCP, NAT-PMP or UPnP there/;
  expect(told).toEqual(
    of(69, { outcome: 'failed', failure: { kind: 'network', detail: expect.stringMatching(words) } }, { outcome: 'failed', failure: { kind: 'network', detail: expect.stringMatching(words) } }),
  );
});

test('two at once make one mapping', async () => {
  const told = await at({}, [{ together: [['8443'], ['8443'], ['8443']] }, RULES]);
  expect(told[0]).toHaveLength(3);
  for (const one of told[0] as readonly unknown[]) expect(one).toEqual(of(0, { ...MAPPED, by: 'pcp' }));
  expect(String(told[1]).match(/dnat/g)).toHaveLength(1);
});

test('a damaged state is set aside; the mapping that it knew of is not taken for ours, and does what is wanted', async () => {
  const told = await at({}, [{ run: ['8443'] }, { shell: 'sed -i \'s/"nonce": "/&x/\' /run/state/state.json' }, { run: ['8443'] }, { shell: 'ls /run/state' }, RULES]);
  expect(told[2]).toEqual(of(0, { outcome: 'leads-here', holder: expect.stringMatching(/^192\.168\.7\.10:8443 \("PCP MAP /) }));
  expect(told[3]).toMatch(/unusable/);
  expect(String(told[4]).match(/dnat/g)).toHaveLength(1);
});

test('what is wanted differently now replaces what was, for it is ours', async () => {
  const told = await at({}, [{ run: ['8443'] }, { run: ['8443:9000'] }, { run: ['9443:9000'] }, RULES, { run: ['--remove'] }, RULES]);
  expect(told[1]).toEqual(of(0, { external: 8443, internal: 8443, outcome: 'removed' }, { external: 8443, internal: 9000, outcome: 'made' }));
  expect(told[2]).toEqual(of(0, { external: 8443, internal: 9000, outcome: 'removed' }, { external: 9443, internal: 9000, outcome: 'made' }));
  expect(told[3]).toMatch(/th dport 9443 dnat ip to 192\.168\.7\.10:9000/);
  expect(String(told[3]).match(/dnat/g)).toHaveLength(1);
  expect(told[5]).not.toMatch(/dnat/);
});

test.each([
  ['100.64.0.9', /^the router has 100\.64\.0\.9 on its outer side: a carrier-grade NAT address/],
  ['192.168.0.2', /^the router has 192\.168\.0\.2 on its outer side: a private address.*\(double NAT\)/],
])('a router with %s outside maps nothing that would be of use, and it is said why', async (wan, words) => {
  const [told] = await at({ wan }, [{ run: ['8443'] }]);
  expect(told).toMatchObject({ exit: 76, useless: expect.stringMatching(words) });
});

test('without a router nothing is said to be gone', async () => {
  const told = await at({}, [{ run: ['8443'] }, { shell: 'ip route del default' }, { run: ['--remove'] }, RULES]);
  expect(told[2]).toEqual(of(69, { external: 8443, outcome: 'failed', failure: { kind: 'network', detail: expect.stringMatching(/no default route/) } }));
  expect(told[3]).toMatch(LEADS_HERE);
});

test('a router that was started anew and has forgotten it is not said to have it still', async () => {
  const anew = {
    shell: `kill $(cat /run/pid); sleep 1; nsenter -t 1 -n sh -c 'nft flush table inet filter; miniupnpd -f /run/conf -P /run/pid2; until grep -q ":14E7 " /proc/net/udp /proc/net/udp6; do sleep 0.05; done'`,
  };
  const told = await at({}, [{ run: ['8443'] }, anew, { run: ['--remove'] }, RULES, { run: ['--remove'] }]);
  expect(told[2]).toEqual(of(0, { outcome: 'removed' }));
  expect(told[3]).not.toMatch(/8443/);
  expect(told[4]).toEqual(of(0));
});
