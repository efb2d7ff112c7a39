/**
 * For a test about a time so short that a busy machine may stand still for longer: 400 ms of silence, a budget of five seconds. It is made anew up to twice;
 * what the program does wrong it does every time. `npm test` names those that needed it.
 */
export const ONCE_MORE = { retry: 2 } as const;
