/** One provider account on a stage: a fake vendor with records, an account opened on it, and the truth afterwards. */
import { strict as assert } from 'node:assert';
import { safeParse, strictObject } from 'valibot';
import { type IpAddress, parseAddress } from '../core/address.ts';
import { attempt, type Failure } from '../core/failure.ts';
import { fqdn } from '../core/name.ts';
import type { Capabilities, Change, WriteResult } from '../core/plan.ts';
import { familyOfType, keyOf, type RecordKey, type RecordSet, recordSet } from '../core/record.ts';
import { Secret } from '../core/secret.ts';
import { type Manifest, openProvider, type Provider } from '../sdk/provider.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import type { Contract, FakeRecord, FakeZone } from './contract.ts';
import { type FakeWorld, fakeWorld, toolsIn } from './world.ts';

export type AnyManifest = Pick<Manifest, 'id' | 'options'> & { readonly can: unknown; readonly open: unknown };

export type Stage = {
  readonly zone: FakeZone;
  readonly world: FakeWorld;
  readonly can: Capabilities;
  readonly secrets: readonly string[];
  /** What the fake hands out and nobody may see. */
  readonly sessions: readonly string[];
  /** Exchanges of any sort that were begun. */
  readonly exchanges: () => number;
  /** A fresh account, as in a new round; zones are remembered unless `cold`. */
  readonly open: (how?: { readonly cold?: boolean }) => Promise<Provider>;
  readonly abort: () => void;
  readonly name: (at: number) => string;
};

/** Takes the place of the vendor for one exchange; undefined: the vendor answers. */
export type Interception = (exchange: { readonly index: number; readonly request: HttpRequest | undefined; readonly deliver: () => Promise<HttpReply> }) => Promise<HttpReply> | undefined;

export function stage(
  manifest: AnyManifest,
  contract: Contract,
  {
    records = [],
    pageSize = 100_000,
    intercept,
    options = contract.options,
  }: { readonly records?: readonly Omit<FakeRecord, 'id'>[]; readonly pageSize?: number; readonly intercept?: Interception; readonly options?: Readonly<Record<string, unknown>> } = {},
): Stage {
  let ids = 0;
  const nextId = () => (++ids).toString(16).padStart(32, '0');
  const zone: FakeZone = { id: 'f'.repeat(32), name: contract.zone, records: records.map((record) => ({ ...record, id: nextId() })), nextId };
  const secrets = contract.secretOptions.map((path) => String(path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], options)));
  const parts = contract.backend?.(zone) ?? {};
  const api = contract.api?.(zone, { pageSize });
  let exchanges = 0;
  const through = (request: HttpRequest | undefined, deliver: () => Promise<HttpReply>): Promise<HttpReply> => {
    const index = exchanges++;
    return intercept?.({ index, request, deliver }) ?? deliver();
  };
  const { net = {} } = parts;
  const world = fakeWorld({
    ...parts,
    secrets,
    ...(api ? { http: (request: HttpRequest) => through(request, async () => api(request)) } : {}),
    net: {
      ...net,
      // What is no HTTP has no reply to forge: the interception may only fail or deliver.
      ...(net.datagram ? { datagram: (...given) => carried(() => net.datagram?.(...given)) } : {}),
      ...(net.stream ? { stream: (...given) => carried(() => net.stream?.(...given)) } : {}),
    },
  });
  async function carried<T>(work: () => Promise<T> | undefined): Promise<T> {
    let value: T | undefined;
    await through(undefined, async () => {
      value = await work();
      return { status: 0, headers: {}, body: '' };
    });
    return value as T;
  }

  let abort = new AbortController();
  const remembered: { list: readonly { name: string; id: string }[] } = { list: [] };
  const parsed = parseOptions(manifest, options, contract.secretOptions);
  return {
    zone,
    world,
    secrets,
    sessions: contract.sessions ?? [],
    can: typeof manifest.can === 'function' ? (manifest.can(parsed) as Capabilities) : (manifest.can as Capabilities),
    exchanges: () => exchanges,
    abort: () => abort.abort(),
    name: (at) => contract.names?.[at - 1] ?? `h${at}.${contract.zone}`,
    async open({ cold = false } = {}) {
      abort = new AbortController();
      if (cold) remembered.list = [];
      return openProvider(manifest as unknown as Manifest, parsed as Parameters<Manifest['open']>[0], toolsIn(world, { signal: abort.signal, zones: remembered }));
    },
  };
}

/** The contract's options as the adapter gets them. */
function parseOptions(manifest: AnyManifest, options: Readonly<Record<string, unknown>>, secretOptions: readonly string[]): unknown {
  const wrap = (value: unknown, path: string): unknown => {
    if (secretOptions.includes(path)) return new Secret(String(value));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wrap(inner, path === '' ? key : `${path}.${key}`)]));
  };
  const { endpoint, ...rest } = wrap(options, '') as Record<string, unknown>;
  const result = safeParse(strictObject(manifest.options), rest);
  assert.ok(result.success, `the contract's options do not fit: ${result.success ? '' : result.issues.map(({ message }) => message).join('; ')}`);
  return { ...(result.output as object), ...(endpoint === undefined ? {} : { endpoint }) };
}

export const address = (text: string): IpAddress => {
  const parsed = parseAddress(text);
  assert.ok(parsed, `${text} is no address`);
  return parsed;
};

export const setFor = (name: string, type: 'A' | 'AAAA', values: readonly string[], ttl?: number): RecordSet => recordSet({ name: fqdn(name), type }, values.map(address), ttl);

/** What the vendor really holds for one set. */
export function truth(zone: FakeZone, { name, type }: Pick<RecordSet, 'name' | 'type'>): readonly string[] {
  return zone.records
    .filter((record) => record.name === name && record.type === type)
    .map(({ value }) => parseAddress(value, familyOfType(type)) ?? value)
    .sort();
}

export const sorted = (set: RecordSet): readonly string[] => [...set.values].sort();

export type Round = { readonly changes: readonly Change[]; readonly results: readonly WriteResult[]; readonly failures: readonly Failure[] };

/** Reads where that can be done, then writes what differs, as a round does. Nothing but a Fault may be thrown. */
export async function round(provider: Provider, wanted: readonly RecordSet[]): Promise<Round> {
  const failures: Failure[] = [];
  let changes: readonly Change[] = wanted.map((after) => ({ key: keyOf(after), after }));
  if (provider.read) {
    const read = provider.read.bind(provider);
    const found = await attempt(() => read(wanted.map(keyOf)));
    if (found.kind === 'failed') return { changes: [], results: [], failures: [onlyFaults(found.failure)] };
    changes = wanted.flatMap((after) => {
      const key: RecordKey = keyOf(after);
      const before = found.value.get(key);
      assert.ok(found.value.has(key), `read() says nothing about ${key}`);
      if (before !== undefined && 'kind' in before) {
        failures.push(before);
        return [];
      }
      const current = before ?? recordSet(after, []);
      if (sorted(current).join() === sorted(after).join() && (after.ttl === undefined || current.ttl === undefined || after.ttl === current.ttl)) return [];
      const ttl = after.ttl ?? (current.values.length > 0 ? current.ttl : undefined);
      return [{ key, before: current, after: recordSet(after, after.values, ttl) }];
    });
  }
  if (changes.length === 0) return { changes, results: [], failures };
  const written = await attempt(() => provider.write(changes));
  if (written.kind === 'failed') onlyFaults(written.failure);
  const results: readonly WriteResult[] = written.kind === 'ok' ? written.value : changes.map(() => ({ kind: 'failed', failure: written.failure }));
  assert.equal(results.length, changes.length, 'write() must give one result per change');
  for (const result of results) if (result.kind === 'failed') failures.push(result.failure);
  return { changes, results, failures };
}

const onlyFaults = (failure: Failure): Failure => {
  assert.notEqual(failure.kind, 'defect', `something else than a Fault was thrown: ${failure.detail}`);
  return failure;
};

/** No secret of the user's or the vendor's in anything that may be shown. */
export function assertNoSecrets({ secrets, sessions, world }: Pick<Stage, 'secrets' | 'sessions' | 'world'>, shown: unknown): void {
  const texts = [JSON.stringify(shown) ?? '', ...world.traced];
  for (const secret of [...secrets, ...sessions]) {
    for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) {
      const leak = texts.find((text) => text.includes(form));
      assert.equal(leak, undefined, `a secret shows: ${leak?.split(form).join('<THE SECRET>').slice(0, 300)}`);
    }
  }
}
