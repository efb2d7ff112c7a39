/**
 * For a test about a time so short that a busy machine may stand still for longer: 400 ms of silence, a budget of five seconds. It is made anew up to twice,
 * a little later; what the program does wrong it does every time. `npm test` names those that needed it.
 */
export const ONCE_MORE = { retry: { count: 2, delay: 5000 } } as const;
