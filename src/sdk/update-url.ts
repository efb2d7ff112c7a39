/** The shape of services where one URL says it all: a row of data and credentials make a Provider that cannot be asked, only told. */
import { familyOf, type IpAddress } from '../core/address.ts';
import { attempt, type Failure, Fault, HANDLING } from '../core/failure.ts';
import { type Fqdn, relativeTo } from '../core/name.ts';
import type { Change, WriteResult } from '../core/plan.ts';
import { keyOf, type RecordKey, recordSet, typeOf } from '../core/record.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import { exchange, retryAfterSeconds } from './http.ts';
import type { Provider, Tools } from './provider.ts';
import { unsent } from './shapes/batches.ts';
import { type HostVerdicts, type Verdict, verdicts } from './update-url-answer.ts';
import { accountFamilies, accountProblem, type Call, cleaner, neededBy, pastedProblem, requestFor, type UpdateUrlAccount } from './update-url-request.ts';
import { familiesOf, loginOf, namesPerCall, type UpdateUrlRow } from './update-url-row.ts';

/** Request lines longer than about 2 kB are refused by some servers. */
const MAX_NAMES_LENGTH = 1500;
/** After this many "wrong login or name" without a single yes it is the login. */
const UNSURE_LOGINS = 3;

/**
 * The account, opened. Throws Fault `config` when the row needs what is not configured. `write` sends one call after the other and stops at
 * the first answer that concerns the whole account. Nothing is ever cleared.
 */
export function updateUrl(account: UpdateUrlAccount, tools: Tools): Provider {
  const problem = accountProblem(account) ?? pastedProblem(account);
  if (problem !== undefined) throw new Fault({ kind: 'config', detail: problem });
  return { write: (changes) => write(account, tools, changes) };
}

async function write(account: UpdateUrlAccount, tools: Tools, changes: readonly Change[]): Promise<readonly WriteResult[]> {
  const unfit = new Map(changes.map((change) => [change, unfitness(account, change, changes)]));
  const sendable = changes.filter((change) => unfit.get(change) === undefined);
  const verdicts = await sendAll(account, tools, callsFor(account, sendable));
  const isLoginGood = [...verdicts.values()].some(({ kind }) => kind === 'done');
  return changes.map((change): WriteResult => {
    const why = unfit.get(change);
    if (why !== undefined) return { kind: 'failed', failure: { kind: 'config', detail: why } };
    const verdict = verdicts.get(change.key) ?? { kind: 'failed', failure: { kind: 'defect', detail: `no call was made for ${change.key}` } };
    // The login is good when another name was taken with it: then it is this name that is wrong.
    if (verdict.kind === 'failed' && verdict.orName && isLoginGood)
      return { kind: 'failed', failure: { kind: 'refused', detail: `${account.row.title} does not take ${change.after.name}: it is not a name of this account` } };
    return resultOf(change, verdict);
  });
}

/** One call after the other, until an answer concerns the whole account; what is left then is not sent. */
async function sendAll(account: UpdateUrlAccount, tools: Tools, calls: readonly Call[]): Promise<ReadonlyMap<RecordKey, Verdict>> {
  const found = new Map<RecordKey, Verdict>();
  const queue = [...calls];
  let stop: Failure | undefined;
  for (let call = queue.shift(); call !== undefined; call = queue.shift()) {
    const { names, sent } = call;
    const { hosts, unclear } = stop === undefined ? await send(account, tools, call) : { hosts: everyone(call, unsent(stop)), unclear: false };
    if (unclear) {
      // Asked one by one, those that are fine go through.
      queue.unshift(...names.map((name) => ({ names: [name], sent })));
      continue;
    }
    for (const [at, verdicts] of hosts.entries()) {
      for (const [which, verdict] of verdicts.entries()) {
        const [name, address] = [names[at], sent[which]];
        if (name !== undefined && address !== undefined) found.set(keyOf({ name, type: typeOf(familyOf(address)) }), verdict);
      }
    }
    stop ??= reasonToStop([...found.values()]);
  }
  return found;
}

/** The failure that makes it pointless or forbidden to send more to this account. */
function reasonToStop(verdicts: readonly Verdict[]): Failure | undefined {
  const failed = verdicts.filter((verdict) => verdict.kind === 'failed');
  const sure = failed.find(({ failure: { kind }, orName }) => !orName && (HANDLING[kind].pauses === 'account' || kind === 'network' || kind === 'config'));
  if (sure !== undefined) return sure.failure;
  const unsure = failed.filter(({ orName }) => orName);
  return unsure.length >= UNSURE_LOGINS && failed.length === verdicts.length ? unsure[0]?.failure : undefined;
}

/** Why this change is not sent to this service at all. */
function unfitness(account: UpdateUrlAccount, { after: { name, type, values } }: Change, changes: readonly Change[]): string | undefined {
  const { row, zone } = account;
  const family = type === 'A' ? 4 : 6;
  if (values.length !== 1) return `${row.title} holds exactly one IPv${family} address per name, so ${values.length} cannot be set`;
  if (!familiesOf(row).includes(family)) return `${row.title} cannot hold IPv${family} addresses`;
  if (!accountFamilies(account).includes(family)) return `${row.title} was not told what it needs for IPv${family} addresses: ${loginOf(row)}`;
  if (row.under !== undefined && !name.endsWith(`.${row.under}`)) return `${row.title} only holds names that end in .${row.under}`;
  if (neededBy(row).includes('zone') && zone !== undefined && relativeTo(name, zone) === undefined) return `${name} is not a name in the zone ${zone} of this account`;
  const others = changes.filter(({ after }) => after.name !== name);
  if (row.holds === 'one' && others.length > 0) return `an account of ${row.title} stands for one single record, so ${name} and ${others[0]?.after.name} need an account each`;
  if (row.holds === 'all' && others.some(({ after }) => after.type === type && after.values.join() !== values.join()))
    return `an account of ${row.title} gives one address to all that it holds, so ${name} needs an account of its own`;
  const isAlone = !changes.some((other) => other.after.name === name && other.after.type !== type && other.after.values.length === 1);
  if (type === 'AAAA' && row.urlV6 === undefined && isAlone) return `${row.title} takes an IPv6 address only together with an IPv4 address, so nothing was sent`;
  return undefined;
}

/** As few calls as the row allows: both addresses of a name together, and names with the same addresses together. IPv4 first. */
function callsFor({ row, zone, username }: UpdateUrlAccount, changes: readonly Change[]): Call[] {
  const names = [...new Set(changes.map(({ after }) => after.name))];
  const groups = new Map<string, { readonly names: Fqdn[]; readonly sent: readonly IpAddress[] }>();
  for (const name of names) {
    const addresses = changes.filter(({ after }) => after.name === name).flatMap(({ after }) => after.values);
    addresses.sort((a, b) => familyOf(a) - familyOf(b));
    for (const sent of addresses.length > 1 && row.urlBoth === undefined ? addresses.map((one) => [one]) : [addresses]) {
      const within = [zone, username].find((one) => one !== undefined && relativeTo(name, one) !== undefined) ?? name;
      const group = [sent.join(), row.multiHost?.sameZone ? within : '', row.atApex !== undefined && name === zone ? 'apex' : ''].join(' ');
      const known = groups.get(group);
      if (known) known.names.push(name);
      else groups.set(group, { names: [name], sent });
    }
  }
  return [...groups.values()].flatMap((group) => (row.holds === 'names' ? batches(group.names, row) : [group.names]).map((batch) => ({ names: batch, sent: group.sent })));
}

function batches(names: readonly Fqdn[], row: UpdateUrlRow): readonly (readonly Fqdn[])[] {
  const max = namesPerCall(row);
  const made: Fqdn[][] = [];
  for (const name of names) {
    const last = made.at(-1);
    if (last !== undefined && last.length < max && last.join().length + name.length < MAX_NAMES_LENGTH) last.push(name);
    else made.push([name]);
  }
  return made;
}

/** What one call came to. `unclear`: one refusal for several names, which does not say which of them is meant. */
type Answer = { readonly hosts: readonly HostVerdicts[]; readonly unclear: boolean };

async function send(account: UpdateUrlAccount, tools: Tools, call: Call): Promise<Answer> {
  const clean = cleaner(account, tools);
  const sent = await attempt(() => reach(account.row, tools, requestFor(account, tools, call)));
  if (sent.kind === 'failed') return { hosts: everyone(call, { ...sent.failure, detail: clean(sent.failure.detail) }), unclear: false };
  const reply = sent.value;
  // Secrets go before anything is cut, so that no half of one is left.
  const words = clean(reply.body)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const excerpt = words === '' ? '' : `: ${words.length > 200 ? `${words.slice(0, 200)}...` : words}`;
  // An account that needs no name answers for itself, whatever its names here are.
  const hosts = account.row.holds === 'names' ? call.names : call.names.slice(0, 1);
  const said = verdicts(account.row, { hosts, sent: call.sent }, reply, { retryAfterSeconds: retryAfterSeconds(reply, tools.clock), excerpt });
  const read = call.names.map((_, at) => said[at] ?? said[0] ?? []);
  return {
    hosts: read.map((host) => host.map((verdict) => (verdict.kind === 'failed' ? { ...verdict, failure: { ...verdict.failure, detail: clean(verdict.failure.detail) } } : verdict))),
    unclear: isUnclear(said),
  };
}

/** Sends; with `redirects` also where the service's own domain leads. Credentials go nowhere else. */
async function reach({ redirects }: Pick<UpdateUrlRow, 'redirects'>, tools: Tools, request: HttpRequest, hops = redirects ? MOST_HOPS : 0): Promise<HttpReply> {
  const reply = await exchange(tools, request, { idempotent: true });
  const next = hops > 0 ? within(request.url, reply) : undefined;
  return next === undefined ? reply : reach({ redirects }, tools, { ...request, url: next }, hops - 1);
}
const MOST_HOPS = 3;

/** Where a redirect leads, if that is the same host, one above or one below it, and no less encrypted. */
function within(url: string, { status, headers }: HttpReply): string | undefined {
  const location = headers['location'];
  if (![301, 302, 307, 308].includes(status) || location === undefined || !URL.canParse(location, url)) return undefined;
  const [from, to] = [new URL(url), new URL(location, url)];
  const related = to.host === from.host || to.host.endsWith(`.${from.host}`) || (to.host.includes('.') && from.host.endsWith(`.${to.host}`));
  return related && (to.protocol === 'https:' || to.protocol === from.protocol) ? to.href : undefined;
}

const everyone = ({ names, sent }: Call, failure: Failure): readonly HostVerdicts[] => names.map(() => sent.map((): Verdict => ({ kind: 'failed', failure })));

/** The same refusal for several names, so that it is not known which of them is meant. */
function isUnclear(hosts: readonly HostVerdicts[]): boolean {
  const first = hosts[0]?.[0];
  if (hosts.length < 2 || first?.kind !== 'failed' || !(first.failure.kind === 'refused' || first.orName)) return false;
  return hosts.every((host) => host.every((verdict) => verdict.kind === 'failed' && verdict.failure === first.failure));
}

const resultOf = ({ after }: Change, verdict: Verdict): WriteResult =>
  verdict.kind === 'failed'
    ? { kind: 'failed', failure: verdict.failure }
    : { kind: 'written', ...(verdict.stored ? { stored: recordSet(after, after.values) } : {}), ...(verdict.note === undefined ? {} : { note: verdict.note }) };
