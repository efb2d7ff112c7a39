/** NHN Cloud DNS Plus: record sets, every answer with status 200, and the app key in the path as the only credential. https://docs.nhncloud.com/en/Network/DNS%20Plus/en/api-guide/ */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, json, LOOK_AGAIN_SECONDS, looseText, onlyName, recordSets, secret, untilTotal, type Zone } from '../../sdk/index.ts';

const PAGE = 3000;
const header = v.object({ isSuccessful: v.literal(true) });
const Zones = v.object({ header, totalCount: v.nullish(v.number()), zoneList: v.nullish(v.array(v.object({ zoneId: v.string(), zoneName: v.string() })), []) });
const RecordSet = v.object({
  recordsetId: v.string(),
  recordsetName: v.string(),
  recordsetType: v.string(),
  recordsetTtl: v.nullish(v.number()),
  recordList: v.nullish(v.array(v.object({ recordDisabled: v.nullish(v.boolean()), recordContent: v.nullish(v.string(), '') })), []),
});
const Listing = v.object({ header, totalCount: v.nullish(v.number()), recordsetList: v.nullish(v.array(RecordSet), []) });
const Done = v.object({ header });
const Refusal = v.object({ header: v.object({ isSuccessful: v.literal(false), resultCode: looseText, resultMessage: v.nullish(v.string()) }) });

/** `disabled`: addresses that are switched off in the console; they are sent again as they are. */
type Held = HeldSet & { readonly id: string; readonly disabled: readonly string[] };

export default defineProvider({
  api: 1,
  id: 'nhn',
  name: 'NHN Cloud DNS Plus',
  reference: 'https://docs.nhncloud.com/en/Network/DNS%20Plus/en/api-guide/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['Only the code for a wrong app key is published; what other codes mean is told by their first digits.', 'How many requests are allowed is not published.'],
  also: ['nhncloud', 'toast', 'TOAST Cloud', 'DNS Plus'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 10, max: 2_147_483_647, initial: 300 } },
  options: { appKey: secret('app key of the DNS Plus service') },
  environment: { appKey: ['NHN_CLOUD_DNSPLUS_APPKEY'] },
  credentials:
    'At https://console.nhncloud.com choose Network > DNS Plus and there URL & Appkey. The key may change every zone of the service and is part of every URL, so keep it as you would a password; ' +
    'make an own project for the zones of this machine where others share the account.',
  open({ appKey, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://dnsplus.api.nhncloudservice.com/dnsplus/v1.0',
      endpoint,
      words: (body) => (v.is(Refusal, body) ? { code: body.header.resultCode, message: body.header.resultMessage?.trim() } : undefined),
      meanings: [
        { match: /^401/, kind: 'auth', says: 'it does not know this app key', hint: 'copy it again from URL & Appkey of the DNS Plus service' },
        { match: /^403/, kind: 'auth' },
        { match: /^404/, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^409/, kind: 'conflict' },
        { match: /^429/, kind: 'throttled', waitSeconds: 60 },
        { match: /^5/, kind: 'unavailable' },
      ],
    });
    const zones = `/appkeys/${encodeURIComponent(appKey.reveal())}/zones`;
    const of = ({ id }: Zone): string => `${zones}/${encodeURIComponent(id)}/recordsets`;
    const held = ({ recordsetId, recordsetName, recordsetType, recordsetTtl, recordList }: v.InferOutput<typeof RecordSet>): Held => ({
      id: recordsetId,
      name: recordsetName,
      type: recordsetType,
      values: recordList.flatMap(({ recordDisabled, recordContent }) => (recordDisabled ? [] : [recordContent])),
      disabled: recordList.flatMap(({ recordDisabled, recordContent }) => (recordDisabled ? [recordContent] : [])),
      ...(recordsetTtl ? { ttl: recordsetTtl } : {}),
    });
    const entry = (recordDisabled: boolean) => (recordContent: string) => ({ recordDisabled, recordContent });
    return recordSets<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { zoneList, totalCount } = await ask({ path: zones, query: { page: cursor ?? 1, limit: PAGE }, purpose: 'list the zones' }, json(Zones));
          const found = zoneList.map(({ zoneId, zoneName }) => ({ id: zoneId, name: zoneName.toLowerCase().replace(/\.$/, '') }));
          return untilTotal(found, cursor, totalCount);
        },
      },
      async list(zone, cursor, keys) {
        const only = onlyName(keys);
        const query = { recordsetTypeList: 'A,AAAA', searchRecordsetName: only && `${only}.`, page: cursor ?? 1, limit: PAGE };
        const { recordsetList, totalCount } = await ask({ path: of(zone), query, purpose: 'list the record sets' }, json(Listing));
        return untilTotal(recordsetList.map(held), cursor, totalCount);
      },
      async put(zone, { after, held }) {
        const { name, type, values, ttl = held?.ttl ?? 300 } = after;
        const recordset = { recordsetType: type, recordsetTtl: ttl, recordList: [...values.map(entry(false)), ...(held?.disabled ?? []).map(entry(true))] };
        if (!held) await ask({ method: 'POST', path: of(zone), json: { recordset: { recordsetName: `${name}.`, ...recordset } }, purpose: 'create a record set' }, json(Done));
        else if (recordset.recordList.length > 0) await ask({ method: 'PUT', path: `${of(zone)}/${encodeURIComponent(held.id)}`, json: { recordset }, purpose: 'change a record set' }, json(Done));
        else await ask({ method: 'DELETE', path: of(zone), query: { recordsetIdList: held.id }, purpose: 'remove a record set', idempotent: false }, json(Done));
        return undefined;
      },
    });
  },
});
