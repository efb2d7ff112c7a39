/** Types of nodes.mjs, for tests. */
export function installNodes(versions: readonly string[]): void;
export function binaryOf(version: string): string;
