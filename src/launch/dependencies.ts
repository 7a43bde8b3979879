/**
 * Python packages that the model asks for, installed before the engine starts.
 *
 * Permissions: `--allow-run` of uv and Python, `--allow-read` of PATH's directories, the command and
 * the model's directory.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { parseEnvironmentList } from "../formats/environment_list.ts";
import { createInstanceMarker } from "../processes/instance_marker.ts";
import type { ByteSink } from "../output/piped_output.ts";
import type { Logger } from "../log/logger.ts";
import { CredentialMask, MASK } from "../formats/mask_credentials.ts";
import { PROGRAM_FILES } from "../host/program_files.ts";
import { findPython } from "../host/python_command.ts";
import type { SignalSource } from "../linux/signals.ts";
import { LimitMarks } from "../processes/tags.ts";
import { openLibc } from "../linux/libc.ts";
import { type Exit, renderExit } from "../formats/exit.ts";
import { errorText } from "../log/error_text.ts";
import { expandWithEnvironment } from "../document/section_reader.ts";

import { sendSignal } from "../linux/send_signal.ts";
import { subscribeToStops } from "./stop_source.ts";

/** What an installation needs. */
export interface InstallOptions {
  /** What the environment asks for. */
  readonly configuration: Configuration;
  /** The engine's command and its arguments, which say whose Python it is. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Environment;
  /** Whether that is this process's own, values that are not UTF-8 included. */
  readonly inheritsEnv: boolean;
  /** Signals that end it. */
  readonly signals: SignalSource;
  /** Receives log lines. */
  readonly log: Logger;
  /** Takes what the installer says: its stdout and stderr, in the order in which they come. */
  readonly output: ByteSink;
  /** Called before something is really installed; what it returns, once that has ended. */
  readonly onInstall: () => () => void;
}

/** How an installation ended. */
export type Installation =
  | { readonly kind: "nothing_to_do" }
  | { readonly kind: "installed" }
  /** A signal asked for a stop; nothing of the installer is left. */
  | { readonly kind: "stopped"; readonly by: string }
  | { readonly kind: "failed"; readonly reason: string };

/** What to run. */
interface InstallPlan {
  /** What is installed, in words. */
  readonly what: string;
  readonly installer: "uv" | "pip";
  readonly python: string;
  readonly command: readonly [string, ...string[]];
  /** The command without what the user gave, which is never shown. */
  readonly shownCommand: readonly string[];
}

/** How long an installer may take to end after SIGTERM, ms; Kubernetes' own grace is 30 s. */
const STOP_GRACE_MS = 5_000;

/** How long its last output may take after its end, ms: a process that got away may hold the pipe. */
const DRAIN_MS = 2_000;

/**
 * Installs the packages that the model asks for: `requirements.txt` of its directory, or what
 * `STANDARD_PIP_ARGS` says instead. uv does it where it is on PATH, else pip, for the Python that the
 * engine's command runs on. It runs before the command is looked up, because it may bring it.
 *
 * The installer has a process group of its own; a stop signal ends all of it, with SIGTERM and then,
 * after five seconds or at a second signal, with SIGKILL.
 */
export async function installDependencies(options: InstallOptions): Promise<Installation> {
  const { log, signals } = options;
  const plan = planInstallation(options);
  if (plan === undefined) return { kind: "nothing_to_do" };
  if ("failure" in plan) return { kind: "failed", reason: plan.failure };
  const [by] = signals.stopSignals;
  if (by !== undefined) return { kind: "stopped", by };
  const { what, installer, python, shownCommand } = plan;
  log.info(`installing ${what} with ${installer} for ${python}`, { event: "installing" });
  log.debug(`running ${JSON.stringify(shownCommand)}`);
  const beginMs = performance.now();
  const end = options.onInstall();
  const { LongWait } = await import("../host/long_wait.ts");
  const wait = new LongWait({ what: `still installing ${what}`, log });
  const exit = await runInstaller(plan, options, signals).finally(() => {
    wait.end();
    end();
  });
  const [stopped] = signals.stopSignals;
  if (stopped !== undefined) return { kind: "stopped", by: stopped };
  if ("failure" in exit) return { kind: "failed", reason: exit.failure };
  const seconds = (performance.now() - beginMs) / 1000;
  if (exit.kind === "signal" || exit.code !== 0) {
    return {
      kind: "failed",
      reason: `Cannot install ${what}: ${installer} ended with ${renderExit(exit)}` +
        "; STANDARD_AUTO_INSTALL_REQ=false does without it",
    };
  }
  log.info(`installed ${what} in ${seconds.toFixed(1)} s`, {
    event: "installed",
    duration_ms: Math.round(seconds * 1000),
  });
  return { kind: "installed" };
}

function planInstallation(
  options: InstallOptions,
): InstallPlan | { readonly failure: string } | undefined {
  const { argv, env, log } = options;
  const { settings, settingOrigins } = options.configuration;
  if (!settings.autoInstall) {
    if (settings.pipArgs.length > 0) {
      const origin = settingOrigins.get("autoInstall") ?? "STANDARD_AUTO_INSTALL_REQ";
      log.warn(`STANDARD_PIP_ARGS has no effect: ${origin} is false`);
    }
    return undefined;
  }
  const asked = settings.pipArgs.length > 0
    ? { what: "what STANDARD_PIP_ARGS says", args: settings.pipArgs, shown: [MASK] }
    : findRequirements(settings.modelPath);
  if (asked === undefined || "failure" in asked) return asked;
  const python = findPython(argv, findEnginePath(options), PROGRAM_FILES);
  const uv = PROGRAM_FILES.lookUp("uv", env.PATH);
  const start: readonly [string, ...string[]] = uv === undefined
    ? [python, "-m", "pip", "install"]
    : [uv, "pip", "install", "--python", python];
  return {
    what: asked.what,
    installer: uv === undefined ? "pip" : "uv",
    python,
    command: [...start, ...asked.args],
    shownCommand: [...start, ...asked.shown],
  };
}

/** The engine's own section may set another PATH, through which supervisord looks for it. */
function findEnginePath({ configuration, env }: InstallOptions): string | undefined {
  const { settings, sections, engineName } = configuration;
  const text = sections.get(`program:${engineName}`)?.get("environment") ?? "";
  if (!settings.autoRecovery || text === "") return env.PATH;
  const names = new Map([["program_name", engineName], ["group_name", engineName]]);
  const list = parseEnvironmentList(expandWithEnvironment(text, env, names));
  return ("variables" in list ? list.variables.get("PATH") : undefined) ?? env.PATH;
}

interface Requirements {
  readonly what: string;
  readonly args: readonly string[];
  /** The arguments for a message. */
  readonly shown: readonly string[];
}

function findRequirements(
  modelPath: string,
): Requirements | { readonly failure: string } | undefined {
  const directory = modelPath.replace(/(?<=.)\/+$/, "");
  const file = `${directory}/requirements.txt`;
  try {
    if (!Deno.statSync(file).isFile) return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    const reason = errorText(error);
    return { failure: `Cannot tell whether ${file} is there: ${reason}` };
  }
  const packages = `${directory}/requirements`;
  const links = isDirectory(packages) ? ["--find-links", packages] : [];
  const args = ["-r", file, ...links];
  return { what: file, args, shown: args };
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

async function runInstaller(
  { command, what }: InstallPlan,
  { env, inheritsEnv, output }: InstallOptions,
  signals: SignalSource,
): Promise<Exit | { readonly failure: string }> {
  // Asked since the event that reports the installation: nothing need be started.
  if (signals.stopSignals.length > 0) return { kind: "signal", signal: undefined };
  const [program, ...args] = command;
  const marker = createInstanceMarker();
  const marks = new LimitMarks(openLibc());
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      clearEnv: !inheritsEnv,
      env: { ...env, ...marker.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    const reason = errorText(error);
    return { failure: `Cannot install ${what}: ${reason}` };
  }
  marks.begin(child.pid);
  const group = -child.pid;
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    if (signals.stopSignals.length > 1) {
      sendSignal(group, "SIGKILL");
    } else {
      sendSignal(group, "SIGTERM");
      graceTimer = setTimeout(() => sendSignal(group, "SIGKILL"), STOP_GRACE_MS);
    }
  };
  const unsubscribe = subscribeToStops(signals, { onStop: stop, onForward: () => {} });
  const relays = Promise.all([relay(child.stdout, output), relay(child.stderr, output)]);
  try {
    const { code, signal } = await child.status;
    // What it had started to build with, for one, may outlive it.
    const { sweepCommand } = await import("../processes/sweep_command.ts");
    await sweepCommand(child.pid, marker, marks);
    await withDeadline(relays, DRAIN_MS);
    return signal === null ? { kind: "code", code } : { kind: "signal", signal };
  } finally {
    clearTimeout(graceTimer);
    unsubscribe();
  }
}

/** Copies what an installer says, credentials masked; a reader that went away loses only the text. */
async function relay(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: InstallOptions["output"],
): Promise<void> {
  const mask = new CredentialMask();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let isGone = false;
  const write = async (text: string) => {
    const bytes = encoder.encode(text);
    try {
      for (let sent = 0; sent < bytes.length && !isGone;) {
        sent += await to.write(bytes.subarray(sent));
      }
    } catch {
      isGone = true;
    }
  };
  for await (const chunk of from) await write(mask.push(decoder.decode(chunk, { stream: true })));
  await write(mask.push(decoder.decode()) + mask.end());
}
