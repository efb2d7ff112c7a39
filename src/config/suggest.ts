/** "Did you mean ...?": the word of a list that is closest to a mistyped one. */

/** The closest of `words` that is close enough to be meant; undefined when none is. Letter case does not count. */
export function closest(typed: string, words: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  const limit = Math.max(1, Math.floor(Math.min(wanted.length, 12) / 3));
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const word of words) {
    if (Math.abs(word.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, word.toLowerCase());
    // Nobody gets the first letter wrong and more than that.
    if (distance > (word[0]?.toLowerCase() === wanted[0] ? limit : wanted.length > SHORT ? 1 : 0)) continue;
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { word, distance };
  }
  return best?.word;
}

const SHORT = 3;

/** `; did you mean "token"?`, or nothing. */
export function didYouMean(typed: string, words: Iterable<string>): string {
  const word = closest(typed, words);
  return word === undefined ? '' : `; did you mean "${word}"?`;
}

/** Letters to insert, drop, change or swap with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}

/** What other programs, and people, call an option: in small letters without punctuation. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  login: ['username'],
  user: ['username'],
  email: ['username'],
  passwd: ['password'],
  pass: ['password'],
  password: ['token', 'key'],
  token: ['password', 'key', 'apiKey'],
  key: ['token', 'password'],
  apikey: ['token', 'key', 'password'],
  apitoken: ['token', 'key'],
  accesstoken: ['token', 'key'],
  secret: ['token', 'password'],
  secretkey: ['secretAccessKey', 'accessKeySecret', 'secret', 'token'],
  accesskey: ['accessKeyId', 'key', 'token'],
  domain: ['zone'],
  hostedzoneid: ['zoneId'],
  zoneidentifier: ['zoneId'],
  host: ['server'],
  url: ['server', 'endpoint'],
};

/** `; did you mean "token"?` for a word that means the same elsewhere as one of `words`, or nothing. */
export function elsewhere(typed: string, words: readonly string[]): string {
  const plain = typed.toLowerCase().replace(/[^a-z0-9]/g, '');
  const word = Object.hasOwn(WORDS, plain) ? WORDS[plain]?.find((one) => words.includes(one)) : undefined;
  return word === undefined ? '' : `; did you mean "${word}"?`;
}
