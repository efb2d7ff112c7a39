/** What README and docs tell people to type and to write: every `sh` block runs (unless it says `no-run`), every `config` block is free of problems. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { program, repository, run } from './support/program.ts';

type Block = { readonly document: string; readonly line: number; readonly language: string; readonly marks: readonly string[]; readonly text: string };

const documents = ['README.md', ...(existsSync(join(repository, 'docs')) ? readdirSync(join(repository, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`) : [])].filter(
  (path) => path.endsWith('.md'),
);
const blocks = documents.flatMap(blocksOf);
const configs = blocks.filter(({ marks }) => marks.includes('config'));
const commands = blocks.filter(({ language, marks }) => language === 'sh' && !marks.includes('no-run'));

const folder = mkdtempSync(join(tmpdir(), 'ddns-update-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(join(repository, document), 'utf8');
  return [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    marks: (match[2] ?? '').trim().split(' '),
    text: match[3] ?? '',
  }));
}

const place = ({ document, line }: Block): string => `${document}:${line}`;

function writeConfig(block: Block, name: string): string {
  const path = join(folder, `${name}.${block.language === 'jsonc' ? 'json' : block.language}`);
  writeFileSync(path, block.text, { mode: 0o600 });
  return path;
}

/** Every variable that a document reads a secret from, with something in it. */
const secrets = Object.fromEntries(blocks.flatMap(({ text }) => [...text.matchAll(/\benv"?\s*[:=]\s*"?([A-Z][A-Z0-9_]+)/g)].map(([, name]) => [name ?? '', 'a-secret-for-the-test'])));

describe('configs', () => {
  test('there are some to look at', () => expect(configs.length).toBeGreaterThan(0));

  for (const [index, block] of configs.entries()) {
    test(`${place(block)} is free of problems`, async () => {
      const { exit, stdout, stderr } = await run(['check', '--config', writeConfig(block, `config-${index}`)], { env: { ...secrets, HOME: folder }, cwd: folder });
      expect({ exit, said: exit === 0 ? '' : stdout + stderr }).toEqual({ exit: 0, said: '' });
    });
  }
});

/**
 * Commands run where there is no network but loopback. What is judged is that the program takes them: an exit code of 69 (no network) is as good as 0,
 * one that blames the command line, the config or ourselves is not. Installing and cloning are left out; a script of npm must be one we have.
 */
const PRELUDE = `
ddns-update() {
  "$NODE" "$PROGRAM" "$@"
  case $? in 0|69) return 0 ;; *) echo "line failed: ddns-update $*" >&2; exit 1 ;; esac
}
npx() { shift; ddns-update "$@"; }
npm() {
  case "$1" in
    run) grep -q "\\"$2\\":" "$ROOT/package.json" || { echo "no such script: $2" >&2; exit 1; } ;;
    test|install|i|ci|pack) ;;
    *) echo "unexpected: npm $*" >&2; exit 1 ;;
  esac
}
git() { :; }
cd() { :; }
sudo() { "$@"; }
`;

describe('commands', () => {
  test('there are some to run', () => expect(commands.length).toBeGreaterThan(0));

  for (const block of commands) {
    test(`${place(block)} runs`, () => {
      const config = configs.find(({ document }) => document === block.document) ?? configs[0];
      if (config !== undefined) writeConfig(config, 'config');
      const script = `ip link set lo up 2>/dev/null || { echo 'needs iproute2' >&2; exit 1; }\n${PRELUDE}\n${block.text}`;
      const { status, stderr, error } = spawnSync('unshare', ['--map-root-user', '--net', 'bash', '-c', script], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
        env: { PATH: process.env['PATH'], HOME: folder, ROOT: repository, NODE: process.execPath, PROGRAM: program, DDNS_UPDATE_STATE: join(folder, 'state'), ...secrets },
      });
      expect({ status, error, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, error: undefined, stderr: '' });
    });
  }
});
