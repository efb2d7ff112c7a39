/** Everybody who can be asked to look from outside, by the word for them in the config. */
import { checkHost } from './check-host.ts';
import { globalping } from './globalping.ts';
import { letsdebug } from './letsdebug.ts';
import { portchecker } from './portchecker.ts';
import type { Probe } from './probe.ts';

export const PROBE_IDS = ['globalping', 'letsdebug', 'portchecker', 'check-host'] as const;
export type ProbeId = (typeof PROBE_IDS)[number];

export const PROBES: { readonly [Id in ProbeId]: () => Probe } = { globalping: () => globalping(), letsdebug: () => letsdebug(), portchecker: () => portchecker(), 'check-host': () => checkHost() };
