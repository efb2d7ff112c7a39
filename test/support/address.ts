/** Addresses in tests, parsed at the door like any other. */
import { type IpAddress, parseAddress } from '../../src/core/address.ts';

export function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new TypeError(`not an address: ${text}`);
  return parsed;
}
