/** The program: command line → command → exit code. */
import { Command, CommanderError } from 'commander';
import { everywhere, type Flags, forNames, forRounds, interval, port, several, wholeSeconds } from './commands/flags.ts';
import { failureJson, type Invocation } from './commands/invocation.ts';
import type { ConfigFlags } from './config/load.ts';
import { Fault, HANDLING, toFailure } from './core/failure.ts';
import { redactor } from './core/secret.ts';
import type { Glimpses } from './unchanged.ts';
import { VERSION } from './version.ts';
import { openFiles } from './world/files.ts';
import { openWorld } from './world/index.ts';
import { isTerminal, write } from './world/streams.ts';

const ROUND_SECONDS = 60;
const RELOCATION_SECONDS = 300;
const INTERVAL_MS = 5 * 60_000;
const PROBE_PORT = 8053;

/** What each means is in `HANDLING`; here for people. */
const EXITS = `
Exit codes: 0 all is as it should be, 1 published but not proven reachable, 64 command line,
  69 network, 70 a bug, 74 state, 75 wait, 76 provider, 77 credentials, 78 config.
README.md in the package tells of the config, and docs/ of everything else.`;

/** Parses the command line, runs the command, and resolves with the exit code. */
export async function main(argv: readonly string[], glimpses: Glimpses): Promise<number> {
  let exit = 0;
  const program = everywhere(new Command('ddns-update'))
    .description('Points your names at this machine, and never publishes a lie.')
    .version(VERSION, '-V, --version')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXITS)
    .exitOverride();
  const add = (command: Command, act: (invocation: Invocation, args: readonly string[], flags: Flags) => Promise<number>, lasting: Lasting = ROUND_SECONDS): void => {
    command.exitOverride().action(async () => {
      const flags = command.optsWithGlobals<Flags>();
      exit = await invoke(flags, command.args, lasting, (invocation) => act(invocation, command.args, flags));
    });
  };
  add(forRounds(program.command('run', { isDefault: true }).description('one round: find the address, update what differs (the default)')), async (invocation, _args, flags) =>
    (await import('./commands/run.ts')).run(invocation, { dry: false, force: flags.force === true, glimpses }),
  );
  add(forRounds(program.command('plan').description('what a round would change')), async (invocation, _args, flags) =>
    (await import('./commands/run.ts')).run(invocation, { dry: true, force: flags.force === true, glimpses }),
  );
  add(
    program
      .command('watch')
      .description('stays: a round every few minutes, and at once in a new network')
      .option('--interval <duration>', 'between rounds, such as 90s, 5m or 1h (default 5m)', interval),
    async (invocation, _args, flags) => {
      const [{ watch }, { openLookout }] = await Promise.all([import('./commands/watch.ts'), import('./world/lookout.ts')]);
      const onReload = (act: () => void): void => void process.on('SIGHUP', act);
      return watch(invocation, { intervalMs: flags.interval ?? INTERVAL_MS, roundMs: (flags.timeout ?? ROUND_SECONDS) * 1000, openLookout, onReload });
    },
    'resident',
  );
  add(program.command('detect').description('ask every source, show every ballot and the verdict'), async (invocation) => (await import('./commands/detect.ts')).detect(invocation));
  add(program.command('status').description('what is remembered, from disk only'), async (invocation) => (await import('./commands/status.ts')).status(invocation));
  add(forNames(program.command('verify').description('how far it is proven that the names lead here')), async (invocation) => (await import('./commands/verify.ts')).verify(invocation));
  add(
    forNames(program.command('relocate').description('after a move: publish the new address, prove it step by step, say what stands in the way')).option(
      '--map <ports>',
      'ask the router for these ports: 443,80 (repeatable)',
      several,
    ),
    async (invocation, _args, flags) => (await import('./commands/relocate.ts')).relocate(invocation, { map: flags.map ?? [], longestMs: (flags.timeout ?? RELOCATION_SECONDS) * 1000 }),
    RELOCATION_SECONDS,
  );
  add(
    forNames(program.command('prepare').description('before a move: lower TTLs, and say from when on the move is cheap'))
      .option('--ttl <seconds>', 'how low (default 60, or the least that the provider takes)', wholeSeconds)
      .option('--restore', 'put back what they were'),
    async (invocation, _args, flags) => (await import('./commands/prepare.ts')).prepare(invocation, { restore: flags.restore === true, ...(flags.ttl === undefined ? {} : { seconds: flags.ttl }) }),
  );
  add(
    program.command('map').argument('[ports...]').description('port mappings on the router: 443, 443/udp, 8443:443; without any, those of the config').option('--remove', 'take back what was mapped'),
    async (invocation, args, flags) => (await import('./commands/map.ts')).map(invocation, args, { remove: flags.remove === true }),
  );
  add(program.command('check').description('every problem in the config'), async (invocation) => (await import('./commands/check.ts')).check(invocation));
  add(program.command('providers').argument('[words...]').description('all providers, those that match, or one: its options and how to get a token'), async (invocation, args) =>
    (await import('./commands/providers.ts')).providers(invocation, args),
  );
  add(
    program
      .command('probe-server')
      .description('stays, on any other machine: tells those who ask whether their own ports can be reached from there')
      .option('--port <number>', `where it listens (default ${PROBE_PORT})`, port)
      .option('--bind <address>', 'on this address alone, such as 127.0.0.1 behind a proxy (default: all)')
      .option('--proxy', 'behind a proxy on this machine that says in X-Forwarded-For whose a request is')
      .option('--self', 'look at the machine it runs on, too: for a trial'),
    async (invocation, _args, { port = PROBE_PORT, bind, self = false, proxy = false }) => (await import('./commands/probe-server.ts')).probeServer(invocation, { port, bind, self, proxy }),
    'resident',
  );
  add(program.command('demo').description('the whole story on loopback: no credentials, nothing leaves the machine'), async (invocation) => (await import('./commands/demo.ts')).demo(invocation));
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return 0;
    if (argv.includes('--json')) write('stdout', failureJson({ kind: 'usage', detail: thrown.message.replace(/^error: /, '') }));
    return HANDLING.usage.exit;
  }
  return exit;
}

/** For so many seconds unless `--timeout` says otherwise. `resident`: ends when it is told to, however long it takes; it bounds its parts itself. */
type Lasting = number | 'resident';

async function invoke(flags: Flags, names: readonly string[], lasting: Lasting, act: (invocation: Invocation) => Promise<number>): Promise<number> {
  const { env } = process;
  const secrets = redactor();
  const err = (line: string): void => write('stderr', secrets.redact(line));
  const configFlags: ConfigFlags = {
    ...(flags.config === undefined ? {} : { config: flags.config }),
    ...(flags.state === undefined ? {} : { state: flags.state }),
    ...(flags.provider === undefined ? {} : { provider: flags.provider }),
    names,
    options: flags.option ?? [],
    ip: flags.ip ?? [],
  };
  const stop = new AbortController();
  const timer = lasting === 'resident' ? undefined : setTimeout(() => stop.abort(new Error('time is up')), (flags.timeout ?? lasting) * 1000);
  stopOn(['SIGINT', 'SIGTERM'], stop);
  const broken = breakage(lasting === 'resident' ? undefined : stop.signal);
  const isShown = isTerminal();
  const isDumb = env['TERM'] === 'dumb';
  try {
    const acting = act({
      flags: configFlags,
      output: {
        out: (line) => write('stdout', secrets.redact(line)),
        err,
        json: flags.json === true,
        color: flags.color && !env['NO_COLOR'] && !isDumb && isShown,
        terminal: isShown,
        // Whoever looks may make it wider or narrower meanwhile.
        get columns() {
          return isShown ? process.stdout.columns : 0;
        },
        ...(isShown ? { live: isTerminal(2) && !isDumb && flags.trace !== true } : {}),
        loud: flags.quiet ? 'quiet' : flags.verbose ? 'verbose' : 'normal',
      },
      signal: stop.signal,
      files: openFiles(),
      env,
      openWorld: (servers) => openWorld({ servers, env, redactor: secrets, ...(flags.trace ? { traceTo: err } : {}) }),
    });
    return await Promise.race([acting, broken.happened]);
  } catch (thrown) {
    const failure = toFailure(thrown);
    err(failure.kind === 'defect' ? `${failure.detail} (${HANDLING.defect.hint})` : failure.detail);
    if (flags.json) write('stdout', secrets.redact(failureJson(failure)));
    if (flags.trace && thrown instanceof Error) err(thrown.stack ?? '');
    return HANDLING[failure.kind].exit;
  } finally {
    clearTimeout(timer);
    broken.over();
  }
}

/** The first signal asks, the second, of whichever kind, ends the process at once. */
function stopOn(signals: readonly NodeJS.Signals[], stop: AbortController): void {
  const ask = (signal: NodeJS.Signals): void => {
    for (const one of signals) process.off(one, ask);
    stop.abort(new Error(signal));
  };
  for (const signal of signals) process.on(signal, ask);
}

/** How long a command may still take after its time is up, to say what became of what it began. */
const GRACE_MS = 5000;

/** What ends a command that does not end by itself: an error that nobody waits for, and a wait that heeds no signal, such as for a provider package. */
function breakage(signal: AbortSignal | undefined): { readonly happened: Promise<never>; readonly over: () => void } {
  let late: NodeJS.Timeout | undefined;
  let stray: (thrown: unknown) => void = () => {};
  const happened = new Promise<never>((_, reject) => {
    stray = reject;
    const detail = 'the time was up, and something did not stop; what was begun may have been done, and the next round asks';
    const wait = () => {
      late = setTimeout(() => reject(new Fault({ kind: 'unavailable', detail })), GRACE_MS);
    };
    signal?.addEventListener('abort', wait, { once: true });
  });
  process.on('uncaughtException', stray);
  return {
    happened,
    over() {
      clearTimeout(late);
      process.off('uncaughtException', stray);
    },
  };
}
