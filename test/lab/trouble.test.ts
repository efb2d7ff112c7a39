/** The laboratory itself: each obstacle that it can put into the way is really there, and is all that is there. */
import { expect, test } from 'vitest';
import { ONCE_MORE } from '../support/once-more.ts';
import { type Lab, NAME, openLab, TTL_SECONDS, until } from './lab.ts';
import { PARKED, ZONE } from './names.ts';
import { ADDRESSES, SERVERS } from './topology.ts';
import { EXIT } from './trouble.ts';

const { home, annex } = ADDRESSES;
const BOX = `${NAME}. ${TTL_SECONDS} IN A ${home.seen[4]}\n`;
const BOX6 = `${NAME}. ${TTL_SECONDS} IN AAAA ${home.seen[6]}\n`;
const reached = { addresses: [home.seen[4]], found: ['the box'], secure: ['the box'] };
const visit4 = async (lab: Lab): Promise<unknown> => (await lab.visit())[4];

/** What somebody is told by the cache that everybody asks. */
const told = async (lab: Lab, name: string, type: string): Promise<readonly string[]> =>
  (await lab.shell(`ip netns exec visitor dig +short @${SERVERS.resolver[4]} ${name} ${type}`)).trim().split('\n').sort();

test('without any, a visitor reaches the box over both families', ONCE_MORE, async () => {
  const lab = await openLab({ records: BOX + BOX6, ipv6: true });
  expect(await lab.visit()).toEqual({ 4: reached, 6: { ...reached, addresses: [home.seen[6]] } });
});

test('a port is forwarded to nobody, or to another machine, and the other port is as it was', ONCE_MORE, async () => {
  const lab = await openLab({ records: BOX });
  await lab.forward('home', 443, 'nowhere');
  expect(await visit4(lab)).toEqual({ ...reached, secure: [expect.stringContaining('ECONNREFUSED')] });
  await lab.forward('home', 443, 'neighbour');
  expect(await visit4(lab)).toEqual({ ...reached, secure: [expect.stringContaining('somewhere-else.test')] });
  await lab.forward('home', 80, 'neighbour');
  expect(await visit4(lab)).toMatchObject({ found: ['the neighbour'] });
  for (const port of [80, 443]) await lab.forward('home', port, 'box');
  expect(await visit4(lab)).toEqual(reached);
});

test('the box shows the certificate of another host, or nothing', ONCE_MORE, async () => {
  const lab = await openLab({ records: BOX });
  await lab.show({ http: 'off', https: 'wrong-host' });
  expect(await visit4(lab)).toEqual({ ...reached, found: [expect.stringContaining('ECONNREFUSED')], secure: [expect.stringContaining('somewhere-else.test')] });
  await lab.show({ http: 'on', https: 'off' });
  expect(await visit4(lab)).toEqual({ ...reached, secure: [expect.stringContaining('ECONNREFUSED')] });
});

test('IPv6 is firewalled, and IPv4 is fine', ONCE_MORE, async () => {
  const lab = await openLab({ records: BOX + BOX6, ipv6: true });
  await lab.firewall6('home', 'on');
  expect(await lab.visit()).toEqual({ 4: reached, 6: { addresses: [home.seen[6]], found: ['timed out'], secure: ['timed out'] } });
  await lab.firewall6('home', 'off');
  expect((await lab.visit())[6]).toMatchObject({ found: ['the box'] });
});

test('a second router in front: the box gets out, its router says that its own address is private, and nobody gets in', ONCE_MORE, async () => {
  const lab = await openLab();
  await lab.mapper('annex');
  await lab.move('annex');
  lab.addSources([{ router: 'auto' }]);
  expect((await lab.run()).exit).toBe(0);
  expect(await visit4(lab)).toMatchObject({ addresses: [annex.seen[4]], found: [expect.stringContaining('ECONNREFUSED')] });
  expect((await lab.run(['detect'])).stdout).toMatch(/agreed: 203\.0\.113\.77, .*192\.168\.178\.20/);
});

test('the second name server keeps what it has', async () => {
  const lab = await openLab();
  await lab.run();
  await until(async () => (await lab.published('A', 'secondary')).join() === home.seen[4], 'the second name server does not follow');
  await lab.stale('on');
  await lab.move('garage');
  await lab.run();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await lab.published('A', 'secondary')).toEqual([home.seen[4]]);
  await lab.stale('off');
  await lab.move('home');
  await lab.renumber('home', '198.51.100.88');
  await lab.run();
  await until(async () => (await lab.published('A', 'secondary')).join() === '198.51.100.88', 'the second name server does not follow again');
});

test('the zone above leads to a server that has an old copy, beside the right ones or alone', async () => {
  const wrong = await openLab({ records: BOX, delegation: 'wrong' });
  expect(await told(wrong, NAME, 'A')).toEqual([PARKED]);
  expect(await wrong.published()).toEqual([home.seen[4]]);
  const stray = await openLab({ records: BOX, delegation: 'stray' });
  const above = await stray.shell(`ip netns exec visitor dig +norec @${SERVERS.above[4]} ${ZONE} NS`);
  expect([...above.matchAll(/NS\t(\S+)/g)].map(([, server]) => server).sort()).toEqual(['ns.parking.test.', `ns1.${ZONE}.`, `ns2.${ZONE}.`]);
});

test('who asked too early is told for a while that there is nothing', ONCE_MORE, async () => {
  const lab = await openLab({ negativeSeconds: 10 });
  expect(await told(lab, NAME, 'A')).toEqual(['']);
  await lab.run();
  expect(await lab.published()).toEqual([home.seen[4]]);
  expect(await told(lab, NAME, 'A')).toEqual(['']);
  const ms = await until(async () => (await told(lab, NAME, 'A')).join() === home.seen[4], 'the cache never forgets');
  expect(ms).toBeGreaterThan(1000);
});

test('a tunnel: the box is seen at its exit, until it is closed', async () => {
  const lab = await openLab();
  const seen = async (): Promise<string> => (await lab.shell(`ip netns exec box dig +short @${SERVERS.north[4]} whoami.example CH TXT`)).trim();
  expect(await seen()).toBe(`"${home.seen[4]}"`);
  await lab.vpn('on');
  expect(await seen()).toBe(`"${EXIT}"`);
  await lab.vpn('off');
  expect(await seen()).toBe(`"${home.seen[4]}"`);
});

test('a probe far away tells the box what can be seen of it, over either family', async () => {
  const lab = await openLab({ ipv6: true });
  const url = await lab.probe();
  const look = async (family: 4 | 6, port: number): Promise<unknown> => {
    const question = `require('http').get('${url}?port=${port}&as=connection&name=${NAME}', { family: ${family} }, (reply) => reply.pipe(process.stdout))`;
    return JSON.parse(await lab.shell(`ip netns exec box '${process.execPath}' -e "${question}"`));
  };
  expect(await look(4, 443)).toMatchObject({ address: home.seen[4], open: true });
  expect(await look(6, 443)).toMatchObject({ address: home.seen[6], open: true });
  await lab.forward('home', 443, 'nowhere');
  expect(await look(4, 443)).toMatchObject({ open: false });
});
