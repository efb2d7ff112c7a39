/** `zone` in the config: the one domain is looked up by its name, and the domains of the account are not listed. */
import { describe, expect, it } from 'vitest';
import { OLD } from '../../src/testing/scenery.ts';
import { round, setFor, stage } from '../../src/testing/stage.ts';

const LOOKUPS = {
  dnsmadeeasy: '/V2.0/dns/managed/name?domainname=example.com',
  constellix: '/v1/domains/search?exact=example.com',
  rackspace: '/v1.0/110011/domains?name=example.com',
} as const;

describe.each(Object.entries(LOOKUPS))('%s', (id, lookup) => {
  it('asks for that domain once and writes in it', async () => {
    const [{ default: manifest }, { contract }] = await Promise.all([import(`../../src/providers/${id}/provider.ts`), import(`../../src/providers/${id}/contract.ts`)]);
    const on = stage(manifest, contract, { options: { ...contract.options, zone: 'example.com' }, records: [{ name: 'home.example.com', type: 'A', value: OLD, ttl: 3600 }] });
    const { failures } = await round(await on.open({ cold: true }), [setFor('home.example.com', 'A', ['198.51.100.4']), setFor('other.example.com', 'A', ['198.51.100.4'])]);
    expect(failures).toEqual([]);
    const paths = on.world.requests.map(({ url }) => url.slice(new URL(url).origin.length));
    expect(paths.filter((path) => /domain(s|name)|managed/.test(path) && !path.includes('records') && !path.includes('status'))).toEqual([lookup]);
  });

  it('refuses a domain that is not there', async () => {
    const [{ default: manifest }, { contract }] = await Promise.all([import(`../../src/providers/${id}/provider.ts`), import(`../../src/providers/${id}/contract.ts`)]);
    const on = stage(manifest, contract, { options: { ...contract.options, zone: 'elsewhere.example' } });
    const { failures } = await round(await on.open({ cold: true }), [setFor('home.elsewhere.example', 'A', ['198.51.100.4'])]);
    expect(failures.map(({ kind }) => kind)).toEqual(['refused']);
  });
});
