/** Reading a listing to its end: a listing that stops early or never ends is an error, never "there is nothing". */
import { Fault } from '../../core/failure.ts';

/** What a listing call returns. */
export type Page<T> = {
  readonly items: readonly T[];
  /** Where the next page begins, whatever the provider calls that; undefined: this was the last one. */
  readonly next?: string | number | undefined;
  /** How many items there are on all pages together, where the provider tells. */
  readonly total?: number | undefined;
};

/** `cursor` is undefined for the first page, then each page's `next`. */
export type Lister<T> = (cursor: string | number | undefined) => Promise<Page<T>>;

/** For a vendor that numbers its pages from 1 and tells neither their number nor the next: asked until one is empty, because it may list fewer than it was asked for. */
export const untilEmpty = <T>(items: readonly T[], cursor: string | number | undefined): Page<T> => ({ items, next: items.length === 0 ? undefined : Number(cursor ?? 1) + 1 });

const MOST_PAGES = 10_000;

/** For a vendor that says which of how many pages this is, counted from 1. */
export const untilLast = <T>(items: readonly T[], { page, pages }: { readonly page: number; readonly pages: number }): Page<T> => ({ items, next: page < pages ? page + 1 : undefined });

/** For a vendor that numbers its pages from 1 and tells how many items all of them hold: one page more is asked for where the last is not full, or where it does not tell. */
export const untilTotal = <T>(items: readonly T[], cursor: string | number | undefined, total: number | null | undefined): Page<T> => {
  const page = Number(cursor ?? 1);
  return { items, next: items.length === 0 || (total != null && page * items.length >= total) ? undefined : page + 1, total: total ?? undefined };
};

/** For a vendor that is asked for items from an offset, counted from 0, and tells how many there are; where it does not, until there are none. */
export const fromOffset = <T>(items: readonly T[], cursor: string | number | undefined, total: number | null | undefined): Page<T> => {
  const end = Number(cursor ?? 0) + items.length;
  return { items, next: items.length === 0 || (total != null && end >= total) ? undefined : end, total: total ?? undefined };
};

/**
 * All items. `what` completes "the listing of ...". A page that says word for word what the one before it said comes from a server that knows no pages:
 * it was all there is. Throws Fault `gibberish` for a listing that turns in circles or holds fewer than it says.
 */
export async function allPages<T>(what: string, list: Lister<T>): Promise<readonly T[]> {
  const items: T[] = [];
  const seen = new Set<string | number>();
  let cursor: string | number | undefined;
  let before = '';
  for (;;) {
    const listed = await list(cursor);
    const said = JSON.stringify(listed.items);
    const page = said === before && listed.items.length > 0 ? { ...listed, items: [], next: undefined } : listed;
    before = said;
    items.push(...page.items);
    if (page.next === undefined) {
      if (page.total !== undefined && items.length < page.total) throw short(what, items.length, page.total);
      return items;
    }
    if (seen.has(page.next) || seen.size >= MOST_PAGES) throw new Fault({ kind: 'gibberish', detail: `the listing of ${what} does not end` });
    seen.add(page.next);
    cursor = page.next;
  }
}

const short = (what: string, got: number, total: number): Fault => new Fault({ kind: 'gibberish', detail: `the listing of ${what} says that it has ${total} entries, but holds ${got}` });
