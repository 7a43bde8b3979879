/**
 * One managed run from a checked configuration to its end.
 *
 * @module
 */
import { ConfigurationError } from "../formats/configuration_error.ts";
import { errorText } from "../log/error_text.ts";
import type { Outcome } from "../policy/outcome.ts";
import { findSupervisord, withTemporaryDirectory } from "../supervisord/find_supervisord.ts";
import { type PreparedRun, prepareRun } from "./prepare_run.ts";
import type { SuperviseOptions } from "./supervise_options.ts";
import { type SpawnedRun, spawnRun } from "./spawn_run.ts";

/**
 * Runs a command under supervisord until it is over.
 *
 * @param options What it needs.
 * @returns How it ended.
 * @throws {ConfigurationError} If the configuration cannot be written where the user wants it.
 */
export async function supervise(options: SuperviseOptions): Promise<Outcome> {
  const { configuration, argv, env, signals, log } = options;
  const found = findSupervisord(configuration.settings.supervisordPath, argv, env);
  if ("failure" in found) return { kind: "supervisord_failed", reason: found.failure };
  let prepared: PreparedRun;
  try {
    prepared = prepareRun(configuration, argv, env, options.output, options.readsStdin, log);
  } catch (error) {
    // A full disk, or no directory that can be written.
    if (error instanceof ConfigurationError || !(error instanceof Error)) throw error;
    return { kind: "supervisord_failed", reason: error.message };
  }
  try {
    const [signal] = signals.stopSignals;
    if (signal !== undefined) return { kind: "stopped", by: signal };
    const command = prepared.lacksTemporary
      ? withTemporaryDirectory(found.command, prepared.directory.path, env)
      : found.command;
    return await startSupervision(options, prepared, command ?? found.command);
  } finally {
    await prepared.output.close();
    prepared.remove();
  }
}

async function startSupervision(
  options: SuperviseOptions,
  prepared: PreparedRun,
  command: readonly [string, ...string[]],
): Promise<Outcome> {
  let spawned: SpawnedRun;
  try {
    spawned = spawnRun(options, prepared, command);
  } catch (error) {
    return { kind: "supervisord_failed", reason: `it cannot be spawned: ${errorText(error)}` };
  }
  try {
    // The larger half of the program: loaded while Python starts.
    const { Supervision } = await import("./supervision.ts");
    return await new Supervision(options, prepared, spawned).run();
  } catch (error) {
    spawned.supervisord.kill();
    throw error;
  }
}
