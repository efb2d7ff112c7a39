/** A terminal's screen, as far as our own commands use one: text in colours, lines rewritten in place. What scrolls off stays. */

export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray';
export type Style = { readonly bold: boolean; readonly dim: boolean; readonly italic: boolean; readonly underline: boolean; readonly color?: Color };
/** Letters beside each other that look alike. */
export type Run = { readonly text: string; readonly style: Style };
export type Row = readonly Run[];

export type Screen = {
  /** What a program wrote; a piece may end in the middle of a control sequence. */
  readonly write: (piece: string) => void;
  /** All that was ever written and not erased, without the blanks at the end of rows and the blank rows at the end. */
  readonly rows: () => readonly Row[];
};

type Cell = { readonly letter: string; readonly style: Style };

const PLAIN: Style = { bold: false, dim: false, italic: false, underline: false };
const BLANK: Cell = { letter: ' ', style: PLAIN };
const TAB = 8;

// What ECMA-48 calls control sequences, control strings, other escapes and control characters; else text.
const [ESC, BEL] = ['\u001b', '\u0007'];
const TOKEN = new RegExp(
  `${ESC}\\[(?<parameters>[0-?]*)[ -/]*(?<final>[@-~])|${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|${ESC}[PX^_][^${ESC}]*${ESC}\\\\|${ESC}[ -/]*[0-~]|\\p{Cc}|\\P{Cc}+`,
  'gu',
);
const UNFINISHED = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*|\\][^${BEL}${ESC}]*${ESC}?|[PX^_][^${ESC}]*${ESC}?|[ -/]*)$`, 'u');

/** An empty screen of `size`. Sequences that it does not know change nothing. */
export function openScreen({ columns, rows: height }: { readonly columns: number; readonly rows: number }): Screen {
  const lines: Cell[][] = [[]];
  let [row, column, style, rest] = [0, 0, PLAIN, ''];
  const top = (): number => Math.max(0, lines.length - height);

  const goTo = (wanted: number): void => {
    row = Math.min(Math.max(wanted, top()), top() + height - 1);
    while (lines.length <= row) lines.push([]);
  };
  const feed = (): void => {
    if (row === top() + height - 1) lines.push([]);
    goTo(row + 1);
  };
  const put = (letter: string): void => {
    // The last column is left only when another letter comes.
    if (column >= columns) {
      column = 0;
      feed();
    }
    const line = lines[row] ?? [];
    while (line.length < column) line.push(BLANK);
    line[column] = { letter, style };
    column += 1;
  };
  const eraseLine = (which: number): void => {
    const line = lines[row] ?? [];
    if (which === 0) line.splice(column);
    else if (which === 1) line.fill(BLANK, 0, column + 1);
    else if (which === 2) line.splice(0);
  };
  const eraseScreen = (which: number): void => {
    if (which > 2) return;
    const [first, end] = [which === 0 ? row + 1 : top(), which === 1 ? row : lines.length];
    for (const line of lines.slice(first, end)) line.splice(0);
    eraseLine(which);
  };

  const control = (character: string): void => {
    if (character === '\r') column = 0;
    else if (character === '\n') feed();
    else if (character === '\b') column = Math.max(0, Math.min(column, columns - 1) - 1);
    else if (character === '\t') column = Math.min(columns - 1, (Math.floor(column / TAB) + 1) * TAB);
  };
  const sequence = (final: string, parameters: readonly number[]): void => {
    const [first = 0] = parameters;
    const count = Math.max(1, first);
    if (final === 'm') style = styled(style, parameters);
    else if (final === 'A') goTo(row - count);
    else if (final === 'B') goTo(row + count);
    else if (final === 'C') column = Math.min(columns - 1, column + count);
    else if (final === 'D') column = Math.max(0, Math.min(column, columns - 1) - count);
    else if (final === 'G') column = Math.min(columns, count) - 1;
    else if (final === 'K') eraseLine(first);
    else if (final === 'J') eraseScreen(first);
  };

  return {
    write(piece) {
      const text = rest + piece;
      rest = UNFINISHED.exec(text)?.[0] ?? '';
      for (const { 0: token, groups = {} } of text.slice(0, text.length - rest.length).matchAll(TOKEN)) {
        const { parameters = '', final } = groups;
        if (final !== undefined && /^[\d;]*$/.test(parameters)) sequence(final, parameters.split(';').map(Number));
        else if (/^\p{Cc}$/u.test(token)) control(token);
        else if (!token.startsWith(ESC)) for (const letter of token) put(letter);
      }
    },
    rows() {
      const rows = lines.map(runsOf);
      return rows.slice(0, rows.findLastIndex((one) => one.length > 0) + 1);
    },
  };
}

const COLORS: Readonly<Record<number, Color>> = { 1: 'red', 2: 'green', 3: 'yellow', 4: 'blue', 5: 'magenta', 6: 'cyan' };

/** `style` after "select graphic rendition". Black and white become the ordinary colour of text, which is readable; backgrounds are left out. */
function styled(style: Style, parameters: readonly number[]): Style {
  const [code = 0, mode] = parameters;
  // A colour by number or by its parts brings its own parameters.
  const taken = code !== 38 && code !== 48 ? 1 : mode === 5 ? 3 : mode === 2 ? 5 : 1;
  const next = rendition(style, code);
  return parameters.length > taken ? styled(next, parameters.slice(taken)) : next;
}

function rendition(style: Style, code: number): Style {
  const { color: _, ...colorless } = style;
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 90) return { ...colorless, color: 'gray' };
  if ((code >= 30 && code <= 39) || (code > 90 && code <= 97)) {
    const color = COLORS[code % 10];
    return color === undefined ? colorless : { ...colorless, color };
  }
  return style;
}

function runsOf(line: readonly Cell[]): Row {
  const end = line.findLastIndex(({ letter }) => letter !== ' ') + 1;
  return line.slice(0, end).reduce<Run[]>((runs, { letter, style }) => {
    const last = runs.at(-1);
    // A blank looks the same in every style but underlined.
    if (last !== undefined && (isSame(last.style, style) || (letter === ' ' && !style.underline && !last.style.underline))) runs.splice(-1, 1, { ...last, text: last.text + letter });
    else runs.push({ text: letter, style });
    return runs;
  }, []);
}

const isSame = (one: Style, other: Style): boolean => one.bold === other.bold && one.dim === other.dim && one.italic === other.italic && one.underline === other.underline && one.color === other.color;
