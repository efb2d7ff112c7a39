/** The same cases for the laws in every run, so that a state of the code is green or is not; `LAWS_SEED` (a whole number) tries others, as `npm run laws` does. */
import fc from 'fast-check';

export const SEED = Number(process.env['LAWS_SEED'] ?? 20_260_101);
fc.configureGlobal({ seed: SEED });
