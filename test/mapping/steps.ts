/** What is done in the box behind the router, one after the other. */
export type Step =
  /** The words after `ddns-update map`. */
  | { readonly run: readonly string[] }
  | { readonly together: readonly (readonly string[])[] }
  /** Another machine (another address of the box) maps a port for itself, by NAT-PMP. */
  | { readonly from: string; readonly port: number }
  | { readonly shell: string };

/** For `shell`: in the router instead. */
export const inRouter = (command: string): Step => ({ shell: `nsenter -t 1 -n ${command}` });
