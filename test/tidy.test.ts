/** The invariants of the code base, each a test. A broken one says which file, and what to do instead. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from './support/program.ts';

type SourceFile = {
  readonly path: string;
  readonly text: string;
  /** `text` with comments and the insides of strings blanked out: what is left is code. */
  readonly code: string;
  readonly imports: readonly Import[];
};
/** `target`: a path from the repository's root for our own files, else the package or `node:` module. */
type Import = { readonly target: string; readonly own: boolean; readonly typeOnly: boolean; readonly lazy: boolean };

/** Tracked files and those that are about to be. */
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(repository, path)));
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const files = tracked.filter((path) => path.startsWith('src/') && path.endsWith('.ts')).map(parse);
const under = (folder: string): readonly SourceFile[] => files.filter(({ path }) => path.startsWith(folder));

function parse(path: string): SourceFile {
  const text = read(path);
  return { path, text, code: codeOf(text), imports: importsOf(path, text) };
}

/** Good enough for our own style: regular expressions with quotes in them are cut off at the end of the line, never beyond. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\/])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

function importsOf(path: string, text: string): readonly Import[] {
  const statement = /^(import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.replace(/^\s*(\/?\*|\/\/).*$/gm, '').matchAll(statement)].map(([, , type, from, bare, lazy]) => {
    const target = from ?? bare ?? lazy ?? '';
    const own = target.startsWith('.');
    return { target: own ? normalize(join(dirname(path), target)) : target, own, typeOnly: type !== undefined, lazy: lazy !== undefined };
  });
}

/** Places that break a rule, one line each, so that a failure reads as a list of what to mend. */
const places = (of: readonly SourceFile[], pattern: RegExp): readonly string[] =>
  of.flatMap(({ path, code, text }) => code.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${text.split('\n')[index]?.trim()}`] : [])));

describe('layers', () => {
  test('the core imports nothing but the core', () => {
    const strangers = under('src/core/').flatMap(({ path, imports }) => imports.filter(({ target }) => !target.startsWith('src/core/')).map(({ target }) => `${path} imports ${target}`));
    expect(under('src/core/').length).toBeGreaterThan(0);
    expect(strangers).toEqual([]);
  });

  test('the core never looks at the clock, the environment or chance', () => {
    expect(places(under('src/core/'), /\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bprocess\.|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|\bfetch\(/)).toEqual([]);
  });

  test('only the round calls two stages', () => {
    const stages = ['src/detect/detect.ts', 'src/recall.ts', 'src/core/decide.ts', 'src/survey.ts', 'src/core/plan.ts', 'src/apply.ts', 'src/verify/verify.ts', 'src/record.ts'];
    const both = files.flatMap(({ path, text }) => {
      const called = stages.filter((stage) => valuesImportedFrom(path, text, stage).some((name) => STAGE_VERBS.has(name)));
      return path !== 'src/round.ts' && called.length > 1 ? [`${path} calls ${called.join(' and ')}`] : [];
    });
    expect(both).toEqual([]);
    expect(files.some(({ path }) => path === 'src/round.ts')).toBe(true);
  });

  test('only src/world touches what is outside: sockets, files, processes', () => {
    const outside = /^(node:)?(fs|fs\/promises|net|dgram|http|http2|https|tls|dns|dns\/promises|os|child_process|timers|timers\/promises|worker_threads|cluster|readline|readline\/promises|tty)$/;
    const strangers = files
      .filter(({ path }) => !path.startsWith('src/world/'))
      .flatMap(({ path, imports }) =>
        imports.filter(({ target, typeOnly }) => !typeOnly && outside.test(target) && !OUTSIDE_ALLOWED[path]?.modules?.includes(target)).map(({ target }) => `${path} imports ${target}`),
      );
    expect(strangers).toEqual([]);
  });

  test('only src/world looks at the clock, sets timers, reads the environment, draws lots', () => {
    const outside =
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|(?<![.\w])process\.(env|argv|stdout|stderr|stdin|exit|exitCode|pid|hrtime|on|once|platform|getuid)\b|\bMath\.random\b|\bAbortSignal\.timeout\b|(^|[^.\w])fetch\(/;
    const strangers = places(
      files.filter(({ path }) => !path.startsWith('src/world/') && OUTSIDE_ALLOWED[path]?.globals !== true),
      outside,
    ).filter((place) => !/\bprocess\b/.test(place) || !namesOwnProcess(place.split(':')[0] ?? ''));
    expect(strangers).toEqual([]);
  });

  test('every exception is still needed', () => {
    expect(Object.keys(OUTSIDE_ALLOWED).filter((path) => !files.some((file) => file.path === path))).toEqual([]);
    expect(
      Object.entries(OUTSIDE_ALLOWED).flatMap(([path, { modules = [] }]) =>
        modules.filter((module) => !files.some((file) => file.path === path && file.imports.some(({ target }) => target === module))).map((module) => `${path} no longer imports ${module}`),
      ),
    ).toEqual([]);
  });

  test('adapters import the SDK, npm packages and their own folder, nothing else', () => {
    const adapters = files.filter(({ path }) => /^src\/providers\/[^/]+\/provider\.ts$/.test(path));
    const strangers = under('src/providers/')
      .filter(({ path }) => path.split('/').length > 3)
      .flatMap(({ path, imports }) => {
        const own = `${path.split('/').slice(0, 3).join('/')}/`;
        // Fakes may stand on what is published for testing; what the program runs may not.
        const isFake = !adapters.some((adapter) => reachedFrom(adapter, () => true).some((file) => file.path === path));
        const mayImport = ({ target, own: ours }: Import): boolean =>
          ours ? target.startsWith(own) || target === 'src/sdk/index.ts' || (isFake && target.startsWith('src/testing/')) : !isNode(target) || ADAPTERS_MAY_USE.has(target);
        return imports.filter((one) => !mayImport(one)).map(({ target }) => `${path} imports ${target}`);
      });
    expect(adapters.length).toBeGreaterThan(0);
    expect(strangers).toEqual([]);
  });

  test('adapters write an Authorization of user and password with basic(), which any letter can be in', () => {
    const adapters = files.filter(({ path }) => /^src\/providers\/.*\.ts$/.test(path) && !path.endsWith('/contract.ts')).map((file) => ({ ...file, code: file.text }));
    expect(places(adapters, /\bbtoa\(|`Basic \$\{/)).toEqual([]);
  });

  test('SDKs of vendors and other heavy packages are only loaded when they are needed', () => {
    const heavy = /^(undici|conf|yaml|smol-toml|cloudflare|@aws-sdk|@smithy)(\/|$)/;
    const doors = files.filter(({ path }) => path === 'src/start.ts' || path === 'src/main.ts' || /^src\/providers\/[^/]+\/provider\.ts$/.test(path));
    expect(doors.length).toBeGreaterThan(1);
    const early = doors.flatMap((door) =>
      loadedAtOnce(door).flatMap((file) =>
        file.imports.filter((one) => isLoaded(one) && heavy.test(one.target)).map(({ target }) => `${door.path} loads ${target} at once, through ${file.path}: use import()`),
      ),
    );
    expect(early).toEqual([]);
  });
});

/** A file may have a value of its own called `process`: what the lock remembers of its holder. */
const namesOwnProcess = (path: string): boolean => /(const|let) \{[^}]*\bprocess\b[^}]*\} =|\(\{?\s*process\b/.test(files.find((file) => file.path === path)?.code ?? '');

const isLoaded = ({ typeOnly, lazy }: Import): boolean => !typeOnly && !lazy;

/** A file and all of ours that are loaded with it. */
const loadedAtOnce = (start: SourceFile): readonly SourceFile[] => reachedFrom(start, isLoaded);

/** A file and all of ours that are reached from it by imports such as `follow` takes. */
function reachedFrom(start: SourceFile, follow: (one: Import) => boolean): readonly SourceFile[] {
  const seen = new Map([[start.path, start]]);
  for (const file of seen.values()) {
    for (const { target } of file.imports.filter((one) => one.own && follow(one))) {
      const next = files.find(({ path }) => path === target);
      if (next !== undefined) seen.set(target, next);
    }
  }
  return [...seen.values()];
}

/** What a stage's function is called; types and small readers that a stage also exports may be used by anyone. */
const STAGE_VERBS = new Set(['detect', 'recall', 'decide', 'decideAll', 'survey', 'plan', 'planAll', 'apply', 'verify', 'record']);

function valuesImportedFrom(path: string, text: string, target: string): readonly string[] {
  return [...text.matchAll(/^import\s+(?!type\s)\{([^}]*)\}\s+from\s+'(\.[^']+)'/gm)].flatMap(([, names, from]) =>
    normalize(join(dirname(path), from ?? '')) === target
      ? (names ?? '')
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '' && !name.startsWith('type '))
          .map((name) => name.split(' ')[0] ?? name)
      : [],
  );
}

const isNode = (target: string): boolean => target.startsWith('node:') || builtinModules.includes(target);

/** Pure computation, of Node's own. */
const ADAPTERS_MAY_USE = new Set(['node:crypto', 'node:buffer', 'node:url', 'node:util']);

/** Who may touch the outside beside src/world, and why. */
const OUTSIDE_ALLOWED: Readonly<Record<string, { readonly why: string; readonly modules?: readonly string[]; readonly globals?: true }>> = {
  'src/start.ts': { why: 'the entry: it hands argv and the environment on', globals: true },
  'src/main.ts': { why: 'the composition root: it hands the environment and signals on', globals: true },
  'src/providers/route53/client.ts': { why: 'the only way to silence a warning of the SDK is a variable of the environment', globals: true },
  'src/testing/world.ts': { why: 'whoever sleeps in a fake World must leave others their turn of the real event loop', globals: true },
};

describe('names and shape', () => {
  test('no file or symbol is called by what it is not', () => {
    const word = /(^|[^a-z])(utils?|helpers?|common|managers?|services?)([^a-z]|$)/i;
    const badFiles = tracked.filter((path) => /^(src|test|scripts)\//.test(path)).filter((path) => path.split('/').some((part) => word.test(part.replace(/\.[a-z.]+$/, ''))));
    const badSymbols = places(
      files,
      /\b(?:function|const|let)\s+(?:\w*(?:Utils?|Helpers?|Manager|Service|Info)|utils?|helpers?|manager|service|info)\b|\b(?:type|class|interface)\s+\w*(?:Utils?|Helpers?|Manager|Service|Data|Info)\b/,
    );
    expect(badFiles).toEqual([]);
    expect(badSymbols).toEqual([]);
  });

  test('no enums, namespaces, any, default exports beyond providers', () => {
    expect(places(files, /^\s*(export\s+)?(const\s+)?enum\s|^\s*(export\s+)?namespace\s|\bas any\b|: any\b|<any>/)).toEqual([]);
    expect(
      places(
        files.filter(({ path }) => !/\/(provider|contract)\.ts$/.test(path)),
        /^export default /,
      ),
    ).toEqual([]);
  });

  test('every file opens with a sentence that says what it is', () => {
    const scripts = tracked.filter((path) => /^(scripts\/.*\.mjs|test\/.*\.ts)$/.test(path)).map((path) => ({ path, text: read(path) }));
    expect([...files, ...scripts].filter(({ text }) => !/^(#!.*\n)?\/\*\*\s+\S/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('an adapter of more than a hundred lines says in its first comment why', () => {
    const long = files.filter(({ path, text }) => /^src\/providers\/[^/]+\/provider\.ts$/.test(path) && text.split('\n').length > 101);
    expect(long.filter(({ text }) => !/\blong(er)?\b/i.test(text.slice(0, text.indexOf('*/')))).map(({ path }) => path)).toEqual([]);
  });

  test('a file is one idea: 250 lines at most, or a reason', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 250).map(({ path }) => path);
    expect(long.filter((path) => LONG_ALLOWED[path] === undefined)).toEqual([]);
    expect(Object.keys(LONG_ALLOWED).filter((path) => !long.includes(path))).toEqual([]);
  });

  test('nothing is left for later', () => {
    const later = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['X', 'XX'].join('')}|${['HA', 'CK'].join('')})\\b`);
    const found = tracked
      .filter((path) => /\.(ts|mjs|js|md|json|sh)$|^\.ci\//.test(path))
      .flatMap((path) =>
        read(path)
          .split('\n')
          .flatMap((line, index) => (later.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
      );
    expect(found).toEqual([]);
  });

  test('no test is skipped or alone', () => {
    const found = tracked
      .filter((path) => /^test\/.*\.ts$/.test(path))
      .flatMap((path) =>
        codeOf(read(path))
          .split('\n')
          .flatMap((line, index) => (/\b(test|it|describe)\.(skip|only|todo|skipIf|runIf|fails)\b/.test(line) ? [`${path}:${index + 1}`] : [])),
      );
    expect(found).toEqual([]);
  });
});

/** Files above 250 lines, and why they are one idea all the same. */
const LONG_ALLOWED: Readonly<Record<string, string>> = {
  'src/core/wire.ts': 'one format, both directions side by side',
  'src/providers/cloudflare/contract.ts': 'the fake API and the documented exchanges it is held to',
};

describe('the repository', () => {
  test('nothing in it knows the machine it was made on', () => {
    // A folder as short as /src/ is named in passing everywhere.
    const machine = [repository, `${homedir()}/`, ['/wo', 'rk/'].join('')].filter((path) => path.length > 5);
    const found = tracked
      .filter((path) => /\.(ts|mjs|js|md|json|sh|ya?ml|toml)$|^\.(ci|npmrc)/.test(path))
      .flatMap((path) =>
        read(path)
          .split('\n')
          .flatMap((line, index) => (machine.some((path) => new RegExp(`(^|[\\s'"\`(=:])${path}`).test(line)) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
      );
    expect(found).toEqual([]);
  });

  test('the lock file names no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved"|registry\.|localhost|127\.0\.0\.1/);
  });

  test('the lock file knows every package of every platform, so that npm ci works on all of them', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { readonly version?: string; readonly optionalDependencies?: Record<string, string> }> };
    const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) => Object.keys(optionalDependencies).map((name) => ({ path, name })));
    const above = (path: string): readonly string[] => (path === '' ? [''] : [path, ...above(path.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, ''))]);
    const missing = wanted.filter(({ path, name }) => !above(path).some((folder) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages));
    expect(wanted.length).toBeGreaterThan(0);
    expect(missing.map(({ path, name }) => `${name}, wanted by ${path}`)).toEqual([]);
  });

  test('the version that servers are told is the one that is published', () => {
    expect(read('src/version.ts')).toContain(`'${(JSON.parse(read('package.json')) as { version: string }).version}'`);
  });

  test('the published package has nothing to download', () => {
    const { dependencies, peerDependencies, optionalDependencies, bundledDependencies } = JSON.parse(read('package.json')) as Record<string, unknown>;
    expect({ dependencies, peerDependencies, optionalDependencies, bundledDependencies }).toEqual({});
  });

  test('every dependency is explained in ARCHITECTURE.md, and every explained one is there', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    const section = /^## Dependencies\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(read('ARCHITECTURE.md'))?.[1] ?? '';
    const table = [...section.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) => (cell ?? '').split(', ')).filter((name) => name !== 'package' && !name.startsWith('-'));
    const development = (/^Development: ([\s\S]*?)\n\n/m.exec(section)?.[1] ?? '')
      .replace(/\([^)]*\)|\.$/g, '')
      .split(/,\s*/)
      .map((name) => name.trim());
    expect([...table, ...development].sort()).toEqual(Object.keys(devDependencies).sort());
  });

  test('every path that the documents name exists', () => {
    const named = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].flatMap((document) =>
      [...read(document).matchAll(/[`(]((?:src|test|scripts|docs|bin|schema)\/[\w./-]+)[`)]/g)].map(([, path]) => ({ document, path: path ?? '' })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ path }) => !existsSync(join(repository, path))).map(({ document, path }) => `${document} names ${path}`)).toEqual([]);
  });
});
