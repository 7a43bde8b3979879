/**
 * The status while what the model needs is installed: there is no run yet, so it lies in a directory of its
 * own until then.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { findDirectory } from "../formats/paths.ts";
import { toAbsolute } from "../host/absolute_path.ts";
import {
  makeRunDirectory,
  removeRunDirectory,
  type RunDirectory,
} from "../supervisord/run_directory.ts";
import type { LaunchRun } from "./launch_run.ts";
import { Reporting } from "./reporting.ts";

/** Reports an installation. */
export function reportInstallation(
  run: LaunchRun,
  configuration: Configuration,
  env: Environment,
): () => void {
  let directory: RunDirectory;
  try {
    const beside = findDirectory(toAbsolute(configuration.settings.configPath));
    directory = makeRunDirectory(env, [beside, Deno.cwd()]);
  } catch {
    return () => {}; // The run itself will say so.
  }
  const facts = { engineNames: new Set<string>(), limits: new Map() };
  const reporting = new Reporting(run, configuration, {
    ...{ pid: undefined, directory: directory.path, ...facts },
  });
  return () => {
    reporting.close();
    removeRunDirectory(directory);
  };
}
