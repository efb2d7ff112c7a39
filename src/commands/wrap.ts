/** Long text in lines that fit. */

/** Lines of at most `columns` characters, each after the first begun with `hang`; without `columns`, or with 0, as terminals say that do not know, one line. A word that is too long keeps a line for itself. */
export function wrap(text: string, columns: number | undefined, hang: string): readonly string[] {
  if (!columns || text.length <= columns) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  // Half of the width is for words, at least.
  const below = hang.length * 2 > columns ? '  ' : hang;
  let line = indent;
  for (const word of text.trim().split(' ')) {
    const isEmpty = line.trim() === '';
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${below}${word}`;
    } else line = isEmpty ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}
