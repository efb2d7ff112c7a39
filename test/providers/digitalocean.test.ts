/** DigitalOcean's listings, where they are not as its description has it. https://github.com/octodns/octodns-digitalocean/blob/main/tests/fixtures/digitalocean-page-1.json */
import { expect, it } from 'vitest';
import { contract } from '../../src/providers/digitalocean/contract.ts';
import digitalocean from '../../src/providers/digitalocean/provider.ts';
import { round, setFor, stage } from '../../src/testing/stage.ts';

const EMPTY = { priority: null, port: null, weight: null, flags: null, tag: null };

it('an SOA record without id and value does not spoil the listing', async () => {
  const on = stage(digitalocean, contract, {
    records: [{ name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 }],
    intercept({ request, deliver }) {
      if (!request?.url.includes('/records?')) return undefined;
      return deliver().then((reply) => {
        const listing = JSON.parse(reply.body);
        return { ...reply, body: JSON.stringify({ ...listing, domain_records: [{ id: null, type: 'SOA', name: '@', data: null, ttl: null, ...EMPTY }, ...listing.domain_records] }) };
      });
    },
  });
  expect((await round(await on.open({ cold: true }), [setFor('home.example.com', 'A', ['198.51.100.4'])])).failures).toEqual([]);
  expect(on.zone.records.map(({ value }) => value)).toEqual(['198.51.100.4']);
});
