/** Those who live in the demo: they do what their like do in earnest, so that what is proven against them is proven. */
import { afterEach, describe, expect, test } from 'vitest';
import type { IpAddress } from '../src/core/address.ts';
import { decodeExternalAddressReply, decodeNatPmpMapReply, encodeExternalAddressRequest, encodeNatPmpMapRequest } from '../src/core/nat-pmp.ts';
import { decodeMapReply } from '../src/core/pcp.ts';
import { redactor } from '../src/core/secret.ts';
import { addressOf, TYPE } from '../src/core/wire.ts';
import { ABOVE, ABOVE_TEXT, NAME, SERVERS, startNameServer, ZONE, zoneText } from '../src/demo/name-server.ts';
import { GARAGE, GARAGE_PORTAL, HOME, known, type Place } from '../src/demo/places.ts';
import { exchange, RESOLVER, startResolver } from '../src/demo/resolver.ts';
import { buildRoads, serveOnLoopback } from '../src/demo/roads.ts';
import { startRouter } from '../src/demo/router.ts';
import { openWorld } from '../src/world/index.ts';

const outer = openWorld({ servers: [], env: {}, redactor: redactor() });
const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});
const opened = async <T extends { readonly close: () => Promise<void> }>(one: Promise<T>): Promise<T> => {
  open.push(await one);
  return one;
};

async function ground(from: Place) {
  let [place, aheadMs] = [from, 0];
  const clock = { ...outer.clock, now: () => outer.clock.now() + aheadMs };
  const router = await startRouter(() => place, clock);
  open.push(router.listening);
  const roads = buildRoads(outer.net, { place: () => place, router, families: [4] });
  return {
    router,
    roads,
    clock,
    carryTo: (next: Place) => {
      place = next;
    },
    later: (seconds: number) => {
      aheadMs += seconds * 1000;
    },
    /** What the router says to these bytes. */
    say: (bytes: Uint8Array) => roads.box.datagram({ address: known(place.network.gateway, 4), port: 5351 }, bytes, () => true, { timeoutMs: 2000 }),
  };
}

describe('the router', () => {
  const mapping = { protocol: 'tcp', internal: 80 } as const;

  test('maps a port by NAT-PMP for as long as it says, and takes it back', async () => {
    const { say, router, later } = await ground(GARAGE);
    expect(decodeExternalAddressReply(await say(encodeExternalAddressRequest()))).toMatchObject({ kind: 'address', address: '203.0.113.42' });
    expect(router.inside(8080)).toBeUndefined();
    expect(decodeNatPmpMapReply(await say(encodeNatPmpMapRequest(mapping, { external: 8080, lifetimeSeconds: 60 })), mapping)).toMatchObject({ kind: 'mapped', external: 8080, lifetimeSeconds: 60 });
    expect(router.inside(8080)).toBe(80);
    expect(decodeNatPmpMapReply(await say(encodeNatPmpMapRequest(mapping, { external: 0, lifetimeSeconds: 0 })), mapping)).toMatchObject({ kind: 'mapped', lifetimeSeconds: 0 });
    expect(router.inside(8080)).toBeUndefined();
    await say(encodeNatPmpMapRequest(mapping, { external: 8080, lifetimeSeconds: 60 }));
    later(61);
    expect(router.inside(8080)).toBeUndefined();
  });

  test('tells whoever speaks PCP that it speaks NAT-PMP, and is another one at every place', async () => {
    const { say, router, carryTo } = await ground(GARAGE);
    expect(decodeMapReply(await say(Uint8Array.of(2, 1, 0, 0)), { nonce: new Uint8Array(12), protocol: 'tcp', internalPort: 80 })).toEqual({ kind: 'nat-pmp' });
    await say(encodeNatPmpMapRequest(mapping, { external: 8080, lifetimeSeconds: 60 }));
    carryTo(HOME);
    expect([router.inside(80), router.inside(8080)]).toEqual([80, undefined]);
  });
});

test('the resolver finds the zone from above, keeps what it was told as long as it may, and no longer', async () => {
  const { roads, clock, later } = await ground(HOME);
  let text = zoneText([HOME.address[4]]).replace('$TTL 3600', '$TTL 30');
  roads.dns.set(SERVERS.above, await opened(startNameServer(ABOVE, () => ABOVE_TEXT)));
  roads.dns.set(SERVERS.first, await opened(startNameServer(ZONE, () => text)));
  roads.dns.set(RESOLVER, await opened(startResolver({ net: roads.internet, clock, random: outer.random })));
  const ask = (server: string, name: string, type: number) => exchange(known(server, 4), name, type, { net: roads.internet, random: outer.random }, true);
  const address = async (): Promise<readonly (IpAddress | undefined)[]> => (await ask(RESOLVER, NAME, TYPE.A)).answers.map(addressOf);
  expect(await ask(SERVERS.above, NAME, TYPE.A)).toMatchObject({ authoritative: false, answers: [], authorities: [{ name: ZONE }, { name: ZONE }] });
  expect(await address()).toEqual(['198.51.100.7']);
  text = text.replace('198.51.100.7', '203.0.113.42');
  expect((await ask(SERVERS.first, NAME, TYPE.A)).answers.map(addressOf)).toEqual(['203.0.113.42']);
  later(20);
  const kept = await ask(RESOLVER, NAME, TYPE.A);
  expect(kept.answers.map(addressOf)).toEqual(['198.51.100.7']);
  expect(kept.answers[0]?.ttl).toBeLessThanOrEqual(10);
  later(11);
  expect(await address()).toEqual(['203.0.113.42']);
  expect(await ask(RESOLVER, `nothing.${ZONE}`, TYPE.A)).toMatchObject({ rcode: 3, answers: [], authorities: [{ type: TYPE.SOA }] });
  expect(await ask(RESOLVER, NAME, TYPE.AAAA)).toMatchObject({ rcode: 0, answers: [] });
});

describe('the roads', () => {
  const wait = { timeoutMs: 2000 };

  test('nothing is sent to an address that is not of the story', async () => {
    const { roads } = await ground(HOME);
    const elsewhere = known('192.0.2.99', 4);
    await expect(roads.box.datagram({ address: elsewhere, port: 53 }, new Uint8Array(1), () => true, wait)).rejects.toMatchObject({ failure: { code: 'ECONNREFUSED' } });
    await expect(roads.box.echo({ url: 'http://example.com/', family: 4, maxBytes: 10 }, wait)).rejects.toMatchObject({ failure: { code: 'ECONNREFUSED' } });
    await expect(roads.internet.knock?.({ address: elsewhere, port: 80 }, wait)).rejects.toMatchObject({ failure: { code: 'EHOSTUNREACH' } });
    await expect(roads.box.stream({ address: elsewhere, port: 53 }, new Uint8Array(1), () => true, { ...wait, maxBytes: 1 })).rejects.toMatchObject({ failure: { code: 'EHOSTUNREACH' } });
  });

  test('from the internet the box is found only through a router that forwards to it, and only while something listens', async () => {
    const { roads, carryTo } = await ground(HOME);
    const page = () => roads.internet.echo({ url: 'http://198.51.100.7/', family: 4, maxBytes: 100 }, wait);
    await expect(page()).rejects.toMatchObject({ failure: { code: 'ECONNREFUSED' } });
    const serving = await roads.box.serve?.(80, async () => ({ status: 200, headers: {}, body: 'the box' }));
    expect(serving?.port).toBe(80);
    expect(await page()).toMatchObject({ status: 200, body: 'the box' });
    await roads.box.knock?.({ address: HOME.lan, port: 80 }, wait);
    for (const place of [GARAGE, GARAGE_PORTAL]) {
      carryTo(place);
      await expect(roads.internet.knock?.({ address: place.address[4], port: 80 }, wait)).rejects.toThrow();
    }
    carryTo(HOME);
    await serving?.close();
    await expect(page()).rejects.toMatchObject({ failure: { code: 'ECONNREFUSED' } });
  });

  test('a server that cannot be had in one family is not left behind in the other', async () => {
    const closed: number[] = [];
    const serve: typeof outer.net.serve = async (port, answer, bind) => {
      if (bind === '::1') throw new Error('no such loopback');
      const serving = await outer.net.serve?.(port, answer, bind);
      if (serving === undefined) throw new Error('this world cannot serve');
      return { ...serving, close: async () => void closed.push(serving.port, await serving.close().then(() => 0)) };
    };
    await expect(serveOnLoopback({ serve }, [4, 6], async () => ({ status: 200, headers: {}, body: '' }))).rejects.toThrow('no such loopback');
    expect(closed).toHaveLength(2);
  });
});
