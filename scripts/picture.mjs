/**
 * `npm run picture [-- OPTIONS] [-- COMMAND...]`: what a real terminal shows of a command, by default of `ddns-update demo`, as docs/relocation.svg.
 *
 *   --out PATH        another file
 *   --typed TEXT      the line above what it printed: what somebody would type
 *   --title TEXT      what the window is called
 *   --animated        lines come as they came; without it, and for those who want no motion, the last screen
 *   --slower FACTOR   2: the animation takes twice as long as the command did
 *   --mask REGEX      digits in what it finds become x: what differs from run to run. More than once, if need be
 *   --columns NUMBER  how wide the terminal is (100)
 *   --from TEXT       begins with the line that shows this
 *   --until TEXT      ends before the line that shows this
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, installNpmPackages, root } from './setup.mjs';

const { values: options, positionals: given } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(root, 'docs/relocation.svg') },
    typed: { type: 'string' },
    title: { type: 'string' },
    animated: { type: 'boolean', default: false },
    slower: { type: 'string', default: '1' },
    mask: { type: 'string', multiple: true, default: [] },
    columns: { type: 'string', default: '100' },
    from: { type: 'string' },
    until: { type: 'string' },
  },
});

/** Of the demo what the README shows. */
const STORY = { from: 'Logged in at the garage', until: 'Prepared again' };

/** Where it stands in a README, it is loaded by everybody who looks. */
const LARGEST = 60 * 1024;
const ROWS = 50;

installNpmPackages();
ensureBuilt();
const { withSources } = await import('./sources.mjs');
const part = (path) => JSON.stringify(join(root, 'scripts/picture', path));
const lines = [`export { excerpt, film } from ${part('film.ts')};`, `export { record } from ${part('record.ts')};`, `export { svg } from ${part('svg.ts')};`];
const home = mkdtempSync(join(tmpdir(), 'ddns-update-picture-'));
try {
  await withSources(lines, make);
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function make({ excerpt, film, record, svg }) {
  const command = given.length > 0 ? given : [process.execPath, 'bin/ddns-update.js', 'demo'];
  const part = given.length > 0 ? options : { ...STORY, ...options };
  const typed = options.typed ?? (given.length > 0 ? given.join(' ') : 'npx ddns-update demo');
  const title = options.title ?? typed;
  const columns = Number(options.columns);
  // A home of its own: whose machine this is, the picture does not show.
  const env = { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8' };
  const { pieces, exit } = await record(command, { columns, rows: ROWS, cwd: root, env, timeoutMs: 120_000 });
  if (exit !== 0) return fail(`${pieces.map(({ text }) => text).join('')}\n${command.join(' ')} ended with ${exit}: no picture was made`);
  const whole = film(pieces, { columns, rows: ROWS, typed, slower: Number(options.slower), masks: part.mask.map((mask) => new RegExp(mask, 'u')) });
  const shown = excerpt(whole, part);
  const picture = svg(shown, { title, described: `A terminal. Somebody typed ${typed}, and this is what it printed:`, animated: options.animated });
  const size = Buffer.byteLength(picture);
  if (size > LARGEST) return fail(`the picture would have ${size} bytes, and ${LARGEST} are the most: show less, or not animated`);
  const path = resolve(options.out);
  writeFileSync(path, picture);
  console.log(`${relative(process.cwd(), path)}: ${shown.rows} rows, ${size} bytes${options.animated ? `, ${(shown.ms / 1000).toFixed(1)} s` : ''}`);
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}
