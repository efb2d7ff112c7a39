/** What a provider package is called: `ddns-update-provider-x`, or `@someone/ddns-update-provider-x`. */

/** As a regular expression without anchors, for the JSON Schema too. */
export const PLUGIN_NAME = '(@[a-z0-9~-][a-z0-9._~-]*/)?ddns-update-provider-[a-z0-9][a-z0-9._~-]*';

const pattern = new RegExp(`^${PLUGIN_NAME}$`);

/** Is this the name of a package, and not an id of ours? */
export const isPlugin = (provider: string): boolean => pattern.test(provider);
