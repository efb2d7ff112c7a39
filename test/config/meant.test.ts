/** A provider by the name that other programs give it: the config's reader says what it is called here. */
import { expect, test } from 'vitest';
import { meant } from '../../src/config/meant.ts';
import { editDistance } from '../../src/config/suggest.ts';
import { providers as registry } from '../../src/providers/index.ts';

const known = await Promise.all(Object.values(registry).map(async (load) => (await load()).default));

/** A name of ddclient, ddns-updater, lego, inadyn or OpenWrt, and the id it has here. */
const NAMES: Readonly<Record<string, string>> = {
  hetznercloud: 'hetzner',
  gcp: 'gcloud',
  aliyun: 'alibaba',
  alidns: 'alibaba',
  dd24: 'key-systems',
  nfsn: 'nearlyfreespeech',
  hostingde: 'hosting-de-ddns',
  zoneedit1: 'zoneedit',
  mythicdyn: 'mythic-beasts-dynamic',
  dnsexit2: 'dnsexit',
  tencentcloud: 'tencent',
  pdns: 'powerdns',
  gigahostno: 'gigahost',
  'inwx.de': 'inwx',
  'strato.com': 'strato',
  'loopia.se': 'loopia-dyndns',
  loopia: 'loopia-dyndns',
  yandex: 'yandexcloud',
};

test.each(Object.entries(NAMES))('%s is called %s', (name, id) => expect(meant(name, known)).toBe(`; here it is called "${id}"`));

test.each(['DuckDNS', 'Duck DNS', 'no-ip', 'nowdns', 'mydnsjp', 'nicru', 'route-53'])('%s is an id in other letters', (name) => {
  const [id] = /"(.*)"/.exec(meant(name, known))?.slice(1) ?? [];
  expect(Object.hasOwn(registry, id ?? '')).toBe(true);
  expect(editDistance(id ?? '', name.toLowerCase())).toBeLessThanOrEqual(1);
});

test('several may be meant', () => {
  expect(meant('freedns', known)).toBe('; it may be "freedns-v1" or "freedns-v2"');
  expect(meant('he', known)).toBe('; ddns-update providers he finds those that may be meant');
});

test.each(['googledomains', 'dtdns.com', 'dnsdynamic.org'])('%s is no more, and what then', (name) => expect(meant(name, known)).toMatch(/^: .*\. ./));

test('what nobody has is not guessed at', () => {
  for (const name of ['myserver', 'nas', 'editdns.net', 'autodns']) expect(meant(name, known), name).not.toContain('did you mean');
  expect(meant('myserver', known)).toContain('any that speaks dyndns2 with dyndns2');
});
