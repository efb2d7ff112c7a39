/** Every law for the providers whose ids begin with d to g. */
import { conform } from '../support/conformance.ts';

await conform('d-g');
