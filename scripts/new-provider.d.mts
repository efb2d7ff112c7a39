/** What the script of the same name lends to its tests. */
export const SHAPES: Readonly<Record<string, string>>;
export function problemOf(id: string | undefined, at?: string): string | undefined;
export function filesFor(made: { readonly id: string; readonly shape: string; readonly today: string }): Readonly<Record<string, string>>;
export function leftIn(folder: string): readonly string[];
