/**
 * The version, here and nowhere else: scripts/package.ts puts it into the package's deno.json.
 *
 * @module
 */

/** This package's version. */
export const VERSION = "0.1.0";
