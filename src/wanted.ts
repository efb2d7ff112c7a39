/**
 * For how long a round's answers are wanted: until its time is up, or until the box is elsewhere or the program is to end. In the second
 * case questions end, and nothing is begun, told or remembered; a write that was begun is finished all the same.
 */

type Limits = { readonly signal: AbortSignal; readonly wanted?: AbortSignal };

/** What ends questions; a write that was begun heeds `signal` alone. */
export const wantedIn = ({ wanted, signal }: Limits): AbortSignal => wanted ?? signal;

/** What `work` brings, or `otherwise` when nobody waits for it any more. */
export const unlessUnwanted = <T>({ wanted }: Limits, work: Promise<T>, otherwise: T): Promise<T> =>
  wanted === undefined ? work : Promise.race([work, new Promise<T>((resolve) => (wanted.aborted ? resolve(otherwise) : wanted.addEventListener('abort', () => resolve(otherwise), { once: true })))]);
