#!/usr/bin/env -S deno run -A
/**
 * `standard-supervisor`: the one place that reads arguments and the environment, and exits.
 *
 * Permissions: all (`-A`). Deno guards `/proc`, where orphans and dead engines are seen, with
 * `--allow-all`; README.md tells what each permission is for.
 *
 * @module
 */
// What lies outside this project is named here, so that `deno compile` fails without it: what it finds by
// the import() below alone, it leaves out and says nothing (seen with 2.6.8 and 2.9.6).
import "@std/cli/parse-args";
import "@std/ini";
import { isStatus } from "./src/cli/status_command_line.ts";
import { listenToSignals } from "./src/host/signals.ts";

if (import.meta.main) {
  // Where the environment may not be read, main says so with all else that is missing.
  const { state } = Deno.permissions.querySync({ name: "env" });
  const readEnv = () => state === "granted" ? Deno.env.toObject() : undefined;
  if (isStatus(Deno.args)) {
    const { showStatus } = await import("./src/cli/show_status.ts");
    Deno.exit(await showStatus(Deno.args, readEnv()));
  }
  // Before everything else is loaded: as PID 1, a signal that nobody listens to is lost.
  const signals = listenToSignals();
  const { main } = await import("./src/cli/main.ts");
  const { isExplain } = await import("./src/cli/explain_command_line.ts");
  // --explain reads a log, and nothing else.
  const env = isExplain(Deno.args) ? {} : readEnv();
  Deno.exit(await main(Deno.args, { env, signals }));
}
