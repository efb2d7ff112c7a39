/** Whom a resolver's refusal is believed to be about signatures, asked by real datagrams. */
import { expect, onTestFinished, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { fqdn } from '../../src/core/name.ts';
import { recordSet } from '../../src/core/record.ts';
import { addressRecord, decodeMessage, encodeMessage, type Message, message, TYPE } from '../../src/core/wire.ts';
import { signaturesOf } from '../../src/verify/signatures.ts';
import { datagramServer } from '../servers/datagrams.ts';
import { realWorld } from '../servers/world.ts';

const TOLD = parseAddress('8.8.8.1') as IpAddress;
const set = recordSet({ name: fqdn('box.home.example'), type: 'A' }, [TOLD], 60);

/** The rung of one resolver, by what it says to each question; `slept`: how long in all it was waited for before asking again. */
async function asked(says: (question: Message, count: number) => Partial<Message> | undefined) {
  const server = await datagramServer('127.0.0.1', (bytes, count) => {
    const question = decodeMessage(bytes) as Message;
    const parts = says(question, count);
    return parts === undefined ? [] : [encodeMessage(message({ id: question.id, response: true, recursionAvailable: true, questions: question.questions, ...parts }))];
  });
  onTestFinished(server.close);
  const world = realWorld();
  let slept = 0;
  const sleep = async (ms: number): Promise<void> => {
    slept += ms;
  };
  const clock = { ...world.clock, sleep };
  const resolvers = [{ name: 'ours', peer: { address: '127.0.0.1' as IpAddress, port: server.port } }];
  const rung = await signaturesOf(set, resolvers, { ...world, clock, signal: new AbortController().signal });
  return { state: rung?.state, words: rung?.words, slept, questions: server.received.map((bytes) => decodeMessage(bytes) as Message) };
}

const TELLS: Partial<Message> = { answers: [addressRecord(set.name, TOLD, 60)] };
const FAILS: Partial<Message> = { rcode: 2 };

test('signatures are wished for in every question, and looked past only where they were refused', async () => {
  const { state, questions } = await asked(({ checkingDisabled }) => (checkingDisabled ? TELLS : FAILS));
  expect(state).toBe('failed');
  expect(questions.map(({ checkingDisabled }) => checkingDisabled)).toEqual([false, true, false, true]);
  for (const { additionals, recursionDesired } of questions) {
    expect(additionals).toMatchObject([{ name: '.', type: TYPE.OPT, ttl: 0x8000 }]);
    expect(recursionDesired).toBe(true);
  }
});

test('trouble that has passed when the question is put again was not about signatures', async () => {
  expect(await asked((_, count) => (count === 1 ? FAILS : { ...TELLS, authenticated: true }))).toMatchObject({ state: 'proven', slept: 6000 });
});

test('a resolver that fails whether it checks or not says nothing about signatures', async () => {
  expect(await asked(() => FAILS)).toMatchObject({ state: 'unknown', words: expect.stringContaining('be signatures checked or not'), slept: 0 });
  expect(await asked(() => ({ rcode: 5 }))).toMatchObject({ state: 'unknown', words: expect.stringContaining('REFUSED') });
});

test('a resolver that does not know such wishes checks nothing', async () => {
  expect((await asked(({ additionals }) => (additionals.length > 0 ? { rcode: 1 } : TELLS))).state).toBeUndefined();
  expect((await asked(() => TELLS)).state).toBeUndefined();
});

test('a resolver that drops such questions alone checks nothing; one that answers nothing at all is silent', async () => {
  expect((await asked(({ additionals }) => (additionals.length > 0 ? undefined : TELLS))).state).toBeUndefined();
  expect(await asked(() => undefined)).toMatchObject({ state: 'unknown' });
});
