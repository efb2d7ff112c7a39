/** The floor: the least a program in Node can do that reads one file, asks two witnesses, and believes the first. */
const { createSocket } = require('node:dgram');
const [, , memory, dnsPort, stunPort] = process.argv;
const { address } = JSON.parse(require('node:fs').readFileSync(memory, 'utf8'));
const question = Buffer.from('\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x06whoami\x04test\0\0\x01\0\x01', 'latin1');
const binding = Buffer.from('\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl', 'latin1');
const sockets = [
  [question, dnsPort],
  [binding, stunPort],
].map(([payload, port]) => {
  const socket = createSocket('udp4').on('message', (reply) => {
    if (reply.length > 0 && address) for (const one of sockets) one.close();
  });
  socket.send(payload, Number(port), '127.0.0.1');
  return socket;
});
