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
import { installDependencies } from "./dependencies.ts";
import { createHostFacts } from "../host/host_facts.ts";
import type { Outcome } from "../policy/outcome.ts";
import { warnOfParentShell } from "./parent_shell.ts";
import { checkPermissions, refuseWithoutEnvironment } from "./permission_check.ts";
import { createLog } from "./default_log.ts";
import { readEnvironment } from "../host/ask_permission.ts";
import { findHopeless, preflight } from "./preflight.ts";
import type { Reporting } from "./reporting.ts";
import type { StatusPort } from "./status_port.ts";
import type { SuperviseOptions } from "../supervise/supervise_options.ts";
import { type LaunchOptions, LaunchRun, type Supervised } from "./launch_run.ts";
import { parseConfiguration } from "../document/parse_configuration.ts";

/**
 * Does with a command what the environment asks for: checks everything, installs what the model needs,
 * then supervises the engine, or launches it directly where `PROCESS_AUTO_RECOVERY` is false.
 *
 * It takes nothing from the program that calls it: no signal, no child, no port, no descriptor is held
 * but while it runs and where an option asks for it. Any number may run beside each other.
 *
 * @param options What it needs; the command is enough.
 * @returns A handle, at once.
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
  const log = options.log ?? createLog(env);
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
  for (const warning of configuration.warnings) log.warn(warning);
  for (const line of configuration.debug) log.debug(line);
  const port = await openStatusPort(run, configuration, env);
  const installation = await installDependencies({
    ...{ configuration, argv, env, signals, log },
    onBegin: () => {
      run.tell({ kind: "installing" });
      port?.serve();
    },
    output: output.stderr, // stdout is the engine's.
  });
  if (installation.kind === "installed") run.tell({ kind: "installed" });
  if (installation.kind === "stopped") return installation;
  if (installation.kind === "failed") {
    return { kind: "not_installed", reason: installation.reason };
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
    inheritsEnv: run.options.env === undefined,
    adoption: findAdoption(run.options),
    onEvent: (event) => run.tell(event),
    ...reportOn(run, configuration, port, env.OTEL_DENO === "true"),
  });
}

/** The port is loaded only where it is asked for. */
async function openStatusPort(
  run: LaunchRun,
  configuration: Configuration,
  env: Environment,
): Promise<StatusPort | undefined> {
  const { statusPort, autoRecovery } = configuration.settings;
  if (statusPort === 0) return undefined;
  if (!autoRecovery) {
    run.log.warn("PROCESS_STATUS_PORT has no effect: a direct launch has nobody to serve it");
    return undefined;
  }
  const { StatusPort } = await import("./status_port.ts");
  return new StatusPort(run, configuration, env);
}

/** Reports are loaded while Python starts. */
function reportOn(
  run: LaunchRun,
  configuration: Configuration,
  port: StatusPort | undefined,
  isTraced: boolean,
): Pick<SuperviseOptions, "onSpawn" | "onEnd"> {
  let reporting: Reporting | undefined;
  let isOver = false;
  return {
    onSpawn: (spawned) => {
      run.noteSpawn(spawned.pid);
      port?.serve(spawned);
      if (isTraced) import("../report/traces.ts").then(({ trace }) => trace(run));
      import("./reporting.ts").then(({ Reporting }) => {
        if (!isOver) reporting = new Reporting(run, configuration, spawned);
      });
    },
    onEnd: () => {
      isOver = true;
      reporting?.close();
    },
  };
}

/** A process that may be replaced has no children but ours. */
function findAdoption({ adoptOrphans = false, replace = false }: LaunchOptions) {
  if (!adoptOrphans) return "none";
  return replace ? "all" : "ours";
}
