/** Which addresses of pages are at the gateway: whatever answers in the local network may name any. */
import type { IpAddress } from '../../core/address.ts';

const MAX_LENGTH = 1024;

/**
 * `text`, resolved against `base` where it is relative, if it leads to the gateway by its very address over plain HTTP; the port is free.
 * Names, other schemes, user names, blanks and control characters are refused: undefined.
 */
export function atGateway(text: string, gateway: IpAddress<4>, base?: string): string | undefined {
  // A URL parser would silently drop line ends and tabs.
  if (text === '' || text.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  const here = url.protocol === 'http:' && url.hostname === gateway && url.port !== '0' && url.username === '' && url.password === '';
  url.hash = '';
  return here ? url.href : undefined;
}
