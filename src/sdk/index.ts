/** Everything a provider's author may import; published as `ddns-update/sdk`. In-tree adapters use nothing else. */
/** The schemas that options and replies are parsed with, so that a package needs nothing else. */
export * as v from 'valibot';
export { type Family, familyOf, fromBytes, type IpAddress, parseAddress, toBytes } from '../core/address.ts';
export { attempt, type Failure, type FailureKind, Fault, LOOK_AGAIN_SECONDS } from '../core/failure.ts';
export { type Fqdn, parseName, relativeTo, suffixes, zoneOf } from '../core/name.ts';
export type { Capabilities, Change, WriteResult } from '../core/plan.ts';
export { familyOfType, keyOf, partsOf, printSet, type RecordKey, type RecordSet, type RecordType, recordSet, sameValues } from '../core/record.ts';
export { Secret } from '../core/secret.ts';
export * as wire from '../core/wire.ts';
export type { Clock, Deadline, Files, HttpReply, HttpRequest, Net, Peer, Processes } from '../world/world.ts';
export { type Absent, absentProvider } from './absent-provider.ts';
export { type Api, type ApiRequest, type Ask, api, atEndpoint, type Instead, type Meaning, type Words, wrongClock } from './api.ts';
export { type Budget, withBudget } from './budget.ts';
export { apart, beside, type Switched } from './disabled.ts';
export * from './dns.ts';
export { hostOf, nameOf, onlyHost, onlyName } from './hosts.ts';
export {
  type Asked,
  anyJson,
  call,
  classify,
  cookiesIn,
  exchange,
  gibberish,
  headed,
  json,
  looksLikeHtml,
  matching,
  nextLink,
  noContent,
  nothing,
  orAbsent,
  type Reader,
  type Reading,
  type Request,
  type Rules,
  resetAt,
  retryAfterSeconds,
  type Sign,
} from './http.ts';
export { keyFile } from './key-file.ts';
export { type Keystone, keystone } from './keystone.ts';
export { reserved, type Standing } from './lines.ts';
export { looseNumber, looseText } from './loose.ts';
export { randomHex, uuid } from './nonce.ts';
export { handedOut, type Once, once, until } from './once.ts';
export * from './options.ts';
export { defineProvider, type Evidence, type Manifest, type Provider, type Tools, type Zone, type ZoneMemory } from './provider.ts';
export { publishing } from './publishing.ts';
export { eachOf, inTurn, type Limit, pack, type Sending, type Sent, sendAll, unsent } from './shapes/batches.ts';
export { type Beginnings, type Begun, beginnings } from './shapes/begun.ts';
export { type ExactSet, exactly } from './shapes/exact.ts';
export { type Heir, heirs } from './shapes/heirs.ts';
export { inSets, type SetOfRecords } from './shapes/in-sets.ts';
export { manySets } from './shapes/many-sets.ts';
export { onlyId, withNamesakes } from './shapes/namesakes.ts';
export { byKind, type HeldRecord, type NewRecord, type Operation, type Patch } from './shapes/operations.ts';
export { allPages, fromOffset, type Lister, type Page, untilEmpty, untilLast, untilTotal } from './shapes/pages.ts';
export { type PerName, perName } from './shapes/per-name.ts';
export { type PutById, putById } from './shapes/put-by-id.ts';
export { type HeldSet, type Put, type RecordSets, recordSets } from './shapes/record-sets.ts';
export { type RecordsById, recordsById } from './shapes/records-by-id.ts';
export { type Added, type RecordsByValue, recordsByValue } from './shapes/records-by-value.ts';
export { type Replacing, replacing } from './shapes/replacing.ts';
export { type MarkedNothing, markedNothing, rereading } from './shapes/reread.ts';
export { typeByType } from './shapes/type-by-type.ts';
export { flatWalk, type Zones, zoneNamedOr, zonesOr } from './shapes/zones.ts';
export * from './signing.ts';
export { fill, percentEncode, placeholders } from './template.ts';
export { oneTimePassword } from './totp.ts';
export { updateUrl } from './update-url.ts';
export { serviceProvider } from './update-url-provider.ts';
export { accountProblem, type UpdateUrlAccount } from './update-url-request.ts';
export { capabilitiesOf, PLACEHOLDERS, parseRow, templatesOf, type UpdateUrlRow, type UpdateUrlRowInput, updateUrlRow } from './update-url-row.ts';
export { asFetch, faultIn } from './vendor-fetch.ts';
