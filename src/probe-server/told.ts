/** What the probe-server says of one look, as JSON: written here, read by the probe that asked. */
import * as v from 'valibot';
import { type IpAddress, parseAddress } from '../core/address.ts';
import type { Leaf, Sighting } from '../core/reach.ts';

/** `why`: with `open: false`, what became of the connection; else why no more was seen than that. */
export type Told = {
  readonly version: 1;
  /** That of the caller. */
  readonly address: IpAddress;
  readonly port: number;
  readonly open: boolean;
  readonly why?: string;
  readonly certificate?: ReturnType<typeof leafJson>;
  /** `body`: only with status 200, and only what can be the text of such a page. */
  readonly page?: { readonly status: number; readonly body?: string };
};

export const leafJson = ({ fingerprint256, names, validTo }: Leaf) => ({ fingerprint256, names, validTo: new Date(validTo).toISOString() });

const clause = v.pipe(v.string(), v.transform(tame));
const looked = v.object({
  version: v.literal(1),
  address: v.pipe(
    v.string(),
    v.transform((text) => parseAddress(text)),
    v.custom<IpAddress>((address) => address !== undefined),
  ),
  port: v.number(),
  open: v.boolean(),
  why: v.optional(clause),
  certificate: v.optional(
    v.object({
      fingerprint256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      names: v.array(v.string()),
      validTo: v.pipe(
        v.string(),
        v.transform((text) => Date.parse(text)),
        v.number(),
      ),
    }),
  ),
  page: v.optional(v.object({ status: v.number(), body: v.optional(v.string(), '') })),
});
const refused = v.object({ version: v.literal(1), problem: clause });

/** What was seen, and from which address we came; or its words for why it did not look. Undefined: no probe-server says this. */
export function readTold(json: unknown): { readonly address: IpAddress; readonly port: number; readonly sighting: Sighting } | { readonly problem: string } | undefined {
  const no = v.safeParse(refused, json);
  if (no.success) return no.output;
  const yes = v.safeParse(looked, json);
  if (!yes.success) return undefined;
  const { address, port, open, why, certificate, page } = yes.output;
  if (!open) return { address, port, sighting: { kind: 'closed', words: why ?? 'it does not let itself be connected to' } };
  const seen = certificate !== undefined ? ({ kind: 'certificate', ...certificate } as const) : page !== undefined ? ({ kind: 'page', ...page } as const) : undefined;
  return { address, port, sighting: { kind: 'open', ...(seen === undefined ? {} : { seen }), ...(why === undefined ? {} : { words: `it connects, but ${why}`, unread: why }) } };
}

/** For one line of a terminal. */
function tame(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').slice(0, 300);
}
