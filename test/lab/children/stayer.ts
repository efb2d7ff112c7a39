/** A process that opens a sandbox, starts in it what would stay for ever, and stays itself: for a test that kills it. */
import { openSandbox } from '../sandbox.ts';

const [seconds = ''] = process.argv.slice(2);
const sandbox = await openSandbox(`ip netns add far\nip netns exec far sleep ${seconds} >/run/log 2>&1 &`);
await sandbox.shell(`sleep ${seconds}1 >/run/log 2>&1 </dev/null &`);
console.log('ready');
setInterval(() => {}, 1000);
