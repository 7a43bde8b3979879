/**
 * `generate-supervisor-config` from its arguments to the exit code.
 *
 * Permissions: `--allow-read` and `--allow-write` of the file's directory.
 *
 * @module
 */
import { DEFAULT_ENGINE_NAME } from "../configuration/engine_name.ts";
import { generateConfig } from "../document/generate.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { writePrivateFile } from "../host/private_file.ts";
import { errorText } from "../log/error_text.ts";
import { parseGenerateCommandLine } from "./generate_command_line.ts";
import { renderGenerateHelp } from "./help.ts";
import { VERSION } from "./version.ts";

/**
 * Runs `generate-supervisor-config`.
 *
 * @param args The arguments.
 * @param env The environment.
 * @returns The exit code.
 */
export function generateMain(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): number {
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
    const { text, environment, warnings } = generateConfig(
      env,
      invocation.argv,
      invocation.programName,
    );
    if (invocation.logLevel !== "ERROR") {
      for (const warning of warnings) console.error(warning);
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
    const reason = errorText(error);
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
