/** A few lines on a terminal that are written over and over, until they are wiped away. */

export type Live = { readonly show: (lines: readonly string[]) => void; readonly wipe: () => void };

/** As wide as a terminal is that does not tell. */
const COLUMNS = 80;

/** `write`: one line, whose end brings the cursor to the next. `columns`: a longer line is cut, for one that wraps would be two; 0: nobody knows. */
export function openLive(write: (line: string) => void, columns: number | undefined): Live {
  const width = columns || COLUMNS;
  let shown = 0;
  /** ECMA-48: up to the first of our lines, then erase everything below. */
  const back = (): string => (shown === 0 ? '' : `\x1b[${shown}A\x1b[J`);
  return {
    show: (lines) => {
      const [first = '', ...rest] = lines.map((line) => cut(line, width));
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

const cut = (line: string, columns: number): string => (line.length < columns ? line : `${line.slice(0, Math.max(1, columns - 2))}…`);
