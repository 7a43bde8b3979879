/**
 * One managed run from a checked configuration to its end.
 *
 * @module
 */
import { ConfigurationError } from "../formats/configuration_error.ts";
import { closeAll } from "../log/detach.ts";
import { errorText } from "../log/error_text.ts";
import type { Outcome } from "../policy/outcome.ts";
import { findSupervisord } from "../supervisord/find_supervisord.ts";
import { type PreparedRun, prepareRun } from "./prepare_run.ts";
import type { SuperviseOptions } from "./supervise_options.ts";
import { type SpawnedRun, spawnRun } from "./spawn_run.ts";

/**
 * Runs a command under supervisord until it is over.
 *
 * @throws {ConfigurationError} If the configuration cannot be written where the user wants it.
 */
export async function supervise(options: SuperviseOptions): Promise<Outcome> {
  const { configuration, argv, env, signals, log } = options;
  const chosen = await chooseSupervisord(options);
  if (typeof chosen === "string") return { kind: "supervisord_failed", reason: chosen };
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
    return await startSupervision(options, prepared, chosen);
  } finally {
    await closeAll(
      [() => prepared.output.close(), () => options.onEnd(), () => prepared.remove()],
      "ending",
      log,
    );
  }
}

/** How to run supervisord, once there is a run directory. */
type SupervisordCommand = (prepared: PreparedRun) => Promise<readonly [string, ...string[]]>;

/** Finds supervisord, or the one that an executable carries; a text says why there is none. */
async function chooseSupervisord(
  { configuration, argv, env, log }: SuperviseOptions,
): Promise<SupervisordCommand | string> {
  const found = await findSupervisord(configuration.settings.supervisordPath, argv, env);
  if ("command" in found) {
    const { command } = found;
    log.debug(`supervisord is ${command.join(" ")}`);
    return async ({ lacksTemporary, directory }) => {
      if (!lacksTemporary) return command;
      const { withTemporaryDirectory } = await import("../supervisord/search_supervisord.ts");
      return withTemporaryDirectory(command, directory.path, env) ?? command;
    };
  }
  const { failure, python } = found;
  if (python === undefined) return failure;
  const { findEmbedded, unpackEmbedded } = await import("../supervisord/embedded_supervisord.ts");
  const embedded = findEmbedded();
  if (embedded === undefined) return failure;
  const { version } = embedded;
  log.info(`no supervisord is installed: ${python} runs the ${version} of this executable`);
  return ({ lacksTemporary, directory }) =>
    Promise.resolve([python, unpackEmbedded(embedded, directory.path, lacksTemporary)]);
}

async function startSupervision(
  options: SuperviseOptions,
  prepared: PreparedRun,
  command: SupervisordCommand,
): Promise<Outcome> {
  let spawned: SpawnedRun;
  try {
    spawned = spawnRun(options, prepared, await command(prepared));
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
