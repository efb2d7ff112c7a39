/** NameSilo's XML, which its pages show and some of its servers give whatever is asked for, read as the JSON that stands for the same. */

const ELEMENT = /<(\w+)(?:\s[^>]*)?(?:\/>|>([\s\S]*?)<\/\1>)/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Elements are keys, several of one name a list, all values texts. Undefined: this is no answer of NameSilo in XML, or it is cut short. */
export function fromXml(body: string): unknown {
  if (!/<\/namesilo>\s*$/.test(body)) return undefined;
  const value = readInside(body);
  return typeof value === 'string' ? undefined : value['namesilo'];
}

/** No element stands in one of its own name. */
function readInside(content: string): string | Readonly<Record<string, unknown>> {
  const found = new Map<string, unknown[]>();
  for (const [, name = '', inside = ''] of content.matchAll(ELEMENT)) found.set(name, [...(found.get(name) ?? []), readInside(inside)]);
  if (found.size === 0) return content.trim().replace(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
