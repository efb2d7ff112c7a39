/** A server that is only known to speak dyndns2, as a row of data. */
import { parseRow, type UpdateUrlRow } from '../../sdk/index.ts';

/** The row of the server at `url`. `joint`: it takes both addresses in one `myip`. */
export const rowOf = (url: string, { joint }: { readonly joint: boolean }): UpdateUrlRow => {
  const glue = url.includes('?') ? '&' : '?';
  const single = `${url}${glue}hostname={hosts}&myip={ip}`;
  return parseRow({
    id: 'dyndns2',
    title: new URL(url).host,
    website: '',
    reference: 'https://help.dyn.com/remote-access-api/',
    checked: '2026-11-20',
    evidence: 'documented',
    status: 'active',
    login: 'what the server gave you',
    auth: 'basic',
    urlV4: single,
    urlV6: single,
    ...(joint ? { urlBoth: `${url}${glue}hostname={hosts}&myip={ip4},{ip6}` } : {}),
    multiHost: { separator: ',', max: 20, answer: 'each' },
    answers: 'dyndns2',
    success: '^(good|nochg)\\b',
    noChange: '^nochg\\b',
    wildcard: true,
    tls: url.startsWith('http:') ? 'none' : 'documented',
  });
};
