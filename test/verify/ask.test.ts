/** Whom a question to a name server believes: only an answer from where it was sent, with its id, to its question. */
import { createSocket } from 'node:dgram';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import type { Answer } from '../../src/core/authoritative.ts';
import { fqdn } from '../../src/core/name.ts';
import { describeProof, judge } from '../../src/core/proof.ts';
import { keyOf, recordSet } from '../../src/core/record.ts';
import { addressRecord, concat, decodeMessage, encodeMessage, type Message, message, TYPE, u16 } from '../../src/core/wire.ts';
import { fakeWorld } from '../../src/testing/index.ts';
import { askServer } from '../../src/verify/ask.ts';
import { askAuthority } from '../../src/verify/authority.ts';
import { datagramServer } from '../servers/datagrams.ts';
import { realWorld } from '../servers/world.ts';
import { at, network, type Place } from '../servers/zones.ts';

const [TOLD, FORGED] = ['8.8.8.1', '6.6.6.6'].map((text) => parseAddress(text)) as [IpAddress, IpAddress];
const [FOUR, SIX] = ['198.51.100.1', '2001:db8::1'] as [IpAddress, IpAddress];
const set = recordSet({ name: fqdn('box.home.example'), type: 'A' }, [TOLD], 60);

type Reply = (asked: Message, count: number) => readonly Message[];
const reply = (asked: Message, parts: Partial<Message> = {}, value = TOLD): Message =>
  message({ id: asked.id, response: true, authoritative: true, questions: asked.questions, answers: [addressRecord(asked.questions[0]?.name ?? '', value, 60)], ...parts });

async function serve(answer: Reply, host = '127.0.0.1') {
  const server = await datagramServer(host, (bytes, count) => answer(decodeMessage(bytes) as Message, count).map(encodeMessage));
  onTestFinished(server.close);
  return server;
}

async function askAt(places: Readonly<Record<string, Place>>, missing?: 4 | 6): Promise<readonly Answer[]> {
  const world = realWorld();
  const servers = Object.keys(places).map((address) => ({ server: `ns.at-${address.length}.example`, addresses: [address as IpAddress], above: true, names: undefined }));
  const silent = missing === undefined ? [] : [{ server: 'ns.unasked.example', addresses: [missing === 6 ? SIX : FOUR], above: true, names: undefined }];
  const authority = {
    name: 'home.example',
    for: set.name,
    aliases: [],
    vouched: false,
    delegated: true,
    troubles: [],
    signed: 'no',
    caught: new Set<IpAddress>(),
    servers: [...servers, ...silent],
  } as const;
  const { net } = network(world.net, places, missing);
  const answers = (await askAuthority(authority, [keyOf(set)], { ...world, net, signal: new AbortController().signal })).get(keyOf(set)) ?? [];
  if (missing !== undefined) expect(describeProof(judge(set, answers, authority))).toBe('one of 2 name servers has it; ns.unasked.example cannot be asked from here');
  return answers.map(({ answer }) => answer);
}

const holds = { kind: 'holds', values: [TOLD], ttl: 60 };
const silence = { kind: 'silent', failure: { kind: 'network', code: 'ETIMEDOUT' } };

describe('a server', () => {
  const check = (name: string, answer: Reply, expected: object, datagrams?: number): void => {
    test(name, async () => {
      const server = await serve(answer);
      expect(await askAt({ [FOUR]: at(server.port) })).toMatchObject([expected]);
      if (datagrams !== undefined) expect(server.received).toHaveLength(datagrams);
      // No socket is used for a second question.
      expect(new Set(server.peers.map(({ port }) => port)).size).toBe(1);
    });
  };
  check('that answers', (asked) => [reply(asked)], holds, 1);
  check('whose first answer is lost', (asked, count) => (count === 1 ? [] : [reply(asked)]), holds, 2);
  check('that is silent', () => [], silence, 2);
  check('that lies about the id', (asked) => [reply(asked, { id: asked.id ^ 1 }, FORGED)], silence);
  check(
    'before whose answer a forger guesses',
    (asked) => [reply(asked, { id: asked.id ^ 1 }, FORGED), reply(asked, { questions: [{ name: 'other.example', type: 1, class: 1 }] }, FORGED), reply(asked)],
    holds,
  );
  check('that answers another question', (asked) => [reply(asked, { questions: [{ name: 'box.home.example', type: 28, class: 1 }] })], silence);
  check('that sends the question back', (asked) => [asked], silence);
  check('without authority', (asked) => [reply(asked, { authoritative: false })], { kind: 'lame', words: 'answers without authority', recursive: false });
  check('that refuses', (asked) => [message({ id: asked.id, response: true, rcode: 5 })], { kind: 'lame', words: 'refuses to answer for it (REFUSED)' });
  check('that cuts its answer short, and takes no connection', (asked) => [reply(asked, { truncated: true, answers: [] })], { kind: 'silent', failure: { code: 'ECONNREFUSED' } });
});

test('an answer from another port is none', async () => {
  const elsewhere = createSocket('udp4');
  onTestFinished(() => void elsewhere.close());
  const server = await datagramServer('127.0.0.1', (bytes, _, from) => {
    elsewhere.send(encodeMessage(reply(decodeMessage(bytes) as Message, {}, FORGED)), from.port, from.address);
    return [];
  });
  onTestFinished(server.close);
  expect(await askAt({ [FOUR]: at(server.port) })).toMatchObject([silence]);
});

describe('IPv6', () => {
  test('a server with an IPv6 address is asked there too', async () => {
    const [four, six] = [await serve((asked) => [reply(asked)]), await serve((asked) => [reply(asked, {}, FORGED)], '::1')];
    expect(await askAt({ [FOUR]: at(four.port), [SIX]: { address: '::1', port: six.port } })).toMatchObject([holds, { kind: 'holds', values: [FORGED] }]);
  });
  test('a machine without it asks over IPv4 alone, and that is no trouble', async () => {
    const four = await serve((asked) => [reply(asked)]);
    expect(await askAt({ [FOUR]: at(four.port) }, 6)).toMatchObject([holds, { kind: 'unasked' }]);
  });
  test('nor is a machine without IPv4', async () => {
    const six = await serve((asked) => [reply(asked)], '::1');
    expect(await askAt({ [SIX]: { address: '::1', port: six.port } }, 4)).toMatchObject([holds, { kind: 'unasked' }]);
  });
});

test('an answer that is cut short over a connection too is none: what it lacks is not said to be absent', async () => {
  const { net } = fakeWorld({
    net: {
      datagram: async (_, bytes) => encodeMessage(reply(decodeMessage(bytes) as Message, { answers: [], truncated: true })),
      stream: async (_, bytes, done) => {
        const cut = encodeMessage(reply(decodeMessage(bytes.subarray(2)) as Message, { answers: [], truncated: true }));
        return done(concat([u16(cut.length), cut])) ?? Promise.reject(new Error('nothing more comes'));
      },
    },
  });
  await expect(askServer(FOUR, set.name, TYPE.A, { ...fakeWorld(), net, signal: new AbortController().signal })).rejects.toThrow(`${FOUR} cuts its answer short, over a connection too`);
});
