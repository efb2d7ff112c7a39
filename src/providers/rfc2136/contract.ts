/** A name server in memory, reached over the network of the fake world. */
import { concat, Fault, parseAddress, type TsigKey, u16 } from '../../sdk/index.ts';
import type { Contract, FakeParts, FakeZone } from '../../testing/index.ts';
import { answer } from './fake.ts';

const SECRET = 'c2VjcmV0LW9mLXRoZS1jb25mb3JtYW5jZS1zdWl0ZQ==';
const KEY: TsigKey = { name: 'ddns', algorithm: 'hmac-sha256', secret: new Uint8Array(Buffer.from(SECRET, 'base64')) };

const cutOff = (): Fault => new Fault({ kind: 'network', phase: 'reply', detail: 'the name server cut the connection off' });

const backend = (zone: FakeZone): FakeParts => ({
  net: {
    lookup: async (host) => [parseAddress(host)].filter((one) => one !== undefined),
    async stream(_peer, payload, done) {
      const replies: Uint8Array[] = [];
      for (let at = 0; at < payload.length; ) {
        const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
        const reply = answer(zone, KEY, payload.subarray(at + 2, at + 2 + size));
        if (reply) replies.push(u16(reply.length), reply);
        at += 2 + size;
      }
      const value = done(concat(replies));
      if (value === undefined) throw cutOff();
      return value;
    },
    async datagram(_peer, payload, accept) {
      const reply = answer(zone, KEY, payload);
      if (reply === undefined || !accept(reply)) throw cutOff();
      return reply;
    },
  },
});

export const contract: Contract = {
  options: { server: '127.0.0.1:5300', key: { name: KEY.name, algorithm: KEY.algorithm, secret: SECRET } },
  secretOptions: ['key.secret'],
  zone: 'home.example',
  backend,
  budget: { one: 4, thousand: 8 },
  documented: [],
};
