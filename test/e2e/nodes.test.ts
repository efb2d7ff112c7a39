/** The built program on every Node it promises to run on, and a clear sentence on one that is too old. */
import { beforeAll, expect, test } from 'vitest';
import { binaryOf, installNodes } from '../../scripts/bench/nodes.mjs';
import { run } from '../support/program.ts';

const SUPPORTED = ['20.18.1', '22', '24', '26'];
const TOO_OLD = ['18.20.8', '20.11.0'];
/** The major that runs this test is not installed a second time. */
const nodeOf = (version: string): string => (version === process.versions.node.split('.')[0] ? process.execPath : binaryOf(version));

beforeAll(() => installNodes([...SUPPORTED, ...TOO_OLD]), 600_000);

test.each(SUPPORTED)('Node %s carries the box to the garage and back', async (version) => {
  const ended = await run(['demo'], { node: nodeOf(version) });
  expect(ended).toMatchObject({ exit: 0, stderr: '' });
  expect(ended.stdout).toContain('Every proof held');
});

test.each(TOO_OLD)('Node %s is told to be too old', async (version) => {
  expect(await run(['demo'], { node: binaryOf(version) })).toEqual({
    exit: 64,
    stdout: '',
    stderr: expect.stringMatching(/^ddns-update needs Node\.js 20\.18\.1 or newer, and this is \d+\.\d+\.\d+ \(.*\)\. .*\n$/),
  });
});
