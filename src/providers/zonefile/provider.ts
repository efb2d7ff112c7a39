/** The zone file of your own name server (RFC 1035): edited in place, comments and layout kept, serial raised; then a command of yours reloads it. Longer than others because there is no vendor who does the writing. */
import {
  attempt,
  type Change,
  defineProvider,
  type Failure,
  Fault,
  flag,
  list,
  optional,
  parseName,
  partsOf,
  printSet,
  type RecordKey,
  type RecordSet,
  recordSet,
  sameValues,
  type Tools,
  text,
  type WriteResult,
} from '../../sdk/index.ts';
import { edited, INITIAL_TTL } from './edit.ts';
import { parseMaster } from './master.ts';
import { setIn, type Zone, zoneOfFile } from './sets.ts';

const RELOAD_MS = 30_000;

export default defineProvider({
  api: 1,
  id: 'zonefile',
  name: 'Zone file',
  reference: 'https://www.rfc-editor.org/rfc/rfc1035#section-5',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['BIND', 'NSD', 'master file'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 2_147_483_647, initial: INITIAL_TTL }, batch: 100_000 },
  options: {
    file: text('the zone file', { example: '/var/lib/bind/example.com.zone' }),
    zone: optional(text('the zone in it, where no $ORIGIN in the file says it', { example: 'example.com' })),
    reload: optional(list('a command, without a shell, that makes the name server load the file after a change', { example: '["rndc", "reload", "example.com"]' })),
    journal: optional(flag('edit the file although a journal (FILE.jnl) lies beside it; right for ixfr-from-differences, wrong for zones that take dynamic updates')),
  },
  credentials: 'None: the user that runs ddns-update must be able to write the file and its folder, and to run the reload command (for rndc: to read its key).',
  open({ file: path, zone: named, reload, journal }, tools) {
    const origin = named === undefined ? undefined : originOf(named);
    if (reload?.length === 0) throw new Fault({ kind: 'config', detail: 'reload: is an empty command' });
    /** While a reload is owed: what the name server loaded last. */
    const loadedPath = `${path}.loaded`;

    const parse = (content: string): Zone => zoneOfFile(parseMaster(content, { path, zone: origin }), path);
    const readFile = (): Zone => {
      const content = tools.files.read(path);
      if (content === undefined) throw new Fault({ kind: 'config', detail: `${path} does not exist`, hint: 'correct file, or create the zone first' });
      if (content.includes('\uFFFD'))
        throw new Fault({ kind: 'config', detail: `${path} is not UTF-8, and would not survive being written`, hint: 'convert it, for instance with iconv -f latin1 -t utf-8' });
      if (journal !== true && tools.files.stat(`${path}.jnl`) !== undefined)
        throw new Fault({
          kind: 'config',
          detail: `${path} has a journal beside it (${path}.jnl): its name server takes dynamic updates, and would refuse or lose what is written into the file`,
          hint: 'use the provider rfc2136 for this zone; or, if the journal only serves ixfr-from-differences, say journal: true',
        });
      return parse(content);
    };
    const readLoaded = async (): Promise<Zone | undefined> => {
      const content = reload === undefined ? undefined : tools.files.read(loadedPath);
      if (content === undefined) return undefined;
      const zone = await attempt(() => parse(content));
      return zone.kind === 'ok' ? zone.value : undefined;
    };

    return {
      async read(keys) {
        const [zone, loaded] = [readFile(), await readLoaded()];
        return new Map(keys.map((key) => [key, current(key, zone, loaded)]));
      },
      async write(changes) {
        const loaded = await readLoaded();
        const written = await attempt(() => writeFile(changes, loaded));
        if (written.kind === 'failed') return changes.map(() => ({ kind: 'failed', failure: aboutFile(written.failure) }));
        const { results, changed } = written.value;
        if (reload === undefined || !(changed || tools.files.read(loadedPath) !== undefined)) return results;
        const failure = await reloadWith(reload, path, tools);
        if (failure === undefined) {
          tools.files.remove(loadedPath);
          return results;
        }
        return results.map((result) => (result.kind === 'written' ? { kind: 'failed', failure } : result));
      },
    };

    /** No `await` between reading and writing, and what is there is compared once more just before. */
    function writeFile(changes: readonly Change[], loaded: Zone | undefined): { readonly results: readonly WriteResult[]; readonly changed: boolean } {
      const zone = readFile();
      const wanted = new Map<RecordKey, RecordSet>();
      const results = changes.map((change): WriteResult => {
        const failure = obstacle(change, zone, loaded);
        if (failure) return { kind: 'failed', failure };
        const { key, before, after } = change;
        const found = setIn(key, zone);
        const ttl = after.ttl ?? (found && !('kind' in found) ? found.ttl : INITIAL_TTL);
        const stored = recordSet(partsOf(key), after.values, ttl);
        wanted.set(key, stored);
        return { kind: 'written', stored, ...(before === undefined ? { note: 'what was there before was not asked, so it was replaced unseen' } : {}) };
      });
      const content = edited(zone, wanted, tools.clock.now());
      if (content === zone.file.text) return { results, changed: false };
      const mode = (tools.files.stat(path)?.mode ?? 0o644) & 0o7777;
      if (reload !== undefined && loaded === undefined) tools.files.write(loadedPath, zone.file.text, { mode });
      if (tools.files.read(path) !== zone.file.text) throw new Fault({ kind: 'conflict', detail: `${path} was changed by somebody else at the same moment, so it was not written` });
      tools.files.write(path, content, { mode });
      return { results, changed: true };
    }
  },
});

/**
 * As long as a reload is owed the file says the one and the name server the other: both values are there, and what is not served yet is not
 * there, so that the next round writes again whatever it wants.
 */
function current(key: RecordKey, zone: Zone, loaded: Zone | undefined): RecordSet | Failure | undefined {
  const found = setIn(key, zone);
  if (loaded === undefined || (found && 'kind' in found)) return found;
  const served = setIn(key, loaded);
  if (served === undefined || 'kind' in served) return served === undefined ? undefined : found;
  return recordSet(served, [...(found?.values ?? []), ...served.values], served.ttl);
}

function obstacle({ key, before, after }: Change, zone: Zone, loaded: Zone | undefined): Failure | undefined {
  const found = setIn(key, zone);
  if (found && 'kind' in found) return found;
  const now = found ?? recordSet(partsOf(key), []);
  if (before === undefined || sameValues(now, before) || sameValues(now, after)) return undefined;
  const seen = loaded === undefined ? undefined : current(key, zone, loaded);
  if (loaded !== undefined && (seen === undefined ? before.values.length === 0 : !('kind' in seen) && sameValues(seen, before))) return undefined;
  return {
    kind: 'conflict',
    detail: `${now.name} ${now.type} was changed by somebody else at the same moment: it was ${before.values.join(', ') || 'not there'} and is now ${now.values.join(', ') || 'gone'}, so it was not overwritten (wanted: ${printSet(after)})`,
  };
}

/** A file that cannot be written is nothing of the state folder. */
const aboutFile = (failure: Failure): Failure => (failure.kind === 'state' ? { ...failure, hint: 'may this user write the file and its folder, and is the disk full?' } : failure);

async function reloadWith(command: readonly string[], path: string, { processes, signal, redact }: Tools): Promise<Failure | undefined> {
  const said = `\`${command.join(' ')}\``;
  const owed = `${path} holds the new records, but the name server may still answer the old ones: the reload command ${said}`;
  const ran = await attempt(() => processes.run(command, { timeoutMs: RELOAD_MS, signal, maxBytes: 64 * 1024 }));
  const hint = 'run the command by hand and see what it says; it is run again in a later round';
  if (ran.kind === 'failed') return { kind: 'unavailable', detail: `${owed} did not run: ${ran.failure.detail}`, hint };
  if (ran.value.exit === 0) return undefined;
  const words = (ran.value.stderr || ran.value.stdout).trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return { kind: 'unavailable', detail: `${owed} ended with ${ran.value.exit}${words === '' || redact === undefined ? '' : `: ${redact(words)}`}`, hint };
}

/** A zone may have a single label, a name may not. */
function originOf(zone: string): string {
  const single = /^[a-z0-9_-]{1,63}\.?$/i.test(zone) ? zone.toLowerCase().replace(/\.$/, '') : undefined;
  const name = single ?? parseName(zone);
  if (typeof name !== 'string') throw new Fault({ kind: 'config', detail: `zone: ${name.problem}` });
  return name;
}
