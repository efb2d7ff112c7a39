/** http: any URL, for services that nobody supports. The user says what to send and, exactly, what a success looks like. Longer than others because all that others know is an option here. */
import {
  accountProblem,
  capabilitiesOf,
  choice,
  defineProvider,
  Fault,
  flag,
  map,
  optional,
  PLACEHOLDERS,
  placeholders,
  type Secret,
  secret,
  secrets,
  text,
  type UpdateUrlAccount,
  type UpdateUrlRow,
  updateUrl,
} from '../../sdk/index.ts';

const options = {
  url: text('what is called for each name and address; {name} {ip} {ip4} {ip6} {type} {zone} {sub} {username} {password} {token} and the names of secrets are filled in, percent-encoded', {
    example: 'https://ddns.example.com/update?host={name}&ip={ip}&key={token}',
  }),
  url6: optional(text('another URL for IPv6 addresses')),
  urlBoth: optional(text('a URL with {ip4} and {ip6}, for when both addresses of a name are sent at once')),
  method: optional(choice('default GET', ['GET', 'POST', 'PUT', 'PATCH'])),
  headers: optional(map('headers to send; values may hold placeholders')),
  body: optional(text('body to send, with placeholders: as a form, unless the header content-type says JSON or plain text')),
  auth: optional(choice('log in with a header made of username and password (basic) or of token (bearer); default none', ['none', 'basic', 'bearer'])),
  username: optional(text('user name, for {username} or auth: basic')),
  password: optional(secret('for {password} or auth: basic')),
  token: optional(secret('for {token} or auth: bearer')),
  secrets: optional(secrets('further secrets, each for the placeholder of its name')),
  zone: optional(text('for {zone}; {sub} is the name within it, @ at its apex', { example: 'example.com' })),
  success: text(
    'what the answer to a success is: its whole text (good {ip}), a pattern that is found in it (/^(good|nochg)/), or the word status, when any 2xx will do. Web pages only count when there is a < in it',
    {
      example: '/^(good|nochg)\\b/',
    },
  ),
  noChange: optional(text('what the answer is when nothing had to be changed, written like success')),
  failures: optional(map('text or /pattern/ in an answer: auth, blocked, refused, throttled or unavailable')),
  insecure: optional(flag('allow plain http, which shows everything to everybody on the way')),
};

type Options = {
  readonly url: string;
  readonly url6?: string | undefined;
  readonly urlBoth?: string | undefined;
  readonly method?: UpdateUrlRow['method'] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly auth?: 'none' | 'basic' | 'bearer' | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  readonly secrets?: Readonly<Record<string, Secret>> | undefined;
  readonly zone?: string | undefined;
  readonly success: string;
  readonly noChange?: string | undefined;
  readonly failures?: Readonly<Record<string, string>> | undefined;
  readonly insecure?: boolean | undefined;
  readonly endpoint?: string | undefined;
};

const KINDS = ['auth', 'blocked', 'refused', 'throttled', 'unavailable'] as const;

export default defineProvider({
  api: 1,
  id: 'http',
  name: 'Any URL',
  reference: 'https://www.rfc-editor.org/rfc/rfc9110',
  checked: '2026-11-20',
  evidence: 'documented',
  can: (given) => ({ ...capabilitiesOf(rowOf(given)), families: familiesOf(given), wildcard: true }),
  options,
  environment: { username: ['DDNS_HTTP_USERNAME'], password: ['DDNS_HTTP_PASSWORD'], token: ['DDNS_HTTP_TOKEN'] },
  example: { url: 'https://ddns.example.net/update?host={name}&ip={ip}', success: '/^(good|nochg)\\b/', token: { env: 'DDNS_HTTP_TOKEN' }, auth: 'bearer' },
  credentials:
    'Whatever the service asks for. Put it into username, password, token or secrets, and its placeholder where it belongs; a secret that stands in url itself cannot be taken out of messages. A header is better than a URL, which ends up in logs.',
  problems: (given) => problemsOf(given),
  open: (given, tools) => {
    const [problem] = problemsOf(given);
    if (problem !== undefined) throw new Fault({ kind: 'config', detail: problem });
    return updateUrl(accountOf(given), tools);
  },
});

/** Which families the templates have a place for. */
function familiesOf({ url, url6, body, headers }: Options): readonly (4 | 6)[] {
  const used = placeholders([url, body, ...Object.values(headers ?? {})].join('\n'));
  if (url6 !== undefined || used.includes('ip')) return [4, 6];
  return used.includes('ip6') && !used.includes('ip4') ? [6] : [4];
}

/** Everything that is wrong with these options, one sentence each. */
function problemsOf(given: Options): readonly string[] {
  const { url, url6, urlBoth, headers = {}, body, secrets: further = {}, success, noChange, failures = {}, insecure } = given;
  const problems: string[] = [];
  const known = new Set<string>([...PLACEHOLDERS.filter((name) => !['updateUrl', 'updateUrl6', 'server', 'id', 'labels', 'hosts'].includes(name)), 'name', ...Object.keys(further)]);
  for (const [option, template] of Object.entries({ url, url6, urlBoth })) {
    if (template === undefined) continue;
    if (!/^https?:\/\/[^/?#{}@\s]+([/?#]|$)/i.test(template) || !URL.canParse(template))
      problems.push(`${option} must be a http(s) URL, without a user and password in it and without placeholders before its path`);
    else if (/^http:/i.test(template) && !insecure && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(template).hostname))
      problems.push(`${option} is plain http, so everything would be sent in the open: use https, or allow it with insecure: true`);
  }
  for (const [option, template] of Object.entries({ url, url6, urlBoth, ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`headers.${name}`, value])) })) {
    for (const name of placeholders(template ?? '')) if (!known.has(name)) problems.push(`${option}: {${name}} is not known; there are ${[...known].map((one) => `{${one}}`).join(' ')}`);
  }
  for (const name of Object.keys(headers)) if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/i.test(name)) problems.push(`headers: "${name}" is not the name of a header`);
  for (const name of Object.keys(further))
    if (name === 'name' || (PLACEHOLDERS as readonly string[]).includes(name)) problems.push(`secrets: {${name}} already means something else; choose another name`);
  const both = (template: string | undefined) => template !== undefined && ['ip4', 'ip6'].every((name) => placeholders(template).includes(name));
  if (both(url) || both(url6)) problems.push('url holds {ip4} and {ip6}, but mostly one address changes at a time: make that urlBoth, and give a url with {ip} for one of them');
  if (urlBoth !== undefined && !both(urlBoth)) problems.push('urlBoth needs {ip4} and {ip6}');
  const places = [url, url6, body, ...Object.values(headers)];
  if (!places.some((template) => template !== undefined && placeholders(template).some((name) => ['ip', 'ip4', 'ip6'].includes(name))))
    problems.push('neither url nor body holds {ip}: the service would store whatever address the request comes from');
  for (const [option, pattern] of Object.entries({ success, noChange, ...Object.fromEntries(Object.keys(failures).map((key) => [`failures "${key}"`, key])) })) {
    if (pattern !== undefined && sourceOf(pattern, 'whole') === undefined) problems.push(`${option} is not a regular expression: ${pattern}`);
  }
  for (const [pattern, kind] of Object.entries(failures)) if (!(KINDS as readonly string[]).includes(kind)) problems.push(`failures "${pattern}" must be one of ${KINDS.join(', ')}, not ${kind}`);
  if (problems.length > 0) return problems;
  const problem = accountProblem(accountOf(given));
  return problem === undefined ? [] : [problem];
}

function accountOf({ username, password, token, zone, secrets: further, endpoint, insecure, ...given }: Options): UpdateUrlAccount {
  return { row: rowOf(given), username, password, token, zone: zone?.toLowerCase().replace(/\.$/, ''), more: further ?? {}, endpoint, insecure };
}

/** The options as a row, such as those of known services. */
function rowOf({ url, url6, urlBoth, method, headers = {}, body, auth, success, noChange, failures = {} }: Options): UpdateUrlRow {
  const ours = (template: string) => template.replaceAll('{name}', '{host}');
  const givesIp6 = familiesOf({ url, url6, body, headers, success }).includes(6);
  return {
    id: 'http',
    also: [],
    environment: {},
    unverified: [],
    holds: 'names',
    sender: false,
    statuses: {},
    apex: true,
    title: URL.canParse(url) ? new URL(url).host : 'http',
    website: '',
    login: 'see what the service says about its update URL',
    reference: '',
    checked: '2026-11-20',
    evidence: 'unverified',
    urlV4: ours(url),
    ...(givesIp6 ? { urlV6: ours(url6 ?? url) } : {}),
    ...(urlBoth === undefined ? {} : { urlBoth: ours(urlBoth) }),
    otherFamily: 'kept',
    auth: auth ?? 'none',
    basicUser: '{username}',
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), ours(value)])),
    ...(body === undefined ? {} : { body: ours(body) }),
    success: success === 'status' ? '^' : (sourceOf(success, 'whole') ?? '$.'),
    ...(noChange === undefined ? {} : { noChange: sourceOf(noChange, 'whole') ?? '$.' }),
    errors: Object.entries(failures).map(([pattern, kind]) => ({ match: sourceOf(pattern, 'part') ?? '$.', kind: KINDS.find((one) => one === kind) ?? 'refused' })),
    html: success.includes('<'),
    redirects: false,
    wildcard: true,
    tls: 'documented',
    status: 'active',
  };
}

/** The regular expression for `/pattern/` or for plain text, which is the whole answer or part of it; `{ip}` stays. Undefined: not a pattern. */
function sourceOf(given: string, extent: 'whole' | 'part'): string | undefined {
  const written = /^\/(.+)\/i?$/s.exec(given)?.[1];
  const plain = given
    .split('{ip}')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('{ip}');
  const source = written ?? (extent === 'whole' ? `^${plain}$` : plain);
  try {
    new RegExp(source.replaceAll('{ip}', ''), 'i');
    return source;
  } catch {
    return undefined;
  }
}
