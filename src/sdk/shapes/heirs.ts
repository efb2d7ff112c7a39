/** What hangs on single values of a set, where the whole set is sent: what stays keeps it, what comes takes it over from what goes. */

/** One value that is to be. `from`: the entry whose place it takes; undefined: there was none left. `stays`: that entry has this value already. */
export type Heir<V, E> = { readonly value: V; readonly from: E | undefined; readonly stays: boolean };

/** In the order of `values`; no entry has two heirs. */
export function heirs<V, E>(values: readonly V[], before: readonly E[], valueIn: (entry: E) => unknown): readonly Heir<V, E>[] {
  const leaving = before.filter((entry) => !values.some((value) => value === valueIn(entry)));
  return values.map((value) => {
    const own = before.find((entry) => valueIn(entry) === value);
    return own === undefined ? { value, from: leaving.shift(), stays: false } : { value, from: own, stays: true };
  });
}
