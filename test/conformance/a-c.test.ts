/** Every law for the providers whose ids begin with a to c. */
import { conform } from '../support/conformance.ts';

await conform('a-c');
