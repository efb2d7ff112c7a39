/** A process in the box: what visitors come for, over HTTP and HTTPS. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

const [certificate = '', key = ''] = process.argv.slice(2);
const greet: RequestListener = (_, response) => void response.end('the box\n');
createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }, greet).listen(443, '::');
createServer(greet).listen(80, '::', () => console.log('ready'));
