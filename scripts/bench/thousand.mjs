/** A thousand records of one zone that all change, in a process that knows nothing: how many calls, how much memory, how long. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { root } from '../setup.mjs';
import { cost, median, memory } from './measure.mjs';
import { ADDRESS } from './servers.mjs';

const BUDGETS = { cloudflare: 8, route53: 8, rfc2136: 10 };
const BEFORE = '203.0.113.200';

/** `[{ id, calls, budget, peak, wall }]`: MiB and milliseconds. */
export async function changeThousand(folder, witnesses) {
  const labels = Array.from({ length: 1000 }, (_, index) => `host${index}`);
  const { vendors } = await sources();
  const rows = [];
  for (const open of vendors(labels, BEFORE)) {
    const once = (measure) => changeOnce({ open, labels, folder: mkdtempSync(join(folder, 'thousand-')), witnesses, measure });
    const first = await once(trace);
    const { wall } = (await once(cost)).measured;
    const peaks = [await once(memory), await once(memory), await once(memory)].map(({ measured }) => measured);
    rows.push({ id: first.id, calls: first.calls ?? messagesTo(first.port, first.measured), budget: BUDGETS[first.id], wall, peak: median(peaks) });
  }
  return rows;
}

/** One cold round against a vendor of its own; makes sure that all of it was done. */
async function changeOnce({ open, labels, folder, witnesses: { dnsPort, stunPort }, measure }) {
  const vendor = await open();
  try {
    const config = join(folder, 'config.json');
    const sources = [
      { dns: `127.0.0.1:${dnsPort}`, question: 'whoami.test', class: 'IN', type: 'A', operator: 'one' },
      { stun: `127.0.0.1:${stunPort}`, operator: 'two' },
    ];
    const records = labels.map((label) => ({ name: `${label}.${vendor.zone}` }));
    writeFileSync(config, JSON.stringify({ records, accounts: { own: vendor.account }, detect: { sources, allow: ['203.0.113.0/24'] } }), { mode: 0o600 });
    const measured = await measure([process.execPath, join(root, 'bin/ddns-update.js'), 'run', '--config', config, '--state', join(folder, 'state')], { HOME: folder });
    const { targets } = JSON.parse(readFileSync(join(folder, 'state/state.json'), 'utf8'));
    const done = Object.values(targets).filter(({ set, pending }) => pending === undefined && set?.values?.[0] === ADDRESS).length;
    if (done !== labels.length) throw new Error(`${vendor.id}: ${done} of ${labels.length} records were changed`);
    return { id: vendor.id, port: vendor.port, calls: vendor.calls(), measured };
  } finally {
    await vendor.close();
  }
}

/** Every exchange of a run, as the program itself tells it. */
async function trace([program, ...args], env) {
  const child = spawn(program, [...args, '--trace'], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return told;
}

const messagesTo = (port, told) => told.split('\n').filter((line) => /^(tcp|datagram) /.test(line) && line.includes(` port ${port},`)).length;

async function sources() {
  const cache = join(root, 'node_modules/.cache/ddns-update');
  mkdirSync(cache, { recursive: true });
  const out = mkdtempSync(join(cache, 'bench-'));
  try {
    const build = await rolldown({ input: join(root, 'scripts/bench/vendors.ts'), platform: 'node', cwd: root, tsconfig: join(root, 'tsconfig.json'), logLevel: 'silent' });
    await build.write({ dir: out, format: 'esm', entryFileNames: 'vendors.mjs', codeSplitting: false });
    await build.close();
    return await import(pathToFileURL(join(out, 'vendors.mjs')).href);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
