/** What a screen showed and when: every look of every row, from its coming to its going. */
import { openScreen, type Row } from './screen.ts';

/** `atMs`: since the command was started. */
export type Piece = { readonly atMs: number; readonly text: string };
/** What stood in row `row` (from 0) from `fromMs` on. No `untilMs`: to the end. */
export type Shot = { readonly row: number; readonly runs: Row; readonly fromMs: number; readonly untilMs?: number };
export type Film = {
  /** How wide the terminal was. */
  readonly columns: number;
  /** How many rows were ever in use at once. */
  readonly rows: number;
  readonly shots: readonly Shot[];
  /** When the last of them came. */
  readonly ms: number;
};

export type FilmOptions = {
  readonly columns: number;
  readonly rows: number;
  /** What stands above: the line that somebody typed. */
  readonly typed: string;
  /** Digits of what these find become `x`: what differs from run to run. */
  readonly masks?: readonly RegExp[];
  /** 2: all takes twice as long. Default 1. */
  readonly slower?: number;
};

/** A quick pair of changes is one: nobody could see the first. */
const FRAME_MS = 60;
/** Nobody waits longer for the next line. */
const PAUSE_MS = 2000;

/** In the order of their coming, those of one moment from the top. */
export function film(pieces: readonly Piece[], { columns, rows: height, typed, masks = [], slower = 1 }: FilmOptions): Film {
  const screen = openScreen({ columns, rows: height });
  screen.write(`\u001b[2m$\u001b[0m \u001b[1m${typed}\u001b[0m\r\n`);
  let standing = masked(screen.rows(), masks).map((runs, row): Shot => ({ row, runs, fromMs: 0 }));
  const gone: Shot[] = [];
  let [ms, rows] = [0, standing.length];
  for (const { text, sinceMs } of frames(pieces)) {
    ms += Math.round(Math.min(PAUSE_MS, sinceMs * slower));
    screen.write(text);
    const shown = masked(screen.rows(), masks);
    const kept = standing.filter(({ row, runs }) => isSame(runs, shown[row] ?? []));
    gone.push(...standing.filter((shot) => !kept.includes(shot)).map((shot) => ({ ...shot, untilMs: ms })));
    const come = shown.flatMap((runs, row): Shot[] => (runs.length === 0 || kept.some((shot) => shot.row === row) ? [] : [{ row, runs, fromMs: ms }]));
    standing = [...kept, ...come];
    rows = Math.max(rows, shown.length);
  }
  return { columns, rows, shots: [...gone, ...standing].sort((one, other) => one.fromMs - other.fromMs || one.row - other.row), ms };
}

/** Pieces that come close together as one, with the time since the one before. */
function frames(pieces: readonly Piece[]): readonly { readonly text: string; readonly sinceMs: number }[] {
  const joined: { text: string; atMs: number }[] = [];
  for (const { text, atMs } of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && atMs - last.atMs < FRAME_MS) last.text += text;
    else joined.push({ text, atMs });
  }
  return joined.map(({ text, atMs }, index) => ({ text, sinceMs: atMs - (joined[index - 1]?.atMs ?? 0) }));
}

function masked(rows: readonly Row[], masks: readonly RegExp[]): readonly Row[] {
  return rows.map((runs) => {
    const text = runs.map((run) => run.text).join('');
    const hidden = masks.reduce((line, mask) => line.replace(new RegExp(mask, 'gu'), (found) => found.replace(/\d/g, 'x')), text);
    let from = 0;
    return runs.map((run) => {
      from += run.text.length;
      return { ...run, text: hidden.slice(from - run.text.length, from) };
    });
  });
}

const isSame = (one: Row, other: Row): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * The same film without what stood above the row that shows `from` and below the row before the one that shows `until`, in the end; the line that was typed stays. Rows move up, and time begins
 * where the first of them came. Throws RangeError where no row shows it.
 */
export function excerpt(whole: Film, { from, until }: { readonly from?: string | undefined; readonly until?: string | undefined }): Film {
  const rowOf = (text: string): number => {
    const found = whole.shots.find(
      ({ runs, untilMs }) =>
        untilMs === undefined &&
        runs
          .map((run) => run.text)
          .join('')
          .includes(text),
    );
    if (found === undefined) throw new RangeError(`no row shows ${JSON.stringify(text)}`);
    return found.row;
  };
  const first = from === undefined ? 1 : rowOf(from);
  const end = until === undefined ? whole.rows : rowOf(until);
  // The line that was typed, an empty one, and what is kept.
  const up = from === undefined ? 0 : first - 2;
  const kept = whole.shots.filter(({ row }) => row >= first && row < end);
  const began = from === undefined ? 0 : Math.min(...kept.map(({ fromMs }) => fromMs));
  const typed = whole.shots.filter(({ row }) => row === 0).map((shot) => ({ ...shot, fromMs: 0 }));
  const shots = kept.map(({ row, fromMs, untilMs, runs }): Shot => ({ row: row - up, runs, fromMs: fromMs - began, ...(untilMs === undefined ? {} : { untilMs: untilMs - began }) }));
  return { ...whole, rows: Math.max(...shots.map(({ row }) => row)) + 1, shots: [...typed, ...shots], ms: Math.max(...shots.map(({ fromMs }) => fromMs)) };
}
