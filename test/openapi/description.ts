/** A vendor's machine-readable description as a judge: what of an exchange it does not allow, one sentence each. */
import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { HttpReply, HttpRequest } from '../../src/testing/index.ts';

export type Judge = {
  /** What is wrong with the exchange; empty: nothing. */
  readonly judge: (request: HttpRequest, reply: HttpReply) => readonly string[];
  /** Operations that were seen, as `GET /zones`. */
  readonly seen: ReadonlySet<string>;
};

type Schema = { readonly [keyword: string]: unknown };
type Reference = { readonly $ref: string };
type Parameter = { readonly name: string; readonly in: 'path' | 'query'; readonly required?: boolean; readonly explode?: boolean; readonly schema: Schema };
type Content = { readonly content?: { readonly 'application/json'?: { readonly schema: Schema } }; readonly required?: boolean };
type Operation = { readonly parameters?: readonly (Parameter | Reference)[]; readonly requestBody?: Content | Reference; readonly responses: Readonly<Record<string, Content | Reference>> };
type Description = { readonly servers: readonly { readonly url: string }[]; readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>> & Pick<Operation, 'parameters'>>> };
type Found = { readonly title: string; readonly values: Readonly<Record<string, string>>; readonly at: (description: Description) => Operation | undefined; readonly parameters: readonly Parameter[] };
/** What a value breaks of a schema; `what` names the value. */
type Check = (schema: Schema, value: unknown, what: string) => readonly string[];

export const specification = (id: string): URL => new URL(`specs/${id}.json`, import.meta.url);

/** What a description is read with a pinch of salt for, and why. */
export type Allowances = {
  /** Query parameters that the vendor has and the description leaves out. */
  readonly undescribed?: readonly string[];
  /** Properties of answers, likewise. */
  readonly answersMore?: readonly string[];
  /** Operations that ask for a body which the vendor's own SDK does not send. */
  readonly bodiless?: readonly string[];
  /** Paths are the same in any letter case. */
  readonly anyCase?: boolean;
  /** Hosts that are described elsewhere or nowhere: where one logs in. */
  readonly elsewhere?: readonly string[];
};

export function openapi(id: string, { undescribed = [], answersMore = [], bodiless = [], anyCase = false, elsewhere = [] }: Allowances = {}): Judge {
  const description = JSON.parse(readFileSync(specification(id), 'utf8')) as Description;
  const options = { strict: false, logger: false, unicodeRegExp: false, allErrors: true } as const;
  const texts = checker(description, new Ajv2020({ ...options, coerceTypes: 'array' }));
  const [outward, inward] = [closed(description), closed(partial(description))];
  const [requests, answers] = [checker(outward, new Ajv2020(options)), checker(inward, new Ajv2020(options))];
  const seen = new Set<string>();
  return {
    seen,
    judge(request, reply) {
      if (elsewhere.includes(new URL(request.url).hostname)) return [];
      const found = find(description, request, anyCase);
      if (found === undefined) return [`${request.method} ${new URL(request.url).pathname} is not described`];
      const { title, at, parameters, values } = found;
      seen.add(title);
      const problems = [
        ...texts(objectOf(parameters, 'path'), { ...values }, 'path'),
        ...texts(objectOf(parameters, 'query', undescribed), queryOf(new URL(request.url).searchParams, parameters), 'query'),
        ...asked(deref(outward, at(outward)?.requestBody), request, requests).filter(() => !bodiless.includes(title)),
        ...answered(at(inward)?.responses ?? {}, inward, reply, answers).filter((problem) => !answersMore.some((name) => problem.includes(`{"unevaluatedProperty":"${name}"}`))),
      ];
      return problems.map((problem) => `${title} → ${reply.status}: ${problem}`);
    },
  };
}

function checker(description: Description, ajv: Ajv2020): Check {
  (formats as unknown as (to: Ajv2020) => void)(ajv);
  ajv.addSchema(description, 'description');
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value, what) => {
    const key = JSON.stringify(schema);
    const validate = compiled.get(key) ?? ajv.compile(JSON.parse(key.replaceAll('"$ref":"#', '"$ref":"description#')) as Schema);
    compiled.set(key, validate);
    return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }) => `${what}${instancePath.replaceAll(/\/\d+/g, '/*')} ${message} ${JSON.stringify(params)}`);
  };
}

function asked(described: Content | undefined, { body }: HttpRequest, check: Check): readonly string[] {
  const schema = described?.content?.['application/json']?.schema;
  if (body === undefined || body === '') return described?.required ? ['the request has no body'] : [];
  if (schema === undefined) return ['the request has a body that is not described'];
  const value = parsed(body);
  return value === undefined ? ['the request is no JSON'] : check(schema, value, 'request');
}

/** Vendors describe few of their errors; a success that is not described is none. */
function answered(responses: Operation['responses'], description: Description, { status, body }: HttpReply, check: Check): readonly string[] {
  const described = deref(description, responses[status] ?? responses[`${Math.floor(status / 100)}XX`] ?? (status >= 400 ? responses['default'] : undefined));
  if (described === undefined) return status < 400 ? ['this status is not described'] : [];
  const schema = described.content?.['application/json']?.schema;
  if (schema === undefined) return ['', '{}', 'null'].includes(body) || status >= 400 ? [] : ['the answer has a body that is not described'];
  const value = parsed(body);
  return value === undefined ? [`the answer is no JSON: ${body.slice(0, 80)}`] : check(schema, value, 'answer');
}

/** The operation at this place; one with literal parts wins over one with placeholders. */
function find(description: Description, { method, url }: HttpRequest, anyCase: boolean): Found | undefined {
  const { origin, pathname } = new URL(url);
  const matching = description.servers.flatMap((server) => {
    const base = new URL(server.url, origin);
    const prefix = base.pathname.replace(/\/$/, '');
    if (base.origin !== origin || !pathname.startsWith(prefix)) return [];
    return Object.entries(description.paths).flatMap(([path, item]) => {
      const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
      const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '([^/]+)')}$`, anyCase ? 'i' : '');
      const match = pattern.exec(pathname.slice(prefix.length));
      const operation = item[method.toLowerCase()];
      if (operation === undefined || match === null) return [];
      const values = Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(match[at + 1] ?? '')]));
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].flatMap((one) => deref(description, one) ?? []);
      return [{ title: `${method} ${path}`, values, parameters, at: ({ paths }: Description) => paths[path]?.[method.toLowerCase()] }];
    });
  });
  return matching.sort((a, b) => Object.keys(a.values).length - Object.keys(b.values).length)[0];
}

function deref<T extends object>(description: Description, value: T | Reference | undefined): T | undefined {
  if (value === undefined || !('$ref' in value)) return value;
  const parts = value.$ref.slice(2).split('/');
  return parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')], description) as T;
}

/** The parameters of one kind as one object, with no others in it. */
function objectOf(parameters: readonly Parameter[], kind: Parameter['in'], more: readonly string[] = []): Schema {
  const own = parameters.filter((one) => one.in === kind);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(own.map(({ name, schema }) => [name, schema])), ...Object.fromEntries(more.map((name) => [name, {}])) },
    required: own.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
}

const queryOf = (query: URLSearchParams, parameters: readonly Parameter[]): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const parameter = parameters.find((one) => one.name === name);
      const all = query.getAll(name);
      if (parameter?.schema['type'] !== 'array') return [name, all.length > 1 ? all : all[0]];
      return [name, parameter.explode === false ? all.flatMap((one) => one.split(',')) : all];
    }),
  );

/** Wherever an object is described, nothing else may be in it: who sends it would see it dropped in silence, who answers with it has made it up. */
function closed<T>(description: T): T {
  const close = (at: unknown): unknown => {
    if (Array.isArray(at)) return at.map(close);
    if (typeof at !== 'object' || at === null) return at;
    return Object.fromEntries(
      Object.entries(at).map(([key, inner]) => {
        if (key === 'properties') return [key, Object.fromEntries(Object.entries(inner as object).map(([name, schema]) => [name, shut(description, close(schema) as Schema)]))];
        return [key, (key === 'items' || key === 'schema') && typeof inner === 'object' && !Array.isArray(inner) ? shut(description, close(inner) as Schema) : close(inner)];
      }),
    );
  };
  return close(description) as T;
}

const shut = (description: unknown, schema: Schema): Schema => (describesObject(description, schema, 0) ? { ...schema, unevaluatedProperties: false } : schema);

function describesObject(description: unknown, schema: Schema, depth: number): boolean {
  if (depth > 8 || 'additionalProperties' in schema) return false;
  if ('properties' in schema) return true;
  if (typeof schema['$ref'] === 'string') return describesObject(description, deref(description as Description, schema as Reference & Schema) as Schema, depth + 1);
  return ['allOf', 'anyOf', 'oneOf'].some((key) => Array.isArray(schema[key]) && schema[key].some((one: Schema) => describesObject(description, one, depth + 1)));
}

/** A fake may say less than its vendor, never another thing: nothing is required, and of several variants one that has no contradiction will do. */
const partial = <T>(description: T): T =>
  JSON.parse(JSON.stringify(description, (key, value) => (key === 'required' && Array.isArray(value) ? undefined : value)).replaceAll('"oneOf":', '"anyOf":')) as T;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
