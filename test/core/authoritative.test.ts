/** Replies of authoritative servers, read: what they hold, where they lead, and how one knows that a server does not serve the zone. */
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { type Answer, aliasIn, holderIn, readAnswer, referralIn } from '../../src/core/authoritative.ts';
import { addressRecord, CLASS, encodeName, type Message, message, type ResourceRecord, soaData, TYPE } from '../../src/core/wire.ts';

const a = (name: string, address: string, ttl = 60): ResourceRecord => {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new Error(address);
  return addressRecord(name, parsed, ttl);
};
const named =
  (type: number) =>
  (name: string, target: string, ttl = 60): ResourceRecord => ({ name, type, class: CLASS.IN, ttl, data: encodeName(target) });
const [ns, cname] = [named(TYPE.NS), named(TYPE.CNAME)];
const soa = (name: string, ttl = 3600, minimum = 60): ResourceRecord => ({
  name,
  type: TYPE.SOA,
  class: CLASS.IN,
  ttl,
  data: soaData({ primary: 'ns1.example', mailbox: 'h.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum }),
});

const reply = (parts: Partial<Message>): Message => message({ id: 1, response: true, authoritative: true, ...parts });

/** An answer with its addresses as plain text. */
type Shown = Answer | { readonly kind: 'holds'; readonly values: readonly string[]; readonly ttl: number };

describe('what a server holds', () => {
  const check = (name: string, parts: Partial<Message>, expected: Shown): void => {
    test(name, () => expect(readAnswer(reply(parts), { name: 'box.home.example', type: 'A', zone: 'home.example' })).toEqual(expected));
  };
  check('one address', { answers: [a('box.home.example', '8.8.8.8')] }, { kind: 'holds', values: ['8.8.8.8'], ttl: 60 });
  check(
    'several, whatever the letters: the lowest TTL counts',
    { answers: [a('BOX.home.example', '8.8.8.8', 300), a('box.Home.example', '8.8.4.4', 30)] },
    { kind: 'holds', values: ['8.8.8.8', '8.8.4.4'], ttl: 30 },
  );
  check(
    'records of other names and types are not its',
    { answers: [a('nas.home.example', '8.8.8.8'), a('box.home.example', '2620:fe::1')], authorities: [soa('home.example')] },
    { kind: 'absent', ttl: 60 },
  );
  check(
    'an alias within the zone: either part may be kept by others, each for its own time',
    { answers: [cname('box.home.example', 'nas.home.example', 20), a('nas.home.example', '8.8.8.8', 300)] },
    { kind: 'holds', values: ['8.8.8.8'], ttl: 300 },
  );
  check('a time so long that it counts as none', { answers: [a('box.home.example', '8.8.8.8', 2 ** 31)] }, { kind: 'holds', values: ['8.8.8.8'], ttl: 0 });
  check('absence, with such a time', { rcode: 3, authorities: [soa('home.example', 300, 2 ** 32 - 1)] }, { kind: 'absent', ttl: 0 });
  check('an alias whose end lies elsewhere', { answers: [cname('box.home.example', 'Box.Elsewhere.example')] }, { kind: 'alias', target: 'box.elsewhere.example' });
  check('an alias to what is not there', { rcode: 3, answers: [cname('box.home.example', 'nas.home.example')], authorities: [soa('home.example')] }, { kind: 'absent', ttl: 60 });
  check('an alias to what has no such record', { answers: [cname('box.home.example', 'nas.home.example')], authorities: [soa('home.example')] }, { kind: 'absent', ttl: 60 });
  check('an alias that leads back', { answers: [cname('box.home.example', 'nas.home.example'), cname('nas.home.example', 'box.home.example')] }, { kind: 'alias', target: 'box.home.example' });
  check(
    'an alias that leads back, as BIND says it',
    { rcode: 2, answers: [cname('box.home.example', 'nas.home.example'), cname('nas.home.example', 'box.home.example')] },
    { kind: 'alias', target: 'box.home.example' },
  );
  check('an alias to what fails', { rcode: 2, answers: [cname('box.home.example', 'nas.broken.example')] }, { kind: 'alias', target: 'nas.broken.example' });
  check('no such name; the lower of the two times counts', { rcode: 3, authorities: [soa('home.example', 30, 900)] }, { kind: 'absent', ttl: 30 });
  check('no such name, and no word of how long', { rcode: 3 }, { kind: 'absent' });
  check('another server has it', { authoritative: false, authorities: [ns('box.home.example', 'ns1.box.home.example')] }, { kind: 'delegated', zone: 'box.home.example' });
  check('an upward referral', { authoritative: false, authorities: [ns('.', 'a.root-servers.net')] }, { kind: 'lame', words: 'answers without authority', recursive: false });
  check('a referral to the zone itself', { authoritative: false, authorities: [ns('home.example', 'ns1.example')] }, { kind: 'lame', words: 'answers without authority', recursive: false });
  check('from a cache', { authoritative: false, recursionAvailable: true, answers: [a('box.home.example', '8.8.8.8')] }, { kind: 'lame', words: 'answers without authority', recursive: true });
  check('REFUSED', { authoritative: false, rcode: 5 }, { kind: 'lame', words: 'refuses to answer for it (REFUSED)', recursive: false });
  check('SERVFAIL', { authoritative: false, rcode: 2 }, { kind: 'lame', words: 'fails to answer for it (SERVFAIL)', recursive: false });
  check('NOTAUTH', { rcode: 9 }, { kind: 'lame', words: 'does not answer for it (NOTAUTH)', recursive: false });
  check(
    'an address of three bytes',
    { answers: [{ name: 'box.home.example', type: TYPE.A, class: CLASS.IN, ttl: 60, data: Uint8Array.of(1, 2, 3) }] },
    { kind: 'lame', words: 'answers with malformed records', recursive: false },
  );
});

describe('who is responsible', () => {
  const referral = reply({
    authoritative: false,
    authorities: [ns('Home.example', 'NS2.home.example'), ns('home.example', 'ns1.elsewhere.example')],
    additionals: [a('ns2.Home.example', '9.9.9.9'), a('ns2.home.example', '2620:fe::9')],
  });
  test('the zone below, its servers, and the addresses given along', () => {
    expect(referralIn(referral, 'box.home.example', 'example')).toEqual({
      zone: 'home.example',
      servers: ['ns1.elsewhere.example', 'ns2.home.example'],
      glue: new Map([['ns2.home.example', ['9.9.9.9', '2620:fe::9']]]),
    });
    expect(referralIn(referral, 'box.home.example', '.')?.zone).toBe('home.example');
  });
  test('what the zone above says of addresses outside of it is hearsay', () => {
    const hearsay = { ...referral, additionals: [...referral.additionals, a('ns.elsewhere.test', '8.8.4.4')] };
    expect([...(referralIn(hearsay, 'box.home.example', 'example')?.glue.keys() ?? [])]).toEqual(['ns2.home.example']);
    expect([...(referralIn(hearsay, 'box.home.example', '.')?.glue.keys() ?? [])]).toEqual(['ns2.home.example', 'ns.elsewhere.test']);
  });
  test('aside or upwards it leads nowhere', () => {
    expect(referralIn(referral, 'other.example', 'example')).toBeUndefined();
    expect(referralIn(referral, 'box.home.example', 'home.example')).toBeUndefined();
    expect(referralIn({ ...referral, authoritative: true }, 'box.home.example', 'example')).toBeUndefined();
  });
  test('the zone that a SOA record names, if it can hold the name', () => {
    expect(holderIn(reply({ authorities: [soa('Home.example')] }), 'box.home.example')).toBe('home.example');
    expect(holderIn(reply({ answers: [soa('home.example')] }), 'home.example')).toBe('home.example');
    expect(holderIn(reply({ authorities: [soa('.')] }), 'box.home.example')).toBe('.');
    expect(holderIn(reply({ authorities: [soa('other.example')] }), 'box.home.example')).toBeUndefined();
  });
  test('an alias is that of exactly this name', () => {
    expect(aliasIn(reply({ answers: [cname('box.home.example', 'X.example', 5)] }), 'box.home.example')).toEqual({ target: 'x.example', ttl: 5 });
    expect(aliasIn(reply({ answers: [cname('nas.home.example', 'x.example')] }), 'box.home.example')).toBeUndefined();
  });
});
