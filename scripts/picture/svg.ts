/** A film of a terminal as one SVG file: needs nothing else, is readable in light and dark, its text can be selected and is read aloud. */
import type { Film, Shot } from './film.ts';
import type { Color, Run, Style } from './screen.ts';

export type Palette = Readonly<Record<Color | 'window' | 'bar' | 'edge' | 'text', string>>;

/** Every colour of text keeps a contrast of 4.5 to the window, as WCAG 2.1 (1.4.3) asks. */
export const PALETTES: { readonly light: Palette; readonly dark: Palette } = {
  light: {
    window: '#ffffff',
    bar: '#f6f8fa',
    edge: '#d0d7de',
    text: '#1f2328',
    gray: '#59636e',
    red: '#cf222e',
    green: '#116329',
    yellow: '#7d4e00',
    blue: '#0550ae',
    magenta: '#8250df',
    cyan: '#0b6476',
  },
  dark: {
    window: '#0d1117',
    bar: '#161b22',
    edge: '#30363d',
    text: '#e6edf3',
    gray: '#9198a1',
    red: '#ff7b72',
    green: '#56d364',
    yellow: '#e3b341',
    blue: '#79c0ff',
    magenta: '#d2a8ff',
    cyan: '#76e3ea',
  },
};
const COLORS: readonly Color[] = ['gray', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan'];

const [CELL, LINE, LETTER, MARGIN, BAR] = [8.4, 20, 14, 16, 34];
/** How long the last screen stays before all begins again. */
const REST_MS = 8000;

export type PictureOptions = {
  readonly title: string;
  /** One sentence for those who do not see it; the text follows it. */
  readonly described: string;
  /** Rows come and go as they did. Otherwise, and for those who want no motion, the last screen. */
  readonly animated: boolean;
};

/** The same film gives the same text, byte by byte. */
export function svg(film: Film, { title, described, animated }: PictureOptions): string {
  const [width, height] = [Math.ceil(film.columns * CELL) + 2 * MARGIN, BAR + film.rows * LINE + 2 * MARGIN - LINE / 4];
  const shots = film.shots.filter(({ untilMs }) => animated || untilMs === undefined);
  const last = film.shots.filter(({ untilMs }) => untilMs === undefined).toSorted((one, other) => one.row - other.row);
  const spans = [...new Set(shots.map(spanOf))].filter((span) => animated && span !== ALWAYS);
  const played = (shot: Shot): string => (spans.includes(spanOf(shot)) ? ` class="s${spans.indexOf(spanOf(shot))}"` : '');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="terminal-title terminal-text">`,
    `<title id="terminal-title">${escaped(title)}</title>`,
    `<desc id="terminal-text">${escaped(described)}\n${last.map(({ runs }) => escaped(textOf(runs))).join('\n')}</desc>`,
    `<style>\n${[...looks(), ...motion(spans, film.ms)].join('\n')}\n</style>`,
    `<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<path class="bar" d="M0.5 ${BAR}V8.5a8 8 0 0 1 8 -8H${width - 8.5}a8 8 0 0 1 8 8V${BAR}z"/>`,
    ...[0, 1, 2].map((index) => `<circle class="dot" cx="${MARGIN + 4 + index * 20}" cy="17" r="5.5"/>`),
    `<text class="caption" x="${width / 2}" y="22" text-anchor="middle">${escaped(title)}</text>`,
    '<g xml:space="preserve">',
    ...shots.map((shot) => {
      const cells = [...textOf(shot.runs)].length;
      const hidden = shot.untilMs === undefined ? '' : ' visibility="hidden"';
      // Every font gets as wide as the cells are, so that columns stay columns.
      return `<text${played(shot)} x="${MARGIN}" y="${BAR + MARGIN + shot.row * LINE + LETTER - 3}" textLength="${round(cells * CELL)}"${hidden}>${shot.runs.map(spanned).join('')}</text>`;
    }),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const textOf = (runs: readonly Run[]): string => runs.map(({ text }) => text).join('');

function spanned({ text, style }: Run): string {
  const names = classes(style);
  return names.length === 0 ? escaped(text) : `<tspan class="${names.join(' ')}">${escaped(text)}</tspan>`;
}

/** What is dim becomes gray: paler than that, it could not be read. */
function classes({ bold, dim, italic, underline, color }: Style): readonly string[] {
  const shade = color ?? (dim ? 'gray' : undefined);
  return [...(bold ? ['bold'] : []), ...(italic ? ['italic'] : []), ...(underline ? ['underline'] : []), ...(shade === undefined ? [] : [shade])];
}

const looks = (): readonly string[] => [
  `text { font: ${LETTER}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace; white-space: pre; }`,
  '.caption { font: 13px system-ui, sans-serif; }',
  '.bold { font-weight: bold; }',
  '.italic { font-style: italic; }',
  '.underline { text-decoration: underline; }',
  ...painted(PALETTES.light),
  `@media (prefers-color-scheme: dark) {\n${painted(PALETTES.dark).join('\n')}\n}`,
];

const painted = (palette: Palette): readonly string[] => [
  `.window { fill: ${palette.window}; stroke: ${palette.edge}; }`,
  `.bar { fill: ${palette.bar}; stroke: ${palette.edge}; }`,
  `.dot { fill: ${palette.edge}; }`,
  `text { fill: ${palette.text}; }`,
  ...COLORS.map((color) => `.${color} { fill: ${palette[color]}; }`),
  `.caption { fill: ${palette.gray}; }`,
];

/** From when until when, as text: shots that come and go together share one movement. */
const spanOf = ({ fromMs, untilMs }: Shot): string => `${fromMs} ${untilMs ?? ''}`;
const ALWAYS = '0 ';

function motion(spans: readonly string[], ms: number): readonly string[] {
  if (spans.length === 0) return [];
  const whole = ms + REST_MS;
  const percent = (text: string): string => `${round((Number(text) / whole) * 100)}%`;
  const rules = spans.flatMap((span, index) => {
    const [from = '', until = ''] = span.split(' ');
    const steps = [...(from === '0' ? [] : ['0% { visibility: hidden; }']), `${percent(from)} { visibility: visible; }`, ...(until === '' ? [] : [`${percent(until)}, 100% { visibility: hidden; }`])];
    return [`@keyframes s${index} { ${steps.join(' ')} }`, `.s${index} { animation: s${index} ${round(whole / 1000)}s step-end infinite; }`];
  });
  return [`@media (prefers-reduced-motion: no-preference) {`, ...rules, '}'];
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** What XML has no letter for becomes the sign for that. */
const escaped = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
