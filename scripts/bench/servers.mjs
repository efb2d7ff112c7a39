/** What the measured programs talk to, on loopback: two whoami servers over UDP, an echo and an update service over HTTP. All count. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

export const ADDRESS = '203.0.113.7';

/** Every answer comes `delayMs` after its question. `reset()` sets the counts to 0. */
export async function startServers() {
  const state = { delayMs: 0, datagrams: 0, requests: 0 };
  const later = (answer) => (state.delayMs === 0 ? answer() : setTimeout(answer, state.delayMs));
  const udp = async (reply) => {
    const socket = createSocket('udp4');
    socket.on('message', (message, { port, address }) => {
      state.datagrams += 1;
      later(() => socket.send(reply(message), port, address));
    });
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return socket;
  };
  const dns = await udp(dnsAnswer);
  const stun = await udp(stunAnswer);
  const http = createServer((request, response) => {
    state.requests += 1;
    const body = request.url.startsWith('/nic/update') ? `good ${ADDRESS}` : ADDRESS;
    later(() => response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length, connection: 'close' }).end(body));
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    state,
    dnsPort: dns.address().port,
    stunPort: stun.address().port,
    httpPort: http.address().port,
    reset: () => Object.assign(state, { datagrams: 0, requests: 0 }),
    close: () => {
      dns.close();
      stun.close();
      http.close();
    },
  };
}

const octets = ADDRESS.split('.').map(Number);

/** The question back, with one A record that says ADDRESS. */
function dnsAnswer(question) {
  const end = 12 + question.subarray(12).indexOf(0) + 5;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8500, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(12, end), Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...octets])]);
}

/** A Binding success response with XOR-MAPPED-ADDRESS, RFC 8489 section 14.2. */
function stunAnswer(request) {
  const cookie = [0x21, 0x12, 0xa4, 0x42];
  return Buffer.concat([Buffer.from([1, 1, 0, 12]), request.subarray(4, 20), Buffer.from([0, 0x20, 0, 8, 0, 1, 0x12 ^ 0x21, 0x34 ^ 0x12, ...octets.map((octet, index) => octet ^ cookie[index])])]);
}
