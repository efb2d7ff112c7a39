/** A box with witnesses on loopback: config, state folder and the built program, for tests of the whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { whoamiServer } from '../servers/dns-whoami.ts';
import { echoServer } from '../servers/echo.ts';
import { stunServer } from '../servers/stun.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Run, run } from '../support/program.ts';

export const HOME = '203.0.113.9';
export const GARAGE = '198.51.100.77';

export type Home = {
  readonly folder: string;
  readonly stateFolder: string;
  /** What every honest witness says from now on. */
  readonly moveTo: (address: string) => void;
  readonly witnesses: Awaited<ReturnType<typeof witnesses>>;
  /** Datagrams the witnesses have got so far. */
  readonly datagrams: () => number;
  /** No name servers are asked unless `drift` says so: there are none for these names. */
  readonly configure: (parts: Config) => void;
  /** Runs the program with this config and state. */
  readonly run: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Run>;
  readonly state: () => Record<string, never>;
};
type Config = { readonly records: readonly unknown[]; readonly accounts: Readonly<Record<string, unknown>>; readonly detect?: Readonly<Record<string, unknown>>; readonly [more: string]: unknown };

/** Two datagram witnesses and two HTTP ones, of four operators, all saying `HOME`. */
export async function openHome(config: Config): Promise<Home> {
  const folder = temporaryFolder();
  const found = await witnesses();
  const path = `${folder}/config.json`;
  const home: Home = {
    folder,
    stateFolder: `${folder}/state`,
    witnesses: found,
    moveTo: (address) => {
      for (const witness of Object.values(found)) witness.tell = address;
    },
    datagrams: () => found.dns.received.length + found.stun.received.length,
    configure: (parts) => writeFileSync(path, JSON.stringify({ drift: 'off', ...parts, detect: { ...detectSection(found), ...parts.detect } }, undefined, 1), { mode: 0o600 }),
    run: (args = [], env = {}) => run([...args, '--config', path, '--state', `${folder}/state`], { env, cwd: folder }),
    state: () => JSON.parse(readFileSync(`${folder}/state/state.json`, 'utf8')),
  };
  home.configure(config);
  return home;
}

async function witnesses() {
  const [dns, stun, web, trace] = await Promise.all([whoamiServer({ tell: HOME }), stunServer({ tell: HOME }), echoServer({ tell: HOME }), echoServer({ tell: HOME, mode: 'json' })]);
  onTestFinished(async () => {
    await Promise.all([dns, stun, web, trace].map((server) => server.close()));
  });
  return { dns, stun, web, trace };
}

const detectSection = ({ dns, stun, web, trace }: Awaited<ReturnType<typeof witnesses>>): Readonly<Record<string, unknown>> => ({
  allow: ['203.0.113.0/24', '198.51.100.0/24'],
  sources: [
    { dns: `127.0.0.1:${dns.port}`, question: 'whoami.example', class: 'CH', type: 'TXT', operator: 'north' },
    { stun: `127.0.0.1:${stun.port}`, operator: 'east' },
    { https: web.url, read: 'plain', operator: 'south' },
    { https: trace.url, read: 'json:ip', operator: 'west' },
  ],
});
