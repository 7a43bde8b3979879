/**
 * `generate-supervisor-config` from its arguments to the exit code.
 *
 * Permissions: `--allow-read` and `--allow-write` of the file's directory.
 *
 * @module
 */
import { generateConfig } from "../document/generate.ts";
import { ConfigurationError, renderIssue } from "../formats/configuration_error.ts";
import { findDirectory } from "../formats/paths.ts";
import { askPermission } from "../host/ask_permission.ts";
import { ENVIRONMENT_NEED, findWritingNeeds } from "../launch/permission_needs.ts";
import { describeMissing } from "../host/permissions.ts";
import { writePrivateFile } from "../host/private_file.ts";
import { errorText } from "../log/error_text.ts";
import { parseGenerateCommandLine } from "./generate_command_line.ts";
import { renderGenerateHelp } from "./help.ts";
import { VERSION } from "../configuration/version.ts";

/** Runs `generate-supervisor-config`. */
export function generateMain(
  args: readonly string[],
  env: Readonly<Record<string, string>> | undefined,
): number {
  const invocation = parseGenerateCommandLine(args);
  switch (invocation.kind) {
    case "help":
      console.log(renderGenerateHelp().trimEnd());
      return 0;
    case "version":
      console.log(`generate-supervisor-config ${VERSION} (Deno ${Deno.version.deno})`);
      return 0;
    case "misuse":
      console.error(invocation.text);
      return invocation.code;
  }
  const { refusal } = describeMissing([
    ...(env === undefined ? [ENVIRONMENT_NEED] : []),
    ...findWritingNeeds(findDirectory(invocation.output), "the file"),
  ], askPermission);
  if (env === undefined || refusal !== undefined) {
    console.error(refusal);
    return 1;
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
    if (error instanceof ConfigurationError) {
      for (const issue of error.issues) console.error(`Configuration error: ${renderIssue(issue)}`);
    } else console.error(`Cannot write ${invocation.output}: ${errorText(error)}`);
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
