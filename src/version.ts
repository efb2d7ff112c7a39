/** The program's own name and version, as it is told to servers. */

export const VERSION = '0.1.0';
export const USER_AGENT = `ddns-update/${VERSION}`;
