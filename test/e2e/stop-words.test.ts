/** Every answer word and HTTP status of a dyndns2 server, three rounds in a row: what says stop is not asked again, and the exit code tells the truth. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Dyndns2Answer, startDyndns2 } from '../servers/dyndns2.ts';
import { openHome } from './home.ts';

type Case = {
  readonly says: string;
  readonly answer: Dyndns2Answer;
  readonly exit: number /** Requests the server has seen after each of three rounds. */;
  readonly requests: readonly [number, number, number];
};

const STOP = [1, 1, 1] as const;
const CASES: readonly Case[] = [
  ...['badauth'].map((word): Case => ({ says: word, answer: { body: word }, exit: 77, requests: STOP })),
  ...['!donator', 'badagent', 'abuse'].map((word): Case => ({ says: word, answer: { body: word }, exit: 76, requests: STOP })),
  ...['nohost', 'notfqdn', '!yours', 'numhost', '!active', 'badsys'].map((word): Case => ({ says: word, answer: { body: word }, exit: 76, requests: STOP })),
  ...['911', 'dnserr', 'w30m'].map((word): Case => ({ says: word, answer: { body: word }, exit: 75, requests: STOP })),
  ...['', '<html><body>Log in</body></html>', 'hello', 'good 127.0.0.1', 'good 198.51.100.1'].map((body): Case => ({ says: `"${body}"`, answer: { body }, exit: 76, requests: STOP })),
  ...[401, 403].map((status): Case => ({ says: String(status), answer: { status, body: 'no' }, exit: 77, requests: STOP })),
  { says: '404', answer: { status: 404, body: 'not found' }, exit: 76, requests: STOP },
  { says: '302', answer: { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, exit: 76, requests: STOP },
  { says: '429 with Retry-After', answer: { status: 429, headers: { 'retry-after': '600' } }, exit: 75, requests: STOP },
  { says: '429', answer: { status: 429 }, exit: 75, requests: STOP },
  ...[500, 502, 503].map((status): Case => ({ says: String(status), answer: { status, body: '<html>1.2.3.4</html>' }, exit: 75, requests: STOP })),
  // After a move the first connection may hang or break: a GET is tried once more in the same round.
  { says: 'a dropped connection', answer: 'reset', exit: 69, requests: [2, 2, 2] },
];

async function open() {
  const server = await startDyndns2();
  onTestFinished(() => server.close());
  const home = await openHome({
    records: [{ name: 'home.example.com' }],
    accounts: { dyn: { provider: 'dyndns2', server: `${server.endpoint}/nic/update`, username: 'user', password: { env: 'DYN_PASSWORD' } } },
  });
  return { server, home, round: (args: readonly string[] = [], password = 'secret') => home.run(args, { DYN_PASSWORD: password }) };
}

describe('a dyndns2 server that does not say good', () => {
  it.each(CASES)('$says', async ({ answer, exit, requests }) => {
    const { server, round } = await open();
    server.answer(answer);
    for (const [at, expected] of requests.entries()) {
      const ended = await round();
      expect({ round: at + 1, exit: ended.exit, requests: server.requests.length, stderr: ended.stderr }).toMatchObject({ round: at + 1, exit, requests: expected });
      expect(ended.stdout + ended.stderr).not.toContain('secret');
      // Cron is told once.
      expect(ended.stderr === '').toBe(at > 0);
    }
  });

  it('is asked again as soon as the password is another one', async () => {
    const { server, round } = await open();
    expect((await round([], 'wrong')).exit).toBe(77);
    expect((await round([], 'wrong')).exit).toBe(77);
    expect((await round(['--force'], 'wrong')).exit).toBe(77);
    expect(server.requests).toHaveLength(1);
    const right = await round([], 'secret');
    expect(right).toMatchObject({ exit: 0, stderr: '' });
    expect(right.stdout).toContain('home.example.com A 203.0.113.9');
    expect(server.stored.get('home.example.com')).toEqual(['203.0.113.9']);
  });

  it.each([
    ['911', 75],
    ['nohost', 76],
  ])('is asked by --force past %s', async (body, exit) => {
    const { server, round } = await open();
    server.answer({ body });
    expect((await round()).exit).toBe(exit);
    server.answer();
    expect(await round(['--force'])).toMatchObject({ exit: 0 });
    expect(server.requests).toHaveLength(2);
  });

  it('is asked about a refused name again when the config says something else of it', async () => {
    const { server, home, round } = await open();
    server.answer({ body: 'nohost' });
    expect((await round()).exit).toBe(76);
    server.answer();
    home.configure({
      records: [{ name: 'home.example.com', sharing: 'replace' }],
      accounts: { dyn: { provider: 'dyndns2', server: `${server.endpoint}/nic/update`, username: 'user', password: { env: 'DYN_PASSWORD' } } },
    });
    expect((await round()).exit).toBe(0);
  });
});

describe('one name refused beside others', () => {
  it('pauses that name and serves the others', async () => {
    const { server, home, round } = await open();
    home.configure({
      records: [{ name: 'a.example.com' }, { name: 'b.example.com' }],
      accounts: { dyn: { provider: 'dyndns2', server: `${server.endpoint}/nic/update`, username: 'user', password: { env: 'DYN_PASSWORD' } } },
    });
    server.say('a.example.com', 'nohost');
    expect((await round()).exit).toBe(76);
    expect(server.stored.get('b.example.com')).toEqual(['203.0.113.9']);
    const before = server.requests.length;
    home.moveTo('198.51.100.77');
    expect((await round()).exit).toBe(76);
    expect(server.stored.get('b.example.com')).toEqual(['198.51.100.77']);
    expect(server.requests.slice(before).every(({ url }) => !url.href.includes('a.example.com'))).toBe(true);
  });
});
