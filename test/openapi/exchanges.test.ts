/** Adapters and fakes of vendors that publish a machine-readable description of their API: not a request or an answer is outside of it. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/sdk/provider.ts';
import { type Contract, laws } from '../../src/testing/index.ts';
import { DESCRIBED } from './vendors.ts';

type Folder = { readonly manifest: Manifest; readonly contract: Contract };
const folder = async (id: string): Promise<Folder> => {
  const from = new URL(`../../src/providers/${id}/`, import.meta.url).href;
  const [{ default: manifest }, { contract }] = await Promise.all([import(`${from}provider.ts`), import(`${from}contract.ts`)]);
  return { manifest, contract };
};

/** The same vendor, with a witness at the door. */
function witnessed(contract: Contract, judge: (...exchange: Parameters<ReturnType<NonNullable<Contract['api']>>>) => (reply: ReturnType<ReturnType<NonNullable<Contract['api']>>>) => void): Contract {
  const { api } = contract;
  if (api === undefined) throw new TypeError('this vendor does not speak HTTP');
  return {
    ...contract,
    api: (zone, limits) => {
      const answer = api(zone, limits);
      return (request) => {
        const reply = answer(request);
        judge(request)(reply);
        return reply;
      };
    },
  };
}

describe.each(Object.keys(DESCRIBED))('%s', (id) => {
  test('what is asked and answered in ordinary rounds is as the vendor describes it', async () => {
    const { manifest, contract } = await folder(id);
    const { judge, seen } = DESCRIBED[id]?.() ?? expect.unreachable();
    const problems = new Set<string>();
    const watched = witnessed(contract, (request) => (reply) => {
      for (const problem of judge(request, reply)) problems.add(problem);
      const { pathname, search } = new URL(request.url);
      const shown = contract.documented.filter(({ request: { method, path }, reply: { status } }) => status < 400 && method === request.method && path.test(`${pathname}${search}`));
      for (const { title, reply: witness } of shown) for (const problem of judge(request, { headers: {}, ...witness })) problems.add(`documented, ${title}: ${problem}`);
    });
    // Weather is no vendor's doing. Whether the laws hold is judged elsewhere: here it is looked at what is said.
    for (const { title, run } of laws(manifest, watched)) if (!title.startsWith('weather:')) await run().catch(() => undefined);
    expect([...problems]).toEqual([]);
    expect([...seen].some((title) => !title.startsWith('GET '))).toBe(true);
  });
});

test('every description is used, and none is missing', () => {
  const files = readdirSync(new URL('specs/', import.meta.url)).filter((name) => name.endsWith('.json'));
  expect(files.map((name) => name.replace(/\.json$/, '')).sort()).toEqual(Object.keys(DESCRIBED).sort());
});
