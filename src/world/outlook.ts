/** The real world for those who only look: all that an unchanged round loads of it. */
import { openClock } from './clock.ts';
import { openNet } from './net.ts';
import { openReading } from './reading.ts';
import type { Outlook, World } from './world.ts';

/** `servers`: resolvers as `HOST` or `HOST:PORT`; empty: the system's. Nothing is traced. */
export const openOutlook = (servers: readonly string[], env: World['env']): Outlook => ({
  clock: openClock(),
  net: openNet({ servers, env, trace: () => {} }),
  random: Math.random,
  env,
  files: openReading(),
});
