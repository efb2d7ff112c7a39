/** What one run of a program costs. The kernel's own figures, read by bash (CPU, to the millisecond) and by GNU time (peak memory). */
import { spawn } from 'node:child_process';

/** Milliseconds of wall clock, of CPU (user and system), and how it ended. */
export async function cost(command, env) {
  const script = 'TIMEFORMAT="%3U %3S"; begin=$EPOCHREALTIME; times=$( { time "$@" >/dev/null 2>/dev/null; } 2>&1; echo "exit $?" ); end=$EPOCHREALTIME; echo "$begin $end" $times';
  const [begin, end, user, system, , exit] = (await outputOf(['bash', '-c', script, 'bash', ...command], env)).trim().split(/\s+/);
  return { wall: (Number(end) - Number(begin)) * 1000, cpu: (Number(user) + Number(system)) * 1000, exit: Number(exit) };
}

/** Peak resident memory in MiB. */
export async function memory(command, env) {
  const output = await outputOf(['bash', '-c', '/usr/bin/time -f "peak %M" "$@" 2>&1 >/dev/null | grep ^peak', 'bash', ...command], env);
  return Number(output.trim().split(' ')[1]) / 1024;
}

function outputOf([program, ...args], env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env.PATH, LC_ALL: 'C', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', reject).on('close', () => resolve(output));
  });
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Half the distance between the quartiles: how far a median can be trusted. */
export const noise = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * 0.75)] - sorted[Math.floor(sorted.length * 0.25)]) / 2;
};
