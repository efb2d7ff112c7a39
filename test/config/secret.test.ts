/** The four forms of a secret: what stands behind each is found, or said to be missing by its name; and accounts opened with them. */
import { describe, expect, test } from 'vitest';
import { digestOf, openAccount } from '../../src/accounts.ts';
import type { Account } from '../../src/config/config.ts';
import { identityOf } from '../../src/config/identity.ts';
import { resolveSecret, secretForm } from '../../src/config/secret.ts';
import { Fault } from '../../src/core/failure.ts';
import { redactor, Secret } from '../../src/core/secret.ts';
import { secret, text } from '../../src/sdk/options.ts';
import { defineProvider, type Manifest, type Tools } from '../../src/sdk/provider.ts';
import type { World } from '../../src/world/world.ts';
import { registry, worldOf } from './world.ts';

/** A program prints its first argument and ends with its second. */
const worldWith = (files: Readonly<Record<string, string>>, env: World['env']): World =>
  ({
    ...worldOf(files, { env }),
    redactor: redactor(),
    processes: {
      run: async ([program, printed = '', exit = '0']: readonly string[]) => {
        if (program !== 'print') throw new Fault({ kind: 'network', detail: `${program} could not be started: there is no such program` });
        return { exit: Number(exit), stdout: printed, stderr: 'sesame' };
      },
    },
  }) as unknown as World;

const files = { '/run/secrets/token': 'docker\n', '/creds/token': 'systemd', '/etc/t': 'file\r\n', '/empty': '\n', '/latin1': Buffer.from('ges\xfcndigt', 'latin1').toString('utf8') };

describe('what stands behind a secret', () => {
  test.each([
    ['text', {}, 'text'],
    [{ env: 'T' }, { T: 'env\n' }, 'env'],
    [{ env: 'T' }, {}, { problem: 'the environment variable T is not set' }],
    [{ env: 'T' }, { T: '' }, { problem: 'the environment variable T is empty' }],
    [{ file: '/etc/t' }, {}, 'file'],
    [{ file: 'token' }, {}, 'docker'],
    [{ file: 'token' }, { CREDENTIALS_DIRECTORY: '/creds' }, 'systemd'],
    [{ file: 'other' }, { CREDENTIALS_DIRECTORY: '/creds' }, { problem: 'there is no file /creds/other or /run/secrets/other' }],
    [{ file: '/none' }, {}, { problem: 'there is no file /none' }],
    [{ file: '/empty' }, {}, { problem: 'the file /empty is empty' }],
    [{ file: '/latin1' }, {}, { problem: 'the file /latin1 is not UTF-8: save it as UTF-8' }],
    [{ command: ['print', 'out\n'] }, {}, 'out'],
    [{ command: ['print', 'out\n\n'] }, {}, 'out\n'],
    [{ command: ['print', 'sesame', '3'] }, {}, { problem: 'the command print ended with exit code 3' }],
    [{ command: ['nope'] }, {}, { problem: 'the command nope could not be run: nope could not be started: there is no such program' }],
  ])('%j', async (written, env, expected) => {
    const form = secretForm(written);
    if ('problem' in form) throw new Error(form.problem);
    const world = worldWith(files, env);
    const found = await resolveSecret(form, world);
    expect(found instanceof Secret ? found.reveal() : found).toEqual(expected);
    if (found instanceof Secret) expect(world.redactor.redact(`x ${found.reveal()} y`)).toBe('x *** y');
  });

  test.each([
    [''],
    [5],
    [null],
    [['a']],
    [{}],
    [{ env: 'A', file: '/b' }],
    [{ env: 'A B' }],
    [{ env: 5 }],
    [{ file: 'a/b' }],
    [{ file: '' }],
    [{ command: [] }],
    [{ command: 'pass x' }],
    [{ command: [1] }],
  ])('%j is none', (written) => {
    expect(secretForm(written)).toEqual({ problem: expect.any(String) });
  });
});

describe('accounts', () => {
  let opened: { options: unknown; tools: Tools } | undefined;
  const keeper = defineProvider({
    api: 1,
    id: 'keeper',
    name: 'Keeper',
    reference: 'https://keeper.example',
    checked: '2026-11-20',
    evidence: 'documented',
    can: { families: [4], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
    options: { token: secret('token'), zone: text('zone') },
    credentials: 'Make a token.',
    open: (options, tools) => {
      opened = { options, tools };
      return { write: async () => [] };
    },
  });
  const known: Readonly<Record<string, () => Promise<{ readonly default: Manifest }>>> = { ...registry, keeper: async () => ({ default: keeper }) };
  const account = (options: Readonly<Record<string, unknown>>): Account => ({ name: 'mine', provider: 'keeper', options });
  const opening = (accounts: Parameters<typeof openAccount>[1]['state']['accounts'] = {}) => ({ state: { accounts }, signal: new AbortController().signal });
  const good = account({ token: { env: 'T' }, zone: 'example.com' });

  test('the adapter gets parsed options, with secrets that print as ***', async () => {
    const world = worldWith({}, { T: 'sesame' });
    const open = await openAccount(good, opening(), world, known);
    expect(JSON.stringify(opened?.options)).toBe('{"token":"***","zone":"example.com"}');
    expect(opened?.options).toMatchObject({ token: expect.any(Secret) });
    expect(open).toMatchObject({ name: 'mine', can: { ttl: 'fixed' }, identity: identityOf(good) });
    expect(opened?.tools.account).toBe('mine');
    expect(open.digest).toBe(await digestOf(good, world, known));
  });

  test('every problem of an account is one fault of kind config', async () => {
    await expect(openAccount(account({ token: { env: 'T' }, zoen: 'x' }), opening(), worldWith({}, {}), known)).rejects.toMatchObject({
      failure: {
        kind: 'config',
        detail: 'accounts.mine.zoen: is not known here; did you mean "zone"?; accounts.mine.token: the environment variable T is not set; accounts.mine: "zone" is missing: zone',
      },
    });
  });

  test('the digest changes with the secret, the identity does not', async () => {
    const digest = (token: string): Promise<string> => digestOf(good, worldWith({}, { T: token }), known);
    expect(await digest('a')).toBe(await digest('a'));
    expect(await digest('a')).not.toBe(await digest('b'));
    expect(await digest('sesame')).not.toContain('sesame');
    expect(await digestOf(good, worldWith({}, {}), known)).toBe('incomplete');
    expect(identityOf(account({ token: 'sesame', zone: 'a' }))).not.toContain('sesame');
    expect(identityOf(account({ token: 't', zone: 'a' }))).toBe(identityOf(account({ zone: 'a', token: 't' })));
    expect(identityOf(account({ token: 't', zone: 'a' }))).not.toBe(identityOf(account({ token: 't', zone: 'b' })));
  });

  test('zones are remembered while the account stays the same, and handed back', async () => {
    const world = worldWith({}, { T: 'sesame' });
    const zones = [{ name: 'example.com', id: '1' }];
    const open = await openAccount(good, opening({ mine: { identity: identityOf(good), zones } }), world, known);
    expect(opened?.tools.zones.get()).toEqual(zones);
    opened?.tools.zones.set([]);
    expect(open.zones()).toEqual([]);
    await openAccount(good, opening({ mine: { identity: 'other', zones } }), world, known);
    expect(opened?.tools.zones.get()).toEqual([]);
  });

  test("without a config, secrets come from the provider's own variables", async () => {
    const bare: Account = { name: 'many', provider: 'many', options: {}, fromFlags: true };
    expect((await openAccount(bare, opening(), worldWith({}, { MANY_TOKEN: 'x' }), known)).name).toBe('many');
    await expect(openAccount({ ...bare, fromFlags: undefined } as unknown as Account, opening(), worldWith({}, { MANY_TOKEN: 'x' }), known)).rejects.toBeInstanceOf(Fault);
  });
});
