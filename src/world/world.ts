/** Everything outside the program as one value, passed by hand: clock, network, files, environment, chance, processes. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Candidate } from '../core/ipv6.ts';
import type { Leaf, Offer } from '../core/reach.ts';
import type { Redactor } from '../core/secret.ts';

export type World = {
  readonly clock: Clock;
  readonly net: Net;
  readonly files: Files;
  readonly processes: Processes;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly redactor: Redactor;
  /** One line of `--trace`, redacted before it is shown; does nothing unless asked for. */
  readonly trace: (line: string) => void;
};

export type Clock = {
  /** Milliseconds since 1970; may jump. */
  readonly now: () => number;
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number;
  /** Ends early, without an error, when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

/**
 * Where to send to. `zone`: of a link-local address, the link that is meant (datagrams only). `bind`: the local address to send from; `bindPort`: the
 * local port, which must be free (datagrams only, together with `bind`).
 */
export type Peer = { readonly address: IpAddress; readonly port: number; readonly zone?: string | undefined; readonly bind?: IpAddress | undefined; readonly bindPort?: number };
export type Deadline = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined };

/** No socket outlives its call. Every method throws `Fault` of kind `network`, with the phase that was reached. */
export type Net = {
  /**
   * Sends one datagram from a fresh connected socket, repeats it after `repeatMs` if given (once, or after each of several pauses), and resolves
   * with the first reply from exactly this peer for which `accept` is true. Others are dropped and waiting goes on: a forger cannot end the wait.
   */
  readonly datagram: (peer: Peer, payload: Uint8Array, accept: (reply: Uint8Array) => boolean, wait: Deadline & { readonly repeatMs?: number | readonly number[] }) => Promise<Uint8Array>;
  /**
   * Opens a TCP (or TLS, when `serverName` is given) connection, sends `payload`, and hands everything received so far to `done` with every
   * chunk until it returns a value. More than `maxBytes` is Fault `gibberish`.
   */
  readonly stream: <T>(peer: Peer, payload: Uint8Array, done: (received: Uint8Array) => T | undefined, wait: Deadline & { readonly maxBytes: number; readonly serverName?: string }) => Promise<T>;
  /**
   * One HTTP exchange over a fresh connection of the given family, never through a proxy, redirects not followed. For echo services and routers.
   * A body beyond `maxBytes` is cut where status or type already say that it is no answer, else Fault `gibberish`.
   */
  readonly echo: (request: EchoRequest, wait: Deadline) => Promise<HttpReply>;
  /** One HTTP exchange with a provider: keep-alive within the round, proxies of the environment honoured, redirects not followed. Loads undici. */
  readonly http: (request: HttpRequest, wait: Deadline) => Promise<HttpReply>;
  /** All addresses of a host, by the configured servers or the system; literals are returned as they are. Nothing is cached. */
  readonly lookup: (host: string, family: Family | undefined, wait: Deadline) => Promise<readonly IpAddress[]>;
  /** The resolvers that `lookup` asks: those of the config, else the system's. */
  readonly resolvers?: () => Promise<readonly Peer[]>;
  /** Addresses of this machine's interfaces, with the flags that matter for publishing where the system tells them (Linux). */
  readonly interfaces: () => readonly InterfaceAddress[];
  /** Where the box is plugged in; undefined where the system does not tell or there is no default route. */
  readonly network: () => Promise<Network | undefined>;
  /** The router that this machine reaches the internet through over IPv6; undefined where there is none, or the system does not tell. */
  readonly router6?: () => Promise<Router6 | undefined>;
  /** The interface through which the internet is reached over this family, tunnels included; undefined when there is none. Sends nothing. */
  readonly departure?: (family: Family) => Promise<string | undefined>;
  /**
   * Sends every message over IPv4 from one fresh socket, all of them once more after `repeatMs`, and hands each reply to `hear` with the address it came
   * from, whichever that is. Ends `lingerMs` after `hear` was true for the first time; if it never is, that is a Fault like any silence.
   */
  readonly search?: (search: Search, hear: (reply: Uint8Array, from: string) => boolean, wait: Deadline) => Promise<void>;
  /** Opens a TCP connection and closes it. */
  readonly knock?: (peer: Peer, wait: Deadline) => Promise<void>;
  /** The certificate that a TLS server shows for this name, whether anybody vouches for it or not, to whoever offers this (by default `any`, and `http` where that is turned away). */
  readonly leaf?: (peer: Peer, serverName: string, wait: Deadline & { readonly offer?: Offer }) => Promise<Leaf>;
  /** Answers plain HTTP on this port (0: any) of every address of this machine, or of `bind` alone, until closed. Fault `network` of code EADDRINUSE or EACCES where that cannot be. */
  readonly serve?: (port: number, answer: (request: ServedRequest) => Promise<ServedReply>, bind?: IpAddress) => Promise<Serving>;
  /** Closes what `http` keeps alive. */
  readonly close: () => Promise<void>;
};

/** `target`: path and query. `from`: the literal address it came from. Header names in lower case. There is no body: one that comes is not read. */
export type ServedRequest = { readonly method: string; readonly target: string; readonly headers: Readonly<Record<string, string>>; readonly from: string };
export type ServedReply = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
export type Serving = { readonly port: number; readonly close: () => Promise<void> };

/** `by`: the neighbour by whose interface everything leaves, multicasts too, which die after `hops` routers. */
export type Search = {
  readonly by: IpAddress<4>;
  readonly messages: readonly { readonly to: { readonly address: IpAddress<4>; readonly port: number }; readonly payload: Uint8Array }[];
  readonly hops: number;
  readonly repeatMs: number;
  readonly lingerMs: number;
};

/** `address`: mostly a link-local one, which means a router only together with `zone`, the link as the system numbers or names it. */
export type Router6 = { readonly address: IpAddress<6>; readonly zone: string; readonly interface: string };

/** `at`: connect there, to the port of `url`, whichever host that names. `post`: sent in place of asking. Its headers travel in the case they are given in: not every router knows that case does not matter. */
export type EchoRequest = {
  readonly url: string;
  readonly family: Family;
  readonly bind?: IpAddress | undefined;
  readonly at?: Pick<Peer, 'address' | 'zone'>;
  readonly maxBytes: number;
  readonly post?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
};
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  /** Plain `http:` beyond loopback is refused without it. */
  readonly insecure?: boolean;
  /** The reply holds a secret: neither its headers nor its body are traced. */
  readonly confidential?: boolean;
  /** Over this family and through no proxy, because the receiver takes note of the address it comes from. */
  readonly direct?: Family;
};
export type HttpReply = {
  readonly status: number;
  /** Lower-case names; several values of one name are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type InterfaceAddress = Candidate;

/** The fingerprint of a network: any difference means the box was carried elsewhere. */
export type Network = { readonly gateway: string; readonly gatewayMac?: string; readonly interface: string; readonly prefix?: string };

/** What looking alone takes: nothing written, no program started. */
export type Reading = Pick<Files, 'read' | 'list' | 'stat'>;
export type Outlook = Pick<World, 'clock' | 'net' | 'random' | 'env'> & { readonly files: Reading };

export type Files = {
  /** The whole file; undefined when there is none. Throws Fault `state` for anything else. */
  readonly read: (path: string) => string | undefined;
  /** Atomic and durable: temporary file beside it, every byte counted, fsync, rename, fsync of the folder. Throws Fault `state`; the old file is then still whole. */
  readonly write: (path: string, text: string, options: { readonly mode: number }) => void;
  /** Creates the file with this text, or returns false when it is there already. */
  readonly create: (path: string, text: string, options: { readonly mode: number }) => boolean;
  readonly rename: (from: string, to: string) => void;
  /** No error when there is none. */
  readonly remove: (path: string) => void;
  /** Like mkdir -p. */
  readonly folder: (path: string, options: { readonly mode: number }) => void;
  /** Sets the time of the last change to now. No error when there is none. */
  readonly touch: (path: string) => void;
  /** Names in a folder; empty when there is none. */
  readonly list: (path: string) => readonly string[];
  /** `othersMayRead`: group or world have read permission. Undefined: no such file. */
  readonly stat: (path: string) => { readonly modifiedAt: number; readonly size: number; readonly mode: number; readonly othersMayRead: boolean } | undefined;
};

export type Processes = {
  /** Runs a program without a shell. Throws Fault `network` when it cannot be started or does not end in time. */
  readonly run: (command: readonly string[], wait: Deadline & { readonly maxBytes: number }) => Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }>;
  /** What this machine calls itself. */
  readonly host?: () => string;
  /** This process and proof that a pid is still the same process: pid, start time, boot and pid namespace. */
  readonly self: () => ProcessIdentity;
  /** `unknown`: another pid namespace or machine, or the system does not tell. */
  readonly isAlive: (identity: ProcessIdentity) => 'alive' | 'dead' | 'unknown';
};

export type ProcessIdentity = { readonly pid: number; readonly startedAt: string; readonly scope: string };
