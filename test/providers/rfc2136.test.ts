/** The rfc2136 provider against name servers that lie, fail or fall silent; each reply bent in its own way. */
import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { WriteResult } from '../../src/core/plan.ts';
import { decodeMessage, encodeMessage, message } from '../../src/core/wire.ts';
import { answer } from '../../src/providers/rfc2136/fake.ts';
import { isTrusted, type Reply, refusalOf } from '../../src/providers/rfc2136/refusal.ts';
import { parseServers } from '../../src/providers/rfc2136/server.ts';
import { inMessages, type Task, taskOf, updateOf } from '../../src/providers/rfc2136/update.ts';
import { sealReply, type TsigKey } from '../../src/sdk/tsig.ts';
import type { FakeZone } from '../../src/testing/index.ts';
import { change, openAccount, recordKey } from './rfc2136-account.ts';

const SECRET = Buffer.from('a secret for tests that nobody else has').toString('base64');
const KEY: TsigKey = { name: 'ddns', algorithm: 'hmac-sha256', secret: Buffer.from(SECRET, 'base64') };

/** What to do with a request: the reply to send, or several, or the end of the connection. `honest`: what a good server would answer. */
type Frames = { readonly frames: readonly Uint8Array[] };
type Manner = (request: Uint8Array, honest: () => Uint8Array) => Uint8Array | Frames | 'hang up';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on loopback that holds box.home.example A 198.51.100.7. */
async function serve(manner: Manner = (_request, honest) => honest()) {
  let ids = 0;
  const zone: FakeZone = { id: '1', name: 'home.example', records: [{ id: '0', name: 'box.home.example', type: 'A', value: '198.51.100.7', ttl: 60 }], nextId: () => String(++ids) };
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const size = received.readUInt16BE(0);
        const request = new Uint8Array(received.subarray(2, 2 + size));
        received = received.subarray(2 + size);
        const reply = manner(request, () => answer(zone, KEY, request) as Uint8Array);
        if (reply === 'hang up') socket.destroy();
        else for (const one of 'frames' in reply ? reply.frames : [reply]) socket.write(Buffer.concat([Buffer.from([one.length >> 8, one.length & 255]), one]));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const value = (): string | undefined => zone.records.find(({ name }) => name === 'box.home.example')?.value;
  return { port, zone, value, account: openAccount({ server: `127.0.0.1:${port}`, zone: 'home.example', key: { name: 'ddns', secret: SECRET } }) };
}

const wanted = change('box.home.example', ['198.51.100.7'], ['203.0.113.9']);
const failure = (results: readonly WriteResult[]) => {
  const [result] = results;
  if (result?.kind !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(result)}`);
  return result.failure;
};
const plainReply = (request: Uint8Array, rcode: number): Uint8Array => {
  const asked = decodeMessage(request);
  if (asked === undefined) throw new Error('not a message');
  return encodeMessage(message({ id: asked.id, response: true, opcode: asked.opcode, questions: asked.questions, rcode }));
};

test('an honest server: read, written, read again', async () => {
  const { account, value } = await serve();
  const key = recordKey('box.home.example');
  expect((await account.read([key])).get(key)).toMatchObject({ values: ['198.51.100.7'], ttl: 60 });
  expect(await account.write([wanted])).toMatchObject([{ kind: 'written' }]);
  expect(value()).toBe('203.0.113.9');
});

describe('what is not signed with our key is never a success', () => {
  test.each<[string, Manner]>([
    ['no signature', (request) => plainReply(request, 0)],
    ['another secret', (request) => sealReply(plainReply(request, 0), { ...KEY, secret: new Uint8Array(32) }, { now: Math.floor(Date.now() / 1000), requestMac: new Uint8Array(32) }).bytes],
    ['a signature for another request', (request) => sealReply(plainReply(request, 0), KEY, { now: Math.floor(Date.now() / 1000), requestMac: new Uint8Array(32) }).bytes],
  ])('%s', async (_name, manner) => {
    const { account } = await serve(manner);
    expect(failure(await account.write([wanted]))).toMatchObject({ kind: 'gibberish' });
    const key = recordKey('box.home.example');
    expect((await account.read([key])).get(key)).toMatchObject({ kind: 'gibberish' });
  });
});

test.each([
  [1, 'refused'],
  [2, 'unavailable'],
  [3, 'gibberish'],
  [4, 'blocked'],
  [5, 'auth'],
  [6, 'gibberish'],
  [8, 'gibberish'],
  [9, 'auth'],
  [10, 'config'],
])('RCODE %i without a signature is called %s, and is said to be no proof', async (rcode, kind) => {
  const { account } = await serve((request) => plainReply(request, rcode));
  const said = failure(await account.write([wanted]));
  expect(said.kind).toBe(kind);
  expect(said.detail).toMatch(/not signed|without a signature/);
});

test('a reply with another id or question is not taken for ours: the right one that follows is', async () => {
  const wrong = (request: Uint8Array): readonly Uint8Array[] => {
    const otherId = Uint8Array.from(request);
    otherId[1] = (otherId[1] ?? 0) ^ 1;
    const asked = decodeMessage(request);
    if (asked === undefined) throw new Error('not a message');
    return [plainReply(otherId, 5), encodeMessage(message({ id: asked.id, response: true, opcode: asked.opcode, questions: [{ name: 'other.example', type: 1, class: 1 }], rcode: 5 }))];
  };
  const { account } = await serve((request, honest) => ({ frames: [...wrong(request), honest()] }));
  const read = await account.read([recordKey('box.home.example')]);
  expect(read.get(recordKey('box.home.example'))).toMatchObject({ values: ['198.51.100.7'] });
});

describe('when the answer to an update gets lost', () => {
  const isUpdate = (request: Uint8Array): boolean => decodeMessage(request)?.opcode === 5;
  test('it is a lost reply, not a failure, and the next time finds it done', async () => {
    let lose = true;
    const { account, value, zone } = await serve((request, honest) => {
      const reply = honest();
      return lose && isUpdate(request) ? 'hang up' : reply;
    });
    expect(failure(await account.write([wanted]))).toMatchObject({ kind: 'network', phase: 'reply' });
    expect(value()).toBe('203.0.113.9');
    lose = false;
    const records = structuredClone(zone.records);
    expect(await account.write([wanted])).toMatchObject([{ kind: 'written' }]);
    expect(zone.records).toEqual(records);
  });
  test('what was to follow is not sent', async () => {
    let updates = 0;
    const { account } = await serve((request, honest) => {
      if (!isUpdate(request)) return honest();
      updates++;
      return 'hang up';
    });
    const results = await account.write(Array.from({ length: 2000 }, (_, at) => change(`host-${at}.home.example`, undefined, ['203.0.113.9'])));
    expect(updates).toBe(1);
    expect(new Set(results.map((result) => (result.kind === 'failed' ? result.failure.phase : 'written')))).toEqual(new Set(['reply', 'connect']));
  });
});

test('a server that ends the connection after three questions is asked again for the rest', async () => {
  let count = 0;
  const { account, zone } = await serve((_request, honest) => (++count % 4 === 0 ? 'hang up' : honest()));
  const names = Array.from({ length: 8 }, (_, at) => `host-${at}.home.example`);
  zone.records = names.map((name, at) => ({ id: name, name, type: 'A', value: `198.51.100.${at}`, ttl: 60 }));
  const read = await account.read(names.map((name) => recordKey(name)));
  expect(names.map((name) => read.get(recordKey(name)))).toMatchObject(names.map((_, at) => ({ values: [`198.51.100.${at}`] })));
});

test('a server that is down leads to the next one; all down is a network failure before anything was sent', async () => {
  const { port } = await serve();
  const down = await closedPort();
  const key = { name: 'ddns', secret: SECRET };
  const two = openAccount({ server: `127.0.0.1:${down}, 127.0.0.1:${port}`, zone: 'home.example', key });
  expect(await two.write([wanted])).toMatchObject([{ kind: 'written' }]);
  const none = openAccount({ server: `127.0.0.1:${down}`, zone: 'home.example', key });
  expect(failure(await none.write([wanted]))).toMatchObject({ kind: 'network', phase: 'connect' });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('only a trusted NOERROR is a success, whatever the reply', () => {
  const verdict: fc.Arbitrary<Reply['verdict']> = fc.oneof(
    fc.constant({ kind: 'verified' } as const),
    fc.constant({ kind: 'unasked' } as const),
    fc.constant({ kind: 'unsigned' } as const),
    fc.record({ kind: fc.constant('rejected' as const), error: fc.integer({ min: 1, max: 30 }), authentic: fc.boolean(), serverTime: fc.integer({ min: 0, max: 2 ** 48 - 1 }) }),
    fc.constant({ kind: 'forged', why: 'it is' } as const),
  );
  fc.assert(
    fc.property(verdict, fc.integer({ min: 0, max: 15 }), (how, rcode) => {
      const reply: Reply = { verdict: how, message: message({ id: 1, response: true, rcode }) };
      const said = refusalOf(reply, { what: 'the update', zone: 'home.example', server: 'ns:53', key: how.kind === 'unasked' ? undefined : KEY, now: 1_700_000_000 });
      expect(said === undefined).toBe(isTrusted(reply) && rcode === 0);
      if (said) expect(said.detail).not.toMatch(/undefined|NaN|\.$/);
    }),
  );
});

test('servers are written as people write them', () => {
  expect(parseServers('ns1.example.com')).toEqual([{ host: 'ns1.example.com', port: 53 }]);
  expect(parseServers('127.0.0.1:5300, [::1]:5301, 2001:db8::53, [2001:db8::1]')).toEqual([
    { host: '127.0.0.1', port: 5300 },
    { host: '::1', port: 5301 },
    { host: '2001:db8::53', port: 53 },
    { host: '2001:db8::1', port: 53 },
  ]);
  for (const bad of ['', 'a b', 'host:0', 'host:99999', 'http://host/', '::1:x', 'host,']) expect(parseServers(bad)).toHaveProperty('problem');
});

test('every update fits its message, keeps its order, and is in exactly one', () => {
  const task = fc
    .record({
      label: fc.stringMatching(/^[a-z]{1,60}$/),
      before: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }),
      after: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }),
      zone: fc.constantFrom('a.example', 'b.example'),
    })
    .map(({ label, before, after, zone }) =>
      taskOf(
        0,
        change(
          `${label}.${zone}`,
          before.map((host) => `198.51.100.${host}`),
          after.map((host) => `198.51.100.${host}`),
        ),
        zone,
      ),
    );
  fc.assert(
    fc.property(fc.array(task, { maxLength: 60 }), fc.constantFrom(450, 2000, 65_000), (tasks, room) => {
      const messages = inMessages(tasks, room);
      expect(messages.flat()).toEqual(tasks);
      for (const batch of messages) {
        const [first] = batch as [Task];
        expect(new Set(batch.map(({ zone }) => zone)).size).toBe(1);
        expect(encodeMessage({ ...updateOf(first.zone, batch), id: 1 }).length).toBeLessThanOrEqual(room);
      }
    }),
  );
});

test('options that cannot work are named', () => {
  const open = (key: Parameters<typeof openAccount>[0]['key']) => () => openAccount({ server: '127.0.0.1:1', ...(key ? { key } : {}) });
  expect(open({ name: 'ddns', secret: 'not base64!' })).toThrow(/secret: is not base64/);
  expect(open({ name: 'ddns', secret: SECRET, algorithm: 'hmac-sha3' })).toThrow(/"hmac-sha3" is none of/);
  expect(open({ name: 'ddns', secret: SECRET, algorithm: 'hmac-md5.sig-alg.reg.int.' })).toThrow(/should not be used/);
  expect(open({ name: 'ddns', secret: `key "ddns" {\n\talgorithm hmac-sha256;\n\tsecret "${SECRET}";\n};\n` })).not.toThrow();
  expect(open({ name: 'a b', secret: SECRET })).toThrow(/not the name of a key/);
  expect(open({ name: 'Ddns.', secret: SECRET, algorithm: 'HMAC-SHA512' })).not.toThrow();
});
