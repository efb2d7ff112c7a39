/** The command `verify` over signed zones: whose signatures fit, whose do not and why, and what can be told where nobody checks them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demand } from '../servers/named.ts';
import { type ServedZone, soaOf } from '../servers/zones.ts';
import { type NameNetwork, nameNetwork } from './name-network.ts';

const AT = { above: '198.51.100.53', home: '198.51.100.1' } as const;
const [OLD, NEW] = ['8.8.8.2', '8.8.8.1'];
/** The first of them checks no signatures; the second says why it refuses something, the third does not. */
const [CARELESS, VALIDATING, TERSE] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const;

const TOOL = { keygen: '/usr/bin/dnssec-keygen', ds: '/usr/bin/dnssec-dsfromkey', sign: '/usr/bin/dnssec-signzone' } as const;

let names: NameNetwork;

/** A key for a zone, as a DNSKEY record, and what the zone above says to vouch for it. */
type Key = { readonly file: string; readonly record: string; readonly ds: string };
function keyFor(zone: string): Key {
  demand(TOOL.keygen, 'bind9-utils');
  const file = join(names.folder, execFileSync(TOOL.keygen, ['-K', names.folder, '-a', 'ECDSAP256SHA256', '-f', 'KSK', zone], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim());
  const record = readFileSync(`${file}.key`, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith(';'))
    .join('');
  return { file, record, ds: execFileSync(TOOL.ds, ['-2', `${file}.key`], { encoding: 'utf8' }) };
}

/** The zone signed with the key alone. `options`: when the signatures begin and end. */
function signed(zone: ServedZone, { file, record }: Key, ...options: readonly string[]): ServedZone {
  const path = join(names.folder, `${zone.name}.signed`);
  writeFileSync(path, `${soaOf(zone)}${record}\n`);
  execFileSync(TOOL.sign, ['-z', '-P', '-d', names.folder, '-O', 'full', ...options, '-o', zone.name, '-f', path, path, file], { stdio: 'ignore' });
  return { ...zone, whole: readFileSync(path, 'utf8') };
}

beforeAll(async () => {
  names = await nameNetwork(Object.values(AT));
  const zone = (label: string, records = `box 60 IN A ${NEW}\n`): ServedZone => ({ name: `${label}.example`, servers: [`ns.${label}.example`], records: `ns IN A ${AT.home}\n${records}` });
  const labels = ['good', 'changed', 'expired', 'moved', 'plain'] as const;
  const [good, changed, expired, moved, gone] = [...labels.slice(0, 4), 'moved'].map((label) => keyFor(`${label}.example`)) as [Key, Key, Key, Key, Key];
  const delegations = labels.map((label) => `${label} IN NS ns.${label}\nns.${label} IN A ${AT.home}\n`).join('');
  const above: ServedZone = { name: 'example', servers: ['ns.example'], records: `ns IN A ${AT.above}\n${delegations}${[good, changed, expired, gone].map(({ ds }) => ds).join('')}` };
  const trusted = keyFor('example');
  const root: ServedZone = { name: '.', servers: ['ns.example'], records: `example. IN NS ns.example.\nns.example. IN A ${AT.above}\n` };
  await names.serve(AT.above, [root, signed(above, trusted)], 'ns.example');
  const before = signed(zone('changed', `box 60 IN A ${OLD}\n`), changed);
  await names.serve(
    AT.home,
    [
      signed(zone('good'), good),
      { ...before, whole: before.whole?.replaceAll(OLD as string, NEW as string) ?? '' },
      signed(zone('expired'), expired, '-s', '20200101000000', '-e', '20200201000000', '-X', '20400101000000'),
      signed(zone('moved'), moved),
      zone('plain'),
    ],
    'box.plain.example',
  );
  await names.resolve(CARELESS, AT.above, 'box.plain.example');
  await names.resolve(VALIDATING, AT.above, 'box.plain.example', { anchor: trusted.record, reasons: true });
  await names.resolve(TERSE, AT.above, 'box.plain.example', { anchor: trusted.record, reasons: false });
});
afterAll(() => names.close());

type Proof = { readonly rung: string; readonly state: string; readonly words: string };
type Climbs = { readonly exit: number; readonly names: readonly { readonly state: string; readonly proofs: readonly Proof[] }[] };

async function climbed(
  name: string,
  resolvers: readonly string[],
  own: string = CARELESS,
): Promise<{ readonly exit: number; readonly state: string | undefined; readonly rungs: readonly string[]; readonly signatures: Proof | undefined }> {
  const zone = name.split('.').slice(-2).join('.');
  const config = { records: [{ name, ttl: 60 }], accounts: { main: { provider: 'rfc2136', server: AT.home, zone } }, dns: { servers: [own] }, verify: { resolvers } };
  const { report } = await names.run<Climbs>('verify', config, NEW as string);
  const proofs = report.names[0]?.proofs ?? [];
  return { exit: report.exit, state: report.names[0]?.state, rungs: proofs.map(({ rung, state }) => `${rung} ${state}`), signatures: proofs.find(({ rung }) => rung === 'signatures') };
}

const check = (title: string, name: string, resolvers: readonly string[], expected: object): void => {
  test(title, async () => expect(await climbed(name, resolvers)).toMatchObject(expected));
};
const failed = (words: string) => ({ exit: 1, state: 'failed', signatures: { state: 'failed', words } });

check('good signatures are proven by whoever checks them', 'box.good.example', [CARELESS, VALIDATING], {
  exit: 0,
  rungs: ['provider proven', 'authoritative proven', 'signatures proven', 'caches proven'],
  signatures: { words: '127.0.0.2 finds its signatures good' },
});
check('a change that was not signed is told', 'box.changed.example', [VALIDATING], failed(expect.stringMatching(/^127\.0\.0\.2 refuses it because its signatures do not fit \(SERVFAIL, /)));
check('signatures that have expired are told', 'box.expired.example', [VALIDATING], failed(expect.stringContaining('SERVFAIL, signatures have expired, and an answer where nothing is checked')));
check('a DS record of keys that are gone is told', 'box.moved.example', [VALIDATING], failed(expect.stringContaining('no good key fits the DS record')));
check(
  'a resolver that gives no reason is asked again before it is believed',
  'box.changed.example',
  [TERSE],
  failed('127.0.0.3 refuses it because its signatures do not fit (SERVFAIL, and an answer where nothing is checked): visitors behind resolvers that check get nothing'),
);
check('a zone without signatures is asked nothing about them', 'box.plain.example', [VALIDATING], { exit: 0, rungs: ['provider proven', 'authoritative proven', 'caches proven'] });
check('where nobody checks signatures nothing is said of them', 'box.good.example', [CARELESS], { exit: 0, rungs: ['provider proven', 'authoritative proven', 'caches proven'] });

test('name servers are found by a resolver of our own, though it refuses the zone too', async () => {
  expect(await climbed('box.moved.example', [VALIDATING], VALIDATING)).toMatchObject({ rungs: ['provider proven', 'authoritative proven', 'signatures failed', 'caches unknown'] });
});
