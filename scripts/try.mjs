/** `npm run try`: from a fresh clone to the whole story on loopback, `ddns-update demo`. Arguments after `--` go to it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, installNpmPackages, root } from './setup.mjs';

installNpmPackages();
ensureBuilt();
const { status } = spawnSync(process.execPath, [join(root, 'bin/ddns-update.js'), 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 70;
