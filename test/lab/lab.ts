/** A box that can be carried from one router to another, with the world around it: all of it in namespaces of this test alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { makeCertificates } from '../servers/certificates.ts';
import { demand } from '../servers/named.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Run, start } from '../support/program.ts';
import type { Shown } from './children/box.ts';
import type { Asked, Order } from './children/internet.ts';
import type { Visit } from './children/visitor.ts';
import { type Child, child, type Inhabitant, onlyChild, PROBE_PORT, settle, startProbe } from './inhabitants.ts';
import { historyOf, KEY, type Naming, namesScript, type Written, ZONE } from './names.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { advertisedScript, buildScript, plugScript, SERVERS, type Spot, unplugScript } from './topology.ts';
import { delayScript, firewallScript, forwardScript, lossScript, mapperScript, neighbourScript, portalScript, renumberScript, silenceScript, staleScript, vpnScript } from './trouble.ts';

export { until } from './inhabitants.ts';
export const NAME = `box.${ZONE}`;
/** What a portal says of itself, over DNS and in its page. */
export const PORTAL = '198.51.100.250';
export const TTL_SECONDS = 2;

type Switch = 'on' | 'off';
export type Lab = {
  readonly folder: string;
  readonly stateFolder: string;
  /** Unplugs the box and plugs it in there; with `ipv6AfterMs`, the router's advertisement comes that late. */
  readonly move: (to: Spot, options?: { readonly ipv6AfterMs?: number }) => Promise<void>;
  readonly unplug: () => Promise<void>;
  /** Runs the program in the box. */
  readonly run: (args?: readonly string[]) => Promise<Run>;
  /** Starts it there, for a test that acts while it runs: for two minutes at most, unless it says otherwise. */
  readonly start: (args?: readonly string[], options?: { readonly timeoutMs?: number }) => { readonly kill: (signal: NodeJS.Signals) => void; readonly ended: Promise<Run> };
  /** Puts these in the place of the same parts of the config. */
  readonly configure: (parts: Readonly<Record<string, unknown>>) => void;
  /** More witnesses, beside the seven operators. */
  readonly addSources: (sources: readonly unknown[]) => void;
  readonly state: () => Record<string, never>;
  /** What a name server of the zone says of the box, sorted. */
  readonly published: (type?: 'A' | 'AAAA', server?: 'authority' | 'secondary') => Promise<readonly string[]>;
  /** What a visitor finds, who asks the cache. */
  readonly visit: () => Promise<Visit>;
  /** What each operator in the internet was asked so far. */
  readonly asked: () => Promise<Asked>;
  /** Makes an operator lie, fall silent or tell the truth again. */
  readonly order: (order: Order) => Promise<void>;
  /** Starts `probe-server` where the visitor is, and resolves with its URL, for a config. It stays. */
  readonly probe: () => Promise<string>;
  /** What the box itself shows to its visitors; at first both, with a certificate of its own name. */
  readonly show: (shown: Shown) => Promise<void>;
  readonly portal: (spot: Spot, state: Switch) => Promise<void>;
  readonly silence: (spot: Spot, state: Switch) => Promise<void>;
  readonly loss: (spot: Spot, percent: number) => Promise<void>;
  /** Adds that much to the time that what is sent to that spot is on its way; once for each. */
  readonly delay: (spot: Spot, ms: number) => Promise<void>;
  /** The line gets another address: any one, since nobody else is in this world. */
  readonly renumber: (spot: Spot, to: string) => Promise<void>;
  /** Switches on NAT-PMP, PCP and UPnP in a router. */
  readonly mapper: (spot: Spot) => Promise<void>;
  /** Whom a router leads to what comes over IPv4 for a port. The neighbour answers at 80 and 443, with a certificate of another host; it is at one spot. */
  readonly forward: (spot: Spot, port: number, to: 'box' | 'neighbour' | 'nowhere') => Promise<void>;
  /** Whether a router lets in over IPv6 only what was asked for. */
  readonly firewall6: (spot: Spot, state: Switch) => Promise<void>;
  /** Whether all of IPv4 leaves the box through a tunnel, to come out elsewhere. */
  readonly vpn: (state: Switch) => Promise<void>;
  /** Whether the second name server keeps what it has, whatever the first is told. */
  readonly stale: (state: Switch) => Promise<void>;
  /** Everything that was ever changed in the zone, in order, and when. */
  readonly history: () => readonly Written[];
  /** Of that, all addresses that the box was ever given. */
  readonly everPublished: (type?: 'A' | 'AAAA') => readonly string[];
  /** Any other shell script, with `ip`, `nft` and `ip netns exec internet|visitor|carrier|home|garage|cgnat|annex|box`. */
  readonly shell: Sandbox['shell'];
};

/** Opens one for a test, with the box plugged in at home. */
export async function openLab({ records = '', ipv6 = false, delegation = 'right', negativeSeconds = 1 }: { readonly ipv6?: boolean } & Partial<Naming> = {}): Promise<Lab> {
  const folder = temporaryFolder();
  const certificates = makeCertificates(`${['echo', 'echo2', 'echo3', 'echo4'].map((host) => `DNS:${host}.test,`).join('')}DNS:${NAME}`);
  onTestFinished(() => certificates.remove());
  const pair = (name: 'good' | 'wrong-host'): readonly string[] => [certificates.path(name, 'pem'), certificates.path(name, 'key')];
  const sandbox = await openSandbox([buildScript(), plugScript('home'), ...(ipv6 ? [advertisedScript('home')] : []), namesScript(folder, { records, delegation, negativeSeconds })].join('\n'));
  onTestFinished(sandbox.close);
  const shell = async (script: string): Promise<void> => void (await sandbox.shell(script));
  const startChild = (node: string, name: Child, ...args: readonly string[]): Promise<Inhabitant> => settle(sandbox, node, name, args);
  const [internet, box] = await Promise.all([startChild('internet', 'internet', ...pair('good')), startChild('box', 'box', 'the box', ...pair('good'), ...pair('wrong-host'))]);

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
  const begin = (args: readonly string[] = [], options: { readonly timeoutMs?: number } = {}): ReturnType<typeof start> => {
    const [node, ...before] = sandbox.enter('box');
    const env = { NODE_EXTRA_CA_CERTS: certificates.authority };
    return start([...args, '--config', path, '--state', stateFolder], { ...options, node, nodeArguments: [...before, process.execPath], env, cwd: folder });
  };
  const living = new Set<string>();
  /** Those that not every test needs. */
  const once = async (who: string, settles: () => Promise<unknown>): Promise<void> => {
    if (!living.has(who)) await settles();
    living.add(who);
  };
  return {
    folder,
    stateFolder,
    move: async (to, { ipv6AfterMs = 0 } = {}) => {
      clearTimeout(advertisement);
      const atOnce = ipv6 && ipv6AfterMs === 0;
      await shell([unplugScript(), plugScript(to), ...(atOnce ? [advertisedScript(to)] : [])].join('\n'));
      if (ipv6 && !atOnce) advertisement = setTimeout(() => void shell(advertisedScript(to)), ipv6AfterMs);
    },
    unplug: async () => {
      clearTimeout(advertisement);
      await shell(unplugScript());
    },
    run: (args) => begin(args).ended,
    start: (args, options) => {
      const { pid, ended } = begin(args, options);
      return { ended, kill: (signal) => process.kill(onlyChild(pid), signal) };
    },
    configure,
    addSources: (sources) => configure({ detect: { ...CONFIG.detect, sources: [...CONFIG.detect.sources, ...sources] } }),
    state: () => JSON.parse(readFileSync(`${stateFolder}/state.json`, 'utf8')),
    published: async (type = 'A', server = 'authority') =>
      (await sandbox.shell(`ip netns exec internet dig +short +time=1 +tries=1 @${SERVERS[server][4]} ${NAME} ${type}`))
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith(';'))
        .sort(),
    visit: async () => JSON.parse(await sandbox.shell(`NODE_EXTRA_CA_CERTS='${certificates.authority}' ip netns exec visitor '${process.execPath}' '${await child('visitor')}' ${NAME}`)),
    asked: async () => JSON.parse(await internet.ask({ operator: 'nobody' })),
    order: async (order) => void (await internet.ask(order)),
    probe: async () => {
      await once('the probe', () => startProbe(sandbox.enter('visitor')));
      return `http://probe.test:${PROBE_PORT}/`;
    },
    show: async (shown) => void (await box.ask(shown)),
    portal: async (spot, state) => {
      if (state === 'on') await once(`the portal at ${spot}`, () => startChild(spot, 'portal', PORTAL, ...pair('wrong-host')));
      await shell(portalScript(spot, state));
    },
    silence: (spot, state) => shell(silenceScript(spot, state)),
    loss: (spot, percent) => shell(lossScript(spot, percent)),
    delay: (spot, ms) => shell(delayScript(spot, ms, fileURLToPath(new URL('delay.pl', import.meta.url)))),
    renumber: (spot, to) => shell(renumberScript(spot, to)),
    mapper: async (spot) => {
      demand('/usr/sbin/miniupnpd', 'miniupnpd-nftables');
      await shell(mapperScript(spot, folder));
    },
    forward: async (spot, port, to) => {
      const movesIn = async (): Promise<void> => {
        await shell(neighbourScript(spot));
        await startChild('neighbour', 'box', 'the neighbour', ...pair('wrong-host'), ...pair('wrong-host'));
      };
      if (to === 'neighbour') await once('the neighbour', movesIn);
      await shell(forwardScript(spot, port, to));
    },
    firewall6: (spot, state) => shell(firewallScript(spot, state)),
    vpn: (state) => shell(vpnScript(state)),
    stale: (state) => shell(staleScript(state)),
    history: () => historyOf(folder),
    everPublished: (type = 'A') => historyOf(folder).flatMap((one) => (one.kind === 'added' && one.type === type ? [one.value] : [])),
    shell: sandbox.shell,
  };
}

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
      { https: 'https://echo3.test/', read: 'trace', operator: 'coast' },
      { https: 'https://echo4.test/', read: 'plain', operator: 'island' },
    ],
  },
} as const;
