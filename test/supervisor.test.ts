/** What systemd is told, by a program that may be missing, slow or refused. See test/e2e/watch.test.ts for the real one. */
import { expect, test } from 'vitest';
import { openSupervisor } from '../src/commands/supervisor.ts';
import { Fault } from '../src/core/failure.ts';
import { fakeWorld } from '../src/testing/world.ts';

const slow = new Fault({ kind: 'network', phase: 'connect', detail: 'systemd-notify did not end within 5 s' });
const missing = new Fault({ kind: 'network', phase: 'connect', detail: 'cannot run systemd-notify: there is no such program', code: 'ENOENT' });
const REFUSED = { exit: 1, stdout: '', stderr: 'Failed to notify init system: Connection refused\n' };
const DONE = { exit: 0, stdout: '', stderr: '' };
type Answer = Fault | typeof DONE;

/** Starts, stays alive for `answers.length` tellings, and says what was told and complained of. */
async function supervised(answers: readonly Answer[]) {
  const [told, complaints, over]: [string[], string[], AbortController] = [[], [], new AbortController()];
  const world = fakeWorld({
    env: { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '10000000' },
    processes: {
      run: async ([, ...assignments]) => {
        const answer = answers[told.length] ?? DONE;
        told.push(assignments.join(' '));
        if (told.length >= answers.length) over.abort();
        if (answer instanceof Fault) throw answer;
        return answer;
      },
    },
  });
  const { tell, keepAlive } = openSupervisor(world, (line) => void complaints.push(line));
  const ended = setTimeout(() => over.abort(), 100);
  await tell('READY=1');
  await tell('RELOADING=1');
  await keepAlive(over.signal);
  clearTimeout(ended);
  return { told, complaints };
}

test('one that is slow for a moment is told on: a watchdog that hears nothing would end us', async () => {
  const { told, complaints } = await supervised([DONE, slow, DONE, slow, DONE]);
  expect(told).toEqual(['READY=1', 'RELOADING=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
  expect(complaints).toEqual(['systemd is not told how it goes: systemd-notify did not end within 5 s']);
});

test('one that refuses is told on, and that is said once', async () => {
  const { told, complaints } = await supervised([REFUSED, REFUSED, REFUSED, DONE]);
  expect(told).toHaveLength(4);
  expect(complaints).toEqual(['systemd is not told how it goes: Failed to notify init system: Connection refused']);
});

test('where there is no such program it is tried once', async () => {
  const { told, complaints } = await supervised([missing, DONE, DONE]);
  expect(told).toEqual(['READY=1']);
  expect(complaints).toEqual([`systemd is not told how it goes: ${missing.failure.detail}`]);
});
