/** What stands in the way, and how its verdict is known from all others. */
import { expect } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { SERVERS } from './topology.ts';

/** The words that a verdict has if this, and only if this, stands in the way. */
const SIGNS = {
  'a captive portal': /captive portal seems to answer/,
  'carrier-grade NAT': /\(carrier-grade NAT\)/,
  'a second router in front': /\(double NAT\)/,
  'a closed port': /does not forward port 443/,
  'another machine': /another machine answers on port 443/,
  'a wrong delegation': /the zone above leads to/,
  'a server that is behind': /one of 2 name servers is behind/,
  'a cache': /caches may still hold/,
  'the certificate of another host': /the certificate of another host/,
  'a VPN': /looks like a VPN/,
  'a firewall for IPv6': /a firewall lets no IPv6 in/,
} as const;
export type Obstacle = keyof typeof SIGNS;

const kinds = ['reachable', 'turning', 'everywhere', 'published', 'unpublished'] as const;
export type Verdict = {
  readonly kind: (typeof kinds)[number];
  readonly words: string;
  readonly next?: string;
  readonly cause?: { readonly name: string; readonly type: string; readonly rung: string; readonly port?: number; readonly state: string };
};

/** A laboratory whose box has been published at home, and asks a probe and the cache for its proofs. */
export async function openProvingLab(options: Parameters<typeof openLab>[0] = {}): Promise<Lab> {
  const lab = await openLab(options);
  lab.configure({ verify: { resolvers: [SERVERS.resolver[4]], ports: [443], probe: { url: await lab.probe(), insecure: true } } });
  return lab;
}

/** What `relocate` and `verify` say as one. `last`: the verdict as people read it. */
export async function judged(lab: Lab, { timeoutSeconds = 20 } = {}): Promise<{ readonly last: string; readonly verdict: Verdict; readonly exits: readonly (number | string)[] }> {
  const told = await lab.run(['relocate', '--timeout', `${timeoutSeconds}`]);
  // A good one is on stdout, behind the steps, any other on stderr, behind what was said before.
  const last = [told.stdout, told.stderr].flatMap((text) => /^(Reachable|Published|Not published)[\s\S]*$/m.exec(text)?.[0] ?? [])[0] ?? `no verdict: ${told.stdout}${told.stderr}`;
  const document = await lab.run(['verify', '--json']);
  const { verdict } = JSON.parse(document.stdout) as { readonly verdict: Verdict };
  expect(kinds).toContain(verdict.kind);
  return { last, verdict, exits: [told.exit, document.exit] };
}

/** Both name exactly this. */
export async function expectObstacle(lab: Lab, obstacle: Obstacle, expected: { readonly verdict: object; readonly exits: readonly number[]; readonly next?: RegExp }): Promise<void> {
  const { last, verdict, exits } = await judged(lab);
  const named = (text: string): readonly string[] => Object.entries(SIGNS).flatMap(([name, sign]) => (sign.test(text) ? [name] : []));
  expect({ text: named(last), document: named(verdict.words), last }).toEqual({ text: [obstacle], document: [obstacle], last });
  expect(verdict).toMatchObject(expected.verdict);
  expect(exits).toEqual(expected.exits);
  if (expected.next !== undefined) expect(last).toMatch(expected.next);
}
