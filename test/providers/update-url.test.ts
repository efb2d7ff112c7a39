/** Every service that is a row of data: checked against the schema and its own examples, against documented exchanges, and by the conformance suite. */
import { describe, expect, it } from 'vitest';
import { providers } from '../../src/providers/index.ts';
import { rowOf, SERVICE_IDS, serviceOf } from '../../src/providers/update-url/by-id.ts';
import { DOCUMENTED_IDS, documentedOf } from '../../src/providers/update-url/documented.ts';
import { describeOptions } from '../../src/sdk/options.ts';
import { exampleProblems } from '../../src/sdk/update-url-examples.ts';
import { familiesOf, loginOf, type UpdateUrlRow } from '../../src/sdk/update-url-row.ts';
import { type Law, laws, updateUrlContract } from '../../src/testing/index.ts';

const rows = SERVICE_IDS.flatMap((id) => rowOf(id) ?? []);
const absent = SERVICE_IDS.filter((id) => rowOf(id) === undefined);

describe('rows', () => {
  it('are known by one id each', () => {
    expect(new Set(SERVICE_IDS).size).toBe(SERVICE_IDS.length);
    expect(rows.length).toBeGreaterThanOrEqual(117);
    for (const id of SERVICE_IDS) expect(serviceOf(id).id).toBe(id);
    expect(Object.keys(providers)).toEqual(expect.arrayContaining([...SERVICE_IDS]));
  });

  it.each(rows)('$id: every pattern has an example and is right about it', (row) => {
    expect(exampleProblems(row)).toEqual([]);
  });

  it.each(rows)('$id: says where its facts are from, how to log in, and what is not sure', (row) => {
    const manifest = serviceOf(row.id);
    expect(URL.canParse(row.reference)).toBe(true);
    expect(manifest.credentials).toContain(loginOf(row));
    for (const { description, required, name } of describeOptions(manifest.options)) {
      expect(description).not.toBe('');
      if (!['insecure', 'zone'].includes(name) && !/token|updateUrl|id/.test(name)) expect(required, name).toBe(true);
    }
    expect(row.evidence).toBe(DOCUMENTED_IDS.includes(row.id) ? 'documented' : 'unverified');
    if (row.status !== 'active' || row.success === '^' || row.tls === 'likely') expect(manifest.unverified?.length).toBeGreaterThan(0);
    if (row.status === 'legacy') expect(manifest.warnings?.join()).toContain('old');
    if (row.tls === 'none') expect(Object.keys(manifest.options)).toContain('insecure');
    for (const names of Object.values(manifest.environment ?? {})) for (const name of names ?? []) expect(name).toMatch(/^[A-Z_][A-Z0-9_]*$/);
  });

  it('never leave open what becomes of the other family', () => {
    for (const row of rows) {
      if (familiesOf(row).length < 2) continue;
      expect(['kept', 'erased', 'unknown'], row.id).toContain(row.otherFamily);
      if (row.otherFamily === 'erased') expect(row.urlV6, row.id).toBeUndefined();
    }
    expect(rows.filter(({ otherFamily }) => otherFamily === 'erased').map(({ id }) => id)).toEqual(['inwx-dyndns']);
  });
});

/** Two of the laws ask for more than some services can give: what these say is not told apart from what anybody else might. */
const EXCEPTIONS: readonly { readonly title: RegExp; readonly why: string; readonly of: (row: UpdateUrlRow) => boolean }[] = [
  { title: /^weather: (empty answer with status 200|answer cut short)/, why: 'nothing but the status tells whether it was done', of: ({ success }) => success === '^' },
  { title: /^weather: captive portal: a page with status 200/, why: 'its answers are web pages that are not known', of: ({ success, html }) => success === '^' && html },
  { title: /^weather: answer cut short .*from then on/, why: 'half of its answer says as much as the whole', of: (row) => isKnownInHalf(row) },
];

function isKnownInHalf(row: UpdateUrlRow): boolean {
  const example = (row.examples?.success ?? '').replaceAll('{ip}', '198.51.100.7').replaceAll('{host}', 'h1.example.com');
  const half = example.slice(0, Math.floor(example.length / 2));
  return row.answers === undefined && !/^[{<]/.test(half) && new RegExp(row.success.replaceAll('{ip}', '198\\.51\\.100\\.7'), 'i').test(half);
}

const seen = new Set<string>();
/** The first of all that log in, send and answer alike. */
const isFirstOfItsKind = ({ auth, method, answers, multiHost, holds, sender, html, statuses, success, otherFamily, ...row }: UpdateUrlRow): boolean => {
  const kind = [
    auth,
    method,
    answers,
    multiHost?.answer,
    multiHost?.each,
    holds,
    sender,
    html,
    Object.keys(statuses).length > 0,
    success === '^',
    otherFamily,
    familiesOf(row).length,
    row.urlBoth === undefined,
  ];
  const is = !seen.has(kind.join());
  seen.add(kind.join());
  return is;
};

/** Weather that reads the service's own words; the other kinds are the same code whatever the row says. */
const TELLING = /^weather: (connection refused|reset after|401|captive portal: a page|empty answer|answer cut short|400).*(from then on)/;

describe.each(rows)('conformance of $id', (row) => {
  const excused = (law: Law): boolean => EXCEPTIONS.some(({ title, of }) => title.test(law.title) && of(row));
  const whole = isFirstOfItsKind(row);
  const all = laws(serviceOf(row.id), updateUrlContract(row, documentedOf(row.id))).filter((law) => !excused(law) && (whole || !law.title.startsWith('weather') || TELLING.test(law.title)));
  // One test a row: four thousand titles would say no more, and cost more than the laws.
  it(`keeps ${all.length} laws`, async () => {
    for (const { title, run } of all) {
      await run().catch((broken: unknown) => {
        throw new Error(`${title}: ${broken instanceof Error ? broken.message : String(broken)}`, { cause: broken });
      });
    }
  });
});

describe('exceptions from the suite', () => {
  it('are as many as there are reasons for, and no more', () => {
    const excused = EXCEPTIONS.map(({ of }) => rows.filter(of).length);
    expect(excused[0]).toBe(13);
    expect(excused[1]).toBe(1);
    expect(excused[2]).toBe(22);
  });
});

describe('providers that are known by name only', () => {
  it.each(absent)('%s: one sentence says why, and what to do instead', (id) => {
    const manifest = serviceOf(id);
    const [problem, ...more] = manifest.problems?.({}) ?? [];
    expect(more).toEqual([]);
    expect(problem).toBe(manifest.absent);
    expect(problem).toMatch(/\. [A-Z]/);
    expect(() => manifest.open({}, {} as never)).toThrow(problem);
  });

  it('include those that were closed and those that have no API', () => {
    expect(absent).toEqual(expect.arrayContaining(['google-domains', 'dtdns', 'dnsdynamic', 'yandex-pdd', 'hetzner-dns', 'freenom', 'hover', 'one-com', 'gabia', 'iptime']));
  });
});
