/** A box that can be carried from one router to another, with the world around it: all of it in namespaces of this test alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { makeCertificates } from '../servers/certificates.ts';
import { demand } from '../servers/named.ts';
import { bundle } from '../support/bundle.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Run, start } from '../support/program.ts';
import type { Asked, Order } from './children/internet.ts';
import { KEY, namesScript, ZONE } from './names.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { advertisedScript, buildScript, delayScript, lossScript, mapperScript, plugScript, portalScript, renumberScript, SERVERS, type Spot, silenceScript, unplugScript } from './topology.ts';

export const NAME = `box.${ZONE}`;
/** What a portal says of itself, over DNS and in its page. */
export const PORTAL = '198.51.100.250';
export const TTL_SECONDS = 2;

export type Visit = Readonly<Record<4 | 6, { readonly addresses: readonly string[]; readonly found: readonly string[] }>>;
/** `at`: milliseconds since the epoch. */
export type Written = { readonly at: number; readonly kind: 'added' | 'deleted'; readonly name: string; readonly type: string; readonly value: string };
export type Lab = {
  readonly folder: string;
  readonly stateFolder: string;
  /** Unplugs the box and plugs it in there; with `ipv6AfterMs`, the router's advertisement comes that late. */
  readonly move: (to: Spot, options?: { readonly ipv6AfterMs?: number }) => Promise<void>;
  readonly unplug: () => Promise<void>;
  /** Runs the program in the box. */
  readonly run: (args?: readonly string[]) => Promise<Run>;
  /** Starts it there, for a test that acts while it runs. */
  readonly start: (args?: readonly string[]) => { readonly kill: (signal: NodeJS.Signals) => void; readonly ended: Promise<Run> };
  /** Puts these in the place of the same parts of the config. */
  readonly configure: (parts: Readonly<Record<string, unknown>>) => void;
  /** More witnesses, beside the five operators. */
  readonly addSources: (sources: readonly unknown[]) => void;
  readonly state: () => Record<string, never>;
  /** What the authoritative server says of the box, sorted. */
  readonly published: (type?: 'A' | 'AAAA') => Promise<readonly string[]>;
  /** What a visitor finds, who asks the cache. */
  readonly visit: () => Promise<Visit>;
  /** What each operator in the internet was asked so far. */
  readonly asked: () => Promise<Asked>;
  /** Makes an operator lie, fall silent or tell the truth again. */
  readonly order: (order: Order) => Promise<void>;
  readonly portal: (spot: Spot, state: 'on' | 'off') => Promise<void>;
  readonly silence: (spot: Spot, state: 'on' | 'off') => Promise<void>;
  readonly loss: (spot: Spot, percent: number) => Promise<void>;
  /** Adds that much to the time that what is sent to that spot is on its way; once for each. */
  readonly delay: (spot: Spot, ms: number) => Promise<void>;
  /** The line gets another address: any one, since nobody else is in this world. */
  readonly renumber: (spot: Spot, to: string) => Promise<void>;
  /** Switches on NAT-PMP, PCP and UPnP in a router. */
  readonly mapper: (spot: Spot) => Promise<void>;
  /** Everything that was ever changed in the zone, in order, and when. */
  readonly history: () => readonly Written[];
  /** Of that, all addresses that the box was ever given. */
  readonly everPublished: (type?: 'A' | 'AAAA') => readonly string[];
  /** Any other shell script, with `ip`, `nft` and `ip netns exec internet|visitor|carrier|home|garage|cgnat|box`. */
  readonly shell: Sandbox['shell'];
};

const CHILDREN = {
  internet: new URL('children/internet.ts', import.meta.url),
  box: new URL('children/box.ts', import.meta.url),
  portal: new URL('children/portal.ts', import.meta.url),
  visitor: new URL('children/visitor.ts', import.meta.url),
} as const;
type Child = keyof typeof CHILDREN;
const bundled = new Map<Child, Promise<string>>();
const child = (name: Child): Promise<string> => {
  const made = bundled.get(name) ?? bundle(fileURLToPath(CHILDREN[name]));
  bundled.set(name, made);
  return made;
};

/** Opens one for a test, with the box plugged in at home. `records`: what the zone holds already. */
export async function openLab({ records = '', ipv6 = false }: { readonly records?: string; readonly ipv6?: boolean } = {}): Promise<Lab> {
  const folder = temporaryFolder();
  const certificates = makeCertificates(`DNS:echo.test,DNS:echo2.test,DNS:${NAME}`);
  onTestFinished(() => certificates.remove());
  const pair = (name: 'good' | 'wrong-host'): readonly string[] => [certificates.path(name, 'pem'), certificates.path(name, 'key')];
  const sandbox = await openSandbox([buildScript(), plugScript('home'), ...(ipv6 ? [advertisedScript('home')] : []), namesScript(folder, records)].join('\n'));
  onTestFinished(sandbox.close);

  const startChild = async (node: string, name: Child, args: readonly string[]): Promise<Inhabitant> => {
    const [program, ...before] = sandbox.enter(node);
    return inhabitant(name, spawn(program, [...before, process.execPath, await child(name), ...args], { stdio: ['pipe', 'pipe', 'pipe'] }));
  };
  const [internet] = await Promise.all([startChild('internet', 'internet', pair('good')), startChild('box', 'box', pair('good'))]);
  const dig = (...question: readonly string[]): Promise<string> => sandbox.shell(`ip netns exec internet dig +short +time=1 +tries=1 @${SERVERS.authority[4]} ${question.join(' ')}`);
  await until(
    async () => (await sandbox.shell(`ip netns exec visitor dig +short +time=1 +tries=1 @${SERVERS.resolver[4]} echo.test A || true`)).trim() === SERVERS.south[4],
    'the name servers do not serve',
  );

  const portals = new Set<Spot>();
  const path = `${folder}/config.json`;
  let config: Readonly<Record<string, unknown>> = { ...CONFIG, records: [{ name: NAME, ttl: TTL_SECONDS, families: ipv6 ? [4, 6] : [4] }] };
  const configure: Lab['configure'] = (parts) => {
    config = { ...config, ...parts };
    writeFileSync(path, JSON.stringify(config, undefined, 1), { mode: 0o600 });
  };
  configure({});
  let advertisement: NodeJS.Timeout | undefined;
  onTestFinished(() => clearTimeout(advertisement));
  const stateFolder = `${folder}/state`;
  const history = (): readonly Written[] => historyOf(readFileSync(`${folder}/names/named.log`, 'utf8'));
  const begin = (args: readonly string[] = []): ReturnType<typeof start> => {
    const [node, ...before] = sandbox.enter('box');
    return start([...args, '--config', path, '--state', stateFolder], { node, nodeArguments: [...before, process.execPath], env: { NODE_EXTRA_CA_CERTS: certificates.authority }, cwd: folder });
  };
  return {
    folder,
    stateFolder,
    move: async (to, { ipv6AfterMs = 0 } = {}) => {
      clearTimeout(advertisement);
      const atOnce = ipv6 && ipv6AfterMs === 0;
      await sandbox.shell([unplugScript(), plugScript(to), ...(atOnce ? [advertisedScript(to)] : [])].join('\n'));
      if (ipv6 && !atOnce) advertisement = setTimeout(() => void sandbox.shell(advertisedScript(to)), ipv6AfterMs);
    },
    unplug: async () => {
      clearTimeout(advertisement);
      await sandbox.shell(unplugScript());
    },
    run: (args) => begin(args).ended,
    start: (args) => {
      const { pid, ended } = begin(args);
      return { ended, kill: (signal) => process.kill(onlyChild(pid), signal) };
    },
    configure,
    addSources: (sources) => configure({ detect: { ...CONFIG.detect, sources: [...CONFIG.detect.sources, ...sources] } }),
    state: () => JSON.parse(readFileSync(`${stateFolder}/state.json`, 'utf8')),
    published: async (type = 'A') =>
      (await dig(NAME, type))
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith(';'))
        .sort(),
    visit: async () => JSON.parse(await sandbox.shell(`ip netns exec visitor '${process.execPath}' '${await child('visitor')}' ${NAME}`)),
    asked: async () => JSON.parse(await internet.ask({ operator: 'nobody' })),
    order: async (order) => void (await internet.ask(order)),
    portal: async (spot, state) => {
      if (state === 'on' && !portals.has(spot)) await startChild(spot, 'portal', [PORTAL, ...pair('wrong-host')]);
      portals.add(spot);
      await sandbox.shell(portalScript(spot, state));
    },
    silence: async (spot, state) => void (await sandbox.shell(silenceScript(spot, state))),
    loss: async (spot, percent) => void (await sandbox.shell(lossScript(spot, percent))),
    delay: async (spot, ms) => void (await sandbox.shell(delayScript(spot, ms, fileURLToPath(new URL('delay.pl', import.meta.url))))),
    renumber: async (spot, to) => void (await sandbox.shell(renumberScript(spot, to))),
    mapper: async (spot) => {
      demand('/usr/sbin/miniupnpd', 'miniupnpd-nftables');
      await sandbox.shell(mapperScript(spot, folder));
    },
    history,
    everPublished: (type = 'A') => history().flatMap((one) => (one.kind === 'added' && one.type === type ? [one.value] : [])),
    shell: sandbox.shell,
  };
}

const historyOf = (log: string): readonly Written[] =>
  [...log.matchAll(/^(\S+ \S+) .*: (adding|deleting) (?:an RR|rrset) at '([^']+)' (\S+) ?(.*)$/gm)].map(([, at = '', verb, name = '', type = '', value = '']) => ({
    at: Date.parse(at.replaceAll('-', ' ')),
    kind: verb === 'adding' ? 'added' : 'deleted',
    name,
    type,
    value,
  }));

const whoami = (operator: 'north' | 'centre', family: 4 | 6): unknown => {
  const host = SERVERS[operator][family];
  return { dns: family === 4 ? `${host}:53` : `[${host}]:53`, question: 'whoami.example', class: 'CH', type: 'TXT', operator };
};
const CONFIG = {
  accounts: { zone: { provider: 'rfc2136', server: SERVERS.authority[4], zone: ZONE, key: KEY } },
  detect: {
    allow: ['198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'],
    sources: [
      ...([4, 6] as const).flatMap((family) => [whoami('north', family), whoami('centre', family)]),
      { stun: 'stun.test:3478', operator: 'east' },
      { https: 'https://echo.test/', read: 'plain', operator: 'south' },
      { https: 'https://echo2.test/', read: 'json:ip', operator: 'west' },
    ],
  },
} as const;

/** `ask` sends an order and returns the answer. */
type Inhabitant = { readonly ask: (order: Order) => Promise<string> };

/** Resolves when it says that it is ready. It ends with the sandbox. */
async function inhabitant(name: string, { stdin, stdout, stderr }: ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> }): Promise<Inhabitant> {
  const said: string[] = [];
  stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  stdin.on('error', () => {});
  const lines = createInterface({ input: stdout ?? process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`the ${name} of the laboratory ended: ${said.join('')}`);
    return value;
  };
  await next();
  return {
    ask: (order) => {
      stdin.write(`${JSON.stringify(order)}\n`);
      return next();
    },
  };
}

/** The program that nsenter started: it waits for it, and passes no signal on. */
function onlyChild(pid: number): number {
  const found = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  if (!(found > 0)) throw new Error('it has ended, or not begun yet');
  return found;
}

/** Asks ever again, for ten seconds at most. Returns the milliseconds it took. */
export async function until(isSo: () => Promise<boolean>, otherwise: string, withinMs = 10_000): Promise<number> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > withinMs) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - began;
}
