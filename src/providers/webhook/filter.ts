/** Which names a webhook is responsible for, as it says when it is first asked. https://github.com/kubernetes-sigs/external-dns/blob/master/endpoint/domain_filter.go */
import * as v from 'valibot';
import { type Fqdn, parseName } from '../../sdk/index.ts';

const Domains = v.nullish(v.array(v.string()), []);

/** `filters` and the capital letters are of older webhooks and of the published description. */
export const FilterForm = v.object({
  include: Domains,
  exclude: Domains,
  filters: Domains,
  Filters: Domains,
  regexInclude: v.nullish(v.string(), ''),
  regexExclude: v.nullish(v.string(), ''),
});

/** Why `name` is none of the webhook's, as it completes "NAME ..."; undefined: it is. Patterns take the place of lists, and no filter at all means every name. */
export function outsideOf({ include, exclude, filters, Filters, regexInclude, regexExclude }: v.InferOutput<typeof FilterForm>, name: Fqdn): string | undefined {
  if (regexInclude !== '' || regexExclude !== '') {
    const [included, excluded] = [patternOf(regexInclude), patternOf(regexExclude)];
    if (excluded?.test(name)) return `is left out by the webhook's pattern ${regexExclude}`;
    return included === undefined || included.test(name) ? undefined : `does not match the webhook's pattern ${regexInclude}`;
  }
  const domains = [...include, ...filters, ...Filters].map(canonical).filter((domain) => domain !== '');
  const left = exclude.map(canonical).find((domain) => domain !== '' && holds(domain, name));
  if (left !== undefined) return `is left out by the webhook, which does not serve ${left}`;
  return domains.length === 0 || domains.some((domain) => holds(domain, name))
    ? undefined
    : `is in no domain that the webhook serves: ${domains.slice(0, 8).join(', ')}${domains.length > 8 ? ' ...' : ''}`;
}

/** A leading dot: what is below the domain, and not the domain itself. */
const holds = (domain: string, name: string): boolean => name.endsWith(domain.startsWith('.') ? domain : `.${domain}`) || name === domain;

function canonical(written: string): string {
  const text = written.trim().toLowerCase().replace(/\.$/, '');
  const dot = text.startsWith('.') ? '.' : '';
  const name = parseName(text.slice(dot.length));
  return `${dot}${typeof name === 'string' ? name : text.slice(dot.length)}`;
}

/** Go's patterns are mostly ours. One that is not judges nothing here: the webhook does. */
function patternOf(source: string): RegExp | undefined {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  try {
    return source === '' ? undefined : new RegExp(source.slice(flags?.[0].length ?? 0), flags?.[1] ?? '');
  } catch {
    return undefined;
  }
}
