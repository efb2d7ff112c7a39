/** The real network and clock with everything else made up: for tests that talk to servers on loopback. */
import { redactor } from '../../src/core/secret.ts';
import { openClock } from '../../src/world/clock.ts';
import { openFiles } from '../../src/world/files.ts';
import { openNet } from '../../src/world/net.ts';
import { openProcesses } from '../../src/world/processes.ts';
import type { InterfaceAddress, Net, World } from '../../src/world/world.ts';

export type Made = {
  readonly interfaces?: readonly InterfaceAddress[];
  readonly network?: Awaited<ReturnType<Net['network']>>;
  readonly now?: number;
  readonly env?: Record<string, string>;
  readonly servers?: readonly string[];
};

/** `lines`: what was traced. */
export function realWorld({ interfaces = [], network, now, env = {}, servers = [] }: Made = {}): World & { readonly lines: string[] } {
  const lines: string[] = [];
  const trace = (line: string): void => {
    lines.push(line);
  };
  const clock = openClock();
  return {
    clock: { ...clock, now: now === undefined ? clock.now : () => now },
    net: { ...openNet({ servers, env, trace }), interfaces: () => interfaces, network: async () => network, departure: async () => network?.interface },
    files: openFiles(),
    processes: openProcesses({ ...process.env }),
    env,
    random: Math.random,
    redactor: redactor(),
    trace,
    lines,
  };
}
