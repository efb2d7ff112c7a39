/** A process of its own, in a network of its own: does the steps one after the other, and prints what was told, and what the router wrote into its log. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { map } from '../../../src/commands/map.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { redactor } from '../../../src/core/secret.ts';
import { openFiles } from '../../../src/world/files.ts';
import { openWorld } from '../../../src/world/index.ts';
import type { Step } from '../steps.ts';

async function run(words: readonly string[]): Promise<unknown> {
  const lines: string[] = [];
  const output = { out: (line: string) => void lines.push(line), err: () => {}, json: true, color: false, terminal: false, loud: 'normal' } as const;
  const args = words.filter((word) => word !== '--remove');
  const invocation = {
    flags: { state: '/run/state', names: args, options: [], ip: [] },
    output,
    signal: AbortSignal.timeout(30_000),
    files: openFiles(),
    env: { HOME: '/run' },
    openWorld: (servers: readonly string[]) => openWorld({ servers, env: {}, redactor: redactor() }),
  };
  const exit = await map(invocation, args, { remove: words.includes('--remove') });
  return { ...JSON.parse(lines.join('\n')), exit };
}

/** As another machine would: RFC 6886 section 3.3, TCP, for an hour. */
async function natPmp(from: string, port: number): Promise<string> {
  const [bind, address] = [parseAddress(from), parseAddress('192.168.7.1')];
  if (bind === undefined || address === undefined) throw new Error('no addresses');
  const request = Buffer.alloc(12);
  request.writeUInt8(2, 1);
  request.writeUInt16BE(port, 4);
  request.writeUInt16BE(port, 6);
  request.writeUInt32BE(3600, 8);
  const { net } = openWorld({ servers: [], env: {}, redactor: redactor() });
  return Buffer.from(await net.datagram({ address, port: 5351, bind }, request, () => true, { timeoutMs: 2000 })).toString('hex');
}

const steps: readonly Step[] = JSON.parse(readFileSync('/run/steps', 'utf8'));
const told: unknown[] = [];
for (const step of steps) {
  if ('run' in step) told.push(await run(step.run));
  else if ('from' in step) told.push(await natPmp(step.from, step.port));
  else if ('together' in step) told.push(await Promise.all(step.together.map(run)));
  else told.push(execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin; ${step.shell}`], { encoding: 'utf8' }));
}
console.log(JSON.stringify({ told, log: readFileSync('/run/log', 'utf8') }));
