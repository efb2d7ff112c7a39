#!/usr/bin/env node
/* Says clearly when this Node is too old, else starts the program. Written so that even a very old Node can read it. */
'use strict';
var have = process.versions.node.split('.').map(Number);
var need = [20, 18, 1];
var older = have[0] !== need[0] ? have[0] < need[0] : have[1] !== need[1] ? have[1] < need[1] : have[2] < need[2];
if (older) {
  process.stderr.write(
    ['ddns-update needs Node.js ', need.join('.'), ' or newer, and this is ', process.versions.node, ' (', process.execPath, '). Install a newer Node.js, or run it with one.\n'].join(''),
  );
  process.exitCode = 64;
} else {
  require('../dist/cli/start.cjs');
}
