/** The word `default` in `detect.sources`: the built-in mix, and what the user adds to it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { BUILT_IN, builtInCatalogue, sourceShape } from '../../src/config/source.ts';
import type { Witness } from '../../src/core/ballot.ts';
import { canOutvoteLiar, demandsOf } from '../../src/core/observe.ts';
import { witnessOf } from '../../src/detect/source.ts';
import { load, told } from './world.ts';

const catalogue = builtInCatalogue();
const mix = catalogue.defaults.map(({ id }) => id);

async function detectOf(sources: unknown, more: object = {}): Promise<{ readonly told: readonly string[]; readonly detect: Config['detect'] | undefined }> {
  const records = [{ name: 'a.example.com', families: [4, 6] }];
  const loaded = await load('c.json', JSON.stringify({ records, accounts: { m: { provider: 'many', token: { env: 'T' } } }, detect: { sources, ...more } }), 'all', { env: { T: 'x' } });
  return { told: told(loaded), detect: loaded.kind === 'ok' ? loaded.config.detect : undefined };
}

describe('default among the sources', () => {
  test('stands for the built-in mix, in its place, and is no list of the user', async () => {
    const { told, detect } = await detectOf([{ interface: 'eth0' }, 'default', { router: 'auto' }]);
    expect(told).toEqual([]);
    expect(detect?.sources.map(({ id }) => id)).toEqual(['interface eth0', ...mix, 'router auto']);
    expect(detect?.listed).toBe(false);
  });

  test('alone it is as if nothing were said', async () => {
    const [alone, nothing] = [await detectOf(['default']), await detectOf(undefined)];
    expect(alone).toEqual(nothing);
    expect(alone.detect?.listed).toBe(false);
  });

  test("a list without it is the user's own", async () => {
    expect((await detectOf(['cloudflare-dns', 'ipify', 'ident.me', { router: 'auto' }])).detect?.listed).toBe(true);
  });

  test('twice, or together with what it contains, it counts once, and that is said', async () => {
    const { told, detect } = await detectOf(['ipify', 'default', 'opendns', 'default']);
    expect(told).toEqual([
      '1: warning: detect.sources[0]: ipify is among default already, and counts once',
      '1: warning: detect.sources[2]: opendns is among default already, and counts once',
      '1: warning: detect.sources[3]: "default" stands twice, and counts once',
    ]);
    expect(detect?.sources.map(({ id }) => id).sort()).toEqual([...mix].sort());
  });

  test('what it does not contain is added without a word', async () => {
    const reserve = [...catalogue.known.keys()].filter((id) => !mix.includes(id));
    expect(reserve).not.toEqual([]);
    const { told, detect } = await detectOf(['default', ...reserve]);
    expect(told).toEqual([]);
    expect(detect?.sources.map(({ id }) => id)).toEqual([...mix, ...reserve]);
  });

  test.each(['defualt', 'Default', 'defaults'])('%s: default is what was meant', async (typed) => {
    expect((await detectOf([typed])).told).toEqual([`1: detect.sources[0]: "${typed}" is not a source we know; did you mean "default"?; ddns-update detect lists those in use`]);
  });

  test('the schema offers it', () => {
    expect(sourceShape(catalogue).schema).toMatchObject({ anyOf: expect.arrayContaining([{ enum: [BUILT_IN, ...catalogue.known.keys()] }]) });
  });

  test('law: whatever is added, an agreement must have what the built-in mix alone demands, and no liar blocks a change', () => {
    const built = catalogue.defaults.map(witnessOf);
    const added: fc.Arbitrary<Witness> = fc.record({
      source: fc.string({ minLength: 1 }),
      operator: fc.constantFrom('me', 'you', 'router', ...built.map(({ operator }) => operator)),
      transport: fc.constantFrom('dns', 'stun', 'https', 'interface', 'command', 'file', 'address', 'router'),
      authenticated: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(added, { maxLength: 6 }), fc.integer({ min: 1, max: 4 }), (more, quorum) => {
        const [all, alone] = [demandsOf([...built, ...more], quorum), demandsOf(built, quorum)];
        expect(all).toEqual(alone);
        expect(canOutvoteLiar([...built, ...more], quorum)).toBe(true);
      }),
    );
  });
});
