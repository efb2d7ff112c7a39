/**
 * `npm run bench [-- --nodes 20,22,24,26] [--runs 20]`: an unchanged round beside the least a Node program can do and beside the known updaters, all in
 * one run, taking turns, so that whatever else the machine does hits them alike. Prints medians and how far to trust them, then the budgets.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeContenders, otherContenders } from './bench/contenders.mjs';
import { cost, median, memory, noise } from './bench/measure.mjs';
import { findNodes, installNodes } from './bench/nodes.mjs';
import { startServers } from './bench/servers.mjs';
import { changeThousand } from './bench/thousand.mjs';
import { ensureBuilt, installDebianPackages, installNpmPackages } from './setup.mjs';

const { values: options } = parseArgs({ options: { nodes: { type: 'string', default: '' }, runs: { type: 'string', default: '20' }, delay: { type: 'string', default: '40' } } });
const runs = Number(options.runs);
const delayMs = Number(options.delay);

installNpmPackages();
installDebianPackages();
ensureBuilt();
installNodes(options.nodes.split(',').filter((major) => major !== ''));

const folder = mkdtempSync(join(tmpdir(), 'ddns-update-bench-'));
const servers = await startServers();
try {
  const others = otherContenders(folder, servers);
  const contenders = [...findNodes().flatMap((node) => nodeContenders(node, folder, servers)), ...others.contenders];
  for (const contender of contenders) await warm(contender);
  const counted = new Map();
  for (const contender of contenders) counted.set(contender, await count(contender));
  const near = await takeTurns(contenders, 0);
  const far = await takeTurns(contenders, delayMs);
  const rows = [];
  for (const contender of contenders) rows.push({ ...contender, ...counted.get(contender), near: near.get(contender), far: far.get(contender), peak: await peak(contender) });
  const thousand = await changeThousand(folder, servers);
  print(rows, thousand);
  for (const name of others.missing) console.log(`\n${name} is not installed and was not measured.`);
} finally {
  servers.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Three rounds: the first publishes, the second shows that nothing is left to do, the third warms the page cache. */
async function warm({ what, node, command, env, prepare }) {
  for (let index = 0; index < 3; index += 1) {
    const { exit } = await cost(prepare ?? command, env);
    if (exit !== 0) throw new Error(`${what} (Node ${node}) ended with ${exit}: ${command.join(' ')}`);
  }
}

/** What one run sends and what it leaves on disk. */
async function count({ command, env, folder: own }) {
  const before = snapshot(own);
  servers.reset();
  await cost(command, env);
  const after = snapshot(own);
  const written = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
  return { datagrams: servers.state.datagrams, requests: servers.state.requests, written };
}

/** path → what changes when it is written or replaced. */
function snapshot(own) {
  const entries = readdirSync(own, { recursive: true }).map((path) => {
    const { ino, size, mtimeNs, ctimeNs } = statSync(join(own, path), { bigint: true });
    return [path, `${ino} ${size} ${mtimeNs} ${ctimeNs}`];
  });
  return new Map(entries);
}

/** Everyone once, then everyone again in the opposite order. `contender → { wall: [], cpu: [] }` */
async function takeTurns(contenders, delay) {
  servers.state.delayMs = delay;
  const measured = new Map(contenders.map((contender) => [contender, { wall: [], cpu: [] }]));
  for (let turn = 0; turn < runs; turn += 1) {
    for (const contender of turn % 2 === 0 ? contenders : contenders.toReversed()) {
      const { wall, cpu } = await cost(contender.command, contender.env);
      measured.get(contender).wall.push(wall);
      measured.get(contender).cpu.push(cpu);
    }
    process.stderr.write(`\r${delay} ms away: turn ${turn + 1} of ${runs} `);
  }
  process.stderr.write('\n');
  servers.state.delayMs = 0;
  return measured;
}

async function peak({ command, env }) {
  const peaks = [];
  for (let index = 0; index < 5; index += 1) peaks.push(await memory(command, env));
  return median(peaks);
}

function print(rows, thousand) {
  const figure = (values) => `${median(values).toFixed(1)} ± ${noise(values).toFixed(1)}`;
  const ddclient = rows.find(({ what }) => what.startsWith('ddclient'));
  const floorOf = ({ node }) => rows.find((row) => row.node === node && row.what === 'floor');
  const ratio = (row, base, pick) => (base === undefined ? '-' : (median(pick(row)) / median(pick(base))).toFixed(2));
  const cpu = (row) => row.near.cpu;
  const wall = (row) => row.near.wall;
  console.log(`\nMedians of ${runs} turns ± half the distance of the quartiles, in milliseconds; peak memory in MiB.\n`);
  table(
    ['Node', 'what', 'CPU', 'wall', `wall, answers ${delayMs} ms away`, 'peak', 'datagrams', 'HTTP', 'files written', 'CPU / floor', 'wall / floor', 'CPU / ddclient', 'wall / ddclient'],
    rows.map((row) => [
      row.node,
      row.what,
      figure(row.near.cpu),
      figure(row.near.wall),
      figure(row.far.wall),
      row.peak.toFixed(1),
      row.datagrams,
      row.requests,
      row.written.length,
      ratio(row, floorOf(row), cpu),
      ratio(row, floorOf(row), wall),
      ratio(row, ddclient, cpu),
      ratio(row, ddclient, wall),
    ]),
  );
  console.log(`\nA thousand changed records of one zone, cold, Node ${process.versions.node}\n`);
  table(
    ['provider', 'calls', 'wall', 'peak'],
    thousand.map(({ id, calls, wall, peak }) => [id, calls, wall.toFixed(0), peak.toFixed(1)]),
  );
  console.log('\nBudgets\n');
  table(['Node', 'what', 'measured', 'at most', ''], [...budgets(rows, ddclient), ...thousand.flatMap(thousandBudgets)]);
}

function line(node, what, measured, limit, digits = 2) {
  return [node, what, measured.toFixed(digits), limit, measured <= limit ? 'kept' : 'OVER'];
}

function thousandBudgets({ id, calls, peak, budget }) {
  const node = process.versions.node;
  return [line(node, `1000 changed records, ${id}: calls`, calls, budget, 0), line(node, `1000 changed records, ${id}: peak memory, MiB`, peak, 120, 1)];
}

function budgets(rows, ddclient) {
  const of = (node, what) => rows.find((row) => row.node === node && row.what === what);
  return [...new Set(rows.filter(({ what }) => what === 'floor').map(({ node }) => node))].flatMap((node) => {
    const old = Number(node.split('.')[0]) < 22;
    const [floor, ours, many] = [of(node, 'floor'), of(node, 'unchanged round'), of(node, 'unchanged round 1000 records')];
    const over = (pick, base) => median(pick(ours)) / median(pick(base));
    return [
      line(
        node,
        'CPU / floor',
        over((row) => row.near.cpu, floor),
        1.3,
      ),
      line(
        node,
        'wall / floor',
        over((row) => row.near.wall, floor),
        1.3,
      ),
      ...(ddclient === undefined
        ? []
        : [
            line(
              node,
              `CPU / ${ddclient.what}`,
              over((row) => row.near.cpu, ddclient),
              old ? 1.2 : 0.8,
            ),
            line(
              node,
              `wall / ${ddclient.what}`,
              over((row) => row.near.wall, ddclient),
              old ? 1.2 : 0.8,
            ),
          ]),
      line(node, 'peak memory above the floor, MiB', ours.peak - floor.peak, 6, 1),
      line(node, 'datagrams', ours.datagrams, 2, 0),
      line(node, 'files written', ours.written.length, 0, 0),
      line(node, `wall, answers ${delayMs} ms away`, median(ours.far.wall), old ? 160 : 105, 0),
      line(node, '1000 records above one, wall', median(many.near.wall) - median(ours.near.wall), 50, 1),
    ];
  });
}

function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const show = (row) => console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  show(cells[0]);
  show(widths.map((width) => '-'.repeat(width)));
  for (const row of cells.slice(1)) show(row);
}
