/** The log-in of several clouds: what it sends, whose mistake a refusal is, and that a log-in without a token is none. */
import { expect, test } from 'vitest';
import { attempt } from '../../src/core/failure.ts';
import { Secret } from '../../src/core/secret.ts';
import { type HttpReply, keystone } from '../../src/sdk/index.ts';
import { fakeWorld, reply, toolsIn } from '../../src/testing/index.ts';

const PASSWORD = 'a password that is long enough';
const SESSION = { token: { methods: ['password'], expires_at: '2026-11-23T10:00:00.000000Z' } };

function entering(...replies: readonly HttpReply[]) {
  const left = [...replies];
  const sent: string[] = [];
  const world = fakeWorld({
    secrets: [PASSWORD],
    http(request) {
      sent.push(`${request.method} ${request.url} ${request.body}`);
      return left.shift() ?? reply(500);
    },
  });
  const token = keystone(toolsIn(world), { base: 'https://identity.example.net/v3', user: { id: 'alice' }, password: new Secret(PASSWORD), project: { id: 'dns' } });
  return { token, sent };
}

test('one log-in serves all that follows', async () => {
  const { token, sent } = entering(reply(201, SESSION, { 'x-subject-token': 'made-for-this-test' }));
  expect([await token(), await token()]).toEqual(['made-for-this-test', 'made-for-this-test']);
  expect(sent).toEqual([
    `POST https://identity.example.net/v3/auth/tokens {"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"alice","password":"${PASSWORD}"}}},"scope":{"project":{"id":"dns"}}}}`,
  ]);
});

test('a wrong password is told as such, without it', async () => {
  const { token } = entering(reply(401, { error: { code: 401, message: `The request you have made requires authentication. ${PASSWORD}`, title: 'Unauthorized' } }));
  const done = await attempt(token);
  expect(done).toMatchObject({ kind: 'failed', failure: { kind: 'auth', detail: expect.stringContaining('do not belong together') } });
  expect(JSON.stringify(done)).not.toContain(PASSWORD);
});

test('a success without a token is none, and the next request logs in again', async () => {
  const { token } = entering(reply(201, SESSION), reply(201, SESSION, { 'x-subject-token': 'made-for-this-test' }));
  expect(await attempt(token)).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish' } });
  expect(await token()).toBe('made-for-this-test');
});
