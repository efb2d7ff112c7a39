/** What a provider package does, held to what ours do: its mistakes are called its own, and no secret stays in what it says. */
import { attempt, type Failure, Fault, HANDLING, toFailure } from '../core/failure.ts';
import type { WriteResult } from '../core/plan.ts';
import type { Manifest, Provider, Tools } from '../sdk/provider.ts';
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
    open: async (options, tools) => guardedProvider(await later(name, tools, () => open(options, tools)), name, tools),
  };
}

function guardedProvider(provider: Provider, name: string, tools: Tools): Provider {
  if (typeof provider !== 'object' || provider === null || typeof provider.write !== 'function') throw mistake(name, 'its open() must return an object with write()');
  const cleaned = (failure: Failure): Failure => clean(failure, name, tools);
  return {
    ...(provider.read
      ? {
          read: (keys) =>
            later(name, tools, async () => {
              const found = await provider.read?.(keys);
              if (!(found instanceof Map)) throw mistake(name, 'its read() must resolve with a Map');
              return new Map([...found].map(([key, value]) => [key, isFailure(value) ? cleaned(value) : value]));
            }),
        }
      : {}),
    write: (changes) =>
      later(name, tools, async () => {
        const results: readonly WriteResult[] = await provider.write(changes);
        if (!Array.isArray(results) || results.length !== changes.length) throw mistake(name, `its write() must resolve with one result for each of ${changes.length} changes`);
        return results.map((result: WriteResult): WriteResult => {
          if (result?.kind === 'written') return result;
          return { kind: 'failed', failure: isFailure(result?.failure) ? cleaned(result.failure) : mistake(name, 'its write() must say of each change that it is written, or failed and why').failure };
        });
      }),
    ...(provider.settled ? { settled: (timeoutMs) => later(name, tools, async () => provider.settled?.(timeoutMs) ?? false) } : {}),
    ...(provider.close ? { close: async () => provider.close?.() } : {}),
  };
}

const isFailure = (value: unknown): value is Failure => typeof value === 'object' && value !== null && 'kind' in value && 'detail' in value;

async function later<T>(name: string, tools: Tools, work: () => Promise<T> | T): Promise<T> {
  const done = await attempt(work);
  if (done.kind === 'failed') throw new Fault(clean(done.failure, name, tools));
  return done.value;
}

function sooner<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw new Fault(clean(toFailure(thrown), name, {}));
  }
}

/** A newer SDK may know kinds of failure that we do not. */
function clean(failure: Failure, name: string, { redact = (text) => text }: Pick<Tools, 'redact'>): Failure {
  const detail = redact(String(failure.detail));
  if (!Object.hasOwn(HANDLING, failure.kind) || failure.kind === 'defect') return mistake(name, detail).failure;
  return { ...failure, detail, ...(failure.hint === undefined ? {} : { hint: redact(failure.hint) }) };
}

/** Not ours. */
const mistake = (name: string, what: string): Fault =>
  new Fault({ kind: 'defect', detail: what.startsWith(`${name}: `) ? what : `${name}: ${what}`, hint: `this is a bug in the package ${name}; please report it to its author` });
