/** A process in a router that lets nobody out: web pages are its log-in page, the certificate is that of another host, every name has its own address. */
import { readFileSync } from 'node:fs';
import { whoamiServer } from '../../servers/dns-whoami.ts';
import { echoServer } from '../../servers/echo.ts';
import { PORTAL_PORTS } from '../trouble.ts';

const [tell = '', certificate = '', key = ''] = process.argv.slice(2);
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
await Promise.all([
  whoamiServer({ host: '::', port: PORTAL_PORTS.dns, tell }),
  echoServer({ host: '::', port: PORTAL_PORTS.http, tell, mode: 'html-200' }),
  echoServer({ host: '::', port: PORTAL_PORTS.https, tell, mode: 'redirect', tls }),
]);
console.log('ready');
