/** Records of a set that are switched off one by one: they are kept where the set is written anew. */

/** One record as PowerDNS and its kin show it. */
export type Switched = { readonly content: string; readonly disabled?: boolean | undefined };

/** What is served, and what is kept there without being served. */
export const apart = (records: readonly Switched[]): { readonly values: readonly string[]; readonly asleep: readonly string[] } => ({
  values: records.flatMap(({ content, disabled }) => (disabled ? [] : [content])),
  asleep: records.flatMap(({ content, disabled }) => (disabled ? [content] : [])),
});

/** The records of a set that serves exactly `values` and keeps what is asleep. */
export const beside = (values: readonly string[], asleep: readonly string[] = []): readonly Required<Switched>[] => [
  ...values.map((content) => ({ content, disabled: false })),
  ...asleep.filter((content) => !values.includes(content)).map((content) => ({ content, disabled: true })),
];
