/** Echo services over TLS by a real nginx, with every sort of certificate. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from '../../../src/core/address.ts';
import type { Ballot } from '../../../src/core/ballot.ts';
import type { HttpsReading } from '../../../src/detect/source.ts';
import { CERTIFICATES, type CertificateName, type Certificates, makeCertificates } from '../../servers/certificates.ts';
import { type Daemon, startDaemon } from '../../servers/daemon.ts';
import { freePort } from '../../servers/ports.ts';
import { httpsSource } from '../../servers/sources.ts';
import { bundle } from '../../support/bundle.ts';

const LOCATIONS = `
  default_type text/plain;
  location = / { return 200 "$remote_addr\\n"; }
  location = /json { default_type application/json; return 200 '{"data":{"ip":"$remote_addr"}}'; }
  location = /trace { return 200 "fl=1\\nh=$http_host\\nip=$remote_addr\\nwarp=off\\n"; }
  location = /page { default_type text/html; return 200 "<html><body>Log in</body></html>"; }
  location = /moved { return 302 http://portal.example/login; }
  location = /busy { return 429 "$remote_addr\\n"; }
  location = /broken { return 502 "$remote_addr\\n"; }
  location = /private { return 200 "192.168.1.10\\n"; }
  location = /closed { return 444; }`;

let folder: string;
let certificates: Certificates;
let daemon: Daemon;
let asker: string;
const ports = new Map<CertificateName, number>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ddns-nginx-'));
  mkdirSync(join(folder, 'tmp'));
  certificates = makeCertificates();
  for (const name of CERTIFICATES) ports.set(name, await freePort());
  const servers = [...ports].map(
    ([name, port]) =>
      `server { listen 127.0.0.1:${port} ssl; listen [::1]:${port} ssl; ssl_certificate ${certificates.path(name, 'pem')}; ssl_certificate_key ${certificates.path(name, 'key')}; ${LOCATIONS} }`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/tmp/${kind};`).join(' ');
  const head = `daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr warn;\nevents { worker_connections 256; }\n`;
  writeFileSync(join(folder, 'nginx.conf'), `${head}http { access_log off; ${temporary}\n${servers.join('\n')} }\n`);
  daemon = await startDaemon({
    program: '/usr/sbin/nginx',
    args: ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    debian: 'nginx-light',
    ready: () => answers(ports.get('good') ?? 0),
  });
  asker = await bundle(fileURLToPath(new URL('asker.ts', import.meta.url)));
});
afterAll(async () => {
  await daemon?.stop();
  certificates?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
    setTimeout(() => socket.destroy(), 200);
  });

type Question = { readonly path?: string; readonly certificate?: CertificateName; readonly family?: Family; readonly read?: HttpsReading; readonly host?: string };

async function ask(question: Question): Promise<Ballot> {
  const { path = '/', certificate = 'good', family = 4, read = { kind: 'plain' }, host = 'localhost' } = question;
  const source = httpsSource(`https://${host}:${ports.get(certificate)}${path}`, { read });
  const { stdout } = await promisify(execFile)(process.execPath, [asker, JSON.stringify([{ source, family }])], { env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: certificates.authority } });
  return JSON.parse(stdout)[0];
}

describe('good answers', () => {
  const check = (name: string, question: Question, address: string): void => {
    test(name, async () => expect(await ask(question)).toMatchObject({ kind: 'address', address, transport: 'https', authenticated: true }));
  };
  check('plain over IPv4', {}, '127.0.0.1');
  check('plain over IPv6: the family is forced', { family: 6 }, '::1');
  check('JSON', { path: '/json', read: { kind: 'json', path: ['data', 'ip'] } }, '127.0.0.1');
  check('trace', { path: '/trace', read: { kind: 'trace' } }, '127.0.0.1');
  check('a literal address', { host: '[::1]', family: 6 }, '::1');
});

describe('certificates', () => {
  const check = (certificate: CertificateName, words: RegExp): void => {
    test(certificate, async () => {
      const ballot = await ask({ certificate });
      expect(ballot).toMatchObject({ kind: 'failed', failure: { kind: 'tls' } });
      expect(ballot.kind === 'failed' && ballot.failure.detail).toMatch(words);
    });
  };
  check('wrong-host', /certificate of another host/);
  check('expired', /has expired/);
  check('not-yet', /not valid yet/);
  check('self-signed', /signed by itself/);
  check('other-authority', /unknown authority/);
});

describe('no answers', () => {
  const check = (path: string, kind: string): void => {
    test(path, async () => expect(await ask({ path })).toMatchObject({ kind: 'failed', failure: { kind } }));
  };
  check('/page', 'html');
  check('/moved', 'redirect');
  check('/busy', 'status');
  check('/broken', 'status');
  check('/private', 'special');
  check('/closed', 'network');
  check('/nowhere', 'status');
});
