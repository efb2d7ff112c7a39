/** The zonefile provider: what it changes, what it must leave alone, and what it refuses. BIND's own reader is the judge of the results. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Change, WriteResult } from '../../src/core/plan.ts';
import { redactor } from '../../src/core/secret.ts';
import zonefile from '../../src/providers/zonefile/provider.ts';
import { nextSerial } from '../../src/providers/zonefile/serial.ts';
import type { Provider, Tools } from '../../src/sdk/provider.ts';
import { openWorld } from '../../src/world/index.ts';
import type { Files, Processes } from '../../src/world/world.ts';
import { change, recordKey } from './rfc2136-account.ts';

const PATH = '/zones/home.example.zone';
const NOW = Date.UTC(2026, 10, 22, 12);

/** A zone file in memory. `writes` lists what was written, in order. */
function account(text: string, options: { readonly zone?: string; readonly reload?: readonly string[]; readonly journal?: boolean } = {}, exits: number[] = []) {
  const held = new Map([[PATH, text]]);
  const writes: string[] = [];
  const commands: (readonly string[])[] = [];
  const world = openWorld({ servers: [], env: {}, redactor: redactor() });
  const files: Files = {
    ...world.files,
    read: (path) => held.get(path),
    write: (path, content) => {
      writes.push(path);
      held.set(path, content);
    },
    remove: (path) => void held.delete(path),
    stat: (path) => (held.has(path) ? { modifiedAt: 0, size: 0, mode: 0o100640, othersMayRead: false } : undefined),
  };
  const processes: Processes = {
    ...world.processes,
    run: async (command) => {
      commands.push(command);
      return { exit: exits.shift() ?? 0, stdout: '', stderr: 'rndc: connect failed' };
    },
  };
  const tools: Tools = {
    ...world,
    files,
    processes,
    clock: { ...world.clock, now: () => NOW },
    account: 'own',
    signal: new AbortController().signal,
    userAgent: 'test',
    zones: { get: () => [], set: () => {} },
    redact: (said) => said,
  };
  const provider = zonefile.open({ file: PATH, zone: options.zone, reload: options.reload && [...options.reload], journal: options.journal }, tools) as Required<Pick<Provider, 'read' | 'write'>>;
  return { ...provider, held, writes, commands, text: () => held.get(PATH) as string };
}

const HEAD = '$ORIGIN home.example.\n$TTL 1h\n@ IN SOA ns1 hostmaster ( 2026112103 ; serial\n\t3600 600 86400 60 )\n@ IN NS ns1\nns1 IN A 127.0.0.1\n';
const failure = (results: readonly WriteResult[]) => {
  const [result] = results;
  if (result?.kind !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(result)}`);
  return result.failure;
};

/** One change to a file, and the file after it. `serial` is raised to the first of NOW's day. */
async function check({ body, change: wanted, gives }: { readonly body: string; readonly change: Change; readonly gives: string }) {
  const own = account(HEAD + body);
  expect(await own.write([wanted])).toMatchObject([{ kind: 'written' }]);
  expect(own.text()).toBe(HEAD.replace('2026112103', '2026112200') + gives);
}

test.each([
  ['a value, its comment and its layout kept', 'box   60 IN A   198.51.100.7 ; at home\n', change('box.home.example', ['198.51.100.7'], ['203.0.113.9']), 'box   60 IN A   203.0.113.9 ; at home\n'],
  ['class before TTL', 'box IN 1h30m A 198.51.100.7\n', change('box.home.example', ['198.51.100.7'], ['203.0.113.9'], { ttl: 60 }), 'box IN 60 A 203.0.113.9\n'],
  ['a TTL where there was none', 'box A 198.51.100.7\n', change('box.home.example', ['198.51.100.7'], ['203.0.113.9'], { ttl: 60 }), 'box 60 A 203.0.113.9\n'],
  ['parentheses', 'box IN A ( ; the box\n  198.51.100.7 )\n', change('box.home.example', ['198.51.100.7'], ['203.0.113.9']), 'box IN A ( ; the box\n  203.0.113.9 )\n'],
  [
    'a new value in the layout of the old',
    'box\tIN\tA\t198.51.100.7\nwww A 198.51.100.1\n',
    change('box.home.example', ['198.51.100.7'], ['198.51.100.7', '203.0.113.9']),
    'box\tIN\tA\t198.51.100.7\nbox\tIN\tA\t203.0.113.9\nwww A 198.51.100.1\n',
  ],
  ['a value less', 'box A 198.51.100.7\n  A 198.51.100.8\n  TXT "x"\n', change('box.home.example', ['198.51.100.7', '198.51.100.8'], ['198.51.100.8']), 'box  A 198.51.100.8\n  TXT "x"\n'],
  ['the whole set, when another type of the name leans on its line', 'box A 198.51.100.7\n  TXT "x"\n', change('box.home.example', ['198.51.100.7'], []), 'box  TXT "x"\n'],
  ['a name that is new, at the end', 'www A 198.51.100.1', change('box.home.example', [], ['203.0.113.9']), 'www A 198.51.100.1\nbox\t300\tIN\tA\t203.0.113.9'],
  [
    'a second family, behind the first',
    'box A 198.51.100.7\nwww A 198.51.100.1\n',
    change('box.home.example', [], ['2001:db8::9'], { type: 'AAAA' }),
    'box A 198.51.100.7\nbox\t300\tIN\tAAAA\t2001:db8::9\nwww A 198.51.100.1\n',
  ],
  [
    'under another origin',
    '$ORIGIN sub.home.example.\nbox A 198.51.100.7\n$ORIGIN other.home.example.\n',
    change('new.home.example', [], ['203.0.113.9']),
    '$ORIGIN sub.home.example.\nbox A 198.51.100.7\n$ORIGIN other.home.example.\nnew.home.example.\t300\tIN\tA\t203.0.113.9\n',
  ],
  ['a wildcard and the apex in any letters', '*.Dyn.HOME.example. A 198.51.100.7\n', change('*.dyn.home.example', ['198.51.100.7'], ['203.0.113.9']), '*.Dyn.HOME.example. A 203.0.113.9\n'],
  ['escapes and generic data', 'b\\111x TYPE1 \\# 4 C6336407\n', change('box.home.example', ['198.51.100.7'], ['203.0.113.9']), 'b\\111x TYPE1 203.0.113.9\n'],
  [
    'quotes with everything in them',
    'x TXT "; ( not \\" a comment" "box A"\nbox A 198.51.100.7\n',
    change('box.home.example', ['198.51.100.7'], ['203.0.113.9']),
    'x TXT "; ( not \\" a comment" "box A"\nbox A 203.0.113.9\n',
  ],
  ['the last line without a line break', 'box A 198.51.100.7', change('box.home.example', ['198.51.100.7'], ['203.0.113.9']), 'box A 203.0.113.9'],
])('%s', (_name, body, wanted, gives) => check({ body, change: wanted, gives }));

test('line breaks of DOS stay', async () => {
  const own = account(`${HEAD}box A 198.51.100.7\n`.replaceAll('\n', '\r\n'));
  await own.write([change('new.home.example', [], ['203.0.113.9'])]);
  expect(own.text()).toBe(`${HEAD.replace('2026112103', '2026112200')}box A 198.51.100.7\nnew\t300\tIN\tA\t203.0.113.9\n`.replaceAll('\n', '\r\n'));
});

test('when the line that names a name goes, the next one of it keeps the spelling', async () => {
  const own = account('$ORIGIN home.example.\n$TTL 1h\n@ IN SOA ns1 hostmaster 7 3600 600 86400 60\n@ IN NS ns1\nns1 A 127.0.0.1\nWWW AAAA 2001:db8::1\n  A 198.51.100.1\n');
  await own.write([change('www.home.example', ['2001:db8::1'], [], { type: 'AAAA' })]);
  expect(own.text().split('\n')).toContain('WWW  A 198.51.100.1');
});

test('what is so already is not written, and is read with its TTL', async () => {
  const own = account(`${HEAD}box 2h A 198.51.100.7\n`);
  expect(await own.write([change('box.home.example', ['198.51.100.7'], ['198.51.100.7'])])).toMatchObject([{ kind: 'written', stored: { ttl: 7200 } }]);
  expect(own.writes).toEqual([]);
  const keys = ['box.home.example', 'no.home.example', 'ns1.home.example'].map((name) => recordKey(name));
  const read = await own.read(keys);
  expect(keys.map((key) => read.get(key))).toEqual([
    { name: 'box.home.example', type: 'A', values: ['198.51.100.7'], ttl: 7200 },
    undefined,
    { name: 'ns1.home.example', type: 'A', values: ['127.0.0.1'], ttl: 3600 },
  ]);
});

test('somebody else was quicker: that name is a conflict, the others are written', async () => {
  const own = account(`${HEAD}box A 198.51.100.7\nwww A 198.51.100.1\n`);
  const results = await own.write([change('box.home.example', ['198.51.100.99'], ['203.0.113.9']), change('www.home.example', ['198.51.100.1'], ['203.0.113.9'])]);
  expect(results).toMatchObject([{ kind: 'failed', failure: { kind: 'conflict' } }, { kind: 'written' }]);
  expect(own.text()).toContain('box A 198.51.100.7\nwww A 203.0.113.9\n');
});

test.each([
  ['an alias', 'box CNAME www\n', 'refused', /alias \(CNAME\) in .* line 7/],
  ['a delegated name', 'box NS ns.elsewhere.example.\n', 'config', /box\.home\.example is delegated/],
  ['a name that $GENERATE cannot make', '$GENERATE 1-9 ba$ A 10.0.0.$\n$GENERATE 1-9 box TXT $\n$GENERATE 1-9 bo$ A 10.0.0.$\n$GENERATE 1-3 $ A 10.0.0.1\n', undefined, /./],
  ['a name that an included file may hold', '$INCLUDE hosts.zone\n', 'refused', /line 7 includes \(hosts\.zone\)/],
])('%s', async (_name, body, kind, words) => {
  const own = account(HEAD + body);
  const key = recordKey('box.home.example');
  const read = (await own.read([key])).get(key);
  if (kind === undefined) return expect(read).toBeUndefined();
  expect(read).toMatchObject({ kind, detail: expect.stringMatching(words) });
  expect(failure(await own.write([change('box.home.example', [], ['203.0.113.9'])]))).toMatchObject({ kind });
  expect(own.writes).toEqual([]);
});

test('a name that $GENERATE makes is left alone', async () => {
  const own = account(`${HEAD}$GENERATE 1-9 host-$ A 10.0.0.$\n`);
  const key = recordKey('host-3.home.example');
  expect((await own.read([key])).get(key)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('$GENERATE') });
});

test.each([
  ['no SOA', 'www A 198.51.100.1\n', /no SOA/],
  ['a quote that is not closed', `${HEAD}x TXT "abc\n`, /line 7: a quote is not closed/],
  ['a parenthesis that is not closed', `${HEAD}x TXT ( abc\n`, /line 7: a parenthesis is not closed/],
  ['no origin', '@ IN SOA ns1 host 1 2 3 4 5\n', /relative/],
  ['a file that is not UTF-8', `${HEAD}; caf\uFFFD\n`, /not UTF-8/],
  ['something that is no address', `${HEAD}box A 198.51.100.700\n`, /line 7: "198.51.100.700" is not an address/],
])('%s is said with the place', async (_name, text, words) => {
  const zone = text.startsWith('www') ? { zone: 'home.example' } : {};
  await expect(account(text, zone).read([recordKey('box.home.example')])).rejects.toThrow(words);
});

test('a zone that takes dynamic updates is not edited behind its server', async () => {
  const own = account(`${HEAD}box A 198.51.100.7\n`);
  own.held.set(`${PATH}.jnl`, 'x');
  expect(failure(await own.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9'])]))).toMatchObject({ kind: 'config', hint: expect.stringContaining('rfc2136') });
});

test('without $TTL a new TTL would leak into the next line: refused, nothing written', async () => {
  const text = '@ 1h IN SOA ns1.home.example. host.home.example. 5 2 3 4 5\n@ NS ns1.home.example.\nbox A 198.51.100.7\nwww A 198.51.100.1\n';
  const own = account(text, { zone: 'home.example' });
  expect(failure(await own.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9'], { ttl: 60 })]))).toMatchObject({ kind: 'refused', hint: expect.stringContaining('$TTL') });
  expect(own.writes).toEqual([]);
  expect(await own.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9'])])).toMatchObject([{ kind: 'written' }]);
  expect(own.text()).toBe(text.replace(' 5 2 ', ' 6 2 ').replace('198.51.100.7', '203.0.113.9'));
});

test('the reload command runs once after a change, and not without one', async () => {
  const own = account(`${HEAD}box A 198.51.100.7\n`, { reload: ['rndc', 'reload', 'home.example'] });
  await own.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9'])]);
  await own.write([change('box.home.example', ['203.0.113.9'], ['203.0.113.9'])]);
  expect(own.commands).toEqual([['rndc', 'reload', 'home.example']]);
  expect([...own.held.keys()]).toEqual([PATH]);
});

test('a reload that fails is owed: the file is written, the next rounds see that it is not served, and try again', async () => {
  const own = account(`${HEAD}box A 198.51.100.7\n`, { reload: ['rndc', 'reload'] }, [1, 1, 0]);
  const key = recordKey('box.home.example');
  expect(failure(await own.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9'])]))).toMatchObject({
    kind: 'unavailable',
    detail: `${PATH} holds the new records, but the name server may still answer the old ones: the reload command \`rndc reload\` ended with 1: rndc: connect failed`,
  });
  expect(own.text()).toContain('box A 203.0.113.9\n');
  expect((await own.read([key])).get(key)).toMatchObject({ values: ['198.51.100.7', '203.0.113.9'] });
  // The same address again, then back to the old one: whatever is wanted, it is written and loaded.
  expect(failure(await own.write([change('box.home.example', ['198.51.100.7', '203.0.113.9'], ['203.0.113.9'])])).kind).toBe('unavailable');
  expect(await own.write([change('box.home.example', ['198.51.100.7', '203.0.113.9'], ['198.51.100.7'])])).toMatchObject([{ kind: 'written' }]);
  expect((await own.read([key])).get(key)).toMatchObject({ values: ['198.51.100.7'] });
  expect(own.commands).toHaveLength(3);
});

test('killed between file and reload: the next round reloads', async () => {
  const own = account(`${HEAD}box A 203.0.113.9\n`, { reload: ['rndc', 'reload'] });
  own.held.set(`${PATH}.loaded`, `${HEAD}box A 198.51.100.7\n`);
  const key = recordKey('box.home.example');
  const before = (await own.read([key])).get(key);
  expect(before).toMatchObject({ values: ['198.51.100.7', '203.0.113.9'] });
  expect(await own.write([change('box.home.example', ['198.51.100.7', '203.0.113.9'], ['203.0.113.9'])])).toMatchObject([{ kind: 'written' }]);
  expect(own.commands).toHaveLength(1);
  expect(own.held.has(`${PATH}.loaded`)).toBe(false);
});

test('serial numbers grow in their own style, over the edge of RFC 1982 too', () => {
  const cases: readonly (readonly [number, number])[] = [
    [1, 2],
    [2026112199, 2026112200],
    [2026112200, 2026112201],
    [2026112299, 2026112300],
    [2027010100, 2027010101],
    [2019139901, 2019139902],
    [1_732_290_000, 1_732_290_001],
    [4_294_967_295, 1],
    [0, 1],
  ];
  for (const [from, to] of cases) expect([from, nextSerial(from, NOW)]).toEqual([from, to]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (serial) => {
      const ahead = (nextSerial(serial, NOW) - serial + 2 ** 32) % 2 ** 32;
      return ahead > 0 && ahead < 2 ** 31;
    }),
  );
});

const folder = mkdtempSync(join(tmpdir(), 'ddns-zonefile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The zone as BIND reads it: one line per record, without the serial, and without TTLs: BIND gives a set one TTL, and which one depends on where its lines stand. */
function asBindReadsIt(text: string): readonly string[] {
  const program = ['/usr/bin/named-compilezone', '/usr/sbin/named-compilezone'].find((path) => existsSync(path));
  if (program === undefined) throw new Error('named-compilezone is missing: this test needs the Debian package bind9-utils');
  const path = join(folder, 'zone');
  writeFileSync(path, text);
  const printed = execFileSync(program, ['-q', '-i', 'none', '-k', 'ignore', '-s', 'full', '-o', '-', 'home.example', path], { encoding: 'utf8' });
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line
        .replace(/\s+/g, ' ')
        .replace(/(SOA \S+ \S+) \d+/, '$1 N')
        .replace(/^(\S+) \d+ IN /, '$1 IN '),
    )
    .sort();
}

const names = ['box', 'www', 'a.b', '*', '@', 'box.home.example.', 'WWW'];
const blank = fc.constantFrom(' ', '\t', '   ', ' \t');
const comment = fc.constantFrom('', ' ; note', ';x "( ', ' ;');
const record = fc
  .record({
    owner: fc.constantFrom(...names, ''),
    first: fc.constantFrom('', '60', 'IN', '1h IN', 'IN 2h', 'in 5m'),
    what: fc.oneof(
      fc.integer({ min: 1, max: 5 }).map((n) => `A 198.51.100.${n}`),
      fc.integer({ min: 1, max: 3 }).map((n) => `AAAA 2001:db8::${n}`),
      fc.constantFrom('TXT "a ; b ( c" d', 'TXT "say \\"hi\\""', 'MX ( 10\n  mail )', 'A ( 198.51.100.9 ; one\n )', 'AAAA\t2001:DB8:0:0::A'),
    ),
    gap: blank,
    end: comment,
  })
  .map(({ owner, first, what, gap, end }) => `${owner === '' ? gap : owner}${gap}${first}${first === '' ? '' : gap}${what}${what.includes('\n') ? '' : end}`);
const filler = fc.constantFrom('', '; a comment', '   ; indented', '$ORIGIN home.example.', '$TTL 20m');
const zoneText = fc
  .record({ lines: fc.array(fc.oneof({ weight: 5, arbitrary: record }, { weight: 1, arbitrary: filler }), { maxLength: 14 }), newline: fc.constantFrom('\n', '\r\n'), last: fc.boolean() })
  .map(({ lines, newline, last }) => (HEAD + lines.join('\n') + (last || lines.at(-1)?.startsWith('$') ? '\n' : '')).replaceAll('\n', newline));
const addresses = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 3 });
const wants = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('box.home.example', 'www.home.example', 'a.b.home.example', '*.home.example', 'home.example', 'new.home.example'),
    six: fc.boolean(),
    hosts: addresses,
    ttl: fc.constantFrom(undefined, 60, 7200),
  }),
  {
    selector: ({ name, six }) => `${name}${six}`,
    minLength: 1,
    maxLength: 4,
  },
);

async function rewrite(text: string, wanted: typeof wants extends fc.Arbitrary<infer T> ? T : never) {
  const own = account(text);
  const keys = wanted.map(({ name, six }) => recordKey(name, six ? 'AAAA' : 'A'));
  const read = await own.read(keys);
  const changes = wanted.map(({ name, six, hosts, ttl }, at) => {
    const before = read.get(keys[at] as (typeof keys)[number]);
    const values = before === undefined || 'kind' in before ? [] : before.values;
    return change(
      name,
      values,
      hosts.map((host) => (six ? `2001:db8::${host}` : `198.51.100.${host}`)),
      { type: six ? 'AAAA' : 'A', ...(ttl === undefined ? {} : { ttl }) },
    );
  });
  return { own, changes, results: await own.write(changes) };
}

test('any edit of any file: afterwards it says what was wanted, and twice is once', () =>
  fc.assert(
    fc.asyncProperty(zoneText, wants, async (text, wanted) => {
      const { own, changes, results } = await rewrite(text, wanted);
      expect(results.every(({ kind }) => kind === 'written')).toBe(true);
      const keys = changes.map(({ key }) => key);
      const read = await own.read(keys);
      for (const { key, after } of changes) {
        const found = read.get(key);
        expect(found === undefined || 'kind' in found ? [] : found.values).toEqual(after.values);
        if (found && !('kind' in found) && after.ttl !== undefined) expect(found.ttl).toBe(after.ttl);
      }
      const once = own.text();
      await own.write(changes.map(({ key, after }) => ({ key, before: after, after })));
      expect(own.text()).toBe(once);
      // Lines that hold no record of these names, and comments, are there as they were and in their order.
      const untouched = text
        .trimEnd()
        .split(/\r?\n/)
        .filter((line) => /^\s*;|^\$/.test(line));
      expect(
        once
          .trimEnd()
          .split(/\r?\n/)
          .filter((line) => /^\s*;|^\$/.test(line)),
      ).toEqual(untouched);
      expect(once.includes('\r\n')).toBe(text.includes('\r\n'));
      expect(/[^\r]\n/.test(once) && text.includes('\r\n')).toBe(false);
    }),
    { numRuns: 300 },
  ));

test('BIND reads the edited file as the old one with exactly these sets replaced', () =>
  fc.assert(
    fc.asyncProperty(zoneText, wants, async (text, wanted) => {
      const { own, changes } = await rewrite(text, wanted);
      const belongs = (line: string): boolean => changes.some(({ after }) => line.toLowerCase().startsWith(`${after.name}. `) && line.includes(` IN ${after.type} `));
      const [before, after] = [asBindReadsIt(text), asBindReadsIt(own.text())];
      expect(after.filter((line) => !belongs(line))).toEqual(before.filter((line) => !belongs(line)));
      const expected = changes.flatMap(({ after: set }) => set.values.map((value) => `${set.name}. ${set.type} ${value}`)).sort();
      expect(
        after
          .filter(belongs)
          .map((line) => line.replace(/^\S+ IN /, (head) => `${head.split(' ')[0]?.toLowerCase()} `))
          .sort(),
      ).toEqual(expected);
    }),
    { numRuns: 40 },
  ));
