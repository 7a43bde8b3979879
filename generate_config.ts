#!/usr/bin/env -S deno run --allow-env --allow-read --allow-write
/**
 * `generate-supervisor-config`: writes the configuration and exits.
 *
 * Permissions: `--allow-env`, and `--allow-read` and `--allow-write` of the file's directory.
 *
 * @module
 */
import { generateMain } from "./src/cli/generate_main.ts";
import { readEnvironment } from "./src/host/ask_permission.ts";
import { readRawArguments } from "./src/cli/raw_input.ts";

if (import.meta.main) {
  Deno.exit(generateMain(readRawArguments(Deno.args), readEnvironment()));
}
