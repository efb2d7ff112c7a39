/** `providers`: all of them, those that match a word, or all that is needed to write one into a config. */

import { dirname } from 'node:path';
import { commandLine, example } from '../config/example.ts';
import { find } from '../config/find.ts';
import { meant } from '../config/meant.ts';
import { entriesOf } from '../config/options.ts';
import { search } from '../config/search.ts';
import { manifestOf } from '../plugins/manifest-of.ts';
import { isPlugin } from '../plugins/name.ts';
import { providers as registry } from '../providers/index.ts';
import { describeOptions } from '../sdk/options.ts';
import type { Manifest } from '../sdk/provider.ts';
import { thisHost } from '../world/host.ts';
import { type Invocation, sayFailure } from './invocation.ts';
import type { Output } from './output.ts';
import { addressesOf, callsOf, fixedCapabilities, limitsOf, recordsPerCall } from './providers/facts.ts';
import { page } from './providers/page.ts';

/** `args`: an id, or words to look for; none: all. */
export async function providers(invocation: Pick<Invocation, 'output' | 'flags' | 'files' | 'env'>, args: readonly string[], known = registry): Promise<number> {
  const { output } = invocation;
  const wanted = args.join(' ');
  if (Object.hasOwn(known, wanted) || isPlugin(wanted)) {
    tellOne(await manifestOf({ provider: wanted, folder: folderOfConfig(invocation) }, known, invocation.files), output);
    return 0;
  }
  const all = await Promise.all(Object.values(known).map(async (load) => (await load()).default));
  if (wanted === '') {
    tellMany(output.json ? all : all.filter(({ absent }) => absent === undefined), output);
    return 0;
  }
  const found = search(all, wanted);
  const [best] = found;
  if (best === undefined) return sayFailure({ kind: 'usage', detail: `"${wanted}" is not a provider we know${meant(wanted, all)}` }, output);
  if (found.length === 1 && !output.json) tellOne(best, output);
  else tellMany(found, output);
  return 0;
}

/** Where packages are looked for: beside the config, if there is one. */
function folderOfConfig({ flags, files, env }: Pick<Invocation, 'flags' | 'files' | 'env'>): string | undefined {
  const found = find(flags, { files, env }, thisHost());
  return found.kind === 'found' && found.path !== undefined ? dirname(found.path) : undefined;
}

function tellOne(manifest: Manifest, output: Output): void {
  if (output.json) output.out(JSON.stringify({ version: 1, provider: asJson(manifest) }, undefined, 2));
  else for (const line of page(manifest, output.columns)) output.out(line);
}

function tellMany(manifests: readonly Manifest[], output: Output): void {
  if (output.json) {
    output.out(JSON.stringify({ version: 1, providers: manifests.map(asJson) }, undefined, 2));
    return;
  }
  const [alive, gone] = [manifests.filter((one) => one.absent === undefined), manifests.filter((one) => one.absent !== undefined)];
  if (alive.length > 0) for (const line of table(alive, output.columns)) output.out(line);
  for (const [at, manifest] of gone.entries()) for (const line of [...(at === 0 && alive.length > 0 ? [''] : []), ...page(manifest, output.columns)]) output.out(line);
  if (alive.length === 0) return;
  output.out('');
  output.out('ddns-update providers ID: its options, how to get a token, an example; ddns-update providers WORD: those that match');
}

/** One line each. On a terminal that is too narrow for it, long names are cut. */
function table(manifests: readonly Manifest[], columns: number | undefined): readonly string[] {
  const rows = manifests.map((manifest) => {
    const can = fixedCapabilities(manifest);
    return [manifest.id, manifest.name, addressesOf(can), recordsPerCall(can), manifest.evidence];
  });
  const head = ['id', 'name', 'addresses', 'records a call', 'facts'];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const others = widths.reduce((sum, width, at) => sum + (at === NAME ? 0 : width) + (at === 0 ? 0 : GAP.length), 0);
  const most = columns ? Math.max(SHORTEST_NAME, columns - others) : Number.POSITIVE_INFINITY;
  const cell = (text: string, at: number): string => {
    const width = Math.min(widths[at] ?? 0, at === NAME ? most : Number.POSITIVE_INFINITY);
    return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
  };
  return [head, ...rows].map((row) => row.map(cell).join(GAP).trimEnd());
}

const GAP = '  ';
const NAME = 1;
const SHORTEST_NAME = 12;

const asJson = (manifest: Manifest) => {
  const { id, name, vendor = name, also = [], absent, evidence, reference, checked, unverified = [], warnings = [], rate, environment = {}, credentials } = manifest;
  return {
    id,
    name,
    vendor,
    also,
    ...(absent === undefined ? {} : { absent }),
    evidence,
    reference,
    checked,
    unverified,
    warnings,
    can: fixedCapabilities(manifest) ?? null,
    rate: rate ?? null,
    calls: callsOf(manifest) ?? null,
    limits: limitsOf(manifest),
    options: describeOptions(entriesOf(manifest)),
    environment,
    credentials,
    example: example(manifest).join('\n'),
    commandLine: commandLine(manifest),
  };
};
