/** What a state file must look like to be believed: every number, address and kind that is read without a second look later on. */
import { parseAddress } from './core/address.ts';
import { HANDLING } from './core/failure.ts';
import type { State } from './recall.ts';

/** The state in `text`, or why it is none. */
export function parseState(text: string): State | string {
  if (text.trim() === '') return 'the file is empty';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the file is cut short or not JSON';
  }
  if (!isRecord(value)) return 'the file holds no state';
  if (typeof value['version'] === 'number' && value['version'] > 1) return `it was written by a newer ddns-update (version ${value['version']})`;
  if (value['version'] !== 1) return 'the file was written by another program';
  for (const [part, isGood] of Object.entries(PARTS)) {
    const wrong = isGood(value[part]);
    if (wrong !== undefined) return wrong === '' ? `its part "${part}" is damaged` : `what its part "${part}" says of "${wrong}" is damaged`;
  }
  return value as unknown as State;
}

type Check = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === 'string';
/** Times, spans and counts. What no date can hold (ECMAScript 21.4.1.1) is none of them, and could not be told. */
const isNumber: Check = (value) => typeof value === 'number' && Math.abs(value) <= 8.64e15;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape = (checks: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(checks);
  return (value) => isRecord(value) && entries.every(([key, check]) => check(value[key]));
};

/** Undefined when all is well; else the key of the damaged row, or `''` for the whole part. */
type PartCheck = (value: unknown) => string | undefined;
const rows =
  (check: Check): PartCheck =>
  (value) =>
    isRecord(value) ? Object.keys(value).find((key) => !check(value[key])) : '';
const whole =
  (check: Check): PartCheck =>
  (value) =>
    check(value) ? undefined : '';

/** A thousand names mostly have one address. */
let lastGood: unknown;
const isAddress: Check = (value) => {
  if (value === lastGood) return true;
  if (typeof value !== 'string' || parseAddress(value) !== value) return false;
  lastGood = value;
  return true;
};
const isSet = shape({
  name: isText,
  type: (value) => value === 'A' || value === 'AAAA',
  values: list(isAddress),
  ttl: optional(isNumber),
});
const isFailure = shape({ kind: (value) => typeof value === 'string' && Object.hasOwn(HANDLING, value), detail: isText, hint: optional(isText), retryAfterSeconds: optional(isNumber) });
const isTrouble = shape({
  since: isNumber,
  count: isNumber,
  until: (value) => value === 'changed' || isNumber(value),
  digest: optional(isText),
  notedAt: isNumber,
  failure: isFailure,
});

const isServer = shape({ host: isText, port: isNumber, families: list(isNumber) });
const isSource = shape({
  kind: (value) => value === 'dns' || value === 'stun',
  id: isText,
  operator: isText,
  families: list(isNumber),
  servers: list(isServer),
  question: optional(isText),
  class: optional(isText),
  type: optional(isText),
});

const LOWERED = rows(shape({ was: isNumber, to: isNumber, at: isNumber, cheapFrom: isNumber, restoring: optional((value) => value === true) }));

const isPort: Check = (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
const MAPPINGS = rows(
  shape({
    protocol: (value) => value === 'tcp' || value === 'udp',
    external: isPort,
    internal: isPort,
    by: (value) => value === undefined || value === 'pcp' || value === 'nat-pmp' || value === 'upnp',
    router: shape({ gateway: isText, gatewayMac: optional(isText) }),
    client: isText,
    from: isNumber,
    until: optional(isNumber),
    nonce: (value) => typeof value === 'string' && /^[0-9a-f]{24}$/.test(value),
    description: isText,
    family: (value) => value === undefined || value === 6,
    uniqueId: optional(isNumber),
    epochSeconds: optional(isNumber),
  }),
);

/** Everything that is read without a second look later on: addresses, numbers, kinds. Names are taken from the config. */
const PARTS: { readonly [Part in Exclude<keyof State, 'version'>]-?: PartCheck } = {
  settled: whole(
    optional(
      shape({
        config: isText,
        from: isNumber,
        until: isNumber,
        addresses: shape({ 4: optional(isAddress), 6: optional(isAddress) }),
        sources: list(isSource),
        allow: list(isText),
        deny: list(isText),
        servers: list(isText),
      }),
    ),
  ),
  checked: whole(optional(list(isText))),
  network: whole(optional(shape({ gateway: isText, gatewayMac: optional(isText), interface: isText, prefix: optional(isText) }))),
  families: rows(shape({ address: optional(isAddress), fullAt: optional(isNumber) })),
  accounts: rows(shape({ identity: isText, zones: optional(list(shape({ name: isText, id: isText }))), trouble: optional(isTrouble) })),
  targets: rows(
    shape({
      set: optional(isSet),
      pending: optional(isSet),
      confirmedAt: optional(isNumber),
      refreshAt: optional(isNumber),
      notBefore: optional(isNumber),
      trouble: optional(isTrouble),
      drift: optional(isFailure),
      putBack: optional(list(isNumber)),
    }),
  ),
  changes: whole(list(shape({ at: isNumber, name: isText, type: isText, account: isText, before: optional(list(isText)), ttl: optional(isNumber), after: list(isText), why: isText }))),
  told: rows(shape({ kind: isText, since: isNumber, last: isNumber, times: isNumber })),
  mappings: (value) => (value === undefined ? undefined : MAPPINGS(value)),
  lowered: (value) => (value === undefined ? undefined : LOWERED(value)),
};
