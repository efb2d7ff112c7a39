/** How KAS writes values in SOAP: maps and lists of `item`, in maps with a `key` and a `value`, and texts. */

type Element = { readonly tag: string; readonly attributes: string; readonly children: Element[]; text: string };

const TOKEN = /<\?[^>]*\?>|<(\/?)([\w:-]+)([^>]*?)(\/?)>|([^<]+)/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What stands in the element `return`; undefined: there is none, or the text is cut short. */
export function readReturn(xml: string): unknown {
  const root: Element = { tag: '', attributes: '', children: [], text: '' };
  const open: Element[] = [root];
  let found: Element | undefined;
  for (const [whole, closing, tag, attributes = '', alone, text] of xml.matchAll(TOKEN)) {
    const inside = open.at(-1);
    if (whole.startsWith('<?') || inside === undefined) continue;
    if (tag === undefined) inside.text += text ?? '';
    else if (closing) {
      if (open.pop()?.tag !== tag || open.length === 0) return undefined;
    } else {
      const element: Element = { tag, attributes, children: [], text: '' };
      inside.children.push(element);
      if (tag === 'return') found ??= element;
      if (!alone) open.push(element);
    }
  }
  return open.length === 1 && found ? valueIn(found) : undefined;
}

function valueIn({ attributes, children, text }: Element): unknown {
  const items = children.filter(({ tag }) => tag === 'item');
  if (items.some((item) => child(item, 'key'))) return Object.fromEntries(items.map((item) => [decode(child(item, 'key')?.text ?? ''), ((value) => value && valueIn(value))(child(item, 'value'))]));
  if (items.length > 0) return items.map(valueIn);
  if (/\bSOAP-ENC:Array\b/.test(attributes)) return [];
  if (/:Map\b/.test(attributes)) return {};
  return decode(text);
}

const child = ({ children }: Element, tag: string): Element | undefined => children.find((one) => one.tag === tag);

const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
  });
