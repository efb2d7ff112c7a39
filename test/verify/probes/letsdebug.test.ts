/** Let's Debug as its README and source describe it: it reads the port of every address of the name, and tells of those that did not answer as expected. */
import { describe, expect, test } from 'vitest';
import type { Look } from '../../../src/core/reach.ts';
import { letsdebug } from '../../../src/verify/probes/letsdebug.ts';
import { ADDRESS, ADDRESS6, type Answer, type Asked, certificate, connection, lookAt, looked, NONCE, OLD, PAGE, page } from './stranger.ts';

const NAME = 'home.example.net';
const ID = 674477;
type Problem = { readonly name: string; readonly explanation: string; readonly detail: string; readonly severity: string };

const tested = (problems: readonly Problem[], { status = 'Complete', id = ID, domain = NAME, error = '' } = {}): Answer => ({
  body: {
    id,
    domain,
    method: 'http-01',
    status,
    created_at: '2021-09-08T04:02:26.416259Z',
    started_at: '2021-09-08T04:02:26.419336Z',
    ...(status === 'Complete' ? { completed_at: '2021-09-08T04:02:30.529766Z', result: { ...(error === '' ? {} : { error }), ...(problems.length === 0 ? {} : { problems }) } } : {}),
  },
});
const notWorking = (at: string, cause: string, steps: readonly string[]): Problem => ({
  name: at.includes(':') ? 'AAAANotWorking' : 'ANotWorking',
  explanation: `${NAME} has an ${at.includes(':') ? 'AAAA (IPv6)' : 'A (IPv4)'} record (${at}) but a request to this address over port 80 did not succeed. Your web server must have at least one working IPv4 or IPv6 address.`,
  detail: `${cause}\n\nTrace:\n${[`@0ms: Making a request to http://${NAME}/.well-known/acme-challenge/x (using initial IP ${at})`, `@0ms: Dialing ${at}`, ...steps].join('\n')}`,
  severity: 'Error',
});
const read = (expected: string, body: string, { at = ADDRESS, steps = ['@42ms: Server response: HTTP 200 OK'] }: { at?: string; steps?: readonly string[] } = {}): Problem =>
  notWorking(at, `This test expected the server to respond with "${expected}" but instead we got a response beginning with "${body}"`, steps);

const optionsOf = ({ body }: Asked): { http_request_path?: string; http_expect_response: string } => (body as { options: { http_expect_response: string } }).options;
/** Tests begin, and end with the problems made of what it was told to expect. */
async function sighted(look: Look, problems: (expected: string) => readonly Problem[]) {
  let expected = '';
  return looked(letsdebug, look, (asked) => {
    if (asked.method === 'GET') return tested(problems(expected));
    expected = optionsOf(asked).http_expect_response;
    return { body: { Domain: NAME, ID } };
  });
}
const at80 = (as: Look['as'], more: { at?: string } = {}) => lookAt(as, { port: 80, ...more });

describe('our page', () => {
  test('is repeated by it without that it was told', async () => {
    const { asked, sighting } = await sighted(at80(page), (expected) => [read(expected, NONCE)]);
    expect(sighting).toEqual({ kind: 'open', seen: { kind: 'page', status: 200, body: NONCE } });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /', `GET /${NAME}/${ID}`]);
    expect(asked[0]?.body).toMatchObject({ method: 'http-01', domain: NAME });
    expect(JSON.stringify(asked)).not.toContain(NONCE);
    expect(asked[0]?.headers['content-type']).toBe('application/json');
  });

  test('is asked for by its token, in the one folder where it looks', async () => {
    const [first] = (await sighted(at80(page), () => [])).asked;
    expect(first && optionsOf(first).http_request_path).toBe(PAGE.split('/').at(-1));
  });

  test('a machine that shows what nobody should have shows no page of ours', async () => {
    const body = `x"\n\nTrace:\n@0ms: Server response: HTTP 200 OK (using initial IP ${OLD})`;
    expect((await sighted(at80(page), (expected) => [read(expected, body)])).sighting).toEqual({ kind: 'open', seen: { kind: 'page', status: 200, body } });
  });

  test.each([
    ['another status, which may be meant for the folder', ['@42ms: Server response: HTTP 404 Not Found']],
    ['a redirect', ['@42ms: Server response: HTTP 301 Moved Permanently', '@42ms: Received redirect to https://elsewhere.example/', '@43ms: Server response: HTTP 200 OK']],
  ])('%s proves the port alone', async (_, steps) => {
    expect((await sighted(at80(page), (expected) => [read(expected, 'hello', { steps })])).sighting).toEqual({ kind: 'open' });
  });
});

describe('a connection', () => {
  test.each([connection, certificate])('is told by any answer ($kind)', async (as) => {
    const { asked, sighting } = await sighted(at80(as), (expected) => [read(expected, 'It works!')]);
    expect(sighting).toEqual({ kind: 'open' });
    expect(asked[0] && optionsOf(asked[0])).toEqual({ http_expect_response: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  test.each([
    ['refused', `Get "http://${NAME}/": dial tcp ${ADDRESS}:80: connect: connection refused`, { kind: 'closed', words: 'connection refused' }],
    ['dropped', `A timeout was experienced while communicating with ${NAME}/${ADDRESS}: Get "http://${NAME}/": context deadline exceeded`, { kind: 'closed', words: 'no answer in time' }],
    ['answered in another protocol', `Get "http://${NAME}/": net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH"`, { kind: 'open' }],
    ['beyond its reach', `Get "http://${NAME}/": dial tcp ${ADDRESS}:80: connect: network is unreachable`, { kind: 'unknown', words: 'from there such an address cannot be reached at all' }],
  ])('%s', async (_, cause, sighting) => {
    expect((await sighted(at80(connection), () => [notWorking(ADDRESS, cause, [`@0ms: Experienced error: ${cause}`])])).sighting).toEqual(sighting);
  });

  test('a name that is called like a cause changes nothing', async () => {
    const name = 'tls.eof.example.net';
    const cause = `A timeout was experienced while communicating with ${name}/${ADDRESS}: Get "http://${name}/": context deadline exceeded`;
    const { sighting } = await looked(letsdebug, lookAt(connection, { port: 80, name }), ({ method }) =>
      method === 'POST' ? { body: { Domain: name, ID } } : tested([notWorking(ADDRESS, cause, [])], { domain: name }),
    );
    expect(sighting).toEqual({ kind: 'closed', words: 'no answer in time' });
  });

  test('a redirect that it does not follow came from an open port', async () => {
    const { detail } = notWorking(ADDRESS, 'Bad port number provided when fetching http://home.example.net:8443/: 8443', ['@4ms: Server response: HTTP 302 Found']);
    expect(
      (await sighted(at80(connection), () => [{ name: 'BadRedirect', explanation: 'Sending an ACME HTTP validation request results in an unacceptable redirect.', detail, severity: 'Error' }]))
        .sighting,
    ).toEqual({
      kind: 'open',
    });
  });

  test('is that of our family', async () => {
    const both = (expected: string) => [read(expected, 'hello', { at: ADDRESS6 }), notWorking(ADDRESS, `dial tcp ${ADDRESS}:80: i/o timeout`, [])];
    expect((await sighted(at80(connection, { at: ADDRESS6 }), both)).sighting).toEqual({ kind: 'open' });
    expect((await sighted(at80(connection), both)).sighting).toEqual({ kind: 'closed', words: 'no answer in time' });
  });
});

describe('what is not about our address says nothing of it', () => {
  const problem = (name: string, detail: string): Problem => ({ name, explanation: `${name} for ${NAME}`, detail, severity: 'Fatal' });
  test.each<readonly [string, (expected: string) => readonly Problem[], string]>([
    ['the old address', (expected) => [read(expected, NONCE, { at: OLD })], `it still sees ${OLD}`],
    ['an address of the other family', (expected) => [read(expected, NONCE, { at: ADDRESS6 })], 'it does not say what it found at this address'],
    ['no problem at all', () => [], 'it does not say what it found at this address'],
    ['no record', () => [problem('NoRecords', 'No A or AAAA records found.')], 'it finds no address of the name that it could ask: "No A or AAAA records found."'],
    ['a broken zone', () => [problem('DNSLookupFailed', 'DNSSEC validation failure')], 'it finds no address of the name that it could ask: "DNSSEC validation failure"'],
    ['other advice', () => [problem('PortForwarding', 'identified itself as "micro_httpd"'), problem('CloudflareCDN', '')], 'it does not say what it found at this address'],
  ])('%s', async (_, problems, words) => {
    expect((await sighted(at80(page), problems)).sighting).toEqual({ kind: 'unknown', words });
  });
});

describe('tests that do not end well', () => {
  const ending = async (answer: Answer) => looked(letsdebug, at80(connection), ({ method }) => (method === 'POST' ? { body: { Domain: NAME, ID } } : answer));

  test('one that never ends is given up after a minute', async () => {
    const { sighting, waitedMs, asked } = await ending(tested([], { status: 'Processing' }));
    expect(sighting).toEqual({ kind: 'unknown', words: 'no result in time' });
    expect(waitedMs).toBe(60_000);
    expect(asked).toHaveLength(21);
  });

  test('one that is cancelled has no result', async () => {
    expect((await ending(tested([], { status: 'Cancelled' }))).sighting).toEqual({ kind: 'unknown', words: 'no result in time' });
  });

  test('one that failed inside is told so', async () => {
    expect((await ending(tested([], { error: 'panic: out of memory' }))).failure).toMatchObject({ kind: 'unavailable', detail: expect.stringContaining('out of memory') });
  });

  test.each([{ id: 1 }, { domain: 'other.example.net' }, { status: 'Done' }])('another test (%j) is nonsense', async (of) => {
    expect((await ending(tested([], of))).failure).toMatchObject({ kind: 'gibberish' });
  });
});
