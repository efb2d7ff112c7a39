/** What a provider package does, held to what ours do: its mistakes are called its own, no secret stays in what it says, and it cannot make a round wait for ever. */
import { attempt, type Failure, Fault, HANDLING, toFailure } from '../core/failure.ts';
import type { Change, WriteResult } from '../core/plan.ts';
import { partsOf, type RecordKey, type RecordSet } from '../core/record.ts';
import type { Manifest, Provider, Tools } from '../sdk/provider.ts';
import { setIn } from './answers.ts';
import { areCapabilities, CAPABILITIES } from './manifest.ts';

/** The same manifest under the name that the config knows it by. What it throws becomes a Fault that names the package. */
export function guarded(manifest: Manifest, name: string): Manifest {
  const { can, problems, open } = manifest;
  return {
    ...manifest,
    id: name,
    can:
      typeof can === 'function'
        ? (options) => {
            const told = sooner(name, () => can(options));
            if (!areCapabilities(told)) throw mistake(name, `its manifest's can() must tell ${CAPABILITIES}`);
            return told;
          }
        : can,
    ...(problems ? { problems: (options: Parameters<typeof problems>[0]) => sooner(name, () => problems(options)) } : {}),
    open: async (options, tools) => guardedProvider(await later(name, tools, 'open()', () => open(options, tools)), name, tools),
  };
}

function guardedProvider(provider: Provider, name: string, tools: Tools): Provider {
  if (typeof provider !== 'object' || provider === null || typeof provider.write !== 'function') throw mistake(name, 'its open() must return an object with write()');
  const cleaned = (failure: Failure): Failure => clean(failure, name, tools);
  const setOf = (key: RecordKey, shown: unknown, call: string): RecordSet => {
    const set = setIn(partsOf(key), shown);
    if (set === undefined) throw mistake(name, `its ${call} must show sets with addresses of their type as values, and not for ${key}`);
    return set;
  };
  const resultOf = (result: WriteResult | undefined, { key }: Change): WriteResult => {
    if (result?.kind === 'written') {
      const { stored, note } = result;
      return {
        kind: 'written',
        ...(stored === undefined ? {} : { stored: setOf(key, stored, 'write()') }),
        ...(note === undefined ? {} : { note: tools.redact?.(String(note)) ?? String(note) }),
      };
    }
    return { kind: 'failed', failure: isFailure(result?.failure) ? cleaned(result.failure) : mistake(name, 'its write() must say of each change that it is written, or failed and why').failure };
  };
  return {
    ...(provider.read
      ? {
          read: (keys) =>
            later(name, tools, 'read()', async () => {
              const found: unknown = await provider.read?.([...keys]);
              if (!(found instanceof Map)) throw mistake(name, 'its read() must resolve with a Map');
              return new Map(
                keys.map((key): [RecordKey, RecordSet | Failure | undefined] => {
                  const shown: unknown = found.get(key);
                  return [key, shown === undefined ? undefined : isFailure(shown) ? cleaned(shown) : setOf(key, shown, 'read()')];
                }),
              );
            }),
        }
      : {}),
    write: (changes) =>
      later(name, tools, 'write()', async () => {
        // What it does to its copy is not done to what we remember.
        const results: unknown = await provider.write(structuredClone(changes));
        if (!Array.isArray(results) || results.length !== changes.length) throw mistake(name, `its write() must resolve with one result for each of ${changes.length} changes`);
        return changes.map((change, at) => resultOf(results[at], change));
      }),
    ...(provider.settled ? { settled: (timeoutMs) => later(name, tools, 'settled()', async () => (await provider.settled?.(timeoutMs)) === true) } : {}),
    ...(provider.close ? { close: async () => void (await Promise.race([provider.close?.(), tools.clock.sleep(GRACE_MS)])) } : {}),
  };
}

const isFailure = (value: unknown): value is Failure => typeof value === 'object' && value !== null && 'kind' in value && 'detail' in value;

/** For what should have ended when the command's time did. */
const GRACE_MS = 1000;

async function later<T>(name: string, tools: Tools, call: string, work: () => Promise<T> | T): Promise<T> {
  const done = await attempt(() => Promise.race([work(), overdue(name, tools, call)]));
  if (done.kind === 'failed') throw new Fault(clean(done.failure, name, tools));
  return done.value;
}

/** Fails some time after the command's time is up; what was begun by then may still come to be. */
async function overdue(name: string, { signal, clock }: Tools, call: string): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await clock.sleep(GRACE_MS);
  throw new Fault({ kind: 'unavailable', detail: `${name}: its ${call} did not end when the time was up` });
}

function sooner<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw new Fault(clean(toFailure(thrown), name, {}));
  }
}

/** A newer SDK may know kinds of failure that we do not, and JavaScript numbers that are none. */
function clean({ kind, detail: said, hint, phase, code, partly, ...waits }: Failure, name: string, { redact = (text) => text }: Pick<Tools, 'redact'>): Failure {
  const detail = redact(String(said));
  if (!Object.hasOwn(HANDLING, kind) || kind === 'defect') return mistake(name, detail).failure;
  return {
    kind,
    detail,
    ...(hint === undefined ? {} : { hint: redact(String(hint)) }),
    ...(phase !== undefined && PHASES.includes(phase) ? { phase } : {}),
    ...(code === undefined ? {} : { code: redact(String(code)) }),
    ...(partly === true ? { partly } : {}),
    ...secondsIn('retryAfterSeconds', waits.retryAfterSeconds),
    ...secondsIn('lookAgainSeconds', waits.lookAgainSeconds),
  };
}
const PHASES: readonly unknown[] = ['lookup', 'connect', 'tls', 'reply'];

const secondsIn = <Key extends string>(key: Key, seconds: number | undefined): { readonly [K in Key]?: number } =>
  typeof seconds === 'number' && seconds >= 0 && Number.isFinite(seconds) ? ({ [key]: seconds } as { [K in Key]: number }) : {};

/** Not ours. */
const mistake = (name: string, what: string): Fault =>
  new Fault({ kind: 'defect', detail: what.startsWith(`${name}: `) ? what : `${name}: ${what}`, hint: `this is a bug in the package ${name}; please report it to its author` });
