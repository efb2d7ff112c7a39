/** From a row of data to a provider of its own: options, environment, what is known and what is not, all follow from the row. */
import type { ObjectEntries } from 'valibot';
import type { Capabilities } from '../core/plan.ts';
import { isSecret, type Secret } from '../core/secret.ts';
import { flag, optional, secret, text } from './options.ts';
import { defineProvider, type Manifest } from './provider.ts';
import { updateUrl } from './update-url.ts';
import { accountFamilies, accountProblem, neededBy, optionalZone, type UpdateUrlAccount } from './update-url-request.ts';
import { capabilitiesOf, familiesOf, loginOf, type UpdateUrlRow } from './update-url-row.ts';

/** The row as a provider with the row's id. What it needs is required; of two options that differ by a 6 at the end, one is enough. */
export function serviceProvider(row: UpdateUrlRow): Manifest {
  const needed = neededBy(row);
  const isApart = (name: string): boolean => needed.includes(name.endsWith('6') ? name.slice(0, -1) : `${name}6`);
  const options: ObjectEntries = {
    ...Object.fromEntries(needed.map((name) => [name, isApart(name) ? optional(optionFor(row, name)) : optionFor(row, name)])),
    ...(optionalZone(row) ? { zone: optional(optionFor(row, 'zone')) } : {}),
  };
  const environment = Object.fromEntries(needed.filter((name) => !PLAIN.has(name)).map((name) => [name, [...new Set([...(row.environment[name] ?? []), variableFor(row.id, name)])]]));
  const apart = needed.find(isApart);
  return defineProvider({
    api: 1,
    id: row.id,
    name: row.title,
    ...(row.vendor === undefined ? {} : { vendor: row.vendor }),
    ...(row.also.length === 0 ? {} : { also: row.also }),
    reference: row.reference,
    checked: row.checked,
    evidence: row.evidence,
    ...listed('unverified', [...row.unverified, ...doubtsOf(row)]),
    ...listed('warnings', warningsOf(row)),
    can: apart === undefined ? capabilitiesOf(row) : (given: Given): Capabilities => capabilitiesOf(row, givenFamilies(row, given)),
    options: row.tls === 'none' ? { ...options, insecure: optional(flag('allows plain http, which shows the login to everybody on the way; there is no other way to reach it')) } : options,
    environment,
    ...(apart === undefined && row.tls !== 'none'
      ? {}
      : {
          example: {
            ...Object.fromEntries(needed.filter((name) => !name.endsWith('6')).map((name) => [name, exampleOf(name, environment[name]?.[0])])),
            ...(row.tls === 'none' ? { insecure: true } : {}),
          },
        }),
    ...(row.under === undefined ? {} : { exampleName: `home.${row.under}` }),
    credentials: [
      `${row.website}: ${loginOf(row)}.`,
      ...(row.sender ? ['It takes no address and stores the one that the request comes from.'] : []),
      ...(row.notes === undefined ? [] : [row.notes]),
    ].join(' '),
    problems: (given: Given) => {
      const problem = accountProblem(accountOf(row, given));
      return problem === undefined ? [] : [problem];
    },
    open: (given: Given, tools) => updateUrl(accountOf(row, given), tools),
  } as Manifest);
}

/** Options as they were read; every one of them a text or a secret, but `insecure`. */
type Given = Readonly<Record<string, unknown>>;

/** What is no secret and has no variable of its own. */
const PLAIN = new Set(['zone', 'id', 'id6', 'server']);
const SECRET = new Set(['password', 'token', 'token6', 'updateUrl', 'updateUrl6']);

const USUAL: Readonly<Record<string, string>> = {
  username: 'user name',
  password: 'password',
  token: 'token',
  token6: 'token for IPv6 addresses',
  zone: 'the domain as the service knows it, such as example.com',
  id: 'number or name that the service gave it',
  id6: 'the same for IPv6 addresses',
  server: 'host of the server',
  updateUrl: 'the update URL that the service shows',
  updateUrl6: 'the update URL for IPv6 addresses',
};

function optionFor({ login }: UpdateUrlRow, name: string): ObjectEntries[string] {
  const own = typeof login === 'string' ? login : login[name];
  const description = own ?? USUAL[name] ?? name;
  return SECRET.has(name) ? secret(description) : text(description, { example: EXAMPLES[name] ?? name });
}

const EXAMPLES: Readonly<Record<string, string>> = { username: 'my-user', zone: 'example.com', id: '12345', id6: '12346', server: 'ddns.example.net' };
const exampleOf = (name: string, variable: string | undefined): unknown => (SECRET.has(name) ? { env: variable ?? name.toUpperCase() } : (EXAMPLES[name] ?? name));

/** `he-dns` and `token`: `HE_DNS_TOKEN`. A variable cannot begin with a digit. */
const variableFor = (id: string, option: string): string =>
  `${id}-${option}`
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('-', '_')
    .replace(/^(?=\d)/, '_')
    .toUpperCase();

const listed = <Key extends string>(key: Key, sentences: readonly string[]): { readonly [K in Key]?: readonly string[] } =>
  sentences.length === 0 ? {} : ({ [key]: sentences } as { [K in Key]: readonly string[] });

/** What follows from the row and nobody has confirmed. */
function doubtsOf(row: UpdateUrlRow): readonly string[] {
  return [
    ...(row.status === 'listed' ? ['Known from other programs only; its answers were never compared with its own documentation.'] : []),
    ...(row.status === 'legacy' ? ['Known from other programs only, some of them old: it may be gone.'] : []),
    ...(row.tls === 'likely' ? ['That it answers https is likely and not confirmed; plain http is not tried.'] : []),
    ...(row.success === '^' ? ['What its answers say is not known, so any answer with a status of success is taken for one.'] : []),
    ...(row.otherFamily === 'unknown' && familiesOf(row).length > 1
      ? [`Whether a call for one family leaves the other as it is, is not known${row.urlBoth === undefined ? '' : '; where both are configured they are sent together'}.`]
      : []),
  ];
}

/** What whoever uses it should hear from `check`. */
const warningsOf = (row: UpdateUrlRow): readonly string[] => (row.status === 'legacy' ? [`${row.title} is old and may be gone; ${row.website} tells whether it is still there`] : []);

/** Families that the options given are enough for. */
const givenFamilies = (row: UpdateUrlRow, given: Given) => accountFamilies(accountOf(row, given));

function accountOf(row: UpdateUrlRow, given: Given): UpdateUrlAccount {
  const plain = (name: string): string | undefined => (typeof given[name] === 'string' ? given[name] : undefined);
  const hidden = (name: string): Secret | undefined => (isSecret(given[name]) ? given[name] : undefined);
  return {
    row,
    username: plain('username'),
    password: hidden('password'),
    token: hidden('token'),
    zone: plain('zone')?.toLowerCase().replace(/\.$/, ''),
    more: { id: plain('id'), id6: plain('id6'), server: plain('server'), token6: hidden('token6'), updateUrl: hidden('updateUrl'), updateUrl6: hidden('updateUrl6') },
    endpoint: plain('endpoint'),
    insecure: given['insecure'] === true,
  };
}
