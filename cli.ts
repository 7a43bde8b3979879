#!/usr/bin/env -S deno run -A
/**
 * `standard-supervisor`: the one place that reads arguments and the environment, and exits.
 *
 * Compiled to an executable it is both commands: `generate-supervisor-config` where that is the name it is
 * called by.
 *
 * Permissions: all (`-A`). Deno guards `/proc`, where orphans and dead engines are seen, with
 * `--allow-all`; docs/permissions.md tells what each permission is for.
 *
 * @module
 */
// What lies outside this project is named here, so that `deno compile` fails without it: what it finds by
// the import() below alone, it leaves out and says nothing (seen with 2.6.8 and 2.9.6).
import "@std/async/deadline";
import "@std/async/delay";
import "@std/cli/parse-args";
import "@std/ini";
import { isStatus } from "./src/cli/status_command_line.ts";
import { readEnvironment } from "./src/host/ask_permission.ts";
import { limitExit } from "./src/linux/exit_limit.ts";
import { listenToSignals } from "./src/linux/signals.ts";

/** How long telemetry may take at the end, ms. Who asks from outside has a limit of its own. */
const TELEMETRY_MS = { run: 3_000, question: 300 } as const;

/** The name that an executable is called by; Deno itself tells only the file that it is. */
function readCalledName(): string {
  const [path = ""] = Deno.readTextFileSync("/proc/self/cmdline").split("\0", 1);
  return path.slice(path.lastIndexOf("/") + 1);
}

function exit(code: number, telemetryMs: number): never {
  const env = readEnvironment();
  if (env === undefined || env.OTEL_DENO !== undefined) limitExit(code, telemetryMs);
  Deno.exit(code);
}

async function asksToExplain(): Promise<boolean> {
  if (!Deno.args.some((arg) => arg.startsWith("--explain"))) return false;
  const { isExplain } = await import("./src/cli/explain_command_line.ts");
  return isExplain(Deno.args);
}

if (import.meta.main) {
  if (Deno.build.standalone && readCalledName() === "generate-supervisor-config") {
    const { generateMain } = await import("./src/cli/generate_main.ts");
    const { readRawArguments } = await import("./src/cli/raw_input.ts");
    const code = generateMain(readRawArguments(Deno.args), readEnvironment());
    exit(code, TELEMETRY_MS.run);
  }
  if (isStatus(Deno.args)) {
    const { showStatus } = await import("./src/cli/show_status.ts");
    exit(await showStatus(Deno.args, readEnvironment()), TELEMETRY_MS.question);
  }
  // Before everything else is loaded: as PID 1, a signal that nobody listens to is lost.
  const signals = listenToSignals();
  // --explain reads a log, and nothing else.
  const env = await asksToExplain() ? {} : readEnvironment();
  const isRun = Deno.args[0]?.startsWith("-") === false && env?.PROCESS_AUTO_RECOVERY === undefined;
  const { main } = isRun
    ? await import("./src/cli/supervised_main.ts")
    : await import("./src/cli/main.ts");
  exit(await main(Deno.args, { env, signals }), TELEMETRY_MS.run);
}
