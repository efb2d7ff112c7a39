/** All that ddns-update demands of its own providers: every fault at every request, nothing lost, nothing touched that is not ours. */
import { describe, it } from 'node:test';
import { conformance } from 'ddns-update/testing';
import { contract } from './contract.js';
import provider from './provider.js';

conformance(provider, contract, { describe, it });
