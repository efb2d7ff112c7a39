/** A few lines on a terminal that are written over and over, until they are wiped away. */

export type Live = { readonly show: (lines: readonly string[]) => void; readonly wipe: () => void };

/** As wide as a terminal is that does not tell. */
const COLUMNS = 80;
/** Lines that have left a terminal at its upper end are out of reach; hardly one has fewer than 24. */
const MOST_LINES = 20;

/** `write`: one line, whose end brings the cursor to the next. `columns`: asked for each frame; a longer line is cut, for one that wraps would be two; 0: nobody knows. */
export function openLive(write: (line: string) => void, columns: () => number | undefined): Live {
  let shown = 0;
  /** ECMA-48: up to the first of our lines, then erase everything below. */
  const back = (): string => (shown === 0 ? '' : `\x1b[${shown}A\x1b[J`);
  return {
    show: (lines) => {
      const width = columns() || COLUMNS;
      const fitting = lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES - 1), `  and ${lines.length - MOST_LINES + 1} more`];
      const [first = '', ...rest] = fitting.map((line) => cut(line, width));
      write(`${back()}${first}`);
      for (const line of rest) write(line);
      shown = 1 + rest.length;
    },
    // Whatever is written next begins where ours began: one line up, since writing ends a line.
    wipe: () => {
      if (shown > 0) write(`${back()}\x1b[1A`);
      shown = 0;
    },
  };
}

/** To less than `columns`, for some terminals wrap at the last one. What would move the cursor is a space. */
function cut(line: string, columns: number): string {
  const plain = line.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  const most = Math.max(1, columns - 2);
  let [kept, taken] = ['', 0];
  for (const character of plain) {
    taken += widthOf(character);
    if (taken <= most) kept += character;
  }
  return taken < columns ? plain : `${kept}…`;
}

/** Columns that a character takes: none for what joins the one before, two for those of East Asia (UAX 11) and for pictures. */
const widthOf = (character: string): number => (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1);
const WIDE =
  /^(?:[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;
