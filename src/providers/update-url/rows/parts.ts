/** What many rows share: where facts were read, the answers of dyndns2, and the usual URL. */
import type { UpdateUrlRowInput } from '../../../sdk/index.ts';

export const CHECKED = { checked: '2026-11-20' } as const;

/** Programs whose source was read, where the service itself says nothing. */
export const DDCLIENT = { reference: 'https://github.com/ddclient/ddclient', ...CHECKED } as const;
export const DDNS_UPDATER = { reference: 'https://github.com/qdm12/ddns-updater', ...CHECKED } as const;
export const INADYN = { reference: 'https://github.com/troglobit/inadyn', ...CHECKED } as const;
export const IPFIRE = { reference: 'https://git.ipfire.org/?p=ddns.git', ...CHECKED } as const;
export const OPENWRT = { reference: 'https://github.com/openwrt/packages/tree/master/net/ddns-scripts', ...CHECKED } as const;
export const PFSENSE = { reference: 'https://github.com/pfsense/pfsense', ...CHECKED } as const;

/** Basic authentication, and the words of Dyn's remote access API. The type of the record follows from the address, the other one stays. */
export const DYNDNS2 = {
  auth: 'basic',
  answers: 'dyndns2',
  success: '^(good|nochg)\\b',
  noChange: '^nochg\\b',
  examples: { success: 'good {ip}', noChange: 'nochg {ip}' },
  otherFamily: 'kept',
  status: 'active',
} as const;

/** The usual query, for whichever address there is. */
export const byAddress = (url: string) => ({ urlV4: `${url}?hostname={host}&myip={ip}`, urlV6: `${url}?hostname={host}&myip={ip}` }) as const;

/** The same for A records alone. */
export const forIpv4 = (url: string) => ({ urlV4: `${url}?hostname={host}&myip={ip}` }) as const;

/** A status of success says all that is known. */
export const BY_STATUS = { success: '^', examples: { success: 'done' } } as const;

/** Part of a row, kept to its form. */
export type Part = Partial<UpdateUrlRowInput>;
export type Rows = readonly UpdateUrlRowInput[];
