/** Records that are there and must not be touched, because they are disabled or because not everybody is answered with them. */

export type Standing = {
  /** Switched off by hand, as the vendor says it. */
  readonly disabled: boolean;
  /** Whom it answers: a line, view or region. Nothing: everybody. */
  readonly line?: string | null | undefined;
  /** What the vendor calls everybody. */
  readonly everybody: readonly string[];
};

/** `locked` of a record with that standing; nothing where it is like any other. */
export const reserved = ({ disabled, line, everybody }: Standing): { readonly locked?: string } => {
  if (disabled) return { locked: 'is disabled at the provider' };
  return line && !everybody.includes(line) ? { locked: `answers visitors of the line ${line} only` } : {};
};
