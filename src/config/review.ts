/** What `check` looks at beyond the shape: each account's options by its manifest, what its provider can do, and what is worth a warning. */
import { attempt, describeFailure } from '../core/failure.ts';
import { canOutvoteLiar, demandsOf } from '../core/observe.ts';
import { type Capabilities, misfits } from '../core/plan.ts';
import { recordSet, type Target } from '../core/record.ts';
import { Secret } from '../core/secret.ts';
import { witnessOf } from '../detect/source.ts';
import { manifestOf } from '../plugins/manifest-of.ts';
import { isPlugin } from '../plugins/name.ts';
import type { World } from '../world/world.ts';
import type { Built } from './build.ts';
import type { Account, Config } from './config.ts';
import type { Known } from './load.ts';
import { readOptions, UNREAD } from './options.ts';
import { inside, type Place, placeAt, type Report } from './place.ts';
import { environmentOptions } from './zero.ts';

type Reviewing = Pick<Known, 'registry' | 'secret' | 'open'> &
  Pick<World, 'files' | 'env'> & {
    readonly report: Report;
    /** No problem was found in this part; where there was one, what follows from it is not told too. */
    readonly sound: (part: 'detect.sources' | 'records') => boolean;
  };

export async function review({ config, places }: Built, reviewing: Reviewing): Promise<void> {
  if (reviewing.sound('detect.sources')) reviewSources(config, reviewing.report);
  reviewProbe(config, reviewing.report);
  const used = new Set(config.targets.map(({ account }) => account));
  for (const name of reviewing.sound('records') ? Object.keys(config.accounts) : []) if (!used.has(name)) reviewing.report(placeAt(['accounts', name]), 'is used by no record', 'warning');
  for (const account of Object.values(config.accounts)) {
    const look = () => reviewAccount(account, { config, places }, reviewing);
    // What a package throws is a problem of its account; what we throw is not.
    const done = isPlugin(account.provider) ? await attempt(look) : await look();
    if (done?.kind === 'failed') reviewing.report(inside(placeAt(['accounts', account.name]), 'provider'), describeFailure(done.failure));
  }
}

async function reviewAccount(account: Account, { config, places }: Built, { registry, secret, open, files, env, report }: Reviewing): Promise<void> {
  const place = placeAt(['accounts', account.name]);
  const found = await attempt(() => manifestOf(account, registry, files));
  if (found.kind === 'failed') return report(inside(place, 'provider'), found.failure.detail);
  const manifest = found.value;
  const othersMayRead = config.path !== undefined && files.stat(config.path)?.othersMayRead === true;
  const options = await readOptions(environmentOptions(account, manifest, env), { manifest, fromFlags: account.fromFlags === true }, place, {
    report,
    secret: (form, at) => {
      if (form.kind !== 'text') return secret?.(form) ?? UNREAD;
      if (othersMayRead) report(at, `the secret stands in a file that others may read: chmod 600 ${config.path}, or use { env: NAME } or { file: PATH }`, 'warning');
      if (account.fromFlags) report(at, 'a secret on the command line can be seen by everybody on this machine; use .env=NAME or .file=PATH', 'warning');
      return secret?.(form) ?? new Secret(form.text);
    },
  });
  for (const warning of manifest.warnings ?? []) report(place, warning, 'warning');
  if (options === undefined) return;
  const wrong = await open?.(account, manifest, options);
  if (wrong !== undefined) report(place, wrong.detail, 'error', wrong.hint === undefined ? [] : [wrong.hint]);
  const can = typeof manifest.can === 'function' ? manifest.can(options) : manifest.can;
  const mine = [...places].filter(([target]) => target.account === account.name);
  const zone = typeof options['zone'] === 'string' ? options['zone'].toLowerCase().replace(/\.$/, '') : undefined;
  const told = new Set<string>();
  for (const [target, record] of mine) {
    for (const problem of [...misplaced(target, zone, can), ...misfits({ target, desired: recordSet(target, [], target.ttl === 'auto' ? undefined : target.ttl) }, can)]) {
      if (told.has(problem)) continue;
      told.add(problem);
      report(record, problem);
    }
    const other = mine.find(([one]) => one.name !== target.name);
    if (can.names === 'one' && other !== undefined) report(record, `${account.name} stands for one single record, but ${other[0].name} uses it too: give each an account of its own`);
    if (can.together === 'needed' && !mine.some(([one]) => one.name === target.name && one.family !== target.family)) reportAlone(target, record, report);
  }
}

/** Where the account names its zone: what stands outside of it, or is the zone itself where that cannot be held. */
function misplaced({ name, account }: Target, zone: string | undefined, can: Capabilities): readonly string[] {
  if (zone === undefined) return [];
  if (name === zone) return can.apex ? [] : [`${name}: ${account} cannot hold the domain itself, only names in it`];
  return name.endsWith(`.${zone}`) ? [] : [`${name}: is not in ${zone}, which ${account} names as its zone; correct the zone, or give this name an account of its own`];
}

/** A name with one family only, where sending one without the other does harm. */
function reportAlone({ name, family, account }: Target, record: Place, report: Report): void {
  if (family === 4) report(record, `${name}: ${account} forgets the IPv6 address of a name when the IPv4 address is sent alone; if it has one, say families: [4, 6]`, 'warning');
  else report(record, `${name}: ${account} takes an IPv6 address only together with an IPv4 address: say families: [4, 6]`);
}

/** Sources may be too few for what is demanded; the user is told what that means. */
function reviewSources({ detect, targets }: Config, report: Report): void {
  const place = inside(placeAt(['detect']), 'sources');
  for (const family of new Set(targets.map((target) => target.family))) {
    const witnesses = detect.sources.filter(({ families }) => families.includes(family)).map(witnessOf);
    const { operators } = demandsOf(witnesses, detect.quorum);
    if (witnesses.length === 0) report(place, `none of these sources can tell an IPv${family} address, but records ask for it`);
    else if (witnesses.every(({ transport }) => transport === 'router'))
      report(place, `for IPv${family} there is the router alone, whose word is never enough for a change: add a source outside, such as cloudflare-dns or ipify`);
    else if (operators < detect.quorum)
      report(
        place,
        `for IPv${family} these sources have ${operators} independent ${operators === 1 ? 'operator' : 'operators'}, so that a quorum of ${detect.quorum} cannot be had: ${operators === 1 ? 'one alone is believed' : `${operators} are enough`}`,
        'warning',
      );
    else if (!canOutvoteLiar(witnesses, detect.quorum))
      report(place, `for IPv${family} these sources cannot outvote one that lies: a single wrong answer blocks every change until it is gone`, 'warning');
  }
}

/** Somebody who is to look, and at nothing, or at what he cannot see. */
function reviewProbe({ verify }: Config, report: Report): void {
  const place = inside(placeAt(['verify']), 'probe');
  if (verify === undefined || verify.probe === 'none') return;
  if (verify.ports.length === 0) report(place, 'looks at nothing: name the ports, such as ports: [443]', 'warning');
  else if (verify.probe === 'letsdebug' && verify.ports.some((port) => port !== 80)) report(place, 'letsdebug looks at port 80 only; the other ports are not looked at', 'warning');
}
