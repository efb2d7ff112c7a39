/** The program as a library: parse a config, open the world, run a round, read its report. */
export type { Config, Problem } from './config/config.ts';
export { type ConfigFlags, type Loaded, loadConfig } from './config/load.ts';
export type { Observation } from './core/observe.ts';
export type { Outcome } from './core/outcome.ts';
export { redactor } from './core/secret.ts';
export { describeOutcome, type News, reportJson } from './report.ts';
export { type Report, type Request, round } from './round.ts';
export { openWorld } from './world/index.ts';
export type { World } from './world/world.ts';
