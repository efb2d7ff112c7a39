/** With --json there is one document on stdout and nothing else, however a command ends, and it tells the exit code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Run, start } from '../support/program.ts';
import { type Home, openHome } from './home.ts';

const COMMANDS = [['run'], ['plan'], ['relocate'], ['verify'], ['prepare'], ['prepare', '--restore'], ['map', '443'], ['map', '--remove'], ['detect'], ['status'], ['check']] as const;
type Words = readonly string[];

/** The config names a provider that takes every question and never answers. */
async function atSilentProvider(): Promise<Home> {
  const server = createServer(() => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return openHome({ records: [{ name: 'home.example.com' }], accounts: { main: { provider: 'cloudflare', token: 'abcdefghijklmnopqrstuvwxyz0123456789ABCD', endpoint } } });
}
const isOne = ({ exit, stdout }: Run): void => expect(JSON.parse(stdout)).toMatchObject({ version: 1, exit });

const endings: Readonly<Record<string, (home: Home, words: Words) => Promise<Run>>> = {
  'the time is up': (home, words) => home.run([...words, '--json', '--timeout', '1']),
  'a config of mistakes': (home, words) => {
    writeFileSync(`${home.folder}/config.json`, '{ "recrods": [] }');
    return home.run([...words, '--json']);
  },
  'a state that is cut short': (home, words) => {
    mkdirSync(home.stateFolder);
    writeFileSync(`${home.stateFolder}/state.json`, '{ "version"');
    return home.run([...words, '--json', '--timeout', '1']);
  },
  'a file in place of the state folder': (home, words) => {
    writeFileSync(home.stateFolder, '');
    return home.run([...words, '--json', '--timeout', '1']);
  },
};
test.each(Object.keys(endings).flatMap((ending) => COMMANDS.map((words) => [ending, words.join(' '), words] as const)))('%s: %s', async (ending, _, words) => {
  const end = endings[ending];
  isOne(await (end ?? expect.fail(ending))(await atSilentProvider(), words));
});

test('a verify that came so far as to no name says why, and claims nothing', async () => {
  const home = await atSilentProvider();
  writeFileSync(home.stateFolder, '');
  const told = await home.run(['verify']);
  expect(told).toMatchObject({ exit: 74, stdout: '', stderr: expect.stringMatching(/^cannot look at .*\n$/) });
  const { stdout } = await home.run(['verify', '--json']);
  expect(JSON.parse(stdout)).toEqual({ version: 1, failures: [{ kind: 'state', detail: expect.stringContaining('cannot look at') }], exit: 74 });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s', async (signal) => {
  const home = await atSilentProvider();
  for (const words of [['run'], ['relocate'], ['verify'], ['prepare']]) {
    const running = start([...words, '--json', '--config', `${home.folder}/config.json`, '--state', home.stateFolder]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    running.kill(signal);
    isOne(await running.ended);
  }
});
