/** Types of the servers, for the tests that use them too. */
export const ADDRESS: string;
export function startServers(): Promise<{
  readonly state: { delayMs: number; datagrams: number; requests: number };
  readonly dnsPort: number;
  readonly stunPort: number;
  readonly httpPort: number;
  readonly reset: () => void;
  readonly close: () => void;
}>;
