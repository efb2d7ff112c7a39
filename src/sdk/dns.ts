/** DNS messages and transaction signatures, for adapters that speak DNS themselves. */
export { belongs, framer, question } from '../core/question.ts';
export {
  addressOf,
  addressRecord,
  CLASS,
  concat,
  decodeMessage,
  EMPTY,
  encodeMessage,
  type Message,
  message,
  OPCODE,
  type Question,
  RCODE_NAMES,
  type ResourceRecord,
  type Soa,
  soaData,
  soaOf,
  TYPE,
  targetOf,
  u16,
} from '../core/wire.ts';
export { isTsigAlgorithm, type Signed, sealReply, signMessage, TSIG_ALGORITHMS, type TsigAlgorithm, type TsigKey, type TsigVerdict, tsigSize, tsigVerifier, weakTsigAlgorithms } from './tsig.ts';
