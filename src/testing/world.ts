/** A World for tests: time that only moves when told, an empty file system in memory, and a network that answers what the test says. */
import { Fault } from '../core/failure.ts';
import { type Redactor, redactor, Secret } from '../core/secret.ts';
import type { Tools, Zone } from '../sdk/provider.ts';
import type { Files, HttpReply, HttpRequest, Net, Processes, World } from '../world/world.ts';

export type FakeParts = {
  /** Answers provider requests; what it throws reaches the caller as it is. Without it every request is refused. */
  readonly http?: (request: HttpRequest) => HttpReply | Promise<HttpReply>;
  /** Replaces single methods of the network. */
  readonly net?: Partial<Net>;
  /** Files that exist at the start, path to text; or the methods themselves. */
  readonly files?: Readonly<Record<string, string>> | Files;
  readonly processes?: Partial<Processes>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970 at the start. */
  readonly now?: number;
  readonly random?: () => number;
  /** Learned by the redactor. */
  readonly secrets?: readonly string[];
};

export type FakeWorld = World & {
  /** Every line of trace, as it would be shown; the values of headers too, of which `--trace` hides those with telling names. */
  readonly traced: string[];
  /** Every provider request that was sent. */
  readonly requests: HttpRequest[];
  /** Moves the time. */
  readonly advance: (ms: number) => void;
};

const START = Date.UTC(2026, 0, 5, 12);

export function fakeWorld(parts: FakeParts = {}): FakeWorld {
  const traced: string[] = [];
  const requests: HttpRequest[] = [];
  const redact = learned(parts.secrets ?? []);
  let now = parts.now ?? START;
  const trace = (line: string) => void traced.push(redact.redact(line));
  const advance = (ms: number) => {
    now += ms;
  };
  const nowhere = (what: string): Fault => new Fault({ kind: 'network', phase: 'connect', detail: `this world has no ${what}` });
  const net: Net = {
    datagram: async () => Promise.reject(nowhere('datagrams')),
    stream: async () => Promise.reject(nowhere('streams')),
    echo: async () => Promise.reject(nowhere('echo services')),
    async http(request) {
      requests.push(request);
      trace(`> ${request.method} ${request.url} ${JSON.stringify(request.headers)} ${request.body ?? ''}`);
      if (parts.http === undefined) throw nowhere('HTTP');
      const reply = await parts.http(request);
      trace(`< ${reply.status} ${request.confidential ? '(not shown: it holds a secret)' : `${JSON.stringify(reply.headers)} ${reply.body}`}`);
      return reply;
    },
    lookup: async () => Promise.reject(nowhere('names')),
    interfaces: () => [],
    network: async () => undefined,
    close: async () => {},
    ...parts.net,
  };
  return {
    traced,
    requests,
    advance,
    clock: {
      now: () => now,
      elapsed: () => now,
      sleep: async (ms, signal) => {
        if (!signal?.aborted) advance(ms);
        // Whoever sleeps again and again leaves others their turn.
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    net,
    files: isFiles(parts.files) ? parts.files : memoryFiles(parts.files ?? {}, () => now),
    processes: {
      run: async () => Promise.reject(nowhere('programs')),
      self: () => ({ pid: 1, startedAt: '0', scope: 'fake' }),
      isAlive: () => 'unknown',
      ...parts.processes,
    },
    env: parts.env ?? {},
    random: parts.random ?? (() => 0.5),
    redactor: redact,
    trace,
  };
}

/** What an adapter is opened with, from a fake world. `zones`: remembered from earlier rounds; the array is replaced when the adapter remembers others. */
export function toolsIn(
  world: World,
  { account = 'test', signal = new AbortController().signal, zones = { list: [] } }: { readonly account?: string; readonly signal?: AbortSignal; readonly zones?: { list: readonly Zone[] } } = {},
): Tools {
  const { net, clock, files, processes, random, env } = world;
  const memory = {
    get: () => zones.list,
    set: (list: readonly Zone[]) => {
      zones.list = list;
    },
  };
  return {
    account,
    net,
    clock,
    files,
    processes,
    random,
    signal,
    userAgent: 'ddns-update/test',
    zones: memory,
    redact: world.redactor.redact,
    learn: (text) => world.redactor.learn(new Secret(text)),
    env,
  };
}

function learned(secrets: readonly string[]): Redactor {
  const made = redactor();
  for (const secret of secrets) made.learn(new Secret(secret));
  return made;
}

const isFiles = (files: FakeParts['files']): files is Files => typeof files?.['read'] === 'function';

function memoryFiles(start: Readonly<Record<string, string>>, now: () => number): Files {
  const held = new Map(Object.entries(start).map(([path, text]) => [path, { text, mode: 0o600, modifiedAt: now() }]));
  const put = (path: string, text: string, mode: number) => void held.set(path, { text, mode, modifiedAt: now() });
  return {
    read: (path) => held.get(path)?.text,
    write: (path, text, { mode }) => put(path, text, mode),
    create(path, text, { mode }) {
      if (held.has(path)) return false;
      put(path, text, mode);
      return true;
    },
    rename(from, to) {
      const file = held.get(from);
      if (file === undefined) throw new Fault({ kind: 'state', detail: `no file ${from}` });
      held.set(to, file);
      held.delete(from);
    },
    remove: (path) => void held.delete(path),
    touch(path) {
      const file = held.get(path);
      if (file) held.set(path, { ...file, modifiedAt: now() });
    },
    folder: () => {},
    list: (path) => [...held.keys()].filter((key) => key.startsWith(`${path}/`) && !key.slice(path.length + 1).includes('/')).map((key) => key.slice(path.length + 1)),
    stat(path) {
      const file = held.get(path);
      return file && { modifiedAt: file.modifiedAt, size: file.text.length, mode: 0o100000 | file.mode, othersMayRead: (file.mode & 0o044) !== 0 };
    },
  };
}
