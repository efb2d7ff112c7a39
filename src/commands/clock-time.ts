/** A moment as people read it off the wall: `14:05`, here. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

const MINUTE = 60_000;
/** Within it the hands of a clock say which moment is meant. */
const ROUND_THE_CLOCK = 12 * 60 * MINUTE;

/** By when something is true, told `now`: a minute that has begun is counted, and what is far off has its date. */
export function byWhen(at: number, now: number): string {
  const whole = Math.ceil(at / MINUTE) * MINUTE;
  const date = new Date(whole);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  return Math.abs(whole - now) <= ROUND_THE_CLOCK ? clockTime(whole) : `${day} ${clockTime(whole)}`;
}
