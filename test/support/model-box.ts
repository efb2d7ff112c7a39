/** A simulated machine with one account at a provider that can do whatever the test says, and remembers every write. */
import type { Config } from '../../src/config/config.ts';
import { type Family, type IpAddress, parseAddress, parsePrefix } from '../../src/core/address.ts';
import { type Failure, Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Capabilities, Change, WriteResult } from '../../src/core/plan.ts';
import { partsOf, type RecordSet, recordSet, type Target } from '../../src/core/record.ts';
import { redactor } from '../../src/core/secret.ts';
import type { HttpsSource } from '../../src/detect/source.ts';
import { parseState } from '../../src/parse-state.ts';
import { providers } from '../../src/providers/index.ts';
import { NOTHING, type State } from '../../src/recall.ts';
import { type Report, type Request, round } from '../../src/round.ts';
import type { Manifest, Provider } from '../../src/sdk/provider.ts';
import type { Net, Network, World } from '../../src/world/world.ts';
import { begin, type Life, mortal, simulatedDisk, simulatedProcesses, simulatedTime } from './simulated.ts';

const STATE = '/var/lib/ddns-update';
export const MODEL_CAN: Capabilities = { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 300 }, batch: 100 };

export const modelTarget = (name: string, family: Family, more: Partial<Target> = {}): Target => ({
  name: fqdn(name),
  type: family === 4 ? 'A' : 'AAAA',
  family,
  account: 'model',
  ttl: 'auto',
  sharing: 'auto',
  ...more,
});

/** What was sent in one call, and when. */
export type Sent = { readonly at: number; readonly changes: readonly Change[] };

export type ModelOptions = {
  readonly can?: Partial<Capabilities>;
  readonly targets: readonly Target[];
  readonly config?: Partial<Config>;
  /** It tells no TTLs. */
  readonly mute?: boolean;
};

/** The one that is open: the registry has room for one model. */
let current: { readonly can: Capabilities; readonly provider: Provider } | undefined;
const manifest: Manifest = {
  api: 1,
  id: 'model',
  name: 'Model',
  reference: 'https://example.com',
  checked: '2026-01-01',
  evidence: 'unverified',
  can: () => current?.can ?? MODEL_CAN,
  options: {},
  credentials: 'None.',
  open: () => {
    if (current === undefined) throw new TypeError('no model is open');
    return current.provider;
  },
};

/** Time passes only while rounds wait, or when the test says so. */
export function modelBox({ can: some = {}, targets, config: more = {}, mute = false }: ModelOptions) {
  const time = simulatedTime(Date.UTC(2026, 0, 5));
  const disk = simulatedDisk(time.now);
  const living = new Set<Life>();
  const processes = simulatedProcesses(living);
  const zone = new Map<string, RecordSet>();
  /** Every TTL a set ever had, and until when (infinite: still). */
  const history: { readonly key: string; readonly ttl: number; until: number }[] = [];
  const sent: Sent[] = [];
  let alive: Life | undefined;
  const scene = {
    address: { 4: '203.0.113.9', 6: '2001:db8::9' } as { 4: string | undefined; 6: string | undefined },
    /** Milliseconds until an echo service tells it. */
    delay: { 4: 20, 6: 20 },
    network: { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0' } as Network,
    /** What becomes of the next writes. */
    refuse: [] as (Failure | 'killed-before' | 'killed-after' | undefined)[],
    writeMs: 10,
    can: { ...MODEL_CAN, ...some } as Capabilities,
  };
  const put = (key: string, set: RecordSet | undefined): void => {
    for (const row of history) if (row.key === key && row.until === Number.POSITIVE_INFINITY) row.until = time.now();
    if (set === undefined || set.values.length === 0) zone.delete(key);
    else {
      zone.set(key, set);
      history.push({ key, ttl: set.ttl ?? 0, until: Number.POSITIVE_INFINITY });
    }
  };
  const ttlOf = (change: Change): number => {
    const { ttl } = scene.can;
    return ttl === 'fixed' ? 120 : (change.after.ttl ?? zone.get(change.key)?.ttl ?? ttl.initial);
  };
  const write = async (changes: readonly Change[]): Promise<readonly WriteResult[]> => {
    const life = alive;
    const fate = scene.refuse.shift();
    sent.push({ at: time.now(), changes });
    if (fate === 'killed-before') life?.kill();
    if (life?.dead) return new Promise(() => {});
    time.advance(scene.writeMs);
    if (typeof fate === 'object') throw new Fault(fate);
    for (const change of changes) {
      const { ttl } = scene.can;
      if (ttl !== 'fixed' && change.after.ttl !== undefined && (change.after.ttl < ttl.min || change.after.ttl > ttl.max || ttl.steps?.includes(change.after.ttl) === false))
        throw new Fault({ kind: 'refused', detail: `a TTL of ${change.after.ttl} is not taken` });
    }
    for (const change of changes) {
      if (scene.can.together === 'needed') for (const type of ['A', 'AAAA'] as const) if (!changes.some(({ after }) => after.type === type)) put(`${change.after.name}/${type}`, undefined);
      put(change.key, { ...recordSet(partsOf(change.key), change.after.values, ttlOf(change)), ...(zone.get(change.key)?.proxied ? { proxied: true } : {}) });
    }
    if (fate === 'killed-after') life?.kill();
    if (life?.dead) return new Promise(() => {});
    return changes.map((): WriteResult => ({ kind: 'written' }));
  };
  const read: NonNullable<Provider['read']> = async (keys) => {
    if (alive?.dead) return new Promise(() => {});
    return new Map(
      keys.map((key) => {
        const set = zone.get(key);
        if (set === undefined || (!mute && !set.proxied)) return [key, set];
        const { ttl: _, ...untold } = set;
        return [key, untold];
      }),
    );
  };

  const source = (id: string): HttpsSource => ({
    kind: 'https',
    id,
    operator: id,
    families: [4, 6],
    urls: [{ url: `https://${id}.test/`, families: [4, 6] }],
    read: { kind: 'plain' },
    authenticated: true,
  });
  const config: Config = {
    path: undefined,
    digest: 'model',
    targets,
    accounts: { model: { name: 'model', provider: 'model', options: {} } },
    detect: {
      sources: [source('one'), source('two'), source('three')],
      listed: true,
      quorum: 2,
      fullEveryMs: 3_600_000,
      policy: { allow: [{ text: '203.0.113.0/24' }, { text: '2001:db8::/32' }].flatMap(({ text }) => parsed(text)), deny: [] },
      given: new Map(),
    },
    dns: { servers: [] },
    drift: 'off',
    verify: undefined,
    stateFolder: STATE,
    ...more,
  };

  function worldOf(life: Life): World {
    const clock = time.clock(life);
    const unreachable = (): Fault => new Fault({ kind: 'network', phase: 'connect', detail: 'no route to host', code: 'ENETUNREACH' });
    const net: Net = {
      datagram: () => Promise.reject(unreachable()),
      stream: () => Promise.reject(unreachable()),
      http: () => Promise.reject(unreachable()),
      lookup: () => Promise.reject(unreachable()),
      echo: async ({ family }) => {
        await clock.sleep(scene.delay[family]);
        const address = scene.address[family];
        if (address === undefined) throw unreachable();
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: `${address}\n` };
      },
      interfaces: () => [],
      network: async () => scene.network,
      close: async () => {},
    };
    return { clock, net: mortal(net, life), files: disk.files(life), processes: processes(life), env: {}, random: () => 0.5, redactor: redactor(), trace: () => {} };
  }

  /** One process that makes one round, or does other work around it; undefined: it was killed. */
  async function run(request: Partial<Request> = {}, targets: readonly Target[] = config.targets, work: typeof round = round): Promise<Report | undefined> {
    const life = begin();
    alive = life;
    living.add(life);
    current = { can: scene.can, provider: { write, ...(scene.can.readable ? { read } : {}) } };
    const asked = { dry: false, force: false, names: [], signal: new AbortController().signal, validate: async () => [], ...request };
    try {
      return await time.until(Promise.race([work({ ...config, targets }, worldOf(life), asked), life.died.then(() => undefined)]));
    } finally {
      life.dead = true;
      living.delete(life);
    }
  }

  const state = (): State => {
    const text = disk.read(`${STATE}/state.json`);
    const found = text === undefined ? NOTHING : parseState(text);
    if (typeof found === 'string') throw new Error(found);
    return found;
  };
  return { zone, history, put, sent, scene, run, time, disk, config, state, snapshot: () => new Map(zone) };
}
export type ModelBox = ReturnType<typeof modelBox>;

const parsed = (text: string) => {
  const prefix = parsePrefix(text);
  return prefix === undefined ? [] : [prefix];
};

export const address = (text: string): IpAddress => parseAddress(text) as IpAddress;

/** Loaded before time is simulated: reading modules takes real time. */
export async function loadEverything(): Promise<void> {
  (providers as Record<string, () => Promise<{ readonly default: Manifest }>>)['model'] = async () => ({ default: manifest });
  await Promise.all([
    import('../../src/accounts.ts'),
    import('../../src/apply.ts'),
    import('../../src/config/identity.ts'),
    import('../../src/detect/detect.ts'),
    import('../../src/lock.ts'),
    import('../../src/record.ts'),
    import('../../src/survey.ts'),
    import('../../src/verify/drift.ts'),
    import('../../src/verify/lingering.ts'),
    import('../../src/verify/verify.ts'),
    import('conf'),
  ]);
}
