/**
 * From a command and an environment to the end of the container: everything between the command line
 * and the exit code.
 *
 * Permissions: `--allow-env` where no environment is given; those of what is launched.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { createHostFacts } from "../host/host_facts.ts";
import type { Outcome } from "../policy/outcome.ts";
import { warnOfParentShell } from "./parent_shell.ts";
import { checkPermissions, refuseWithoutEnvironment } from "./permission_check.ts";
import { createLog, shieldLog } from "./default_log.ts";
import { readEnvironment } from "../host/ask_permission.ts";
import { findHopeless, preflight } from "./preflight.ts";
import { addFollowers } from "./followers.ts";
import { type LaunchOptions, LaunchRun, type Supervised } from "./launch_run.ts";
import type { Settings } from "../configuration/settings.ts";
import { parseConfiguration } from "../document/parse_configuration.ts";

/**
 * Does with a command what the environment asks for: checks everything, installs what the model needs,
 * then supervises the engine, or launches it directly where `PROCESS_AUTO_RECOVERY` is false.
 *
 * It takes nothing from the program that calls it: no signal, no child, no port, no descriptor is held
 * but while it runs and where an option asks for it. Any number may run beside each other.
 *
 * @param options What it needs; the command is enough.
 * @returns A handle, at once; what is asked for and only an engine that is known has (`PROCESS_HEALTH_URL=auto`)
 * is checked behind it, before anything starts, and rejects its outcome.
 * @throws {ConfigurationError} If anything in the environment is wrong; it carries every issue, and
 * nothing has been started.
 * @throws {PermissionsMissing} If Deno does not permit what the run cannot do without; nothing was started.
 *
 * @example Supervise an engine to its end
 * ```ts ignore
 * import { launch } from "@model-hosting/standard-supervisor";
 *
 * const engine = launch({ argv: ["vllm", "serve", "model"], signals: "process" });
 * Deno.exit((await engine.exit).code);
 * ```
 *
 * @example Follow what happens to it
 * ```ts ignore
 * import { launch } from "@model-hosting/standard-supervisor";
 *
 * await using engine = launch({ argv: ["vllm", "serve", "model"] });
 * for await (const event of engine) {
 *   if (event.kind === "died") console.error(event.name, event.exit, event.next);
 * }
 * ```
 */
export function launch(options: LaunchOptions): Supervised {
  const { argv } = options;
  const env = options.env ?? readEnvironment();
  if (env === undefined) refuseWithoutEnvironment(argv, options.log);
  const configuration = readConfiguration(env);
  const log = options.log === undefined ? createLog(env) : shieldLog(options.log, env);
  const readsEnvironment = options.env === undefined;
  checkPermissions({ configuration, argv, env, log, readsEnvironment });
  refuseHopeless(configuration, env);
  if (options.replace) warnOfParentShell(log);
  return new LaunchRun(
    { ...options, log },
    configuration,
    (run) => follow(run, configuration, env),
  );
}

/**
 * Reads the environment and checks it against this machine.
 *
 * @param env The environment.
 * @returns What it asks for.
 * @throws {ConfigurationError} If anything in it is wrong.
 */
export function checkConfiguration(env: Environment): Configuration {
  const configuration = readConfiguration(env);
  refuseHopeless(configuration, env);
  return configuration;
}

function readConfiguration(env: Environment): Configuration {
  return parseConfiguration(env, { host: createHostFacts(env.HOME ?? "/") });
}

function refuseHopeless(configuration: Configuration, env: Environment): void {
  if (!configuration.settings.autoRecovery) return;
  const issues = findHopeless(configuration, env);
  if (issues.length > 0) throw new ConfigurationError(issues);
}

async function follow(
  run: LaunchRun,
  configuration: Configuration,
  env: Environment,
): Promise<Outcome> {
  const { argv, log, signals, output } = run;
  const inheritsEnv = run.options.env === undefined;
  if (needsEngine(configuration.settings)) {
    const { checkEngine } = await import("./engine_check.ts");
    checkEngine(configuration, argv, env, log);
  }
  for (const warning of configuration.warnings) log.warn(warning);
  for (const line of configuration.debug) log.debug(line);
  const followers = await addFollowers(run, configuration, env);
  if (asksForPackages(configuration)) {
    const { installDependencies } = await import("./dependencies.ts");
    // stdout is the engine's.
    const installation = await installDependencies({
      ...{ configuration, argv, env, inheritsEnv, signals, log },
      output: output.stderr,
      onInstall: () => followers.noteInstallation(),
    });
    if (installation.kind === "installed") run.tell({ kind: "installed" });
    if (installation.kind === "stopped") return installation;
    if (installation.kind === "failed") {
      return { kind: "not_installed", reason: installation.reason };
    }
  }
  if (!configuration.settings.autoRecovery) {
    const { launchDirectly } = await import("./launch_directly.ts");
    return await launchDirectly(run, env);
  }
  const problem = preflight(configuration, argv, env);
  if (problem !== undefined) return problem;
  const [by] = signals.stopSignals;
  if (by !== undefined) return { kind: "stopped", by };
  const { supervise } = await import("../supervise/supervise.ts");
  return await supervise({
    ...{ configuration, argv, env, signals, log, output },
    readsStdin: run.options.replace ?? false,
    inheritsEnv,
    adoption: findAdoption(run.options),
    ownChildren: run.ownChildren,
    onEvent: (event) => run.tell(event),
    onView: (view) => run.noteView(view),
    onSpawn: (spawned) => followers.noteSpawn(spawned),
    onEnd: () => followers.close(),
  });
}

/** Whether the model may ask for packages; where that cannot be told, the installation says so. */
function asksForPackages({ settings }: Configuration): boolean {
  if (settings.pipArgs.length > 0) return true;
  if (!settings.autoInstall) return false;
  try {
    Deno.statSync(`${settings.modelPath}/requirements.txt`);
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
  return true;
}

/** Whether anything is asked for that only an engine which is known has. */
function needsEngine(
  { autoRecovery, healthUrl, progressTimeoutSecs, canaryPeriodSecs }: Settings,
): boolean {
  return autoRecovery && (healthUrl === "auto" || progressTimeoutSecs > 0 || canaryPeriodSecs > 0);
}

/** A process that may be replaced has no children but ours. */
function findAdoption({ adoptOrphans = false, replace = false }: LaunchOptions) {
  if (!adoptOrphans) return "none";
  return replace ? "all" : "ours";
}
