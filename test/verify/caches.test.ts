/** How long a resolver's answer is taken to last, asked by real datagrams. */
import { expect, onTestFinished, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { CacheAnswer } from '../../src/core/ladder.ts';
import { fqdn } from '../../src/core/name.ts';
import { recordSet } from '../../src/core/record.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, encodeName, type Message, message, type ResourceRecord, soaData, TYPE } from '../../src/core/wire.ts';
import { askCaches } from '../../src/verify/caches.ts';
import { datagramServer } from '../servers/datagrams.ts';
import { realWorld } from '../servers/world.ts';

const OLD = parseAddress('8.8.8.2') as IpAddress;
const set = recordSet({ name: fqdn('box.home.example'), type: 'A' }, [OLD], 60);

const check = (title: string, says: (count: number) => Partial<Message>, expected: readonly object[]): void => {
  test(title, async () => {
    const server = await datagramServer('127.0.0.1', (bytes, count) => {
      const { id, questions } = decodeMessage(bytes) as Message;
      return [encodeMessage(message({ id, response: true, recursionAvailable: true, questions, ...says(count) }))];
    });
    onTestFinished(server.close);
    const resolvers = [{ name: 'ours', peer: { address: '127.0.0.1' as IpAddress, port: server.port } }];
    const answers: readonly CacheAnswer[] = await askCaches(set, resolvers, { ...realWorld(), signal: new AbortController().signal });
    expect(answers).toMatchObject(expected);
  });
};
const thrice = (one: object): readonly object[] => [one, one, one];

const alias = (ttl: number): ResourceRecord => ({ name: set.name, type: TYPE.CNAME, class: CLASS.IN, ttl, data: encodeName('nas.home.example') });
const held = (ttl: number): ResourceRecord => addressRecord('nas.home.example', OLD, ttl);
const soa = (ttl: number, minimum: number): ResourceRecord => ({
  name: 'home.example',
  type: TYPE.SOA,
  class: CLASS.IN,
  ttl,
  data: soaData({ primary: 'ns', mailbox: 'h', serial: 1, refresh: 1, retry: 1, expire: 1, minimum }),
});

check('behind an alias: as long as the part that lasts longest', () => ({ answers: [alias(10), held(240)] }), thrice({ kind: 'holds', values: [OLD], ttl: 240 }));
check('an alias that outlasts what is behind it', () => ({ answers: [alias(900)], authorities: [soa(60, 60)] }), thrice({ kind: 'absent', ttl: 900 }));
check('that there is nothing: the lower of the two times', () => ({ rcode: 3, authorities: [soa(300, 30)] }), thrice({ kind: 'absent', ttl: 30 }));
check('that there is nothing, without a word of how long, is not kept', () => ({ rcode: 3 }), thrice({ kind: 'absent', ttl: 0 }));
check('a time with its first bit set is none', () => ({ answers: [addressRecord(set.name, OLD, 2 ** 31 + 5)] }), thrice({ kind: 'holds', ttl: 0 }));
check('each of its machines is counted, until one does not answer', (count) => (count === 2 ? { rcode: 2 } : { answers: [addressRecord(set.name, OLD, 7)] }), [
  { kind: 'holds', ttl: 7 },
  { kind: 'silent', failure: { detail: expect.stringContaining('SERVFAIL') } },
]);
check('one that fails for a moment is asked again', (count) => (count === 1 ? { rcode: 2 } : { answers: [addressRecord(set.name, OLD, 7)] }), [
  { kind: 'silent', failure: { code: 'SERVFAIL' } },
  { kind: 'holds', ttl: 7 },
  { kind: 'holds', ttl: 7 },
]);
check('one that always fails is asked no more than others', () => ({ rcode: 2 }), thrice({ kind: 'silent', failure: { code: 'SERVFAIL' } }));
check('one that refuses is asked once', () => ({ rcode: 5 }), [{ kind: 'silent', failure: { code: 'REFUSED' } }]);
