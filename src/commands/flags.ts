/** The flags of the command line: what each may be, and which of them several commands take. */
import { type Command, InvalidArgumentError } from 'commander';
import { type DurationBounds, parseDuration } from '../config/network.ts';

export type Flags = {
  readonly config?: string;
  readonly state?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly trace?: true;
  readonly timeout?: number;
  readonly color: boolean;
  readonly force?: true;
  readonly ip?: readonly string[];
  readonly provider?: string;
  readonly option?: readonly string[];
  readonly remove?: true;
  readonly map?: readonly string[];
  readonly interval?: number;
  readonly restore?: true;
  readonly ttl?: number;
  readonly port?: number;
  readonly bind?: string;
  readonly self?: true;
  readonly proxy?: true;
};

export const several = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

function seconds(value: string): number {
  const parsed = Number(value);
  if (!(parsed > 0 && parsed <= 86_400)) throw new InvalidArgumentError('It takes seconds: more than 0, and at most 86400.');
  return parsed;
}

export function wholeSeconds(value: string): number {
  const parsed = seconds(value);
  if (!Number.isInteger(parsed)) throw new InvalidArgumentError('It takes whole seconds, from 1 to 86400.');
  return parsed;
}

/** Between two rounds of `watch`. */
const INTERVALS: DurationBounds = {
  least: { ms: 30_000, problem: () => 'It takes 30s at least: every round asks services of others for our address, and a new network is seen within two seconds, whatever the interval' },
  most: { ms: 86_400_000, problem: () => 'It takes 1d at most: what changes without a trace here is seen by a round alone, and names that lapse unless they are confirmed are confirmed by one' },
};

export function interval(value: string): number {
  const parsed = parseDuration(value, INTERVALS);
  if (typeof parsed !== 'number') throw new InvalidArgumentError(`${parsed.problem}.`);
  return parsed;
}

export function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new InvalidArgumentError('It takes a port, or 0 for any.');
  return Number(value);
}

/** Flags that every command takes, before or after its name. */
export const everywhere = (program: Command): Command =>
  program
    .option('-c, --config <path>', 'the config file')
    .option('--state <folder>', 'where the memory is kept')
    .option('--json', 'one JSON document on stdout')
    .option('-q, --quiet', 'only failures')
    .option('-v, --verbose', 'every name, and how the address was found')
    .option('--trace', 'every exchange on stderr, without secrets')
    .option('--timeout <seconds>', 'for the whole command (default 60, relocate 300); watch: for each round', seconds)
    .option('--no-color', 'no colours');

export const forNames = (command: Command): Command =>
  command
    .argument('[names...]')
    .option('--ip <address>', 'skip detection, use this address (repeatable)', several)
    .option('--provider <id>', 'without a config: the provider of the names given')
    .option('--option <key=value>', "without a config: one of the provider's options (repeatable)", several);
export const forRounds = (command: Command): Command => forNames(command).option('--force', 'as if nothing were remembered');
