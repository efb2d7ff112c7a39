/** `ddns-update demo` as a new user starts it: the built program, without any settings. */
import { expect, test } from 'vitest';
import { run } from '../support/program.ts';

test('the built program plays the demo to its end', async () => {
  const { exit, stdout, stderr } = await run(['demo']);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout).toContain('Published, but ');
  expect(stdout).toContain('Reachable for everyone.');
  expect(stdout).toContain('Every proof held');
});

test('its JSON is all there is on stdout', async () => {
  const { exit, stdout } = await run(['demo', '--json']);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, exit: 0 });
});
