/** Domain names in one form: lower-case ASCII, no final dot, a wildcard only as the first label. */

declare const brand: unique symbol;

/** Lower-case ASCII (punycode), at most 253 characters, no final dot; `*.` may lead. Made only by `parseName`. */
export type Fqdn = string & { readonly [brand]: 'Fqdn' };

/** The name in `text`, or what is wrong with it. IDN is converted (UTS 46); one final dot is dropped. */
export function parseName(text: string): Fqdn | { readonly problem: string } {
  const trimmed = text.endsWith('.') ? text.slice(0, -1) : text;
  if (trimmed === '') return { problem: 'is empty' };
  const wild = trimmed.startsWith('*.');
  const ascii = toAscii(wild ? trimmed.slice(2) : trimmed);
  if (ascii === undefined) return { problem: `"${text}" is not a domain name` };
  const name = wild ? `*.${ascii}` : ascii;
  if (name.length > 253) return { problem: 'is longer than 253 characters' };
  const labels = ascii.split('.');
  if (labels.length < 2) return { problem: `"${text}" is not a full name: it has no domain` };
  for (const label of labels) {
    if (label === '') return { problem: `"${text}" has an empty label` };
    if (label.length > 63) return { problem: `"${text}" has a label longer than 63 characters` };
    if (!/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label)) return { problem: `"${text}" has the label "${label}", which may hold only letters, digits, "-" and "_"` };
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) return { problem: `"${text}" looks like an address, not a name` };
  return name as Fqdn;
}

/** As `parseName`, for names that a program wrote: a bad one is a defect. */
export function fqdn(text: string): Fqdn {
  const name = parseName(text);
  if (typeof name !== 'string') throw new TypeError(name.problem);
  return name;
}

/** `a.b.example.com`, `b.example.com`, `example.com`, `com`: where a zone of this name may begin, longest first. */
export function suffixes(name: Fqdn): readonly string[] {
  const labels = name.split('.');
  const first = labels[0] === '*' ? 1 : 0;
  return labels.slice(first).map((_, at) => labels.slice(first + at).join('.'));
}

/** The longest of `zones` that holds `name`; a delegated child wins over its parent. */
export function zoneOf<Z extends { readonly name: string }>(name: Fqdn, zones: Iterable<Z>): Z | undefined {
  const byName = new Map([...zones].map((zone) => [zone.name, zone]));
  for (const suffix of suffixes(name)) {
    const zone = byName.get(suffix);
    if (zone) return zone;
  }
  return undefined;
}

/** `name` relative to `zone`: `www`, `*`, or `''` at the apex. Undefined outside of it. */
export function relativeTo(name: string, zone: string): string | undefined {
  if (name === zone) return '';
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : undefined;
}

function toAscii(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII range is meant
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  if (/[\s/?#@:[\]\\%]/.test(text)) return undefined;
  try {
    return new URL(`http://${text}`).hostname;
  } catch {
    return undefined;
  }
}
