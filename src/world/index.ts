/** The real world, put together. */
import type { Redactor } from '../core/secret.ts';
import { openClock } from './clock.ts';
import { openFiles } from './files.ts';
import { openNet } from './net.ts';
import { openProcesses } from './processes.ts';
import type { World } from './world.ts';

export type WorldOptions = {
  /** Resolvers as `HOST` or `HOST:PORT`; empty: the system's. */
  readonly servers: readonly string[];
  /** Where the lines of `--trace` go, redacted. Absent: nowhere. */
  readonly traceTo?: (line: string) => void;
  readonly env: World['env'];
  readonly redactor: Redactor;
};

export function openWorld({ servers, traceTo, env, redactor }: WorldOptions): World {
  const trace = traceTo === undefined ? () => {} : (line: string): void => traceTo(redactor.redact(line));
  return { clock: openClock(), net: openNet({ servers, trace, env }), files: openFiles(), processes: openProcesses(env), env, random: Math.random, redactor, trace };
}
