/** SSDP as bytes, and which places are at the gateway. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/core/address.ts';
import { atGateway } from '../../../src/detect/router/origin.ts';
import { decodeAnswer, encodeSearch } from '../../../src/detect/router/ssdp.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const answer = (lines: readonly string[], head = 'HTTP/1.1 200 OK'): Uint8Array => bytes(`${[head, ...lines].join('\r\n')}\r\n\r\n`);
const LOCATION = 'LOCATION: http://192.168.1.1:5000/rootDesc.xml';
const OTHER = 5;

test('a search is what the architecture prescribes', () => {
  expect(Buffer.from(encodeSearch('upnp:rootdevice')).toString()).toBe('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n');
});

describe('an answer', () => {
  test.each([
    ['of a gateway, version 2', ['ST: urn:schemas-upnp-org:device:InternetGatewayDevice:2', LOCATION], 0],
    ['of a gateway, version 1', ['ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1', LOCATION], 1],
    ['of a connection', ['ST: urn:schemas-upnp-org:service:WANPPPConnection:1', LOCATION], 4],
    ['that says it in USN alone', ['ST: upnp:rootdevice', 'USN: uuid:1-2::urn:schemas-upnp-org:device:InternetGatewayDevice:1', LOCATION], 1],
    ['of any root device', ['ST: upnp:rootdevice', 'USN: uuid:1-2::upnp:rootdevice', LOCATION], OTHER],
    ['of another kind', ['ST: urn:schemas-upnp-org:device:MediaServer:1', LOCATION], OTHER],
    ['that only looks like a gateway', ['ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1x', LOCATION], OTHER],
    ['with nothing but a place', [LOCATION], OTHER],
    ['with headers in any case and any blanks', ['st:urn:schemas-upnp-org:device:InternetGatewayDevice:1', 'location:\t http://192.168.1.1:5000/rootDesc.xml \t'], 1],
    ['with lines that are no headers', ['', LOCATION], undefined],
    ['without a place', ['ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1'], undefined],
    ['with two places', [LOCATION, LOCATION], undefined],
  ])('%s', (_, lines, rank) => {
    expect(decodeAnswer(answer(lines))).toEqual(rank === undefined ? undefined : { location: 'http://192.168.1.1:5000/rootDesc.xml', rank });
  });

  test.each([
    ['a status that is not 200', answer([LOCATION], 'HTTP/1.1 404 Not Found')],
    ['a status that only begins so', answer([LOCATION], 'HTTP/1.1 2000 OK')],
    ['an announcement', answer([LOCATION], 'NOTIFY * HTTP/1.1')],
    ['the search of somebody else', encodeSearch('ssdp:all')],
    ['more bytes than an answer has', answer([LOCATION, `X: ${'x'.repeat(4096)}`])],
    ['nothing', new Uint8Array(0)],
  ])('none: %s', (_, reply) => expect(decodeAnswer(reply)).toBeUndefined());

  test('lines may end in a line feed alone, and the blank line may be missing', () => {
    expect(decodeAnswer(bytes(`HTTP/1.1 200 OK\n${LOCATION}`))?.location).toBe('http://192.168.1.1:5000/rootDesc.xml');
  });

  test('a header that hides in another is not seen', () => {
    expect(decodeAnswer(answer([`X: y\rLOCATION: http://192.168.1.66/`, LOCATION]))?.location).toBe('http://192.168.1.1:5000/rootDesc.xml');
    expect(decodeAnswer(answer(['X: y', ` ${LOCATION}`]))).toBeUndefined();
  });

  test('no bytes make it throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (reply) => void decodeAnswer(reply)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void decodeAnswer(bytes(`HTTP/1.1 200 OK\r\n${text}`))));
  });
});

describe('at the gateway', () => {
  const gateway = parseAddress('192.168.1.1', 4);
  if (gateway === undefined) throw new Error('192.168.1.1 is an address');
  const BASE = 'http://192.168.1.1:5000/igd/desc.xml';

  test.each([
    ['http://192.168.1.1:49152/desc.xml', 'http://192.168.1.1:49152/desc.xml'],
    ['http://192.168.1.1', 'http://192.168.1.1/'],
    ['HTTP://192.168.1.1:80/x?y=1#z', 'http://192.168.1.1/x?y=1'],
    ['/ctl/IPConn', 'http://192.168.1.1:5000/ctl/IPConn'],
    ['ctl/IPConn', 'http://192.168.1.1:5000/igd/ctl/IPConn'],
    ['?control', 'http://192.168.1.1:5000/igd/desc.xml?control'],
    ['../../../x', 'http://192.168.1.1:5000/x'],
    ['//192.168.1.1/x', 'http://192.168.1.1/x'],
  ])('%s', (text, expected) => expect(atGateway(text, gateway, BASE)).toBe(expected));

  test.each([
    'http://192.168.1.66/desc.xml',
    'http://192.168.1.1.evil.example/desc.xml',
    'http://192.168.1.1@192.168.1.66/',
    'http://user@192.168.1.1/',
    'http://user:password@192.168.1.1/',
    'http://localhost/',
    'http://router.lan/',
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:192.168.1.1]/',
    'http://[fe80::1%25eth0]/',
    'http://0/',
    'http://192.168.1.1:0/',
    'http://192.168.1.1:65536/',
    'https://192.168.1.1/',
    'ftp://192.168.1.1/',
    'file:///etc/passwd',
    'file://192.168.1.1/etc/passwd',
    'data:text/xml,<root/>',
    'javascript:alert(1)',
    '//192.168.1.66/x',
    '\\\\192.168.1.66\\x',
    'http:\\\\192.168.1.66\\x',
    'http://192.168.1.1\t.evil.example/',
    '/ctl\r\nX-Injected: yes',
    '/ctl\n/IPConn',
    '/ctl/IP Conn',
    '/ctl/\u0000',
    '/ctl/é',
    'http://１９２.168.1.1/',
    'http://',
    '',
    `/${'x'.repeat(1024)}`,
  ])('not: %j', (text) => expect(atGateway(text, gateway, BASE)).toBeUndefined());

  test('without a base a path leads nowhere', () => expect(atGateway('/ctl/IPConn', gateway)).toBeUndefined());

  test('whatever is taken leads to the gateway, in the clear and without a user', () => {
    const parts = fc.constantFrom('http:', 'https:', '//', '/', '\\', '@', ':', '192.168.1.1', '192.168.1.66', 'evil.example', '.', '[::1]', '%00', '%2f', '#', '?', '80', '0x7f.1', '..', ';');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl({ withFragments: true }),
          fc.array(parts, { maxLength: 8 }).map((some) => some.join('')),
          fc.string(),
        ),
        (text) => {
          const url = atGateway(text, gateway, BASE);
          if (url !== undefined) expect(url).toMatch(/^http:\/\/192\.168\.1\.1(:[1-9]\d*)?\/[\x21-\x7e]*$/);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
