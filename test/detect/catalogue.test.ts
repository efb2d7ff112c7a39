/** The catalogue: complete where the built-in mix needs it, and consistent everywhere. */
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { canOutvoteLiar } from '../../src/core/observe.ts';
import { isDatagram, type Source, serves, witnessOf } from '../../src/detect/source.ts';
import { CATALOGUE, DEAD, DEFAULT_SOURCES } from '../../src/detect/sources.ts';

const mix: readonly Source[] = DEFAULT_SOURCES.flatMap((id): readonly Source[] => (CATALOGUE[id] === undefined ? [] : [CATALOGUE[id]]));

describe.each([4, 6] as const)('the built-in mix for IPv%d', (family) => {
  const serving = mix.filter((source) => serves(source, family));
  test('has four operators and three transports', () => {
    expect(new Set(serving.map(({ operator }) => operator)).size).toBeGreaterThanOrEqual(4);
    expect(new Set(serving.map(({ kind }) => kind))).toEqual(new Set(['dns', 'stun', 'https']));
  });
  test('can outvote any one liar', () => expect(canOutvoteLiar(serving.map(witnessOf), 2)).toBe(true));
  test('has three operators over HTTPS for where UDP is dead', () => expect(new Set(serving.filter(({ kind }) => kind === 'https').map(({ operator }) => operator)).size).toBeGreaterThanOrEqual(3));
  test('needs no lookup for a glance', () => {
    const literal = serving.filter((source) => isDatagram(source) && source.servers.some(({ host }) => parseAddress(host, family) !== undefined));
    expect(new Set(literal.map(({ operator }) => operator)).size).toBeGreaterThanOrEqual(2);
  });
});

test('nothing in the built-in mix is mere hearsay', () => expect(DEFAULT_SOURCES.filter((id) => CATALOGUE[id]?.unverified)).toEqual([]));

describe.each(Object.entries(CATALOGUE))('%s', (id, source) => {
  test('is listed under its own name and is not dead', () => {
    expect(source.id).toBe(id);
    expect(Object.keys(DEAD)).not.toContain(id);
  });
  test('serves every family it claims, and servers by literal serve their own', () => {
    expect(source.families.length).toBeGreaterThan(0);
    for (const family of source.families) expect(serves(source, family)).toBe(true);
    for (const { host, families } of isDatagram(source) ? source.servers : []) {
      const literal = parseAddress(host);
      if (literal !== undefined) expect(families).toEqual([literal.includes(':') ? 6 : 4]);
    }
  });
  test('is asked over TLS where it is asked over HTTP', () => {
    for (const { url } of source.kind === 'https' ? source.urls : []) expect(new URL(url).protocol).toBe('https:');
  });
});

test('what stands behind Cloudflare is no witness beside Cloudflare', () => {
  for (const id of ['icanhazip', 'ifconfig.co', 'ifconfig.io', 'cloudflare-dns', 'cloudflare-stun']) expect(CATALOGUE[id]?.operator).toBe('cloudflare');
});

test('every dead one names a living one', () => {
  for (const [id, sentence] of Object.entries(DEAD)) {
    const instead = /; use ([^ ]+)( or ([^ ]+))?$/.exec(sentence);
    expect(CATALOGUE[instead?.[1] ?? ''], id).toBeDefined();
  }
});
