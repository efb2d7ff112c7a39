/** Every law for the providers whose ids begin with t to z. */
import { conform } from '../support/conformance.ts';

await conform('t-z');
