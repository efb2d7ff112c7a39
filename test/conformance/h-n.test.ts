/** Every law for the providers whose ids begin with h to n. */
import { conform } from '../support/conformance.ts';

await conform('h-n');
