/** `npm test`: installs what is missing, builds, then runs every check and every test. Arguments after `--` go to vitest. Ends with a line "N passed, N failed". */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureBuilt, installDebianPackages, installNpmPackages, root } from './setup.mjs';

installNpmPackages();
installDebianPackages();
ensureBuilt();

const node = (path, ...args) => spawnSync(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: root, stdio: 'inherit' }).status === 0;

const checks = {
  'format and lint': () => node('@biomejs/biome/bin/biome', 'check', '.'),
  types: () => node('typescript/bin/tsc', '-p', '.'),
  'unused files, exports and dependencies': () => node('knip/bin/knip.js', '--no-progress'),
};
const failedChecks = Object.entries(checks).flatMap(([name, check]) => (check() ? [] : [name]));

const report = join(root, 'node_modules/.cache/ddns-update/vitest.json');
mkdirSync(join(report, '..'), { recursive: true });
rmSync(report, { force: true });
node('vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2));
const results = JSON.parse(readFileSync(report, 'utf8'));

// A file that cannot be loaded counts as one failure, and so does a skipped test: nothing may be left out unseen.
const unloaded = results.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.every((result) => result.status !== 'failed'));
const skipped = results.numPendingTests + results.numTodoTests;
for (const name of failedChecks) console.log(`check failed: ${name}`);
// See test/support/once-more.ts: what happens often is looked into.
for (const { name, assertionResults } of results.testResults)
  for (const { status, failureMessages, fullName } of assertionResults)
    if (status === 'passed' && failureMessages.length > 0) console.log(`passed only when made anew: ${relative(root, name)}: ${fullName}`);
if (skipped > 0) console.log(`${skipped} skipped, which counts as failed`);
const failed = results.numFailedTests + unloaded.length + skipped + failedChecks.length;
console.log(`${results.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.success ? 0 : 1;
