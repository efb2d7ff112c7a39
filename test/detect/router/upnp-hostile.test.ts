/** UPnP IGD against whoever else is in the local network, and against a router that was taken over: nobody but the gateway is believed or even spoken to. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { Told } from '../../../src/detect/ask.ts';
import { upnpExternalAddress } from '../../../src/detect/router/upnp.ts';
import { type Behaviour, description, found, IGD, IP1, line, returned, type UpnpRouter, upnpRouter, worldOf } from '../../servers/upnp-router.ts';
import { ONCE_MORE } from '../../support/once-more.ts';

const LIE = '6.6.6.6';
const STRANGER = '127.0.0.66';

let routers: UpnpRouter[] = [];
afterEach(async () => {
  await Promise.all(routers.map((router) => router.close()));
  routers = [];
});
async function started(behaviour: Behaviour): Promise<UpnpRouter> {
  const router = await upnpRouter(behaviour);
  routers.push(router);
  return router;
}
const stranger = (behaviour: Behaviour = {}): Promise<UpnpRouter> => started({ lines: [line(LIE)], host: STRANGER, ...behaviour });
async function ask(gateway: UpnpRouter, group: readonly UpnpRouter[] = [], timeoutMs = 3000): Promise<{ readonly said: Told; readonly tookMs: number }> {
  const from = performance.now();
  const said = await upnpExternalAddress(gateway.host, worldOf(gateway, group), { timeoutMs });
  return { said, tookMs: performance.now() - from };
}
const honest = { kind: 'told', address: '5.6.7.8' };
const failure = (kind: string, words: RegExp): unknown => ({ kind: 'failed', failure: expect.objectContaining({ kind, detail: expect.stringMatching(words) }) });

describe('another host of the local network', ONCE_MORE, () => {
  test('that answers the search in the place of a silent gateway is not believed, not asked, and named', async () => {
    const [silent, liar] = [await started({ ssdp: () => [] }), await stranger()];
    expect((await ask(silent, [liar], 300)).said).toEqual(failure('timeout', /does not answer by UPnP at 127\.0\.0\.1, only 127\.0\.0\.66 does, which is not the gateway/));
    expect(liar.searches.length).toBeGreaterThan(0);
    expect(liar.requests).toEqual([]);
  });

  test('that answers first and a hundred times does not drown the gateway', async () => {
    const gateway = await started({ lines: [line('5.6.7.8')] });
    const liar = await stranger({ ssdp: (_, base) => Array.from({ length: 100 }, (_, at) => found(`${base}/${at}`)) });
    expect((await ask(gateway, [liar])).said).toEqual(honest);
    expect(liar.requests).toEqual([]);
  });

  test('that says it is described at the gateway is not believed either', async () => {
    const gateway = await started({ ssdp: () => [], lines: [line('5.6.7.8')] });
    const liar = await stranger({ ssdp: () => [found(`${gateway.base}/desc.xml`)] });
    expect((await ask(gateway, [liar], 300)).said).toEqual(failure('timeout', /only 127\.0\.0\.66/));
    expect(gateway.requests).toEqual([]);
  });
});

describe('a gateway whose answer leads elsewhere', ONCE_MORE, () => {
  const places: readonly [string, (other: UpnpRouter, port: string) => string][] = [
    ['another host', ({ base }) => `${base}/desc.xml`],
    ['a name', (_, port) => `http://localhost:${port}/desc.xml`],
    ['a name that begins like the gateway', (_, port) => `http://127.0.0.1.nip.example:${port}/desc.xml`],
    ['another host behind the address of the gateway', ({ base }) => `${base.replace('http://', 'http://127.0.0.1@')}/desc.xml`],
    ['the gateway with a user', (_, port) => `http://admin:admin@127.0.0.1:${port}/desc.xml`],
    ['the gateway over TLS', (_, port) => `https://127.0.0.1:${port}/desc.xml`],
    ['the gateway in IPv6 form', (_, port) => `http://[::ffff:127.0.0.1]:${port}/desc.xml`],
    ['this machine over IPv6', (_, port) => `http://[::1]:${port}/desc.xml`],
    ['a file', () => 'file:///etc/passwd'],
    ['a file at the gateway', () => 'file://127.0.0.1/etc/passwd'],
    ['nowhere', () => '/desc.xml'],
    ['a host hidden behind a tab', ({ base }) => `http://127.0.0.1\t@${base.slice(7)}/desc.xml`],
  ];
  test.each(places)('to %s, is not followed', async (_, place) => {
    const other = await stranger();
    const gateway: UpnpRouter = await started({ lines: [line(LIE)], ssdp: (_, base) => [found(place(other, new URL(base).port))] });
    expect((await ask(gateway, [], 300)).said).toEqual(failure('forged', /described at another host than 127\.0\.0\.1/));
    expect([...gateway.requests, ...other.requests]).toEqual([]);
  });

  test.each<[string, (other: UpnpRouter, location: string) => Behaviour]>([
    ['by a redirect', (other, location) => ({ http: redirecting('GET', `${other.base}/desc.xml`), ssdp: () => [found(location)] })],
    ['by a redirect to itself', (_, location) => ({ http: redirecting('GET', '/other.xml'), ssdp: () => [found(location)] })],
  ])('%s, is not followed', async (_, made) => {
    const other = await stranger();
    const gateway = await started({ lines: [line(LIE)], ...made(other, ''), ssdp: (_, base) => [found(`${base}/desc.xml`)] });
    expect((await ask(gateway)).said).toEqual(failure('redirect', /redirects to another place/));
    expect([gateway.requests, other.requests]).toEqual([['GET /desc.xml'], []]);
  });

  test('by a redirect of a call, is not followed', async () => {
    const other = await stranger();
    const gateway = await started({ lines: [line(LIE)], http: redirecting('POST', `${other.base}/ctl/ip`) });
    expect((await ask(gateway)).said).toEqual(failure('nonsense', /answered 307, a redirect that is not followed/));
    expect(other.requests).toEqual([]);
  });

  test.each<[string, (other: UpnpRouter) => string]>([
    ['absolute', ({ base }) => `${base}/ctl/ip`],
    ['without a scheme', ({ base }) => `${base.slice('http:'.length)}/ctl/ip`],
    ['behind a user', ({ base }) => `${base.replace('http://', 'http://127.0.0.1@')}/ctl/ip`],
    ['over TLS', ({ base }) => `${base.replace('http:', 'https:')}/ctl/ip`],
    ['in a file', () => 'file:///ctl/ip'],
    ['with a header behind it', () => '/ctl/ip HTTP/1.1&#13;&#10;X-Injected: yes'],
    ['with a line end behind it', () => '/ctl/ip&#10;/x'],
  ])('by its control URL, %s, is not called', async (_, place) => {
    const other = await stranger();
    const gateway = await started({ lines: [line(LIE, { url: place(other) })] });
    expect((await ask(gateway)).said).toEqual(failure('forged', /controlled at another host than 127\.0\.0\.1/));
    expect([gateway.requests, other.requests]).toEqual([['GET /desc.xml'], []]);
  });

  test('by URLBase, is not followed', async () => {
    const other = await stranger();
    const gateway = await started({ lines: [line('5.6.7.8')], describe: (lines) => description(lines, `<URLBase>${other.base}</URLBase>`) });
    expect((await ask(gateway)).said).toEqual(honest);
    expect(other.requests).toEqual([]);
  });

  test('with one line only, is asked for the others', async () => {
    const other = await stranger();
    const gateway = await started({ lines: [line(LIE, { url: `${other.base}/ctl/ip` }), line('5.6.7.8', { url: '/b' })] });
    expect((await ask(gateway)).said).toEqual(honest);
    expect(other.requests).toEqual([]);
  });
});

describe('a type of service that is none', () => {
  test.each([`${IP1}x`, `${IP1}"&#13;&#10;X-Injected: yes`, 'urn:schemas-upnp-org:service:WANIPConnection:9', 'urn:evil:service:WANIPConnection:1'])('%s is not called', async (type) => {
    const gateway = await started({ lines: [line(LIE, { type })] });
    expect((await ask(gateway)).said).toEqual(failure('absent', /offers no connection/));
    expect(gateway.posts).toEqual([]);
  });
});

describe('XML that is a weapon', ONCE_MORE, () => {
  const BOMB = `<!DOCTYPE root [<!ENTITY a "${'6'.repeat(50)}">${Array.from({ length: 9 }, (_, at) => `<!ENTITY ${'b'.repeat(at + 1)} "${`&${at === 0 ? 'a' : 'b'.repeat(at)};`.repeat(10)}">`).join('')}]>`;
  const bodies: readonly [string, (usual: string) => string | Buffer, RegExp][] = [
    ['an entity bomb', (usual) => usual.replace(/^(<\?.*?\?>)?/, `$1${BOMB}`).replace(/>(\d|Box)/, '>&bbbbbbbbb;$1'), /document type/],
    ['an external document type', (usual) => usual.replace(/^(<\?.*?\?>)?/, '$1<!DOCTYPE root SYSTEM "http://127.0.0.66/x.dtd">'), /document type/],
    ['an external entity', (usual) => usual.replace(/^(<\?.*?\?>)?/, '$1<!DOCTYPE root [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), /document type/],
    ['an entity nobody declared', (usual) => usual.replace(/<\/\w/, '&x;$&'), /entity/],
    ['ten thousand levels', () => '<a>'.repeat(10_000), /32 deep/],
    ['not UTF-8', (usual) => Buffer.from(usual.replace(/<\/\w/, '\xff$&'), 'latin1'), /UTF-8/],
    ['UTF-16', (usual) => Buffer.from(`\uFEFF${usual}`, 'utf16le'), /UTF-8/],
    ['cut short', (usual) => usual.slice(0, -20), /cut short|tag/],
  ];
  test.each(bodies)('%s, as a description, is refused at once', async (_, spoil, words) => {
    const gateway = await started({ lines: [line(LIE)], describe: (lines) => spoil(description(lines)) });
    const { said, tookMs } = await ask(gateway);
    expect(said).toEqual(failure('nonsense', words));
    expect(tookMs).toBeLessThan(1000);
    expect(gateway.posts).toEqual([]);
  });

  test.each(bodies)('%s, as the answer to a call, is refused at once', async (_, spoil, words) => {
    const answer = spoil(returned(IP1, 'GetExternalIPAddress', { NewExternalIPAddress: LIE }));
    const gateway = await started({ lines: [line(LIE)], http: (request, response) => request.method === 'POST' && end(response, answer) });
    const { said, tookMs } = await ask(gateway);
    expect(said).toEqual(failure('nonsense', words));
    expect(tookMs).toBeLessThan(1000);
  });
});

describe('a body without an end', ONCE_MORE, () => {
  const usual = (request: IncomingMessage): string =>
    request.method === 'GET' ? description([line(LIE)]) : returned(IP1, String(request.headers['soapaction']).split(/[#"]/)[2] ?? '', { NewExternalIPAddress: LIE });
  const bodies: readonly [string, (request: IncomingMessage, response: ServerResponse) => void, string, RegExp][] = [
    ['of a hundred megabytes', (_, response) => flood(response, 'application/xml'), 'nonsense', /more than 65536 bytes/],
    ['of a hundred megabytes of page', (_, response) => flood(response, 'text/html'), 'nonsense', /32 deep/],
    ['that says how long it would be', (_, response) => void response.writeHead(200, { 'content-length': String(2 ** 40) }).write('<a>'), 'timeout', /did not answer within/],
    ['that drips', (_, response) => drip(response, ' '), 'timeout', /did not answer within/],
    ['that is whole and then drips', (request, response) => drip(response, ' ', usual(request)), 'timeout', /did not answer within/],
    ['that never begins', () => {}, 'timeout', /did not answer within/],
    ['that is cut off', (_, response) => void response.writeHead(200, { 'content-length': '500' }).write('<a>', () => response.socket?.destroy()), 'network', /cut the connection off/],
    ['before which headers go on and on', (request) => void headersWithoutEnd(request), 'nonsense', /HTTP/],
    ['that is none of HTTP', (request) => void request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'nonsense', /HTTP/],
  ];
  test.each(bodies)('%s, as a description', async (_, misbehave, kind, words) => {
    const gateway = await started({ lines: [line(LIE)], http: only('GET', misbehave) });
    const { said, tookMs } = await ask(gateway, [], 500);
    expect(said).toEqual(failure(kind, words));
    expect(tookMs).toBeLessThan(900);
  });

  test.each(bodies)('%s, as the answer to a call', async (_, misbehave, kind, words) => {
    const gateway = await started({ lines: [line(LIE)], http: only('POST', misbehave) });
    const { said, tookMs } = await ask(gateway, [], 500);
    expect(said).toEqual(failure(kind, words));
    expect(tookMs).toBeLessThan(900);
  });
});

test('a router that describes itself in drops gets a second, however patient the caller is', ONCE_MORE, async () => {
  const gateway = await started({ lines: [line(LIE)], http: only('GET', (_, response) => drip(response, ' ')) });
  const { said, tookMs } = await ask(gateway, [], 5000);
  expect(said).toEqual(failure('timeout', /did not answer within 1 s/));
  expect(tookMs).toBeLessThan(1600);
});

describe('more than anybody needs', ONCE_MORE, () => {
  test('of descriptions: ten are looked at', async () => {
    const gateway = await started({ ssdp: (_, base) => Array.from({ length: 40 }, (_, at) => found(`${base}/${at}.xml`)) });
    expect((await ask(gateway)).said).toEqual(failure('status', /404/));
    expect(gateway.requests).toHaveLength(10);
  });

  test('of lines: eight are looked at', async () => {
    const gateway = await started({ lines: Array.from({ length: 40 }, (_, at) => line('', { url: `/${at}` })) });
    expect((await ask(gateway)).said.kind).toBe('failed');
    expect(gateway.posts).toHaveLength(16);
  });

  test('of bytes in an answer to the search', async () => {
    const gateway = await started({ lines: [line(LIE)], ssdp: (_, base) => [`${found(`${base}/desc.xml`)}${'x'.repeat(5000)}`] });
    expect((await ask(gateway, [], 300)).said).toEqual(failure('timeout', /does not answer by UPnP/));
  });

  test('of headers that contradict each other', async () => {
    const gateway = await started({ lines: [line(LIE)], ssdp: (_, base) => [found(`${base}/desc.xml`).replace('LOCATION', `LOCATION: ${base}/other.xml\r\nlocation`)] });
    expect((await ask(gateway, [], 300)).said).toEqual(failure('timeout', /does not answer by UPnP/));
  });

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['zeros', new Uint8Array(1400)],
    ['a refusal', 'HTTP/1.1 500 Internal Server Error\r\n\r\n'],
    ['an announcement', `NOTIFY * HTTP/1.1\r\nNT: ${IGD}\r\nNTS: ssdp:alive\r\nLOCATION: http://127.0.0.1/\r\n\r\n`],
  ])('of answers that are none: %s', async (_, reply) => {
    const gateway = await started({ lines: [line('5.6.7.8')], ssdp: (_, base) => [reply, found(`${base}/desc.xml`)] });
    expect((await ask(gateway)).said).toEqual(honest);
  });
});

test('a proxy of the environment is never asked', async () => {
  const [gateway, proxy] = [await started({ lines: [line('5.6.7.8')] }), await stranger()];
  const before = { ...process.env };
  Object.assign(process.env, { http_proxy: proxy.base, HTTP_PROXY: proxy.base, NODE_USE_ENV_PROXY: '1' });
  try {
    expect((await ask(gateway)).said).toEqual(honest);
  } finally {
    for (const name of ['http_proxy', 'HTTP_PROXY', 'NODE_USE_ENV_PROXY']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
  expect(proxy.requests).toEqual([]);
});

/** To requests of this method; others are answered as usual. */
function only(method: string, misbehave: (request: IncomingMessage, response: ServerResponse) => void): NonNullable<Behaviour['http']> {
  return (request, response) => {
    if (request.method === method) misbehave(request, response);
    return request.method === method;
  };
}

function redirecting(method: string, location: string): NonNullable<Behaviour['http']> {
  return (request, response) => {
    if (request.method !== method) return false;
    response.writeHead(307, { location }).end();
    return true;
  };
}

function end(response: ServerResponse, body: string | Buffer): true {
  response.writeHead(200, { 'content-type': 'text/xml' }).end(body);
  return true;
}

function flood(response: ServerResponse, type: string): void {
  response.writeHead(200, { 'content-type': type });
  response.on('error', () => {});
  let left = 100 * 16;
  const pump = (): void => {
    while (left-- > 0 && !response.destroyed && response.write('<a>'.repeat(21_845)));
    if (left <= 0) response.end();
  };
  response.on('drain', pump);
  pump();
}

function drip(response: ServerResponse, drop: string, first = '<a>'): void {
  response.writeHead(200, { 'content-type': 'text/xml' }).write(first);
  const timer = setInterval(() => response.write(drop), 20);
  response.on('close', () => clearInterval(timer));
}

function headersWithoutEnd({ socket }: IncomingMessage): void {
  socket.on('error', () => {});
  socket.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket.write(`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(4)), 5);
  socket.on('close', () => clearInterval(timer));
}
