/** As much of the dns-packet package as the tests use: an independent witness for our own codec. */
declare module 'dns-packet' {
  type Answer = { readonly type: string; readonly name: string; readonly ttl?: number; readonly data: unknown };
  type Packet = {
    readonly type?: string;
    readonly id?: number;
    readonly flags?: number;
    readonly questions?: readonly { readonly type: string; readonly name: string }[];
    readonly answers?: readonly Answer[];
  };
  const packet: { readonly AUTHORITATIVE_ANSWER: number; encode(packet: Packet): Buffer; decode(bytes: Buffer): Packet };
  export default packet;
}
