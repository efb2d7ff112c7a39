/** The demo: it proves what it says, says so in words and in JSON, leaves nothing behind, reaches nobody outside, and fails when a proof does. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { demo } from '../src/commands/demo.ts';
import type { Output } from '../src/commands/output.ts';
import { Fault } from '../src/core/failure.ts';
import { redactor } from '../src/core/secret.ts';
import { openWorld } from '../src/world/index.ts';
import type { World } from '../src/world/world.ts';
import { ONCE_MORE } from './support/once-more.ts';

let folder = '';
const before = process.env['TMPDIR'];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ddns-update-test-'));
  process.env['TMPDIR'] = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command on the real world, changed by `bend`. */
async function played(output: Partial<Output> = {}, bend: (world: World) => World = (world) => world, signal = new AbortController().signal, command: typeof demo = demo) {
  const [out, err]: [string[], string[]] = [[], []];
  const whole: Output = { out: (line) => void out.push(line), err: (line) => void err.push(line), json: false, color: false, terminal: false, loud: 'normal', ...output };
  const world = bend(openWorld({ servers: [], env: {}, redactor: redactor() }));
  const exit = await command({ flags: { names: [], options: [], ip: [] }, output: whole, signal, files: world.files, env: {}, openWorld: () => world });
  return { exit, out, err, text: out.join('\n') };
}

/** Three seconds pass in one. */
const hurried = (world: World): World => {
  const [now, elapsed] = [world.clock.now(), world.clock.elapsed()];
  const clock: World['clock'] = {
    now: () => now + (world.clock.now() - now) * 3,
    elapsed: () => elapsed + (world.clock.elapsed() - elapsed) * 3,
    sleep: (ms, signal) => world.clock.sleep(ms / 3, signal),
  };
  return { ...world, clock };
};

/** Whom this world reached, by address; whatever nobody should do is an error. */
const watched = (world: World, reached: Set<string>): World => {
  const { datagram, echo, knock, serve } = world.net;
  if (knock === undefined || serve === undefined) throw new Error('this world cannot serve');
  const net: World['net'] = {
    ...world.net,
    datagram: (peer, ...rest) => {
      reached.add(peer.address);
      return datagram(peer, ...rest);
    },
    echo: (request, wait) => {
      reached.add(new URL(request.url).hostname.replace(/^\[|\]$/g, ''));
      return echo(request, wait);
    },
    knock: (peer, wait) => {
      reached.add(peer.address);
      return knock(peer, wait);
    },
    serve: (port, answer, bind) => {
      reached.add(bind ?? 'every address');
      return serve(port, answer, bind);
    },
    http: () => Promise.reject(new Error('no provider is to be called')),
    lookup: () => Promise.reject(new Error('no name is to be looked up')),
    stream: () => Promise.reject(new Error('no stream is to be opened')),
    leaf: () => Promise.reject(new Error('no certificate is to be looked at')),
    search: () => Promise.reject(new Error('nobody is to be searched for')),
  };
  return { ...world, net };
};

/** Each of `steps` behind the one before. */
function inOrder(text: string, steps: readonly string[]): void {
  let at = 0;
  for (const step of steps) {
    const found = text.indexOf(step, at);
    expect(found, `${step} in\n${text.slice(at)}`).toBeGreaterThanOrEqual(at);
    at = found + step.length;
  }
}

const PLAYED_MS = 60_000;

describe('the demo', { timeout: PLAYED_MS }, () => {
  test('tells the relocation with the ladder; every proof holds within twenty seconds, and nothing leaves the machine', ONCE_MORE, async () => {
    const from = performance.now();
    const reached = new Set<string>();
    const { exit, err, text } = await played({}, (world) => watched(world, reached));
    expect(err).toEqual([]);
    expect(exit).toBe(0);
    expect(performance.now() - from).toBeLessThan(20_000);
    inOrder(text, [
      'At home; ',
      'answers 198.51.100.7',
      'The next round; ',
      'no file written',
      'ddns-update prepare',
      'TTL 3600 s → 3 s',
      'Carried to the garage',
      'captive portal',
      'answers 198.51.100.7',
      'Logged in',
      'IPv4         yes         203.0.113.42',
      'provider     yes',
      'name servers yes         all 2 name servers have it',
      'port 80      no',
      'Published, but ',
      'cannot reach port 80 of 203.0.113.42',
      'Next: ',
      'relocate --map 80',
      'answers 203.0.113.42',
      'router       yes         80/tcp mapped',
      'port 80      yes',
      'machine      yes         it is this machine',
      'Reachable for everyone.',
      'its TTL is 3600 s',
      'home again at 4 in the morning',
      'caches       yes',
      'Reachable for everyone.',
      'answers 198.51.100.7',
      'Every proof held',
    ]);
    expect(text).toMatch(/caches +not yet +.*192\.0\.2\.53 says 198\.51\.100\.7 for another \d s;.* everybody by 14:00/);
    expect(text).toContain('liar says 192.0.2.66');
    expect(text).toContain('proven: ');
    expect(text).not.toContain('not proven');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
    expect(text).not.toMatch(/\u001b\[/);
    expect(readdirSync(folder)).toEqual([]);
    expect(reached.has('127.0.0.1')).toBe(true);
    expect([...reached].filter((host) => host !== '127.0.0.1' && host !== '::1')).toEqual([]);
  });

  test('has signs on a terminal, and no line that is wider', async () => {
    const { exit, out, text } = await played({ terminal: true, color: true, columns: 100 }, hurried);
    expect(exit).toBe(0);
    expect(text).toContain('\u001b[32m✓\u001b[0m');
    expect(text).toContain('\u001b[31mno\u001b[0m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
    expect(out.filter((line) => line.replace(/\u001b\[\d+m/g, '').length > 100)).toEqual([]);
  });

  test('says nothing when that is asked for', async () => {
    const quiet = await played({ loud: 'quiet' }, hurried);
    expect([quiet.exit, quiet.out, quiet.err]).toEqual([0, [], []]);
  });

  test('--json is one document with a scene for every step', async () => {
    const { exit, out } = await played({ json: true }, hurried);
    expect(out).toHaveLength(1);
    const document = JSON.parse(out[0] ?? '');
    expect(document).toMatchObject({ version: 1, name: 'box.demo.example', exit: 0 });
    expect(exit).toBe(0);
    type Played = { readonly scene: string; readonly exit: number; readonly verdict?: { readonly kind: string } };
    expect(document.scenes.map(({ scene, exit: code, verdict }: Played) => [scene, code, verdict?.kind])).toEqual([
      ['home', 0, undefined],
      ['quiet', 0, undefined],
      ['prepared', 0, undefined],
      ['portal', 69, undefined],
      ['garage', 1, 'published'],
      ['mapped', 0, 'reachable'],
      ['back', 0, 'reachable'],
    ]);
    for (const { proofs, ms } of document.scenes) {
      expect(proofs.length).toBeGreaterThan(0);
      expect(proofs.every(({ held }: { held: boolean }) => held)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0);
    }
    const [home] = document.scenes;
    const told = Object.fromEntries(home.observations[0].ballots.map(({ operator, address, failure }: Record<string, string>) => [operator, address ?? failure]));
    expect(told).toMatchObject({ 'web-echo': '198.51.100.7', liar: '192.0.2.66', dead: 'unawaited', 'dns-whoami': '198.51.100.7', stun: '198.51.100.7' });
    const back = document.scenes.at(-1);
    expect(back.names[0]).toMatchObject({ name: 'box.demo.example', type: 'A', wanted: ['198.51.100.7'], state: 'proven' });
    expect(back.names[0].proofs.map(({ rung }: { rung: string }) => rung)).toEqual(['provider', 'authoritative', 'caches', 'port', 'identity']);
  });

  test('a zone that does not follow is not proven, and that is a defect', async () => {
    const { exit, err, text } = await played({}, (world) => ({
      ...hurried(world),
      // Says that it wrote, and wrote what the garage's address is not.
      files: { ...world.files, write: (path, content, options) => world.files.write(path, path.endsWith('.zone') ? content.replace('203.0.113.42', '203.0.113.43') : content, options) },
    }));
    expect(exit).toBe(70);
    expect(err.join('\n')).toMatch(/garage: not proven: its name server answers 203\.0\.113\.42.*found: 203\.0\.113\.43/);
    expect(err.join('\n')).toMatch(/mapped: not proven: every rung is proven/);
    expect(text).toContain('not proven: ');
    expect(text).not.toContain('Every proof held');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a round that costs something although nothing changed is not proven', async () => {
    let hours = 0;
    const { exit, err } = await played({}, (real) => {
      const world = hurried(real);
      return {
        ...world,
        clock: { ...world.clock, now: () => world.clock.now() + hours * 3_600_000 },
        files: {
          ...world.files,
          // Whenever something is remembered two hours pass, so that everybody is asked anew.
          write: (path, content, options) => {
            if (!path.endsWith('.zone') && !path.endsWith('config.json')) hours += 2;
            world.files.write(path, content, options);
          },
          touch: (...given) => {
            hours += 2;
            world.files.touch(...given);
          },
        },
      };
    });
    expect(hours).toBeGreaterThan(0);
    expect(exit).toBe(70);
    expect(err.join('\n')).toMatch(/quiet: not proven: .*HTTP/);
  });

  test('stopped early, it says so and cleans up', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(played({}, undefined, stop.signal)).rejects.toThrow('stopped before its end');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('where there is no IPv6 loopback, the story is told over IPv4 alone', async () => {
    const real = await import('../src/world/loopback.ts');
    vi.resetModules();
    vi.doMock('../src/world/loopback.ts', () => ({
      ...real,
      // One of the servers comes up before the other fails: it has to be taken down all the same.
      listenHttp: (family: 4 | 6, answer: Parameters<typeof real.listenHttp>[1]) =>
        family === 4 ? real.listenHttp(4, answer) : Promise.reject(new Fault({ kind: 'network', phase: 'connect', detail: 'cannot listen on ::1' })),
    }));
    try {
      const { demo: alone } = await import('../src/commands/demo.ts');
      const { exit, text } = await played({}, hurried, undefined, alone);
      expect(exit).toBe(0);
      expect(text).not.toContain('2001:db8');
      expect(text).toContain('answers 203.0.113.42');
      expect(text).toContain('Reachable for everyone.');
    } finally {
      vi.doUnmock('../src/world/loopback.ts');
      vi.resetModules();
    }
  });
});
