/**
 * The version, which `deno.json` says too; a test keeps them equal.
 *
 * @module
 */

/** This package's version. */
export const VERSION = "0.1.0";
