/** A throwaway authority and server certificates of it, good and bad, made with openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CERTIFICATES = ['good', 'wrong-host', 'expired', 'not-yet', 'self-signed', 'other-authority'] as const;
export type CertificateName = (typeof CERTIFICATES)[number];
/** `path(name, 'pem' | 'key')`; `authority`: what a client must trust. */
export type Certificates = { readonly authority: string; readonly path: (name: CertificateName, kind: 'pem' | 'key') => string; readonly remove: () => void };

const NAMES = 'DNS:localhost,IP:127.0.0.1,IP:::1';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** `names`: whose the good ones are, as openssl writes a subjectAltName. */
export function makeCertificates(names = NAMES): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-certificates-'));
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const authority = (name: string): void =>
    openssl(
      'req',
      '-x509',
      ...KEY,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=critical,keyCertSign',
    );
  // `openssl ca` is what can set both ends of the validity.
  const leaf = (name: CertificateName, by: string, subject: string, from: string, to: string): void => {
    openssl('req', ...KEY, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(join(folder, 'index'), '');
    const sections = [
      '[ca]',
      'default_ca=own',
      '[own]',
      'database=index',
      'new_certs_dir=.',
      'rand_serial=yes',
      'default_md=sha256',
      'policy=any',
      'x509_extensions=more',
      '[any]',
      'commonName=supplied',
      '[more]',
    ];
    writeFileSync(join(folder, 'ca.conf'), [...sections, 'basicConstraints=CA:FALSE', `subjectAltName=${subject}`, 'extendedKeyUsage=serverAuth', ''].join('\n'));
    openssl('ca', '-batch', '-notext', '-config', 'ca.conf', '-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`, '-startdate', from, '-enddate', to);
  };
  authority('authority');
  authority('stranger');
  leaf('good', 'authority', names, '20250101000000Z', '20490101000000Z');
  leaf('wrong-host', 'authority', 'DNS:somewhere-else.test', '20250101000000Z', '20490101000000Z');
  leaf('expired', 'authority', names, '20200101000000Z', '20210101000000Z');
  leaf('not-yet', 'authority', names, '20480101000000Z', '20490101000000Z');
  leaf('other-authority', 'stranger', names, '20250101000000Z', '20490101000000Z');
  openssl('req', '-x509', ...KEY, '-days', '30', '-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`, '-keyout', 'self-signed.key', '-out', 'self-signed.pem');
  return { authority: join(folder, 'authority.pem'), path: (name, kind) => join(folder, `${name}.${kind}`), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const KEY_KINDS = ['rsa', 'ecdsa', 'eddsa'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];
export type Pair = { readonly cert: string; readonly key: string };

const NEW_KEY: Readonly<Record<KeyKind, readonly string[]>> = {
  rsa: ['-newkey', 'rsa:2048', '-nodes'],
  ecdsa: KEY,
  eddsa: ['-newkey', 'ed25519', '-nodes'],
};

/** A certificate signed by itself, and its key, as text. */
export function makePair(kind: KeyKind, names: string): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-pair-'));
  try {
    const args = ['req', '-x509', ...NEW_KEY[kind], '-days', '30', '-subj', `/CN=${kind}`, '-addext', `subjectAltName=${names}`, '-keyout', 'key', '-out', 'pem'];
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    return { cert: readFileSync(join(folder, 'pem'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
