/** Everybody who can be asked to look from outside, by the word for them in the config. */
import type { PublicProbe } from '../../core/reach.ts';
import { checkHost } from './check-host.ts';
import { globalping } from './globalping.ts';
import { letsdebug } from './letsdebug.ts';
import { portchecker } from './portchecker.ts';
import type { Probe } from './probe.ts';

export const PROBES: { readonly [Id in PublicProbe]: () => Probe } = {
  globalping: () => globalping(),
  letsdebug: () => letsdebug(),
  portchecker: () => portchecker(),
  'check-host': () => checkHost(),
};
