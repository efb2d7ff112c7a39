/** Lines on a terminal that are written over and over: what is on it in the end, and that none of them wraps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLive } from '../../src/relocate/live.ts';

/** ECMA-48, as much of it as is spoken here. */
const ESCAPE = '\u001b';
const WORDS = new RegExp(`(${ESCAPE}\\[\\d*[A-Z]|\\n)`);
const UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);

/** A terminal of `columns`, as far as the live lines need one: a character beyond the last column begins a line. */
function terminal(columns: number) {
  const lines: string[] = ['$ ddns-update relocate', ''];
  let at = 1;
  const write = (line: string): void => {
    for (const part of `${line}\n`.split(WORDS)) {
      const up = UP.exec(part);
      if (up) at = Math.max(0, at - Number(up[1]));
      else if (part === '\x1b[J') lines.splice(at, lines.length, '');
      else if (part === '\n') lines[++at] ??= '';
      else if (part !== '') {
        expect(part).not.toMatch(/[\p{Cc}]/u);
        lines[at] = part;
        at += Math.floor(width(part) / columns);
      }
    }
  };
  return { write, lines: () => lines };
}
const width = (text: string): number => [...text].reduce((sum, one) => sum + (/[一-龯가-힣ａ-ｚ🌍]/u.test(one) ? 2 : 1), 0);
const shown = (frames: readonly (readonly string[])[], columns = 80): readonly string[] => {
  const { write, lines } = terminal(columns);
  const live = openLive(write, () => columns);
  for (const frame of frames) live.show(frame);
  return lines();
};

test('a frame takes the place of the one before, whether it is longer or shorter', () => {
  expect(shown([['one'], ['two', 'lines'], ['a', 'b', 'c'], ['end']])).toEqual(['$ ddns-update relocate', 'end', '']);
});
test('what comes after it stands where it stood', () => {
  const { write, lines } = terminal(80);
  const live = openLive(write, () => 80);
  live.show(['a', 'b']);
  live.wipe();
  write('the end');
  live.wipe();
  write('and more');
  expect(lines()).toEqual(['$ ddns-update relocate', 'the end', 'and more', '']);
});
test('nothing is written to wipe what was never shown', () => {
  const { write, lines } = terminal(80);
  openLive(write, () => 80).wipe();
  expect(lines()).toEqual(['$ ddns-update relocate', '']);
});

describe('long lines', () => {
  test.each([20, 40, 80])('are cut at %d columns', (columns) => {
    const [, line = ''] = shown([['x'.repeat(200)]], columns);
    expect(line).toBe(`${'x'.repeat(columns - 2)}…`);
  });
  test('one that fits is whole, up to the last column but one', () => {
    expect(shown([['x'.repeat(79)]])[1]).toBe('x'.repeat(79));
    expect(shown([['x'.repeat(80)]])[1]).toBe(`${'x'.repeat(78)}…`);
  });
  test('wide characters count twice, and pairs of surrogates are not torn', () => {
    expect(shown([['漢'.repeat(60)]])[1]).toBe(`${'漢'.repeat(39)}…`);
    expect(shown([['🌍'.repeat(60)]])[1]).toBe(`${'🌍'.repeat(39)}…`);
  });
  test('what a provider says cannot move the cursor', () => {
    expect(shown([['a\r\nb\x1b[2Jc\u2028d\x07e'], ['end']])).toEqual(['$ ddns-update relocate', 'end', '']);
    expect(shown([['a\r\nb\x1b[2Jc']])[1]).toBe('a  b [2Jc');
  });
  test('a terminal that does not tell how wide it is', () => {
    const { write, lines } = terminal(80);
    openLive(write, () => undefined).show(['x'.repeat(200)]);
    expect(lines()[1]).toHaveLength(79);
  });
});

test('more lines than a terminal has are not shown, for those above its upper end could not be wiped', () => {
  const frame = Array.from({ length: 60 }, (_, at) => `line ${at}`);
  const lines = shown([frame, frame]);
  expect(lines).toHaveLength(22);
  expect(lines.at(-2)).toBe('  and 41 more');
});

test('law: whatever is shown, only the last frame is left, each line on one line', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '漢', '가', 'ａ', '🌍', '\n', '\t', '\x1b[1A'), maxLength: 120 });
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 5 }), fc.integer({ min: 4, max: 100 }), (frames, columns) => {
      const lines = shown(frames, columns);
      expect(lines).toHaveLength(2 + Math.min(20, frames.at(-1)?.length ?? 0));
    }),
  );
});

test('a terminal that is made narrower while lines are drawn gets shorter ones from then on', () => {
  const written: string[] = [];
  let columns = 60;
  const live = openLive(
    (line) => void written.push(line),
    () => columns,
  );
  live.show(['x'.repeat(100)]);
  columns = 30;
  live.show(['y'.repeat(100)]);
  expect(written.map((line) => line.replaceAll(new RegExp(`${ESCAPE}\\[\\d*[A-Z]`, 'g'), '').length)).toEqual([59, 29]);
});
