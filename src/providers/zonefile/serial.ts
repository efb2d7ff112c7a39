/** The next serial number of a zone, in the style it is kept in. */

const WHOLE = 2 ** 32;

/**
 * Larger than `serial` in the arithmetic of RFC 1982. A number of the style YYYYMMDDnn becomes that of today (UTC) unless it is there already;
 * any other is counted up by one. Zero is left out: some servers take it for "unknown". `now`: milliseconds since 1970.
 */
export function nextSerial(serial: number, now: number): number {
  const today = Number(new Date(now).toISOString().slice(0, 10).replaceAll('-', '')) * 100;
  if (isDated(serial) && serial < today) return today;
  return (serial + 1) % WHOLE || 1;
}

/** Does the number read as a day of these decades and two digits? */
function isDated(serial: number): boolean {
  const parts = /^((?:19[89]|20\d)\d)(\d\d)(\d\d)\d\d$/.exec(String(serial));
  if (parts === null) return false;
  const [, year, month, day] = parts;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
