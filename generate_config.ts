#!/usr/bin/env -S deno run --allow-env --allow-read --allow-write
/**
 * `generate-supervisor-config`: writes the configuration and exits.
 *
 * Permissions: `--allow-env`, and `--allow-read` and `--allow-write` of the file's directory.
 *
 * @module
 */
import { DEFAULT_ENGINE_NAME } from "./src/configuration/configuration.ts";
import { ConfigurationError } from "./src/formats/configuration_error.ts";
import { generateConfig } from "./src/document/generate.ts";
import { parseGenerateCommandLine } from "./src/cli/generate_command_line.ts";
import { renderGenerateHelp } from "./src/cli/help.ts";
import { writePrivateFile } from "./src/host/private_file.ts";
import { readRawArguments } from "./src/cli/raw_input.ts";
import { VERSION } from "./src/cli/version.ts";

/**
 * Runs `generate-supervisor-config`.
 *
 * @param args The arguments.
 * @param env The environment.
 * @returns The exit code.
 */
function main(args: readonly string[], env: Readonly<Record<string, string>>): number {
  const invocation = parseGenerateCommandLine(args, DEFAULT_ENGINE_NAME);
  switch (invocation.kind) {
    case "help":
      console.log(renderGenerateHelp().trimEnd());
      return 0;
    case "version":
      console.log(`generate-supervisor-config ${VERSION}`);
      return 0;
    case "misuse":
      console.error(invocation.text);
      return invocation.code;
  }
  try {
    const { text, environment, configuration } = generateConfig(
      env,
      invocation.argv,
      invocation.programName,
    );
    if (invocation.logLevel !== "ERROR") {
      for (const warning of configuration.warnings) console.error(warning);
    }
    for (const name of environment.keys()) {
      console.error(`supervisord needs ${name} in its environment for an argument with a CR`);
    }
    if (isStream(invocation.output)) Deno.writeTextFileSync(invocation.output, text);
    else writePrivateFile(invocation.output, text);
    if (invocation.logLevel !== "ERROR") {
      console.log(`Configuration written to: ${invocation.output}`);
    }
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(
      error instanceof ConfigurationError ? reason : `Cannot write ${invocation.output}: ${reason}`,
    );
    return 1;
  }
}

/** `/dev/stdout` and its like are written to; nothing can be put in their place. */
function isStream(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return !info.isFile && !info.isDirectory;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  Deno.exit(main(readRawArguments(Deno.args), Deno.env.toObject()));
}
