/** The services that most people use, each with what is peculiar to it: the requests, to the letter, and what their answers come to. */
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { serviceOf } from '../../src/providers/update-url/by-id.ts';
import type { HttpRequest } from '../../src/world/world.ts';
import { change, fakeTools, kindsOf, plain } from '../support/update-url.ts';

const A = '203.0.113.7';
const AAAA = '2001:db8::7';
type Options = Readonly<Record<string, unknown>>;
const login = { username: 'user', password: new Secret('secret') };

describe('known services', () => {
  const seen: HttpRequest[] = [];
  const write = async ({ provider, ...options }: { readonly provider: string } & Options, changes: readonly ReturnType<typeof change>[], ...bodies: readonly string[]) => {
    seen.length = 0;
    const tools = fakeTools((request) => {
      seen.push(request);
      return plain(bodies[Math.min(seen.length, bodies.length) - 1] ?? '');
    });
    return kindsOf(await (await serviceOf(provider).open(options, tools)).write(changes));
  };
  const sent = () => seen.map(({ url }) => decodeURIComponent(url));
  const token = new Secret('T0ken');

  test('Duck DNS', async () => {
    const home = [change('home.duckdns.org', A), change('home.duckdns.org', AAAA)];
    expect(await write({ provider: 'duckdns', token }, home, `OK\n${A}\n${AAAA}\nUPDATED`)).toEqual(['written', 'written']);
    expect(sent()).toEqual([`https://www.duckdns.org/update?domains=home&token=T0ken&ip=${A}&ipv6=${AAAA}&verbose=true`]);
    expect(await write({ provider: 'duckdns', token }, home.slice(0, 1), 'OK')).toEqual(['written']);
    expect(await write({ provider: 'duckdns', token }, home.slice(0, 1), 'KO')).toEqual(['auth']);
    expect(await write({ provider: 'duckdns', token }, home.slice(0, 1), `OK\n198.51.100.1\n\nUPDATED`)).toEqual(['gibberish']);
    const two = [change('home.duckdns.org', A), change('other.duckdns.org', A)];
    expect(await write({ provider: 'duckdns', token }, two, 'KO', 'OK', 'KO')).toEqual(['written', 'refused']);
    expect(await write({ provider: 'duckdns', token }, [...two, change('x.duckdns.org', A), change('y.duckdns.org', A)], 'KO')).toEqual(['auth', 'auth', 'auth', 'auth']);
    expect(seen).toHaveLength(4);
    const results = await (
      await serviceOf('duckdns').open(
        { token },
        fakeTools(() => plain('KO')),
      )
    ).write(home.slice(0, 1));
    expect(results).toMatchObject([{ failure: { kind: 'auth', lookAgainSeconds: 3600 } }]);
    expect(await write({ provider: 'duckdns', token }, [change('home.example.com', A)], 'OK')).toEqual(['config']);
    expect(seen).toHaveLength(0);
  });

  test('No-IP', async () => {
    const home = [change('a.ddns.net', A), change('a.ddns.net', AAAA)];
    expect(await write({ provider: 'noip', ...login }, home, `good ${A},${AAAA}`)).toEqual(['written', 'written']);
    expect(sent()).toEqual([`https://dynupdate.no-ip.com/nic/update?hostname=a.ddns.net&myip=${A},${AAAA}`]);
    expect(seen[0]?.headers['user-agent']).toBe('ddns-update ddns-update/node-1.2.3 https://example.com/ddns-update');
    expect(serviceOf('noip').can).toMatchObject({ refreshDays: 30, families: [4, 6], readable: false, ttl: 'fixed' });
  });

  test('deSEC keeps the other family, and sends names of one domain together', async () => {
    const options = { provider: 'desec-dyndns', username: 'home.dedyn.io', password: token } as const;
    expect(await write(options, [change('home.dedyn.io', A)], 'good')).toEqual(['written']);
    expect(await write(options, [change('home.dedyn.io', AAAA)], 'good')).toEqual(['written']);
    expect(await write(options, [change('home.dedyn.io', A), change('www.home.dedyn.io', A), change('elsewhere.dedyn.io', A)], 'good', 'nohost')).toEqual(['written', 'written', 'refused']);
    expect(sent()).toEqual([
      `https://update.dedyn.io/?hostname=home.dedyn.io,www.home.dedyn.io&myipv4=${A}&myipv6=preserve`,
      `https://update.dedyn.io/?hostname=elsewhere.dedyn.io&myipv4=${A}&myipv6=preserve`,
    ]);
    await write(options, [change('home.dedyn.io', AAAA)], 'good');
    expect(sent()).toEqual([`https://update6.dedyn.io/?hostname=home.dedyn.io&myipv6=${AAAA}&myipv4=preserve`]);
    expect(serviceOf(options.provider).can).toMatchObject({ minIntervalSeconds: 60 });
  });

  test('Dynu leaves the other family alone and waits ten minutes', async () => {
    expect(await write({ provider: 'dynu', ...login }, [change('home.dynu.net', A)], `good ${A}`)).toEqual(['written']);
    expect(sent()).toEqual([`https://api.dynu.com/nic/update?hostname=home.dynu.net&myip=${A}&myipv6=no`]);
    const results = await (
      await serviceOf('dynu').open(
        login,
        fakeTools(() => plain('911')),
      )
    ).write([change('home.dynu.net', A)]);
    expect(results).toMatchObject([{ failure: { kind: 'throttled', retryAfterSeconds: 600 } }]);
  });

  test('dynv6', async () => {
    const home = [change('home.dynv6.net', A)];
    expect(await write({ provider: 'dynv6', token }, home, 'addresses updated')).toEqual(['written']);
    expect(sent()).toEqual([`https://dynv6.com/api/update?zone=home.dynv6.net&token=T0ken&ipv4=${A}`]);
    expect(await write({ provider: 'dynv6', token }, home, 'addresses unchanged')).toEqual(['written']);
    expect(await write({ provider: 'dynv6', token }, home, 'invalid authentication token')).toEqual(['auth']);
    expect(await write({ provider: 'dynv6', token }, home, 'zone not found')).toEqual(['refused']);
    expect(await write({ provider: 'dynv6', token }, home, '')).toEqual(['gibberish']);
  });

  test('Hurricane Electric logs in as the name itself, one name and one family a call', async () => {
    const results = await write({ provider: 'he-dns', password: token }, [change('home.example.com', A), change('home.example.com', AAAA)], `good ${A}`, `good ${AAAA}`);
    expect(results).toEqual(['written', 'written']);
    expect(seen.map(({ headers }) => headers['authorization'])).toEqual(Array(2).fill(`Basic ${Buffer.from('home.example.com:T0ken').toString('base64')}`));
    expect(await write({ provider: 'he-dns', password: token }, [change('home.example.com', A)], 'interval')).toEqual(['throttled']);
  });

  test('Tunnel Broker', async () => {
    expect(await write({ provider: 'he-tunnelbroker', ...login, id: '4711' }, [change('tunnel.example.com', A)], 'That IP is already associated with this IP')).toEqual(['written']);
    expect(sent()).toEqual([`https://ipv4.tunnelbroker.net/nic/update?hostname=4711&myip=${A}`]);
  });

  test('OVHcloud and Infomaniak', async () => {
    expect(await write({ provider: 'ovh-dynhost', ...login }, [change('home.example.com', A)], `nochg ${A}`)).toEqual(['written']);
    expect(sent()).toEqual([`https://dns.eu.ovhapis.com/nic/update?system=dyndns&hostname=home.example.com&myip=${A}`]);
    for (const [body, kind] of [
      [`good ${A}`, 'written'],
      ['successfully_changed', 'written'],
      ['no_change', 'written'],
      ['nohost', 'refused'],
      ['conflict A record', 'refused'],
    ] as const)
      expect(await write({ provider: 'infomaniak-dyndns', ...login }, [change('home.example.com', A)], body), body).toEqual([kind]);
  });

  test('Namecheap: the count of errors decides, not "Done"', async () => {
    const options = { provider: 'namecheap', zone: 'example.com', password: token } as const;
    const xml = (inner: string) => `<?xml version="1.0" encoding="utf-16"?><interface-response><Command>SETDNSHOST</Command>${inner}<Done>true</Done></interface-response>`;
    expect(await write(options, [change('example.com', A), change('home.example.com', A), change('*.example.com', A)], xml(`<IP>${A}</IP><ErrCount>0</ErrCount>`))).toEqual([
      'written',
      'written',
      'written',
    ]);
    expect(seen.map(({ url }) => new URL(url).searchParams.get('host'))).toEqual(['@', 'home', '*']);
    expect(seen.map(({ url }) => new URL(url).searchParams.get('domain'))).toEqual(['example.com', 'example.com', 'example.com']);
    const home = [change('home.example.com', A)];
    expect(await write(options, home, xml('<ErrCount>1</ErrCount><errors><Err1>Passwords do not match</Err1></errors><ResponseNumber>304156</ResponseNumber>'))).toEqual(['auth']);
    expect(await write(options, home, xml('<ErrCount>1</ErrCount><ResponseNumber>316153</ResponseNumber>'))).toEqual(['refused']);
    expect(await write(options, home, xml('<ErrCount>1</ErrCount><ResponseNumber>380099</ResponseNumber>'))).toEqual(['throttled']);
    expect(await write(options, home, xml('<ErrCount>1</ErrCount>'))).toEqual(['gibberish']);
    expect(await write(options, home, xml('<IP>198.51.100.1</IP><ErrCount>0</ErrCount>'))).toEqual(['gibberish']);
    expect(await write(options, [change('home.example.org', A), change('home.example.com', AAAA)], '')).toEqual(['config', 'config']);
    expect(seen).toHaveLength(0);
    expect(serviceOf(options.provider).can).toMatchObject({ families: [4], wildcard: true });
  });

  test('INWX: both addresses in one call, and never IPv6 alone', async () => {
    const both = [change('home.example.com', A), change('home.example.com', AAAA)];
    expect(await write({ provider: 'inwx-dyndns', ...login }, both, `good ${A},${AAAA}`)).toEqual(['written', 'written']);
    expect(sent()).toEqual([`https://dyndns.inwx.com/nic/update?myip=${A}&myipv6=${AAAA}`]);
    expect(await write({ provider: 'inwx-dyndns', ...login }, both.slice(1), '')).toEqual(['config']);
    expect(seen).toEqual([]);
    expect(serviceOf('inwx-dyndns').can).toMatchObject({ together: 'needed', names: 'one' });
  });

  test('Core-Networks keeps the other family', async () => {
    await write({ provider: 'core-networks-dyndns', ...login }, [change('home.example.com', AAAA)], 'good');
    expect(sent()).toEqual([`https://dyndns.core-networks.de/?hostname=home.example.com&myip=${AAAA}&keepipv4=1`]);
  });

  test('ALL-INKL and others of whom it is not known: together where both are there', async () => {
    expect(serviceOf('all-inkl-dyndns').can).toMatchObject({ together: 'safer' });
    await write({ provider: 'all-inkl-dyndns', ...login }, [change('home.example.com', A), change('home.example.com', AAAA)], 'good');
    expect(sent()).toEqual([`https://dyndns.kasserver.com/?myip=${A}&myip6=${AAAA}`]);
  });

  test('one record an account: two names are refused', async () => {
    const two = [change('a.example.com', A), change('b.example.com', A)];
    expect(await write({ provider: 'freedns-v2', token }, two, 'Updated')).toEqual(['config', 'config']);
    expect(seen).toEqual([]);
  });

  test('a whole account: names with one address are one call, names with two are refused', async () => {
    const two = [change('a.example.com', A), change('b.example.com', A)];
    expect(await write({ provider: 'dynu-ipupdate-location', ...login, id: 'home' }, two, `good ${A}`)).toEqual(['written', 'written']);
    expect(sent()).toEqual([`https://api.dynu.com/nic/update?location=home&myip=${A}&myipv6=no`]);
    expect(await write({ provider: 'dynu-ipupdate-location', ...login, id: 'home' }, [change('a.example.com', A), change('b.example.com', '198.51.100.1')], '')).toEqual(['config', 'config']);
  });

  test('FreeDNS has a key for each record, so one for each family', async () => {
    const both = [change('home.example.com', A), change('home.example.com', AAAA)];
    expect(await write({ provider: 'freedns-v2', token, token6: new Secret('T0ken6') }, both, 'Updated', 'Updated')).toEqual(['written', 'written']);
    expect(sent()).toEqual([`https://sync.afraid.org/u/T0ken/?address=${A}`, `https://v6.sync.afraid.org/u/T0ken6/?address=${AAAA}`]);
    expect(await write({ provider: 'freedns-v2', token }, both, 'Updated')).toEqual(['written', 'config']);
    const { can } = serviceOf('freedns-v2');
    expect(typeof can === 'function' && can({ token })).toMatchObject({ families: [4] });
    expect(typeof can === 'function' && can({ token6: token })).toMatchObject({ families: [6] });
    expect(serviceOf('freedns-v2').problems?.({})).toEqual([expect.stringContaining('needs token')]);
  });

  test('Dynadot: the domain itself is asked for in another way', async () => {
    const options = { provider: 'dynadot-ddns', zone: 'example.com', password: token };
    await write(options, [change('a.example.com', A), change('b.example.com', A), change('example.com', A)], '{"status":"success","error_code":0,"content":["ok"]}');
    expect(sent()).toEqual([
      `https://www.dynadot.com/set_ddns?containRoot=false&domain=example.com&subDomain=a,b&type=A&ip=${A}&pwd=T0ken&ttl=300`,
      `https://www.dynadot.com/set_ddns?containRoot=true&domain=example.com&type=A&ip=${A}&pwd=T0ken&ttl=300`,
    ]);
  });

  test('DNSEver: each name with its address, and one failure among many is found', async () => {
    const yes = '<dnsever><result type="update" code="701" numOfSuccess="1" numOfFailure="0" msg=""></result></dnsever>';
    const two = [change('a.example.com', A), change('b.example.com', A)];
    expect(await write({ provider: 'dnsever', ...login }, two, yes)).toEqual(['written', 'written']);
    expect(sent()).toEqual([`https://dyna.dnsever.com/update.php?host[a.example.com]=${A}&host[b.example.com]=${A}`]);
    const some = '<dnsever><result type="update" code="701" numOfSuccess="1" numOfFailure="1" msg=""></result></dnsever>';
    expect(await write({ provider: 'dnsever', ...login }, two, some, yes, some)).toEqual(['written', 'refused']);
  });

  test('ZoneEdit: a line for each name', async () => {
    const two = [change('a.example.com', A), change('b.example.com', A), change('c.example.com', A)];
    const lines = ['<SUCCESS CODE="200" TEXT="updated">', '<ERROR CODE="701" TEXT="Zone is not set up">', '<ERROR CODE="707" TEXT="Duplicate updates">'].join('\n');
    expect(await write({ provider: 'zoneedit', ...login }, two, lines)).toEqual(['written', 'refused', 'written']);
    expect(sent()).toEqual([`https://dynamic.zoneedit.com/auth/dynamic.html?host=a.example.com,b.example.com,c.example.com&dnsto=${A}`]);
  });

  test('a URL that the user pasted: our part is added to what it has', async () => {
    const pasted = (text: string) => ({ provider: 'cloudns-dynurl', updateUrl: new Secret(text) });
    await write(pasted('https://ipv4.cloudns.net/api/dynamicURL/?q=k%20ey'), [change('home.example.com', A)], 'OK');
    expect(seen[0]).toMatchObject({ url: 'https://ipv4.cloudns.net/api/dynamicURL/?q=k%20ey&proxy=1', headers: { 'x-forwarded-for': A } });
    const opened = (text: string) => () =>
      serviceOf('cloudns-dynurl').open(
        { updateUrl: new Secret(text) },
        fakeTools(() => plain('')),
      );
    expect(opened('http://ipv4.cloudns.net/?q=key')).toThrow('use https');
    expect(opened('just a key')).toThrow(/must be a URL(?!.*just a key)/);
    expect(opened('https://user:key@ipv4.cloudns.net/?q=key')).toThrow('without a user');
  });

  test('GleSYS: the number of the record goes with the family', async () => {
    await write({ provider: 'glesys', ...login, id: '11', id6: '66' }, [change('home.example.com', A), change('home.example.com', AAAA)], '{"response":{"status":{"code":200}}}');
    expect(seen.map(({ body }) => body)).toEqual([`recordid=11&data=${A}`, `recordid=66&data=${AAAA}`]);
  });

  test('FreeDNS::42 by XML-RPC: nothing can break out of its element', async () => {
    const options = { provider: 'freedns42', username: 'me & you', password: new Secret('<p&"\'>'), zone: 'example.com' };
    expect(await write(options, [change('home.example.com', A), change('example.com', A)], '<methodResponse><name>serial</name></methodResponse>')).toEqual(['written', 'written']);
    expect(seen[0]?.body).toContain('<name>name</name><value><string>home</string>');
    expect(seen[0]?.body).toContain('<string>&#60;p&#38;&#34;&#39;&#62;</string>');
    expect(seen[1]?.body).toContain('<name>name</name><value><string>example.com.</string>');
  });

  test('Infomaniak may redirect within its own domain; nobody else gets the login', async () => {
    const led = async (location: string, provider = 'infomaniak-dyndns') => {
      const urls: string[] = [];
      const tools = fakeTools(({ url }) => {
        urls.push(new URL(url).origin);
        return urls.length === 1 ? plain('', 302, { location }) : plain(`good ${A}`);
      });
      return [...kindsOf(await (await serviceOf(provider).open(login, tools)).write([change('home.example.com', A)])), ...urls];
    };
    expect(await led('https://www.infomaniak.com/nic/update?hostname=home.example.com&myip=203.0.113.7')).toEqual(['written', 'https://infomaniak.com', 'https://www.infomaniak.com']);
    expect(await led('/nic/update/?hostname=home.example.com')).toEqual(['written', 'https://infomaniak.com', 'https://infomaniak.com']);
    for (const elsewhere of ['https://infomaniak.com.example/', 'https://notinfomaniak.com/', 'http://infomaniak.com/', 'https://com/'])
      expect(await led(elsewhere)).toEqual(['gibberish', 'https://infomaniak.com']);
    expect(await led('https://www.dyndns.strato.com/', 'strato')).toEqual(['gibberish', 'https://dyndns.strato.com']);
  });

  test('a status may say more than HTTP does', async () => {
    const kindOf = async (provider: string, status: number, options: Options = login) =>
      kindsOf(
        await (
          await serviceOf(provider).open(
            options,
            fakeTools(() => plain('', status)),
          )
        ).write([change('home.example.com', A)]),
      );
    expect(await kindOf('selfhost', 204)).toEqual(['written']);
    expect(await kindOf('selfhost', 410)).toEqual(['blocked']);
    expect(await kindOf('changeip', 402)).toEqual(['blocked']);
    expect(await kindOf('domeneshop-dyndns', 204)).toEqual(['written']);
    expect(await kindOf('domeneshop-dyndns', 200)).toEqual(['gibberish']);
    expect(await kindOf('myaddr', 404, { token })).toEqual(['auth']);
  });

  test('DDNSS says in a header what its page says at length', async () => {
    const answered = async (said: string) =>
      kindsOf(
        await (
          await serviceOf('ddnss').open(
            { token },
            fakeTools(() => plain('<html>...</html>', 200, { 'ddnss-response': said })),
          )
        ).write([change('home.example.com', A)]),
      );
    expect(await answered('good')).toEqual(['written']);
    expect(await answered('badauth')).toEqual(['auth']);
    expect(await answered('disabled')).toEqual(['refused']);
  });

  test('who takes no address is called over the family that is meant, and past every proxy', async () => {
    await write({ provider: 'mythic-beasts-dynamic', ...login }, [change('home.example.com', A), change('home.example.com', AAAA)], '{"message":"1 record updated"}');
    expect(seen.map(({ url, direct }) => [url, direct])).toEqual([
      ['https://ipv4.api.mythic-beasts.com/dns/v2/dynamic/home.example.com', 4],
      ['https://ipv6.api.mythic-beasts.com/dns/v2/dynamic/home.example.com', 6],
    ]);
  });

  test('plain http only where it was allowed', async () => {
    const { problems, options } = serviceOf('pubyun-3322');
    expect(problems?.(login)).toEqual([expect.stringContaining('insecure')]);
    expect(problems?.({ ...login, insecure: true })).toEqual([]);
    expect(Object.keys(options)).toContain('insecure');
    await write({ provider: 'pubyun-3322', ...login, insecure: true }, [change('home.example.com', A)], `good ${A}`);
    expect(seen[0]).toMatchObject({ insecure: true, headers: { 'user-agent': 'ddns-update node 1.2.3' } });
  });
});
