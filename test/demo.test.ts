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

describe('the demo', () => {
  test('tells the story in order, and every proof holds within ten seconds', async () => {
    const from = performance.now();
    const { exit, err, text } = await played();
    expect(err).toEqual([]);
    expect(exit).toBe(0);
    expect(performance.now() - from).toBeLessThan(10_000);
    const steps = [
      'At home; ',
      'answers 198.51.100.7',
      'The next round; ',
      'no file written',
      'Carried to the garage',
      'captive portal',
      'answers 198.51.100.7',
      'Logged in',
      'answers 203.0.113.42',
      'Home again',
      'answers 198.51.100.7',
      'Every proof held',
    ];
    let at = 0;
    for (const step of steps) {
      const found = text.indexOf(step, at);
      expect(found, `${step} in\n${text.slice(at)}`).toBeGreaterThanOrEqual(at);
      at = found + step.length;
    }
    expect(text).toContain('liar says 192.0.2.66');
    expect(text).not.toContain('not proven');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is plain where nobody looks, and has signs on a terminal', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
    const coloured = /\u001b\[/;
    const plain = (await played()).text;
    expect(plain).not.toMatch(coloured);
    expect(plain).toContain('proven: ');
    const shown = (await played({ terminal: true, color: true })).text;
    expect(shown).toMatch(coloured);
    expect(shown).toContain('✓');
    const quiet = await played({ loud: 'quiet' });
    expect([quiet.exit, quiet.out, quiet.err]).toEqual([0, [], []]);
  });

  test('--json is one document with a scene for every step', async () => {
    const { exit, out } = await played({ json: true });
    expect(out).toHaveLength(1);
    const document = JSON.parse(out[0] ?? '');
    expect(document).toMatchObject({ version: 1, name: 'box.demo.example', exit: 0 });
    expect(exit).toBe(0);
    expect(document.scenes.map(({ scene, exit: code }: { scene: string; exit: number }) => [scene, code])).toEqual([
      ['home', 0],
      ['quiet', 0],
      ['portal', 69],
      ['garage', 0],
      ['back', 0],
    ]);
    for (const { proofs, ms } of document.scenes) {
      expect(proofs.length).toBeGreaterThan(0);
      expect(proofs.every(({ held }: { held: boolean }) => held)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0);
    }
    const [home] = document.scenes;
    const told = Object.fromEntries(home.observations[0].ballots.map(({ operator, address, failure }: Record<string, string>) => [operator, address ?? failure]));
    expect(told).toMatchObject({ 'web-echo': '198.51.100.7', liar: '192.0.2.66', dead: 'unawaited', 'dns-whoami': '198.51.100.7', stun: '198.51.100.7' });
  });

  test('nothing leaves the machine', async () => {
    const reached = new Set<string>();
    const { exit } = await played({}, (world) => ({
      ...world,
      net: {
        ...world.net,
        datagram: (peer, ...rest) => {
          reached.add(peer.address);
          return world.net.datagram(peer, ...rest);
        },
        echo: (request, wait) => {
          reached.add(new URL(request.url).hostname.replace(/^\[|\]$/g, ''));
          return world.net.echo(request, wait);
        },
        http: () => Promise.reject(new Error('no provider is to be called')),
        lookup: () => Promise.reject(new Error('no name is to be looked up')),
        stream: () => Promise.reject(new Error('no stream is to be opened')),
      },
    }));
    expect(exit).toBe(0);
    expect(reached.has('127.0.0.1')).toBe(true);
    expect([...reached].filter((host) => host !== '127.0.0.1' && host !== '::1')).toEqual([]);
  });

  test('a zone that does not follow is not proven, and that is a defect', async () => {
    const { exit, err, text } = await played({}, (world) => ({
      ...world,
      // Says that it wrote, and wrote what the garage's address is not.
      files: { ...world.files, write: (path, content, options) => world.files.write(path, path.endsWith('.zone') ? content.replace('203.0.113.42', '203.0.113.43') : content, options) },
    }));
    expect(exit).toBe(70);
    expect(err.join('\n')).toMatch(/garage: not proven: asked by DNS, its name server answers 203\.0\.113\.42.*found: 203\.0\.113\.43/);
    expect(text).toContain('not proven: ');
    expect(text).not.toContain('Every proof held');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a round that costs something although nothing changed is not proven', async () => {
    let hours = 0;
    const { exit, err } = await played({}, (world) => ({
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
    }));
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
      const { exit, text } = await played({}, undefined, undefined, alone);
      expect(exit).toBe(0);
      expect(text).not.toContain('2001:db8');
      expect(text).toContain('answers 203.0.113.42');
    } finally {
      vi.doUnmock('../src/world/loopback.ts');
      vi.resetModules();
    }
  });
});
