/** The five calls of Route 53 that are needed, through Amazon's SDK over our own Net. Loaded only when an account is opened. */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  type HostedZone,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
  type Route53ClientConfig,
  type RRType,
} from '@aws-sdk/client-route-53';
import { type Failure, Fault, type Secret, type Tools } from '../../sdk/index.ts';
import { handlerOver, RefusedFault } from './handler.ts';

export type { Change, HostedZone, ResourceRecordSet };

export type ClientOptions = {
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: Secret | undefined;
  readonly sessionToken?: Secret | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
};

/** Where a page begins: a position in Route 53's own order, not a filter. */
export type Start = { readonly name: string; readonly type?: string | undefined; readonly identifier?: string | undefined };

export type Calls = {
  /** Up to 100 hosted zones of the account, public and private. */
  readonly zones: (marker: string | undefined) => Promise<{ readonly zones: readonly HostedZone[]; readonly next: string | undefined }>;
  readonly zone: (id: string) => Promise<HostedZone>;
  /** Record sets from `start` on, at most `limit`; 300 is Route 53's own most. */
  readonly page: (zoneId: string, start: Start | undefined, limit: number) => Promise<{ readonly sets: readonly ResourceRecordSet[]; readonly next: Start | undefined }>;
  /** All or nothing. `id` is for `isInSync`. A batch that Route 53 refuses for what is in it is a value, everything else a Fault. */
  readonly change: (zoneId: string, changes: readonly Change[]) => Promise<{ readonly kind: 'changed'; readonly id: string } | { readonly kind: 'refused'; readonly failure: Failure }>;
  /** Have all name servers got this change? */
  readonly isInSync: (changeId: string) => Promise<boolean>;
};

export function openClient(options: ClientOptions, tools: Tools): Calls {
  const client = new Route53Client(configOf(options, tools));

  /** What `send` may still do about a request that was surely not carried out. */
  const again = async (thrown: unknown, tries: number): Promise<boolean> => {
    if (!(thrown instanceof RefusedFault)) return false;
    // The signature was refused for its date: sign once more by Amazon's clock.
    if (thrown.offsetMs !== undefined && client.config.systemClockOffset === 0) {
      client.config.systemClockOffset = thrown.offsetMs;
      return true;
    }
    // The batch before this one, perhaps our own, is still being carried out in the same zone.
    if (thrown.refusal.code !== 'PriorRequestNotComplete' || tries >= 3) return false;
    await tools.clock.sleep(1000 * 2 ** tries * (0.75 + 0.5 * tools.random()), tools.signal);
    return !tools.signal.aborted;
  };
  const send = async <T>(call: () => Promise<T>, tries = 0): Promise<T> => {
    try {
      return await call();
    } catch (thrown) {
      // The edge: what Amazon's SDK throws becomes a Fault here.
      if (await again(thrown, tries)) return send(call, tries + 1);
      throw asFault(thrown, options);
    }
  };

  return {
    async zones(marker) {
      const command = new ListHostedZonesCommand({ MaxItems: 100, ...(marker === undefined ? {} : { Marker: marker }) });
      const { HostedZones, IsTruncated, NextMarker } = await send(() => client.send(command));
      return { zones: expected(HostedZones, 'the list of hosted zones'), next: IsTruncated ? expected(NextMarker, 'where the list of hosted zones goes on') : undefined };
    },

    async zone(id) {
      return expected((await send(() => client.send(new GetHostedZoneCommand({ Id: id })))).HostedZone, 'the hosted zone');
    },

    async page(zoneId, start, limit) {
      const command = new ListResourceRecordSetsCommand({
        HostedZoneId: zoneId,
        MaxItems: limit,
        ...(start === undefined ? {} : { StartRecordName: start.name }),
        ...(start?.type === undefined ? {} : { StartRecordType: start.type as RRType }),
        ...(start?.identifier === undefined ? {} : { StartRecordIdentifier: start.identifier }),
      });
      const answer = await send(() => client.send(command));
      return { sets: expected(answer.ResourceRecordSets, 'the list of record sets'), next: nextOf(answer) };
    },

    async change(zoneId, changes) {
      const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Comment: 'ddns-update', Changes: [...changes] } });
      return send(async () => {
        try {
          const id = expected((await client.send(command)).ChangeInfo?.Id, 'the id of the change');
          return { kind: 'changed', id } as const;
        } catch (thrown) {
          if (thrown instanceof RefusedFault && thrown.refusal.code === 'InvalidChangeBatch') return { kind: 'refused', failure: thrown.failure } as const;
          throw thrown;
        }
      });
    },

    async isInSync(changeId) {
      return expected((await send(() => client.send(new GetChangeCommand({ Id: changeId })))).ChangeInfo?.Status, 'the state of the change') === 'INSYNC';
    },
  };
}

function configOf(options: ClientOptions, tools: Tools): Route53ClientConfig {
  // Amazon's SDK warns on stderr that versions yet to come will want a newer Node. Which version is bundled is decided here, not by who reads that.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const credentials = staticCredentials(options, tools);
  return {
    region: options.region ?? tools.env['AWS_REGION'] ?? tools.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    // When to ask again is decided by this program's own rules: one attempt is one request.
    maxAttempts: 1,
    retryMode: 'standard',
    requestHandler: handlerOver(tools),
    logger: SILENT,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    // Without keys: profile, SSO, web identity, container and instance metadata, as for every AWS tool. Roles and log-ins are asked for
    // through our handler; SSO, containers and instances with Amazon's own, so neither `--trace` nor the proxy settings reach those.
    ...(credentials === undefined ? {} : { credentials }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  };
}

/** Keys of the config, then keys of the environment unless a profile was asked for. */
function staticCredentials({ accessKeyId, secretAccessKey, sessionToken, profile }: ClientOptions, { env }: Tools): NonNullable<Route53ClientConfig['credentials']> | undefined {
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey: secretAccessKey.reveal(), ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }) };
  }
  const [id, key, token] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']];
  if (profile !== undefined || !id || !key) return undefined;
  return { accessKeyId: id, secretAccessKey: key, ...(token ? { sessionToken: token } : {}) };
}

const silent = (): void => {};
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

const nextOf = ({ IsTruncated, NextRecordName, NextRecordType, NextRecordIdentifier }: ListResourceRecordSetsCommandOutput): Start | undefined =>
  IsTruncated ? { name: expected(NextRecordName, 'where the list of record sets goes on'), type: NextRecordType, identifier: NextRecordIdentifier } : undefined;

function expected<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `Route 53 answered without ${what}` });
  return part;
}

/** A log-in or a rotated role changes credentials that are not in the config, so nothing there can end a pause: look again after this long. */
const CHAIN_RETRY_SECONDS = 900;

function asFault(thrown: unknown, { accessKeyId }: ClientOptions): unknown {
  const fault = translated(thrown);
  if (!(fault instanceof Fault) || fault.failure.kind !== 'auth' || accessKeyId !== undefined) return fault;
  return new Fault({ ...fault.failure, lookAgainSeconds: CHAIN_RETRY_SECONDS }, { cause: thrown });
}

/** Faults pass; trouble with the credential chain is the user's to mend; what Amazon's SDK cannot read is no answer of Route 53. */
function translated(thrown: unknown): unknown {
  if (thrown instanceof Fault || !(thrown instanceof Error)) return thrown;
  if (thrown.name === 'CredentialsProviderError' || thrown.name === 'TokenProviderError') {
    const detail = `no usable AWS credentials (${thrown.message.split('\n')[0]?.slice(0, 300)})`;
    const hint = 'set accessKeyId and secretAccessKey, or profile, for this account; or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment; or log in again (aws sso login)';
    return new Fault({ kind: 'auth', detail, hint }, { cause: thrown });
  }
  if ('$response' in thrown) return new Fault({ kind: 'gibberish', phase: 'reply', detail: 'Route 53 answered something that its own SDK cannot read' }, { cause: thrown });
  return thrown;
}
