/** Every law for the providers whose ids begin with o to s. */
import { conform } from '../support/conformance.ts';

await conform('o-s');
