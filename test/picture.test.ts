/** `npm run picture`: a screen is what a terminal would show, its picture is sound XML that anybody can read, and what is recorded really sees a terminal. */
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerpt, type Film, type FilmOptions, film, type Piece } from '../scripts/picture/film.ts';
import { record } from '../scripts/picture/record.ts';
import { openScreen, type Row } from '../scripts/picture/screen.ts';
import { PALETTES, svg } from '../scripts/picture/svg.ts';

const ESC = '\u001b';
const SIZE = { columns: 10, rows: 4 };
const textOf = (rows: readonly Row[]): readonly string[] => rows.map((runs) => runs.map(({ text }) => text).join(''));

function rowsOf(...pieces: readonly string[]): readonly Row[] {
  const screen = openScreen(SIZE);
  for (const piece of pieces) screen.write(piece);
  return screen.rows();
}
const shown = (...pieces: readonly string[]): readonly string[] => textOf(rowsOf(...pieces));
/** The names of what is set in the style of each run. */
const styles = (text: string): readonly string[] =>
  (rowsOf(text)[0] ?? []).map(({ text: letters, style: { color, ...flags } }) =>
    [letters, ...Object.entries(flags).flatMap(([name, set]) => (set ? [name] : [])), ...(color === undefined ? [] : [color])].join(' '),
  );

describe('the screen', () => {
  const cases: Readonly<Record<string, { readonly written: string; readonly rows: readonly string[] }>> = {
    'rows end with CR and LF; blank ones between others stay': { written: 'one\r\n\r\ntwo\r\n\r\n', rows: ['one', '', 'two'] },
    'CR goes back and what comes is written over': { written: 'waiting\rdone', rows: ['doneing'] },
    'to the end of the row is erased': { written: `waiting\rdone${ESC}[K`, rows: ['done'] },
    'to the beginning of the row is erased': { written: `waiting${ESC}[4D${ESC}[1K`, rows: ['    ing'] },
    'the whole row is erased and the cursor stays': { written: `waiting${ESC}[2Kx`, rows: ['       x'] },
    'up and over': { written: `a\r\nb\r\nc\r\n${ESC}[2AB`, rows: ['a', 'B', 'c'] },
    'down makes no letters': { written: `a${ESC}[2Bb`, rows: ['a', '', ' b'] },
    'to a column': { written: `abc${ESC}[Gx${ESC}[3Gy${ESC}[Cz`, rows: ['xby z'] },
    'all below is erased': { written: `a\r\nb\r\nc\r\nd${ESC}[2A\r${ESC}[Jx`, rows: ['a', 'x'] },
    'all above is erased': { written: `a\r\nb\r\ncde${ESC}[2D${ESC}[1J`, rows: ['', '', '  e'] },
    'the whole screen is erased': { written: `a\r\nb${ESC}[2Jx`, rows: ['', ' x'] },
    'a row that is too long goes on in the next': { written: '0123456789ab', rows: ['0123456789', 'ab'] },
    'a row that is just full leaves no blank one': { written: '0123456789\r\nab', rows: ['0123456789', 'ab'] },
    'what scrolled off stays, out of reach': { written: `1\r\n2\r\n3\r\n4\r\n5\r\n6${ESC}[9A\rX`, rows: ['1', '2', 'X', '4', '5', '6'] },
    'backspace and tab': { written: 'ab\bc\td', rows: ['ac      d'] },
    'hiding the cursor, titles, links and whatever else is unknown': {
      written: `${ESC}[?25la${ESC}[?25h${ESC}]0;title\u0007b${ESC}]8;;http://x\u001b\\c${ESC}P1q\u001b\\d${ESC}7e${ESC}(Bf${ESC}[3Jg${ESC}[5;1Hh${ESC}[>4;1mi\u0000\u0007`,
      rows: ['abcdefghi'],
    },
  };
  for (const [what, { written, rows }] of Object.entries(cases)) test(what, () => expect(shown(written)).toEqual(rows));

  test('every letter has its style', () => {
    expect(styles(`${ESC}[1ma${ESC}[31mb${ESC}[22mc${ESC}[md`)).toEqual(['a bold', 'b bold red', 'c red', 'd']);
    expect(styles(`${ESC}[2;3;4ma${ESC}[22;23;24mb${ESC}[90mc${ESC}[92md${ESC}[39me`)).toEqual(['a dim italic underline', 'b', 'c gray', 'd green', 'e']);
  });

  test('colours by number or by parts are passed over, with their parameters', () => {
    expect(styles(`${ESC}[38;5;1;4ma${ESC}[0;48;2;1;2;3;1mb`)).toEqual(['a underline', 'b bold']);
  });

  test('it does not matter where a piece ends', () => {
    const letters = fc.constantFrom('a', ' ', '\r', '\n', '\b', '1', ';', '[', ']', '?', 'm', 'A', 'K', 'J', '\u0007', '\\', ESC, `${ESC}[2A`, `${ESC}[31m`, `${ESC}]0;`, '✓', '🏠');
    const law = fc.property(fc.array(letters, { maxLength: 60 }), (written) => {
      expect(rowsOf(...written.flatMap((piece) => [...piece]))).toEqual(rowsOf(written.join('')));
    });
    fc.assert(law);
  });

  test('plain text comes out as it went in', () => {
    const law = fc.property(fc.array(fc.stringMatching(/^[!-~]{1,10}$/), { minLength: 1, maxLength: 12 }), (rows) => {
      expect(shown(rows.join('\r\n'))).toEqual(rows);
    });
    fc.assert(law);
  });
});

const OPTIONS: FilmOptions = { columns: 40, rows: 10, typed: 'try it' };
const PIECES: readonly Piece[] = [
  { atMs: 300, text: 'asking <all> & waiting\r\n' },
  { atMs: 310, text: 'step two\r\n' },
  { atMs: 90_000, text: `${ESC}[2A${ESC}[J${ESC}[32m✓${ESC}[0m 203.0.113.42 (1.25 s)\r\n` },
];

describe('the film', () => {
  test('every look of every row, from its coming to its going, with no pause too long', () => {
    const { shots, rows, ms } = film(PIECES, OPTIONS);
    expect(shots.map(({ runs, ...when }) => ({ text: textOf([runs])[0], ...when }))).toEqual([
      { text: '$ try it', row: 0, fromMs: 0 },
      { text: 'asking <all> & waiting', row: 1, fromMs: 300, untilMs: 2300 },
      { text: 'step two', row: 2, fromMs: 300, untilMs: 2300 },
      { text: '✓ 203.0.113.42 (1.25 s)', row: 1, fromMs: 2300 },
    ]);
    expect({ rows, ms }).toEqual({ rows: 3, ms: 2300 });
  });

  test('digits that a mask finds become x, and only they', () => {
    const { shots } = film(PIECES, { ...OPTIONS, masks: [/\d+\.\d+ s\b/u] });
    expect(textOf(shots.map(({ runs }) => runs))).toContain('✓ 203.0.113.42 (x.xx s)');
  });

  test('an excerpt keeps what was typed, and moves the rest up', () => {
    const whole = film(
      [
        { atMs: 100, text: 'one\r\ntwo\r\n' },
        { atMs: 900, text: 'three\r\nfour\r\n' },
      ],
      OPTIONS,
    );
    const { rows, shots } = excerpt(whole, { from: 'three', until: 'four' });
    expect([rows, shots.map(({ row, runs, fromMs }) => [row, runs.map(({ text }) => text).join(''), fromMs])]).toEqual([
      3,
      [
        [0, `$ ${OPTIONS.typed}`, 0],
        [2, 'three', 0],
      ],
    ]);
    expect(excerpt(whole, {})).toEqual(whole);
    expect(() => excerpt(whole, { from: 'five' })).toThrow('no row shows "five"');
  });

  test('slower is slower', () => expect(film(PIECES.slice(0, 2), { ...OPTIONS, slower: 3 }).ms).toBe(900));
});

const picture = (of: Film, animated: boolean): string => svg(of, { title: 'a & b', described: 'What it <printed>:', animated });
const unescaped = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
/** The letters of each `text` element. */
const written = (xml: string): readonly string[] => [...xml.matchAll(/<text [^>]*>([^\n]*)<\/text>/g)].map(([, inside = '']) => unescaped(inside.replace(/<[^>]*>/g, '')));

/** What is wrong with it as XML; this much of the grammar is all that we write. */
function unsound(xml: string): string | undefined {
  const open: string[] = [];
  for (const [token, close, name = '', empty] of xml.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<&]*")*(\/?)>|[^<]+|</g)) {
    if (token === '<') return 'a lone <';
    if (!token.startsWith('<')) {
      if (/&(?!(amp|lt|gt);)|>/.test(token) && open.at(-1) !== 'style') return `not escaped: ${token}`;
      if (/(?!\n)\p{Cc}|[\p{Cs}\ufffe\uffff]/u.test(token)) return 'a letter that XML has not';
    } else if (close === '/') {
      if (open.pop() !== name) return `</${name}> closes something else`;
    } else if (empty === '') open.push(name);
  }
  return open.length === 0 ? undefined : `${open.join(', ')} left open`;
}

describe('the picture', () => {
  test('is sound XML with all of the text in it, whatever that is', () => {
    const law = fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (text, animated) => {
      const made = film([{ atMs: 100, text: `|${text}|` }], OPTIONS);
      const xml = picture(made, animated);
      expect(unsound(xml)).toBeUndefined();
      const wanted = textOf(made.shots.map(({ runs }) => runs)).map((row) => row.replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd'));
      expect(written(xml)).toEqual(['a & b', ...wanted]);
    });
    fc.assert(law);
  });

  test('is told to those who do not see it', () => {
    const xml = picture(film(PIECES, OPTIONS), true);
    expect(xml).toContain('<title id="terminal-title">a &amp; b</title>');
    expect(xml).toContain('<desc id="terminal-text">What it &lt;printed&gt;:\n$ try it\n✓ 203.0.113.42 (1.25 s)</desc>');
  });

  test('that stands still has the last screen and no motion', () => {
    const xml = picture(film(PIECES, OPTIONS), false);
    expect(written(xml)).toEqual(['a & b', '$ try it', '✓ 203.0.113.42 (1.25 s)']);
    expect(xml).not.toMatch(/keyframes|animation|hidden/);
  });

  test('that moves shows the last screen to those who want no motion', () => {
    const xml = picture(film(PIECES, OPTIONS), true);
    const still = xml.replace(/@media \(prefers-reduced-motion: no-preference\) \{[\s\S]*?\n\}\n/, '');
    expect(still).not.toMatch(/keyframes|animation/);
    expect(still.split('\n').filter((line) => /visibility="hidden"/.test(line))).toHaveLength(2);
    expect(xml).toContain('@keyframes s0 { 0% { visibility: hidden; } 2.91% { visibility: visible; } 22.33%, 100% { visibility: hidden; } }');
  });

  test('is the same, byte by byte, for the same film', () => expect(picture(film(PIECES, OPTIONS), true)).toBe(picture(film(PIECES, OPTIONS), true)));

  test('has no colour of text that cannot be read on its window, light or dark', () => {
    const pale = Object.entries(PALETTES).flatMap(([mode, { window, bar, edge, ...letters }]) =>
      Object.entries(letters).flatMap(([name, color]) => (contrast(color, window) < 4.5 ? [`${mode} ${name}: ${contrast(color, window)}`] : [])),
    );
    expect(pale).toEqual([]);
  });
});

/** WCAG 2.1, "contrast ratio" and "relative luminance". */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('what is recorded', () => {
  const around = { columns: 100, rows: 50, cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '' }, timeoutMs: 120_000 };
  const seen = ({ pieces }: { readonly pieces: readonly Piece[] }): string => pieces.map(({ text }) => text).join('');

  test('sees a terminal on all its streams, of the size and the kind that was wanted, and quotes in its words', async () => {
    const script = `test -t 0 && test -t 1 && test -t 2 && stty size && echo "$TERM $COLUMNS $1" >&2; exit 7`;
    const recorded = await record(['sh', '-c', script, 'sh', `it's "$HOME"`], around);
    expect({ exit: recorded.exit, seen: seen(recorded) }).toEqual({ exit: 7, seen: `50 100\r\nxterm-256color 100 it's "$HOME"\r\n` });
  });

  test('is ended when its time is up', async () => {
    const recorded = await record(['sh', '-c', 'echo begun; exec sleep 60'], { ...around, timeoutMs: 3000 });
    expect({ exit: recorded.exit, seen: seen(recorded) }).toEqual({ exit: 137, seen: 'begun\r\n' });
  });
});
