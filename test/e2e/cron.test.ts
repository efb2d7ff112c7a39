/** As cron starts it, for days: five minutes apart, a bare environment, no terminal. Whatever is printed would be a mail. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Dyndns2Server, startDyndns2 } from '../servers/dyndns2.ts';
import { GARAGE, HOME, openHome } from './home.ts';

const FAKETIME = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`).find((path) => existsSync(path));
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = Date.parse('2027-03-01T00:00:00Z');

type Mail = { readonly minute: number; readonly text: string };

const config = ({ endpoint }: Dyndns2Server) => ({
  records: [{ name: 'home.example.com' }],
  accounts: { own: { provider: 'dyndns2', server: `${endpoint}/nic/update`, username: 'user', password: 'secret' } },
});

async function openBox() {
  if (FAKETIME === undefined) throw new Error('this test needs libfaketime: apt-get install faketime (npm test installs it where it may)');
  const server = await startDyndns2();
  const home = await openHome(config(server));
  const mails: Mail[] = [];
  const exits: (number | string)[] = [];
  /** One round at `BEGIN + at`. Timers and deadlines run as always: only the calendar is another. */
  const roundAt = async (at: number): Promise<void> => {
    const now = new Date(BEGIN + at).toISOString().slice(0, 19).replace('T', ' ');
    const { exit, stdout, stderr } = await home.run([], { LD_PRELOAD: FAKETIME, FAKETIME: `@${now}`, TZ: 'UTC', DONT_FAKE_MONOTONIC: '1', PATH: '/usr/bin:/bin', SHELL: '/bin/sh', LOGNAME: 'box' });
    exits.push(exit);
    if (stdout + stderr !== '') mails.push({ minute: at / MINUTE, text: stdout + stderr });
  };
  const take = (): { readonly mails: readonly Mail[]; readonly exits: ReadonlySet<number | string> } => {
    const taken = { mails: [...mails], exits: new Set(exits) };
    mails.length = 0;
    exits.length = 0;
    return taken;
  };
  return { server, home, roundAt, take };
}

test('says a change once, and then nothing', async () => {
  const { server, home, roundAt, take } = await openBox();
  await roundAt(0);
  expect(take()).toMatchObject({ mails: [{ text: expect.stringContaining(`home.example.com A`) }], exits: new Set([0]) });
  for (let at = 5 * MINUTE; at <= HOUR; at += 5 * MINUTE) await roundAt(at);
  expect(take()).toEqual({ mails: [], exits: new Set([0]) });
  expect(server.requests).toHaveLength(1);

  home.moveTo(GARAGE);
  await roundAt(HOUR + 5 * MINUTE);
  const { mails } = take();
  expect(mails).toHaveLength(1);
  expect(mails[0]?.text).toContain(GARAGE);
  await roundAt(HOUR + 10 * MINUTE);
  expect(take()).toEqual({ mails: [], exits: new Set([0]) });
  expect(server.stored.get('home.example.com')).toEqual([GARAGE]);
  await server.close();
});

test('two days without the provider are a handful of mails, and the recovery is one', async () => {
  const { server, home, roundAt, take } = await openBox();
  await roundAt(0);
  take();
  server.answer({ status: 503, body: 'down for maintenance' });
  home.moveTo(GARAGE);
  let at = 5 * MINUTE;
  for (; at <= 3 * HOUR; at += 5 * MINUTE) await roundAt(at);
  for (; at <= 48 * HOUR; at += HOUR) await roundAt(at);
  const outage = take();
  expect(outage.exits.has(0)).toBe(false);
  expect(outage.mails.length).toBeGreaterThanOrEqual(3);
  expect(outage.mails.length).toBeLessThanOrEqual(5);
  expect(outage.mails[0]?.minute).toBe(5);
  expect(outage.mails[1]?.minute).toBeGreaterThanOrEqual(60);
  expect(outage.mails[1]?.minute).toBeLessThanOrEqual(75);
  for (const { text } of outage.mails) {
    expect(text).toContain('home.example.com');
    expect(text).not.toContain('secret');
  }

  server.answer();
  for (const end = at + 3 * HOUR; at <= end; at += 30 * MINUTE) await roundAt(at);
  const after = take();
  expect(after.mails).toHaveLength(1);
  expect(server.stored.get('home.example.com')).toEqual([GARAGE]);
  await roundAt(at);
  expect(take()).toEqual({ mails: [], exits: new Set([0]) });
  await server.close();
});

test('two days without a network are a handful of mails, and nothing is published', async () => {
  const { server, home, roundAt, take } = await openBox();
  await roundAt(0);
  take();
  // Nobody listens on the discard port: every question is refused at once.
  home.configure({
    ...config(server),
    detect: {
      sources: [
        { dns: '127.0.0.1:9', question: 'whoami.example', class: 'CH', type: 'TXT', operator: 'north' },
        { stun: '127.0.0.1:9', operator: 'east' },
        { https: 'http://127.0.0.1:9/', operator: 'south' },
      ],
    },
  });
  let at = 5 * MINUTE;
  for (; at <= 2 * HOUR; at += 5 * MINUTE) await roundAt(at);
  for (; at <= 48 * HOUR; at += HOUR) await roundAt(at);
  const { mails, exits } = take();
  expect(exits).toEqual(new Set([69]));
  expect(mails.length).toBeGreaterThanOrEqual(3);
  expect(mails.length).toBeLessThanOrEqual(5);
  expect(server.stored.get('home.example.com')).toEqual([HOME]);
  await server.close();
});
