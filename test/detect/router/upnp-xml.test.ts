/** The reader of routers' XML: what it takes, what it refuses, and that nothing makes it throw, grow or hang. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeXml, MAX_XML_BYTES, readXml, textIn, within, type XmlElement } from '../../../src/detect/router/xml.ts';
import { ONCE_MORE } from '../../support/once-more.ts';

const read = (text: string): XmlElement => {
  const xml = readXml(text);
  if (xml.kind === 'refused') throw new Error(xml.why);
  return xml.element;
};
const whyNot = (text: string): string => {
  const xml = readXml(text);
  return xml.kind === 'refused' ? xml.why : `taken: ${JSON.stringify(xml.element)}`;
};

describe('what is read', () => {
  test('elements and their text, prefixes left out', () => {
    expect(read('<?xml version="1.0"?>\r\n<s:a xmlns:s="urn:x"><u:b> 1 </u:b><b>2</b><c/></s:a>\n')).toEqual({
      name: 'a',
      text: '',
      children: [
        { name: 'b', text: ' 1 ', children: [] },
        { name: 'b', text: '2', children: [] },
        { name: 'c', text: '', children: [] },
      ],
    });
  });

  test.each([
    ['a byte order mark before it', '\uFEFF<a>x</a>', 'x'],
    ['a zero byte after it', '<a>x</a>\n\0', 'x'],
    ['comments anywhere', '<!-- <b> --><a>x<!-- </a> > -- -->y</a><!---->', 'xy'],
    ['CDATA as it stands', '<a><![CDATA[<b>&amp;]]]]></a>', '<b>&amp;]]'],
    ['a tag over several lines, with > in quotes', '<a\n x="1>2"\n y=\'"/>\'\n>x</a\n>', 'x'],
    ['the five entities and characters by number', '<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;</a>', '<>&"\'AB\u{1F600}'],
    ['what an entity stands for, once', '<a>&amp;lt;</a>', '&lt;'],
    ['an ampersand that nobody escaped', '<a>Modem & Router?a=1&b=2</a>', 'Modem & Router?a=1&b=2'],
    ['instructions of others', '<?xml version="1.0"?><?style x?><a>x</a>', 'x'],
  ])('%s', (_, text, expected) => expect(read(text).text).toBe(expected));

  test('a path of names, and the text in a child', () => {
    const root = read('<a><b><c> 5.6.7.8\n</c><c>no</c></b></a>');
    expect(textIn(within(root, 'b'), 'c')).toBe('5.6.7.8');
    expect([textIn(root, 'c'), textIn(undefined, 'c'), within(root, 'b', 'd', 'e')]).toEqual(['', '', undefined]);
  });
});

describe('what is refused', () => {
  test.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', /document type/],
    ['one in small letters', '<!doctype html><a/>', /document type/],
    ['one inside the root', '<a><!ENTITY x SYSTEM "file:///etc/passwd">&x;</a>', /document type/],
    ['an entity nobody declared', '<a>&x;</a>', /entity/],
    ['an entity that JavaScript objects have', '<a>&constructor;&__proto__;</a>', /entity/],
    ['a character that XML does not have', '<a>&#0;</a>', /entity/],
    ['half a surrogate pair', '<a>&#xD800;</a>', /entity/],
    ['a number beyond all characters', '<a>&#x110000;</a>', /entity/],
    ['bytes that were no UTF-8', Buffer.from('<a>caf\xe9</a>', 'latin1').toString('utf8'), /UTF-8/],
    ['UTF-16', Buffer.from('\uFEFF<a>x</a>', 'utf16le').toString('utf8'), /UTF-8/],
    ['tags that cross', '<a><b></a></b>', /match/],
    ['an end without a beginning', '</a>', /match/],
    ['another prefix at the end', '<s:a></t:a>', /match/],
    ['no end', '<a><b></b>', /cut short/],
    ['a comment without an end', '<a><!-- </a>', /cut short/],
    ['CDATA without an end', '<a><![CDATA[x</a>', /cut short/],
    ['a tag without an end', '<a><b', /tag/],
    ['quotes without an end', '<a b="></a>', /tag/],
    ['a tag without a name', '<a>< b/></a>', /tag/],
    ['a tag in a tag', '<a <b>></a>', /tag/],
    ['two roots', '<a/><b/>', /one root/],
    ['text around the root', '<a/>x', /outside/],
    ['CDATA around the root', '<![CDATA[x]]><a/>', /outside/],
    ['nothing', '', /no XML/],
    ['blanks', ' \n', /no XML/],
    ['a web page', '<html><br><p>log in</html>', /match/],
    ['words', 'Not Found', /outside/],
    ['33 levels', '<a>'.repeat(33) + '</a>'.repeat(33), /32 deep/],
    ['64 KiB and one more', `<a>${' '.repeat(MAX_XML_BYTES - 6)}</a>`, /longer than 65536 bytes/],
  ])('%s', (_, text, why) => expect(whyNot(text)).toMatch(why));

  test('a billion laughs', () => {
    const laughs = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');
    expect(whyNot(`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">${laughs}]><l>&l10;</l>`)).toMatch(/document type/);
  });

  test('32 levels and 64 KiB are taken', () => {
    expect(whyNot('<a>'.repeat(32) + '</a>'.repeat(32))).toMatch(/^taken/);
    expect(whyNot(`<a>${' '.repeat(MAX_XML_BYTES - 7)}</a>`)).toMatch(/^taken/);
  });
});

describe('laws', () => {
  const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/);
  // What XML can hold, but for carriage returns and the character that stands for broken UTF-8.
  const words = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[^\t\n\x20-\uD7FF\uE000-\uFFFC\u{10000}-\u{10FFFF}]/gu, ''));
  const leaf = fc.record({ name, text: words, children: fc.constant<XmlElement[]>([]) });
  const tree: (depth: number) => fc.Arbitrary<XmlElement> = fc.memo((depth) => (depth <= 1 ? leaf : fc.record({ name, text: words, children: fc.array(tree(depth - 1), { maxLength: 3 }) })));
  const print = ({ name: tag, text, children }: XmlElement): string => `<p:${tag} x='>'>${escapeXml(text)}${children.map(print).join('<!-- - -->')}</p:${tag}>`;
  const sizeOf = ({ text, children }: XmlElement): number => text.length + children.reduce((sum, child) => sum + sizeOf(child), 0);
  const pieces = fc.constantFrom(' ', '\0', ...'< > </ /> <a> </a> <b\tx=" " \' <!-- --> <![CDATA[ ]]> <? ?> <!DOCTYPE & &amp; &# &#65; ; a : ='.split(' '));

  test('what was printed is read back', () => fc.assert(fc.property(tree(4), (element) => void expect(read(print(element))).toEqual(element))));

  test('whatever comes, it ends with a value that is no larger', () => {
    const soup = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(soup, (text) => {
        const xml = readXml(text);
        if (xml.kind === 'element') expect(sizeOf(xml.element)).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('a document cut anywhere is refused', () => {
    fc.assert(
      fc.property(tree(4), fc.nat(), (element, at) => {
        const whole = print(element);
        expect(readXml(whole.slice(0, at % whole.length)).kind).toBe('refused');
      }),
    );
  });

  test.each(['<', '<a>', '<a/>', '<a ', '<!--', '<![CDATA[', '&', '&amp;', '&#', '"', "<a b='", '</a>', ' ', '\0', '<?', '>'])('64 KiB of %j take no time', ONCE_MORE, (piece) => {
    const from = performance.now();
    for (const text of [piece.repeat(MAX_XML_BYTES / piece.length), `<a>${piece.repeat((MAX_XML_BYTES - 10) / piece.length)}</a>`, `<a>x${piece.repeat((MAX_XML_BYTES - 10) / piece.length)}`])
      readXml(text);
    expect(performance.now() - from).toBeLessThan(500);
  });
});
