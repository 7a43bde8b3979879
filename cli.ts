#!/usr/bin/env -S deno run -A
/**
 * `standard-supervisor`: the one place that reads arguments and the environment, and exits.
 *
 * Permissions: all (`-A`). Deno guards `/proc`, where orphans and dead engines are seen, with
 * `--allow-all`; README.md tells what each permission is for.
 *
 * @module
 */
import { listenToSignals } from "./src/host/signals.ts";

if (import.meta.main) {
  // Before everything else is loaded: as PID 1, a signal that nobody listens to is lost.
  const signals = listenToSignals();
  const { main } = await import("./src/cli/main.ts");
  const { isExplain } = await import("./src/cli/explain_command_line.ts");
  // --explain reads a log, and nothing else.
  const env = isExplain(Deno.args) ? {} : Deno.env.toObject();
  Deno.exit(await main(Deno.args, { env, signals }));
}
