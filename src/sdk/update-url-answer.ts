/** What the answer to an update URL means for each name it was about. Pure; nothing but a clear yes is a success. */
import { familyOf, type IpAddress, parseAddress } from '../core/address.ts';
import { type Failure, HANDLING, LOOK_AGAIN_SECONDS } from '../core/failure.ts';
import type { HttpReply } from '../world/world.ts';
import type { UpdateUrlRow } from './update-url-row.ts';

/** What became of one name and one address of it. */
export type Verdict = { readonly kind: 'done'; readonly stored: boolean; readonly note?: string } | { readonly kind: 'failed'; readonly failure: Failure; readonly orName?: boolean };

/** One call as it was sent. `sent`: one address, or one of each family. */
export type Sent = { readonly hosts: readonly string[]; readonly sent: readonly IpAddress[] };

/** Shared by all services that speak dyndns2, from Dyn's remote access API and what its imitators added. `all`: said once for the whole request. */
const WORDS: Readonly<Record<string, { readonly kind: Failure['kind']; readonly says: string; readonly all?: true; readonly waitSeconds?: number }>> = {
  badauth: { kind: 'auth', says: 'the user name or password is wrong', all: true },
  '!donator': { kind: 'blocked', says: 'this is only for paid accounts', all: true },
  badagent: { kind: 'blocked', says: 'this program is not welcome', all: true },
  abuse: { kind: 'blocked', says: 'it is locked for too many updates', all: true },
  '911': { kind: 'throttled', says: 'the service is out of order and asks to wait', all: true, waitSeconds: 1800 },
  dnserr: { kind: 'throttled', says: 'its DNS is out of order and it asks to wait', all: true, waitSeconds: 1800 },
  servererror: { kind: 'throttled', says: 'the service is out of order and asks to wait', all: true, waitSeconds: 600 },
  interror: { kind: 'throttled', says: 'the service is out of order and asks to wait', all: true, waitSeconds: 60 },
  interval: { kind: 'throttled', says: 'the last update is too short ago', waitSeconds: 300 },
  '!yours': { kind: 'refused', says: 'the name belongs to another account' },
  '!active': { kind: 'refused', says: 'the name is not activated' },
  nohost: { kind: 'refused', says: 'there is no such name in this account' },
  notfqdn: { kind: 'refused', says: 'this is not a full name' },
  numhost: { kind: 'refused', says: 'these are too many names, or one of several addresses' },
  badsys: { kind: 'refused', says: 'the kind of name is not one it knows' },
  badip: { kind: 'refused', says: 'the address is not one it takes' },
  badrequest: { kind: 'refused', says: 'the request is not one it takes' },
  fatal: { kind: 'refused', says: 'the name was switched off' },
};

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const HTML = /<(!doctype|html|head|title|body|script|meta)\b/i;

/** The verdicts on one host, one per address sent, in order. */
export type HostVerdicts = readonly Verdict[];

/**
 * One verdict per host and address, in the order of the request: 429 first, then what the body says, then what the status says. Words of
 * failure count with any status, words of success only with 2xx. `retryAfterSeconds`: from the reply's headers. `excerpt`: the body as it may
 * be repeated to people.
 */
export function verdicts(
  row: UpdateUrlRow,
  request: Sent,
  reply: HttpReply,
  { retryAfterSeconds, excerpt }: { readonly retryAfterSeconds: number | undefined; readonly excerpt: string },
): readonly HostVerdicts[] {
  const { status } = reply;
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const everyone = (failure: Failure, orName = false): readonly HostVerdicts[] => request.hosts.map(() => request.sent.map(() => ({ kind: 'failed', failure, ...(orName ? { orName } : {}) })));
  const said = `${row.title} answered ${status}`;
  if (status === 429) return everyone({ kind: 'throttled', detail: `${said}: too many requests`, ...wait });

  const body = (reply.headers[row.answerHeader ?? ''] ?? reply.body).replace(/^\ufeff/, '').trim();
  const isPage = HTML.test(body);
  const isGood = status >= 200 && status < 300;
  if (!isPage || row.html) {
    const read = fromStatus(row, request, status, { isGood, everyone }, excerpt) ?? (row.answers === 'dyndns2' ? fromLines : fromPatterns)(row, request, body, { isGood, everyone });
    if (read) return read;
  }
  if (status === 401 || status === 403) return everyone({ kind: 'auth', detail: `${said}: it does not accept the login${excerpt}` });
  if (status === 404 && !isPage) return everyone({ kind: 'refused', detail: `${said}: it does not know this${excerpt}` });
  if (status >= 500 && status !== 511) return everyone({ kind: 'unavailable', detail: `${said}: it is out of order`, ...wait });
  const where =
    status >= 300 && status < 400
      ? ' and a redirect, which is not followed because credentials would go along'
      : isPage
        ? ' and a web page'
        : body === ''
          ? ' and nothing else'
          : `, which is not an answer it is known to give${excerpt}`;
  return everyone({ kind: 'gibberish', phase: 'reply', detail: `${said}${where}` });
}

type Reading = { readonly isGood: boolean; readonly everyone: (failure: Failure, orName?: boolean) => readonly HostVerdicts[] };

/** A status to which the service gives a meaning of its own. */
function fromStatus(row: UpdateUrlRow, { hosts, sent }: Sent, status: number, { everyone }: Reading, excerpt: string): readonly HostVerdicts[] | undefined {
  const means = row.statuses[status];
  if (means === undefined) return undefined;
  if (means !== 'success' && means !== 'noChange') return everyone({ kind: means, detail: `${row.title} answered ${status}: ${MEANING[means] ?? 'it failed'}${excerpt}` });
  return hosts.map(() => compare(row, sent, [], means === 'noChange'));
}

/** One line of dyndns2. `all`: it speaks of the whole request. */
type Line = { readonly kind: 'yes'; readonly told: readonly IpAddress[]; readonly noChange: boolean } | { readonly kind: 'no'; readonly failure: Failure; readonly all: boolean };

/** dyndns2: one line per host in order; what concerns the whole account once. Undefined: nothing of it is dyndns2. */
function fromLines(row: UpdateUrlRow, { hosts, sent }: Sent, body: string, { isGood, everyone }: Reading): readonly HostVerdicts[] | undefined {
  const texts = body.split(/[\r\n]+/).filter((text) => text.trim() !== '');
  const lines = texts.map((text) => fromLine(row, sent, text.trim(), isGood));
  const [only] = lines;
  if (lines.every((line) => line === undefined)) return undefined;
  const unknown = (why: string): Failure => ({ kind: 'gibberish', phase: 'reply', detail: `${row.title} ${why}` });
  const of = (line: Line | undefined): HostVerdicts => {
    if (line?.kind === 'yes') return compare(row, sent, line.told, line.noChange);
    const failure = line?.failure ?? unknown('gave an answer that it is not known to give');
    return sent.map(() => ({ kind: 'failed', failure }));
  };
  if (lines.length === 1 && only !== undefined) {
    // One refusal for several names does not say which of them it is about.
    const isForAll = row.multiHost?.answer === 'all' || (only.kind === 'no' && (only.all || only.failure.kind === 'refused'));
    const verdict = of(only);
    if (isForAll) return hosts.map(() => verdict);
  }
  if (hosts.length === 1) return [of(joined(lines))];
  if (lines.length > hosts.length) return everyone(unknown('answered with more lines than names were sent'));
  const last = lines.at(-1);
  const missing: Line = last?.kind === 'no' && last.all ? last : { kind: 'no', all: false, failure: unknown('answered for fewer names than were sent, and not for this one') };
  return hosts.map((_, at) => of(at < lines.length ? lines[at] : missing));
}

/** Several lines about one name: the first has to be known, a no outweighs a yes, addresses add up. */
function joined(lines: readonly (Line | undefined)[]): Line | undefined {
  if (lines[0] === undefined) return undefined;
  const no = lines.find((line) => line?.kind === 'no');
  if (no !== undefined) return no;
  const yes = lines.filter((line) => line?.kind === 'yes');
  return { kind: 'yes', told: yes.flatMap(({ told }) => told), noChange: yes.every(({ noChange }) => noChange) };
}

/** Undefined: not a line of dyndns2, or a yes with a status that says no. */
function fromLine(row: UpdateUrlRow, sent: readonly IpAddress[], line: string, isGood: boolean): Line | undefined {
  const [code = '', ...rest] = line.split(/\s+/);
  const word = code.toLowerCase();
  const own = row.errors.find(({ match }) => new RegExp(match, 'i').test(line));
  const shared = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (own) return { kind: 'no', failure: failureOf(row, own, code, shared?.says), all: HANDLING[own.kind].pauses === 'account' };
  if (shared) return { kind: 'no', failure: failureOf(row, shared, word, shared.says), all: shared.all === true };
  const [, count, unit] = /^w(\d{1,5})([smh])$/.exec(word) ?? [];
  if (count !== undefined) return { kind: 'no', failure: failureOf(row, { kind: 'throttled', waitSeconds: Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 1) }, word, 'it asks to wait'), all: true };
  if (!isGood || !isSuccess(row, sent, line)) return undefined;
  const words = rest
    .join(' ')
    .split(/[\s,]+/)
    .filter((text) => text !== '');
  const told = words.flatMap((text) => parseAddress(text.toLowerCase()) ?? []);
  // "good" and something that is no address is an answer of somebody else.
  if (words.length > 0 && told.length === 0 && /^(good|nochg)$/.test(word)) return undefined;
  return { kind: 'yes', told, noChange: isNoChange(row, sent, line) };
}

/** The row's own patterns: on the line of each name where each has its own, else on the whole body. Undefined: none of them. */
function fromPatterns(row: UpdateUrlRow, { hosts, sent }: Sent, body: string, reading: Reading): readonly HostVerdicts[] | undefined {
  const lines = body.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  if (hosts.length === 1 || row.multiHost?.answer !== 'each') return fromPattern(row, { hosts, sent }, body, reading);
  const everyone = (failure: Failure, orName = false): readonly HostVerdicts[] => [sent.map(() => ({ kind: 'failed', failure, ...(orName ? { orName } : {}) }))];
  const read = lines.map((line) => fromPattern(row, { hosts: [''], sent }, line.trim(), { ...reading, everyone })?.[0]);
  if (read.every((host) => host === undefined)) return undefined;
  const [only] = read;
  // One refusal for several names does not say which of them it is about.
  if (read.length === 1 && only?.[0]?.kind === 'failed') return hosts.map(() => only);
  const failure: Failure = { kind: 'gibberish', phase: 'reply', detail: `${row.title} did not answer for this name as it is known to` };
  return hosts.map((_, at) => (read.length > hosts.length ? undefined : read[at]) ?? sent.map(() => ({ kind: 'failed', failure })));
}

function fromPattern(row: UpdateUrlRow, { hosts, sent }: Sent, body: string, { isGood, everyone }: Reading): readonly HostVerdicts[] | undefined {
  const own = row.errors.find(({ match }) => new RegExp(match, 'im').test(body));
  if (own) {
    const failure = failureOf(row, own, new RegExp(own.match, 'im').exec(body)?.[0] ?? '', own.orName ? 'it does not accept the login, or the name, and does not say which' : undefined);
    // What does not say what is wrong may pass by itself.
    return everyone(own.orName ? { ...failure, lookAgainSeconds: LOOK_AGAIN_SECONDS } : failure, own.orName);
  }
  if (!isGood || isCutShort(body) || !(isNoChange(row, sent, body) || isSuccess(row, sent, body))) return undefined;
  const addresses = row.stored === undefined ? [] : [...body.matchAll(new RegExp(row.stored, 'gim'))].flatMap(([, found = '']) => parseAddress(found.trim().toLowerCase()) ?? []);
  const verdict = sent.flatMap((address) =>
    compare(
      row,
      [address],
      addresses.filter((told) => familyOf(told) === familyOf(address)),
      isNoChange(row, sent, body),
    ),
  );
  return hosts.map(() => verdict);
}

/** Begins as JSON or XML and does not end so. */
const isCutShort = (body: string): boolean => (body.startsWith('{') && !body.endsWith('}')) || (body.startsWith('<') && !body.endsWith('>'));

/** A yes counts for an address unless the answer names another one in its place. */
function compare(row: UpdateUrlRow, sent: readonly IpAddress[], told: readonly IpAddress[], noChange: boolean): HostVerdicts {
  const refusal: Failure = { kind: 'blocked', detail: `${row.title} answered with 127.0.0.1 in place of the address: it does not serve this program or account` };
  if (told.some((address) => String(address) === '127.0.0.1' && !sent.includes(address))) return sent.map(() => ({ kind: 'failed', failure: refusal }));
  return sent.map((address): Verdict => {
    const sameFamily = told.filter((other) => familyOf(other) === familyOf(address));
    if (told.length > 0 && !told.includes(address)) {
      const instead = sameFamily.length > 0 ? sameFamily.join(', ') : `${told.join(', ')} only`;
      return { kind: 'failed', failure: { kind: 'gibberish', phase: 'reply', detail: `${row.title} was sent ${address} and answered that it has stored ${instead}` } };
    }
    return { kind: 'done', stored: told.length > 0, ...(noChange ? { note: `${row.title} says that it was so already` } : {}) };
  });
}

/** `No-IP: the user name or password is wrong (badauth)`; the word itself is the service's own and can be searched for. */
function failureOf(
  row: UpdateUrlRow,
  { kind, waitSeconds }: { readonly kind: Failure['kind']; readonly waitSeconds?: number | undefined },
  word: string,
  says = MEANING[kind] ?? 'it failed',
): Failure {
  return { kind, detail: `${row.title}: ${says} (${word})`, ...(waitSeconds === undefined ? {} : { retryAfterSeconds: waitSeconds }) };
}

const MEANING: Partial<Readonly<Record<Failure['kind'], string>>> = {
  auth: 'it does not accept the login',
  blocked: 'it does not serve this account',
  refused: 'it does not take this name or address',
  throttled: 'it asks to wait',
  unavailable: 'it is out of order',
};

/** A pattern of the row, with the addresses that were sent in place of `{ip}`. */
const patternOf = (source: string, sent: readonly IpAddress[]): RegExp => new RegExp(source.replaceAll('{ip}', `(?:${sent.map((address) => address.replaceAll('.', '\\.')).join('|')})`), 'i');
const isSuccess = (row: UpdateUrlRow, sent: readonly IpAddress[], text: string): boolean => patternOf(row.success, sent).test(text);
const isNoChange = (row: UpdateUrlRow, sent: readonly IpAddress[], text: string): boolean => row.noChange !== undefined && patternOf(row.noChange, sent).test(text);
