/** Amazon's own model of Route 53 as a judge: paths and queries of requests, and every element of the XML on both sides. */
import { readFileSync } from 'node:fs';
import { type Judge, specification } from './description.ts';

type Member = { readonly shape: string; readonly location?: 'uri' | 'querystring' | 'header'; readonly locationName?: string };
type Shape =
  | { readonly type: 'structure'; readonly required?: readonly string[]; readonly members: Readonly<Record<string, Member>> }
  | { readonly type: 'list'; readonly member: Member; readonly min?: number; readonly max?: number }
  | { readonly type: 'string' | 'integer' | 'long' | 'boolean' | 'timestamp'; readonly enum?: readonly string[]; readonly min?: number; readonly max?: number };
type Model = {
  readonly operations: Readonly<
    Record<string, { readonly http: { readonly method: string; readonly requestUri: string }; readonly input: { readonly shape: string }; readonly output: { readonly shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
};
type Element = { readonly name: string; readonly children: Element[]; text: string };

export function awsModel(id: string): Judge {
  const model = JSON.parse(readFileSync(specification(id), 'utf8')) as Model;
  const seen = new Set<string>();
  return {
    seen,
    judge({ method, url, body }, reply) {
      const { pathname, searchParams } = new URL(url);
      const [title, operation] = Object.entries(model.operations).find(([, { http }]) => http.method === method && sameplace(http.requestUri, pathname)) ?? [];
      if (title === undefined || operation === undefined) return [`${method} ${pathname} is not described`];
      seen.add(title);
      const input = model.shapes[operation.input.shape];
      const members = input?.type === 'structure' ? Object.values(input.members) : [];
      const known = members.filter(({ location }) => location === 'querystring').map(({ locationName }) => locationName);
      const problems = [
        ...[...searchParams.keys()].filter((name) => !known.includes(name)).map((name) => `query ${name} is not described`),
        ...(body === undefined || body === '' ? [] : fits(model, operation.input.shape, rootOf(body), 'request')),
        ...(reply.status < 300 ? fits(model, operation.output.shape, rootOf(reply.body), 'answer') : []),
      ];
      return problems.map((problem) => `${title} → ${reply.status}: ${problem}`);
    },
  };
}

/** The SDK leaves out a final slash that the model has. */
const sameplace = (template: string, pathname: string): boolean => new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+').replace(/\/$/, '')}/?$`).test(pathname);

/** A fake may say less than Amazon, and ids in answers have a prefix that the model does not count. */
const isRequest = (at: string): boolean => at.startsWith('request');

/** What an element has that its shape has not, or lacks. */
function fits(model: Model, name: string, element: Element, at: string): readonly string[] {
  const shape = model.shapes[name];
  if (shape === undefined) return [`${at}: the model has no ${name}`];
  switch (shape.type) {
    case 'structure': {
      const members = Object.entries(shape.members).filter(([, { location }]) => location === undefined);
      const missing = (isRequest(at) ? (shape.required ?? []) : []).filter(
        (key) => members.some(([own]) => own === key) && !element.children.some((child) => child.name === (shape.members[key]?.locationName ?? key)),
      );
      return [
        ...missing.map((key) => `${at} lacks ${key}`),
        ...element.children.flatMap((child) => {
          const [, member] = members.find(([key, { locationName }]) => (locationName ?? key) === child.name) ?? [];
          return member === undefined ? [`${at} has ${child.name}, which is not described`] : fits(model, member.shape, child, `${at}/${child.name}`);
        }),
      ];
    }
    case 'list': {
      const strangers = element.children.filter((child) => child.name !== (shape.member.locationName ?? 'member')).map((child) => `${at} has ${child.name}, which is not described`);
      const count = element.children.length;
      const size = count < (shape.min ?? 0) || count > (shape.max ?? Number.POSITIVE_INFINITY) ? [`${at} has ${count} elements`] : [];
      return [...strangers, ...size, ...element.children.flatMap((child, index) => fits(model, shape.member.shape, child, `${at}/${index}`))];
    }
    case 'boolean':
      return ['true', 'false'].includes(element.text) ? [] : [`${at} is not true or false`];
    case 'integer':
    case 'long':
      return /^-?\d+$/.test(element.text) && within(Number(element.text), shape) ? [] : [`${at} is ${element.text}`];
    case 'timestamp':
      return Number.isNaN(Date.parse(element.text)) ? [`${at} is no time`] : [];
    case 'string':
      return shape.enum?.includes(element.text) === false || (isRequest(at) && !within(element.text.length, shape)) ? [`${at} is ${element.text}`] : [];
    default:
      return shape satisfies never;
  }
}

const within = (size: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number }): boolean => size >= min && size <= max;

/** XML without attributes that matter, comments or CDATA: all that Route 53 speaks. */
function rootOf(xml: string): Element {
  const root: Element = { name: '', children: [], text: '' };
  const open = [root];
  for (const [, closing, name = '', selfClosing, text = ''] of xml.replace(/<\?[^>]*\?>/, '').matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>([^<]*)/g)) {
    const at = open.at(-1) ?? root;
    if (closing === '/') open.pop();
    else {
      const element: Element = { name, children: [], text: selfClosing === '/' ? '' : text.trim() };
      at.children.push(element);
      if (selfClosing !== '/') open.push(element);
    }
  }
  return root.children[0] ?? root;
}
