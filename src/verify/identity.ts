/** What this machine shows at its own ports, for those who look from outside: a page of ours where nothing listens, else the certificate of what does. */
import { type IpAddress, parseAddress } from '../core/address.ts';
import { type Attempt, attempt, type Failure, Fault } from '../core/failure.ts';
import { type Fqdn, fqdn } from '../core/name.ts';
import { ownPage, placesOf } from '../core/own-page.ts';
import type { Face, Page } from '../core/reach.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import { token } from '../world/token.ts';
import type { Net, ServedReply, ServedRequest, Serving, World } from '../world/world.ts';

/**
 * `names`: whom a TLS server is asked for. `vacant`: where nothing listens we do; or not, because nobody will look (`leave`), or, with `wait`, because what shall listen there
 * may be starting, as after every move, and would find its port taken.
 */
export type Mirror = { readonly ports: readonly number[]; readonly names: readonly Fqdn[]; readonly vacant?: 'serve' | 'wait' | 'leave' };
export type Shown = {
  /** Undefined: `name` or `port` is none of those that were asked for. */
  readonly faceOf: (name: Fqdn, port: number) => Face | undefined;
  /** The addresses of this machine at which something answered there; that whose face it is comes first. Those that only this machine reaches are among them only where no other is. */
  readonly doorsOf: (port: number) => readonly IpAddress[];
  /** Ends what was served. */
  readonly close: () => Promise<void>;
};

/** This is our own machine: whoever listens answers at once. */
const KNOCK = { timeoutMs: 1000 };
const HANDSHAKE = { timeoutMs: 3000 };
/** For a server to start after its machine was switched on. */
const START = { mostMs: 60_000, everyMs: 2000 };
/** Handshakes with one server. */
const AT_ONCE = 4;

/** Looks, serves what nobody else does until `close`, or until `signal` aborts. All ports have the same page. Never throws for a port that cannot be looked at. */
export async function showFace({ ports, names, vacant = 'serve' }: Mirror, tools: Pick<World, 'net' | 'clock'> & { readonly signal: AbortSignal }): Promise<Shown> {
  const page = ownPage(token(), token());
  const servings = new Set<Promise<Attempt<Serving>>>();
  const close = async (): Promise<void> => {
    tools.signal.removeEventListener('abort', close);
    for (const opening of servings) {
      const opened = await opening;
      if (opened.kind === 'ok') await opened.value.close();
    }
    servings.clear();
  };
  tools.signal.addEventListener('abort', close);
  const doors = await doorsOf(tools.net);
  const rows = await Promise.all(
    [...new Set(ports)].map(async (port) => {
      const answering = await (vacant === 'wait' ? startedOf : openOf)(doors, port, tools);
      if (answering.length > 0) return { port, answering, faces: await facesOf(answering, doors, port, names, tools) };
      if (tools.signal.aborted) return { port, faces: sameFor(names, { kind: 'nothing', words: 'there was no time left to look' }) };
      if (vacant !== 'serve') return { port, faces: sameFor(names, { kind: 'nothing', words: `nothing listens on port ${port}` }) };
      const opening = attempt(() => serve(tools.net, port, page));
      servings.add(opening);
      const opened = await opening;
      return { port, faces: sameFor(names, opened.kind === 'ok' ? { kind: 'page', page } : withoutPage(port, opened.failure)) };
    }),
  );
  if (tools.signal.aborted) await close();
  const byPort = new Map(rows.map((row) => [row.port, row]));
  const doorsAt = (port: number): readonly IpAddress[] => {
    const { answering = [] } = byPort.get(port) ?? {};
    const reached = answering.filter(({ outside }) => outside);
    return (reached.length > 0 ? reached : answering).map(({ address }) => address);
  };
  return { faceOf: (name, port) => byPort.get(port)?.faces.get(name), doorsOf: doorsAt, close };
}

/** What a visitor of `name` asks for: of a wildcard any name under it. */
export const visited = (name: Fqdn): Fqdn => (name.startsWith('*.') ? fqdn(`any${name.slice(1)}`) : name);

/** An address of this machine. `outside`: others than itself may reach it. */
type Door = { readonly address: IpAddress; readonly outside: boolean };

/** Addresses of this machine by which others may reach it. Link-local ones are left out: nobody comes from the internet by them. */
export const reachable = ({ interfaces }: Net): ReturnType<Net['interfaces']> =>
  interfaces().filter(({ address, internal, flags }) => !internal && !/^fe[89ab]/.test(address) && flags?.tentative !== true);

/** Where the internet comes in first, what only this machine reaches last. */
async function doorsOf(net: Net): Promise<readonly Door[]> {
  const ways = await Promise.all(([4, 6] as const).map((family) => attempt(async () => net.departure?.(family))));
  const first = (name: string): number => (ways.some((way) => way.kind === 'ok' && way.value === name) ? 0 : 1);
  const loopback = ['127.0.0.1', '::1'].flatMap((text) => parseAddress(text) ?? []);
  return [
    ...[...reachable(net)].sort((a, b) => first(a.interface) - first(b.interface)).map(({ address }) => ({ address, outside: true })),
    ...loopback.map((address) => ({ address, outside: false })),
  ];
}

const LISTEN = 'let it listen on all addresses of this machine (0.0.0.0 and [::])';

type Looking = { readonly net: Net; readonly signal: AbortSignal };

async function openOf(doors: readonly Door[], port: number, { net, signal }: Looking): Promise<readonly Door[]> {
  const knocked = await Promise.all(doors.map(({ address }) => attempt(async () => net.knock?.({ address, port }, { ...KNOCK, signal }))));
  return net.knock === undefined ? [] : doors.filter((_, at) => knocked[at]?.kind === 'ok');
}

/** As `openOf`, but what is starting is given time. */
async function startedOf(doors: readonly Door[], port: number, tools: Looking & Pick<World, 'clock'>): Promise<readonly Door[]> {
  const { clock, signal } = tools;
  for (const until = clock.elapsed() + START.mostMs; ; ) {
    const open = await openOf(doors, port, tools);
    if (open.length > 0 || signal.aborted || clock.elapsed() >= until) return open;
    await clock.sleep(START.everyMs, signal);
  }
}

async function facesOf(open: readonly Door[], doors: readonly Door[], port: number, names: readonly Fqdn[], { net, signal }: Looking): Promise<ReadonlyMap<Fqdn, Face>> {
  const [first] = open;
  const hidden = first?.outside === false && doors.some(({ outside }) => outside);
  const rest: Face = hidden
    ? { kind: 'nothing', words: `what listens on port ${port} does so on ${first.address} alone, which only this machine itself reaches`, advice: LISTEN }
    : { kind: 'service' };
  const faces = new Map<Fqdn, Face>();
  await eachOf(names, AT_ONCE, async (name) => {
    const shown = await attempt(async () => (first === undefined ? undefined : net.leaf?.({ address: first.address, port }, visited(name), { ...HANDSHAKE, signal })));
    faces.set(name, shown.kind === 'ok' && shown.value !== undefined ? { kind: 'certificate', leaf: shown.value } : rest);
  });
  return faces;
}

const sameFor = (names: readonly Fqdn[], face: Face): ReadonlyMap<Fqdn, Face> => new Map(names.map((name) => [name, face]));

async function serve(net: Net, port: number, page: Page): Promise<Serving> {
  if (net.serve === undefined) throw new Fault({ kind: 'network', phase: 'connect', detail: 'this world has no servers' });
  return net.serve(port, async (request) => answer(request, page));
}

/** The page, and nothing beside it. */
function answer({ method, target }: ServedRequest, page: Page): ServedReply {
  const isAsked = (method === 'GET' || method === 'HEAD') && placesOf(page).includes(target);
  return isAsked ? { status: 200, headers: {}, body: page.nonce } : { status: 404, headers: {}, body: '' };
}

function withoutPage(port: number, { code, detail }: Failure): Face {
  switch (code) {
    // It does not let itself be knocked at, but it is there.
    case 'EADDRINUSE':
      return { kind: 'service' };
    case 'EACCES':
      return { kind: 'nothing', words: `nothing listens on port ${port}, and this user may not either: start what is to answer there, or run this as root` };
    default:
      return { kind: 'nothing', words: `nothing listens on port ${port}, and we cannot either (${detail})` };
  }
}
